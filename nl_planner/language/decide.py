"""From what was read to what is done: the contract's rules for ready, ask and refuse.

The model only says what the person said. Here names become ids, and each task is checked against
the machine and the site. A check only ever makes the answer more careful.
"""

from __future__ import annotations

from dataclasses import dataclass
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
from nl_planner.language.names import Candidate, Mentions
from nl_planner.language.replies import action_name, listed, say, task_words
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


class _AskError(Exception):
    def __init__(self, question: str, options: tuple[str, ...] = ()):
        self.question, self.options = question, options


class _RefuseError(Exception):
    pass


def decide(
    reading: Reading,
    mentions: Mentions,
    situation: Situation,
    language: str,
    ask_below: float = 0.0,
) -> Understanding:
    """The understanding that follows from a reading; one less sure than ``ask_below`` asks."""
    confidence = reading.probability
    if reading.intent is None:
        return Understanding(
            intent=Intent.NONE,
            status=Status.REFUSE,
            reason=say("harm", language),
            confidence=confidence,
        )
    rules = _Rules(mentions, situation, language)
    try:
        tasks = tuple(task for read in reading.tasks for task in rules.tasks(read))
    except _AskError as ask:
        return Understanding(
            intent=reading.intent,
            status=Status.ASK,
            question=ask.question,
            options=ask.options,
            confidence=confidence,
        )
    except _RefuseError as refusal:
        return Understanding(
            intent=reading.intent,
            status=Status.REFUSE,
            reason=str(refusal),
            confidence=confidence,
        )
    if tasks and confidence < ask_below:
        meant = tuple(task_words(task, situation.site, language) for task in tasks)
        return Understanding(
            intent=reading.intent,
            status=Status.ASK,
            question=say("doubt", language, meant=listed(meant, language)),
            options=(say("yes", language), say("no", language)),
            confidence=confidence,
        )
    return Understanding(
        intent=reading.intent, status=Status.READY, tasks=tasks, confidence=confidence
    )


class _Rules:
    def __init__(self, mentions: Mentions, situation: Situation, language: str):
        self._mentions, self._situation, self._language = mentions, situation, language
        self._site = situation.site

    def tasks(self, read: ReadTask) -> list[Task]:
        """The tasks of one that was read: one for each member of a group."""
        self._check_action(read.action)
        thing = self._thing(read.thing)
        places = self._places(read, thing)
        for place in places:
            self._check_work_place(place, read.place.relation)
        excepts = tuple(place for left_out in read.not_at for place in self._resolve(left_out))
        return [
            Task(
                action=read.action,
                object=thing,
                place=place,
                except_places=excepts,
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
        if not any(seen.class_id in classes for seen in self._site.objects):
            name = self._site.taxonomy.name(thing, self._language)
            raise _AskError(say("unseen", self._language, name=name))
        return [Place(relation=Relation.IN, landmarks=(SITE,))]

    def _resolve(self, read: ReadPlace) -> list[Place]:
        """The places of one that was read; several for a group."""
        choices = [self._landmarks(name) for name in read.names]
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
            raise _AskError(say("unknown", self._language), self._labels(self._mentions.places))
        if name == OPERATOR and self._situation.operator is None:
            raise _AskError(say("operator", self._language))
        if name == LAST and self._situation.last is None:
            raise _AskError(say("last", self._language))
        if name in BUILTIN_LANDMARKS:
            return (name,)
        candidate = self._mentions.place_by_label[name]
        if len(candidate.ids) > 1 and not candidate.each:
            options = tuple(self._site.label(i, self._language) for i in candidate.ids)
            raise _AskError(say("which", self._language, name=name), options)
        return candidate.ids

    def _labels(self, candidates: tuple[Candidate, ...]) -> tuple[str, ...]:
        return tuple(c.label for c in candidates if len(c.ids) == 1)

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

    def _check_work_place(self, place: Place, said: str) -> None:
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
