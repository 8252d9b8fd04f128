"""Where a job stands, and which stage may follow which."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"  # for its turn
    CONFIRMING = "confirming"  # for the person's yes
    PLANNING = "planning"
    APPROACHING = "approaching"  # on the way to where the work goes on
    WORKING = "working"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        """Nothing follows."""
        return not NEXT[self]


_ENDS = {Stage.CANCELLED, Stage.FAILED}
NEXT: dict[Stage, set[Stage]] = {
    Stage.CONFIRMING: {Stage.WAITING, *_ENDS},
    Stage.WAITING: {Stage.PLANNING, Stage.APPROACHING, Stage.WORKING, Stage.PAUSED, *_ENDS},
    Stage.PLANNING: {Stage.APPROACHING, Stage.WORKING, Stage.PAUSED, Stage.DONE, *_ENDS},
    Stage.APPROACHING: {Stage.WORKING, Stage.PAUSED, Stage.DONE, Stage.BLOCKED, *_ENDS},
    Stage.WORKING: {Stage.APPROACHING, Stage.PAUSED, Stage.DONE, Stage.BLOCKED, *_ENDS},
    Stage.PAUSED: {Stage.WAITING, *_ENDS},
    Stage.DONE: set(),
    Stage.CANCELLED: set(),
    Stage.BLOCKED: set(),
    Stage.FAILED: set(),
}
"""Which stages may follow; a job never takes another step."""
