"""What execution hands back about an instruction."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from nl_planner.task import Understanding


class Outcome(IntEnum):
    """How an instruction ended; numbered as in ``nl_planner_msgs/ExecuteInstruction``.

    DONE: carried out; of work, as far as it could be reached (see ``Report.left_out``).
    ASKED: a question is open and nothing moved. REFUSED: it will not be done. CANCELLED: a person
    or program called it off. BLOCKED: the robot found no way to go on. FAILED: navigation, model
    or map could not be used.
    """

    DONE = 0
    ASKED = 1
    REFUSED = 2
    CANCELLED = 3
    BLOCKED = 4
    FAILED = 5


@dataclass(frozen=True)
class LeftOut:
    """A place that was to be cleaned and was not: ``at`` (x, y) in m, ``area`` in m², and why."""

    at: tuple[float, float]
    area: float
    why: str


@dataclass(frozen=True)
class Report:
    """The end of an instruction.

    ``reply`` is the sentence for the person. ``covered`` is the share (0..1) of the work that is
    clean, ``covered_area`` in m², ``duration`` in s. ``path``: poses (N, 3) of all legs together.
    """

    outcome: Outcome
    reply: str
    understanding: Understanding | None = None
    covered: float = 0.0
    covered_area: float = 0.0
    duration: float = 0.0
    path: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 3)))
    left_out: tuple[LeftOut, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What is kept of it: outcome in words, reply, numbers, what was left out and why."""
        return {
            "outcome": self.outcome.name.lower(),
            "reply": self.reply,
            "covered": round(self.covered, 4),
            "covered_area": round(self.covered_area, 2),
            "duration": round(self.duration, 1),
            "left_out": [left.why for left in self.left_out],
        }
