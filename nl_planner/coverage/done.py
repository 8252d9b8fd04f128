"""How much of a path is done, and what is clean by then."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

from nl_planner.coverage.drive import KINDS, TRANSIT
from nl_planner.coverage.grid import Floats, Kinds
from nl_planner.coverage.path import CoveragePath
from nl_planner.coverage.space import polygons

CLEAR = 1e-3
"""m by which a path may be outside before it counts as blocked: an outline is known no better."""
Line = tuple[Floats, Kinds]
"""Positions (N, 2), and the kind of each segment between them (N - 1,)."""


def progress(
    path: CoveragePath, position: tuple[float, float], done: float, driven: float
) -> float:
    """Metres of the path that lie behind a robot at ``position`` (x, y).

    Only the stretch that the robot can have got to is looked at, from ``done`` m, where it was,
    to ``driven`` m further; so a lane that runs beside this one is never taken for it.
    """
    xy = path.poses[:, :2]
    if len(xy) < 2:
        return 0.0
    arc = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))))
    first = min(max(done, 0.0), float(arc[-1]))
    last = min(first + max(driven, 0.0), float(arc[-1]))
    if last - first < 1e-9:
        return first
    inner = np.flatnonzero((arc > first) & (arc < last))
    stretch = LineString([_at(xy, arc, first), *xy[inner], _at(xy, arc, last)])
    return first + float(stretch.project(Point(position)))


def _at(xy: Floats, arc: Floats, along: float) -> Floats:
    return np.array([np.interp(along, arc, xy[:, 0]), np.interp(along, arc, xy[:, 1])])


def divided(path: CoveragePath, done: float) -> tuple[Line, Line]:
    """What lies before and after ``done`` m."""
    xy = path.poses[:, :2]
    kind = np.zeros(len(xy) - 1, np.int8)
    for piece in path.pieces:
        kind[piece.start : piece.stop] = KINDS.index(piece.kind)
    arc = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))))
    k = int(np.searchsorted(arc, done - 1e-9))  # the first pose that is not passed
    if k == 0:
        return (xy[:1], kind[:0]), (xy, kind)
    if k == len(xy):
        return (xy, kind), (xy[-1:], kind[:0])
    cut = _at(xy, arc, done)[None]
    before = np.vstack((xy[:k], cut)), kind[:k]
    return before, (np.vstack((cut, xy[k:])), kind[k - 1 :])


def swept(lines: list[Line], width: float, ahead: float) -> BaseGeometry:
    """What the tool cleans on these lines."""
    runs = []
    for xy, kind in lines:
        borders = np.flatnonzero(np.diff(np.concatenate(([False], kind != TRANSIT, [False]))))
        for a, b in borders.reshape(-1, 2):
            track = xy[a : b + 1]
            if ahead:
                step = np.diff(track, axis=0)
                forward = ahead * step / np.maximum(np.hypot(*step.T), 1e-9)[:, None]
                track = np.stack((track[:-1] + forward, track[1:] + forward), 1).reshape(-1, 2)
            runs += [LineString(track[i : i + 25]) for i in range(0, len(track) - 1, 24)]
    return shapely.union_all(shapely.buffer(np.array(runs), width / 2, quad_segs=16))


def lumps(area: BaseGeometry, thin: float) -> MultiPolygon:
    """The parts of an area that are worth a way: no slivers, which every path leaves here and
    there. ``thin``: m, half the width of a sliver.
    """
    opened = area.buffer(-thin, quad_segs=4).buffer(thin, quad_segs=4)
    return MultiPolygon([part for part in polygons(opened) if part.area > 8 * thin**2])


def gears(path: CoveragePath) -> Kinds:
    """(N - 1,) +1 or -1: whether a segment is driven forwards or backwards."""
    gear = np.ones(len(path.poses) - 1, np.int8)
    for piece in path.pieces:
        gear[piece.start : piece.stop] = -1 if piece.reverse else 1
    return gear
