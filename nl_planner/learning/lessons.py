"""Lessons of one site at work: they change how the next sentence is read, without training.

From the lessons, words are learned (`align`): a nickname, a dialect verb, a brand's name for a
thing. In later sentences they are replaced by what the model knows, so that all it can do with
known words it can do with these. And a sentence that was taught is understood as taught when it
is said again, nearly word for word.

What is learned is a function of the lessons that count: without one of them all is as if it had
never been.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol

from nl_planner.errors import UnknownNameError
from nl_planner.language.gate import Gate
from nl_planner.language.gate_table import HARM, RULES
from nl_planner.language.learned import Recalled, Reworded
from nl_planner.language.name_index import Candidate
from nl_planner.language.names import SiteNames
from nl_planner.language.normalise import CHINESE_DIGITS, clean_text
from nl_planner.learning.align import KNOWN, Meaning, Study, Word, learn
from nl_planner.learning.nearest import NearestText
from nl_planner.learning.ordinary import ordinary, shown
from nl_planner.learning.tokens import Found, Phrase, Phrases, Tokens, tokens
from nl_planner.site.model import Site
from nl_planner.task import BUILTIN_LANDMARKS, LAST, Action, Relation, Status, Task, Understanding

ALIKE = 0.92
"""A sentence that is less like a taught one than this is not taken for it."""
_EQUALLY = 0.03
"""Two lessons whose likeness differs by less are equally near."""
STUDIED = 1000
"""Words are learned from so many of the newest lessons."""


class Taught(Protocol):
    """What is needed of a lesson: `journal.Lesson` has it."""

    @property
    def id(self) -> int:
        """The journal's number of it."""

    @property
    def text(self) -> str:
        """The sentence."""

    @property
    def language(self) -> str:
        """The language of the sentence, zh or en."""

    @property
    def understanding(self) -> Understanding:
        """What it means."""

    @property
    def before(self) -> Task | None:
        """The task before it, to which it may refer."""

    @property
    def made(self) -> datetime:
        """When it was taught."""


class Lessons:
    """See `language.learned.Learned`.

    ``recalls``: whether a sentence that was taught is understood as taught when it is said again;
    if not, only the words that were learned count.
    """

    def __init__(self, site: Site, lessons: Iterable[Taught] = (), *, recalls: bool = True):
        self.site, self._recalls = site, recalls
        self._aliases: Mapping[str, str] = {}
        self._lessons: dict[int, Taught] = {}
        self._nearest = NearestText()
        for lesson in lessons:
            self.add(lesson)

    def add(self, lesson: Taught) -> None:
        """Learn from one more; one about what the site no longer has is passed over."""
        if not self._is_of_site(lesson.understanding):
            return
        self._lessons[lesson.id] = lesson
        self._nearest.add(lesson.id, clean_text(lesson.text))
        self._learn_again()

    def take_back(self, lesson_id: int) -> None:
        """Forget one; everything is then as if it had never been taught."""
        if self._lessons.pop(lesson_id, None):
            self._nearest.remove(lesson_id)
            self._learn_again()

    def update(self, lessons: Iterable[Taught], aliases: Mapping[str, str]) -> None:
        """These lessons count from now on, and no others; ``aliases``: names taught as such, with
        the id of the landmark, entrance or keepout.
        """
        count = {lesson.id: lesson for lesson in lessons}
        for gone in self._lessons.keys() - count.keys():
            self.take_back(gone)
        for number in count.keys() - self._lessons.keys():
            self.add(count[number])
        if aliases != self._aliases:
            self._aliases = dict(aliases)
            self._learn_again("_names", "_gate", "_known", "_only_known")

    def _learn_again(self, *others: str) -> None:
        for computed in ("words", "_known_and_learned", *others):
            vars(self).pop(computed, None)

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The words that were learned."""
        newest = sorted(self._lessons.values(), key=lambda lesson: (lesson.made, lesson.id))
        studies = [study for lesson in newest[-STUDIED:] if (study := self._study(lesson))]
        return tuple(learn(studies, self._known.keys()))

    def reword(self, text: str) -> Reworded:
        """See `Learned.reword`."""
        heard = tokens(text)
        names: list[Candidate] = []
        disputed = False
        out, at = "", 0
        for found in self._known_and_learned.table.find(heard.words):
            word = self._known_and_learned.words.get(found.phrase)
            if word is None:
                continue
            start, end = heard.spans[found.start][0], heard.spans[found.end - 1][1]
            if word.sort == "place" and len(word.meanings) > 1:
                ids = tuple(sorted(meaning.value for meaning in word.meanings))
                names.append(Candidate(text[start:end], ids))
                continue
            disputed |= len(word.meanings) > 1
            out += text[at:start] + self._known_word(word.meanings[0], word.language)
            at = end
        return Reworded(out + text[at:], tuple(names), disputed)

    def recall(self, text: str, last: Task | None) -> Recalled | None:
        """See `Learned.recall`."""
        if not self._recalls:
            return None
        near = [
            (likeness, lesson)
            for lesson_id, likeness in self._nearest.find(text)
            if likeness >= ALIKE
            and self._same_names(text, (lesson := self._lessons[lesson_id]).text)
            and (lesson.before == last or not self._refers_to_before(lesson))
        ]
        if not near:
            return None
        best = max(near, key=lambda pair: (pair[0], pair[1].made, pair[1].id))
        others = [
            other
            for likeness, other in near
            if best[0] < 1
            and best[0] - likeness < _EQUALLY
            and other.understanding.tasks != best[1].understanding.tasks
        ]
        return Recalled(best[1].understanding, best[0], bool(others))

    # ---- how it works ------------------------------------------------------------------------

    @cached_property
    def _names(self) -> SiteNames:
        return SiteNames(self.site, self._aliases)

    @cached_property
    def _gate(self) -> Gate:
        return Gate(self.site, self._aliases)

    @cached_property
    def _known(self) -> dict[Phrase, tuple[str, str]]:
        """Names of the site as tokens → sort and id."""
        known: dict[Phrase, tuple[str, str]] = {}
        for litter in self.site.taxonomy.classes.values():
            known |= {tokens(name).words: ("thing", litter.id) for name in litter.names}
        for places in (self.site.landmarks, self.site.keepouts):
            for place_id, place in places.items():
                known |= {tokens(name).words: ("place", place_id) for name in place.names}
        known |= {tokens(name).words: ("place", "site") for name in self.site.name}
        known |= {tokens(name).words: ("place", i) for name, i in self._aliases.items()}
        return known

    @cached_property
    def _known_and_learned(self) -> _Table:
        words = {word.phrase: word for word in self.words}
        return _Table(Phrases((*self._known, *words)), words)

    @cached_property
    def _only_known(self) -> Phrases:
        return Phrases(self._known)

    def _is_of_site(self, meant: Understanding) -> bool:
        """Whether all places and things of an understanding are there (still)."""
        places = [p for t in meant.tasks for p in (t.place, *t.except_places) if p]
        things = {i for t in meant.tasks for i in (t.object, *t.except_objects) if i}
        try:
            for landmark_id in {i for place in places for i in place.landmarks}:
                if landmark_id not in BUILTIN_LANDMARKS:
                    self.site.label(landmark_id)
        except UnknownNameError:
            return False
        return things <= self.site.taxonomy.classes.keys()

    def _refers_to_before(self, lesson: Taught) -> bool:
        """Whether a lesson may owe its place to the task before it, which its words do not say."""
        before = lesson.before.place if lesson.before else None
        if before is None:
            return False
        heard = tokens(lesson.text)
        said = {self._known[f.phrase][1] for f in self._only_known.find(heard.words)}
        places = [task.place for task in lesson.understanding.tasks if task.place]
        return any(set(p.landmarks) & set(before.landmarks) - said for p in places)

    def _same_names(self, text: str, other: str) -> bool:
        """Whether two sentences have the same known names and numbers in the same order."""

        def names(sentence: str) -> list[object]:
            words = tokens(sentence).words
            found = [self._known[f.phrase] for f in self._only_known.find(words)]
            return [found, [word for word in words if word.isdigit() or word in CHINESE_DIGITS]]

        return names(text) == names(other)

    def _study(self, lesson: Taught) -> Study | None:
        """The lesson with what its known words do not say; None when there is nothing to learn."""
        meant = lesson.understanding
        text = clean_text(lesson.text)
        if (
            meant.status is not Status.READY
            or not meant.tasks
            or self._gate.find(text) in (HARM, RULES)
        ):
            return None
        heard = tokens(text)
        known = {
            f.start: (f.end, *self._known[f.phrase]) for f in self._only_known.find(heard.words)
        }
        says = {
            "place": {
                landmark
                for task in meant.tasks
                for place in (task.place, *task.except_places)
                if place
                for landmark in place.landmarks
            },
            "thing": {i for task in meant.tasks for i in (task.object, *task.except_objects) if i},
            "action": {str(task.action) for task in meant.tasks},
            "relation": {str(task.place.relation) for task in meant.tasks if task.place},
        }
        spoken = self._spoken(heard, lesson.language)
        mentions = self._names.find(text)
        said = {("place", i) for c in mentions.places for i in c.ids}
        said |= {("thing", i) for c in mentions.things for i in c.ids}
        said |= {meaning for _, meanings in spoken for meaning in meanings}
        if lesson.before and lesson.before.place:
            said |= {("place", i) for i in lesson.before.place.landmarks}
        unsaid = {
            Meaning(sort, value)
            for sort, values in says.items()
            for value in values
            if (sort, value) not in said and not _needs_no_word(sort, value)
        }
        plain = list(heard.words)
        for found, meanings in spoken:
            if any(value in says[sort] for sort, value in meanings):
                for at in range(found.start, found.end):
                    plain[at] = KNOWN + heard.words[at]
        words: list[str] = []
        at = 0
        while at < len(plain):
            end, sort, value = known.get(at, (at + 1, "", ""))
            if sort == "thing" and value not in says["thing"]:
                sort, end = "", at + 1  # a part of another word: 雪 in 雪王
            words.append(shown(sort) if sort else plain[at])
            at = end
        frozen = {sort: frozenset(values) for sort, values in says.items()}
        return Study(lesson.language, words, unsaid, frozen)

    def _spoken(self, heard: Tokens, language: str) -> list[tuple[Found, set[tuple[str, str]]]]:
        """The ordinary words for actions and relations in a sentence, and what each may say."""
        speech = ordinary(language)
        found = []
        for phrase in Phrases(speech.phrases).find(heard.words):
            pairs = {tuple(meaning.split()) for meaning in speech.phrases[phrase.phrase]}
            first = str(self.site.robot.actions[0])
            found.append((phrase, {(s, first if v == "generic" else v) for s, v in pairs}))
        return found

    def _known_word(self, meaning: Meaning, language: str) -> str:
        """What the model knows for it, in that language."""
        if meaning.sort == "place":
            return self.site.label(meaning.value, language)
        if meaning.sort == "thing":
            return self.site.taxonomy.name(meaning.value, language)
        return ordinary(language).wordings[f"{meaning.sort} {meaning.value}"][0]


@dataclass(frozen=True)
class _Table:
    """Known names and learned words as they are looked for in a sentence."""

    table: Phrases
    words: dict[Phrase, Word]


def _needs_no_word(sort: str, value: str) -> bool:
    """What is understood without a word for it, or is no word of a site's own."""
    if sort == "place":
        return value in BUILTIN_LANDMARKS
    if sort == "relation":
        return value in (Relation.IN, Relation.AROUND, Relation.BETWEEN, LAST)
    return sort == "action" and value == Action.GO_TO
