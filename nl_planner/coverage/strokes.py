"""The straight lines from which a machine with a turning radius cleans a region.

Lines along the walls, swaths between them, and short lines through what both leave; each is cut
back to what it cleans that those before it do not. How they are linked is not decided here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.affinity import rotate
from shapely.geometry.base import BaseGeometry

from nl_planner.coverage.grid import CoverageGrid, Floats, Ints
from nl_planner.coverage.space import polygons
from nl_planner.coverage.swaths import INSET, swath_lines
from nl_planner.coverage.transit import Transit

SMOOTH = 0.1
"""Tool widths by which a line along a wall may leave the wall's outline."""
SHIFTS = (1.0, 0.75, 0.5, 0.25, 0.0)
"""How far towards the wall such a line is tried, in what it was smoothed by."""
STRETCHES = (1.0, 0.6, 0.3, 0.1, 0.0)
"""Tool widths by which a line is tried to be longer at an end."""
ANGLES = 12
"""Directions in which a short line is tried through what is left."""
ROUNDS = 6
"""Times that short lines are looked for."""


@dataclass(frozen=True)
class Stroke:
    """A straight line from ``ends[0]`` to ``ends[1]`` (2, 2), to be driven either way."""

    ends: Floats
    edge: bool


def strokes(
    areas: list[BaseGeometry],
    transit: Transit,
    grid: CoverageGrid,
    width: float,
    direction: float,
    least: float,
    goal: float,
) -> list[Stroke]:
    """Lines that clean the target of ``grid``, a tool ``width`` apart, the swaths in that
    ``direction`` (rad).

    ``areas``: as `work_areas` gives them. ``least``: metres that a line is thought longer than it
    is, for the turns to it. ``goal``: the share of the target from which on no more are looked for.
    """
    edges = np.concatenate([_edges(area, transit, width) for area in areas])
    lengths = np.hypot(*(edges[:, 1] - edges[:, 0]).T)
    found: list[Stroke] = []
    for line in edges[np.argsort(-lengths, kind="stable")]:
        found += _taken(line, True, grid, width, least)
    for area in areas:
        for line in _swaths(area.buffer(-INSET * width), width, direction):
            found += _taken(line, False, grid, width, least)
    for _ in range(ROUNDS):
        if grid.coverage() >= goal:
            break
        more = 0
        for line in _through(grid.uncovered(), transit, grid, width):
            taken = _taken(line, False, grid, width, least)
            found += taken
            more += len(taken)
        if not more:
            break
    return found


def _edges(area: BaseGeometry, transit: Transit, width: float) -> Floats:
    """(N, 2, 2) lines along the outlines of an area, as near to them and as long as is free."""
    smooth = SMOOTH * width
    lines = []
    for part in polygons(area):
        inner = [p for p in polygons(part.buffer(-smooth).simplify(smooth)) if p.area > 0]
        for polygon in inner or [part]:
            for ring in shapely.get_rings(shapely.orient_polygons(polygon)):
                xy = shapely.get_coordinates(ring)
                lines.append(np.stack((xy[:-1], xy[1:]), axis=1))
    found = np.concatenate([*lines, np.zeros((0, 2, 2))])
    step = found[:, 1] - found[:, 0]
    far = np.hypot(*step.T)
    found, step, far = found[far > 0.3 * width], step[far > 0.3 * width], far[far > 0.3 * width]
    along = step / far[:, None]
    out = np.column_stack((along[:, 1], -along[:, 0]))[:, None] * smooth
    best = np.full(len(found), np.nan)
    for shift in SHIFTS:
        clear = _clear(found + shift * out, transit) & np.isnan(best)
        best[clear] = shift
    known = ~np.isnan(best)
    found, along = (found + best[:, None, None] * out)[known], along[known]
    return _stretched(found, along, transit, width)


def _stretched(lines: Floats, along: Floats, transit: Transit, width: float) -> Floats:
    """The lines longer at both ends, as far as is free."""
    lines = lines.copy()
    for end, sign in ((0, -1), (1, 1)):
        open_ = np.ones(len(lines), bool)
        for stretch in STRETCHES:
            longer = lines.copy()
            longer[:, end] += sign * stretch * width * along
            clear = open_ & _clear(longer, transit)
            lines[clear] = longer[clear]
            open_ &= ~clear
    return lines


def _clear(lines: Floats, transit: Transit) -> Ints:
    clear: Ints = shapely.covers(transit.near, shapely.linestrings(lines))
    return clear


def _swaths(area: BaseGeometry, width: float, direction: float) -> list[Floats]:
    """Swaths over an area, from one side to the other."""
    c, s = math.cos(direction), math.sin(direction)
    back = np.array([[c, s], [-s, c]])
    found = []
    for part in polygons(area):
        turned = rotate(part, -math.degrees(direction), origin=(0, 0))
        for line in swath_lines(turned, width):
            found += [np.array([(left, y), (right, y)]) @ back for y, left, right in line]
    return found


def _taken(
    line: Floats, edge: bool, grid: CoverageGrid, width: float, least: float
) -> list[Stroke]:
    """The line cut back to what it cleans anew, and counted on the grid; none if hardly any."""
    points, _ = grid.split(_dense(line, 0.25 * width))
    pointer, cells = grid.swept(points[:-1], points[1:])
    owner = np.repeat(np.arange(len(points) - 1), np.diff(pointer))
    new = grid.count[cells] == 0
    fresh = np.bincount(owner[new], minlength=len(points) - 1) * grid.cell**2
    worth = np.flatnonzero(fresh > 0.02 * width * np.hypot(*np.diff(points, axis=0).T))
    if not len(worth):
        return []
    first, last = int(worth[0]), int(worth[-1]) + 1
    part = slice(pointer[first], pointer[last])
    won = len(np.unique(cells[part][new[part]])) * grid.cell**2
    ends = points[[first, last]]
    if won < 0.05 * width * (math.dist(*ends) + least):
        return []
    grid.count[cells[part]] += 1
    return [Stroke(ends, edge)]


def _dense(line: Floats, step: float) -> Floats:
    count = max(1, math.ceil(math.dist(*line) / step))
    t = np.linspace(0, 1, count + 1)[:, None]
    dense: Floats = line[0] * (1 - t) + line[1] * t
    return dense


def _through(missing: Ints, transit: Transit, grid: CoverageGrid, width: float) -> list[Floats]:
    """Short lines through places where much is missing, each in the direction that is free for
    the longest way.
    """
    if not len(missing):
        return []
    centres = grid.centres(missing)
    block = np.floor((centres - grid.origin) / (0.7 * width)).astype(np.int64)
    _, which, count = np.unique(
        block[:, 1] * 10**6 + block[:, 0], return_inverse=True, return_counts=True
    )
    middle = np.column_stack([np.bincount(which, centres[:, k]) / count for k in (0, 1)])
    big = np.argsort(-count, kind="stable")
    middle = middle[big[count[big] * grid.cell**2 > 0.01 * width**2]]
    out = ~shapely.covers(transit.near, shapely.points(middle))
    nearest = shapely.shortest_line(transit.area, shapely.points(middle[out]))
    middle[out] = shapely.get_coordinates(nearest)[::2]
    angles = np.arange(ANGLES) * math.pi / ANGLES
    along = np.column_stack((np.cos(angles), np.sin(angles)))
    lines = []
    for place in middle:
        short = np.stack((place - 1e-3 * along, place + 1e-3 * along), axis=1)
        longer = _stretched(short, along, transit, width)
        inside = np.flatnonzero(_clear(longer, transit))
        if len(inside):
            far = np.hypot(*(longer[inside, 1] - longer[inside, 0]).T)
            lines.append(longer[inside[int(np.argmax(far))]])
    return lines
