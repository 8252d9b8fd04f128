"""Processes over real DDS: this one is the client, the planner and the robot have their own."""

import importlib.util
import os
import warnings

import pytest
from processes import SITE, Start, until
from ros_environment import ros_environment

MISSING = [name for name in ("rclpy", "nl_planner_msgs") if not importlib.util.find_spec(name)]

if MISSING:
    collect_ignore_glob = ["test_*.py", "sim/*"]
else:
    os.environ.update(ros_environment(domain=1 + os.getpid() % 100))
    with warnings.catch_warnings():  # of a parser that ROS brings along, at its first import
        warnings.simplefilter("ignore", DeprecationWarning)
        import rclpy
        import rosidl_parser.parser  # noqa: F401


def pytest_report_header():
    if MISSING:
        return f"ROS 2 is left out of the tests: {', '.join(MISSING)} missing; `make` gets it"
    return None


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
    client.forget()
    start = Start(tmp_path, hall_file, client)
    yield start
    start.end()


@pytest.fixture(scope="module")
def both(tmp_path_factory, hall_file, client):
    """A robot and a planner for all tests of a module."""
    client.forget()
    start = Start(tmp_path_factory.mktemp("both"), hall_file, client)
    start.robot()
    start.planner(server_timeout=2.0, stall_timeout=1.0, confirm_timeout=30.0)
    yield start
    start.end()


@pytest.fixture
def hall(both, client):
    """The client, with robot and planner as they were at the start."""
    client.trigger("cancel")
    client.script(next=[], wall=None, tf=True, at=[1.0, 1.0, 0.0], speed=10.0)
    client.forget()
    until(lambda: client.at == [1.0, 1.0, 0.0], what="the robot at its start")
    client.forget()
    yield client
    client.trigger("cancel")
