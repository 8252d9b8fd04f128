"""The numbers that describe the machine and the work, checked."""

from __future__ import annotations

import math
from collections.abc import Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from nl_planner.coverage.space import polygons
from nl_planner.errors import BadInputError

MOST_OVERLAP = 0.5
"""More overlap than this is a second pass."""


def check(
    region: BaseGeometry,
    radius: float,
    tool_width: float,
    max_speed: float,
    passes: int,
    spots: Sequence[tuple[float, float, float]],
    start: Sequence[float] | None,
    turning_radius: float = 0.0,
) -> None:
    """Raises BadInputError where a number or geometry cannot be used."""
    if not 0 <= turning_radius < math.inf:
        raise BadInputError(
            f"turning_radius is {turning_radius:g}; it must be metres, 0 for turning on the spot"
        )
    for name, value in (("radius", radius), ("tool_width", tool_width), ("max_speed", max_speed)):
        if not (math.isfinite(value) and value > 0):
            raise BadInputError(f"{name} is {value:g}; it must be a positive number")
    if passes < 1:
        raise BadInputError(f"passes is {passes}; it must be at least 1")
    if any(not math.isfinite(v) for spot in spots for v in spot) or any(s[2] < 0 for s in spots):
        raise BadInputError("a spot must be (x, y, radius) in metres, the radius not negative")
    if start is not None and not (len(start) in (2, 3) and all(map(math.isfinite, start))):
        raise BadInputError(f"start is {start}; it must be (x, y) or (x, y, yaw) in metres and rad")
    if not polygons(shapely.make_valid(region)):
        raise BadInputError("the region has no area; give a polygon")


def body_radius(radius: float | None, footprint: Sequence[tuple[float, float]] | None) -> float:
    """m, of the circle around base_link that holds the body; exactly one of the two is given."""
    if (radius is None) == (footprint is None):
        raise BadInputError("give either the robot's radius or its footprint, not both")
    if footprint is None:
        return float(radius or 0.0)
    if len(footprint) < 3 or not all(math.isfinite(v) for corner in footprint for v in corner):
        raise BadInputError("a footprint has at least three corners (x, y) in metres")
    return max(math.hypot(*corner) for corner in footprint)


def tool_widths(
    radius: float, tool_width: float, tool_offset: tuple[float, float], overlap: float
) -> tuple[float, float]:
    """(width that is clean on whichever way the robot heads, distance of swaths), both m."""
    if not 0 <= overlap <= MOST_OVERLAP:
        raise BadInputError(
            f"overlap is {overlap:g}; it must be a share of the tool width from 0 to "
            f"{MOST_OVERLAP:g}; for more, ask for two passes"
        )
    ahead, left = tool_offset
    if not math.hypot(ahead, left) <= radius:
        raise BadInputError(
            f"tool_offset is {tool_offset}; the middle of the tool must be within the body, "
            f"{radius:g} m around base_link"
        )
    clean = tool_width - 2 * abs(left)
    if clean < 0.2 * tool_width:
        raise BadInputError(
            f"the tool, {tool_width:g} m wide and {left:g} m beside base_link, cleans nearly "
            "nothing on one side; give a smaller offset or the width on both sides as tool_width"
        )
    return clean, clean * (1 - overlap)
