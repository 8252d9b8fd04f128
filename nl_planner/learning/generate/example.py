"""What the generator hands out: a sentence and its reading; and the right answer to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from nl_planner.learning.generate.sites import NamedSite
from nl_planner.task import Action, Intent, Relation, Status

SEVERAL, UNKNOWN, NOWHERE, OUTSIDE, EVERY = "?several:", "?unknown", "?none", "?outside", "*every:"
"""Special ids in the landmarks of a reading: a name that fits several; a named place that the site
lacks; no place said though one is needed; outside the site; each member of a group (this one
is not a fault: it stands for as many tasks). The name that was said follows the colon."""

ANSWER = "answer"
"""The intent, in a reading, of a place that answers the robot's question."""

UNLISTED = "?unlisted"
"""Special id of an object that no class stands for (a football)."""

REFUSE = "refuse"
"""The intent, in a reading, of what would harm, changes the rules, or is no work of a cleaner."""


@dataclass(frozen=True)
class Mention:
    """A stretch of the sentence and the ids of what it refers to (landmarks or classes)."""

    surface: str
    ids: tuple[str, ...]
    kind: str
    """``landmark`` or ``class``."""


@dataclass(frozen=True)
class Example:
    """A sentence and what it says.

    ``tasks`` are in the contract's form, with the special ids of this module. ``generic`` tells
    for each task whether its action is that of a verb without method (打扫) or of a complaint.
    ``accept`` holds for each task the relations that are right, the best first. ``carried`` names
    the slots of the task that come from the task before (``before``: text and tasks), not from
    this sentence. ``kind`` is that of the evaluation cases, and ``group`` or ``reference``.
    """

    text: str
    language: str
    intent: str
    kind: str
    tasks: tuple[dict[str, Any], ...] = ()
    mentions: tuple[Mention, ...] = ()
    generic: tuple[bool, ...] = ()
    accept: tuple[tuple[str, ...], ...] = ()
    before: tuple[str, tuple[dict[str, Any], ...]] | None = None
    carried: tuple[str, ...] = ()
    pattern_ids: tuple[str, ...] = ()
    site_kind: str = ""
    asked: Example | None = None
    """What the robot asked about just before this was said; ``doubted``: whether it asked if it had
    understood rightly, else which place is meant."""
    doubted: bool = False
    answer: dict[str, Any] | None = None
    """The place that answers it, in the contract's form; ``accept`` then holds its relations."""
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The members of each group word (``*every:…``) and each ambiguous name (``?several:…``)."""

    @property
    def pattern_id(self) -> str:
        """The pattern of the whole sentence; the others are those of its parts."""
        return self.pattern_ids[0]


def expected(example: Example, site: NamedSite, *, lenient: bool = True) -> dict[str, Any]:
    """The right answer, as ``expect`` of the evaluation cases (contract section 3).

    A slot that holds a list accepts any of it; with ``lenient`` False each slot has one value.
    """
    if example.asked and example.answer:
        example = _answered(example, example.asked, example.answer)
    if example.asked and example.doubted and example.intent == Intent.YES:
        return expected(example.asked, site, lenient=lenient)
    if example.intent == REFUSE:
        intents = ["none", "go", "clean"]
        return {"intent": intents, "status": Status.REFUSE.value, "tasks": []}
    if example.intent == Intent.NONE:
        return {"intent": "none", "status": ["ready", "refuse"] if lenient else "ready"}
    if example.intent in (Intent.CORRECT, Intent.REMEMBER):
        return {"intent": example.intent, "status": ["ready", "ask"] if lenient else "ready"}
    status = _status(example, site)
    answer: dict[str, Any] = {"intent": example.intent, "status": status, "tasks": []}
    if status == Status.REFUSE and lenient:
        answer["intent"] = ["clean", "go"]
    if status != Status.READY:
        return answer
    for number, task in enumerate(example.tasks):
        answer["tasks"] += _ready(example, site, number, task, lenient)
    if lenient and any(task["object"] == UNLISTED for task in example.tasks):
        answer["status"] = ["ready", "ask"]
    return answer


def _answered(example: Example, asked: Example, answer: dict[str, Any]) -> Example:
    """What was asked about, with the answer: the whole place, or the landmark that was in doubt."""
    task = asked.tasks[0]
    place, accept = answer, example.accept
    whole = NOWHERE in task["place"]["landmarks"] if task["place"] else True
    if not whole and (answer["relation"] == Relation.IN or is_bare(accept[0])):
        place, accept = {**task["place"], "landmarks": answer["landmarks"]}, asked.accept
    return replace(
        asked,
        tasks=({**task, "place": place},),
        accept=accept,
        groups=asked.groups | example.groups,
    )


def is_bare(accept: tuple[str, ...]) -> bool:
    """Whether the place was said without a relation word, by the relations that are accepted."""
    return accept[:1] in (("around",), ("in_front_of",)) and "in" in accept


def _places(task: dict[str, Any]) -> list[dict[str, Any]]:
    return [place for place in (task["place"], *task["except"]) if place]


def _status(example: Example, site: NamedSite) -> str:
    """ready, ask or refuse, by the contract's rules."""
    possible = {Action.GO_TO, *site.actions}
    keepouts = {keepout.id for keepout in site.keepouts}
    ask = False
    for task in example.tasks:
        if task["action"] not in possible:
            return Status.REFUSE.value
        place = task["place"]
        if place and place["relation"] == Relation.IN and keepouts & set(place["landmarks"]):
            return Status.REFUSE.value
        ids = [name for place in _places(task) for name in place["landmarks"]]
        if OUTSIDE in ids:
            return Status.REFUSE.value
        ask = ask or any(name.startswith("?") for name in ids)
    return (Status.ASK if ask else Status.READY).value


def _ready(
    example: Example, site: NamedSite, number: int, task: dict[str, Any], lenient: bool
) -> list[dict[str, Any]]:
    """The tasks that one task of the reading stands for: several where a group was said."""
    out = {**task, "except": [dict(place) for place in task["except"]]}
    if lenient:
        if example.generic[number] and out["object"] and Action.PICK_UP in site.actions:
            out["action"] = list(dict.fromkeys([out["action"], Action.PICK_UP.value]))
        if out["object"] == UNLISTED:
            out["object"] = [None, "litter"]
        for place in out["except"]:
            if place["relation"] in (Relation.NEAR, Relation.AROUND):
                place["relation"] = [Relation.AROUND.value, Relation.NEAR.value]
            elif place["relation"] == Relation.IN_FRONT_OF:
                place["relation"] = [Relation.IN_FRONT_OF.value, Relation.NEAR.value]
    elif out["object"] == UNLISTED:
        out["object"] = None
    if not out["place"]:  # a thing without a place: the seen ones, anywhere
        return [{**out, "place": {"relation": "in", "landmarks": ["site"], "distance": None}}]
    place = dict(out["place"])
    if lenient and len(example.accept[number]) > 1:
        place["relation"] = list(example.accept[number])
    members = example.groups.get(place["landmarks"][0], ())
    if not place["landmarks"][0].startswith(EVERY):
        return [{**out, "place": place}]
    return [{**out, "place": {**place, "landmarks": [member]}} for member in members]
