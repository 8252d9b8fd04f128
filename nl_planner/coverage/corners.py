"""Corners become arcs where there is room and little is lost, so that the robot keeps going."""

from __future__ import annotations

import numpy as np
import shapely

from nl_planner.coverage.grid import Floats, Ints
from nl_planner.coverage.working_path import SHARP, WorkingPath, angle

ARC = 9
"""Points of an arc that replaces a corner; it has no bend sharper than SHARP."""


def round_off(path: WorkingPath, budget: float, least: float) -> int:
    """Replaces sharp corners by arcs of at least ``least`` m radius, those first that lose the
    least; at most ``budget`` m² are given up. Returns the number of arcs.
    """
    grid, xy = path.grid, path.xy
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
    clear = shapely.covers(path.transit.near, shapely.linestrings(lines))
    k, lines = k[clear], lines[clear]
    loss = _loss(path, k - 1, k + 1, lines)
    taken: dict[int, Floats] = {}
    path.changed[:] = False
    for n in np.lexsort((k, loss)):
        cells = path.cells[path.pointer[k[n] - 1] : path.pointer[k[n] + 1]]
        if loss[n] > budget or path.changed[cells].any():
            continue
        budget -= loss[n]
        path.changed[cells] = True
        taken[int(k[n])] = lines[n, 1:-1]
    if taken:
        keep = np.ones(len(xy), bool)
        keep[list(taken)] = False
        where = np.concatenate([np.full(len(a), i) for i, a in taken.items()])
        new = np.concatenate(list(taken.values()))
        order = np.argsort(np.concatenate((np.flatnonzero(keep), where)), kind="stable")
        kinds = np.concatenate((np.append(path.kind, 0)[keep], path.kind[where]))[order]
        old = np.concatenate((np.flatnonzero(keep), np.full(len(new), -2)))[order]
        source = np.where(np.diff(old) == 1, old[:-1], -1)
        path.replace(np.concatenate((xy[keep], new))[order], kinds[:-1], source)
    return len(taken)


def _loss(path: WorkingPath, i: Ints, j: Ints, lines: Floats) -> Floats:
    """(N,) m² that only points i..j sweep and that the polylines (N, M, 2) do not."""
    run, cell = path.exclusive(i, j)
    kept = np.zeros(len(run), bool)
    for m in range(lines.shape[1] - 1):
        a, b = lines[run, m], lines[run, m + 1]
        kept |= path.grid.near(cell, a, b, path.grid.reach)
    cells = np.bincount(run[~kept], minlength=len(i)).astype(np.float64)
    return cells * float(path.grid.cell**2)
