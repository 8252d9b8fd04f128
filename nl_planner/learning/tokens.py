"""Sentences as tokens: English words, single Chinese characters; and phrases found among them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nl_planner.language.normalise import canonical

_TOKEN = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?|[^\W_]")

Phrase = tuple[str, ...]
"""Tokens one after the other."""


@dataclass(frozen=True)
class Tokens:
    """A text and its tokens (English ones singular), with where each lies in the text."""

    text: str
    words: Phrase
    spans: tuple[tuple[int, int], ...]


@lru_cache(maxsize=65536)
def tokens(text: str) -> Tokens:
    """The tokens of a text."""
    lowered = "".join(c if len(c.lower()) != 1 else c.lower() for c in text)
    found = list(_TOKEN.finditer(lowered))
    words = tuple(_singular(match[0]) for match in found)
    return Tokens(text, words, tuple(match.span() for match in found))


@lru_cache(maxsize=65536)
def _singular(word: str) -> str:
    return (canonical(word) or word) if word.isascii() and word.isalpha() else word


@dataclass(frozen=True)
class Found:
    """A phrase at ``start`` to ``end`` (tokens), and what it stands for."""

    start: int
    end: int
    phrase: Phrase


class Phrases:
    """Phrases that are looked for in sentences; the longest at each place counts."""

    def __init__(self, phrases: Iterable[Phrase]):
        self._ends: dict[str, set[Phrase]] = {}
        self.update(phrases)

    def update(self, phrases: Iterable[Phrase]) -> None:
        """Look for these as well."""
        for phrase in phrases:
            if phrase:
                self._ends.setdefault(phrase[0], set()).add(phrase)

    def find(self, words: Sequence[str]) -> Iterator[Found]:
        """What is found from left to right; nothing overlaps."""
        at = 0
        while at < len(words):
            here = [
                phrase
                for phrase in self._ends.get(words[at], ())
                if tuple(words[at : at + len(phrase)]) == phrase
            ]
            if here:
                longest = max(here, key=len)
                yield Found(at, at + len(longest), longest)
            at += len(max(here, key=len)) if here else 1


def masked(words: Sequence[str], masks: Mapping[int, tuple[int, str]]) -> list[str]:
    """The tokens with stretches replaced; ``masks``: start → (end, what stands there instead)."""
    out: list[str] = []
    at = 0
    while at < len(words):
        end, shown = masks.get(at, (at + 1, words[at]))
        out.append(shown)
        at = end
    return out
