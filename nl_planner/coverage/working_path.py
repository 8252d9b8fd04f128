"""A path while it is worked on: what every stretch of it cleans alone, and what a change costs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nl_planner.coverage.grid import CoverageGrid, Floats, Ints, ragged
from nl_planner.coverage.transit import Transit

SHARP = np.radians(20)
"""A bend sharper than this is a corner, and turned on the spot."""


class WorkingPath:
    """An open path where ``transit`` leads, and the cells it sweeps.

    ``xy``: (N, 2) its points. ``kind``: (N - 1,) what each segment is. ``bend``: what a radian of
    turning costs, in metres. ``changed``: (cells,) where it was changed since this was last asked.
    """

    def __init__(
        self,
        xy: Floats,
        kind: NDArray[np.int8],
        grid: CoverageGrid,
        transit: Transit,
        bend: float,
        again: bool = False,
    ) -> None:
        self.grid = grid
        self.bend = bend
        self.transit = transit
        self.changed = np.ones(len(grid.count), bool)
        xy, kind = straightened(xy, kind)
        self.pointer, self.cells = np.zeros(1, np.int64), np.zeros(0, np.int64)
        self.replace(xy, kind, np.full(len(kind), -1))
        self.changed[:] = not again

    def replace(self, xy: Floats, kind: NDArray[np.int8], source: Ints) -> None:
        """Takes over a path whose segment k is segment ``source[k]`` of the path so far, or new
        where that is -1: long new segments are split, and their cells counted.
        """
        grid = self.grid
        self.xy, owner = grid.split(xy)
        self.kind, source = kind[owner], source[owner]
        new = source < 0
        pointer, cells = grid.swept(self.xy[:-1][new], self.xy[1:][new])
        size = np.zeros(len(source), np.int64)
        size[new] = np.diff(pointer)
        size[~new] = np.diff(self.pointer)[source[~new]]
        first = np.zeros(len(source), np.int64)
        first[new] = pointer[:-1] + len(self.cells)
        first[~new] = self.pointer[source[~new]]
        both = np.concatenate((self.cells, cells))
        self.changed[cells] = True
        self.cells = both[ragged(first, size)[1]]
        self.pointer = np.concatenate(([0], np.cumsum(size)))
        grid.count = np.bincount(self.cells, minlength=len(grid.count))
        # Each swept cell once, in the order in which segments first reach it, with the last that
        # does: only segments i..j - 1 sweep it if the first is not before i and the last before j.
        segment = np.repeat(np.arange(len(self.xy) - 1), np.diff(self.pointer))
        first = np.full(len(self.grid.count), -1)
        last = np.full(len(self.grid.count), -1)
        first[self.cells[::-1]] = segment[::-1]
        last[self.cells] = segment
        fresh = first[self.cells] == segment
        self.first_cells = self.cells[fresh]
        self.last = last[self.first_cells]
        self.fresh = np.concatenate(([0], np.cumsum(fresh)))[self.pointer]
        step = np.diff(self.xy, axis=0)
        self.arc = np.concatenate(([0.0], np.cumsum(np.hypot(*step.T))))
        turn = np.zeros(len(self.xy))
        turn[1:-1] = angle(step[:-1], step[1:])
        self.turned = np.cumsum(turn)

    def length(self) -> float:
        """Metres."""
        return float(self.arc[-1])

    def price(self, i: Ints, via: Floats | None, j: Ints) -> Floats:
        """(N,) metres, bends included, that path i -> via -> j costs more than i..j as it is."""
        xy, last = self.xy, len(self.xy) - 1
        into, out = xy[i] - xy[np.maximum(i - 1, 0)], xy[np.minimum(j + 1, last)] - xy[j]
        legs = [xy[j] - xy[i]] if via is None else [via - xy[i], xy[j] - via]
        length = sum(np.hypot(*leg.T) for leg in legs)
        turn = angle(into, legs[0]) + angle(legs[-1], out)
        if via is not None:
            turn = turn + angle(*legs)
        before = self.turned[j] - self.turned[np.maximum(i - 1, 0)]
        price: Floats = length - (self.arc[j] - self.arc[i]) + self.bend * (turn - before)
        return price

    def trim(self, head: bool) -> None:
        """Drops the end of the path, and then its ``head`` too, as far as that cleans nothing."""
        cleans = np.flatnonzero(np.diff(self.fresh))
        stop = int(cleans[-1]) + 1 if len(cleans) else 1
        self._keep(0, stop)
        if head and len(self.last):
            self._keep(int(self.last.min()), stop)

    def _keep(self, start: int, stop: int) -> None:
        self.replace(self.xy[start : stop + 1], self.kind[start:stop], np.arange(start, stop))

    def exclusive(self, i: Ints, j: Ints) -> tuple[Ints, Ints]:
        """(run, cell) for every cell that only points i[run]..j[run] sweep."""
        run, at = ragged(self.fresh[i], self.fresh[j] - self.fresh[i])
        only = self.last[at] < j[run]
        return run[only], self.first_cells[at[only]]


def angle(u: Floats, v: Floats) -> Floats:
    """(N,) angles 0..pi between vectors (N, 2); 0 where one of them has no length."""
    cross = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    angles: Floats = np.abs(np.arctan2(cross, (u * v).sum(axis=1)))
    return angles


def straightened(xy: Floats, kind: NDArray[np.int8]) -> tuple[Floats, NDArray[np.int8]]:
    """The path without points that lie on the straight line between their neighbours."""
    step = np.diff(xy, axis=0)
    moved = np.concatenate(([True], np.hypot(*step.T) > 1e-6))
    if moved.sum() < 2:
        return xy[:2], kind[:1]
    xy, kind = xy[moved], kind[moved[1:]]
    step = np.diff(xy, axis=0)
    keep = np.ones(len(xy), bool)
    keep[1:-1] = (angle(step[:-1], step[1:]) > 1e-6) | (kind[1:] != kind[:-1])
    return xy[keep], kind[keep[:-1]]
