"""A stand-in for a robot, for tests without one: it jumps along its path in steps, at once."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterable
from threading import Event

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from nl_planner.execution.driver import Drive, End, Moved, Pose

STEP = 0.1  # m


class FakeDriver:
    """Drives exactly on the path and takes no time for it.

    ``obstacles``: a drive ends as blocked before one. ``ends``: how the next drives end without
    having moved; when they are used up it drives. ``on_step`` is called with the metres driven so
    far, after each step. ``track`` is every pose it was at, ``tool_track`` those of `follow`.
    """

    def __init__(
        self,
        at: Pose | None = (0.0, 0.0, 0.0),
        obstacles: Iterable[BaseGeometry] = (),
        ends: Iterable[End] = (),
    ) -> None:
        self.at = at
        self.obstacles = list(obstacles)
        self.ends = list(ends)
        self.on_step: Callable[[float], None] = lambda driven: None
        self.track: list[Pose] = []
        self.tool_track: list[NDArray[np.float64]] = []
        self.driven = 0.0

    def seconds(self) -> float:
        """The clock of the wall."""
        return time.monotonic()

    def position(self) -> Pose | None:
        """Where it is."""
        return self.at

    def go_to(self, pose: Pose, moved: Moved, halt: Event) -> Drive:
        """In a straight line, through everything but an obstacle at the goal."""
        if self.at is None:
            return Drive(End.LOST)
        if any(obstacle.intersects(Point(pose[:2])) for obstacle in self.obstacles):
            return Drive(End.BLOCKED)
        return self._along(np.array([self.at, pose]), moved, halt, through=True)

    def follow(self, poses: NDArray[np.float64], moved: Moved, halt: Event) -> Drive:
        """Along the poses up to the first obstacle."""
        first = len(self.track)
        drive = self._along(poses, moved, halt, through=False)
        self.tool_track.append(np.array(self.track[first:]).reshape(-1, 3))
        return drive

    def _along(
        self, poses: NDArray[np.float64], moved: Moved, halt: Event, *, through: bool
    ) -> Drive:
        if self.ends:
            return Drive(self.ends.pop(0))
        for (x0, y0, _), (x1, y1, _) in itertools.pairwise(poses):
            far = math.hypot(x1 - x0, y1 - y0)
            yaw = math.atan2(y1 - y0, x1 - x0)
            steps = max(1, math.ceil(far / STEP))
            for k in range(1, steps + 1):
                if halt.is_set():
                    return Drive(End.STOPPED)
                at = (x0 + (x1 - x0) * k / steps, y0 + (y1 - y0) * k / steps)
                if not through and any(o.intersects(Point(at)) for o in self.obstacles):
                    return Drive(End.BLOCKED)
                self.at = (float(at[0]), float(at[1]), yaw)
                self.driven += far / steps
                self.track.append(self.at)
                moved(self.at)
                self.on_step(self.driven)
        return Drive(End.ARRIVED)
