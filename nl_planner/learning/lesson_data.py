"""Lessons → what an adapter is trained on and measured by.

A lesson becomes a sample as it is read at run time, learned words replaced: those of all lessons,
since words work without training. Beside it stand
variants on other places of the site, so that the sentence is learned and not the place; and a
replay of generated sentences, so that nothing is forgotten (rehearsal, Robins 1995).
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from nl_planner.errors import ModelError
from nl_planner.language.interpreter import Interpreter
from nl_planner.learning.dataset import Sample, reader, sample, samples
from nl_planner.learning.generate import Example
from nl_planner.learning.lessons import Lessons, Taught
from nl_planner.learning.ordinary import ordinary
from nl_planner.learning.tokens import Phrases, tokens
from nl_planner.site.model import Site
from nl_planner.task import BUILTIN_LANDMARKS, Relation, Status, Understanding

HELD_OUT = 5
"""Every fifth lesson is kept from training to measure by."""
VARIANTS, ENOUGH = 2, 250
"""Variants of a lesson on other places; so many samples need no variants."""
REPLAY, LEAST_REPLAY, MOST_REPLAY = 1.5, 120, 300
"""Generated sentences for each sample of a lesson; at least, at most in all."""


@dataclass(frozen=True)
class DataSet:
    """``training``: samples of lessons and replay. ``held_out``: lessons to measure by.

    ``lessons``: how many are trained on. ``words``: what all of them teach without training.
    ``passed_over``: how many no line can say.
    """

    training: tuple[Sample, ...]
    lessons: int
    held_out: tuple[Taught, ...]
    words: Lessons
    passed_over: int


def data_set(site: Site, lessons: Sequence[Taught], seed: int = 1) -> DataSet:
    """The data set of these lessons, in the order in which they were made."""
    held_out = tuple(lessons[HELD_OUT - 1 :: HELD_OUT])
    kept = [lesson for n, lesson in enumerate(lessons, 1) if n % HELD_OUT]
    words = Lessons(site, lessons, recalls=False)
    interpreter = reader(site, words)
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    variants = min(VARIANTS, ENOUGH // max(1, len(kept)))
    own: list[Sample] = []
    passed_over = 0
    for lesson in kept:
        found = list(lesson_samples(lesson, interpreter, rng, variants))
        own += found
        passed_over += not found
    generated = [s for s, *_ in _replay(len(own), seed, adapted=True)]
    return DataSet((*own, *generated), len(kept), held_out, words, passed_over)


def _replay(own: int, seed: int, *, adapted: bool) -> Iterator[tuple[Sample, Example, Site]]:
    """Generated sentences beside so many samples of lessons."""
    count = min(MOST_REPLAY, max(LEAST_REPLAY, round(REPLAY * own)))
    return islice(samples(seed, 2 * count, "train", adapted=adapted), count)


def lesson_samples(
    lesson: Taught,
    interpreter: Interpreter,
    rng: random.Random,
    variants: int = VARIANTS,
    *,
    adapted: bool = True,
) -> Iterator[Sample]:
    """The sample of a lesson and its variants; none when no line says what it means.

    ``interpreter``: a `reader` with the words that were learned.
    """
    first = example_of(lesson)
    for example in (first, *_elsewhere(lesson, interpreter, rng, variants)) if first else ():
        try:
            made = sample(example, interpreter, adapted=adapted)
        except ModelError:
            continue
        if not any(text in (" unknown", " thing") for _, text in made.choices):
            yield made


def example_of(lesson: Taught, meant: Understanding | None = None) -> Example | None:
    """A lesson in the form of generated examples; None for what is asked about or refused."""
    meant = meant or lesson.understanding
    if meant.status is not Status.READY:
        return None
    tasks = tuple(task.to_json() for task in meant.tasks)
    speech = ordinary(lesson.language)
    said = {
        meaning
        for found in Phrases(speech.phrases).find(tokens(lesson.text).words)
        for meaning in speech.phrases[found.phrase]
    }
    accept = tuple(
        ("around", "in")
        if task.place
        and task.place.relation is Relation.AROUND
        and f"relation {Relation.AROUND}" not in said
        else ()
        for task in meant.tasks
    )
    return Example(lesson.text, lesson.language, str(meant.intent), "lesson", tasks, accept=accept)


def _elsewhere(
    lesson: Taught, interpreter: Interpreter, rng: random.Random, variants: int
) -> Iterator[Example]:
    """Variants of a lesson whose one place is named in it once: the same on other places."""
    meant, site = lesson.understanding, interpreter.site
    place = meant.tasks[0].place if len(meant.tasks) == 1 else None
    if place is None or len(place.landmarks) != 1 or place.landmarks[0] in BUILTIN_LANDMARKS:
        return
    text = interpreter.learned.reword(lesson.text).text if interpreter.learned else lesson.text
    here = place.landmarks[0]
    names = [name for name in _names(site, here) if text.count(name) == 1]
    if not names:
        return
    alike = [
        other.id
        for other in site.landmarks.values()
        if other.id != here
        and here in site.landmarks
        and other.enter == site.landmarks[here].enter
        and bool(other.entrances) == bool(site.landmarks[here].entrances)
    ]
    for other in rng.sample(alike, min(variants, len(alike))):
        moved = place.model_copy(update={"landmarks": (other,)})
        task = meant.tasks[0].model_copy(update={"place": moved})
        there = meant.model_copy(update={"tasks": (task,)})
        example = example_of(lesson, there)
        if example:
            said = text.replace(max(names, key=len), site.label(other, lesson.language))
            yield replace(example, text=said)


def _names(site: Site, landmark_id: str) -> Iterable[str]:
    landmark = site.landmarks.get(landmark_id)
    return landmark.names if landmark else ()


def chats(site: Site, lessons: Sequence[Taught], seed: int = 1) -> Iterator[dict[str, Any]]:
    """The same data as chats for fine-tuning a larger model elsewhere.

    Each is what `models.server_runtime` asks, and the JSON that it expects: ``{"messages": ...}``.
    """
    from nl_planner.models.json_line import example
    from nl_planner.models.server_runtime import messages

    interpreter = reader(site, Lessons(site, lessons))
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    own = [s for lesson in lessons for s in lesson_samples(lesson, interpreter, rng, adapted=False)]
    for made in (*own, *(s for s, *_ in _replay(len(own), seed, adapted=False))):
        answer = example(made.line, made.grammar)
        if answer:
            told = messages(made.prompt, made.grammar)
            yield {"messages": [*told, {"role": "assistant", "content": answer}]}


def write_chats(site: Site, lessons: Sequence[Taught], out: Any) -> int:
    """Write the chats as JSON lines to a file object; how many there are."""
    count = 0
    for chat in chats(site, lessons):
        print(json.dumps(chat, ensure_ascii=False), file=out)
        count += 1
    return count
