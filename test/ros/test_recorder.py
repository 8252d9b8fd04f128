"""Records over real DDS, from a publisher in another process, and reads the bag back."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from ros_environment import ros_environment

from nl_planner.errors import RecordError
from nl_planner.ros.recorder import Recorder

RECORDING = Path(__file__).with_name("recording.py")


@pytest.fixture(scope="module")
def bag(tmp_path_factory):
    """The bag that one process recorded while another published."""
    folder = tmp_path_factory.mktemp("runs") / "not there yet"
    environment = ros_environment(domain=61)
    robot = subprocess.Popen([sys.executable, RECORDING, "robot"], env=environment)
    try:
        done = subprocess.run(
            [sys.executable, RECORDING, "planner", folder],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        robot.terminate()
        robot.wait(10)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[-1])


def read(bag):
    """What a bag holds, by topic: (time in ns, message) in the order recorded."""
    from rosbags.rosbag2 import Reader
    from rosbags.typesys import Stores, get_typestore

    types = get_typestore(Stores.ROS2_JAZZY)
    found = {}
    with Reader(bag) as reader:
        for connection, when, data in reader.messages():
            message = types.deserialize_cdr(data, connection.msgtype)
            found.setdefault(connection.topic, []).append((when, message))
    return found


@pytest.fixture(scope="module")
def messages(bag):
    return read(bag)


def test_the_bag_is_mcap_with_an_index(bag):
    assert {path.suffix for path in bag.iterdir()} == {".mcap", ".yaml"}
    assert bag.name.startswith("nl_planner_20")


def test_what_was_said_and_answered(messages):
    assert [m.data for _, m in messages["/nl_planner/instruction"]] == ["扫一下广场"]
    assert messages["/nl_planner/reply"][-1][1].data == "好的，去扫中心广场"


def test_what_was_latched_before_is_in_it(messages):
    assert len(messages["/nl_planner/coverage_path"]) == 1


def test_how_it_was_driven(messages):
    tf = [m.transforms[0].transform.translation.x for _, m in messages["/tf"]]
    assert len(tf) > 20
    assert tf == sorted(tf)
    assert [when for when, _ in messages["/tf"]] == sorted(when for when, _ in messages["/tf"])
    assert len(messages["/odom"]) > 20
    assert messages["/cmd_vel"][0][1].twist.linear.x == 0.5  # a TwistStamped, by what is published


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(RecordError, match="cannot be written"):
        Recorder(None, tmp_path / "taken")


def test_no_rosbags_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "rosbags.rosbag2", None)
    with pytest.raises(RecordError, match="pip install rosbags"):
        Recorder(None, tmp_path)


def test_the_planner_records_its_run(start, client, tmp_path):
    start.robot()
    planner = start.planner(record=tmp_path / "runs")
    result = client.say("扫西区").result()
    planner.end()
    (bag,) = (tmp_path / "runs").iterdir()
    found = read(bag)
    assert [m.data for _, m in found["/nl_planner/instruction"]] == ["扫西区"]
    assert found["/nl_planner/reply"][-1][1].data == result.reply
    task = json.loads(found["/nl_planner/task"][-1][1].data)
    assert task["tasks"][0]["place"]["landmarks"] == ["west"]
    planned = found["/nl_planner/coverage_path"][0][1].poses
    assert len(planned) > 10
    tool = [m.data for _, m in found["/nl_planner/tool"]]
    assert True in tool
    assert tool[-1] is False
    assert len(found["/tf"]) > 20
