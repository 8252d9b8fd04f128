"""What is asked of the planner, checked and made ready: one connected space, slightly turned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.affinity import rotate
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from nl_planner.coverage.grid import Floats
from nl_planner.coverage.machine import body_radius, check, tool_widths
from nl_planner.coverage.space import Space, drivable, reachable
from nl_planner.coverage.transit import Transit

TILT = 19.0
"""Degrees by which everything is turned while planning, lest walls run along the rows of the grid
on which coverage is counted."""


@dataclass(frozen=True)
class Job:
    """A region to clean and the space to do it from, turned by TILT about ``origin``.

    ``clean``: m, the width that is clean whichever way the robot heads; ``spacing``: m from swath
    to swath. ``start``: (2,) where the robot can begin nearest to where it is, or None; ``yaw``:
    its heading (rad), where known. ``turning_radius``: m, 0 for a machine that turns on the spot.
    """

    region: BaseGeometry
    space: Space
    transit: Transit
    clean: float
    spacing: float
    origin: tuple[float, float]
    start: Floats | None
    yaw: float | None
    turning_radius: float

    @property
    def pose(self) -> Floats | None:
        """(3,) the start with its heading, (2,) without one, None when unknown."""
        if self.start is None or self.yaw is None:
            return self.start
        return np.append(self.start, self.yaw)

    def there(self, xy: Floats) -> Floats:
        """Positions (N, 2) of the site as they lie here."""
        return _turned(xy, TILT, self.origin)

    def back(self, xy: Floats) -> Floats:
        """Positions (N, 2) from here in the site's frame."""
        return _turned(xy, -TILT, self.origin)


def prepared(
    region: BaseGeometry,
    free_space: BaseGeometry | None,
    *,
    radius: float | None,
    footprint: Sequence[tuple[float, float]] | None,
    tool_width: float,
    tool_offset: tuple[float, float],
    overlap: float,
    turning_radius: float,
    start: Sequence[float] | None,
    passes: int,
    max_speed: float,
    spots: Sequence[tuple[float, float, float]] = (),
) -> Job:
    """The job; see `cover` for what is given, and for what is raised.

    The inset is made before turning: made after, an outline of stairs gives another by millimetres.
    """
    radius = body_radius(radius, footprint)
    check(region, radius, tool_width, max_speed, passes, spots, start, turning_radius)
    clean, spacing = tool_widths(radius, tool_width, tool_offset, overlap)
    origin = (region.bounds[0], region.bounds[1])
    work = shapely.make_valid(region)
    parts = drivable(work if free_space is None else shapely.make_valid(free_space), radius)
    work, *parts = (rotate(shape, TILT, origin=origin) for shape in (work, *parts))
    if spots:
        places = _turned(np.array([spot[:2] for spot in spots], float), TILT, origin)
        discs = [
            Point(at).buffer(spot[2] + clean, quad_segs=16)
            for at, spot in zip(places, spots, strict=True)
        ]
        work = shapely.union_all(discs).intersection(work)
    here = None if start is None else _turned(np.array([start[:2]], float), TILT, origin)[0]
    space = reachable(work, parts, radius, clean, here, tool_offset[0])
    if here is not None:
        here = shapely.get_coordinates(shapely.shortest_line(space.centre, Point(here)))[0]
    yaw = None
    if start is not None and len(start) == 3:
        yaw = float(start[2]) + math.radians(TILT)
    transit = Transit(space.centre)
    return Job(work, space, transit, clean, spacing, origin, here, yaw, turning_radius)


def _turned(xy: Floats, degrees: float, origin: tuple[float, float]) -> Floats:
    """Positions (N, 2) turned about ``origin``, counter-clockwise."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turned: Floats = (xy - origin) @ np.array([[c, s], [-s, c]]) + origin
    return turned
