import importlib.util

import pytest

ROS_NEEDED = "needs ROS 2: on Linux x86_64 `make test` gets it from pip"


def pytest_collection_modifyitems(items):
    """Tests of this folder are skipped where there is no ROS 2."""
    if importlib.util.find_spec("rclpy"):
        return
    for item in items:
        if "/test/ros/" in item.path.as_posix():
            item.add_marker(pytest.mark.skip(reason=ROS_NEEDED))
