"""A path cut into stretches that are driven one by one.

A stretch ends where the tool goes on or off, and before it turns back on itself: a controller that
looks for the goal or the nearest point of its path by distance alone then never takes the end, or
the lane beside, for where the robot is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nl_planner.coverage import CoveragePath, Piece, PieceKind

MOST_TURN = math.radians(150)
"""Less than the half turn from one lane into the next."""
LEAST = 1.0
"""m; so much is driven at a time even in the tightest spiral."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Stretch:
    """Metres ``start`` to ``stop`` of a path; with the tool off only its end matters."""

    start: float
    stop: float
    tool_on: bool


def arc_lengths(path: CoveragePath) -> Floats:
    """(N,) metres from the start of the path to each pose."""
    steps = np.hypot(*np.diff(path.poses[:, :2], axis=0).T)
    return np.concatenate(([0.0], np.cumsum(steps)))


def stretches(path: CoveragePath) -> list[Stretch]:
    """All of a path."""
    arc = arc_lengths(path)
    if len(arc) < 2:
        return []
    on = np.zeros(len(arc) - 1, bool)
    for piece in path.pieces:
        on[piece.start : piece.stop] = piece.tool_on
    yaw = np.arctan2(*np.diff(path.poses[:, :2], axis=0).T[::-1])
    bend = np.abs((np.diff(yaw) + np.pi) % (2 * np.pi) - np.pi)
    found: list[Stretch] = []
    first, turned = 0, 0.0
    for k in range(1, len(on)):
        turned += float(bend[k - 1])
        back = on[k] and turned > MOST_TURN and arc[k] - arc[first] >= LEAST
        if on[k] != on[k - 1] or back:
            found.append(Stretch(float(arc[first]), float(arc[k]), bool(on[first])))
            first, turned = k, 0.0
    found.append(Stretch(float(arc[first]), float(arc[-1]), bool(on[first])))
    return found


def section(path: CoveragePath, start: float, stop: float) -> Floats:
    """Poses (N, 3) from metre ``start`` to metre ``stop`` of the path, headings along it."""
    arc = arc_lengths(path)
    inner = np.flatnonzero((arc > start + 1e-6) & (arc < stop - 1e-6))
    xy = np.vstack((_at(path, arc, start), path.poses[inner, :2], _at(path, arc, stop)))
    return with_headings(xy)


def reversed_(poses: Floats) -> Floats:
    """The same way driven from its end to its start."""
    return with_headings(poses[::-1, :2])


def with_headings(xy: Floats) -> Floats:
    """Positions (N, 2), N ≥ 2, as poses that each look at the next."""
    yaw = np.arctan2(*np.diff(xy, axis=0).T[::-1])
    return np.column_stack((xy, np.append(yaw, yaw[-1:])))


def continued(path: CoveragePath, done: float, rest: CoveragePath) -> CoveragePath:
    """The first ``done`` m of a path and then ``rest``, with a transit where that starts apart."""
    arc = arc_lengths(path)
    k = int(np.searchsorted(arc, done - 1e-6))
    before = np.vstack((path.poses[:k], section(path, max(0.0, done - 1e-3), done)[-1:]))
    pieces = [
        replace(piece, stop=min(piece.stop, k)) for piece in path.pieces if piece.start < max(k, 1)
    ]
    pieces = [piece for piece in pieces if piece.stop > piece.start]
    poses = np.vstack((before, rest.poses))
    offset = len(before)
    pieces.append(Piece(PieceKind.TRANSIT, offset - 1, offset, tool_on=False))
    pieces += [
        replace(piece, start=piece.start + offset, stop=piece.stop + offset)
        for piece in rest.pieces
        if piece.stop > piece.start
    ]
    gap = math.dist(poses[offset - 1, :2], poses[offset, :2])
    return CoveragePath(
        poses=poses,
        pieces=tuple(pieces),
        length=done + gap + rest.length,
        turns=path.turns + rest.turns,
        duration=path.duration * min(1.0, done / max(path.length, 1e-9)) + rest.duration,
        coverage=rest.coverage,
        left_out=rest.left_out,
    )


def _at(path: CoveragePath, arc: Floats, metre: float) -> Floats:
    xy = path.poses[:, :2]
    return np.array([np.interp(metre, arc, xy[:, 0]), np.interp(metre, arc, xy[:, 1])])
