"""The lock outside the model: what no reading of a text can make ready.

The model reads a sentence; this reads it again, without the model, from a table of patterns
(``gate.yaml``) and a list of common words. It knows three things: an act of harm, a text that
tries to change the rules, and a text that is in no language the robot knows. It only ever makes
an answer more careful: to refuse, or to ask.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml
from rapidfuzz import fuzz, process

from nl_planner.language.normalise import language_of
from nl_planner.language.replies import say
from nl_planner.site.model import Site, has_chinese
from nl_planner.task import Intent, Status, Understanding

HARM, RULES, UNREADABLE = "harm", "rules", "unreadable"
"""What can be found in a text; `replies.say` has a sentence for each."""

_COVER = "▢"
"""Stands for a name of the site."""
_END_OF_CLAUSE = ",.;!?。、:"
_LEAST_KNOWN = {"zh": 0.4, "en": 0.25}
"""Share of a text's letters that must belong to common words of its language."""
_LEAST_SHORT = 0.8
"""The same for a text in which the only common words have two letters; one letter is no word."""
_MOVING = {Intent.YES, Intent.RESUME, Intent.DOCK}
"""Intents without tasks after which the robot moves."""
_HARMLESS = {Intent.STOP, Intent.PAUSE, Intent.NO}


class Gate:
    """The gate for one site; its names are never evidence."""

    def __init__(self, site: Site):
        self._names = _Names(_names_of(site))

    def check(self, text: str, understood: Understanding) -> Understanding:
        """``understood``, or something more careful. ``text`` is cleaned."""
        if understood.status is Status.REFUSE:
            return understood
        found = self.find(text)
        if found == UNREADABLE:
            moves = understood.tasks or understood.intent in _MOVING
            if understood.status is Status.ASK or not moves:
                return understood
            return Understanding(
                intent=understood.intent,
                status=Status.ASK,
                question=say(found, language_of(text)),
                confidence=understood.confidence,
            )
        stays = understood.intent in _HARMLESS
        if found is None or (stays and (found == HARM or _table().says_stop(_folded(text)))):
            return understood
        return Understanding(
            intent=Intent.NONE,
            status=Status.REFUSE,
            reason=say(found, language_of(text)),
            confidence=understood.confidence,
        )

    def find(self, text: str) -> str | None:
        """`HARM`, `RULES`, `UNREADABLE`, or None for a text without any of them."""
        table = _table()
        plain = _folded(text)
        covered = self._names.cover(plain)
        for form in _forms(covered, text):
            # A name may hide what it is a part of, never make it: both texts must show it.
            for kind in (RULES, HARM):
                if table.holds(kind, form):
                    return kind
        if table.holds_squeezed(covered):
            return RULES
        return UNREADABLE if table.unreadable(covered) else None


def _names_of(site: Site) -> Iterable[str]:
    yield from site.name
    for landmark in site.landmarks.values():
        yield from landmark.names
        for entrance in landmark.entrances.values():
            yield from entrance.names
    for keepout in site.keepouts.values():
        yield from keepout.names
    for litter in site.taxonomy.classes.values():
        yield from litter.names


class _Names:
    """Names, found by their first two characters."""

    def __init__(self, names: Iterable[str]):
        self._by_start: dict[str, set[str]] = defaultdict(set)
        for name in names:
            plain = _folded(name)
            if len(plain) > 1:
                self._by_start[plain[:2]].add(plain)
        self._longest_first = {
            start: sorted(its_names, key=len, reverse=True)
            for start, its_names in self._by_start.items()
        }

    def cover(self, plain: str) -> str:
        """The text with `_COVER` for each name in it, the longest first."""
        out, at = [], 0
        while at < len(plain):
            name = self._name_at(plain, at)
            out.append(_COVER if name else plain[at])
            at += len(name) if name else 1
        return "".join(out)

    def _name_at(self, plain: str, at: int) -> str:
        for name in self._longest_first.get(plain[at : at + 2], ()):
            if plain.startswith(name, at) and not (
                _inside_word(plain, at) or _inside_word(plain, at + len(name))
            ):
                return name
        return ""


def _inside_word(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    return before.isascii() and after.isascii() and before.isalnum() and after.isalnum()


class _Table:
    """``gate.yaml``, compiled."""

    def __init__(self, data: Mapping[str, Any], words: Mapping[str, str]):
        self._data = data
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
            size = 2 * len(word) if word == _COVER or has_chinese(word) else len(word)
            letters += size
            if word == _COVER or word in self._characters or self._is_word(word):
                known += size
                short += size if word.isascii() and size < 3 else 0
            elif len(word) > 4 and word.isascii():
                unknown.append(word)
        # "so", "at" also come about by chance: alone they must be nearly all there is.
        share = _LEAST_KNOWN[language_of(plain)] if known > short else _LEAST_SHORT
        if 0 < letters and known < share * letters:
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


def _folded(text: str) -> str:
    """Lower case without accents, look-alike and traditional characters as the common ones, no
    blanks or dots between Chinese characters.
    """
    text = unicodedata.normalize("NFKD", text.lower())
    text = "".join(c for c in text if unicodedata.category(c) != "Mn")
    text = unicodedata.normalize("NFKC", text).translate(_table().fold)
    return re.sub(r"(?<=[\u3400-\u9fff])[\s._*\-~|/+]+(?=[\u3400-\u9fff])", "", text)


def _forms(covered: str, text: str) -> list[str]:
    """The text, and what it may be an encoding of."""
    forms = [covered]
    if re.search(r"[a-z][0-9@$!]|[0-9@$!][a-z]", covered):
        forms.append(
            re.sub(
                r"[a-z0-9@$!]*[a-z][a-z0-9@$!]*",
                lambda m: m[0][:-1].translate(_table().leet) + m[0][-1:].translate(_table().leet),
                covered,
            )
        )
    forms += [_folded(decoded) for blob in _BLOB.findall(text) if (decoded := _decoded(blob))]
    return forms


_AGAIN = re.compile(r"(.{1,8}?)\1{9,}")
"""A few characters, ten times or more."""
_WORDS = re.compile(r"[\u3400-\u9fff▢]|[^\W\d_\u3400-\u9fff]+(?:'[a-z]+)?")
"""A Chinese character, a name that was covered, or a word of letters."""
_BLOB = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")


def _decoded(blob: str) -> str:
    """What a blob of base64 or hexadecimal digits says; "" when that is no text."""
    try:
        if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", blob):
            raw = bytes.fromhex(blob)
        else:
            padded = blob.rstrip("=")
            raw = base64.urlsafe_b64decode(
                padded.translate(str.maketrans("+/", "-_")) + "=" * (-len(padded) % 4)
            )
        decoded = raw.decode()
    except (binascii.Error, ValueError):
        return ""
    return decoded if decoded.isprintable() else ""


@lru_cache(maxsize=1)
def _table() -> _Table:
    folder = files("nl_planner.language")
    data, words = (
        yaml.safe_load((folder / name).read_text(encoding="utf-8"))
        for name in ("gate.yaml", "common_words.yaml")
    )
    return _Table(data, words)
