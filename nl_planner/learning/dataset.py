"""Generated examples → what a model is trained on: prompts and the choices it should make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import radians
from typing import Any

from shapely.geometry import Polygon

from nl_planner.errors import ModelError
from nl_planner.language.decide import Question, Situation, decide
from nl_planner.language.grammar import (
    AT,
    BUILTIN_WORDS,
    NOWHERE,
    OUTSIDE,
    THING,
    UNKNOWN,
    Reading,
    ReadPlace,
    ReadTask,
    write_line,
)
from nl_planner.language.interpreter import Interpreter
from nl_planner.language.learned import Learned
from nl_planner.language.name_index import Candidate
from nl_planner.language.names import Mentions
from nl_planner.language.normalise import clean_text
from nl_planner.learning import generate
from nl_planner.learning.generate import Example, NamedSite
from nl_planner.learning.generate.example import is_bare
from nl_planner.models import Grammar, Prompt
from nl_planner.models.fake import FakeModel, cut
from nl_planner.site.model import Entrance, Keepout, Landmark, Robot, SeenObject, Site
from nl_planner.task import Action, Intent, Part, Relation, Task

_SQUARE = Polygon([(0, 0), (1, 0), (1, 1), (0, 1)])


@dataclass(frozen=True)
class Sample:
    """A prompt, what may be written, and what should be."""

    prompt: Prompt
    grammar: Grammar
    choices: tuple[tuple[str, str], ...]
    """(slot, text) each."""

    @property
    def line(self) -> str:
        """All that should be written."""
        return "".join(text for _, text in self.choices)


def samples(
    seed: int, count: int, split: str, *, adapted: bool = True
) -> Iterator[tuple[Sample, Example, Site]]:
    """Samples from the generator; those that cannot be written are passed over."""
    for named, example in generate.generate(seed, count, split):
        site = site_of(named)
        try:
            yield sample(example, reader(site), adapted=adapted), example, site
        except ModelError:
            continue


def reader(site: Site, learned: Learned | None = None) -> Interpreter:
    """What finds names in sentences of a site, and says what a model is asked about them."""
    return Interpreter(site, FakeModel(()), learned)


def sample(example: Example, interpreter: Interpreter, *, adapted: bool = True) -> Sample:
    """The sample of one example, as a `reader` puts it.

    ``adapted``: the prompt is that of a model with an adapter.

    Raises:
        ModelError: the right answer cannot be written (one of two places has no known name), or
            the robot would not ask what it asks in the example.
    """
    last = None
    if example.before:
        last = Task.model_validate(example.before[1][-1])
    text = clean_text(example.text)
    if interpreter.learned:
        text = interpreter.learned.reword(text).text
    asked = open_question(example, interpreter)
    prompt, grammar, mentions = interpreter.question(text, last, asked, adapted=adapted)
    line = write_line(_reading(example, mentions, interpreter.site))
    return Sample(prompt, grammar, tuple(cut(line, grammar)))


def open_question(example: Example, interpreter: Interpreter) -> Question | None:
    """What the robot has asked just before the sentence of this example, if anything.

    Raises:
        ModelError: the example has it ask, but it would not.
    """
    earlier = example.asked
    if earlier is None:
        return None
    text, site = clean_text(earlier.text), interpreter.site
    _, _, mentions = interpreter.question(text, None, adapted=True)
    reading = _reading(earlier, mentions, site)
    doubt = 2.0 if example.doubted else 0.0  # so sure that nobody ever is
    question = decide(reading, mentions, Situation(site), earlier.language, doubt).question
    meant = [ids for word, ids in earlier.groups.items() if word.startswith(generate.SEVERAL)]
    offered = tuple(i for option in question.options for i in option.ids) if question else ()
    if (
        question is None
        or bool(question.about) == example.doubted
        or (meant and not example.doubted and offered != meant[0])
    ):
        raise ModelError("the robot does not ask that")
    return question


def _reading(example: Example, mentions: Mentions, site: Site) -> Reading:
    if example.answer:
        place = _place(example.answer, example, mentions, site)
        if is_bare(example.accept[0]) or place.names[0].startswith("every "):
            place = replace(place, relation=AT)
        return Reading(None, answer=place)
    if example.intent == generate.REFUSE:
        return Reading(None)
    intent = Intent(example.intent)
    if intent not in (Intent.CLEAN, Intent.GO, Intent.CORRECT):
        return Reading(intent)
    accepted = example.accept or ((),) * len(example.tasks)
    tasks = zip(example.tasks, accepted, strict=True)
    return Reading(intent, tuple(_task(t, a, example, mentions, site) for t, a in tasks))


def _task(
    task: Mapping[str, Any],
    accept: tuple[str, ...],
    example: Example,
    mentions: Mentions,
    site: Site,
) -> ReadTask:
    thing = task["object"]
    if thing is not None:
        thing = THING if thing == generate.UNLISTED else _thing(thing, mentions)
    place = ReadPlace(NOWHERE)
    if task["place"] is not None:
        place = _place(task["place"], example, mentions, site)
        if is_bare(accept):
            place = replace(place, relation=AT)
    return ReadTask(
        Action(task["action"]),
        thing,
        place,
        tuple(_thing(item, mentions) for item in task.get("except_objects", ())),
        tuple(_place(left_out, example, mentions, site) for left_out in task["except"]),
        task["passes"],
    )


def _thing(class_id: str, mentions: Mentions) -> str:
    for candidate in mentions.things:
        if candidate.ids == (class_id,):
            return candidate.label
    return THING


def _place(place: Mapping[str, Any], example: Example, mentions: Mentions, site: Site) -> ReadPlace:
    landmarks = place["landmarks"]
    if generate.NOWHERE in landmarks:
        return ReadPlace(NOWHERE)
    if generate.OUTSIDE in landmarks:
        return ReadPlace(OUTSIDE)
    names = tuple(_label(name, example, mentions) for name in landmarks)
    part = place.get("part")
    return ReadPlace(
        _relation(place["relation"], landmarks[0], site),
        names,
        place.get("distance"),
        Part(part) if part else None,
    )


def _relation(relation: str, landmark_id: str, site: Site) -> str:
    """The relation to read: `AT` where it is what no relation word would give."""
    if relation == Relation.IN:
        landmark = site.landmarks.get(landmark_id)
        closed = landmark is not None and not landmark.enter
        return Relation.IN if closed else AT
    return relation


def _label(name: str, example: Example, mentions: Mentions) -> str:
    if name in BUILTIN_WORDS:
        ids: tuple[str, ...] = (name,)
        own = [c.label for c in mentions.places if c.ids == ids]
        return own[0] if own else name
    each = name.startswith(generate.EVERY)
    if each or name.startswith(generate.SEVERAL):
        candidate = _family(mentions.places, set(example.groups[name]), each)
        return candidate.label if candidate else UNKNOWN
    for candidate in mentions.places:
        if candidate.ids == (name,):
            return candidate.label
    return UNKNOWN  # not on the list, so the robot must ask


def _family(places: tuple[Candidate, ...], members: set[str], each: bool) -> Candidate | None:
    """The family that is most like these members."""

    def likeness(candidate: Candidate) -> float:
        ids = set(candidate.ids)
        return len(ids & members) / len(ids | members)

    families = [c for c in places if c.each == each and len(c.ids) > 1 and likeness(c) >= 0.5]
    return max(families, key=likeness, default=None)


def site_of(named: NamedSite) -> Site:
    """A site with these names; every landmark lies on the same square."""
    return Site(
        name=named.names,
        robot=Robot(0.3, 0.5, named.actions),
        landmarks={
            thing.id: Landmark(
                thing.id,
                thing.names,
                thing.kind,
                _SQUARE,
                front=radians(270),
                entrances={
                    door.id: Entrance(door.id, (0.5, 0), door.zh + door.en)
                    for door in thing.entrances
                },
                enter=thing.enter,
                tags=thing.tags,
            )
            for thing in named.landmarks
        },
        keepouts={thing.id: Keepout(thing.id, thing.names, _SQUARE) for thing in named.keepouts},
        objects=tuple(SeenObject(c, c, (0.5, 0.5)) for c in named.classes.classes),
        taxonomy=named.classes,
        boundary=_SQUARE,
    )
