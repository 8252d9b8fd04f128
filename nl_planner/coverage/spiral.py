"""Spot cleaning: outward spirals over objects, and the order in which they are visited."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable

import numpy as np
import shapely

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


def kept_inside(line: Floats, transit: Transit, width: float) -> Floats:
    """(N, 2) the line where the robot's centre may be, along the walls where it may not.

    What lies behind a wall, further off than a few tool widths, is left out.
    """
    ends = shapely.get_coordinates(shapely.shortest_line(transit.area, shapely.points(line)))
    way = [ends[:1]]
    for point in ends[2::2]:
        step = transit.way(way[-1][-1], point)
        if np.hypot(*np.diff(step, axis=0).T).sum() < 3 * width:
            way.append(step[1:])
    return np.concatenate(way)


def visiting_order(places: Floats, start: Floats | None) -> list[int]:
    """The order of places (N, 2) with the shortest open way over them, from ``start`` if given."""
    n = len(places)
    between = np.hypot(*np.moveaxis(places[:, None] - places[None], -1, 0))
    first = np.zeros(n) if start is None else np.hypot(*(places - start).T)

    def length(visits: Iterable[int]) -> float:
        way = list(visits)
        return float(first[way[0]] + sum(between[a, b] for a, b in itertools.pairwise(way)))

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
