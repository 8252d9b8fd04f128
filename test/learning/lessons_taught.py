"""Lessons for tests: what a person taught at Riverside Garden."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from nl_planner.language import language_of
from nl_planner.task import Task, Understanding

_numbers = count(1)


@dataclass(frozen=True)
class Told:
    """See `learning.lessons.Taught`."""

    text: str
    understanding: Understanding
    before: Task | None = None
    id: int = field(default_factory=lambda: next(_numbers))

    @property
    def language(self):
        return language_of(self.text)

    @property
    def made(self):
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=self.id)


def task(action, landmark, relation="in", thing=None):
    """A task in short."""
    place = {"relation": relation, "landmarks": (landmark,)}
    return Task(action=action, object=thing, place=place)


def told(text, action, landmark, relation="in", thing=None, before=None):
    """A lesson of one task."""
    right = (task(action, landmark, relation, thing),)
    intent = "go" if action == "go_to" else "clean"
    return Told(text, Understanding(intent=intent, status="ready", tasks=right), before)
