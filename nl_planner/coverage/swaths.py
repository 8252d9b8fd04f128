"""Straight swaths side by side, gathered into cells; every cell becomes one closed loop.

The cells are those of the boustrophedon decomposition (Choset, "Coverage of Known Spaces: The
Boustrophedon Cellular Decomposition", 2000), found by sweeping a line: a cell ends where the line
is split or joined by an obstacle. A cell is driven as a comb: along one side, then up and down its
swaths, which end one tool width before that side. So it closes without driving anything twice.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import shapely
from shapely.affinity import rotate
from shapely.geometry.base import BaseGeometry

from nl_planner.coverage.grid import Floats, ragged
from nl_planner.coverage.space import polygons
from nl_planner.coverage.transit import Transit

Swath = tuple[float, float, float]  # y, from x, to x
INSET = 0.3
"""Tool widths from the edge laps to the area where swaths may run."""
EDGE_SHARE = 0.5 - INSET
"""Tool widths at the rim of that area that the edge laps clean."""


def main_direction(area: BaseGeometry) -> float:
    """The direction (rad, 0..pi/2) along or across which most of the outline runs."""
    rings = shapely.get_rings(np.array(polygons(area)))
    step = np.vstack([np.diff(shapely.get_coordinates(r), axis=0) for r in rings])
    length = np.hypot(*step.T)
    fourfold = (length * np.exp(4j * np.arctan2(step[:, 1], step[:, 0]))).sum()
    return float(np.angle(fourfold) / 4 % (math.pi / 2))


def combs(area: BaseGeometry, transit: Transit, width: float, direction: float) -> list[Floats]:
    """Closed loops (N, 2) that cover ``area`` by swaths in ``direction`` (rad), ``width`` apart.

    ``area``: where swaths may run; turns may be wherever ``transit`` leads.
    """
    degrees = math.degrees(direction)
    turned = rotate(area, -degrees, origin=(0, 0))
    room = rotate(transit.near, -degrees, origin=(0, 0))
    shapely.prepare(room)
    loops, spurs = [], []
    for cell in _cells(turned, room, width):
        loop, spur = _comb(cell, width)
        loops += loop
        spurs += spur
    c, s = math.cos(direction), math.sin(direction)
    back = np.array([[c, s], [-s, c]])
    return [loop @ back for loop in loops] + _paired([spur @ back for spur in spurs], transit)


def _paired(spurs: list[Floats], transit: Transit) -> list[Floats]:
    """Loops over single swaths (2, 2): two of them joined at both ends where that is shorter than
    driving each there and back, best pairs first.
    """
    if not spurs:
        return []
    lines = np.array(spurs)
    length = np.hypot(*(lines[:, 1] - lines[:, 0]).T)
    a, b = np.triu_indices(len(lines), 1)
    links = np.hypot(*np.moveaxis(lines[a] - lines[b], -1, 0)).sum(axis=1)
    saved = length[a] + length[b] - links
    single = set(range(len(lines)))
    loops: list[Floats] = []
    for k in np.lexsort((b, a, -saved)):
        i, j = int(a[k]), int(b[k])
        if saved[k] <= 0.2 * (length[i] + length[j]):
            break
        if i in single and j in single:
            ways = [transit.way(lines[i, end], lines[j, end]) for end in (1, 0)]
            link = sum(float(np.hypot(*np.diff(way, axis=0).T).sum()) for way in ways)
            if link < 0.8 * (length[i] + length[j]):
                single -= {i, j}
                loops.append(np.vstack((ways[0], ways[1][::-1])))
    return loops + [lines[i] for i in sorted(single)]


def count_swaths(area: BaseGeometry, width: float, direction: float) -> int:
    """The number of swaths in that direction."""
    turned = rotate(area, -math.degrees(direction), origin=(0, 0))
    return sum(len(line) for line in swath_lines(turned, width))


def swath_lines(area: BaseGeometry, width: float) -> list[list[Swath]]:
    """The swaths along each sweep line, from left to right."""
    _, y0, _, y1 = area.bounds
    rim = min(EDGE_SHARE * width, (y1 - y0) / 2)
    height = y1 - y0 - 2 * rim
    count = max(1, math.ceil(height / width - 1e-6))
    levels = y0 + rim + (np.arange(count) + 0.5) * height / count
    lines: list[list[Swath]] = []
    for y, spans in zip(levels.tolist(), _spans(area, levels), strict=True):
        end = 0.35 * width
        lines.append([(y, a + end, b - end) if b - a > 3 * end else (y, a, b) for a, b in spans])
    return lines


def _spans(area: BaseGeometry, levels: Floats) -> list[list[tuple[float, float]]]:
    """For each y of ``levels`` (rising) the stretches (from x, to x) of it inside polygons."""
    rings = shapely.get_rings(shapely.get_parts(area))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    edge = np.flatnonzero(np.diff(ring) == 0)
    a, b = xy[edge], xy[edge + 1]
    first, stop = (np.searchsorted(levels, f(a[:, 1], b[:, 1])) for f in (np.minimum, np.maximum))
    edge, level = ragged(first, stop - first)
    t = (levels[level] - a[edge, 1]) / (b[edge, 1] - a[edge, 1])
    x = a[edge, 0] + t * (b[edge, 0] - a[edge, 0])
    order = np.lexsort((x, level))
    pairs, at = x[order].reshape(-1, 2), level[order][::2]
    long = pairs[:, 1] - pairs[:, 0] > 1e-6
    pairs, at = pairs[long], at[long]
    borders = np.searchsorted(at, np.arange(len(levels) + 1)).tolist()
    spans = [(left, right) for left, right in pairs.tolist()]
    return [spans[i:j] for i, j in itertools.pairwise(borders)]


def _cells(area: BaseGeometry, room: BaseGeometry, width: float) -> list[list[Swath]]:
    """Swaths that follow one upon the other without a split, each list from bottom to top."""
    done: list[list[Swath]] = []
    growing: list[list[Swath]] = []
    for line in swath_lines(area, width):
        upper: dict[int, list[int]] = {}
        lower: dict[int, list[int]] = {}
        for i, cell in enumerate(growing):
            for j, swath in enumerate(line):
                if min(cell[-1][2], swath[2]) - max(cell[-1][1], swath[1]) > 0:
                    upper.setdefault(i, []).append(j)
                    lower.setdefault(j, []).append(i)
        following: list[list[Swath]] = []
        continued: set[int] = set()
        for j, swath in enumerate(line):
            below = lower.get(j, [])
            if len(below) == 1 and len(upper[below[0]]) == 1:
                cell = growing[below[0]]
                last = cell[-1]
                sides = [[(last[k], last[0]), (swath[k], swath[0])] for k in (1, 2)]
                if shapely.covers(room, shapely.linestrings(sides)).all():
                    cell.append(swath)
                    following.append(cell)
                    continued.add(below[0])
                    continue
            following.append([swath])
        done += [cell for i, cell in enumerate(growing) if i not in continued]
        growing = following
    return done + growing


def _comb(cell: list[Swath], width: float) -> tuple[list[Floats], list[Floats]]:
    """The closed loop over an even number of swaths, and the swath that is over in an odd cell."""
    spurs = []
    if len(cell) % 2:
        if cell[0][2] - cell[0][1] < cell[-1][2] - cell[-1][1]:
            cell = cell[::-1]
        y, left, right = cell[-1]
        spurs = [np.array([(left, y), (right, y)])]
        cell = cell[:-1]
    if not cell:
        return [], spurs
    points: list[tuple[float, float]] = []
    for k, (y, left, right) in enumerate(cell):
        inner = min(left + width, (left + right) / 2) if 0 < k < len(cell) - 1 else left
        points += [(inner, y), (right, y)] if k % 2 == 0 else [(right, y), (inner, y)]
    points += [(left, y) for y, left, _ in cell[-2:0:-1]]
    return [np.array(points)], spurs
