"""The simulated robot in a process of its own, on a DDS domain of this folder's own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from ros_environment import ros_environment

ROOT = Path(__file__).resolve().parents[3]
DOMAIN = 1 + (os.getpid() + 50) % 100


@pytest.fixture(scope="module")
def sim_client():
    from sim_client import Client

    client = Client(DOMAIN)
    yield client
    client.close()


@pytest.fixture(scope="module")
def start_sim(tmp_path_factory):
    """Starts the node with parameters; it must end cleanly. Gives the process and its log."""
    running = []

    def start(**parameters):
        folder = tmp_path_factory.mktemp("sim")
        log = folder / "sim.log"
        command = [sys.executable, "-m", "nl_planner.ros.sim_node", "--ros-args"]
        for name, value in parameters.items():
            command += ["-p", f"{name}:={value}"]
        environment = {**ros_environment(DOMAIN), "ROS_LOG_DIR": str(folder)}
        with log.open("w") as out:
            process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=out, stderr=out)
        running.append((process, log))
        return process, log

    yield start
    for process, log in running:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                assert process.wait(20) == 0, log.read_text()
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
        print(log.read_text())
        assert "Traceback" not in log.read_text()
