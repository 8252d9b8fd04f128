"""From what was read to what is done: the contract's rules for ready, ask and refuse.

The model only says what the person said. Here names become ids, and each task is checked against
the machine and the site. A check only ever makes the answer more careful.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

from shapely.geometry import Polygon

from nl_planner.language.grammar import (
    AT,
    NOWHERE,
    OUTSIDE,
    THING,
    UNKNOWN,
    Reading,
    ReadPlace,
    ReadTask,
)
from nl_planner.language.name_index import Candidate
from nl_planner.language.names import Mentions
from nl_planner.language.replies import action_name, listed, say, task_words
from nl_planner.models import Slot
from nl_planner.site.model import Keepout, Landmark, Site
from nl_planner.task import (
    BUILTIN_LANDMARKS,
    LAST,
    OPERATOR,
    ROBOT,
    SITE,
    Action,
    Intent,
    Place,
    Relation,
    Status,
    Task,
    Understanding,
)

MAX_OPTIONS = 6
"""More are not listed: the person says the name."""

_WITHIN = {Relation.NEAR, Relation.AROUND, Relation.ALONG}
"""Said of the whole site these mean in it ("go round the campus"); other relations leave it."""
_MOVES = {Intent.RESUME, Intent.DOCK, Intent.REMEMBER, Intent.YES}
"""What is done without a task and must not be done because of a word that was misheard."""
_SIDES = {Relation.IN_FRONT_OF, Relation.BEHIND, Relation.LEFT_OF, Relation.RIGHT_OF}


@dataclass(frozen=True)
class Situation:
    """What is known beside the sentence: the site, where robot (x, y, yaw) and operator (x, y)
    stand (None: unknown), and the task before.
    """

    site: Site
    robot: tuple[float, float, float] | None = None
    operator: tuple[float, float] | None = None
    last: Task | None = None


@dataclass(frozen=True)
class Question:
    """A question that is open, and what hangs on it.

    ``reading`` with its ``mentions`` waits for the answer. ``about`` says which of its places is
    asked for: the number of the task and the index in ``not_at`` (None: where the work is); None
    asks whether all of it is meant. ``name`` is the name in doubt, None when the place is missing.
    """

    text: str
    options: tuple[Candidate, ...]
    reading: Reading
    mentions: Mentions
    about: tuple[int, int | None] | None = None
    name: str | None = None

    def answered(self, answer: ReadPlace, mentions: Mentions, probability: float) -> Question:
        """With the answer in place of what was asked for; its reading is to be decided again."""
        assert self.about is not None
        number, left_out = self.about
        tasks = list(self.reading.tasks)
        task = tasks[number]
        place = task.place if left_out is None else task.not_at[left_out]
        bare = answer.relation == AT and answer.distance is None and answer.part is None
        if self.name is not None and bare:
            names = tuple(answer.names[0] if name == self.name else name for name in place.names)
            place = replace(place, names=names)
        else:
            place = answer
        if left_out is None:
            tasks[number] = replace(task, place=place)
        else:
            others = task.not_at
            not_at = (*others[:left_out], place, *others[left_out + 1 :])
            tasks[number] = replace(task, not_at=not_at)
        sure = min(probability, self.reading.probability)
        return replace(
            self,
            reading=replace(self.reading, tasks=tuple(tasks), probability=sure),
            mentions=mentions.with_others(self.mentions),
        )


@dataclass(frozen=True)
class Decision:
    """What is understood, the question when it ends in one, and what the model chose."""

    understanding: Understanding
    question: Question | None = None
    slots: tuple[Slot, ...] = ()


class _AskError(Exception):
    def __init__(
        self, text: str, options: tuple[Candidate, ...] = (), name: str | None = None
    ) -> None:
        self.text, self.options, self.name = text, options, name
        self.about: tuple[int, int | None] = (0, None)
        """Number of the task, and index of the place in `not_at`."""


class _RefuseError(Exception):
    pass


def decide(
    reading: Reading,
    mentions: Mentions,
    situation: Situation,
    language: str,
    ask_below: float = 0.0,
    doubted: str | None = None,
) -> Decision:
    """What follows from a reading; one less sure than ``ask_below`` is asked about, and so is one
    of words that were hardly heard (``doubted``).
    """
    confidence = reading.probability
    if reading.intent is None:
        return Decision(
            Understanding(
                intent=Intent.NONE,
                status=Status.REFUSE,
                reason=say("harm", language),
                confidence=confidence,
            )
        )
    rules = _Rules(mentions, situation, language)
    try:
        tasks = tuple(
            task for number, read in enumerate(reading.tasks) for task in rules.tasks(number, read)
        )
    except _AskError as ask:
        asked = Question(ask.text, ask.options, reading, mentions, ask.about, ask.name)
        return asking(asked, [option.label for option in ask.options])
    except _RefuseError as refusal:
        return Decision(
            Understanding(
                intent=reading.intent,
                status=Status.REFUSE,
                reason=str(refusal),
                confidence=confidence,
            )
        )
    if doubted is not None and (tasks or reading.intent in _MOVES):
        asked = Question(say("heard", language, said=doubted), (), reading, mentions)
        return asking(asked, [say("yes", language), say("no", language)])
    if tasks and confidence < ask_below:
        meant = tuple(task_words(task, situation.site, language) for task in tasks)
        text = say("doubt", language, meant=listed(meant, language))
        asked = Question(text, (), reading, mentions)
        return asking(asked, [say("yes", language), say("no", language)])
    return Decision(
        Understanding(
            intent=reading.intent, status=Status.READY, tasks=tasks, confidence=confidence
        )
    )


def asking(question: Question, options: Sequence[str]) -> Decision:
    """The decision to ask this."""
    understanding = Understanding(
        intent=question.reading.intent or Intent.CLEAN,
        status=Status.ASK,
        question=question.text,
        options=tuple(options),
        confidence=question.reading.probability,
    )
    return Decision(understanding, question)


class _Rules:
    def __init__(self, mentions: Mentions, situation: Situation, language: str):
        self._mentions, self._situation, self._language = mentions, situation, language
        self._site = situation.site

    def tasks(self, number: int, read: ReadTask) -> list[Task]:
        """The tasks of one that was read: one for each member of a group."""
        self._check_action(read.action)
        thing = self._thing(read.thing)
        excepts: list[Place] = []
        at: int | None = None
        try:
            places = self._places(read, thing)
            for place in places:
                self._check_work_place(place)
            for at in range(len(read.not_at)):
                excepts += self._resolve(read.not_at[at])
        except _AskError as ask:
            ask.about = (number, at)
            raise
        return [
            Task(
                action=read.action,
                object=thing,
                place=place,
                except_places=tuple(excepts),
                except_objects=tuple(c for c in map(self._thing, read.but) if c),
                passes=read.passes,
            )
            for place in places
        ]

    def _check_action(self, action: Action) -> None:
        can = self._site.robot.actions
        if action is Action.GO_TO or action in can:
            return
        names = [action_name(a, self._language) for a in can]
        raise _RefuseError(
            say(
                "cannot",
                self._language,
                action=action_name(action, self._language),
                can=listed(names, self._language),
            )
        )

    def _thing(self, label: str | None) -> str | None:
        if label is None:
            return None
        if label == THING:
            return "litter"
        return self._mentions.thing_by_label[label].ids[0]

    def _places(self, read: ReadTask, thing: str | None) -> list[Place]:
        if read.place.relation == OUTSIDE:
            raise _RefuseError(say("outside", self._language))
        if read.place.relation != NOWHERE:
            return self._resolve(read.place)
        if thing is None or read.thing == THING:
            raise _AskError(say("where", self._language))
        classes = self._site.taxonomy.descendants(thing)
        seen = sum(item.class_id in classes for item in self._site.objects)
        name = self._site.taxonomy.name(thing, self._language)
        if not seen:
            raise _AskError(say("unseen", self._language, name=name))
        if seen > 1 and read.thing in self._mentions.single:
            raise _AskError(say("which_thing", self._language, name=name))
        return [Place(relation=Relation.IN, landmarks=(SITE,))]

    def _resolve(self, read: ReadPlace) -> list[Place]:
        """The places of one that was read; several for a group."""
        choices = [self._landmarks(name) for name in read.names]
        if (SITE,) in choices and read.relation not in (AT, Relation.IN):
            if read.relation not in _WITHIN:
                raise _RefuseError(say("outside", self._language))
            read = replace(read, relation=Relation.IN, distance=None)
        return [
            Place(
                relation=self._relation(read.relation, landmarks),
                landmarks=landmarks,
                distance=read.distance,
                part=read.part,
            )
            for landmarks in product(*choices)
        ]

    def _landmarks(self, name: str) -> tuple[str, ...]:
        if name == UNKNOWN:
            near = tuple(c for c in self._mentions.places if len(c.ids) == 1)
            raise _AskError(say("unknown", self._language), near[:MAX_OPTIONS], name)
        if name == OPERATOR and self._situation.operator is None:
            raise _AskError(say("operator", self._language), name=name)
        if name == LAST and self._situation.last is None:
            raise _AskError(say("last", self._language), name=name)
        if name in BUILTIN_LANDMARKS:
            return (name,)
        candidate = self._mentions.place_by_label[name]
        if len(candidate.ids) > 1 and not candidate.each:
            options = tuple(
                Candidate(self._site.label(i, self._language), (i,)) for i in candidate.ids
            )
            few = options if len(options) <= MAX_OPTIONS else ()
            raise _AskError(say("which", self._language, name=name), few, name)
        return candidate.ids

    def _relation(self, relation: str, landmarks: tuple[str, ...]) -> Relation:
        if relation != AT:
            return Relation(relation)
        name = landmarks[0]
        if name in (ROBOT, OPERATOR):
            return Relation.NEAR
        if name in (SITE, LAST):
            return Relation.IN
        landmark = self._site.landmark(name)
        if "." in name:
            return Relation.IN_FRONT_OF
        area = isinstance(landmark, Landmark) and landmark.enter
        return Relation.IN if area or isinstance(landmark, Keepout) else Relation.AROUND

    def _check_work_place(self, place: Place) -> None:
        name = place.landmarks[0]
        if name in BUILTIN_LANDMARKS:
            return
        landmark = self._site.landmark(name)
        if place.relation is Relation.IN:
            label = landmark.name(self._language)
            if isinstance(landmark, Keepout):
                raise _RefuseError(say("keepout", self._language, name=label))
            if not landmark.enter and isinstance(landmark.geometry, Polygon):
                raise _RefuseError(say("closed", self._language, name=label))
        if place.relation in _SIDES and not self._has_front(landmark):
            label = landmark.name(self._language)
            raise _AskError(say("front", self._language, name=label))

    def _has_front(self, landmark: Landmark | Keepout) -> bool:
        if self._situation.operator or self._situation.robot:
            return True
        if isinstance(landmark, Keepout):
            return False
        return bool(landmark.entrances) or landmark.front is not None or landmark.kind == "gate"
