"""What was said, from what a recogniser heard: a search over all that sounds like it.

A recogniser that never heard of 沙坑 or the gazebo writes 杀空 and "gauze boat". Here each unit it
wrote (`units`) may stand as it is, become another that sounds alike, or, with its neighbours,
become a name of the site or of a kind of litter. What is likely is a noisy channel (Shannon 1948;
for spelling Kernighan, Church and Gale 1990): how people put instructions (`phrases`) times how
alike it sounds (`sounds`), found by Viterbi's search with a beam. A number that was heard is never
changed, for it is what names differ in.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from itertools import chain
from math import exp, log

from nl_planner.language.name_index import ends_of
from nl_planner.language.normalise import CHINESE_DIGITS, canonical
from nl_planner.site.model import Site, has_chinese
from nl_planner.speech.interface import Hypothesis
from nl_planner.speech.phrases import phrases
from nl_planner.speech.sounds import (
    SKIPPED,
    readings,
    sequences_apart,
    syllables,
    syllables_apart,
    words_apart,
)
from nl_planner.speech.units import END, PLACE, START, THING, units_of

_BEAM = 16
_MOST_ALIKE = 16
_KEPT = log(0.9)
_CHANGED, _CHANGED_IN_DOUBT = log(0.001), log(0.03)
"""What a unit that is not what was said has, where all hypotheses agree on it and where none do."""
_UNHEARD = log(0.3)
"""Less for a unit that no hypothesis has and that is no homophone of what they have."""
_SOUND = 7.0
"""Nats for a whole syllable, or word, that sounds otherwise."""
_EXTRA = 5.0
"""Nats for each syllable, or word, that one of the two has more."""
_KNOWN = 2.0
"""Nats for changing an English word that makes sense."""
_LEAST = -8.5
"""Nats that a unit which was heard has at the least: people also say what nobody foresaw."""
_SHORT = 6
"""In fewer units one that is strange says no more than it does in so many."""
_SHORT_FORM = -1.5
"""For the part of a name that may stand for it, such as 车库 for 一号车库."""
_FARTHEST = {"zh": 0.3, "en": 0.34}
"""A name farther than this from what was heard (a syllable, a word) was not said."""
_NEARLY = {"zh": 0.42, "en": 0.45}
"""Names up to so far are listened for once more."""
_MOST_NEAR = 10
_INVENTED = {"zh": 0.2, "en": 0.3}
"""What was heard with a hint and is farther from all that was heard without it was put in."""
_PUT_IN = 0.5
"""The same of some syllables in the place of others."""
_FARTHEST_UNIT = {"zh": 0.5, "en": 0.2}
_HEARD = 2.0
"""What the recogniser's own odds count beside ours."""
_UNIT = 1.0
"""For each unit that was heard: the n-gram model likes short sentences too well."""
_MOST_RIVALS = 3
_OVERSURE = 2.0
"""By so much the scores of two hypotheses are too far apart: they are of the same sound."""
_NUMERALS = frozenset(CHINESE_DIGITS + "十百千两")
_EXACT = _NUMERALS | frozenset("abcdefghijklmnopqrstuvwxyz")
"""Numbers and letters: what names differ in. None is ever put in, left out or made another, but one
that sounds the same may be what was meant by another character, as 食 by 十.
"""
_NEVER = 9.0


@dataclass(frozen=True)
class _Name:
    text: str
    units: tuple[str, ...]
    kind: str
    log_share: float
    """Of all names of its kind, and less for a short form."""
    sounds: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Arc:
    """A way over the units ``start`` to ``end``: what was said there, as text and for the n-gram
    model, and what it costs to have heard it otherwise.
    """

    start: int
    end: int
    text: str
    unit: str
    log_probability: float
    changed: int


@dataclass(frozen=True)
class Repaired:
    """What was most probably said. ``changed``: the share of units that were heard otherwise.
    ``strange``: the share of units that nobody was expected to say there. ``rivals``: what else was
    found, and how probable each is.
    """

    text: str
    score: float
    changed: float
    strange: float
    hypothesis: Hypothesis
    rivals: tuple[tuple[str, float], ...] = ()


class Repair:
    """Repairs what was heard on one site."""

    def __init__(self, site: Site):
        self._site = site

    def best(self, hypotheses: Sequence[Hypothesis], language: str) -> Repaired | None:
        """The most probable of all that these may have been; None when none holds a word."""
        hypotheses = _heard_alike(hypotheses, language)
        in_units = [tuple(units_of(h.text, language)) for h in hypotheses]
        doubts, said = _doubts(in_units), frozenset(chain(*in_units))
        found: dict[tuple[str, ...], Repaired] = {}
        for hypothesis, units, doubt in zip(hypotheses, in_units, doubts, strict=True):
            if units and units not in found:
                found[units] = self._repair(hypothesis, units, doubt, said, language)
        if not found:
            return None
        distinct: dict[str, Repaired] = {}
        for repaired in sorted(found.values(), key=lambda repaired: -repaired.score):
            distinct.setdefault(canonical(repaired.text), repaired)
        best, *others = list(distinct.values())[: 1 + _MOST_RIVALS]
        odds = [exp((other.score - best.score) / _OVERSURE) for other in others]
        shares = ((o.text, odd / (1 + sum(odds))) for o, odd in zip(others, odds, strict=True))
        return replace(best, rivals=tuple(shares))

    def near(self, hypotheses: Iterable[Hypothesis], language: str) -> tuple[str, ...]:
        """The names that sound like a part of what was heard, the likest first."""
        found: dict[str, float] = {}
        for hypothesis in hypotheses:
            units = units_of(hypothesis.text, language)
            heard = syllables(units) if language == "zh" else units
            for name in self._possible(units, heard, language, _NEARLY[language]):
                for _, _, apart in _places_of(name, units, heard, language, _NEARLY[language]):
                    found[name.text] = min(apart, found.get(name.text, apart))
        return tuple(sorted(found, key=lambda text: found[text])[:_MOST_NEAR])

    def _repair(
        self,
        hypothesis: Hypothesis,
        units: Sequence[str],
        doubt: Sequence[float],
        said: Collection[str],
        language: str,
    ) -> Repaired:
        arcs = self._arcs(units, doubt, said, language)
        score, way = _search(arcs, len(units), language)
        changed = sum(arc.changed for arc in way) / len(units)
        strange = _strange(way, language) / max(len(units), _SHORT)
        text = _joined(way, _pauses(hypothesis.text, language), language)
        total = score + _HEARD * hypothesis.log_probability + _UNIT * len(units)
        return Repaired(text, total, changed, strange, hypothesis)

    def _arcs(
        self, units: Sequence[str], doubt: Sequence[float], said: Collection[str], language: str
    ) -> list[list[_Arc]]:
        """The ways on from each unit; ``said`` are those of all hypotheses."""
        arcs: list[list[_Arc]] = [[] for _ in units]
        heard = syllables(units) if language == "zh" else list(units)
        change = [
            _CHANGED + part * (_CHANGED_IN_DOUBT - _CHANGED) - _KNOWN * _makes_sense(unit, language)
            for unit, part in zip(units, doubt, strict=True)
        ]
        for at, unit in enumerate(units):
            arcs[at].append(_Arc(at, at + 1, unit, unit, _KEPT, 0))
            if unit in _EXACT or unit.isdigit() or _makes_sense(unit, language):
                continue
            for other, apart in _alike(heard[at], language):
                if other != unit and other not in _EXACT:
                    cost = change[at] if other in said else _CHANGED + _UNHEARD * (apart > 0)
                    cost -= _SOUND * apart
                    arcs[at].append(_Arc(at, at + 1, other, other, cost, 1))
        for name in self._possible(units, heard, language, _FARTHEST[language]):
            for start, end, apart in _places_of(name, units, heard, language, _FARTHEST[language]):
                same = tuple(units[start:end]) == name.units
                size = max(len(name.units), end - start)
                cost = _KEPT * size
                if not same:
                    cost = sum(change[start:end]) / 2 - _SOUND * apart * size
                    cost -= _EXTRA * abs(len(name.units) - (end - start))
                changed = 0 if same else end - start
                arc = _Arc(start, end, name.text, name.kind, cost + name.log_share, changed)
                arcs[start].append(arc)
        return arcs

    def _possible(
        self, units: Sequence[str], heard: Sequence[str], language: str, farthest: float
    ) -> Iterator[_Name]:
        """The names whose every syllable is near one that was heard, by and large."""
        if language == "en" or not units:
            yield from self._names["en"] if units else ()
            return
        nearest = {
            sound: min(syllables_apart(other, sound) for other in set(heard))
            for sound in {sound for name in self._names["zh"] for sound in name.sounds}
        }
        for name in self._names["zh"]:
            least = sum(min(nearest[sound], SKIPPED) for sound in name.sounds)
            if least <= farthest * (len(name.units) + 1):
                yield name

    @cached_property
    def _names(self) -> Mapping[str, Sequence[_Name]]:
        """The names of the site, by language."""
        site = self._site
        places: dict[str, float] = dict.fromkeys(site.name, 0.0)
        for keepout in site.keepouts.values():
            places |= dict.fromkeys(keepout.names, 0.0)
        for landmark in site.landmarks.values():
            places |= dict.fromkeys(landmark.names, 0.0)
        for landmark in site.landmarks.values():
            for door in landmark.entrances.values():
                for text in door.names:
                    places.setdefault(text, _SHORT_FORM)
        for text in list(places):
            for part in sorted(ends_of(canonical(text))):
                if len(part) > (1 if has_chinese(part) else 3):
                    places.setdefault(part, _SHORT_FORM)
        things = {text: 0.0 for litter in site.taxonomy.classes.values() for text in litter.names}
        found: dict[str, list[_Name]] = {"zh": [], "en": []}
        for kind, table in ((PLACE, places), (THING, things)):
            for text, log_weight in table.items():
                language = "zh" if has_chinese(text) else "en"
                units = tuple(units_of(text, language))
                share = log_weight - log(max(1, len(table) / 2))
                sounds = tuple(syllables(units)) if language == "zh" else units
                if units:
                    found[language].append(_Name(text, units, kind, share, sounds))
        return found


def _heard_alike(hypotheses: Sequence[Hypothesis], language: str) -> list[Hypothesis]:
    """Without those that a hint has put in: they sound like none that was found without it."""
    first = [h for h in hypotheses if not h.hinted]
    return [
        *first,
        *(
            h
            for h in hypotheses
            if h.hinted and any(_sound_alike(h.text, other.text, language) for other in first)
        ),
    ]


def _sound_alike(one: str, other: str, language: str) -> bool:
    """Whether both may be of one sound: as a whole and, in Chinese, wherever they differ."""
    left, right = units_of(one, language), units_of(other, language)
    if language == "en":
        return words_apart(" ".join(left), " ".join(right)) <= _INVENTED["en"]
    first, second = syllables(left), syllables(right)
    if sequences_apart(first, second) > _INVENTED["zh"]:
        return False

    def alike(a: int, b: int, c: int, d: int) -> bool:
        if b - a == d - c:
            pairs = zip(first[a:b], second[c:d], strict=True)
            return all(syllables_apart(*pair) <= _PUT_IN for pair in pairs)
        return max(b - a, d - c) == 1 or sequences_apart(first[a:b], second[c:d]) <= _PUT_IN

    matcher = SequenceMatcher(None, left, right, autojunk=False)
    return all(alike(*span) for kind, *span in matcher.get_opcodes() if kind != "equal")


def _doubts(in_units: Sequence[Sequence[str]]) -> list[list[float]]:
    """For each unit of each hypothesis: the share of the hypotheses that have something else."""
    found = []
    for units in in_units:
        agree = [0] * len(units)
        for other in in_units:
            matcher = SequenceMatcher(None, units, other, autojunk=False)
            for block in matcher.get_matching_blocks():
                for at in range(block.a, block.a + block.size):
                    agree[at] += 1
        found.append([1 - count / len(in_units) for count in agree])
    return found


@lru_cache(maxsize=8192)
def _makes_sense(unit: str, language: str) -> bool:
    """Whether an English word is one that people say in instructions."""
    return language == "en" and unit in phrases("en").vocabulary


def _places_of(
    name: _Name, units: Sequence[str], heard: Sequence[str], language: str, farthest: float
) -> Iterator[tuple[int, int, float]]:
    """Where in the units the name may have been said: from, to, and how far it is."""
    length = len(name.units)
    more = 1 if language == "zh" else 2
    for start in range(len(units)):
        for end in range(start + max(1, length - 1), min(len(units), start + length + more) + 1):
            if language == "zh":
                apart = _characters_apart(units[start:end], heard[start:end], name)
            else:
                apart = _words_apart(tuple(units[start:end]), name)
            if apart <= farthest:
                yield start, end, apart


def _characters_apart(units: Sequence[str], heard: Sequence[str], name: _Name) -> float:
    """How differently Chinese characters and a name sound, per syllable."""
    row = [0.0]
    for other in name.units:
        row.append(row[-1] + _skipped(other))
    for unit, sound in zip(units, heard, strict=True):
        before, row[0] = row[0], row[0] + _skipped(unit)
        for n, (other, its_sound) in enumerate(zip(name.units, name.sounds, strict=True), start=1):
            apart = 0.0 if unit == other else syllables_apart(sound, its_sound)
            exact = (unit in _EXACT) + (other in _EXACT)
            if unit != other and (exact == 2 or (exact and apart)):
                apart = _NEVER
            before, row[n] = (
                row[n],
                min(before + apart, row[n] + _skipped(unit), row[n - 1] + _skipped(other)),
            )
    return row[-1] / max(len(units), len(name.units))


def _skipped(unit: str) -> float:
    return _NEVER if unit in _EXACT else SKIPPED


@lru_cache(maxsize=1 << 16)
def _words_apart(units: tuple[str, ...], name: _Name) -> float:
    """How differently English words and a name sound."""
    if units == name.units:
        return 0.0
    one, other = canonical(" ".join(units)), canonical(name.text)
    if one == other:
        return 0.0
    if _MARKS.findall(one) != _MARKS.findall(other):
        return 1.0
    return words_apart(one, other)


_MARKS = re.compile(r"\d+|\b[b-hj-z]\b")
"""Numbers and single letters, of which names must have the same."""


@lru_cache(maxsize=1 << 14)
def _alike(heard: str, language: str) -> tuple[tuple[str, float], ...]:
    """Units of instructions that sound like this syllable or word, and how far they are."""
    found = []
    if language == "zh":
        for sound, chars in _characters_by_sound().items():
            apart = syllables_apart(heard, sound)
            if apart <= _FARTHEST_UNIT["zh"]:
                found += [(char, apart) for char in chars]
    else:
        for word in phrases("en").vocabulary:
            if abs(len(word) - len(heard)) < 3 and len(heard) > 3 and word.isalpha():
                apart = words_apart(heard, word)
                if apart <= _FARTHEST_UNIT["en"]:
                    found.append((word, apart))
    model = phrases(language)
    found.sort(key=lambda item: _SOUND * item[1] - model.log_probability(item[0], ()))
    return tuple(found[:_MOST_ALIKE])


@lru_cache(maxsize=1)
def _characters_by_sound() -> Mapping[str, Sequence[str]]:
    by_sound = defaultdict(list)
    for char in sorted(phrases("zh").vocabulary):
        if has_chinese(char):
            for sound in readings(char):
                by_sound[sound].append(char)
    return by_sound


def _search(
    arcs: Sequence[Sequence[_Arc]], length: int, language: str
) -> tuple[float, tuple[_Arc, ...]]:
    """The most probable way over all units."""
    model = phrases(language)
    # At each place: the last two units of the n-gram model → score and the way there.
    ways: list[dict[tuple[str, str], tuple[float, tuple[_Arc, ...]]]] = [
        {} for _ in range(length + 1)
    ]
    ways[0][START, START] = (0.0, ())
    for at in range(length):
        best = sorted(ways[at].items(), key=lambda item: -item[1][0])[:_BEAM]
        for (first, last), (score, way) in best:
            for arc in arcs[at]:
                likely = model.log_probability(arc.unit, (first, last))
                if not arc.changed:
                    likely = max(likely, _LEAST)
                total = score + arc.log_probability + likely
                state = (last, arc.unit)
                known = ways[arc.end].get(state)
                if known is None or total > known[0]:
                    ways[arc.end][state] = (total, (*way, arc))
    return max(
        (
            (score + model.log_probability(END, state), way)
            for state, (score, way) in ways[length].items()
        ),
        key=lambda found: found[0],
    )


def _strange(way: Sequence[_Arc], language: str) -> int:
    """How many units of a way are less likely there than `_LEAST`."""
    model = phrases(language)
    units = (START, START, *(arc.unit for arc in way))
    return sum(model.log_probability(units[at], units[:at]) < _LEAST for at in range(2, len(units)))


def _pauses(text: str, language: str) -> frozenset[int]:
    """After how many units of the text there is punctuation."""
    pieces = re.split(r"[，。！？；、,.!?;:：]\s*", text)
    counts, total = set(), 0
    for piece in pieces[:-1]:
        total += len(units_of(piece, language))
        counts.add(total)
    return frozenset(counts)


def _joined(way: Sequence[_Arc], pauses: frozenset[int], language: str) -> str:
    """The text of a way, with a comma where there was punctuation."""
    comma = "，" if language == "zh" else ", "
    space = "" if language == "zh" else " "
    text = ""
    for arc in way:
        text += arc.text
        if arc.end < way[-1].end:
            text += comma if arc.end in pauses else space
    return text
