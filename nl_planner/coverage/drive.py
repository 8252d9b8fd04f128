"""From a polyline to poses with headings, pieces, turns and duration."""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from nl_planner.coverage.path import CoveragePath, Piece, PieceKind

KINDS = tuple(PieceKind)
"""The kind of a segment is kept as an index into this."""
EDGE, SWATH, TRANSIT, TURN, SPOT = (
    KINDS.index(PieceKind(kind)) for kind in ("edge", "swath", "transit", "turn", "spot")
)
SHORTEST = 2e-4
"""m; what is shorter is no segment. Leaving it out may move the path by as much."""
DIGITS = 6
"""Decimals of a position: points off a line by less than a micrometre trip geometry libraries."""
STRAIGHT = math.radians(4)
"""A bend of less is none: a swath may be led a little aside."""
LEAST_SWATH = 1.5
"""Tool widths; a shorter straight run between two bends is part of a turn."""
CORNER = math.radians(20)
"""A bend sharper than this is turned on the spot."""
ACCELERATION = 0.5  # m/s²
TURN_RATE = 1.0  # rad/s
TURN_ACCELERATION = 2.0  # rad/s²
LATERAL = 0.5  # m/s², in a bend


def coverage_path(
    xy: NDArray[np.float64],
    kind: NDArray[np.int8],
    tool_width: float,
    max_speed: float,
    coverage: float,
    left_out: float,
    gear: NDArray[np.int8] | None = None,
) -> CoveragePath:
    """The CoveragePath of an open polyline ``xy`` (N, 2); ``kind`` (N - 1,) of its segments.

    ``gear``: (N - 1,) +1 or -1 for forwards or backwards, of a machine that cannot turn on the
    spot; its kinds are taken as they are. None: all forwards.
    """
    xy = xy.round(DIGITS)
    moved = np.hypot(*np.diff(xy, axis=0).T) > SHORTEST
    xy, kind = xy[np.concatenate(([True], moved))], kind[moved]
    if gear is None:
        kind, gear = with_turns(xy, kind, tool_width), np.ones(len(kind), np.int8)
    else:
        gear = gear[moved]
    step = np.diff(xy, axis=0)
    yaw = np.arctan2(step[:, 1] * gear, step[:, 0] * gear) if len(step) else np.zeros(1)
    poses = np.column_stack((xy, np.append(yaw, yaw[-1:])[: len(xy)]))
    changes = np.flatnonzero(np.diff(kind) | np.diff(gear)) + 1
    borders = [0, *changes.tolist(), len(kind)]
    pieces = tuple(
        Piece(KINDS[kind[a]], a, b, KINDS[kind[a]] is not PieceKind.TRANSIT, bool(gear[a] < 0))
        for a, b in itertools.pairwise(borders)
        if b > a
    )
    return CoveragePath(
        poses=poses,
        pieces=pieces or (Piece(PieceKind.SPOT, 0, 0, True),),
        length=float(np.hypot(*step.T).sum()),
        turns=count_turns(poses[:, :2], 1.5 * tool_width, gear),
        duration=drive_time(poses[:, :2], max_speed, gear),
        coverage=coverage,
        left_out=left_out,
    )


def with_turns(
    xy: NDArray[np.float64], kind: NDArray[np.int8], tool_width: float
) -> NDArray[np.int8]:
    """The kinds (N - 1,) of the segments, with those swaths as turns that are no straight run of
    ``LEAST_SWATH`` tool widths: they lead from one swath into its neighbour.
    """
    if len(kind) < 2:
        return kind
    far, bend = _bends(xy)
    run = np.concatenate(([0], np.cumsum((np.abs(bend) > STRAIGHT) | (np.diff(kind) != 0))))
    brief = np.bincount(run, far)[run] < LEAST_SWATH * tool_width
    swath = kind == SWATH
    return np.where(brief & swath, TURN, kind).astype(np.int8)


def count_turns(xy: NDArray[np.float64], merge: float, gear: NDArray[np.int8] | None = None) -> int:
    """Changes of heading by 30° or more; those of one sense within ``merge`` m are one turn."""
    length, bend = _bends(xy, gear)
    turns, turned, last = 0, 0.0, -math.inf
    for at, angle in zip(np.cumsum(length)[:-1], bend, strict=True):
        if abs(angle) < 1e-6:
            continue
        if at - last > merge or turned * angle < 0:
            turns += abs(turned) >= math.radians(30)
            turned = 0.0
        turned += angle
        last = at
    return int(turns + (abs(turned) >= math.radians(30)))


def drive_time(
    xy: NDArray[np.float64], max_speed: float, gear: NDArray[np.int8] | None = None
) -> float:
    """Seconds for the polyline: trapezoids of speed between the corners, which are turned on the
    spot; bends of a curve at the speed that its lateral acceleration allows. The robot stands
    still where ``gear`` (N - 1,) changes.
    """
    length, bend = _bends(xy, gear)
    if not len(length):
        return 0.0
    corner = np.abs(bend) > CORNER
    stop = corner if gear is None else corner | (np.diff(gear) != 0)
    curvature = np.maximum(np.abs(bend) / np.minimum(length[:-1], length[1:]), 1e-9)
    bend_speed = np.minimum(TURN_RATE / curvature, np.sqrt(LATERAL / curvature))
    speed = np.zeros(len(length) + 1)
    speed[1:-1] = np.where(stop, 0.0, np.minimum(max_speed, bend_speed))
    gain = 2 * ACCELERATION * length
    for i in range(len(length)):
        speed[i + 1] = min(speed[i + 1], math.sqrt(speed[i] ** 2 + gain[i]))
    for i in range(len(length) - 1, -1, -1):
        speed[i] = min(speed[i], math.sqrt(speed[i + 1] ** 2 + gain[i]))
    first, last = speed[:-1], speed[1:]
    peak = np.minimum(np.sqrt((gain + first**2 + last**2) / 2), np.maximum(max_speed, first))
    ramps = (2 * peak - first - last) / ACCELERATION
    cruise = (length - (2 * peak**2 - first**2 - last**2) / (2 * ACCELERATION)) / peak
    angle = np.abs(bend[corner])
    fast = angle >= TURN_RATE**2 / TURN_ACCELERATION
    rotation = np.where(
        fast,
        angle / TURN_RATE + TURN_RATE / TURN_ACCELERATION,
        2 * np.sqrt(angle / TURN_ACCELERATION),
    )
    return float(ramps.sum() + np.maximum(cruise, 0.0).sum() + rotation.sum())


def _bends(
    xy: NDArray[np.float64], gear: NDArray[np.int8] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lengths (N - 1,) of the segments and the heading's changes (N - 2,) between, in -pi..pi."""
    step = np.diff(xy, axis=0)
    length = np.hypot(*step.T)
    if gear is None:
        step, length = step[length > 1e-9], length[length > 1e-9]
    else:
        step = step * gear[:, None]
    yaw = np.arctan2(step[:, 1], step[:, 0])
    return length, (np.diff(yaw) + np.pi) % (2 * np.pi) - np.pi
