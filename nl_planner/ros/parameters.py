"""The node's parameters: what each is for, its range and unit, and when it may change."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.node import Node
from rclpy.parameter import Parameter

CONFIRM = ("never", "doubt", "always")

Reason = str | None
"""Why a value is wrong, None when it is right."""


@dataclass(frozen=True)
class Declared:
    """One parameter. ``default`` also gives the type; for a list of numbers ``kind`` does.

    ``low`` to ``high`` is the range in ``unit``. ``fixed``: it may not change while the node is
    configured. ``read_only``: it never changes after the start. ``check`` says what is wrong with
    a value.
    """

    name: str
    default: Any
    about: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    fixed: bool = False
    read_only: bool = False
    check: Callable[[Any], Reason] = lambda value: None
    kind: Parameter.Type | None = None

    @property
    def descriptor(self) -> ParameterDescriptor:
        """As ROS describes it."""
        unit = f" [{self.unit}]" if self.unit else ""
        when = "Fixed while the node is configured: clean up first." if self.fixed else ""
        described = ParameterDescriptor(
            name=self.name,
            description=f"{self.about}{unit}",
            additional_constraints=when,
            read_only=self.read_only,
        )
        if isinstance(self.default, bool) or self.low is None or self.high is None:
            return described
        if isinstance(self.default, int):
            whole = IntegerRange(from_value=int(self.low), to_value=int(self.high), step=1)
            described.integer_range = [whole]
        else:
            described.floating_point_range = [
                FloatingPointRange(from_value=self.low, to_value=self.high)
            ]
        return described


def _one_of(*words: str) -> Callable[[Any], Reason]:
    return lambda value: (
        None if value in words else f"{value!r} is none of {', '.join(map(repr, words))}"
    )


def _pose_or_nothing(value: Any) -> Reason:
    numbers = list(value or [])
    if not numbers or (len(numbers) == 3 and all(map(math.isfinite, numbers))):
        return None
    return f"{numbers} is neither [] nor three numbers: x (m), y (m), yaw (rad)"


def _a_frame(value: Any) -> Reason:
    return None if value and not value.startswith("/") else f"{value!r} is no name of a frame"


PARAMETERS = (
    Declared("site", "", "the site file (*.site.yaml) of this place", fixed=True),
    Declared(
        "model", "", "the language model by name; empty: the default of nl_planner", fixed=True
    ),
    Declared(
        "runtime", "", "what runs its weights, transformers or llamacpp; empty: default", fixed=True
    ),
    Declared(
        "state_folder",
        "",
        "where jobs and seen things are kept; empty: a folder of the user's, one for each site",
        fixed=True,
    ),
    Declared(
        "autostart", False, "configure and activate at once, without a manager", read_only=True
    ),
    Declared("record", "", "folder that gets a rosbag2 of each run; empty: none", fixed=True),
    Declared(
        "confirm",
        "never",
        "ask before driving: never, doubt (below confirm_below) or always; a goal may differ",
        check=_one_of(*CONFIRM),
    ),
    Declared(
        "confirm_below",
        0.8,
        "with confirm: doubt, how sure the reading must be not to be asked about",
        low=0.0,
        high=1.0,
    ),
    Declared(
        "confirm_timeout",
        60.0,
        "how long a question about starting waits for its yes",
        unit="s",
        low=1.0,
        high=3600.0,
    ),
    Declared(
        "max_waiting",
        16,
        "instructions that may wait for their turn",
        low=1,
        high=100,
        read_only=True,
    ),
    Declared(
        "dock_pose",
        [],
        "where the robot is charged: x, y, yaw in the site's frame; empty: it has no dock",
        unit="m, m, rad",
        fixed=True,
        check=_pose_or_nothing,
        kind=Parameter.Type.DOUBLE_ARRAY,
    ),
    Declared("base_frame", "base_link", "the robot's frame in TF", fixed=True, check=_a_frame),
    Declared(
        "position_timeout",
        1.0,
        "a position older than this is none: the robot is stopped",
        unit="s",
        low=0.1,
        high=60.0,
        fixed=True,
    ),
    Declared(
        "server_timeout",
        10.0,
        "how long to wait for Nav2's servers before the job is given up",
        unit="s",
        low=0.1,
        high=600.0,
        fixed=True,
    ),
    Declared(
        "stall_timeout",
        30.0,
        "how long the robot may stand while Nav2 says it drives",
        unit="s",
        low=1.0,
        high=3600.0,
        fixed=True,
    ),
    Declared(
        "controller_id", "", "Nav2's controller for follow_path; empty: its only one", fixed=True
    ),
    Declared(
        "goal_checker_id",
        "",
        "Nav2's goal checker for follow_path; empty: its only one",
        fixed=True,
    ),
    Declared("progress_checker_id", "", "Nav2's progress checker; empty: its only one", fixed=True),
    Declared(
        "behavior_tree",
        "",
        "behaviour tree for navigate_to_pose; empty: Nav2's default",
        fixed=True,
    ),
)
"""All of them; config/nl_planner.yaml has the same with their defaults."""


class Parameters:
    """Declares the parameters on a node and answers for their values.

    ``configured`` says whether the fixed ones are in use; ``changed`` is called after others were
    set.
    """

    def __init__(
        self, node: Node, configured: Callable[[], bool], changed: Callable[[], None]
    ) -> None:
        self._node, self._configured, self._changed = node, configured, changed
        self._by_name = {declared.name: declared for declared in PARAMETERS}
        for declared in PARAMETERS:
            if declared.kind is None:
                node.declare_parameter(declared.name, declared.default, declared.descriptor)
            else:
                described = declared.descriptor
                described.type = declared.kind.value
                described.dynamic_typing = True  # an empty list has no type of its own
                node.declare_parameter(declared.name, declared.default, described)
        node.add_on_set_parameters_callback(self._allow)
        node.add_post_set_parameters_callback(lambda _: self._changed())

    def __getitem__(self, name: str) -> Any:
        """The value now."""
        value = self._node.get_parameter(name).value
        return list(value or []) if self._by_name[name].kind else value  # [] in a file is None

    def wrong(self) -> list[str]:
        """What is wrong with the values from the start, such as those of a parameter file."""
        found = ((name, each.check(self[name])) for name, each in self._by_name.items())
        return [f"{name}: {reason}" for name, reason in found if reason]

    def _allow(self, asked: Iterable[Parameter]) -> SetParametersResult:
        for parameter in asked:
            declared = self._by_name.get(parameter.name)
            if declared is None:
                continue
            reason = _of_kind(parameter, declared) or declared.check(parameter.value)
            if not reason and declared.fixed and self._configured():
                reason = "is in use while the node is configured; clean up first, then set it"
            if reason:
                return SetParametersResult(successful=False, reason=f"{parameter.name}: {reason}")
        return SetParametersResult(successful=True)


def _of_kind(parameter: Parameter, declared: Declared) -> Reason:
    if declared.kind is None or parameter.type_ is declared.kind or not list(parameter.value or []):
        return None
    return f"{parameter.value!r} should be a list of numbers, written with a decimal point"
