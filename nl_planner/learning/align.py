"""Words of a site's own, learned from lessons: which stretch of a sentence says what.

A lesson is a sentence and what it means. What its known words do not say, its unknown ones must:
competitive linking (Melamed 2000) joins the best pair of an unknown stretch and an unexplained
meaning, takes both out of all lessons that have them, and goes on. A pair is good when the stretch
comes with that meaning again and again and with no other, when ordinary speech lacks it, and when
its neighbours are those of a place, a thing, a verb or a relation (`ordinary`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nl_planner.learning.ordinary import END, START, Ordinary, ordinary, shown
from nl_planner.learning.tokens import Phrase, Phrases

_LONGEST = {"zh": (0.35, 1.0, 0.9, 0.6, 0.4), "en": (1.0, 0.7, 0.4)}
"""How likely a word has one, two, ... tokens."""
_STRANGE, _EDGE = 0.35, 0.4
"""The least novelty of a word; what a pair is multiplied by for each end that is a common token."""
_LEAST = 0.12
"""A pair that is worse than this is not believed."""
KNOWN = "="
"""Stands before a token that is understood."""
_SETTLED = 2
"""How often a meaning must be taught after a contradiction for that to be forgotten."""


@dataclass(frozen=True, order=True)
class Meaning:
    """What a word stands for: one of `ordinary.SORTS`, and the id, action or relation."""

    sort: str
    value: str


@dataclass(frozen=True)
class Word:
    """A learned word. ``meanings``: one, or several where people differ, the newest first."""

    phrase: Phrase
    language: str
    meanings: tuple[Meaning, ...]

    @property
    def sort(self) -> str:
        """What sort of word it is."""
        return self.meanings[0].sort


@dataclass
class Study:
    """A lesson being studied, and what nothing in it says yet.

    ``words``: its tokens, known names masked; `KNOWN` before those that say what is meant.
    """

    language: str
    words: list[str]
    unsaid: set[Meaning]
    says: Mapping[str, frozenset[str]]
    """Sort → all values that the lesson means."""
    linked: dict[Phrase, Meaning] = field(default_factory=dict)
    original: Phrase = ()

    def __post_init__(self) -> None:
        self.original = tuple(self.words)

    def link(self, phrase: Phrase, meaning: Meaning) -> None:
        """Take it that this stretch means that."""
        self.linked[phrase] = meaning
        self.unsaid.discard(meaning)
        self.words = list(_replaced(self.words, phrase, shown(meaning.sort)))


def learn(studies: Sequence[Study], known: Collection[Phrase] = ()) -> list[Word]:
    """The words that these lessons teach; ``studies`` in the order in which they were made.

    ``known``: names that keep their meaning.
    """
    words = []
    for language in sorted({study.language for study in studies}):
        chosen = [study for study in studies if study.language == language]
        _link(chosen, ordinary(language), known)
        words += _words(chosen, language)
    return words


def _link(studies: Sequence[Study], speech: Ordinary, known: Collection[Phrase]) -> None:
    """Join stretches and meanings, the best pair first."""
    pairs: _Pairs = defaultdict(dict)
    holders: dict[Phrase, set[int]] = defaultdict(set)
    for number, study in enumerate(studies):
        for phrase, *_ in _stretches(study):
            holders[phrase].add(number)
        _enter(pairs, number, study, speech)
    worth: dict[tuple[Phrase, Meaning], float] = {}
    while pairs:
        for pair in pairs.keys() - worth.keys():
            holding = [studies[n] for n in holders[pair[0]]]
            worth[pair] = 0.0 if pair[0] in known else _worth(*pair, holding, speech)
        best = max(pairs, key=lambda pair: (worth[pair] * sum(pairs[pair].values()), pair))
        if worth[best] * sum(pairs[best].values()) < _LEAST:
            return
        phrase, meaning = best
        for number in list(pairs[best]):
            _leave(pairs, number, studies[number])
            studies[number].link(phrase, meaning)
            _enter(pairs, number, studies[number], speech)


_Pairs = defaultdict[tuple[Phrase, Meaning], dict[int, float]]
"""Pair → number of a study that has it → how well its neighbours there fit the meaning."""


def _enter(pairs: _Pairs, number: int, study: Study, speech: Ordinary) -> None:
    for phrase, before, after in _stretches(study):
        for meaning in study.unsaid:
            weights = pairs[phrase, meaning]
            fits = speech.usual(meaning.sort, before, after)
            weights[number] = max(weights.get(number, 0.0), fits)


def _leave(pairs: _Pairs, number: int, study: Study) -> None:
    for phrase, *_ in _stretches(study):
        for meaning in study.unsaid:
            pairs[phrase, meaning].pop(number, None)
            if not pairs[phrase, meaning]:
                del pairs[phrase, meaning]


def _worth(phrase: Phrase, meaning: Meaning, holders: Sequence[Study], speech: Ordinary) -> float:
    """What a pair is multiplied by whose stretch these studies hold."""
    novelty = speech.novelty(phrase)
    if novelty < _STRANGE:
        return 0.0
    said = [study.says.get(meaning.sort, frozenset()) for study in holders]
    share = sum(meaning.value in values for values in said) / len(said)
    others = len(frozenset().union(*said)) - 1  # one may be a contradiction, more are chance
    edges = sum(speech.common(token) for token in (phrase[0], phrase[-1]))
    of_length = _LONGEST[holders[0].language][len(phrase) - 1]
    return share**others * of_length * novelty * _EDGE**edges


def _stretches(study: Study) -> Iterator[tuple[Phrase, str, str]]:
    """Stretches of unknown tokens, and the tokens before and after."""
    words = [START, *study.words, END]
    for start in range(1, len(words) - 1):
        for length in range(1, len(_LONGEST[study.language]) + 1):
            end = start + length
            if end >= len(words) or words[end - 1].startswith(("<", KNOWN)):
                break
            before, after = words[start - 1], words[end]
            yield tuple(words[start:end]), before.lstrip(KNOWN), after.lstrip(KNOWN)


def _replaced(words: Sequence[str], phrase: Phrase, by: str) -> Iterator[str]:
    at = 0
    while at < len(words):
        if tuple(words[at : at + len(phrase)]) == phrase:
            yield by
            at += len(phrase)
        else:
            yield words[at]
            at += 1


def _words(studies: Sequence[Study], language: str) -> list[Word]:
    """The words of linked studies.

    The newer meaning of a word counts. Where an older one was taught again after it, people
    differ, and the word keeps both.
    """
    taught: dict[Phrase, list[Meaning]] = defaultdict(list)
    sorts: dict[Phrase, Counter[str]] = defaultdict(Counter)
    for study in studies:
        for phrase, meaning in study.linked.items():
            sorts[phrase][meaning.sort] += 1
    table = Phrases(sorts)
    for study in studies:
        for found in table.find(study.original):
            phrase = found.phrase
            sort = sorts[phrase].most_common(1)[0][0]
            linked = study.linked.get(phrase)
            # Known by other lessons only: does this one say something else by it?
            meant = [linked] if linked else [m for m in study.unsaid if m.sort == sort]
            if len(meant) == 1 and meant[0].sort == sort:
                taught[phrase].append(meant[0])
    return [Word(phrase, language, _current(meanings)) for phrase, meanings in taught.items()]


def _current(order: Sequence[Meaning]) -> tuple[Meaning, ...]:
    """What counts of the meanings of a word, given in the order in which they were taught."""
    newest = order[-1]
    last_other = max((i for i, m in enumerate(order) if m != newest), default=0)
    again = len(order) - 1 - last_other
    if newest in order[:last_other] and again < _SETTLED:
        return (newest, order[last_other])
    return (newest,)
