"""The parameters of the simulated robot; all but ``site`` and ``pose`` may be set at any time."""

from __future__ import annotations

import math
from typing import Any

from rcl_interfaces.msg import FloatingPointRange, ParameterDescriptor
from rclpy.node import Node

from nl_planner.ros.sim_navigation import FAULTS
from nl_planner.sim.ground import Obstacle

_FAULT = f"what is wrong with the server: one of {', '.join(map(repr, FAULTS))}"
_FIXED: dict[str, Any] = {"read_only": True}
_ANY: dict[str, Any] = {}


def _range(low: float, high: float) -> dict[str, Any]:
    return {"floating_point_range": [FloatingPointRange(from_value=low, to_value=high)]}


_LIST = {"dynamic_typing": True}  # an empty list has no type of its own

PARAMETERS: tuple[tuple[str, Any, str, dict[str, Any]], ...] = (
    ("site", "", "the site file (*.site.yaml)", _FIXED),
    ("pose", [], "where it stands at first: x, y [m], yaw [rad]; empty: anywhere", _FIXED | _LIST),
    ("speed_factor", 1.0, "how fast time runs; other than 1 with use_sim_time only", _range(1, 50)),
    ("publish_tf", True, "whether the robot's place is told", _ANY),
    ("slip", 0.0, "share of the wheels' motion that is lost", _range(0, 1)),
    ("obstacles", [], "what stands in the way: x, y, radius [m] of each, in a row", _LIST),
    ("follow_path_fault", "", _FAULT, _ANY),
    ("navigate_to_pose_fault", "", _FAULT, _ANY),
)


def declare(node: Node) -> None:
    """Declare them all."""
    for name, default, about, more in PARAMETERS:
        node.declare_parameter(name, default, ParameterDescriptor(description=about, **more))


def wrong(name: str, value: Any, *, sim_time: bool) -> str:
    """What is wrong with a value, "" when nothing is."""
    if name.endswith("_fault") and value not in FAULTS:
        return f"{name}: {value!r} is none of {', '.join(map(repr, FAULTS))}"
    if name == "speed_factor" and value != 1.0 and not sim_time:
        return f"speed_factor: {value:g} needs use_sim_time, or the stamps would be wrong"
    if name == "obstacles" and (
        len(value) % 3 or not _finite(value) or min(value[2::3], default=1) <= 0
    ):
        return f"obstacles: {list(value)} is not x, y, radius (over 0) [m] of each, in a row"
    if name == "pose" and (len(value) not in (0, 3) or not _finite(value)):
        return f"pose: {list(value)} is not x, y [m], yaw [rad]"
    return ""


def obstacles(numbers: list[float]) -> tuple[Obstacle, ...]:
    """The obstacles that the numbers say."""
    return tuple(Obstacle(*numbers[i : i + 3]) for i in range(0, len(numbers), 3))


def _finite(numbers: list[float]) -> bool:
    return all(isinstance(n, float) and math.isfinite(n) for n in numbers)
