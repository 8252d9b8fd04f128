"""How the node is, on ``/diagnostics``: how far it has loaded, what it does, what went wrong."""

from __future__ import annotations

import time
from collections.abc import Callable

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node

from nl_planner.ros.position import Position

PERIOD = 1.0  # s


class Diagnostics:
    """Publishes the node's state every second, and at once when it changes."""

    def __init__(self, node: Node, position: Position) -> None:
        self._node, self._position = node, position
        self._level, self._message = DiagnosticStatus.OK, "not configured"
        self._values: dict[str, str] = {}
        self._status: Callable[[str], str] | None = None
        self._since = time.monotonic()
        self._publisher = node.create_publisher(DiagnosticArray, "/diagnostics", 10)
        node.create_timer(PERIOD, self._publish, callback_group=MutuallyExclusiveCallbackGroup())

    def loading(self, step: str, progress: float) -> None:
        """This is being loaded, and so much (0..1) is."""
        if progress == 0.0:
            self._since = time.monotonic()
        self._set(DiagnosticStatus.OK, f"loading: {step}", {"progress": f"{progress:.2f}"})

    def ready(self, status: Callable[[str], str]) -> None:
        """It serves; ``status`` says in a language what it does."""
        self._set(DiagnosticStatus.OK, "active", {}, status)

    def idle(self) -> None:
        """It does not serve."""
        if self._level == DiagnosticStatus.OK:
            self._set(DiagnosticStatus.OK, "not active", {})

    def failed(self, why: str) -> None:
        """It could not be configured."""
        self._set(DiagnosticStatus.ERROR, why, {})

    def _set(
        self,
        level: bytes,
        message: str,
        values: dict[str, str],
        status: Callable[[str], str] | None = None,
    ) -> None:
        self._level, self._message, self._values, self._status = level, message, values, status
        self._publish()

    def _publish(self) -> None:
        values = dict(self._values)
        if "progress" in values:
            values["seconds"] = f"{time.monotonic() - self._since:.1f}"
        if self._status is not None:
            values["status"] = self._status("en")
            at = self._position.now()
            values["position"] = f"{at[0]:.2f}, {at[1]:.2f}" if at else "not known"
        array = DiagnosticArray()
        array.header.stamp = self._node.get_clock().now().to_msg()
        array.status = [
            DiagnosticStatus(
                level=self._level,
                name=f"{self._node.get_name()}: planner",
                hardware_id="nl_planner",
                message=self._message,
                values=[KeyValue(key=key, value=value) for key, value in values.items()],
            )
        ]
        self._publisher.publish(array)
