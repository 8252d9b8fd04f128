"""What an instruction means: Task, Place and Understanding.

The enumerations here are the only ones: prompt, grammar, command line and documents are made from
them. Field by field this is section 2 of the contract; ``Understanding.to_json`` writes it and
``Understanding.model_validate`` reads it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Intent(StrEnum):
    """What the person wants."""

    CLEAN = "clean"
    GO = "go"
    STOP = "stop"
    PAUSE = "pause"
    RESUME = "resume"
    DOCK = "dock"
    STATUS = "status"
    YES = "yes"
    NO = "no"
    CORRECT = "correct"
    REMEMBER = "remember"
    NONE = "none"


class Status(StrEnum):
    """What happens next: run it, ask, or refuse."""

    READY = "ready"
    ASK = "ask"
    REFUSE = "refuse"


class Action(StrEnum):
    """What the machine does at the place."""

    SWEEP = "sweep"
    MOP = "mop"
    VACUUM = "vacuum"
    SCRUB = "scrub"
    PICK_UP = "pick_up"
    INSPECT = "inspect"
    GO_TO = "go_to"


class Relation(StrEnum):
    """Where the place lies, seen from its landmark (``between``: from two)."""

    IN = "in"
    IN_FRONT_OF = "in_front_of"
    BEHIND = "behind"
    LEFT_OF = "left_of"
    RIGHT_OF = "right_of"
    NEAR = "near"
    AROUND = "around"
    BETWEEN = "between"
    ALONG = "along"
    OPPOSITE = "opposite"
    NORTH_OF = "north_of"
    SOUTH_OF = "south_of"
    EAST_OF = "east_of"
    WEST_OF = "west_of"


class Part(StrEnum):
    """The part of an area that was meant."""

    NORTH = "north"
    SOUTH = "south"
    EAST = "east"
    WEST = "west"
    LEFT = "left"
    RIGHT = "right"
    MIDDLE = "middle"
    EDGE = "edge"
    CORNER = "corner"


SITE, ROBOT, OPERATOR, LAST = "site", "robot", "operator", "last"
BUILTIN_LANDMARKS = (SITE, ROBOT, OPERATOR, LAST)
"""Landmark ids that every site has: all of it, where the robot stands, where the person stands,
and the place of the task before."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Place(_Value):
    """A place: a relation to a landmark, to two for ``between``.

    ``landmarks`` are ids of the site (``building_1``), of one of its entrances
    (``building_1.main``), of a keepout, or one of ``BUILTIN_LANDMARKS``.
    ``distance`` is in metres and None unless one was said.
    """

    relation: Relation
    landmarks: tuple[str, ...]
    distance: float | None = Field(default=None, gt=0, le=1000)
    part: Part | None = None

    @model_validator(mode="after")
    def _number_of_landmarks(self) -> Self:
        wanted = 2 if self.relation is Relation.BETWEEN else 1
        if len(self.landmarks) != wanted:
            raise ValueError(f"'{self.relation}' takes {wanted} landmark(s), not {self.landmarks}")
        return self

    def to_json(self) -> dict[str, Any]:
        """The place as the contract writes it; ``part`` only when one was said."""
        data: dict[str, Any] = {
            "relation": self.relation.value,
            "landmarks": list(self.landmarks),
            "distance": self.distance,
        }
        if self.part is not None:
            data["part"] = self.part.value
        return data


class Task(_Value):
    """One piece of work: do ``action`` to ``object`` at ``place``.

    ``object`` is a class id of the taxonomy, None for the whole place. ``place`` None means the
    seen objects anywhere on the site. ``except_places`` and ``except_objects`` are left alone.
    """

    action: Action
    object: str | None = None
    place: Place | None = None
    except_places: tuple[Place, ...] = Field(default=(), alias="except")
    except_objects: tuple[str, ...] = ()
    passes: int = Field(default=1, ge=1, le=10)

    def to_json(self) -> dict[str, Any]:
        """The task as the contract writes it; ``except_objects`` only when there are any."""
        data: dict[str, Any] = {
            "action": self.action.value,
            "object": self.object,
            "place": self.place.to_json() if self.place else None,
            "except": [place.to_json() for place in self.except_places],
            "passes": self.passes,
        }
        if self.except_objects:
            data["except_objects"] = list(self.except_objects)
        return data


class Understanding(_Value):
    """What the robot understood, and whether it may act on it.

    ``ask`` and ``refuse`` never carry tasks: nothing moves. ``confidence`` is in 0..1.
    """

    intent: Intent
    status: Status
    tasks: tuple[Task, ...] = ()
    question: str | None = None
    options: tuple[str, ...] = ()
    reason: str | None = None
    confidence: float = Field(default=1.0, ge=0, le=1)

    @model_validator(mode="after")
    def _what_status_allows(self) -> Self:
        if self.tasks and self.status is not Status.READY:
            raise ValueError(f"status '{self.status}' carries no tasks")
        if self.status is Status.ASK and not self.question:
            raise ValueError("status 'ask' needs a question")
        if self.status is Status.REFUSE and not self.reason:
            raise ValueError("status 'refuse' needs a reason")
        return self

    def to_json(self) -> dict[str, Any]:
        """The understanding as the contract writes it."""
        return {
            "intent": self.intent.value,
            "status": self.status.value,
            "tasks": [task.to_json() for task in self.tasks],
            "question": self.question,
            "options": list(self.options),
            "reason": self.reason,
            "confidence": round(self.confidence, 4),
        }
