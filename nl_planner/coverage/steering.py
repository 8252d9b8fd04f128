"""Ways between two poses for a machine with a smallest turning radius, inside the free space.

First the words of Reeds and Shepp are tried, also after some metres straight on or straight back;
where none is clear, hybrid A* searches (Dolgov, Thrun, Montemerlo and Diebel, "Path Planning for
Autonomous Vehicles in Unknown Semi-structured Environments", 2010), led by the way that a machine
would have that turns on the spot.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from nl_planner.coverage.grid import Floats
from nl_planner.coverage.reeds_shepp import LEFT, RIGHT, STRAIGHT, trace, words
from nl_planner.coverage.transit import Transit

OFFSETS = (0.0, -0.5, -1.0, -1.5, -2.0, -3.0, -4.5, 0.5, 1.0, 1.5)
"""Turning radii driven straight on (back when negative) before a word; and after it."""
TRIED = 48
"""Words that are looked at for a link, the cheapest first."""
CUSP = 1.0
"""What a change between forwards and backwards costs, in turning radii."""
PRIMITIVE = 0.6
"""rad turned, or as many radii driven straight, by one step of the search."""
HEADINGS = 32
"""Of the search, on a full turn."""
GREED = 2.0
"""Weight of the way that is left against the way so far: a way found sooner, not the shortest."""
EXPANSIONS = 250
"""Poses that one search looks at before it gives up."""


@dataclass(frozen=True)
class Track:
    """A way from a pose: ``xy`` (M, 2) its points without the first, ``gear`` (M,) +1 or -1:
    forwards or backwards to that point.
    """

    xy: Floats
    gear: NDArray[np.int8]

    def then(self, other: Track) -> Track:
        """This way and then the other."""
        return Track(np.vstack((self.xy, other.xy)), np.concatenate((self.gear, other.gear)))


class Steering:
    """Links between poses (x, y, yaw) for a turning radius (m) where ``transit`` leads.

    ``left``: poses that all searches may look at together, from now on.
    """

    def __init__(self, transit: Transit, radius: float, left: int = 2000) -> None:
        self.transit = transit
        self.radius = radius
        self.left = left
        self._grid: _Distances | None = None
        kinds = [np.array([k]) for k in (STRAIGHT, LEFT, RIGHT)]
        step = PRIMITIVE * radius
        self._primitives = [
            (gear, kind, trace(np.zeros(3), kind, np.array([gear * step]), radius))
            for gear in (1, -1)
            for kind in kinds
        ]

    def price(self, a: Floats, b: Floats) -> Floats:
        """(N,) metres, changes of direction included, from poses a to b (N, 3) in open space."""
        cost: list[Floats] = []
        for k in range(0, len(a), 20000):
            lengths, _ = words(a[k : k + 20000], b[k : k + 20000], self.radius)
            cost.append(np.nanmin(self._cost([lengths]), axis=1))
        return np.concatenate([*cost, np.zeros(0)])

    def link(self, a: Floats, b: Floats) -> Track | None:
        """The way from pose a to pose b, None when none is found."""
        return self.direct(a, b) or self.search(a, b)

    def direct(self, a: Floats, b: Floats) -> Track | None:
        """The way by a word and straight lines before and after it, None when none is clear."""
        return self.word(a, b) or self._direct(a, b, OFFSETS, TRIED)

    def word(self, a: Floats, b: Floats) -> Track | None:
        """The way by one of the cheapest words, None when none of them is clear."""
        return self._direct(a, b, (0.0,), 8)

    def _cost(self, parts: list[Floats]) -> Floats:
        """(N, words) of the signed lengths (N, words, any) driven one after the other, between
        driving forwards before and after.
        """
        whole = np.concatenate(parts, axis=2)
        sign = np.where(np.abs(whole) > 1e-6, np.sign(whole), 0)
        last = np.ones(sign.shape[:2])
        changes = np.zeros(sign.shape[:2])
        for column in [*np.moveaxis(sign, 2, 0), np.ones(sign.shape[:2])]:
            driven = column != 0
            changes += driven & (column != last)
            last = np.where(driven, column, last)
        cost: Floats = np.abs(whole).sum(axis=2) + CUSP * self.radius * changes
        return cost

    def _direct(self, a: Floats, b: Floats, offsets: tuple[float, ...], tried: int) -> Track | None:
        """A clear word of Reeds and Shepp between what lies straight on or back of the poses."""
        along = np.array(offsets) * self.radius
        before, after = (self._straight(pose, along) for pose in (a, b))
        i, j = (grid.ravel() for grid in np.meshgrid(before, after, indexing="ij"))
        if not len(i):
            return None
        starts, goals = _moved(a, i), _moved(b, j)
        lengths, kinds = words(starts, goals, self.radius)
        lead = [np.broadcast_to(v[:, None, None], (*lengths.shape[:2], 1)) for v in (i, -j)]
        cost = self._cost([lead[0], lengths, lead[1]])
        order = np.argsort(np.where(np.isnan(cost), np.inf, cost), axis=None, kind="stable")
        for first in range(0, tried, 8):
            tracks = []
            for n, word in np.column_stack(np.unravel_index(order[first : first + 8], cost.shape)):
                if np.isfinite(cost[n, word]):
                    xy, gear, _ = trace(starts[n], kinds[word], lengths[n, word], self.radius)
                    track = Track(xy, gear)
                    if i[n]:
                        track = _line(starts[n], np.sign(i[n])).then(track)
                    if j[n]:
                        track = track.then(_line(b, -np.sign(j[n])))
                    tracks.append(track)
            lines = [shapely.LineString(np.vstack((a[:2], t.xy, b[:2]))) for t in tracks]
            clear = np.flatnonzero(shapely.covers(self.transit.near, np.array(lines)))
            if len(clear):
                return tracks[int(clear[0])]
        return None

    def _straight(self, pose: Floats, along: Floats) -> Floats:
        """Those of the distances that can be driven straight from the pose."""
        ends = _moved(pose, along)[:, :2]
        lines = np.stack((np.broadcast_to(pose[:2], ends.shape), ends), axis=1)
        kept: Floats = along[shapely.covers(self.transit.near, shapely.linestrings(lines))]
        return kept

    def search(self, a: Floats, b: Floats) -> Track | None:
        """The way by hybrid A*, with a word of Reeds and Shepp as its last step; None when none
        is found before EXPANSIONS, or what is ``left`` of them, are used up.
        """
        self._grid = self._grid or _Distances(self.transit, 0.5 * self.radius)
        far = self._grid.to(b[:2])
        if not np.isfinite(far(a[:2])):
            return None
        best: dict[tuple[int, ...], float] = {}
        came: list[tuple[int, Floats, Track | None]] = [(-1, a, None)]
        heap = [(GREED * far(a[:2]), 0, 0.0, 1)]
        for count in range(EXPANSIONS):
            if not heap or self.left <= 0:
                return None
            self.left -= 1
            rest, here, cost, gear = heapq.heappop(heap)
            pose = came[here][1]
            if count % (2 if rest - cost < 4 * GREED * self.radius else 8) == 0:
                last = self.word(pose, b)
                if last is not None:
                    return _backtracked(came, here, last)
            turned = [self._primitive(pose, points) for _, _, (points, _, _) in self._primitives]
            lines = [shapely.LineString(np.vstack((pose[:2], points))) for points in turned]
            clear = shapely.covers(self.transit.near, np.array(lines))
            for k in np.flatnonzero(clear):
                new_gear, _, (_, gears, end) = self._primitives[k]
                there = np.array([*turned[k][-1], pose[2] + end[2]])
                spent = cost + PRIMITIVE * self.radius * (1.0 if new_gear > 0 else 1.3)
                spent += CUSP * self.radius * (new_gear != gear)
                key = self._key(there)
                if spent >= best.get(key, math.inf):
                    continue
                best[key] = spent
                came.append((here, there, Track(turned[k], gears)))
                guess = spent + GREED * far(there[:2])
                if np.isfinite(guess):
                    heapq.heappush(heap, (guess, len(came) - 1, spent, new_gear))
        return None

    def _primitive(self, pose: Floats, points: Floats) -> Floats:
        c, s = math.cos(pose[2]), math.sin(pose[2])
        moved: Floats = points @ np.array([[c, s], [-s, c]]) + pose[:2]
        return moved

    def _key(self, pose: Floats) -> tuple[int, ...]:
        cell = 0.3 * self.radius
        heading = round(float(pose[2]) / (2 * math.pi) * HEADINGS) % HEADINGS
        return math.floor(pose[0] / cell), math.floor(pose[1] / cell), heading


def _moved(pose: Floats, along: Floats) -> Floats:
    """(N, 3) what lies ``along`` (N,) metres straight on from a pose."""
    ahead = np.array([math.cos(pose[2]), math.sin(pose[2]), 0.0])
    moved: Floats = pose + along[:, None] * ahead
    return moved


def _line(to: Floats, gear: float) -> Track:
    return Track(to[None, :2], np.array([gear], np.int8))


def _backtracked(came: list[tuple[int, Floats, Track | None]], here: int, last: Track) -> Track:
    track = last
    while came[here][2] is not None:
        track = came[here][2].then(track)  # type: ignore[union-attr]
        here = came[here][0]
    return track


class _Distances:
    """Metres from anywhere to a goal, for a machine that turns on the spot, on cells of C."""

    def __init__(self, transit: Transit, cell: float) -> None:
        x0, y0, x1, y1 = transit.area.bounds
        cell = max(cell, math.sqrt((x1 - x0) * (y1 - y0) / 40000))
        self.cell, self.origin = cell, np.array([x0 - cell, y0 - cell])
        self.columns = math.ceil((x1 - x0) / cell) + 3
        self.rows = math.ceil((y1 - y0) / cell) + 3
        at = np.arange(self.rows * self.columns)
        squares = np.column_stack((at % self.columns, at // self.columns))
        centres = self.origin + (squares + 0.5) * cell
        room = transit.area.buffer(0.75 * cell, quad_segs=2)
        shapely.prepare(room)
        inside = shapely.contains_xy(room, *centres.T)
        rows, columns, metres = [], [], []
        for dx, dy in ((1, 0), (0, 1), (1, 1), (-1, 1)):
            a = at[inside]
            a = a[(a % self.columns + dx >= 0) & (a % self.columns + dx < self.columns)]
            b = a + dy * self.columns + dx
            a, b = a[b < len(at)], b[b < len(at)]
            both = inside[b]
            rows.append(a[both])
            columns.append(b[both])
            metres.append(np.full(int(both.sum()), cell * math.hypot(dx, dy)))
        shape = (len(at), len(at))
        steps = (np.concatenate(rows), np.concatenate(columns))
        self.graph = coo_array((np.concatenate(metres), steps), shape=shape).tocsr()
        self.known: dict[int, Floats] = {}

    def index(self, xy: Floats) -> int:
        column, row = np.floor((xy - self.origin) / self.cell).astype(int)
        row, column = min(max(row, 0), self.rows - 1), min(max(column, 0), self.columns - 1)
        return int(row * self.columns + column)

    def to(self, goal: Floats) -> _Field:
        """The metres to that goal."""
        cell = self.index(goal)
        if cell not in self.known:
            self.known[cell] = dijkstra(self.graph, directed=False, indices=cell)
        return _Field(self, self.known[cell])


@dataclass(frozen=True)
class _Field:
    grid: _Distances
    metres: Floats

    def __call__(self, xy: Floats) -> float:
        return float(self.metres[self.grid.index(xy)])
