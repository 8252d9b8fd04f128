"""The run as a rosbag2 (mcap): what was said and answered, planned and driven.

Written with rosbags, which is pure Python and needs no ROS; `ros2 bag play` and Foxglove read it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nl_planner.errors import RecordError

if TYPE_CHECKING:
    from rclpy.lifecycle import LifecycleNode

LOOK = 1.0  # s between looks for topics that have appeared
INSTRUCTION, STRING = "~/instruction", "std_msgs/msg/String"


@dataclass(frozen=True)
class Recorded:
    """How a topic is recorded: the types it may have; latched: who comes late gets the last."""

    types: tuple[str, ...]
    latched: bool = False


TOPICS: Mapping[str, Recorded] = {
    "~/reply": Recorded((STRING,)),
    "~/task": Recorded((STRING,), latched=True),
    "~/coverage_path": Recorded(("nav_msgs/msg/Path",), latched=True),
    "~/tool": Recorded(("std_msgs/msg/Bool",), latched=True),
    "/tf": Recorded(("tf2_msgs/msg/TFMessage",)),
    "/tf_static": Recorded(("tf2_msgs/msg/TFMessage",), latched=True),
    "odom": Recorded(("nav_msgs/msg/Odometry",)),
    "cmd_vel": Recorded(("geometry_msgs/msg/Twist", "geometry_msgs/msg/TwistStamped")),
}


class Recorder:
    """Records from its construction to ``close``, into a new folder of its own.

    The node's instructions come by an action and services too, so the node hands each to ``heard``;
    the rest is subscribed to as it appears. A bag that fails while it is written (disk full) is
    closed with a warning: the robot goes on.

    Args:
        node: the node whose topics are recorded; its executor must be spinning.
        folder: gets the bag, ``nl_planner_20261124_184200`` of the local time.

    Raises:
        RecordError: the folder cannot be written, or rosbags is not installed.
    """

    def __init__(self, node: LifecycleNode, folder: Path) -> None:
        from rclpy.callback_groups import MutuallyExclusiveCallbackGroup

        try:
            from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
            from rosbags.typesys import Stores, get_typestore
        except ImportError as error:
            raise RecordError(
                "record: the package rosbags is missing: pip install rosbags, or leave record empty"
            ) from error
        self.path = _free(folder.expanduser() / f"nl_planner_{datetime.now():%Y%m%d_%H%M%S}")
        self._node = node
        self._types = get_typestore(Stores.ROS2_JAZZY)
        self._lock = threading.Lock()
        self._connections: dict[str, Any] = {}
        self._subscriptions: list[Any] = []
        self._group = MutuallyExclusiveCallbackGroup()
        self._writer: Any = Writer(self.path, version=9, storage_plugin=StoragePlugin.MCAP)
        self._writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._writer.open()
        except OSError as error:
            raise RecordError(f"record: {self.path} cannot be written: {error.strerror}") from error
        self._connect(node.resolve_topic_name(INSTRUCTION), STRING, latched=False)
        self._look()
        self._timer = node.create_timer(LOOK, self._look, callback_group=self._group)

    def heard(self, text: str) -> None:
        """Record what a person said, whichever way it came, as a message on ``~/instruction``."""
        message = self._types.types[STRING](data=text)
        data = self._types.serialize_cdr(message, STRING)
        self._write(self._node.resolve_topic_name(INSTRUCTION), bytes(data))

    def close(self) -> None:
        """End the recording: from now on the bag can be read. A second call does nothing."""
        self._node.destroy_timer(self._timer)
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions.clear()
        with self._lock:
            self._end()

    def _end(self) -> None:
        writer, self._writer = self._writer, None
        if writer is None:
            return
        try:
            writer.close()
        except OSError as error:
            self._node.get_logger().warning(f"recording {self.path} is cut short: {error}")

    def _look(self) -> None:
        """Subscribe to the topics that have appeared since the last look."""
        present = dict(self._node.get_topic_names_and_types())
        for name, recorded in TOPICS.items():
            topic = self._node.resolve_topic_name(name)
            for type_name in present.get(topic, []):
                if type_name in recorded.types and topic not in self._connections:
                    self._connect(topic, type_name, latched=recorded.latched)
                    self._subscribe(topic, type_name, latched=recorded.latched)

    def _connect(self, topic: str, type_name: str, *, latched: bool) -> None:
        with self._lock:
            if self._writer is not None:
                self._connections[topic] = self._writer.add_connection(
                    topic,
                    type_name,
                    typestore=self._types,
                    offered_qos_profiles=[_offered(latched)],
                )

    def _subscribe(self, topic: str, type_name: str, *, latched: bool) -> None:
        from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

        # A best-effort subscription takes from every publisher; what is latched comes reliably.
        profile = QoSProfile(
            depth=100,
            reliability=ReliabilityPolicy.RELIABLE if latched else ReliabilityPolicy.BEST_EFFORT,
            durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
        )
        package, _, name = type_name.split("/")
        subscription = self._node.create_subscription(
            getattr(import_module(f"{package}.msg"), name),
            topic,
            lambda data: self._write(topic, data),
            profile,
            callback_group=self._group,
            raw=True,
        )
        self._subscriptions.append(subscription)

    def _write(self, topic: str, data: bytes) -> None:
        now = self._node.get_clock().now().nanoseconds
        with self._lock:
            if self._writer is None:
                return
            try:
                self._writer.write(self._connections[topic], now, data)
            except OSError as error:
                self._node.get_logger().warning(f"recording {self.path} ends here: {error}")
                self._end()


def _free(path: Path) -> Path:
    """The path, with a number behind it when it is taken."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}_{number}")
    return free


def _offered(latched: bool) -> Any:
    """The quality of service that a player offers the topic with."""
    from rosbags.interfaces import (
        Qos,
        QosDurability,
        QosHistory,
        QosLiveliness,
        QosReliability,
        QosTime,
    )

    endless = QosTime(9223372036, 854775807)
    return Qos(
        history=QosHistory.KEEP_LAST,
        depth=1 if latched else 100,
        reliability=QosReliability.RELIABLE,
        durability=QosDurability.TRANSIENT_LOCAL if latched else QosDurability.VOLATILE,
        deadline=endless,
        lifespan=endless,
        liveliness=QosLiveliness.AUTOMATIC,
        liveliness_lease_duration=endless,
        avoid_ros_namespace_conventions=False,
    )
