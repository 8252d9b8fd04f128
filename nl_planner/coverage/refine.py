"""A rough path is made complete, then short: what it misses is fetched, what it wastes is cut.

Both steps are greedy by the ratio of area to length, the rule for covering problems with costs
(Chvatal, "A greedy heuristic for the set-covering problem", 1979). A bend costs length too, as a
turning robot loses time. All counting is done on a CoverageGrid; nothing depends on time or chance.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.signal import fftconvolve
from scipy.spatial import cKDTree
from shapely.geometry import Polygon

from nl_planner.coverage.grid import CoverageGrid, Floats, Ints, near_segment, ragged

RUNS = (1, 2, 3, 4, 6, 9, 13)
"""Numbers of inner points a shortcut may skip."""
SHARP = np.radians(20)
"""A bend sharper than this is a corner."""
ARC = 9
"""Points of an arc that replaces a corner; it has no bend sharper than SHARP."""


class Refinement:
    """An open path ``xy`` (N, 2) whose segments have ``kind`` (N - 1,), under improvement.

    ``bend``: what a radian of turning costs, in metres.
    """

    def __init__(
        self,
        xy: Floats,
        kind: NDArray[np.int8],
        grid: CoverageGrid,
        centre: Polygon,
        bend: float,
        again: bool = False,
    ) -> None:
        self.grid = grid
        self.bend = bend
        self.centre = centre.buffer(2e-4, join_style="mitre")
        shapely.prepare(self.centre)
        self.may = grid.inside(centre)
        self.changed = np.ones(len(grid.count), bool)
        xy, kind = straightened(xy, kind)
        self.pointer, self.cells = np.zeros(1, np.int64), np.zeros(0, np.int64)
        self._set(xy, kind, np.full(len(kind), -1))
        self.changed[:] = not again

    def _set(self, xy: Floats, kind: NDArray[np.int8], source: Ints) -> None:
        """Takes over a path whose segment k is segment ``source[k]`` of the path so far, or new
        where that is -1: long new segments are split, and their cells counted."""
        grid = self.grid
        length = np.hypot(*np.diff(xy, axis=0).T)
        pieces = np.maximum(1, np.ceil(length / grid.longest - 1e-6).astype(np.int64))
        owner, k = ragged(np.zeros(len(pieces), np.int64), pieces)
        t = (k / pieces[owner])[:, None]
        self.xy = np.vstack((xy[owner] * (1 - t) + xy[owner + 1] * t, xy[-1:]))
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

    def _price(self, i: Ints, via: Floats | None, j: Ints) -> Floats:
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

    def cut(self, budget: float, most: float) -> int:
        """Takes shortcuts, the best first: at most ``budget`` m² are given up, and at most
        ``most`` m² for each metre saved. Returns the number of shortcuts."""
        grid, xy = self.grid, self.xy
        n = len(xy)
        i = np.concatenate([np.arange(max(0, n - run - 1)) for run in RUNS])
        j = i + np.repeat(np.array(RUNS) + 1, [max(0, n - run - 1) for run in RUNS])
        active = np.concatenate(([0], np.cumsum(self.changed[self.cells])))[self.pointer]
        keep = active[i] < active[j]
        i, j = i[keep], j[keep]
        gain = -self._price(i, None, j)
        keep = gain > 0.2 * grid.reach
        i, j, gain = i[keep], j[keep], gain[keep]
        loss = self._loss(i, j, most * gain)
        keep = loss <= most * gain
        i, j, gain, loss = i[keep], j[keep], gain[keep], loss[keep]
        best = np.lexsort((j, loss / most - gain, i))  # of each start the one that wins most
        best = best[np.unique(i[best], return_index=True)[1]]
        i, j, gain, loss = i[best], j[best], gain[best], loss[best]
        self.changed[:] = False
        order = np.lexsort((i, -gain, loss / gain))
        skipped = np.zeros(n, bool)
        changed = self.changed
        spent, taken = 0.0, 0
        for k in order:
            a, b = int(i[k]), int(j[k])
            cells = self.cells[self.pointer[a] : self.pointer[b]]
            if skipped[a : b + 1].any() or changed[cells].any() or spent + loss[k] > budget:
                continue
            if not shapely.covers(self.centre, shapely.linestrings(xy[[a, b]])):
                continue
            spent += loss[k]
            taken += 1
            skipped[a + 1 : b] = True
            changed[cells] = True
        if taken:
            keep = ~skipped
            at = np.flatnonzero(keep)
            self._set(xy[at], self.kind[at[:-1]], np.where(np.diff(at) == 1, at[:-1], -1))
        return taken

    def trim(self, head: bool) -> None:
        """Drops the end of the path, and its ``head`` too, as far as that cleans nothing new."""
        own = np.diff(self.fresh) > 0
        stop = int(np.flatnonzero(own)[-1]) + 1 if own.any() else 1
        start = 0
        if head:
            needed = np.flatnonzero(np.bincount(self.last, minlength=len(own)))
            start = min(int(needed[0]), stop - 1) if len(needed) else 0
        self.xy, self.kind = self.xy[start : stop + 1], self.kind[start:stop]

    def round_off(self, budget: float, least: float) -> int:
        """Replaces sharp corners by arcs of at least ``least`` m radius, those first that lose the
        least; at most ``budget`` m² are given up. Returns the number of arcs."""
        grid, xy = self.grid, self.xy
        step = np.diff(xy, axis=0)
        far = np.hypot(*step.T)
        bend = np.zeros(len(xy))
        bend[1:-1] = angle(step[:-1], step[1:])
        k = np.flatnonzero((bend > SHARP) & (bend < 0.95 * np.pi))
        half = np.tan(bend[k] / 2)
        tangent = np.minimum(np.minimum(far[k - 1], far[k]) * 0.999, grid.reach)
        wide = tangent >= least * half
        k, half, tangent = k[wide], half[wide], tangent[wide]
        into, out = step[k - 1] / far[k - 1, None], step[k] / far[k, None]
        radius = tangent / half
        inward = out - into
        inward /= np.hypot(*inward.T)[:, None]
        centre = xy[k] + inward * (radius / np.cos(bend[k] / 2))[:, None]
        angles = bend[k, None] * np.linspace(-0.5, 0.5, ARC)
        c, s = (radius[:, None] * f(angles) for f in (np.cos, np.sin))
        along = np.column_stack((inward[:, 1], -inward[:, 0]))
        along *= np.sign((along * into).sum(axis=1))[:, None]
        arc = centre[:, None] - inward[:, None] * c[..., None] + along[:, None] * s[..., None]
        lines = np.concatenate((xy[k - 1, None], arc, xy[k + 1, None]), axis=1)
        clear = shapely.covers(self.centre, shapely.linestrings(lines))
        k, lines = k[clear], lines[clear]
        loss = self._loss_by(k - 1, k + 1, lines)
        taken: dict[int, Floats] = {}
        self.changed[:] = False
        for n in np.lexsort((k, loss)):
            cells = self.cells[self.pointer[k[n] - 1] : self.pointer[k[n] + 1]]
            if loss[n] > budget or self.changed[cells].any():
                continue
            budget -= loss[n]
            self.changed[cells] = True
            taken[int(k[n])] = lines[n, 1:-1]
        if taken:
            keep = np.ones(len(xy), bool)
            keep[list(taken)] = False
            where = np.concatenate([np.full(len(a), i) for i, a in taken.items()])
            new = np.concatenate(list(taken.values()))
            order = np.argsort(np.concatenate((np.flatnonzero(keep), where)), kind="stable")
            kinds = np.concatenate((np.append(self.kind, 0)[keep], self.kind[where]))[order]
            old = np.concatenate((np.flatnonzero(keep), np.full(len(new), -2)))[order]
            source = np.where(np.diff(old) == 1, old[:-1], -1)
            self._set(np.concatenate((xy[keep], new))[order], kinds[:-1], source)
        return len(taken)

    def _loss_by(self, i: Ints, j: Ints, lines: Floats) -> Floats:
        """(N,) m² that only points i..j sweep and that the polylines (N, M, 2) do not."""
        run, at = ragged(self.fresh[i], self.fresh[j] - self.fresh[i])
        only = self.last[at] < j[run]
        run, cell = run[only], self.first_cells[at[only]]
        centres = self.grid.centres(cell)
        kept = np.zeros(len(run), bool)
        for m in range(lines.shape[1] - 1):
            a, b = lines[run, m], lines[run, m + 1]
            kept |= near_segment(centres, a, b, self.grid.reach)
        return np.bincount(run[~kept], minlength=len(i)) * self.grid.cell**2

    def _loss(self, i: Ints, j: Ints, limit: Floats) -> Floats:
        """(N,) m² that only points i..j sweep and that the straight line i -> j does not.

        Where it is sure to be more than ``limit`` (N,) it is infinite instead.
        """
        grid = self.grid
        chord = np.hypot(*(self.xy[j] - self.xy[i]).T)
        most = (limit + 1.02 * grid.reach * (2 * chord + np.pi * grid.reach)) / grid.cell**2
        lost = np.full(len(i), np.inf)
        for k in range(0, len(i), 4096):
            a, b = i[k : k + 4096], j[k : k + 4096]
            run, at = ragged(self.fresh[a], self.fresh[b] - self.fresh[a])
            only = self.last[at] < b[run]
            run, at = run[only], at[only]
            possible = np.bincount(run, minlength=len(a)) <= most[k : k + 4096]
            ask = possible[run]
            run, cell = run[ask], self.first_cells[at[ask]]
            kept = near_segment(grid.centres(cell), self.xy[a[run]], self.xy[b[run]], grid.reach)
            area = np.bincount(run[~kept], minlength=len(a)) * grid.cell**2
            lost[k : k + 4096] = np.where(possible, area, np.inf)
        return lost

    def fetch(self, goal: float, least: float) -> int:
        """Leads the path by what it misses, one detour at a place, until ``goal`` (share) is
        covered; a detour must win ``least`` m² a metre. Returns the number of detours."""
        grid = self.grid
        missing = grid.uncovered()
        excess = len(missing) - (1 - goal) * int(grid.target.sum())
        if excess <= 0:
            return 0
        point, won = self._places(missing)
        host, cost = self._hosts(point)
        ok = (cost < np.inf) & (won >= least * cost)
        point, won, host, cost = point[ok], won[ok], host[ok], cost[ok]
        order = np.lexsort((point[:, 1], point[:, 0], -won / np.maximum(cost, 0.1 * grid.reach)))
        taken: list[int] = []
        free = np.ones(len(self.xy) + 1, bool)
        open_places = np.ones(len(point), bool)
        for k in order:
            h = host[k]
            if not (open_places[k] and free[h : h + 3].all()):
                continue
            taken.append(int(k))
            free[h + 1] = False
            open_places &= np.hypot(*(point - point[k]).T) > 2 * grid.reach
            excess -= won[k] / grid.cell**2
            if excess <= 0:
                break
        if taken:
            at = np.array(taken)
            at = at[np.argsort(host[at])]
            source = np.arange(len(self.kind))
            source[host[at]] = -1
            self._set(
                np.insert(self.xy, host[at] + 1, point[at], axis=0),
                np.insert(self.kind, host[at] + 1, self.kind[host[at]]),
                np.insert(source, host[at] + 1, -1),
            )
        return len(taken)

    def _places(self, missing: Ints) -> tuple[Floats, Floats]:
        """Where the tool could go to clean missing cells: positions and the m² won there."""
        grid = self.grid
        image = np.zeros(grid.rows * grid.columns)
        image[missing] = 1
        n = int(grid.reach / grid.cell)
        y, x = np.mgrid[-n : n + 1, -n : n + 1]
        disc = (x * x + y * y) * grid.cell**2 <= grid.reach**2
        won = fftconvolve(image.reshape(grid.rows, grid.columns), disc, mode="same")
        won = np.rint(won).ravel()
        cells = np.flatnonzero((won > 0) & self.may)
        point, won = grid.centres(cells), won[cells] * grid.cell**2
        away = cKDTree(self.xy).query(point)[0]
        order = np.argsort(-won / (away + 0.2 * grid.reach), kind="stable")
        block = np.floor((point[order] - grid.origin) / (0.5 * grid.reach)).astype(np.int64)
        best = order[np.unique(block[:, 1] * 10**6 + block[:, 0], return_index=True)[1]]
        return point[best], won[best]

    def _hosts(self, point: Floats) -> tuple[Ints, Floats]:
        """The segment into which each point is put, and the metres that costs (inf: none)."""
        near = cKDTree(self.xy).query(point, k=min(4, len(self.xy)))[1]
        segment = np.clip(np.concatenate((near, near - 1), axis=1), 0, len(self.xy) - 2)
        shape = segment.shape
        flat = segment.ravel()
        cost = self._price(flat, np.repeat(point, shape[1], axis=0), flat + 1).reshape(shape)
        rows = np.arange(len(point))
        best = np.argmin(cost, axis=1)
        host, cost = segment[rows, best], cost[rows, best]
        lines = np.stack((self.xy[host], point, self.xy[host + 1]), axis=1)
        clear = shapely.covers(self.centre, shapely.linestrings(lines))
        return host, np.where(clear, cost, np.inf)


def angle(u: Floats, v: Floats) -> Floats:
    """(N,) angles 0..pi between vectors (N, 2); 0 where one of them has no length."""
    cross = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    return np.abs(np.arctan2(cross, (u * v).sum(axis=1)))


def straightened(xy: Floats, kind: NDArray[np.int8]) -> tuple[Floats, NDArray[np.int8]]:
    """The path without points that lie on the straight line between their neighbours."""
    step = np.diff(xy, axis=0)
    moved = np.concatenate(([True], np.hypot(*step.T) > 1e-6))
    moved[0] = True
    xy, kind = xy[moved], kind[moved[1:]]
    step = np.diff(xy, axis=0)
    keep = np.ones(len(xy), bool)
    keep[1:-1] = (angle(step[:-1], step[1:]) > 1e-3) | (kind[1:] != kind[:-1])
    return xy[keep], kind[keep[:-1]]
