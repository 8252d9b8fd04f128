"""The line that the language model writes, and what it says.

The model reads the sentence into one short line; everything in it is chosen from what the site
and the contract allow::

    sweep [可乐瓶] front [一号楼] .
    mop all at [lobby] not at [carpet] twice .
    vacuum all at [west bike shed] ; vacuum all at [east bike shed] .

Names in brackets are those that `names` found for this sentence, shown as the site writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nl_planner.models import END, Filled, Grammar, Slot
from nl_planner.task import Action, Intent, Part, Relation

AT = "at"
"""A place without a relation word: `in` or `around`, as the robot may enter or not."""

RELATION_WORDS = {
    AT: AT,
    Relation.IN: "inside",
    Relation.IN_FRONT_OF: "front",
    Relation.BEHIND: "behind",
    Relation.LEFT_OF: "left",
    Relation.RIGHT_OF: "right",
    Relation.NEAR: "near",
    Relation.AROUND: "around",
    Relation.BETWEEN: "between",
    Relation.ALONG: "along",
    Relation.OPPOSITE: "opposite",
    Relation.NORTH_OF: "north",
    Relation.SOUTH_OF: "south",
    Relation.EAST_OF: "east",
    Relation.WEST_OF: "west",
}
ACTION_WORDS = {action: action.value.replace("_", "") for action in Action} | {
    Action.PICK_UP: "pick",
    Action.GO_TO: "go",
}
CONTROL_WORDS = {
    intent: intent.value for intent in Intent if intent not in (Intent.CLEAN, Intent.GO)
}
HARM = "refuse"
"""Harm to people or things, or text that tries to change the rules."""

NOWHERE, OUTSIDE, UNKNOWN = "nowhere", "outside", "unknown"
"""No place was said; it lies outside the site; it has a name that is not on the list."""

BUILTIN_WORDS = {"site": "site", "robot": "you", "operator": "me", "last": "last"}
THING = "thing"
"""A thing that is not on the list of classes."""
ANSWER = "answer"
"""Begins what answers the robot's question: a place."""

PASS_WORDS = {2: "twice", 3: "thrice", 4: "four", 5: "five", 6: "six", 8: "eight", 10: "ten"}


@dataclass(frozen=True)
class ReadPlace:
    """A place as it was read. ``relation`` is a `Relation` or `AT`; ``names`` as on the list or
    one of `BUILTIN_WORDS` (their ids) or `UNKNOWN`; empty for `NOWHERE` and `OUTSIDE`, which
    ``relation`` then holds.
    """

    relation: str
    names: tuple[str, ...] = ()
    distance: float | None = None
    part: Part | None = None


@dataclass(frozen=True)
class ReadTask:
    """A task as it was read; ``thing`` and ``but`` are names on the list, `THING`, or None."""

    action: Action
    thing: str | None
    place: ReadPlace
    but: tuple[str, ...] = ()
    not_at: tuple[ReadPlace, ...] = ()
    passes: int = 1


@dataclass(frozen=True)
class Reading:
    """What the model read: ``intent`` None means `HARM`, or that it is an ``answer`` to the open
    question. ``probability`` is that of the line as a whole; ``slots`` has that of each choice and
    the runner-up.
    """

    intent: Intent | None
    tasks: tuple[ReadTask, ...] = ()
    answer: ReadPlace | None = None
    probability: float = 1.0
    slots: tuple[Slot, ...] = field(default=(), compare=False)


def grammar(
    places: Sequence[str],
    things: Sequence[str],
    distances: Iterable[float] = (),
    *,
    first_action: Action = Action.SWEEP,
    asked: bool = False,
) -> Grammar:
    """The lines that are possible when these names may occur, and these distances in metres.

    ``first_action``: the one to expect. ``asked``: a question is open and may be answered.
    """
    bracketed = [f" [{name}]" for name in places]
    landmarks = [*bracketed, *(f" {word}" for word in (*BUILTIN_WORDS.values(), UNKNOWN))]
    metres = [f" {number:g}m" for number in sorted(distances)]
    things_in_brackets = [f" [{name}]" for name in things]
    actions = {
        f" {word}": "object" if action is not Action.GO_TO else "relation"
        for action, word in sorted(ACTION_WORDS.items(), key=lambda item: item[0] != first_action)
    }
    ends = {" .": END, " ;": "action"}
    passes = {f" {word}": "end" for word in PASS_WORDS.values()}
    more = {**ends, " not": "not_relation", **passes}

    def place(of: str, then: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
        """The slots of a place; their names begin with ``of``."""
        relations = {
            f" {word}": f"{of}landmark" if relation != Relation.BETWEEN else f"{of}first"
            for relation, word in RELATION_WORDS.items()
            if relation != Relation.BETWEEN or len(places) > 1
        }
        far = {" metres": f"{of}distance"} if metres else {}
        return {
            f"{of}relation": relations,
            f"{of}landmark": dict.fromkeys(landmarks, f"after_{of}place"),
            f"{of}first": dict.fromkeys(bracketed, f"{of}second"),
            f"{of}second": dict.fromkeys(bracketed, f"after_{of}place"),
            f"after_{of}place": {**then, **far, " part": f"{of}part"},
            f"{of}distance": dict.fromkeys(metres, f"after_{of}distance"),
            f"after_{of}distance": {**then, " part": f"{of}part"},
            f"{of}part": {f" {part}": f"after_{of}part" for part in Part},
            f"after_{of}part": then,
        }

    main = place("", more)
    main["relation"] = {**main["relation"], f" {NOWHERE}": "after_nowhere", f" {OUTSIDE}": "end"}
    states: dict[str, Mapping[str, str]] = {
        "start": {
            **actions,
            **{f" {word}": END for word in CONTROL_WORDS.values() if word != Intent.CORRECT},
            f" {Intent.CORRECT}": "corrected",
            f" {HARM}": END,
        },
        "corrected": {**actions, " .": END},
        "action": actions,
        "object": dict.fromkeys([*things_in_brackets, " all", f" {THING}"], "relation_or_but"),
        **main,
        "after_nowhere": more,
        **place("not_", more),
        "end": ends,
        "relation_or_but": main["relation"],
    }
    if things:
        states["relation_or_but"] = {**main["relation"], " but": "but"}
        states["but"] = dict.fromkeys(things_in_brackets, "relation_or_but")
    if asked:
        states["start"] = {f" {ANSWER}": "answer_relation", **states["start"]}
        states |= place("answer_", {" .": END})
    return Grammar("start", states)


def read_line(filled: Filled) -> Reading:
    """What a line of `grammar` says."""
    intent: Intent | None = None
    tasks: list[ReadTask] = []
    answer: ReadPlace | None = None
    words = iter(filled.slots)
    for slot in words:
        word = slot.text.strip()
        name = word.removeprefix("[").removesuffix("]")
        task = tasks[-1] if tasks else None
        of, kind = _PREFIX.match(slot.name).groups()  # type: ignore[union-attr]  # matches all
        if kind in ("start", "action", "corrected") and word in _ACTIONS:
            tasks.append(ReadTask(_ACTIONS[word], None, ReadPlace(NOWHERE)))
        elif kind == "start" and word != ANSWER:
            intent = None if word == HARM else Intent(word)
        elif kind == "object" and task and word != "all":
            tasks[-1] = replace(task, thing=name)
        elif kind == "but" and task:
            tasks[-1] = replace(task, but=(*task.but, name))
        elif kind in ("relation", "relation_or_but") and word != "but":
            place = ReadPlace(_RELATIONS.get(word, word))
            if of == "answer_":
                answer = place
            elif task and of == "not_":
                tasks[-1] = replace(task, not_at=(*task.not_at, place))
            elif task:
                tasks[-1] = replace(task, place=place)
        elif kind in _PLACE_SLOTS:
            if answer:
                answer = _with(answer, kind, word)
            elif task and of == "not_":
                *others, place = task.not_at
                tasks[-1] = replace(task, not_at=(*others, _with(place, kind, word)))
            elif task:
                tasks[-1] = replace(task, place=_with(task.place, kind, word))
        if task and word in _PASSES:
            tasks[-1] = replace(tasks[-1], passes=_PASSES[word])
    if tasks and intent is None:
        only_driving = all(task.action is Action.GO_TO for task in tasks)
        intent = Intent.GO if only_driving else Intent.CLEAN
    return Reading(intent, tuple(tasks), answer, filled.probability, filled.slots)


def _with(place: ReadPlace, kind: str, word: str) -> ReadPlace:
    """The place with what one more slot says."""
    if kind == "distance":
        return replace(place, distance=float(word.removesuffix("m")))
    if kind == "part":
        return replace(place, part=Part(word))
    name = word.removeprefix("[").removesuffix("]")
    return replace(place, names=(*place.names, _BUILTINS.get(word, name)))


def write_line(reading: Reading) -> str:
    """The line that says this reading; `read_line` gives it back."""
    if reading.answer:
        return f" {ANSWER}{_write_place(reading.answer)} ."
    if reading.intent is None:
        return f" {HARM}"
    tasks = " ;".join(_write_task(task) for task in reading.tasks)
    if reading.intent in (Intent.CLEAN, Intent.GO):
        return f"{tasks} ."
    head = f" {CONTROL_WORDS[reading.intent]}"
    return f"{head}{tasks} ." if reading.intent is Intent.CORRECT else head


def _write_task(task: ReadTask) -> str:
    line = f" {ACTION_WORDS[task.action]}"
    if task.action is not Action.GO_TO:
        thing = "all" if task.thing is None else task.thing
        line += f" {thing}" if thing in ("all", THING) else f" [{thing}]"
        line += "".join(f" but [{name}]" for name in task.but)
    line += _write_place(task.place)
    line += "".join(f" not{_write_place(place)}" for place in task.not_at)
    if task.passes > 1:
        line += f" {PASS_WORDS[min(PASS_WORDS, key=lambda count: abs(count - task.passes))]}"
    return line


def _write_place(place: ReadPlace) -> str:
    line = f" {RELATION_WORDS.get(place.relation, place.relation)}"
    for name in place.names:
        plain = BUILTIN_WORDS.get(name) or (name if name == UNKNOWN else None)
        line += f" {plain}" if plain else f" [{name}]"
    if place.distance is not None:
        line += f" metres {place.distance:g}m"
    return line + (f" part {place.part}" if place.part else "")


_ACTIONS = {word: action for action, word in ACTION_WORDS.items()}
_RELATIONS = {word: str(relation) for relation, word in RELATION_WORDS.items()}
_BUILTINS = {word: landmark_id for landmark_id, word in BUILTIN_WORDS.items()}
_PASSES = {word: passes for passes, word in PASS_WORDS.items()}
_PLACE_SLOTS = ("landmark", "first", "second", "distance", "part")
_PREFIX = re.compile("(not_|answer_|)(.*)")
"""The name of a slot: the place that it is of, and what it holds."""
