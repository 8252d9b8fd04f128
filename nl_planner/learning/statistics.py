"""What a journal tells people: how often it asked, refused, was corrected; what it is unsure of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nl_planner.learning.entries import Entry, Verdict
from nl_planner.models import Slot
from nl_planner.task import BUILTIN_LANDMARKS, Status

LEAST_SURE = 10


@dataclass(frozen=True)
class Week:
    """Counts of one week (ISO: ``2026-W48``, Monday to Sunday, UTC).

    ``said``: instructions; ``asked`` and ``refused``: how many of them were; ``corrected``: how
    many were judged wrong; ``done``: how many led to a job that was done.
    """

    week: str
    said: int
    asked: int
    refused: int
    corrected: int
    done: int


@dataclass(frozen=True)
class Unsure:
    """The choice in an entry that the model was least sure of."""

    entry: int
    text: str
    slot: Slot


@dataclass(frozen=True)
class UnknownName:
    """A name that the site does not know, the place that was meant, and how often."""

    name: str
    target: str
    times: int


@dataclass(frozen=True)
class Statistics:
    """Of all entries together."""

    weeks: tuple[Week, ...]
    least_sure: tuple[Unsure, ...]
    unknown: tuple[UnknownName, ...]

    def to_json(self) -> dict[str, Any]:
        """As ``nl-planner log --stats --json`` prints it."""
        return {
            "weeks": [vars(week) for week in self.weeks],
            "least_sure": [
                {
                    "id": unsure.entry,
                    "text": unsure.text,
                    "chosen": unsure.slot.text.strip(),
                    "probability": round(unsure.slot.probability, 4),
                    "runner_up": (unsure.slot.runner_up or "").strip() or None,
                    "runner_up_probability": round(unsure.slot.runner_up_probability, 4),
                }
                for unsure in self.least_sure
            ],
            "unknown_names": [vars(name) for name in self.unknown],
        }


def statistics(entries: Sequence[Entry]) -> Statistics:
    """What these entries tell."""
    return Statistics(_weeks(entries), _least_sure(entries), _unknown(entries))


def _weeks(entries: Sequence[Entry]) -> tuple[Week, ...]:
    counts: dict[str, Counter[str]] = {}
    for entry in entries:
        count = counts.setdefault(entry.at.strftime("%G-W%V"), Counter())
        count["said"] += 1
        count["asked"] += entry.understanding.status is Status.ASK
        count["refused"] += entry.understanding.status is Status.REFUSE
        count["corrected"] += entry.verdict is Verdict.WRONG
        count["done"] += (entry.outcome or {}).get("outcome") == "done"
    fields = ("said", "asked", "refused", "corrected", "done")
    return tuple(Week(week, *(count[f] for f in fields)) for week, count in sorted(counts.items()))


def _least_sure(entries: Sequence[Entry]) -> tuple[Unsure, ...]:
    found = []
    for entry in entries:
        if entry.slots:
            slot = min(entry.slots, key=lambda slot: slot.probability)
            found.append(Unsure(entry.id, entry.text, slot))
    return tuple(sorted(found, key=lambda unsure: unsure.slot.probability)[:LEAST_SURE])


def _unknown(entries: Sequence[Entry]) -> tuple[UnknownName, ...]:
    """Names that an answer explained."""
    named = {entry.id: entry.unknown for entry in entries if entry.unknown}
    counts: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        tasks = entry.understanding.tasks
        place = tasks[0].place if tasks else None
        if entry.answers in named and place and place.landmarks[0] not in BUILTIN_LANDMARKS:
            counts[named[entry.answers], place.landmarks[0]] += 1
    return tuple(UnknownName(*key, times) for key, times in counts.most_common())
