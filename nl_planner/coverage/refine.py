"""A rough path is made complete, then short: what it misses is fetched, what it wastes is cut.

Both steps are greedy by the ratio of area to length, the rule for covering problems with costs
(Chvatal, "A greedy heuristic for the set-covering problem", 1979). All counting is done on a
CoverageGrid; nothing depends on time or chance.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.signal import fftconvolve
from scipy.spatial import cKDTree
from shapely.geometry import Polygon

from nl_planner.coverage.grid import CoverageGrid, Floats, Ints, near_segment, ragged

RUNS = (1, 2, 3, 4, 5, 6, 8, 10, 13, 16)
"""Numbers of inner points a shortcut may skip."""


class Refinement:
    """An open path ``xy`` (N, 2) whose segments have ``kind`` (N - 1,), under improvement."""

    def __init__(
        self, xy: Floats, kind: NDArray[np.int8], grid: CoverageGrid, centre: Polygon
    ) -> None:
        self.grid = grid
        self.centre = centre.buffer(2e-4, join_style="mitre")
        shapely.prepare(self.centre)
        self.may = grid.inside(centre)
        self._set(xy, kind)

    def _set(self, xy: Floats, kind: NDArray[np.int8]) -> None:
        """Takes over a path: points at most half a tool width apart, and counts its cells."""
        length = np.hypot(*np.diff(xy, axis=0).T)
        pieces = np.maximum(1, np.ceil(length / self.grid.reach - 1e-6).astype(np.int64))
        owner, k = ragged(np.zeros(len(pieces), np.int64), pieces)
        t = (k / pieces[owner])[:, None]
        self.xy = np.vstack((xy[owner] * (1 - t) + xy[owner + 1] * t, xy[-1:]))
        self.kind = kind[owner]
        self.pointer, self.cells = self.grid.swept(self.xy[:-1], self.xy[1:])
        self.grid.count[:] = 0
        self.grid.change(self.cells, 1)

    def length(self) -> float:
        """Metres."""
        return float(np.hypot(*np.diff(self.xy, axis=0).T).sum())

    def cut(self, budget: float, most: float) -> float:
        """Takes shortcuts, the best first: at most ``budget`` m² are given up, and at most
        ``most`` m² for each metre saved. Returns the m² given up.
        """
        grid, xy = self.grid, self.xy
        arc = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))))
        start, stop = [], []
        for run in RUNS:
            i = np.arange(len(xy) - run - 1)
            j = i + run + 1
            gain = arc[j] - arc[i] - np.hypot(*(xy[j] - xy[i]).T)
            keep = gain > 0.1 * grid.reach
            start.append(i[keep])
            stop.append(j[keep])
        i, j = np.concatenate(start), np.concatenate(stop)
        gain = arc[j] - arc[i] - np.hypot(*(xy[j] - xy[i]).T)
        loss = self._loss(i, j)
        keep = loss <= most * gain
        i, j, gain, loss = i[keep], j[keep], gain[keep], loss[keep]
        clear = shapely.covers(self.centre, shapely.linestrings(np.stack((xy[i], xy[j]), axis=1)))
        i, j, gain, loss = i[clear], j[clear], gain[clear], loss[clear]
        order = np.lexsort((i, -gain, loss / gain))
        skipped = np.zeros(len(xy), bool)
        touched = np.zeros(len(xy) - 1, bool)
        spent = 0.0
        for k in order:
            a, b = int(i[k]), int(j[k])
            if touched[a:b].any():
                continue
            lost = float(self._loss(i[k : k + 1], j[k : k + 1])[0])
            if (
                lost > most * gain[k]
                or lost > 1.2 * loss[k] + grid.cell**2
                or spent + lost > budget
            ):
                continue
            spent += lost
            touched[a:b] = True
            skipped[a + 1 : b] = True
            grid.change(self.cells[self.pointer[a] : self.pointer[b]], -1)
            grid.change(self._swept_by(xy[a], xy[b]), 1)
        keep_point = ~skipped
        self._set(xy[keep_point], self.kind[keep_point[:-1]])
        return spent

    def _swept_by(self, a: Floats, b: Floats) -> Ints:
        n = max(1, int(np.ceil(np.hypot(*(b - a)) / self.grid.reach - 1e-6)))
        points = a + (b - a) * np.linspace(0, 1, n + 1)[:, None]
        return self.grid.swept(points[:-1], points[1:])[1]

    def _loss(self, i: Ints, j: Ints) -> Floats:
        """(N,) m² that only points i..j sweep and that the straight line i -> j does not."""
        grid = self.grid
        lost = np.zeros(len(i))
        for k in range(0, len(i), 2000):
            a, b = i[k : k + 2000], j[k : k + 2000]
            run, at = ragged(self.pointer[a], self.pointer[b] - self.pointer[a])
            key, times = np.unique(run * len(grid.count) + self.cells[at], return_counts=True)
            run, cell = np.divmod(key, len(grid.count))
            only = times == grid.count[cell]
            run, cell = run[only], cell[only]
            kept = near_segment(grid.centres(cell), self.xy[a[run]], self.xy[b[run]], grid.reach)
            lost[k : k + 2000] = np.bincount(run[~kept], minlength=len(a)) * grid.cell**2
        return lost

    def fetch(self, goal: float, least: float) -> bool:
        """Leads the path by what it misses, one detour at a place, until ``goal`` (share) is
        covered; a detour must win ``least`` m² a metre. Returns whether anything changed.
        """
        grid = self.grid
        missing = grid.uncovered()
        excess = len(missing) - (1 - goal) * int(grid.target.sum())
        if excess <= 0:
            return False
        point, won = self._places(missing)
        host, cost = self._hosts(point)
        ok = (cost < np.inf) & (won >= least * cost)
        point, won, host, cost = point[ok], won[ok], host[ok], cost[ok]
        order = np.lexsort((point[:, 1], point[:, 0], -won / (cost + 0.05 * grid.reach)))
        taken: list[int] = []
        free = np.ones(len(self.xy) - 1, bool)
        open_places = np.ones(len(point), bool)
        for k in order:
            if not (open_places[k] and free[host[k]]):
                continue
            taken.append(int(k))
            free[host[k]] = False
            open_places &= np.hypot(*(point - point[k]).T) > 2 * grid.reach
            excess -= won[k] / grid.cell**2
            if excess <= 0:
                break
        if not taken:
            return False
        at = np.array(taken)
        at = at[np.argsort(host[at])]
        self._set(
            np.insert(self.xy, host[at] + 1, point[at], axis=0),
            np.insert(self.kind, host[at] + 1, self.kind[host[at]]),
        )
        return True

    def _places(self, missing: Ints) -> tuple[Floats, Floats]:
        """Where the tool could go to clean missing cells: positions and the m² won there."""
        grid = self.grid
        image = np.zeros(grid.rows * grid.columns)
        image[missing] = 1
        image = image.reshape(grid.rows, grid.columns)
        n = int(grid.reach / grid.cell)
        y, x = np.mgrid[-n : n + 1, -n : n + 1]
        disc = (x * x + y * y) * grid.cell**2 <= grid.reach**2
        won = np.rint(fftconvolve(image, disc, mode="same")).ravel()
        cells = np.flatnonzero((won > 0) & self.may)
        return grid.centres(cells), won[cells] * grid.cell**2

    def _hosts(self, point: Floats) -> tuple[Ints, Floats]:
        """The segment into which each point is put, and the metres that adds (inf: none)."""
        near = cKDTree(self.xy).query(point, k=min(4, len(self.xy)))[1]
        segment = np.concatenate((near, near - 1), axis=1)
        segment = np.clip(segment, 0, len(self.xy) - 2)
        a, b = self.xy[segment], self.xy[segment + 1]
        p = point[:, None]
        cost = (
            np.hypot(*np.moveaxis(p - a, -1, 0))
            + np.hypot(*np.moveaxis(p - b, -1, 0))
            - np.hypot(*np.moveaxis(b - a, -1, 0))
        )
        rows = np.arange(len(point))
        best = np.argmin(cost, axis=1)
        host, cost = segment[rows, best], cost[rows, best]
        lines = np.stack((self.xy[host], point, self.xy[host + 1]), axis=1)
        clear = shapely.covers(self.centre, shapely.linestrings(lines))
        return host, np.where(clear, cost, np.inf)
