"""A rough path is made complete, then short: what it misses is fetched, what it wastes is cut.

All counting is done on a CoverageGrid; nothing depends on time or chance. As each step picks what
looks best on its grid, that grid flatters the result: the next round counts on a shifted one.
"""

from __future__ import annotations

import math

import numpy as np

from nl_planner.coverage.corners import round_off
from nl_planner.coverage.cut import cut
from nl_planner.coverage.drive import TRANSIT
from nl_planner.coverage.fetch import fetch, fetch_around
from nl_planner.coverage.grid import Bools, CoverageGrid, Floats, Kinds
from nl_planner.coverage.space import Space
from nl_planner.coverage.transit import Transit
from nl_planner.coverage.working_path import WorkingPath

GOAL = 0.9959
"""The share of what the tool can reach that a path covers; the rest is not worth the way."""
CELLS = (5.7, 25)
"""Cells of the grid in one tool width: at least, and at most when the target is small."""
ENOUGH = 15000
"""Cells that tell the share of a target well enough."""
BEND = 1.5
"""What a radian of turning costs, in tool widths."""
LEAST_RADIUS = 0.06
"""m, of an arc that replaces a corner."""
LEAST_OFF = 4
"""Tool widths; for less the tool is not switched off."""
LOOKS, EARLY = 8, 2
"""Grids, each shifted, on which a path is looked at in the end until it is complete; those after
the early ones are twice as fine, for slivers that coarse cells hide."""
SURE = 60000
"""Cells that tell the share so well that no finer grid need be asked."""
WORTH = (0.01, 0.003)
"""Tool widths that a detour must win a metre: early, and late."""
BIG = 1500
"""A target of more tool widths squared than this is refined in one round instead of two."""


def refine(
    xy: Floats, kind: Kinds, space: Space, transit: Transit, width: float, head: bool
) -> tuple[Floats, Kinds]:
    """The path made complete and short. Its start is kept unless ``head`` may be dropped."""
    rounds = 1 if space.target.area > BIG * width**2 else 2
    for k in range(rounds):
        path = WorkingPath(xy, kind, coverage_grid(space, width, k), transit, BEND * width, k > 0)
        for _ in range(3):
            if fetch(path, GOAL + 0.003, 0.03 * width) < 2:
                break
        for _ in range(3):
            spare = path.grid.coverage() - GOAL - 0.0015
            if spare <= 0 or cut(path, spare * path.grid.area, 0.25 * width) < 2:
                break
        xy, kind = path.xy, path.kind
    for _ in range(2):
        round_off(path, (path.grid.coverage() - GOAL) * path.grid.area, LEAST_RADIUS)
    path.trim(head)
    return _completed(path, space, width, rounds)


def _completed(path: WorkingPath, space: Space, width: float, k: int) -> tuple[Floats, Kinds]:
    """The path led by what shifted grids still find missing."""
    for look in range(LOOKS):
        late = look >= EARLY
        grid = coverage_grid(space, width, k + look, fine=late)
        path = WorkingPath(path.xy, path.kind, grid, path.transit, BEND * width)
        lacking = GOAL - grid.coverage()
        if lacking <= 2e-4:
            if late or grid.target.sum() > SURE:
                break
            continue
        goal = grid.coverage() + 1.5 * lacking
        for _ in range(3):
            if grid.coverage() >= goal or not fetch(path, goal, WORTH[late] * width):
                break
        if late and grid.coverage() < goal:
            fetch_around(path, goal, WORTH[late] * width)
    return path.xy, _switched_off(path, width)


def _switched_off(path: WorkingPath, width: float) -> Kinds:
    """The kinds of the segments, with transits where the path cleans nothing that is not clean by
    then, for ``LEAST_OFF`` tool widths or more.
    """
    idle = np.concatenate(([False], np.diff(path.fresh) == 0, [False])).astype(np.int8)
    kind = path.kind.copy()
    for a, b in np.flatnonzero(np.diff(idle)).reshape(-1, 2):
        if path.arc[b] - path.arc[a] >= LEAST_OFF * width:
            kind[a:b] = TRANSIT
    return kind


def working_path(
    xy: Floats, kind: Kinds, space: Space, transit: Transit, width: float
) -> WorkingPath:
    """The path on a grid over the target."""
    return WorkingPath(xy, kind, coverage_grid(space, width, 0), transit, BEND * width)


def covered(xy: Floats, on: Bools, space: Space, width: float, gear: Kinds | None = None) -> float:
    """The share of the target that the segments ``on`` (N - 1,) of a path sweep.

    ``gear``: (N - 1,) +1 or -1 for forwards or backwards; None: all forwards.
    Counted on a grid that no step of the planner has seen, as exact as that grid is fine: within
    0.1 % of the true share.
    """
    grid = coverage_grid(space, width, 11)
    clean = np.zeros(len(grid.target), bool)
    points, owner = grid.split(xy)
    a, b = points[:-1][on[owner]], points[1:][on[owner]]
    if gear is not None:  # backwards, the tool is where it would be driving the other way
        back = (gear[owner] < 0)[on[owner], None]
        a, b = np.where(back, b, a), np.where(back, a, b)
    clean[grid.swept(a, b)[1]] = True
    return float(clean.sum() / max(1, grid.target.sum()))


def coverage_grid(space: Space, width: float, shift: int, fine: bool = False) -> CoverageGrid:
    """The grid on which the target of that space is counted, shifted by ``shift`` parts."""
    cell = math.sqrt(space.target.area / ENOUGH) / (1 + fine)
    cell = min(max(cell, width / CELLS[1]), width / CELLS[0] / (1 + fine))
    return CoverageGrid(space.target, space.centre, width, cell, shift, space.ahead)
