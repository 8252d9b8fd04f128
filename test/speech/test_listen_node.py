"""The node in a process of its own, over real DDS: a sound file in, an instruction out."""

import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from spoken import said

from nl_planner.speech.sound_file import write_wav

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    not importlib.util.find_spec("rclpy"), reason="ROS 2 (rclpy) is not installed"
)
NODE = """
import sys
import nl_planner.speech
from nl_planner.speech.whisper_recogniser import WhisperRecogniser
from nl_planner.models.registry import find_model
from nl_planner.models.store import find_weights
from nl_planner.ros import listen_node
weights = find_weights(find_model("whisper-base")).parent
listen_node.open_recogniser = lambda name, folder: WhisperRecogniser(weights)
sys.exit(listen_node.main(sys.argv))
"""
"""The node's main; the recogniser by its class, for a checkout's entry points may be older."""


@pytest.fixture
def environment(tmp_path):
    ours = {
        "AMENT_PREFIX_PATH": sys.prefix,
        "RMW_IMPLEMENTATION": "rmw_fastrtps_cpp",
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "ROS_DOMAIN_ID": str(1 + os.getpid() % 100),
        "ROS_LOG_DIR": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    return ours | {key: value for key, value in os.environ.items() if key not in ours}


def run(environment, *parameters):
    command = [sys.executable, "-W", "ignore", "-c", NODE, "--ros-args"]
    for parameter in parameters:
        command += ["-p", parameter]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def test_what_is_said_comes_out_as_an_instruction(environment, tmp_path, whisper_folder):
    quiet = tmp_path / "order.wav"
    write_wav(quiet, said("sweep around the playground twice, please", pad=4))
    listening = threading.Event()
    found = {}
    watcher = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(Path(__file__).with_name("watch_topics.py"))],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )

    def read():
        for line in watcher.stdout:
            if line.startswith("ready"):
                listening.set()
            else:
                found.update(json.loads(line))

    reading = threading.Thread(target=read)
    reading.start()
    try:
        assert listening.wait(60)
        site = ROOT / "maps" / "riverside.site.yaml"
        node = run(environment, f"site:={site}", f"file:={quiet}")
        _, told = node.communicate(timeout=120)
        assert node.returncode == 0, told
        ends = time.monotonic() + 10
        while len(found) < 2 and time.monotonic() < ends:
            time.sleep(0.05)
        assert found["instruction"].startswith("sweep around the playground")
        assert json.loads(found["heard"])["text"] == found["instruction"]
    finally:
        watcher.kill()
        watcher.wait()
        reading.join()
        watcher.stdout.close()


def test_a_missing_site_is_told_in_a_line(environment, whisper_folder):
    node = run(environment)
    _, told = node.communicate(timeout=60)
    assert node.returncode == 2
    assert "give the site file" in told
    assert "Traceback" not in told
