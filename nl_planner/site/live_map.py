"""A site as the robot's map shows it now: what is new in the way, and what is no longer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from nl_planner.site.free_space import polygons
from nl_planner.site.model import Site
from nl_planner.site.occupancy import UNKNOWN, OccupancyMap

OCCUPIED = 65
"""A cell of this value or more has something in it, as in Nav2."""
EDGE = 1.5
"""Cells next to an outline are not held against it: the map is no finer."""


def with_map(site: Site, grid: OccupancyMap) -> Site:
    """The site where it and this map (in the site's frame) do not agree: the map is right.

    Outlines on which both agree stay as the site has them. A cell that the map calls occupied,
    more than `EDGE` cells inside the site's ground, is taken from it; where the site has an
    occupancy map, free cells as far outside are added. Unknown cells change nothing. Gives the same
    site where nothing is different.
    """
    ground = site.mapped if site.mapped is not None else site.boundary
    if ground is None:
        return replace(site, mapped=grid.free_space)
    edge = EDGE * grid.resolution
    blocked = _cells(grid, grid.cells >= OCCUPIED, within=site.free_space.buffer(-edge))
    opened = MultiPolygon()
    if site.mapped is not None:
        free = (grid.cells != UNKNOWN) & (grid.cells < grid.free_below)
        outside = shapely.box(*_bounds(grid)).difference(site.mapped.buffer(edge))
        opened = _cells(grid, free, within=outside)
    if blocked.is_empty and opened.is_empty:
        return site
    return replace(site, mapped=polygons(ground.union(opened).difference(blocked)))


def _cells(grid: OccupancyMap, chosen: NDArray[np.bool_], within: BaseGeometry) -> MultiPolygon:
    """The chosen cells whose middle is within an area."""
    rows, columns = np.nonzero(chosen)
    x, y = grid.middle(rows, columns)
    shapely.prepare(within)
    inside = shapely.contains_xy(within, x, y)
    cells = np.full(grid.cells.shape, 100, np.int8)
    cells[rows[inside], columns[inside]] = 0
    return replace(grid, cells=cells).free_space if inside.any() else MultiPolygon()


def _bounds(grid: OccupancyMap) -> tuple[float, float, float, float]:
    rows, columns = grid.cells.shape
    x, y = grid.middle(np.array([-1, -1, rows, rows]), np.array([-1, columns, -1, columns]))
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())
