"""Where the robot is, and where it was: the transform from the map to the robot's base.

``tf2_ros`` does it where it is installed. Elsewhere (it is not on PyPI) a small buffer over ``/tf``
and ``/tf_static`` does. Times are s of the clock that stamps the transforms, the node's own:
simulated time with ``use_sim_time``.
"""

from __future__ import annotations

import math
import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from itertools import takewhile
from typing import Any, Protocol

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.time import Time

from nl_planner.execution.driver import Pose
from nl_planner.ros.conversions import seconds_from_ros, yaw_from_ros

STEP = 0.05
"""s between the poses of a track that tf2 gives: at the speed of a cleaner some cm."""
KEPT = 10.0  # s that transforms are kept; so long does tf2
QUEUE = 100
"""Messages of /tf that wait for a busy node; as tf2's listener has it."""

Stamped = tuple[Pose, float]


class Transforms(Protocol):
    """The transforms of the last `KEPT` s."""

    def lookup(self, target: str, source: str, at: float | None = None) -> Stamped | None:
        """Pose of ``source`` in ``target`` and the time it is of, ``at`` or else the newest that
        all frames between have; None when unknown.
        """

    def times(self, target: str, source: str, then: float, of: float) -> Iterable[float]:
        """Times after ``then`` and before ``of`` to look at ``source``, in order."""


class Position:
    """Where the robot's base is on the map. Listens as long as the node lasts."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.use("map", "base_link", 1.0)
        self._transforms: Transforms
        try:
            import tf2_ros  # noqa: F401
        except ImportError:
            self._transforms = _RecentTransforms(node)
        else:
            self._transforms = _Tf2(node)

    def use(self, map_frame: str, base_frame: str, timeout: float) -> None:
        """From now on between these frames; no answer is older than ``timeout`` s."""
        self._map, self._base, self._timeout = map_frame, base_frame, timeout

    def seconds(self) -> float:
        """The node's clock."""
        return float(self._node.get_clock().now().nanoseconds) * 1e-9

    def now(self) -> Pose | None:
        """The robot's pose; None when it is not known or too old."""
        found = self.newest()
        if found is None:
            return None
        pose, of = found
        return pose if self.seconds() - of <= self._timeout else None

    def newest(self) -> Stamped | None:
        """The last pose that was told, however old, and when that was."""
        return self._transforms.lookup(self._map, self._base)

    def since(self, then: float) -> list[Stamped]:
        """Where the robot was after ``then``, up to the newest pose, and when.

        Of what is longer ago than `KEPT` nothing is known. After time went back (a simulation that
        began anew) the newest pose alone.
        """
        found = self.newest()
        if found is None or found[1] == then:
            return []
        _, of = found
        frames = self._map, self._base
        times = self._transforms.times(*frames, max(then, of - KEPT), of)
        on_the_way = (self._transforms.lookup(*frames, at) for at in times)
        return [*filter(None, on_the_way), found]

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

    def lookup(self, target: str, source: str, at: float | None = None) -> Stamped | None:
        from tf2_ros import TransformException

        when = Time() if at is None else Time(nanoseconds=round(at * 1e9))
        try:
            found = self._buffer.lookup_transform(target, source, when)
        except TransformException:
            return None
        return _pose(found.transform), seconds_from_ros(found.header.stamp)

    def times(self, target: str, source: str, then: float, of: float) -> Iterable[float]:
        return (then + STEP * k for k in range(1, math.ceil((of - then) / STEP)))


class _Link:
    """One frame in its parent: its poses and their times, oldest first; static: one, of always."""

    def __init__(self) -> None:
        self.parent = ""
        self.poses: deque[Pose] = deque()
        self.times: deque[float] = deque()

    def take(self, parent: str, pose: Pose, of: float) -> None:
        times, poses = self.times, self.poses
        if times and (parent != self.parent or of < times[-1] or of == math.inf):
            times.clear()
            poses.clear()
        if times and of == times[-1]:
            return
        self.parent = parent
        times.append(of)
        poses.append(pose)
        while times[0] < of - KEPT:
            times.popleft()
            poses.popleft()

    def at(self, when: float) -> Pose:
        """Between two poses in proportion; before the first and after the last, that one."""
        k = bisect_right(self.times, when)
        if k in (0, len(self.times)):
            return self.poses[min(k, len(self.times) - 1)]
        (x, y, yaw), after = self.poses[k - 1], self.poses[k]
        share = (when - self.times[k - 1]) / (self.times[k] - self.times[k - 1])
        turn = math.remainder(after[2] - yaw, math.tau)
        return (x + share * (after[0] - x), y + share * (after[1] - y), yaw + share * turn)


class _RecentTransforms:
    def __init__(self, node: Node) -> None:
        from tf2_msgs.msg import TFMessage

        self._lock = threading.Lock()
        self._links: dict[str, _Link] = {}
        group = MutuallyExclusiveCallbackGroup()
        static = QoSProfile(
            depth=100,
            reliability=ReliabilityPolicy.RELIABLE,
            durability=DurabilityPolicy.TRANSIENT_LOCAL,
        )
        self._subscriptions = [
            node.create_subscription(TFMessage, "/tf", self._moving, QUEUE, callback_group=group),
            node.create_subscription(
                TFMessage, "/tf_static", self._static, static, callback_group=group
            ),
        ]

    def lookup(self, target: str, source: str, at: float | None = None) -> Stamped | None:
        with self._lock:
            chain = self._between(target, source)
            if chain is None:
                return None
            of = min((link.times[-1] for link in chain), default=math.inf) if at is None else at
            pose: Pose = (0.0, 0.0, 0.0)
            for link in chain:
                pose = _joined(link.at(of), pose)
        return pose, of

    def times(self, target: str, source: str, then: float, of: float) -> Iterable[float]:
        """Every one of which there is a transform."""
        with self._lock:
            found: set[float] = set()
            for link in self._between(target, source) or ():
                found.update(takewhile(lambda time: time > then, reversed(link.times)))
        return sorted(time for time in found if time < of)

    def _between(self, target: str, source: str) -> list[_Link] | None:
        """The links from ``source`` up to ``target``; None when they do not lead there."""
        chain: list[_Link] = []
        frame = source
        while frame != target:
            if frame not in self._links or len(chain) > len(self._links):
                return None
            chain.append(self._links[frame])
            frame = chain[-1].parent
        return chain

    def _moving(self, message: Any) -> None:
        self._take(message, static=False)

    def _static(self, message: Any) -> None:
        self._take(message, static=True)

    def _take(self, message: Any, *, static: bool) -> None:
        with self._lock:
            for frame in message.transforms:
                of = math.inf if static else seconds_from_ros(frame.header.stamp)
                link = self._links.setdefault(frame.child_frame_id, _Link())
                link.take(frame.header.frame_id, _pose(frame.transform), of)


def _pose(transform: Any) -> Pose:
    at = transform.translation
    return (at.x, at.y, yaw_from_ros(transform.rotation))


def _joined(outer: Pose, inner: Pose) -> Pose:
    """The pose that is ``inner`` seen from ``outer``."""
    x, y, yaw = outer
    c, s = math.cos(yaw), math.sin(yaw)
    return (x + c * inner[0] - s * inner[1], y + s * inner[0] + c * inner[1], yaw + inner[2])
