"""The map of a world and its keep-out mask, as files of Nav2's map_server.

The map has what stands in the world, so that a scan matches it. The mask has the keepouts and what
lies outside the boundary, where Nav2's KeepoutFilter forbids driving.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from nl_planner.site.gazebo.standing import solids
from nl_planner.site.model import Site
from nl_planner.site.occupancy import UNKNOWN, OccupancyMap

RESOLUTION = 0.05  # m per cell, where the site has no map of its own
MARGIN = 1.0  # m around the site, likewise
FREE, OCCUPIED = 0, 100
SHADES = {FREE: 254, OCCUPIED: 0, UNKNOWN: 205}  # as map_saver paints them


def world_map(
    site: Site, grid: OccupancyMap | None, extent: tuple[float, float, float, float]
) -> OccupancyMap:
    """The site's map with the closed landmarks drawn in, or a new one of ``extent`` (m)."""
    if grid is None:
        west, south, east, north = extent
        rows = math.ceil((north - south + 2 * MARGIN) / RESOLUTION)
        columns = math.ceil((east - west + 2 * MARGIN) / RESOLUTION)
        free = np.full((rows, columns), FREE, dtype=np.int8)
        grid = OccupancyMap(free, RESOLUTION, (west - MARGIN, south - MARGIN, 0.0))
    cells = np.where(grid.cells >= OCCUPIED * 0.65, OCCUPIED, grid.cells).astype(np.int8)
    cells[(cells != OCCUPIED) & (cells != UNKNOWN)] = FREE
    for solid in solids(site):
        _draw(cells, grid, solid.polygon, OCCUPIED)
    return OccupancyMap(cells, grid.resolution, grid.origin)


def keepout_mask(site: Site, grid: OccupancyMap) -> OccupancyMap:
    """The cells of ``grid`` that are never driven on."""
    cells = np.full(grid.cells.shape, FREE, dtype=np.int8)
    if site.boundary is not None:
        cells[:] = OCCUPIED
        _draw(cells, grid, site.boundary, FREE)
    for keepout in site.keepouts.values():
        _draw(cells, grid, keepout.polygon, OCCUPIED)
    return OccupancyMap(cells, grid.resolution, grid.origin)


def _draw(cells: NDArray[np.int8], grid: OccupancyMap, shape: BaseGeometry, value: int) -> None:
    """Set the cells whose centre lies in the shape (m, map frame)."""
    x, y, yaw = grid.origin
    turn = np.array([[math.cos(yaw), -math.sin(yaw)], [math.sin(yaw), math.cos(yaw)]])
    on_grid = shapely.transform(shape, lambda points: (points - (x, y)) @ turn / grid.resolution)
    west, south, east, north = on_grid.bounds
    rows = slice(max(0, math.floor(south)), max(0, math.ceil(north)))
    columns = slice(max(0, math.floor(west)), max(0, math.ceil(east)))
    window = cells[rows, columns]
    if not window.size:
        return
    row, column = np.indices(window.shape)
    shapely.prepare(on_grid)
    inside = shapely.contains_xy(on_grid, column + columns.start + 0.5, row + rows.start + 0.5)
    window[inside] = value


def write_map(grid: OccupancyMap, folder: Path, name: str) -> list[Path]:
    """Write ``name.pgm`` and ``name.yaml``; returns both paths."""
    import yaml
    from PIL import Image

    shades: NDArray[Any] = np.full(grid.cells.shape, SHADES[UNKNOWN], dtype=np.uint8)
    for value, shade in SHADES.items():
        shades[grid.cells == value] = shade
    image, description = folder / f"{name}.pgm", folder / f"{name}.yaml"
    Image.fromarray(shades[::-1]).save(image)
    keys = {
        "image": image.name,
        "mode": "trinary",
        "resolution": grid.resolution,
        "origin": list(grid.origin),
        "negate": 0,
        "occupied_thresh": 0.65,
        "free_thresh": 0.25,
    }
    description.write_text(yaml.safe_dump(keys, sort_keys=False), encoding="utf-8")
    return [image, description]
