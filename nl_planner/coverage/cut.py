"""Shortcuts: what a path wastes is cut, those first that lose the least area for a metre saved."""

from __future__ import annotations

import numpy as np
import shapely

from nl_planner.coverage.grid import Floats, Ints
from nl_planner.coverage.working_path import WorkingPath

RUNS = (1, 2, 3, 4, 6, 9, 13)
"""Numbers of inner points a shortcut may skip."""
MARGIN = 0.4
"""Cells by which a shortcut is thought narrower than it sweeps: a grid overlooks slivers."""


def cut(path: WorkingPath, budget: float, most: float) -> int:
    """Takes shortcuts, the best first: at most ``budget`` m² are given up, and at most
    ``most`` m² for each metre saved. Returns the number of shortcuts.
    """
    grid, xy = path.grid, path.xy
    n = len(xy)
    i = np.concatenate([np.arange(max(0, n - run - 1)) for run in RUNS])
    j = i + np.repeat(np.array(RUNS) + 1, [max(0, n - run - 1) for run in RUNS])
    active = np.concatenate(([0], np.cumsum(path.changed[path.cells])))[path.pointer]
    keep = active[i] < active[j]
    i, j = i[keep], j[keep]
    gain = -path.price(i, None, j)
    keep = gain > 0.2 * grid.reach
    i, j, gain = i[keep], j[keep], gain[keep]
    keep = _least_loss(path, i, j) <= most * gain
    i, j, gain = i[keep], j[keep], gain[keep]
    loss = _loss(path, i, j, most * gain)
    keep = loss <= most * gain
    i, j, gain, loss = i[keep], j[keep], gain[keep], loss[keep]
    best = np.lexsort((j, loss / most - gain, i))  # of each start the one that wins most
    best = best[np.unique(i[best], return_index=True)[1]]
    i, j, gain, loss = i[best], j[best], gain[best], loss[best]
    path.changed[:] = False
    order = np.lexsort((i, -gain, loss / gain))
    skipped = np.zeros(n, bool)
    changed = path.changed
    spent, taken = 0.0, 0
    for k in order:
        a, b = int(i[k]), int(j[k])
        cells = path.cells[path.pointer[a] : path.pointer[b]]
        if skipped[a : b + 1].any() or changed[cells].any() or spent + loss[k] > budget:
            continue
        if not shapely.covers(path.transit.near, shapely.linestrings(xy[[a, b]])):
            continue
        spent += loss[k]
        taken += 1
        skipped[a + 1 : b] = True
        changed[cells] = True
    if taken:
        keep = ~skipped
        at = np.flatnonzero(keep)
        path.replace(xy[at], path.kind[at[:-1]], np.where(np.diff(at) == 1, at[:-1], -1))
    return taken


def _loss(path: WorkingPath, i: Ints, j: Ints, limit: Floats) -> Floats:
    """(N,) m² that only points i..j sweep and that the straight line i -> j does not.

    Where it is sure to be more than ``limit`` (N,) it is infinite instead.
    """
    grid = path.grid
    chord = np.hypot(*(path.xy[j] - path.xy[i]).T)
    most = (limit + 1.02 * grid.reach * (2 * chord + np.pi * grid.reach)) / grid.cell**2
    lost = np.full(len(i), np.inf)
    for k in range(0, len(i), 4096):
        a, b = i[k : k + 4096], j[k : k + 4096]
        run, cell = path.exclusive(a, b)
        possible = np.bincount(run, minlength=len(a)) <= most[k : k + 4096]
        ask = possible[run]
        run, cell = run[ask], cell[ask]
        reach = grid.reach - MARGIN * grid.cell
        kept = grid.near(cell, path.xy[a[run]], path.xy[b[run]], reach)
        area = np.bincount(run[~kept], minlength=len(a)) * grid.cell**2
        lost[k : k + 4096] = np.where(possible, area, np.inf)
    return lost


def _least_loss(path: WorkingPath, i: Ints, j: Ints) -> Floats:
    """(N,) m² at least lost by going straight from i to j: what at most three segments in a
    row sweep alone, less all that a straight line can sweep.
    """
    grid = path.grid
    first = np.repeat(np.arange(len(path.kind)), np.diff(path.fresh))
    brief = np.concatenate(([0], np.cumsum(path.last - first <= 2)))[path.fresh]
    own = brief[np.maximum(j - 2, i)] - brief[i]
    chord = np.hypot(*(path.xy[j] - path.xy[i]).T)
    least: Floats = own * grid.cell**2 - 1.02 * grid.reach * (2 * chord + np.pi * grid.reach)
    return least
