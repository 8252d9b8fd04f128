"""Driving alone: the shortest way from where the robot stands to a place."""

from __future__ import annotations

import numpy as np
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from nl_planner.coverage.drive import KINDS, coverage_path
from nl_planner.coverage.path import CoveragePath, PieceKind
from nl_planner.coverage.space import drivable
from nl_planner.coverage.transit import Transit
from nl_planner.errors import NoSpaceError


def drive_to(
    region: BaseGeometry,
    free_space: BaseGeometry,
    *,
    radius: float,
    start: tuple[float, float] | None = None,
    max_speed: float = 0.5,
) -> CoveragePath:
    """The way of the robot's centre into the middle of a region, the tool off.

    Lengths in m, in the site's frame. Without ``start`` the path is one pose.

    Raises:
        NoSpaceError: the robot fits nowhere in the region, or there is no way to it.
    """
    parts = drivable(free_space, radius)
    if start is not None:
        parts = sorted(parts, key=Point(start).distance)[:1]
    centre, goals = max(
        ((part, region.intersection(part)) for part in parts),
        key=lambda found: found[1].area,
        default=(None, None),
    )
    if centre is None or goals is None or goals.is_empty:
        raise NoSpaceError(
            f"a robot of radius {radius:g} m cannot get to any of the {region.area:.1f} m² it "
            "should drive to; check the free space between"
        )
    middle = region.centroid if goals.contains(region.centroid) else goals.representative_point()
    goal = (middle.x, middle.y)
    way = np.array([goal]) if start is None else Transit(centre).way(start, goal)
    kinds = np.full(len(way) - 1, KINDS.index(PieceKind.TRANSIT), np.int8)
    return coverage_path(way, kinds, 2 * radius, max_speed, 1.0, 0.0)
