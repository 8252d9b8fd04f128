"""The ground that the simulated robot drives on: what stops it, the way round, and its map."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Point, Polygon

from nl_planner.coverage.space import polygons
from nl_planner.coverage.transit import Transit
from nl_planner.errors import NoSpaceError
from nl_planner.site import Site
from nl_planner.site.occupancy import OccupancyMap, read_map

GIVE = 0.06
"""m by which the body may come nearer to a wall than its radius: paths run right along walls."""
CELL = 0.1  # m, of a map made here
NEAR = 0.5
"""m from where the robot's centre may be, within which the robot still finds its way back there."""


class Obstacle(NamedTuple):
    """A round thing in the way that is in no map; m."""

    x: float
    y: float
    radius: float


class Ground:
    """Free space, and obstacles that come and go."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._radius = site.robot.radius
        self._room = site.free_space.buffer(-max(self._radius - GIVE, 0.0))
        shapely.prepare(self._room)
        shapely.prepare(site.free_space)
        self._parts = polygons(site.drivable)
        self._transits: dict[Polygon, Transit] = {}
        self._obstacles: tuple[Obstacle, ...] = ()

    @property
    def obstacles(self) -> tuple[Obstacle, ...]:
        """What is in the way now."""
        return self._obstacles

    @obstacles.setter
    def obstacles(self, obstacles: Iterable[Obstacle]) -> None:
        self._obstacles = tuple(obstacles)
        around = [Point(o.x, o.y).buffer(o.radius + self._radius) for o in self._obstacles]
        left = shapely.difference(self._site.drivable, shapely.union_all(around))
        self._parts = polygons(left)
        self._transits.clear()

    def fits(self, x: float, y: float) -> bool:
        """Whether the body can stand there."""
        near = self._radius - GIVE
        clear = all(math.hypot(o.x - x, o.y - y) >= o.radius + near for o in self._obstacles)
        return clear and bool(shapely.contains_xy(self._room, x, y))

    def sees(self, x: float, y: float, other_x: float, other_y: float) -> bool:
        """Whether nothing stands between two places."""
        line = shapely.linestrings([[x, y], [other_x, other_y]])
        return bool(shapely.covers(self._site.free_space, line))

    def way(self, start: tuple[float, float], goal: tuple[float, float]) -> NDArray[np.float64]:
        """(N, 2) a short way round what is in the way.

        Raises NoSpaceError when one of the two is not where the robot can be, or no way joins them.
        """
        ends = [Point(start), Point(goal)]
        part = min(self._parts, key=lambda p: p.distance(ends[0]), default=None)
        if part is None or part.distance(ends[0]) > NEAR:
            raise NoSpaceError(f"the robot at {_said(start)} is not where it can drive")
        if part.distance(ends[1]) > GIVE:
            raise NoSpaceError(f"no way from {_said(start)} to {_said(goal)}")
        transit = self._transits.setdefault(part, Transit(part))
        inside = [shapely.get_coordinates(shapely.shortest_line(part, end))[0] for end in ends]
        return np.vstack([start, transit.way(*inside)])

    def map(self) -> OccupancyMap:
        """The map that a robot has of the site; obstacles are not in it."""
        if self._site.occupancy is not None:
            return read_map(self._site.occupancy)
        ground = self._site.boundary or self._site.free_space
        x0, y0, x1, y1 = ground.buffer(5 * CELL).bounds
        columns, rows = math.ceil((x1 - x0) / CELL), math.ceil((y1 - y0) / CELL)
        x, y = np.meshgrid(
            x0 + (np.arange(columns) + 0.5) * CELL, y0 + (np.arange(rows) + 0.5) * CELL
        )
        free = shapely.contains_xy(self._site.free_space, x, y)
        cells = np.where(free, 0, 100).astype(np.int8)
        return OccupancyMap(cells, CELL, (x0, y0, 0.0))


def _said(at: tuple[float, float]) -> str:
    return f"({at[0]:.2f}, {at[1]:.2f})"
