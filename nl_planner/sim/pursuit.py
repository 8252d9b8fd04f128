"""Following a path: regulated pure pursuit.

Macenski, Singh, Martín and Ginés, "Regulated Pure Pursuit for Robot Path Tracking" (Autonomous
Robots, 2023), as Nav2's controller of that name: it steers on an arc to a point some way ahead on
the path, slower in a tight bend and near the end. A corner is driven to and turned on the spot, as
the planner counts it.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from nl_planner.sim.wheels import Limits, Pose

Floats = NDArray[np.float64]

CORNER = math.radians(20)
"""A sharper bend is turned on the spot; as in `nl_planner.coverage`."""
LOOKAHEAD_TIME = 0.6  # s
LOOKAHEAD = (0.3, 0.8)  # m, least and most
IN_BEND = (0.35, 0.1)
"""Of the radius of a bend ahead, the most to look ahead; and m, at least."""
SLOW_RADIUS = 0.6  # m; a tighter bend is driven slower
SLOWEST = 0.4  # of the speed, for a bend; the turn rate may ask for less
NEAR_AHEAD = 0.1
"""Metres of the path within which the robot is looked for: further on may be another lane."""
AT_END = 0.02  # m
AT_HEADING = 0.03  # rad
LOST_HEADING = math.radians(60)
"""A heading so far off is turned on the spot first."""
CREEP = 0.05  # m/s, the least on the way to an end


class PathFollower:
    """Gives the speeds that lead along a path; it never skips a part of it.

    Args:
        poses: (N, 3) x, y (m), yaw (rad); of the yaws only the last counts.
        limits: of the machine.
    """

    def __init__(self, poses: Floats, limits: Limits) -> None:
        self._limits = limits
        self._yaw = float(poses[-1, 2])
        self._runs = _runs(poses[:, :2])
        self._lengths = [float(np.hypot(*np.diff(run, axis=0).T).sum()) for run in self._runs]
        self._arc, self._yaws = np.zeros(1), np.zeros(1)
        self._now, self._along, self._turning = -1, 0.0, True
        self.arrived = False
        self._next_run()

    @property
    def left(self) -> float:
        """Metres of the path that are still to be driven."""
        return max(0.0, sum(self._lengths[self._now :]) - self._along)

    def ahead(self, reach: float) -> tuple[float, float]:
        """The place on the path ``reach`` m ahead, or the next corner when that is nearer."""
        run = self._runs[self._now]
        return _at(run, self._arc, min(self._along + reach, float(self._arc[-1])))

    def command(self, pose: Pose, speed: float) -> tuple[float, float]:
        """(speed m/s, turn rate rad/s) for a robot at ``pose`` that drives at ``speed``."""
        if self._now < len(self._runs):
            run = self._runs[self._now]
            self._along = _project(run, self._arc, pose, self._along)
            rest = float(self._arc[-1]) - self._along
            if rest > AT_END:
                return self._drive(run, pose, speed, rest)
            self._next_run()
            return 0.0, 0.0
        off = math.remainder(self._yaw - pose[2], math.tau)
        self.arrived = abs(off) < AT_HEADING and abs(speed) < AT_END
        return 0.0, 0.0 if self.arrived else self._rotation(off)

    def _next_run(self) -> None:
        self._now, self._along, self._turning = self._now + 1, 0.0, True
        if self._now < len(self._runs):
            run = self._runs[self._now]
            self._arc, self._yaws = _arc(run), _yaws(run)

    def _drive(self, run: Floats, pose: Pose, speed: float, rest: float) -> tuple[float, float]:
        reach = min(max(LOOKAHEAD_TIME * abs(speed), LOOKAHEAD[0]), LOOKAHEAD[1])
        share, least = IN_BEND
        reach = max(min(reach, share * self._radius()), least)
        x, y = _at(run, self._arc, self._along + reach)
        dx, dy = x - pose[0], y - pose[1]
        off = math.remainder(math.atan2(dy, dx) - pose[2], math.tau)
        self._turning = abs(off) > (AT_HEADING if self._turning else LOST_HEADING)
        if self._turning:
            return 0.0, self._rotation(off)
        curvature = 2 * math.sin(off) / max(math.hypot(dx, dy), 1e-6)
        limits = self._limits
        radius = 1 / max(abs(curvature), 1e-6)
        wanted = limits.speed * max(min(1.0, radius / SLOW_RADIUS), SLOWEST)
        wanted = min(wanted, limits.turn_rate * radius)
        wanted = min(wanted, math.sqrt(2 * limits.acceleration * rest))
        wanted = max(wanted, CREEP)
        return wanted, wanted * curvature

    def _radius(self) -> float:
        """Metres, of the bend that the next stretch of the path is; inf when it is straight."""
        ends = self._along, min(self._along + LOOKAHEAD[0], float(self._arc[-1]))
        first, last = np.searchsorted(self._arc[1:-1], ends, "right")
        bend = abs(float(self._yaws[last] - self._yaws[first]))
        return (ends[1] - ends[0]) / bend if bend > 1e-3 else math.inf

    def _rotation(self, off: float) -> float:
        """Turn rate that can still stop at the heading, which is ``off`` rad away."""
        limits = self._limits
        rate = min(limits.turn_rate, 0.8 * math.sqrt(2 * limits.turn_acceleration * abs(off)))
        return math.copysign(rate, off)


def _runs(xy: Floats) -> list[Floats]:
    """The path cut at its corners; points that coincide are one."""
    apart = np.hypot(*np.diff(xy, axis=0).T) > 1e-4
    xy = xy[np.concatenate(([True], apart))]
    if len(xy) < 2:
        return []
    bend = np.abs(np.diff(_yaws(xy)))
    cuts = [0, *(np.flatnonzero(bend > CORNER) + 1).tolist(), len(xy) - 1]
    return [xy[a : b + 1] for a, b in itertools.pairwise(cuts)]


def _yaws(xy: Floats) -> Floats:
    """Headings (N - 1,) of the segments, without jumps at ±pi."""
    return np.unwrap(np.arctan2(*np.diff(xy, axis=0).T[::-1]))


def _arc(run: Floats) -> Floats:
    return np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(run, axis=0).T))))


def _at(run: Floats, arc: Floats, along: float) -> tuple[float, float]:
    """The point ``along`` m from the run's start; past its end straight on."""
    i = min(int(np.searchsorted(arc, along, "right")) - 1, len(run) - 2)
    share = (along - arc[i]) / (arc[i + 1] - arc[i])
    x, y = run[i] + share * (run[i + 1] - run[i])
    return float(x), float(y)


def _project(run: Floats, arc: Floats, pose: Pose, along: float) -> float:
    """How far along the run the robot is: the nearest point at or a little after ``along``."""
    first = max(int(np.searchsorted(arc, along, "right")) - 1, 0)
    last = min(int(np.searchsorted(arc, along + NEAR_AHEAD)), len(run) - 1)
    a, b = run[first:last], run[first + 1 : last + 1]
    if not len(a):
        return along
    step = b - a
    here = np.array(pose[:2])
    share = np.clip(((here - a) * step).sum(1) / (step**2).sum(1), 0.0, 1.0)
    away = np.hypot(*(a + share[:, None] * step - here).T)
    best = int(np.argmin(away))
    found = arc[first + best] + share[best] * (arc[first + best + 1] - arc[first + best])
    return max(along, float(found))
