"""From a polyline to poses with headings, pieces, turns and duration."""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from nl_planner.coverage.path import CoveragePath, Piece, PieceKind

KINDS = tuple(PieceKind)
"""The kind of a segment is kept as an index into this."""
SHORTEST = 5e-4
"""m; what is shorter is no segment."""
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
) -> CoveragePath:
    """The CoveragePath of an open polyline ``xy`` (N, 2); ``kind`` (N - 1,) of its segments."""
    xy = xy.round(DIGITS)
    moved = np.hypot(*np.diff(xy, axis=0).T) > SHORTEST
    xy, kind = xy[np.concatenate(([True], moved))], kind[moved]
    kind = with_turns(xy, kind, tool_width)
    step = np.diff(xy, axis=0)
    yaw = np.arctan2(step[:, 1], step[:, 0]) if len(step) else np.zeros(1)
    poses = np.column_stack((xy, np.append(yaw, yaw[-1:])[: len(xy)]))
    borders = [0, *(np.flatnonzero(np.diff(kind)) + 1).tolist(), len(kind)]
    pieces = tuple(
        Piece(KINDS[kind[a]], a, b, KINDS[kind[a]] is not PieceKind.TRANSIT)
        for a, b in itertools.pairwise(borders)
        if b > a
    )
    return CoveragePath(
        poses=poses,
        pieces=pieces or (Piece(PieceKind.SPOT, 0, 0, True),),
        length=float(np.hypot(*step.T).sum()),
        turns=count_turns(poses[:, :2], 1.5 * tool_width),
        duration=drive_time(poses[:, :2], max_speed),
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
    swath = kind == KINDS.index(PieceKind.SWATH)
    return np.where(brief & swath, KINDS.index(PieceKind.TURN), kind).astype(np.int8)


def count_turns(xy: NDArray[np.float64], merge: float) -> int:
    """Changes of direction by 30° or more; those of one sense within ``merge`` m are one turn."""
    length, bend = _bends(xy)
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


def drive_time(xy: NDArray[np.float64], max_speed: float) -> float:
    """Seconds for the polyline: trapezoids of speed between the corners, which are turned on the
    spot; bends of a curve at the speed that its lateral acceleration allows.
    """
    length, bend = _bends(xy)
    if not len(length):
        return 0.0
    corner = np.abs(bend) > CORNER
    curvature = np.maximum(np.abs(bend) / np.minimum(length[:-1], length[1:]), 1e-9)
    bend_speed = np.minimum(TURN_RATE / curvature, np.sqrt(LATERAL / curvature))
    speed = np.zeros(len(length) + 1)
    speed[1:-1] = np.where(corner, 0.0, np.minimum(max_speed, bend_speed))
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


def _bends(xy: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lengths (N - 1,) of the segments and angles (N - 2,) between them, in -pi..pi."""
    step = np.diff(xy, axis=0)
    step = step[np.hypot(*step.T) > 1e-9]
    yaw = np.arctan2(step[:, 1], step[:, 0])
    return np.hypot(*step.T), (np.diff(yaw) + np.pi) % (2 * np.pi) - np.pi
