"""A body on two driven wheels: speeds that change no faster than the motors allow."""

from __future__ import annotations

import math
from dataclasses import dataclass

Pose = tuple[float, float, float]
"""x, y (m) and yaw (rad)."""


@dataclass(frozen=True)
class Limits:
    """What the motors can do: m/s, rad/s, m/s², rad/s²; ``braking`` (m/s²) when it slows down."""

    speed: float = 0.5
    turn_rate: float = 1.0
    acceleration: float = 0.5
    braking: float = 2.5
    turn_acceleration: float = 2.0


class Wheels:
    """Integrates the motion of the body.

    ``pose`` is where it really is; ``odometry`` is what the wheels tell of it, from (0, 0, 0) on:
    the two part where the wheels slip. ``speed`` (m/s) and ``turn_rate`` (rad/s) are the wheels'.
    """

    def __init__(self, pose: Pose, limits: Limits) -> None:
        self.pose = pose
        self.odometry: Pose = (0.0, 0.0, 0.0)
        self.limits = limits
        self.speed = self.turn_rate = 0.0

    def turn(self, speed: float, turn_rate: float, dt: float) -> None:
        """Bring the wheels towards a speed and turn rate for ``dt`` (s); the body does not move."""
        limits = self.limits
        slower = speed * self.speed < 0 or abs(speed) < abs(self.speed)
        most = (limits.braking if slower else limits.acceleration) * dt
        self.speed += _clip(speed - self.speed, most)
        self.turn_rate += _clip(turn_rate - self.turn_rate, limits.turn_acceleration * dt)

    def ahead(self, dt: float, slip: float = 0.0) -> Pose:
        """Where the body is after ``dt`` (s); ``slip`` (0..1) is the share of motion lost."""
        return _moved(self.pose, self.speed * (1 - slip), self.turn_rate * (1 - slip), dt)

    def move(self, dt: float, slip: float = 0.0) -> None:
        """Let the body and the odometry move on for ``dt`` (s)."""
        self.pose = self.ahead(dt, slip)
        self.odometry = _moved(self.odometry, self.speed, self.turn_rate, dt)

    def stop(self) -> None:
        """Against something: the wheels stand at once."""
        self.speed = self.turn_rate = 0.0

    @property
    def stands(self) -> bool:
        """Whether nothing moves."""
        return abs(self.speed) < 1e-3 and abs(self.turn_rate) < 1e-3


def _clip(value: float, most: float) -> float:
    return max(-most, min(most, value))


def _moved(pose: Pose, speed: float, turn_rate: float, dt: float) -> Pose:
    """Along the arc; its chord points half the turn aside."""
    x, y, yaw = pose
    turned = turn_rate * dt
    chord = speed * dt * (math.sin(turned / 2) / (turned / 2) if abs(turned) > 1e-9 else 1.0)
    middle = yaw + turned / 2
    end = math.remainder(yaw + turned, math.tau)
    return x + chord * math.cos(middle), y + chord * math.sin(middle), end
