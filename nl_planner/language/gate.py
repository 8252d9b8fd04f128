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
from collections.abc import Iterable

from nl_planner.language.gate_table import COVER, HARM, RULES, gate_table
from nl_planner.language.normalise import language_of
from nl_planner.language.replies import say
from nl_planner.site.model import Site
from nl_planner.task import Intent, Status, Understanding

UNREADABLE = "unreadable"
"""What can be found in a text beside `HARM` and `RULES`; `replies.say` has a sentence for each."""

_MOVING = {Intent.YES, Intent.RESUME, Intent.DOCK}
"""Intents without tasks after which the robot moves."""
_HARMLESS = {Intent.STOP, Intent.PAUSE, Intent.NO}


class Gate:
    """The gate for one site; its names are never evidence.

    ``taught``: names that people gave to places. They count as words that make sense, no more:
    whoever teaches one must not be able to hide harm or a lifted rule behind it.
    """

    def __init__(self, site: Site, taught: Iterable[str] = ()):
        self._names = _Names(_names_of(site))
        self._taught = _Names(taught)

    def check(
        self, text: str, understood: Understanding, *, readable: bool = False
    ) -> Understanding:
        """``understood``, or something more careful. ``text`` is cleaned; ``readable``: it makes
        sense whatever its words are, as an answer does.
        """
        if understood.status is Status.REFUSE:
            return understood
        found = self.find(text)
        if found == UNREADABLE:
            moves = understood.tasks or understood.intent in _MOVING
            if readable or understood.status is Status.ASK or not moves:
                return understood
            return Understanding(
                intent=understood.intent,
                status=Status.ASK,
                question=say(found, language_of(text)),
                confidence=understood.confidence,
            )
        stays = understood.intent in _HARMLESS
        if found is None or (stays and (found == HARM or gate_table().says_stop(_folded(text)))):
            return understood
        return Understanding(
            intent=Intent.NONE,
            status=Status.REFUSE,
            reason=say(found, language_of(text)),
            confidence=understood.confidence,
        )

    def find(self, text: str) -> str | None:
        """`HARM`, `RULES`, `UNREADABLE`, or None for a text without any of them."""
        table = gate_table()
        plain = _folded(text)
        covered = self._names.cover(plain)
        for form in _forms(covered, text):
            for kind in (RULES, HARM):
                if table.holds(kind, form):
                    return kind
        if table.holds_squeezed(covered):
            return RULES
        return UNREADABLE if table.unreadable(self._taught.cover(covered)) else None


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
        self._names = {plain for name in names if len(plain := _folded(name)) > 1}
        lengths: dict[str, set[int]] = defaultdict(set)
        for plain in self._names:
            lengths[plain[:2]].add(len(plain))
        self._lengths = {start: sorted(some, reverse=True) for start, some in lengths.items()}

    def cover(self, plain: str) -> str:
        """The text with `COVER` for each name in it, the longest first."""
        out, at = [], 0
        while at < len(plain):
            length = self._length_at(plain, at)
            out.append(COVER if length else plain[at])
            at += length or 1
        return "".join(out)

    def _length_at(self, plain: str, at: int) -> int:
        """Of the longest name that begins there; 0 for none."""
        for length in self._lengths.get(plain[at : at + 2], ()):
            if plain[at : at + length] in self._names and not (
                _inside_word(plain, at) or _inside_word(plain, at + length)
            ):
                return length
        return 0


def _inside_word(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    return before.isascii() and after.isascii() and before.isalnum() and after.isalnum()


def _folded(text: str) -> str:
    """Lower case without accents, look-alike and traditional characters as the common ones, no
    blanks or dots between Chinese characters.
    """
    text = unicodedata.normalize("NFKD", text.lower())
    text = "".join(c for c in text if unicodedata.category(c) != "Mn")
    text = unicodedata.normalize("NFKC", text).translate(gate_table().fold)
    return re.sub(r"(?<=[\u3400-\u9fff])[\s._*\-~|/+]+(?=[\u3400-\u9fff])", "", text)


def _forms(covered: str, text: str) -> list[str]:
    """The text, and what it may be an encoding of."""
    forms = [covered]
    if re.search(r"[a-z][0-9@$!]|[0-9@$!][a-z]", covered):
        forms.append(
            re.sub(
                r"[a-z0-9@$!]*[a-z][a-z0-9@$!]*",
                lambda word: word[0].translate(gate_table().leet),
                covered,
            )
        )
    forms += [_folded(decoded) for blob in _BLOB.findall(text) if (decoded := _decoded(blob))]
    return forms


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
