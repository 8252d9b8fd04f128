"""Openings in walls: where a wall stops and goes on, or stops close to another.

Walls are looked for along the two main directions of the building. Lengths are in cells unless a
name says metres.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

WALL_WIDTH = 0.45  # m: a wall is thinner; a cupboard or a bed is not a wall
SHORTEST_STUB = 0.5  # m: a piece of wall that is shorter says nothing
OPEN_BETWEEN = 0.75  # a gap between two stubs is at most this share of gap and stubs
OPEN_TO_WALL = 0.5  # ... between a stub and whatever it points at
LONGEST_GAP = 8.0  # m

Mask = NDArray[np.bool_]


def wall_gaps(floor: Mask, resolution: float) -> Mask:
    """Cells that close the openings of walls, as straight lines.

    Args:
        floor: the cells without walls.
        resolution: side of a cell (m).
    """
    turn = main_direction(floor)
    if abs(turn) < math.radians(1.5):
        cuts = _gaps(floor, resolution)
        return _painted(cuts, floor.shape, wide=False) & floor
    # In the grid turned by -turn the walls run along rows and columns.
    rows, columns = floor.shape
    side = math.ceil(math.hypot(rows, columns)) + 2
    matrix = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    middle = np.array([rows - 1, columns - 1]) / 2
    shift = middle - matrix @ np.full(2, (side - 1) / 2)
    walls = ndimage.affine_transform(
        (~floor).astype(np.float32), matrix, shift, (side, side), order=1, cval=1.0
    )
    cuts = [
        tuple(np.rint(matrix @ np.array(end) + shift).astype(int).tolist() for end in cut)
        for cut in _gaps(walls < 0.4, resolution)
    ]
    return _painted(cuts, floor.shape, wide=True) & floor


def main_direction(floor: Mask) -> float:
    """How far the walls are turned from the rows, -π/4 to π/4 (rad, from columns to rows)."""
    soft = ndimage.gaussian_filter(floor.astype(np.float32), 2.0)
    down, right = np.gradient(soft)
    strength = np.hypot(down, right)
    four = 4 * np.arctan2(down, right)
    return (
        math.atan2(
            float((strength**2 * np.sin(four)).sum()), float((strength**2 * np.cos(four)).sum())
        )
        / 4
    )


def _gaps(floor: Mask, resolution: float) -> list[tuple[list[int], list[int]]]:
    """Both ends ([row, column]) of each cut, along rows and columns.

    Twice: a wall may point at the opening of another.
    """
    found: list[tuple[list[int], list[int]]] = []
    for _ in range(2):
        across = [([row, a], [row, b]) for row, a, b in _along_rows(floor, resolution)]
        down = [([a, column], [b, column]) for column, a, b in _along_rows(floor.T, resolution)]
        found += across + down
        floor = floor & ~_painted(across + down, floor.shape, wide=False)
    return found


def _along_rows(floor: Mask, resolution: float) -> list[tuple[int, int, int]]:
    """Row, first and last column of each cut along a row."""
    stub = _thin(floor, WALL_WIDTH / resolution)
    stub |= np.roll(stub, 1, axis=0) | np.roll(stub, -1, axis=0)
    row, start, end = _runs(stub)
    long = end - start >= SHORTEST_STUB / resolution
    row, start, end = row[long], start[long], end[long]
    length = np.zeros(floor.shape, dtype=np.int32)  # of the stub that a cell belongs to
    for r, a, b in zip(row.tolist(), start.tolist(), end.tolist(), strict=True):
        length[r, a:b] = b - a
    row, start, end = _runs(floor & (length == 0))
    inner = (start > 0) & (end < floor.shape[1])
    row, start, end = row[inner], start[inner], end[inner]
    gap, left, right = end - start, length[row, start - 1], length[row, end]
    share = gap / (gap + left + right)
    good = np.where((left > 0) & (right > 0), share <= OPEN_BETWEEN, share <= OPEN_TO_WALL)
    good &= (left + right > 0) & (gap <= LONGEST_GAP / resolution)
    return _one_of_each(row[good], start[good], end[good], floor.shape)


def _one_of_each(
    row: NDArray[np.int64], start: NDArray[np.int64], end: NDArray[np.int64], shape: tuple[int, ...]
) -> list[tuple[int, int, int]]:
    """Of the cuts that lie side by side, the shortest one nearest to the middle."""
    painted = np.zeros(shape, dtype=bool)
    for r, a, b in zip(row.tolist(), start.tolist(), end.tolist(), strict=True):
        painted[r, a:b] = True
    bands, _ = ndimage.label(painted)
    band = bands[row, start]
    chosen = []
    for number in np.unique(band):
        mine = np.flatnonzero(band == number)
        lengths = (end - start)[mine]
        near = np.abs(row[mine] - row[mine].mean())
        at = mine[np.lexsort((row[mine], near, lengths))[0]]
        chosen.append((int(row[at]), int(start[at]), int(end[at]) - 1))
    return chosen


def _thin(floor: Mask, width: float) -> Mask:
    """The walls that have floor above and below and are at most ``width`` thick."""
    column, start, end = _runs(~floor.T)
    thin = (start > 0) & (end < floor.shape[0]) & (end - start <= width)
    step = np.zeros((floor.shape[1], floor.shape[0] + 1), dtype=np.int8)
    step[column[thin], start[thin]] += 1
    step[column[thin], end[thin]] -= 1
    walls: Mask = np.cumsum(step, axis=1, dtype=np.int8)[:, :-1].T > 0
    return walls


def _runs(mask: Mask) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Row, start and end of every stretch of true cells along the rows."""
    edge = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, start = np.nonzero(edge == 1)
    _, end = np.nonzero(edge == -1)
    return row, start, end


def _painted(
    cuts: list[tuple[list[int], list[int]]], shape: tuple[int, ...], *, wide: bool
) -> Mask:
    """The cells under the cuts; ``wide`` ones also hold diagonally."""
    cells = np.zeros(shape, dtype=bool)
    for (row, column), (row_2, column_2) in cuts:
        steps = max(abs(row_2 - row), abs(column_2 - column)) + 1
        at = np.rint(np.linspace((row, column), (row_2, column_2), steps)).astype(int)
        inside = ((at >= 0) & (at < shape)).all(axis=1)
        cells[tuple(at[inside].T)] = True
    return ndimage.binary_dilation(cells) if wide else cells
