"""Rows of a journal's tables, and the values that they hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from nl_planner.errors import BadInputError
from nl_planner.learning.entries import Alias, Entry, Lesson, Source, Verdict
from nl_planner.models import Slot
from nl_planner.task import Task, Understanding

ENTRY_COLUMNS = (
    "id, at, text, language, understanding, robot, who, pose, operator, before, answers, corrects,"
    " slots, model, plan, outcome, verdict, unknown"
)
LESSON_COLUMNS = "id, text, language, understanding, before, at, source, entry, who, taken_back"
ALIAS_COLUMNS = "id, name, target, at, entry, who, taken_back"


def seconds(when: datetime | None) -> float:
    """Seconds since 1970; None is now."""
    if when is None:
        return datetime.now(UTC).timestamp()
    if when.tzinfo is None:
        raise BadInputError(f"{when}: has no time zone; give one, such as datetime.now(UTC)")
    return when.timestamp()


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def written(value: Any) -> str | None:
    """A value as JSON text."""
    if value is None:
        return None
    if isinstance(value, Task | Understanding):
        value = value.to_json()
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _read(text: str | None) -> Any:
    return json.loads(text) if text is not None else None


def entry_of(row: Sequence[Any]) -> Entry:
    """An entry from its `ENTRY_COLUMNS`."""
    number, at, text, language, understanding, robot, who, pose, operator, before = row[:10]
    answers, corrects, slots, model, plan, outcome, verdict, unknown = row[10:]
    return Entry(
        id=number,
        at=_moment(at),
        text=text,
        language=language,
        understanding=Understanding.model_validate_json(understanding),
        robot=robot,
        who=who,
        pose=tuple(_read(pose)) if pose else None,
        operator=tuple(_read(operator)) if operator else None,
        before=_task(before),
        answers=answers,
        corrects=corrects,
        slots=tuple(Slot(*slot) for slot in _read(slots)),
        model=model,
        plan=tuple(_read(plan)) if plan else None,
        outcome=_read(outcome),
        verdict=Verdict(verdict) if verdict else None,
        unknown=unknown,
    )


def lesson_of(row: Sequence[Any]) -> Lesson:
    """A lesson from its `LESSON_COLUMNS`."""
    number, text, language, understanding, before, at, source, entry, who, taken_back = row
    return Lesson(
        id=number,
        text=text,
        language=language,
        understanding=Understanding.model_validate_json(understanding),
        before=_task(before),
        made=_moment(at),
        source=Source(source),
        entry=entry,
        who=who,
        taken_back=_moment(taken_back) if taken_back else None,
    )


def alias_of(row: Sequence[Any]) -> Alias:
    """An alias from its `ALIAS_COLUMNS`."""
    number, name, target, at, entry, who, taken_back = row
    gone = _moment(taken_back) if taken_back else None
    return Alias(number, name, target, _moment(at), entry, who, gone)


def _task(text: str | None) -> Task | None:
    return Task.model_validate_json(text) if text else None
