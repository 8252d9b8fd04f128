"""What stands in a journal: entries, lessons and aliases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from nl_planner.models import Slot
from nl_planner.task import Task, Understanding


class Verdict(StrEnum):
    """What a person thought of an understanding."""

    RIGHT = "right"
    WRONG = "wrong"


class Source(StrEnum):
    """Where a lesson came from.

    ``correction``: the person corrected the robot. ``confirmed``: the person said yes, or the job
    was done and nobody complained. ``taught``: told beforehand. ``operator``: `nl-planner correct`
    or another program.
    """

    CORRECTION = "correction"
    CONFIRMED = "confirmed"
    TAUGHT = "taught"
    OPERATOR = "operator"


@dataclass(frozen=True)
class Entry:
    """One instruction and what became of it.

    ``robot`` and ``who`` say which robot heard whom, as the program that asked names them.
    ``pose`` (x, y, yaw) is the robot's and ``operator`` (x, y) the person's, in the site's frame.
    ``before`` is the task before. ``answers`` is the entry whose question this one answers,
    ``corrects`` the one that it corrects. ``slots`` has the probability of each choice that the
    model made, and the runner-up. ``plan`` and ``outcome`` are as `Journal.planned` and
    `Journal.outcome` were given them. ``unknown`` is a name in it that the site does not know.
    """

    id: int
    at: datetime
    text: str
    language: str
    understanding: Understanding
    robot: str | None = None
    who: str | None = None
    pose: tuple[float, float, float] | None = None
    operator: tuple[float, float] | None = None
    before: Task | None = None
    answers: int | None = None
    corrects: int | None = None
    slots: tuple[Slot, ...] = ()
    model: str | None = None
    plan: tuple[Mapping[str, Any], ...] | None = None
    outcome: Mapping[str, Any] | None = None
    verdict: Verdict | None = None
    unknown: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The entry as ``nl-planner log --json`` prints it."""
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "text": self.text,
            "language": self.language,
            "understanding": self.understanding.to_json(),
            "robot": self.robot,
            "who": self.who,
            "pose": list(self.pose) if self.pose else None,
            "operator": list(self.operator) if self.operator else None,
            "before": self.before.to_json() if self.before else None,
            "answers": self.answers,
            "corrects": self.corrects,
            "slots": [slot_to_json(slot) for slot in self.slots],
            "model": self.model,
            "plan": list(self.plan) if self.plan is not None else None,
            "outcome": self.outcome,
            "verdict": self.verdict,
            "unknown": self.unknown,
        }


@dataclass(frozen=True)
class Lesson:
    """A sentence, said after the task ``before``, and what it means.

    ``entry`` is the one that it was learned from. ``taken_back`` is when it lost its effect, None
    while it has any.
    """

    id: int
    text: str
    language: str
    understanding: Understanding
    before: Task | None
    made: datetime
    source: Source
    entry: int | None = None
    who: str | None = None
    taken_back: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """The lesson as ``nl-planner log --lessons --json`` prints it."""
        return {
            "id": self.id,
            "text": self.text,
            "language": self.language,
            "understanding": self.understanding.to_json(),
            "before": self.before.to_json() if self.before else None,
            "made": self.made.isoformat(),
            "source": self.source,
            "entry": self.entry,
            "who": self.who,
            "taken_back": self.taken_back.isoformat() if self.taken_back else None,
        }


@dataclass(frozen=True)
class Alias:
    """Another name of a place of the site; ``target`` is the id of that landmark or entrance."""

    id: int
    name: str
    target: str
    made: datetime
    entry: int | None = None
    who: str | None = None
    taken_back: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """The alias as ``nl-planner log --lessons --json`` prints it."""
        return {
            "id": self.id,
            "name": self.name,
            "target": self.target,
            "made": self.made.isoformat(),
            "entry": self.entry,
            "who": self.who,
            "taken_back": self.taken_back.isoformat() if self.taken_back else None,
        }


def slot_to_json(slot: Slot) -> list[Any]:
    """A choice of the model, short: name, text, probability, runner-up and its probability."""
    return [
        slot.name,
        slot.text,
        round(slot.probability, 4),
        slot.runner_up,
        round(slot.runner_up_probability, 4),
    ]
