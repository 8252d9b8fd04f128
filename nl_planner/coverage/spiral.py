"""Spot cleaning: outward spirals over objects, and the order in which they are visited."""

from __future__ import annotations

import itertools
import math

import numpy as np
import shapely
from shapely.geometry import LineString

from nl_planner.coverage.grid import Floats
from nl_planner.coverage.transit import Transit

EXACT = 8
"""Up to so many places the best order is found by trying; beyond, by 2-opt."""


def spiral(x: float, y: float, radius: float, width: float) -> Floats:
    """(N, 2) an Archimedean spiral whose tool, ``width`` wide, cleans a disc of that radius."""
    outer = max(radius - width / 2, 0.0)
    turn = np.arange(0.0, 2 * math.pi * (outer / width + 1) + 0.2, 0.2)
    far = np.minimum(width * turn / (2 * math.pi), outer)
    return np.column_stack((x + far * np.cos(turn), y + far * np.sin(turn)))


def clipped(line: Floats, transit: Transit) -> list[Floats]:
    """The parts of a line where the robot's centre may be, in the order of the line."""
    inside = LineString(line).intersection(transit.area)
    parts = [shapely.get_coordinates(p) for p in shapely.get_parts(inside)]
    whole = LineString(line)
    parts = [p for p in parts if len(p) > 1]
    return sorted(parts, key=lambda p: whole.project(shapely.Point(p[len(p) // 2])))


def visiting_order(places: Floats, start: Floats | None) -> list[int]:
    """The order of places (N, 2) with the shortest open way over them, from ``start`` if given."""
    n = len(places)
    between = np.hypot(*np.moveaxis(places[:, None] - places[None], -1, 0))
    first = np.zeros(n) if start is None else np.hypot(*(places - start).T)

    def length(order: tuple[int, ...] | list[int]) -> float:
        return float(first[order[0]] + sum(between[a, b] for a, b in itertools.pairwise(order)))

    if n <= EXACT:
        return list(min(itertools.permutations(range(n)), key=length))
    order = [int(np.argmin(first))]
    while len(order) < n:
        rest = [k for k in range(n) if k not in order]
        order.append(min(rest, key=lambda k: (between[order[-1], k], k)))
    improved = True
    while improved:
        improved = False
        for i, j in itertools.combinations(range(n + 1), 2):
            other = order[:i] + order[i:j][::-1] + order[j:]
            if length(other) < length(order) - 1e-9:
                order, improved = other, True
    return order
