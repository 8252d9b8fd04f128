"""Processes of the tests: the planner and the robot have their own."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
POSITION_TIMEOUT = 5.0  # s; a test machine may stand still for a second

SITE = """
nl_planner_site: 1
name: [大厅, hall]
robot: {radius: 0.3, tool_width: 0.5, actions: [sweep], max_speed: 0.8}
boundary: [[0, 0], [8, 0], [8, 5], [0, 5]]
landmarks:
  west: {names: [西区, west side], kind: area, polygon: [[0, 0], [3, 0], [3, 4], [0, 4]]}
  east: {names: [东区, east side], kind: area, polygon: [[5, 0], [8, 0], [8, 4], [5, 4]]}
"""
LINES = {
    "扫西区": " sweep all at [西区] .",
    "扫东区": " sweep all at [东区] .",
    "扫一下西区旁边的那个": " sweep all nowhere .",
    "就是西区": " answer at [西区] .",
    "去东区": " go at [东区] .",
    "拖西区": " mop all at [西区] .",
    "停": " stop",
    "继续": " resume",
    "好的": " yes",
    "慢慢地看东区": [" sweep all at [东区] .", 3.0],
}


class Running:
    """A process of its own; what it prints is kept for a test that fails."""

    def __init__(self, folder, *command):
        self.log = folder / f"{time.monotonic_ns()}.log"
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, *map(str, command)], stdout=out, stderr=subprocess.STDOUT
            )

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
        return self.log.read_text()


def until(holds, seconds=60.0, what="it"):
    """Wait until it holds; what it gave."""
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, f"{what} did not happen within {seconds} s"
        time.sleep(0.01)
    return found


def written(**parameters):
    """Parameters as a command line has them."""
    arguments = []
    for name, value in parameters.items():
        text = value if isinstance(value, Path) else json.dumps(value)
        arguments += ["-p", f"{name}:={text}"]
    return arguments


class Start:
    """Starts processes that end with the test, or with its module."""

    def __init__(self, folder, site, client):
        self.folder, self.site, self._client = folder, site, client
        self.lines = folder / "lines.json"
        self.lines.write_text(json.dumps(LINES), encoding="utf-8")
        self.running = []
        self._watched = False  # whether there is a robot that tells the client where it is

    def run(self, *command):
        self.running.append(Running(self.folder, *command))
        return self.running[-1]

    def robot(self, x=1.0, y=1.0, speed=10.0, *more):
        """A robot that is there when the planner, which is started next, is."""
        self._watched = True
        return self.run(HERE / "scripted_nav2.py", x, y, speed, *more)

    def simulated_robot(self, pose, speed_factor=20.0):
        self._watched = True
        given = {"site": self.site, "pose": pose, "speed_factor": speed_factor}
        arguments = written(use_sim_time=True, **given)
        return self.run("-m", "nl_planner.ros.sim_node", "--ros-args", *arguments)

    def planner(self, *, real_model=False, active=True, **parameters):
        given = {
            "site": self.site,
            "state_folder": self.folder / "state",
            "autostart": active,
            "position_timeout": POSITION_TIMEOUT,
        }
        self._client.diagnostics.clear()
        stand_in = (HERE / "planner_with_stand_in.py", self.lines)
        command = ("-m", "nl_planner.ros.node") if real_model else stand_in
        process = self.run(*command, "--ros-args", *written(**{**given, **parameters}))
        there = self._client.planner_is_there if active else lambda: self._client.diagnostics
        until(lambda: there() or process.process.poll() is not None, 200, "the planner")
        assert process.process.poll() is None, process.log.read_text()
        if self._watched and active:
            until(self._client.planner_knows_where, what="the robot's position")
        return process

    def end(self):
        """The planner before its robot, which it stops."""
        for process in reversed(self.running):
            process.end()
