"""The line that the language model writes, and what it says.

The model reads the sentence into one short line; everything in it is chosen from what the site
and the contract allow::

    sweep [可乐瓶] front [一号楼] .
    mop all at [lobby] not at [carpet] twice .
    vacuum all at [west bike shed] ; vacuum all at [east bike shed] .

Names in brackets are those that `names` found for this sentence, shown as the site writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from nl_planner.models import END, Filled, Grammar
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

PASS_WORDS = {2: "twice", 3: "thrice", 4: "four", 5: "five"}
DISTANCES = (*range(1, 11), 12, 15, 20, 25, 30, 40, 50, 100, 0.5, 1.5, 2.5)


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
    """What the model read: ``intent`` None means `HARM`. ``probability`` is that of the most
    doubtful slot, and ``doubt`` says which slot, its text and the runner-up.
    """

    intent: Intent | None
    tasks: tuple[ReadTask, ...] = ()
    probability: float = 1.0
    doubt: tuple[str, str, str | None] | None = field(default=None, compare=False)


def grammar(places: Sequence[str], things: Sequence[str]) -> Grammar:
    """The lines that are possible when these names may occur."""
    bracketed = [f" [{name}]" for name in places]
    landmarks = [*bracketed, *(f" {word}" for word in (*BUILTIN_WORDS.values(), UNKNOWN))]
    things_in_brackets = [f" [{name}]" for name in things]
    actions = {
        f" {word}": "object" if action is not Action.GO_TO else "relation"
        for action, word in ACTION_WORDS.items()
    }
    relations = {
        f" {word}": "landmark" if relation != Relation.BETWEEN else "first"
        for relation, word in RELATION_WORDS.items()
        if relation != Relation.BETWEEN or len(places) > 1
    }
    ends = {" ;": "action", " .": END}
    passes = {f" {word}": "end" for word in PASS_WORDS.values()}
    more = {" not": "not_relation", **passes, **ends}
    states: dict[str, Mapping[str, str]] = {
        "start": {
            **actions,
            **{f" {word}": END for word in CONTROL_WORDS.values() if word != Intent.CORRECT},
            f" {Intent.CORRECT}": "corrected",
            f" {HARM}": END,
        },
        "corrected": {**actions, " .": END},
        "action": actions,
        "object": dict.fromkeys([" all", f" {THING}", *things_in_brackets], "relation_or_but"),
        "relation": {**relations, f" {NOWHERE}": "after_nowhere", f" {OUTSIDE}": "end"},
        "landmark": dict.fromkeys(landmarks, "after_place"),
        "first": dict.fromkeys(bracketed, "second"),
        "second": dict.fromkeys(bracketed, "after_place"),
        "after_place": {" metres": "distance", " part": "part", **more},
        "after_nowhere": more,
        "distance": {f" {number:g}m": "after_distance" for number in DISTANCES},
        "after_distance": {" part": "part", **more},
        "part": {f" {part}": "after_part" for part in Part},
        "after_part": more,
        "not_relation": {k: f"not_{v}" for k, v in relations.items()},
        "not_landmark": dict.fromkeys(landmarks, "after_not"),
        "not_first": dict.fromkeys(bracketed, "not_second"),
        "not_second": dict.fromkeys(bracketed, "after_not"),
        "after_not": {" metres": "not_distance", " part": "not_part", **more},
        "not_distance": {f" {number:g}m": "after_not_distance" for number in DISTANCES},
        "after_not_distance": {" part": "not_part", **more},
        "not_part": {f" {part}": "after_not_part" for part in Part},
        "after_not_part": more,
        "end": ends,
    }
    states["relation_or_but"] = states["relation"]
    if things:
        states["relation_or_but"] = {**states["relation"], " but": "but"}
        states["but"] = dict.fromkeys(things_in_brackets, "relation_or_but")
    return Grammar("start", states)


def read_line(filled: Filled) -> Reading:
    """What a line of `grammar` says."""
    intent: Intent | None = None
    tasks: list[ReadTask] = []
    words = iter(filled.slots)
    for slot in words:
        word = slot.text.strip()
        name = word.removeprefix("[").removesuffix("]")
        task = tasks[-1] if tasks else None
        match slot.name:
            case "start" | "action" | "corrected" if word in _ACTIONS:
                tasks.append(ReadTask(_ACTIONS[word], None, ReadPlace(NOWHERE)))
            case "start":
                intent = None if word == HARM else Intent(word)
            case "object" if task and word != "all":
                tasks[-1] = replace(task, thing=name)
            case "but" if task:
                tasks[-1] = replace(task, but=(*task.but, name))
            case "relation" | "relation_or_but" if task and word != "but":
                place = ReadPlace(_RELATIONS.get(word, word))
                tasks[-1] = replace(task, place=place)
            case "not_relation" if task:
                place = ReadPlace(_RELATIONS[word])
                tasks[-1] = replace(task, not_at=(*task.not_at, place))
            case "landmark" | "first" | "second" if task:
                place = replace(task.place, names=(*task.place.names, _BUILTINS.get(word, name)))
                tasks[-1] = replace(task, place=place)
            case "not_landmark" | "not_first" | "not_second" if task:
                *others, place = task.not_at
                place = replace(place, names=(*place.names, _BUILTINS.get(word, name)))
                tasks[-1] = replace(task, not_at=(*others, place))
            case "distance" if task:
                metres = float(word.removesuffix("m"))
                tasks[-1] = replace(task, place=replace(task.place, distance=metres))
            case "not_distance" if task:
                *others, place = task.not_at
                metres = float(word.removesuffix("m"))
                tasks[-1] = replace(task, not_at=(*others, replace(place, distance=metres)))
            case "part" if task:
                tasks[-1] = replace(task, place=replace(task.place, part=Part(word)))
            case "not_part" if task:
                *others, place = task.not_at
                tasks[-1] = replace(task, not_at=(*others, replace(place, part=Part(word))))
        if task and word in _PASSES:
            tasks[-1] = replace(tasks[-1], passes=_PASSES[word])
    if tasks and intent is None:
        only_driving = all(task.action is Action.GO_TO for task in tasks)
        intent = Intent.GO if only_driving else Intent.CLEAN
    least = min(filled.slots, key=lambda slot: slot.probability)
    return Reading(
        intent, tuple(tasks), least.probability, (least.name, least.text, least.runner_up)
    )


def write_line(reading: Reading) -> str:
    """The line that says this reading; `read_line` gives it back."""
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
    return line + (f" {PASS_WORDS[min(task.passes, max(PASS_WORDS))]}" if task.passes > 1 else "")


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
