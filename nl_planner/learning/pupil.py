"""What the robot learns from what is said to it, and writes down.

A `Pupil` stands beside a `Dialogue`: each sentence goes into the journal with what was understood,
an answer is tied to its question and a correction to what it corrects; corrections and praise
become lessons, and a name that is taught becomes an alias that the next sentence may use.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from nl_planner.errors import JournalError, ModelError
from nl_planner.language.decide import MAX_OPTIONS, Question
from nl_planner.language.dialogue import Dialogue
from nl_planner.language.gate import UNREADABLE
from nl_planner.language.grammar import ANSWER, AT, UNKNOWN, Reading, ReadPlace, ReadTask
from nl_planner.language.interpreter import Interpreter
from nl_planner.language.name_index import Candidate
from nl_planner.language.names import Mentions
from nl_planner.language.normalise import canonical, clean_text, language_of
from nl_planner.language.replies import say
from nl_planner.learning import aliases
from nl_planner.learning.entries import Entry, Source, Verdict
from nl_planner.learning.journal import Journal
from nl_planner.learning.lessons import Lessons
from nl_planner.learning.naming import SURE, read_naming, unknown_name
from nl_planner.learning.suspects import contradiction
from nl_planner.task import (
    BUILTIN_LANDMARKS,
    Action,
    Intent,
    Relation,
    Status,
    Task,
    Understanding,
)

log = logging.getLogger(__name__)

_COMMANDS = (
    Intent.STOP,
    Intent.PAUSE,
    Intent.RESUME,
    Intent.DOCK,
    Intent.YES,
    Intent.NO,
)
_WORK = (Intent.CLEAN, Intent.GO, Intent.CORRECT)
_ANSWERS = (ANSWER, Intent.YES.value, Intent.NO.value, Intent.CORRECT.value)
"""The first word of a line that answers an open question."""


@dataclass(frozen=True)
class _Offer:
    """A name that waits for an answer; without ``target`` for which place it is. ``language`` is
    that of the sentence that taught it.
    """

    name: str
    language: str
    target: str | None = None


class Pupil:
    """Writes down what is said in one dialogue, and learns from it.

    ``entry`` is the journal's number of the last sentence, None when it could not be written.
    ``note`` is what the person should be told of what was learned, or "". A journal that cannot be
    used is logged, and the robot works on without it.
    """

    def __init__(self, journal: Journal, dialogue: Dialogue, interpreter: Interpreter) -> None:
        self._journal, self._dialogue, self._interpreter = journal, dialogue, interpreter
        self._lessons = interpreter.learned = Lessons(interpreter.site)
        self._official = Interpreter(interpreter.site, interpreter.model)  # knows no aliases
        self.entry: int | None = None
        self.note = ""
        self._previous: int | None = None
        self._asked: int | None = None
        self._work: int | None = None
        self._offer: _Offer | None = None
        self._learned: _Offer | None = None
        self._changes = -1

    def forget(self) -> None:
        """Forget what was said before; the journal keeps it."""
        self._asked = self._work = self._offer = None

    def hear(self, text: str, who: str | None = None, *, doubted: bool = False) -> Understanding:
        """As `Dialogue.hear`, written down and learned from."""
        self.note, self._learned = "", None
        with self._logged():
            self._use_what_was_learned()
        before, asked = self._dialogue.last, self._dialogue.question
        understood = self._dialogue.hear(text, doubted=doubted)
        offer, self._offer = self._offer, None
        if offer:
            understood = self._answered(offer, understood, before)
        elif understood.intent is Intent.REMEMBER and understood.status is Status.READY:
            understood = self._named(clean_text(text), understood)
        self._previous, self.entry = self.entry, None
        with self._logged():
            self._write(text, understood, before, asked, who)
        return understood

    def replied(self, understood: Understanding) -> None:
        """Planning answered the last sentence with this question after all."""
        if self.entry is not None:
            with self._logged():
                self._journal.reply(self.entry, understood)
            self._work = None

    def planned(self, entry: int, legs: list[Mapping[str, Any]]) -> None:
        """Write down the plan for a sentence, in short."""
        with self._logged():
            self._journal.planned(entry, legs)

    def ended(self, entry: int, report: Mapping[str, Any]) -> None:
        """Write down what became of the job of a sentence; see `Journal.outcome`."""
        with self._logged():
            self._journal.outcome(entry, report)

    # ---- the journal

    def _write(
        self,
        text: str,
        understood: Understanding,
        before: Task | None,
        asked: Question | None,
        who: str | None,
    ) -> None:
        answers = self._asked if asked and self._first_word in _ANSWERS else None
        corrects = None
        if understood.intent is Intent.CORRECT and self._first_word != Intent.YES:
            corrects = answers if asked and not asked.about else self._work
        self.entry = self._journal.add(
            text,
            understood,
            who=who,
            pose=self._dialogue.robot,
            operator=self._dialogue.operator,
            before=before,
            answers=answers,
            corrects=corrects,
            slots=self._dialogue.slots,
            model=self._interpreter.model.name,
        )
        if self._learned and (target := self._learned.target):
            learned = self._learned
            self._journal.name_place(learned.name, target, entry=self.entry, who=who)
            self._use_what_was_learned()
            place = self._interpreter.site.label(target, learned.language)
            self.note = say("learned", learned.language, name=learned.name, place=place)
        self._learn(understood, answers, corrects, asked, who)
        self._asked = self.entry if self._dialogue.question else None
        if understood.tasks:
            self._work = self.entry
        elif understood.intent in _WORK:
            self._work = None

    def _learn(
        self,
        understood: Understanding,
        answers: int | None,
        corrects: int | None,
        asked: Question | None,
        who: str | None,
    ) -> None:
        """What follows from the sentence just written for those before it."""
        if understood.status is not Status.READY:
            return
        if answers is not None and asked and asked.name == UNKNOWN and understood.tasks:
            name = unknown_name(self._journal.entry(answers).text, self._interpreter.model)
            self._journal.unknown(answers, name)
        if corrects is not None and understood.tasks:
            self._correct(corrects, who)
        elif answers is not None and asked and not asked.about and understood.tasks:
            self._confirm(answers, understood, who)
        elif asked is None and self._work is not None and self._work == self._previous:
            if understood.intent is Intent.YES:
                self._journal.judge(self._work, Verdict.RIGHT, who)
            elif understood.intent in (Intent.NO, Intent.CORRECT):
                self._journal.judge(self._work, Verdict.WRONG, who)

    def _confirm(self, asked: int, understood: Understanding, who: str | None) -> None:
        """The person said yes to "do you mean": what was meant is a lesson."""
        doubted = self._journal.entry(asked)
        if doubted.corrects is not None:
            self._correct(doubted.corrects, who)
        else:
            self._journal.judge(asked, Verdict.RIGHT, who)
            self._journal.teach(
                doubted.text,
                understood,
                before=doubted.before,
                source=Source.CONFIRMED,
                entry=asked,
                who=who,
            )

    def _correct(self, entry: int, who: str | None) -> None:
        """What was just understood is what that entry should have been: a lesson of the sentence
        that it began with.

        Nothing is learned where the sentence alone did not mean that: after an answer to "which
        one", and when only one of its several tasks was put right. A slip of the person's own
        tongue ("building 1 ... no, building 2") is written down without effect.
        """
        wrong = self._journal.entry(entry)
        self._journal.judge(entry, Verdict.WRONG, who)
        several = len(wrong.understanding.tasks) > 1
        root = self._root(wrong)
        right = self._dialogue.last
        if root is None or several or right is None:
            return
        intent = Intent.GO if right.action is Action.GO_TO else Intent.CLEAN
        meant = Understanding(intent=intent, status=Status.READY, tasks=(right,))
        lesson = self._journal.correct(root.id, meant, source=Source.CORRECTION, who=who)
        names = self._official.names
        if contradiction(self._official.site, names, root.text, (right,), root.language):
            self._journal.take_back(lesson.id)

    def _root(self, entry: Entry) -> Entry | None:
        """The sentence that all corrections of it go back to, None after an answer to a question
        other than "do you mean".
        """
        while entry.corrects is not None:
            entry = self._journal.entry(entry.corrects)
        if entry.answers is not None:
            if not entry.slots or entry.slots[0].text.strip() != Intent.YES:
                return None
            return self._root(self._journal.entry(entry.answers))
        return entry

    # ---- names

    def _use_what_was_learned(self) -> None:
        """Use the names and lessons that count by now; others may have taught some too."""
        changes = self._journal.changes
        if changes != self._changes:
            taught = self._journal.aliases()
            found = aliases.in_effect(self._official.site, self._official.names, taught)
            self._interpreter.call(found)
            self._lessons.update(self._journal.lessons(), found)
            self._changes = changes

    def _named(self, text: str, understood: Understanding) -> Understanding:
        """A name is being taught: learn it, or ask, or say why not."""
        naming = read_naming(text, self._official)
        language, sure = language_of(text), naming.probability >= SURE
        if naming.name is None or (naming.target is None and not sure):
            return _ask(say("name_missing", language))
        offer = _Offer(naming.name, language, naming.target)
        if offer.target is None:
            return self._ask_where(offer, naming.mentions.places)
        return self._offered(offer, understood, sure and len(naming.mentions.named) < 2)

    def _answered(
        self, offer: _Offer, understood: Understanding, before: Task | None
    ) -> Understanding:
        """After the question about a name; something else said instead drops it.

        The question waited as one about driving to the place, so that every way to answer such a
        question does; that task is not for the robot.
        """
        answered = self._first_word in _ANSWERS
        if understood.status is Status.ASK and answered:
            self._offer = offer
        if understood.status is not Status.READY or not (answered and understood.tasks):
            return understood
        self._dialogue.last = before
        taught = Understanding(intent=Intent.REMEMBER, status=Status.READY)
        if self._first_word == Intent.YES:
            self._learned = offer
            return taught
        place = understood.tasks[0].place
        assert place is not None  # the robot drives to one
        return self._offered(replace(offer, target=place.landmarks[0]), taught, True)

    def _offered(self, offer: _Offer, understood: Understanding, sure: bool) -> Understanding:
        """Learn a name when it is sure and free."""
        name, target, language = offer.name, offer.target, offer.language
        assert target is not None
        site = self._interpreter.site
        if target in BUILTIN_LANDMARKS:
            return self._ask_where(offer, ())
        place = site.label(target, language)
        owner = aliases.taken(site, self._official.names, name, target)
        if owner:
            return _refuse(say("name_taken", language, name=name, old=owner, place=place))
        if not aliases.is_name(name) or self._is_command(name):
            return _refuse(say("name_bad", language, name=name))
        with self._logged():
            for alias in self._journal.aliases():
                if canonical(alias.name) == canonical(name) and alias.target != target:
                    old = site.label(alias.target, language)
                    said = say("name_moved", language, name=name, old=old, place=place)
                    return self._ask_whether(offer, said)
        if not sure:
            return self._ask_whether(offer, say("name_sure", language, name=name, place=place))
        self._learned = offer
        return understood

    def _is_command(self, name: str) -> bool:
        """Whether the name by itself tells the robot something else, or is what the gate stops."""
        if self._interpreter.gate.find(name) not in (None, UNREADABLE):
            return True
        reading, _ = self._interpreter.read(name)
        return reading.intent in _COMMANDS and reading.probability > SURE

    def _ask_where(self, offer: _Offer, places: Sequence[Candidate]) -> Understanding:
        """Ask which place has the new name."""
        text, plain = say("name_where", offer.language, name=offer.name), canonical(offer.name)
        options = tuple(c for c in places if len(c.ids) == 1 and canonical(c.label) not in plain)[
            :MAX_OPTIONS
        ]
        unknown = ReadPlace(AT, (UNKNOWN,))
        offer = replace(offer, target=None)
        self._wait(offer, text, unknown, Mentions(options, ()), (0, None))
        return _ask(text, tuple(option.label for option in options))

    def _ask_whether(self, offer: _Offer, text: str) -> Understanding:
        assert offer.target is not None
        label = self._interpreter.site.label(offer.target, offer.language)
        place = Candidate(label, (offer.target,))
        near = ReadPlace(Relation.NEAR, (label,))  # what is closed can be driven near, too
        self._wait(offer, text, near, Mentions((place,), ()))
        return _ask(text, (say("yes", offer.language), say("no", offer.language)))

    def _wait(
        self,
        offer: _Offer,
        text: str,
        place: ReadPlace,
        mentions: Mentions,
        about: tuple[int, None] | None = None,
    ) -> None:
        """Leave the question open in the dialogue; see `_answered`."""
        self._offer = offer
        reading = Reading(Intent.GO, (ReadTask(Action.GO_TO, None, place),))
        options = mentions.places if about else ()
        name = UNKNOWN if about else None
        self._dialogue.question = Question(text, options, reading, mentions, about, name)

    @property
    def _first_word(self) -> str:
        """The first word of the line that the model read in the last sentence."""
        return self._dialogue.slots[0].text.strip() if self._dialogue.slots else ""

    @contextmanager
    def _logged(self) -> Iterator[None]:
        """A journal that fails must not keep the robot from obeying."""
        try:
            yield
        except (JournalError, ModelError) as error:
            log.warning("not written down: %s", error)


def _ask(text: str, options: tuple[str, ...] = ()) -> Understanding:
    return Understanding(intent=Intent.REMEMBER, status=Status.ASK, question=text, options=options)


def _refuse(reason: str) -> Understanding:
    return Understanding(intent=Intent.REMEMBER, status=Status.REFUSE, reason=reason)
