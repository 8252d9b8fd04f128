"""The gate's table (``gate.yaml`` and a list of common words), compiled once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml
from rapidfuzz import fuzz, process

from nl_planner.language.normalise import language_of
from nl_planner.site.model import has_chinese

HARM, RULES = "harm", "rules"
"""The kinds of patterns."""
COVER = "▢"
"""Stands for a name of the site."""
_END_OF_CLAUSE = ",.;!?。、:"
_LEAST_KNOWN = {"zh": 0.4, "en": 0.25}
"""Share of a text's letters that must belong to common words of its language."""
_LEAST_SHORT = 0.8
"""The same for a text in which the only common words have two letters; one letter is no word."""
_AGAIN = re.compile(r"(.{1,8}?)\1{9,}")
"""A few characters, ten times or more."""
_WORDS = re.compile(r"[\u3400-\u9fff▢]|[^\W\d_\u3400-\u9fff]+(?:'[a-z]+)?")
"""A Chinese character, a name that was covered, or a word of letters."""


class GateTable:
    """``gate.yaml``, compiled."""

    def __init__(self, data: Mapping[str, Any], words: Mapping[str, str]):
        self.fold = str.maketrans({c: to for froms, to in data["fold"].items() for c in froms})
        self.leet = str.maketrans(data["leet"])
        self._words = frozenset(words["en"].split())
        self._characters = frozenset(words["zh"])
        self._patterns = {
            (language, kind): _compiled(data[language], kind, language)
            for language in ("en", "zh")
            for kind in (HARM, RULES)
        }
        self._any = re.compile("|".join(_lines(data["any"]["rules"])))
        self._code = re.compile("|".join(_lines(data["any"]["code"])))
        self._squeezed = _compiled(data["en"], "squeezed", "")
        self._stop = re.compile(
            rf"\b(?:{_either(data['en']['unless']['stop'])})\b"
            rf"|(?:{_either(data['zh']['unless']['stop'])})"
        )
        self._unless = {language: _Unless(data[language], language) for language in ("en", "zh")}

    def holds(self, kind: str, plain: str) -> bool:
        """Whether the text holds an act of that kind that nothing in front makes harmless."""
        if kind == RULES and self._any.search(plain):
            return True
        return any(self._acts(language, kind, plain) for language in _languages(plain))

    def _acts(self, language: str, kind: str, plain: str) -> bool:
        unless = self._unless[language]
        found = self._patterns[language, kind].finditer(plain)
        return any(not unless.harmless(kind, plain, hit) for hit in found)

    def holds_squeezed(self, plain: str) -> bool:
        """Whether letters with gaps ("i g n o r e ...") spell an attempt on the rules."""
        runs = re.findall(r"(?:(?<![a-z])[a-z][\s._*\-/|~+]{1,3}){5,}[a-z](?![a-z])", plain)
        return any(self._squeezed.search(re.sub("[^a-z]", "", run)) for run in runs)

    def says_stop(self, plain: str) -> bool:
        """Whether a word for stopping is left when the attempt on the rules is taken away."""
        for language in _languages(plain):
            plain = self._patterns[language, RULES].sub(" ", plain)
        return bool(self._stop.search(plain))

    def unreadable(self, plain: str) -> bool:
        """Whether the text is code, one thing again and again, or of no known language."""
        signs = sum(plain.count(sign) for sign in "{}[]<>()=|&$\\^*_~#")
        if self._code.search(plain) or (signs > 2 and signs > len(plain) / 12):
            return True
        if any(len(again[0]) > len(plain) / 2 for again in _AGAIN.finditer(plain)):
            return True
        letters = known = short = 0
        unknown = []
        for word in _WORDS.findall(plain):
            size = 2 * len(word) if word == COVER or has_chinese(word) else len(word)
            letters += size
            if word == COVER or word in self._characters or self._is_word(word):
                known += size
                short += size if word.isascii() and size < 3 else 0
            elif len(word) > 4 and word.isascii():
                unknown.append(word)
        # "so", "at" also come about by chance: alone they must be nearly all there is.
        share = _LEAST_KNOWN[language_of(plain)] if known > short else _LEAST_SHORT
        if known < share * letters:
            known += sum(len(word) for word in unknown if self._is_nearly_word(word))
        return not known or known < share * letters

    def _is_word(self, word: str) -> bool:
        stem = word.partition("'")[0]
        forms = (stem, *(stem.removesuffix(ending) for ending in ("s", "ed", "ing")))
        return len(stem) > 1 and any(form in self._words for form in forms)

    def _is_nearly_word(self, word: str) -> bool:
        """Whether it is a slip of the pen for a word."""
        return process.extractOne(word, self._words, scorer=fuzz.ratio, score_cutoff=83) is not None


class _Unless:
    """What in front of a find makes it harmless: a negation, a warning, a report."""

    def __init__(self, language_data: Mapping[str, Any], language: str):
        unless = {name: _either(words) for name, words in language_data["unless"].items()}
        if language == "en":
            self._far = re.compile(
                rf"\b(?:{unless['far']})(?![\w'])(?! (?:\w+ )?(?:{unless['no_stop']})\b)"
                rf"(?P<rest>(?: [^\s,.;!?]+){{0,7}} ?)$"
            )
            self._near = re.compile(
                rf"\b(?:{unless['near']}) (?:(?:now|just|always|still|almost|being|\w+ly) )?$"
            )
            self._but = re.compile(rf"\b(?:{unless['but']})\b")
        else:
            self._far = re.compile(
                rf"(?:{unless['far']})(?!{unless['no_stop']})(?P<rest>[^,.;!?。]{{0,12}})$"
            )
            self._near = re.compile(rf"(?:{unless['near']})[^,.;!?。]{{0,2}}$")
            self._but = re.compile(unless["but"])

    def harmless(self, kind: str, plain: str, hit: re.Match[str]) -> bool:
        """Whether that holds for ``hit``; being told of an attempt on the rules is no excuse."""
        before = plain[max(0, hit.start() - 60) : hit.start()]
        clause = re.split(f"[{_END_OF_CLAUSE}]", before)[-1]
        if kind == HARM and self._near.search(clause):
            return True
        far = self._far.search(clause)
        return bool(far) and not self._but.search(far["rest"] if far else "")


def _compiled(data: Mapping[str, Any], kind: str, language: str) -> re.Pattern[str]:
    """All patterns of a kind as one."""
    classes = {name: _either(words) for name, words in data["classes"].items()}
    gap = r"[^,.;!?。、]{0,6}?"
    classes["begin"] = rf"^|(?<=[{_END_OF_CLAUSE}])|{classes['lead']}"
    if language == "en":
        # no prepositions: what comes after one is where, not whom
        places = "next|near|by|beside|behind|around|past|from|outside|where|of|to"
        gap = rf"(?:(?!(?:{places})\b)[^\s,.;!?]+ ){{0,4}}?"
        start = rf"(?<=[{_END_OF_CLAUSE}\"'(])"
        classes["start"] = rf"[{_END_OF_CLAUSE}]"
        classes["begin"] = rf"^|{start}|{start} |(?<![a-z])(?:{classes['lead']}) "
        classes["end"] = rf"$|[,.;!?\")]| (?:{classes['after']})(?![\w-])"
    patterns = []
    for line in _lines(data[kind]):
        pattern = re.sub(r"\{([a-z_]+)\}", lambda name: f"(?:{classes[name[1]]})", line)
        if language == "en":
            pattern = rf"(?<![a-z0-9_-]){pattern.replace('… ', gap)}(?![a-z0-9_-])"
        patterns.append(f"(?:{pattern.replace('…', gap)})")
    return re.compile("|".join(patterns))


def _lines(text: str) -> list[str]:
    """The patterns of a block of the table, one a line."""
    return [line for line in text.splitlines() if line and not line.startswith("# ")]


def _either(words: str) -> str:
    return "|".join(words.split())


def _languages(plain: str) -> list[str]:
    return (["zh"] if has_chinese(plain) else []) + (["en"] if re.search("[a-z]{2}", plain) else [])


@lru_cache(maxsize=1)
def gate_table() -> GateTable:
    """The table, read at the first use."""
    folder = files("nl_planner.language")
    data, words = (
        yaml.safe_load((folder / name).read_text(encoding="utf-8"))
        for name in ("gate.yaml", "common_words.yaml")
    )
    return GateTable(data, words)
