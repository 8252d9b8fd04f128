"""Driving alone: the shortest way from where the robot stands to a place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from nl_planner.coverage.drive import TRANSIT, coverage_path
from nl_planner.coverage.path import CoveragePath
from nl_planner.coverage.space import drivable
from nl_planner.coverage.steered import arrival
from nl_planner.coverage.steering import Steering
from nl_planner.coverage.transit import Transit
from nl_planner.errors import NoSpaceError


def drive_to(
    region: BaseGeometry,
    free_space: BaseGeometry,
    *,
    radius: float,
    start: Sequence[float] | None = None,
    max_speed: float = 0.5,
    turning_radius: float = 0.0,
) -> CoveragePath:
    """The way of the robot's centre into the middle of a region, the tool off.

    Lengths in m, in the site's frame. Without ``start`` the path is one pose. ``start`` is (x, y)
    or, for a machine with a turning radius, (x, y, yaw); it arrives with any heading.

    Raises:
        NoSpaceError: the robot fits nowhere in the region, or there is no way to it.
    """
    parts = drivable(free_space, radius)
    if start is not None:
        parts = sorted(parts, key=Point(start[:2]).distance)[:1]
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
    gear = None
    transit = Transit(centre)
    if start is None:
        way = np.array([goal])
    elif turning_radius:
        track = arrival(np.array(start, float), np.array(goal), Steering(transit, turning_radius))
        if track is None:
            raise NoSpaceError(
                f"no way with a turning radius of {turning_radius:g} m was found from "
                f"({start[0]:g}, {start[1]:g}) to ({goal[0]:.1f}, {goal[1]:.1f}); "
                "drive the robot to where it has room to turn"
            )
        way, gear = np.vstack((start[:2], track.xy)), track.gear
    else:
        way = transit.way((start[0], start[1]), goal)
    kinds = np.full(len(way) - 1, TRANSIT, np.int8)
    return coverage_path(way, kinds, 2 * radius, max_speed, 1.0, 0.0, gear)
