"""Walls of an occupancy map: its occupied cells as few rectangles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from nl_planner.site.occupancy import OccupancyMap

OCCUPIED = 65  # of 100, map_server's own default; an unknown cell is no wall


@dataclass(frozen=True)
class Rectangle:
    """A rectangle by its centre, its sides along its own axes (m) and its yaw (rad)."""

    x: float
    y: float
    length: float
    width: float
    yaw: float


def wall_rectangles(grid: OccupancyMap, bodies: list[Polygon]) -> list[Rectangle]:
    """The occupied cells, but those whose centre lies in a body that stands there anyway.

    ``bodies`` are footprints in the map's frame.
    """
    walls = grid.cells >= OCCUPIED
    rows, columns = np.nonzero(walls)
    if bodies and len(rows):
        centres = _placed(grid, np.stack([columns + 0.5, rows + 0.5], axis=1))
        taken = np.zeros(len(rows), dtype=bool)
        for body in bodies:
            taken |= shapely.contains_xy(body, centres)
        walls[rows[taken], columns[taken]] = False
    boxes = cell_rectangles(walls)
    if not len(boxes):
        return []
    first, last = boxes[:, :2][:, ::-1], boxes[:, 2:][:, ::-1]  # (column, row)
    middles = _placed(grid, (first + last) / 2)
    sides = (last - first) * grid.resolution
    return [
        Rectangle(x, y, length, width, grid.origin[2])
        for (x, y), (length, width) in zip(middles.tolist(), sides.tolist(), strict=True)
    ]


def cell_rectangles(cells: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Rectangles (n, 4) of row and column, first and one past the last, that tile the true cells.

    The longest run of each row, or of each column where that is longer, is widened as far as all
    its cells are true: walls come out whole along their length, whichever way they run.
    """
    left = cells.copy()
    found: list[tuple[int, int, int, int]] = []
    across, down = _run_lengths(left), _run_lengths(left.T).T
    order = np.argwhere(left)
    # Longest runs first, so that a wall is taken along it; the sort is stable: south-west first.
    longest = np.maximum(across, down)[tuple(order.T)]
    for row, column in order[np.argsort(-longest, kind="stable")].tolist():
        if not left[row, column]:
            continue
        box = _grown(left, row, column, along_row=across[row, column] >= down[row, column])
        left[box[0] : box[2], box[1] : box[3]] = False
        found.append(box)
    return np.array(found, dtype=np.int64).reshape(-1, 4)


def _grown(
    cells: NDArray[np.bool_], row: int, column: int, *, along_row: bool
) -> tuple[int, int, int, int]:
    """The rectangle around a cell: its run first, then as wide as the run stays true."""
    if not along_row:
        first, start, last, end = _grown(cells.T, column, row, along_row=True)
        return start, first, end, last
    start = end = column
    while start > 0 and cells[row, start - 1]:
        start -= 1
    while end < cells.shape[1] and cells[row, end]:
        end += 1
    first, last = row, row + 1
    while first > 0 and cells[first - 1, start:end].all():
        first -= 1
    while last < cells.shape[0] and cells[last, start:end].all():
        last += 1
    return first, start, last, end


def _run_lengths(cells: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For each true cell the length of the run of true cells that it is in, along its row."""
    padded = np.zeros((cells.shape[0], cells.shape[1] + 1), dtype=bool)
    padded[:, :-1] = cells
    flat = padded.ravel()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flat, [False]])))
    lengths = np.zeros(flat.shape, dtype=np.int64)
    for start, end in edges.reshape(-1, 2).tolist():
        lengths[start:end] = end - start
    return lengths.reshape(padded.shape)[:, :-1]


def _placed(grid: OccupancyMap, cells: NDArray[Any]) -> NDArray[np.float64]:
    """Points (n, 2) of (column, row) in the map's frame (m)."""
    x, y, yaw = grid.origin
    turn = np.array([[math.cos(yaw), math.sin(yaw)], [-math.sin(yaw), math.cos(yaw)]])
    placed: NDArray[np.float64] = grid.resolution * cells @ turn + (x, y)
    return placed
