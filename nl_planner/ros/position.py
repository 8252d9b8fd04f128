"""Where the robot is: the transform from the map to the robot's base.

``tf2_ros`` does it where it is installed. Elsewhere (it is not on PyPI) a small buffer over ``/tf``
and ``/tf_static`` does: it keeps the newest transform of each frame.
"""

from __future__ import annotations

import math
import threading
from typing import Any, Protocol

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.time import Time

from nl_planner.execution.driver import Pose
from nl_planner.ros.conversions import seconds_from_ros, yaw_from_ros

NEWEST = 10
"""Messages of /tf that are kept for a busy node: more would only make it lag behind."""


class Transforms(Protocol):
    """Newest transforms."""

    def lookup(self, target: str, source: str) -> tuple[Pose, float] | None:
        """Pose of ``source`` in ``target`` and the time (s) it is of; None when unknown."""


class Position:
    """Where the robot's base is on the map. Listens as long as the node lasts."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.use("map", "base_link", 1.0)
        self._transforms: Transforms
        try:
            import tf2_ros  # noqa: F401
        except ImportError:
            self._transforms = _NewestTransforms(node)
        else:
            self._transforms = _Tf2(node)

    def use(self, map_frame: str, base_frame: str, timeout: float) -> None:
        """From now on between these frames; no answer is older than ``timeout`` s."""
        self._map, self._base, self._timeout = map_frame, base_frame, timeout

    def now(self) -> Pose | None:
        """The robot's pose; None when it is not known or too old."""
        found = self._transforms.lookup(self._map, self._base)
        if found is None:
            return None
        pose, of = found
        age = self._node.get_clock().now().nanoseconds * 1e-9 - of
        return pose if age <= self._timeout else None

    def in_map(self, point: tuple[float, float], frame: str) -> tuple[float, float] | None:
        """A point (m) of any frame in the map's; None when there is no transform."""
        if frame in ("", self._map):
            return point
        found = self._transforms.lookup(self._map, frame)
        if found is None:
            return None
        x, y, _ = _joined(found[0], (*point, 0.0))
        return (x, y)


class _Tf2:
    def __init__(self, node: Node) -> None:
        from tf2_ros import Buffer, TransformListener

        self._buffer = Buffer()
        self._listener = TransformListener(self._buffer, node)

    def lookup(self, target: str, source: str) -> tuple[Pose, float] | None:
        from tf2_ros import TransformException

        try:
            found = self._buffer.lookup_transform(target, source, Time())
        except TransformException:
            return None
        return _pose(found.transform), seconds_from_ros(found.header.stamp)


class _NewestTransforms:
    """For each frame its parent, its pose there, and of when that is; static ones are of always."""

    def __init__(self, node: Node) -> None:
        from tf2_msgs.msg import TFMessage

        self._lock = threading.Lock()
        self._links: dict[str, tuple[str, Pose, float]] = {}
        group = MutuallyExclusiveCallbackGroup()
        static = QoSProfile(
            depth=100,
            reliability=ReliabilityPolicy.RELIABLE,
            durability=DurabilityPolicy.TRANSIENT_LOCAL,
        )
        self._subscriptions = [
            node.create_subscription(TFMessage, "/tf", self._moving, NEWEST, callback_group=group),
            node.create_subscription(
                TFMessage, "/tf_static", self._static, static, callback_group=group
            ),
        ]

    def lookup(self, target: str, source: str) -> tuple[Pose, float] | None:
        with self._lock:
            pose, of, frame = (0.0, 0.0, 0.0), math.inf, source
            for _ in range(len(self._links) + 1):
                if frame == target:
                    return pose, of
                if frame not in self._links:
                    return None
                frame, there, when = self._links[frame]
                pose, of = _joined(there, pose), min(of, when)
        return None

    def _moving(self, message: Any) -> None:
        self._take(message, static=False)

    def _static(self, message: Any) -> None:
        self._take(message, static=True)

    def _take(self, message: Any, *, static: bool) -> None:
        with self._lock:
            for link in message.transforms:
                of = math.inf if static else seconds_from_ros(link.header.stamp)
                self._links[link.child_frame_id] = (
                    link.header.frame_id,
                    _pose(link.transform),
                    of,
                )


def _pose(transform: Any) -> Pose:
    at = transform.translation
    return (at.x, at.y, yaw_from_ros(transform.rotation))


def _joined(outer: Pose, inner: Pose) -> Pose:
    """The pose that is ``inner`` seen from ``outer``."""
    x, y, yaw = outer
    c, s = math.cos(yaw), math.sin(yaw)
    return (x + c * inner[0] - s * inner[1], y + s * inner[0] + c * inner[1], yaw + inner[2])
