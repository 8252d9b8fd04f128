"""Where the robot was, from the transforms on the air: none is left out, however late one looks."""

import itertools
import math

import pytest
import rclpy
from geometry_msgs.msg import TransformStamped
from processes import until
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from tf2_msgs.msg import TFMessage

from nl_planner.ros.conversions import seconds_to_ros, yaw_to_ros
from nl_planner.ros.position import KEPT, Position

BEGAN = 1000.0  # s


@pytest.fixture
def air(client):
    """A position that listens, and what it listens to."""
    assert rclpy.ok()
    node = Node("position_under_test", namespace="/apart", cli_args=["--ros-args", "-r", "/tf:=tf"])
    air = Air(node)
    yield air
    node.destroy_node()


class Air:
    def __init__(self, node):
        self.position = Position(node)
        self.position.use("map", "base_link", math.inf)
        self._publisher = node.create_publisher(TFMessage, "/tf", 100)
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(node)

    def tell(self, *frames):
        """Publish frames (parent, child, s, x, y, yaw), and hear them."""
        message = TFMessage()
        for parent, child, at, x, y, yaw in frames:
            frame = TransformStamped(child_frame_id=child)
            frame.header.frame_id, frame.header.stamp = parent, seconds_to_ros(at)
            frame.transform.translation.x, frame.transform.translation.y = x, y
            frame.transform.rotation = yaw_to_ros(yaw)
            message.transforms.append(frame)
        self._publisher.publish(message)
        newest = pytest.approx(
            min(max(f[2] for f in frames if f[1] == c) for c in {f[1] for f in frames}), abs=1e-6
        )
        until(lambda: self._executor.spin_once(timeout_sec=0.05) or self._when() == newest)

    def _when(self):
        found = self.position.newest()
        return found[1] if found else None


def on_circle(at):
    """Where a robot is at a time that drives once round, 1 m from the origin, in 4 s."""
    angle = (at - BEGAN) * math.tau / 4
    return math.cos(angle), math.sin(angle)


def test_a_bend_driven_between_two_looks_is_no_chord(air):
    times = [BEGAN + 0.05 * k for k in range(81)]
    drift = ("map", "odom", times[-1], 5.0, 0.0, math.pi / 2)
    air.tell(drift, ("odom", "base_link", BEGAN, 1.0, 0.0, 0.0))
    air.tell(drift, *(("odom", "base_link", at, *on_circle(at), 0.0) for at in times))
    track = air.position.since(BEGAN)
    whole = [pose[:2] for pose, _ in track]
    assert all(math.dist(at, (5, 0)) == pytest.approx(1, abs=1e-2) for at in whole)
    length = sum(math.dist(a, b) for a, b in itertools.pairwise(whole))
    assert length == pytest.approx(math.tau, abs=0.1)
    assert [when for _, when in track] == sorted(when for _, when in track)
    assert air.position.since(track[-1][1]) == []


def test_between_two_transforms_the_map_moves_in_proportion(air):
    air.tell(("map", "odom", BEGAN, 0.0, 0.0, 0.0), ("odom", "base_link", BEGAN, 0.0, 0.0, 3.1))
    air.tell(
        ("map", "odom", BEGAN + 1, 2.0, 0.0, 0.0), ("odom", "base_link", BEGAN + 0.5, 0, 1.0, -3.1)
    )
    (x, y, yaw), when = air.position.newest()
    assert (x, y, when) == pytest.approx((1.0, 1.0, BEGAN + 0.5), abs=1e-6)
    assert abs(math.remainder(yaw + 3.1, math.tau)) < 1e-6


def test_after_time_went_back_there_is_the_newest_pose_alone(air):
    air.tell(("map", "base_link", BEGAN, 1.0, 0.0, 0.0))
    air.tell(("map", "base_link", BEGAN + 1, 2.0, 0.0, 0.0))
    (_, then) = air.position.newest()
    air.tell(("map", "base_link", 3.0, 7.0, 0.0, 0.0))
    assert [pose[0] for pose, _ in air.position.since(then)] == [7.0]


def test_what_is_long_ago_is_forgotten(air):
    for k in range(5):
        air.tell(("map", "base_link", BEGAN + k * KEPT / 2, float(k), 0.0, 0.0))
    assert [pose[0] for pose, _ in air.position.since(BEGAN)] == [3.0, 4.0]
