"""What a job needs of a robot that drives: go somewhere, follow a path, stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Event
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Pose = tuple[float, float, float]
"""x, y (m) and yaw (rad) in the site's frame."""
Moved = Callable[[Pose], None]


class End(StrEnum):
    """How a drive ended. In all but ARRIVED the robot stands somewhere on the way."""

    ARRIVED = "arrived"
    BLOCKED = "blocked"  # something is in the way, or no way was found
    STOPPED = "stopped"  # because ``halt`` was set
    ABSENT = "absent"  # nobody there who drives
    REJECTED = "rejected"  # the order was not taken
    TIMED_OUT = "timed_out"  # no result in good time
    LOST = "lost"  # where the robot is is not known


@dataclass(frozen=True)
class Drive:
    """The end of a drive; ``detail`` is what the navigation said, for the log."""

    end: End
    detail: str = ""


class Driver(Protocol):
    """Drives the robot, one order at a time.

    Both orders block until the drive has ended and the robot stands. They call ``moved``, in the
    calling thread, with each place that the robot came through: poses no further apart than it
    drives in a tenth of a second. When ``halt`` is set, before or meanwhile, they stop the robot
    and return `End.STOPPED`. They raise nothing.
    """

    def seconds(self) -> float:
        """The robot's clock, which simulated time lets run faster or slower; from any start."""

    def position(self) -> Pose | None:
        """Where the robot is now; None when that is not known."""

    def go_to(self, pose: Pose, moved: Moved, halt: Event) -> Drive:
        """Drive to a pose, by whatever way."""

    def follow(self, poses: NDArray[np.float64], moved: Moved, halt: Event) -> Drive:
        """Drive along poses (N, 3), which begin near the robot."""
