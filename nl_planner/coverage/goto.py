"""Driving alone: the shortest way from where the robot stands to a place."""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from nl_planner.coverage.drive import coverage_path, kind_index
from nl_planner.coverage.path import CoveragePath, PieceKind
from nl_planner.errors import NoSpaceError

_CELLS = 400_000
"""The grid on which the way is searched has at most this many cells."""


def drive_to(
    region: BaseGeometry,
    free_space: BaseGeometry,
    *,
    radius: float,
    start: tuple[float, float] | None = None,
    max_speed: float = 0.5,
) -> CoveragePath:
    """The way of the robot's centre into the middle of a region, the tool off.

    Dijkstra on an 8-connected grid, then straight shortcuts wherever the free space allows.
    Lengths in m, in the site's frame. Without ``start`` the path is one pose.

    Raises:
        NoSpaceError: the robot fits nowhere in the region, or there is no way to it.
    """
    centre = free_space.buffer(-radius)
    goals = region.intersection(centre)
    if start is not None:
        here = min(shapely.get_parts(centre), key=Point(start).distance, default=centre)
        goals = goals.intersection(here)
        centre = here
    if goals.is_empty:
        raise NoSpaceError(
            f"a robot of radius {radius:g} m cannot get to any of the {region.area:.1f} m² it "
            "should drive to; check the free space between"
        )
    middle = region.centroid if goals.contains(region.centroid) else goals.representative_point()
    goal = (middle.x, middle.y)
    way = np.array([goal]) if start is None else _shortest(centre, start, goal)
    kinds = np.full(max(0, len(way) - 1), kind_index(PieceKind.TRANSIT), np.int8)
    return coverage_path(way, kinds, 2 * radius, max_speed, 1.0, 0.0)


def _shortest(
    centre: BaseGeometry, start: tuple[float, float], goal: tuple[float, float]
) -> NDArray[np.float64]:
    """Corners of the way, (N, 2), ``start`` and ``goal`` included."""
    shapely.prepare(centre)
    if centre.covers(LineString([start, goal])):
        return np.array([start, goal])
    x0, y0, x1, y1 = centre.bounds
    cell = max(0.1, math.sqrt((x1 - x0) * (y1 - y0) / _CELLS))
    xs, ys = np.arange(x0, x1 + cell, cell), np.arange(y0, y1 + cell, cell)
    grid_x, grid_y = np.meshgrid(xs, ys)
    free = shapely.contains_xy(centre, grid_x, grid_y)
    nodes = np.full(free.shape, -1)
    nodes[free] = np.arange(free.sum())
    places = np.column_stack((grid_x[free], grid_y[free]))
    first, second, cost = [], [], []
    height, width = free.shape
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        a = nodes[: height - dy, max(0, -dx) : width - max(0, dx)]
        b = nodes[dy:, max(0, dx) : width + min(0, dx)]
        both = (a >= 0) & (b >= 0)
        first.append(a[both])
        second.append(b[both])
        cost.append(np.full(both.sum(), cell * math.hypot(dx, dy)))
    graph = coo_array(
        (np.concatenate(cost), (np.concatenate(first), np.concatenate(second))),
        shape=(len(places), len(places)),
    ).tocsr()
    begin, end = (int(np.argmin(((places - p) ** 2).sum(1))) for p in (start, goal))
    _, before = dijkstra(graph, directed=False, indices=begin, return_predecessors=True)
    chain = [end]
    while chain[-1] != begin:
        if before[chain[-1]] < 0:
            raise NoSpaceError("there is no way to the place wide enough for the robot")
        chain.append(int(before[chain[-1]]))
    way = [start, *(tuple(places[node]) for node in reversed(chain)), goal]
    return np.array(_shortcut(centre, way))


def _shortcut(centre: BaseGeometry, way: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The way without the corners that a straight line can leave out (farthest first)."""
    kept = [way[0]]
    at = 0
    while at < len(way) - 1:
        low, high = at + 1, len(way) - 1
        while low < high:  # the farthest corner that is seen from here, by bisection
            look = (low + high + 1) // 2
            if centre.covers(LineString([way[at], way[look]])):
                low = look
            else:
                high = look - 1
        kept.append(way[low])
        at = low
    return kept
