"""An instruction driven to its end in simulation: three processes that talk over DDS.

    python examples/simulated_drive.py "sweep the plaza" --site maps/riverside.site.yaml

This process is the client: it starts the simulated robot and the planner, gives the instruction to
the planner's action, tells how far it is, and draws where the robot drove. It needs ROS 2, sourced,
or as `make` gets it from pip. Exit status: 0 done, 3 a question is asked, 4 refused, else 1.
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.action import ActionClient
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.signals import SignalHandlerOptions
from std_msgs.msg import Bool

from nl_planner.coverage import CoveragePath, Piece, PieceKind
from nl_planner.draw import draw_site
from nl_planner.grounding import ground
from nl_planner.ros.conversions import duration_from_ros
from nl_planner.ros.position import Position
from nl_planner.sim.wheels import Pose
from nl_planner.site import read_site
from nl_planner.task import Understanding
from nl_planner_msgs.action import ExecuteInstruction

Result, Feedback = ExecuteInstruction.Result, ExecuteInstruction.Feedback
EXIT = {Result.DONE: 0, Result.ASKED: 3, Result.REFUSED: 4}
OUTCOMES = ("done", "a question", "refused", "cancelled", "blocked", "failed")
STAGES = ("understanding", "confirming", "planning", "driving there", "working", "paused")
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
PATIENCE = 180.0  # s for the model to load, and for an answer while nothing changes


class Operator(Node):
    """Gives the instruction, and watches planner and robot."""

    def __init__(self, frame_id: str) -> None:
        super().__init__("operator", parameter_overrides=[Parameter("use_sim_time", value=True)])
        self.state = ""
        self.feedback = Feedback()
        self.set_out: float | None = None  # when it began to drive, in the robot's time
        self.track: list[tuple[int, bool, float, Pose]] = []  # task, tool, s, where
        self._tool_on, self._seen = False, 0.0
        self._position = Position(self)
        self._position.use(frame_id, "base_link", math.inf)
        self._execute = ActionClient(self, ExecuteInstruction, "nl_planner/execute")
        self.create_subscription(DiagnosticArray, "/diagnostics", self._diagnosed, 10)
        self.create_subscription(Bool, "nl_planner/tool", self._tool, LATCHED)
        self.create_timer(0.01, self._watch)

    def seconds(self) -> float:
        """The robot's time."""
        return self.get_clock().now().nanoseconds * 1e-9

    def say(self, text: str):
        """Give the instruction; the future of its goal."""
        goal = ExecuteInstruction.Goal(text=text, confirm="never")
        return self._execute.send_goal_async(goal, self._told)

    def _diagnosed(self, message: DiagnosticArray) -> None:
        for status in message.status:
            self.state = status.message

    def _tool(self, message: Bool) -> None:
        self._tool_on = message.data

    def _told(self, message) -> None:
        self.feedback = message.feedback
        if self.set_out is None and self.feedback.stage in (Feedback.APPROACHING, Feedback.WORKING):
            self.set_out = self.seconds()

    def _watch(self) -> None:
        number = self.feedback.task_number
        for pose, when in self._position.since(self._seen):
            self._seen = when
            if number and (not self.track or pose != self.track[-1][3]):
                self.track.append((number, self._tool_on, when, pose))

    def driven(self, number: int) -> CoveragePath | None:
        """Where the robot drove for a task, as a path with the tool on and off."""
        mine = [step for step in self.track if step[0] == number]
        if len(mine) < 2:
            return None
        on = [step[1] for step in mine]
        borders = [0, *(i for i in range(1, len(on)) if on[i] != on[i - 1]), len(on) - 1]
        pieces = tuple(
            Piece(PieceKind.SWATH if on[a] else PieceKind.TRANSIT, a, b, on[a])
            for a, b in itertools.pairwise(borders)
            if b > a
        )
        poses = np.array([step[3] for step in mine])
        length = float(np.hypot(*np.diff(poses[:, :2], axis=0).T).sum())
        return CoveragePath(
            poses, pieces, length, 0, mine[-1][2] - mine[0][2], float(self.feedback.covered)
        )


class Demo:
    """The processes, and the wait for what they do."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[Path, subprocess.Popen[bytes]] = {}
        self.node: Operator | None = None

    def start(self, module: str, **parameters: object) -> None:
        """Start a node as a process of its own; what it says goes into a file."""
        log = self._folder / f"{module.rpartition('.')[2]}.log"
        command = [sys.executable, "-m", module, "--ros-args"]
        for name, value in parameters.items():
            command += ["-p", f"{name}:={value}"]
        with log.open("wb") as out:
            process = subprocess.Popen(command, stdout=out, stderr=out)  # noqa: S603
        self._running[log] = process

    def until(self, holds, tell=lambda: None) -> None:
        """Spin until it holds; stop when a process has died or nothing changes for long."""
        end = time.monotonic() + PATIENCE
        while not holds():
            rclpy.spin_once(self.node, timeout_sec=0.1)
            for log, process in self._running.items():
                if process.poll() is not None:
                    sys.exit(f"a process ended early:\n{log.read_text()[-2000:]}\n(from {log})")
            if tell():
                end = time.monotonic() + PATIENCE
            if time.monotonic() > end:
                sys.exit(f"nothing happened for {PATIENCE:.0f} s; see {self._folder}/*.log")

    def close(self) -> None:
        """End the processes: asked first, then killed."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Progress:
    """A line when the stage changes, and every two seconds."""

    def __init__(self, node: Operator) -> None:
        self._node, self._said, self._last = node, ("", 0.0), 0.0

    def __call__(self) -> bool:
        """Print what is new; whether anything was."""
        told = self._node.feedback
        now, before = (STAGES[told.stage], told.progress), self._said
        if now[0] == before[0] and (now == before or time.monotonic() - self._last < 2):
            return False
        self._said, self._last = now, time.monotonic()
        left = duration_from_ros(told.time_left)
        print(
            f"  {now[0]:<14} {told.progress:4.0%} of the way, {told.covered:4.0%} covered, "
            f"{left:.0f} s to go"
        )
        return True


def run(demo: Demo, arguments: argparse.Namespace) -> int:
    """The demo from start to picture; the exit status."""
    site = read_site(arguments.site)
    began = time.monotonic()
    sim_time = {"site": Path(arguments.site).absolute(), "use_sim_time": "true"}
    x, y, yaw = arguments.robot
    demo.start(
        "nl_planner.ros.sim_node",
        pose=f"[{x}, {y}, {yaw}]",
        speed_factor=arguments.speed_factor,
        **sim_time,
    )
    with tempfile.TemporaryDirectory() as state:
        demo.start(
            "nl_planner.ros.node",
            autostart="true",
            state_folder=state,
            position_timeout=2 * arguments.speed_factor,  # 2 s of the wall clock
            **sim_time,
        )
        node = demo.node = Operator(site.frame_id)
        print(f"starting the simulated robot ({arguments.speed_factor:g} times real time) and")
        print("the planner, which loads its language model ...", flush=True)
        demo.until(lambda: node.state == "active")
        print(f"ready after {time.monotonic() - began:.0f} s; the instruction: {arguments.text}")
        sent = node.say(arguments.text)
        demo.until(sent.done)
        answer = sent.result().get_result_async()
        demo.until(answer.done, Progress(node))
        took = node.seconds() - node.set_out if node.set_out else 0.0
        result = answer.result().result
    print(f"{OUTCOMES[result.outcome]}: {result.reply}")
    for sentence in result.left_out:
        print(f"  left out: {sentence}")
    if result.path.poses:
        print(
            f"covered {result.covered:.1%} of what can be reached ({result.covered_area:.1f} m²) "
            f"in {took:.0f} s of the robot's time; this took {time.monotonic() - began:.0f} s"
        )
        tasks = Understanding.model_validate_json(result.task).tasks
        draw_site(
            site,
            arguments.out,
            regions=[ground(task, site, robot=tuple(arguments.robot)) for task in tasks],
            paths=[node.driven(number) for number in range(1, len(tasks) + 1)],
            robot=tuple(arguments.robot),
            title=arguments.text,
        )
        print(f"where it drove: {arguments.out}")
    return EXIT.get(result.outcome, 1)


def numbers(text: str) -> list[float]:
    """``x,y,yaw``."""
    x, y, yaw = map(float, text.split(","))
    return [x, y, yaw]


def main() -> int:
    """Parse, run, and end what was started, whatever happens."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", help="the instruction, Chinese or English")
    parser.add_argument("--site", default="maps/riverside.site.yaml", help="the site file")
    parser.add_argument("--robot", type=numbers, default=[55.0, 60.0, -1.57], metavar="X,Y,YAW")
    parser.add_argument("--out", type=Path, default=Path("out/drive.png"), help="the picture")
    parser.add_argument("--speed-factor", type=float, default=10.0, metavar="F")
    arguments = parser.parse_args()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    os.environ["ROS_DOMAIN_ID"] = str(1 + os.getpid() % 100)  # so that no real robot hears it
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    demo = Demo(arguments.out.parent)
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    try:
        return run(demo, arguments)
    except KeyboardInterrupt:
        print("\nstopped")
        return 130
    finally:
        demo.close()
        rclpy.try_shutdown()


if __name__ == "__main__":
    sys.exit(main())
