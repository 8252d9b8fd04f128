"""The way from one place to another inside an area.

The area is cut into triangles that keep its outline (constrained Delaunay); A* finds the row of
triangles to cross, and the funnel algorithm pulls the way through them taut (Lee and Preparata,
"Euclidean shortest paths in the presence of rectilinear barriers", 1984).
"""

from __future__ import annotations

import heapq
import itertools
import math

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from nl_planner.coverage.grid import Floats

XY = tuple[float, float]


class Transit:
    """Ways inside a polygon; the triangles are made when the first is asked for."""

    def __init__(self, area: Polygon) -> None:
        self.area = area
        self.near = area.buffer(2e-4, join_style="mitre")
        shapely.prepare(self.near)
        self.corners: Floats = np.zeros((0, 2))
        self.triangles: NDArray[np.int64] = np.zeros((0, 3), np.int64)
        self.neighbours: list[list[tuple[int, int, int]]] = []  # (triangle, corner, corner)
        self.tree: shapely.STRtree | None = None

    def clear(self, a: Floats | XY, b: Floats | XY) -> bool:
        """Whether the straight line is inside."""
        return bool(shapely.covers(self.near, shapely.linestrings([a, b])))

    def way(self, a: Floats | XY, b: Floats | XY) -> Floats:
        """(N, 2) a short way from a to b, both inside the area or on its outline."""
        a, b = (float(a[0]), float(a[1])), (float(b[0]), float(b[1]))
        if self.clear(a, b):
            return np.array([a, b])
        row = self._row(a, b)
        portals = []
        for one, two in itertools.pairwise(row):
            p, q = next((p, q) for t, p, q in self.neighbours[one] if t == two)
            left, right = self._point(p), self._point(q)
            third = self._point(next(int(c) for c in self.triangles[one] if c not in (p, q)))
            portals.append((left, right) if _side(third, left, right) < 0 else (right, left))
        return np.array(_taut(a, b, portals))

    def _point(self, corner: int) -> XY:
        return float(self.corners[corner, 0]), float(self.corners[corner, 1])

    def _triangulate(self) -> shapely.STRtree:
        parts = shapely.get_parts(shapely.constrained_delaunay_triangles(self.area))
        xy = shapely.get_coordinates(parts).reshape(-1, 4, 2)[:, :3]
        self.corners, which = np.unique(xy.reshape(-1, 2), axis=0, return_inverse=True)
        self.triangles = which.reshape(-1, 3)
        owner: dict[tuple[int, int], int] = {}
        self.neighbours = [[] for _ in range(len(parts))]
        for t, corners in enumerate(self.triangles.tolist()):
            for p, q in itertools.combinations(sorted(corners), 2):
                other = owner.setdefault((p, q), t)
                if other != t:
                    self.neighbours[t].append((other, p, q))
                    self.neighbours[other].append((t, p, q))
        self.tree = shapely.STRtree(parts)
        return self.tree

    def _row(self, a: XY, b: XY) -> list[int]:
        """The triangles from that of a to that of b; each step is to a neighbour."""
        tree = self.tree or self._triangulate()
        first, goal = (int(tree.nearest(shapely.Point(p))) for p in (a, b))
        came: dict[int, int] = {first: -1}
        best = {first: 0.0}
        at: dict[int, XY] = {first: a}
        heap = [(math.dist(a, b), first)]
        closed: set[int] = set()
        while heap:
            _, here = heapq.heappop(heap)
            if here == goal:
                break
            if here in closed:
                continue
            closed.add(here)
            for there, p, q in self.neighbours[here]:
                (px, py), (qx, qy) = self._point(p), self._point(q)
                middle = ((px + qx) / 2, (py + qy) / 2)
                cost = best[here] + math.dist(at[here], middle)
                if there not in closed and cost < best.get(there, math.inf):
                    best[there], at[there], came[there] = cost, middle, here
                    heapq.heappush(heap, (cost + math.dist(middle, b), there))
        row = [goal]
        while came[row[-1]] != -1:
            row.append(came[row[-1]])
        return row[::-1]


def _side(a: XY, b: XY, c: XY) -> float:
    """Positive when a, b, c turn counter-clockwise."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _taut(a: XY, b: XY, portals: list[tuple[XY, XY]]) -> list[XY]:
    """The shortest way from a to b through portals (left, right)."""
    gates = [*portals, (b, b)]
    way = [a]
    apex, left, right = a, a, a
    left_at = right_at = -1
    k = 0
    while k < len(gates):
        new_left, new_right = gates[k]
        if _side(apex, right, new_right) >= 0:
            if apex == right or _side(apex, left, new_right) < 0:
                right, right_at = new_right, k
            else:
                way.append(left)
                apex, k = left, left_at
                left = right = apex
                right_at = left_at
                k += 1
                continue
        if _side(apex, left, new_left) <= 0:
            if apex == left or _side(apex, right, new_left) > 0:
                left, left_at = new_left, k
            else:
                way.append(right)
                apex, k = right, right_at
                left = right = apex
                left_at = right_at
                k += 1
                continue
        k += 1
    way.append(b)
    return [p for i, p in enumerate(way) if i == 0 or p != way[i - 1]]
