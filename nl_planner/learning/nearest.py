"""Texts, and which of them are nearly the same as another one.

Likeness is rapidfuzz's ratio of the canonical texts. To be quick among very many, it is computed
only for those that share the most character trigrams with the text, the rare ones counting more
(TF-IDF); an inverted index finds them, and grows with each text.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from math import log, sqrt

import numpy as np
from rapidfuzz import fuzz

from nl_planner.language.normalise import canonical

_COMPARED = 20
_COMMON = 0.05
"""Trigrams that more than this share of the texts have tell nothing, where others do."""


class NearestText:
    """Texts by number, found by likeness."""

    def __init__(self) -> None:
        self._numbers: list[int | None] = []
        self._place: dict[int, int] = {}
        self._texts: list[str] = []
        self._lengths = array("f")
        self._holders: dict[str, array[int]] = {}

    def add(self, number: int, text: str) -> None:
        """Keep a text under a number; one that was there before is replaced."""
        if number in self._place:
            self.remove(number)
        place = len(self._texts)
        plain = canonical(text)
        grams = _trigrams(plain)
        self._place[number] = place
        self._numbers.append(number)
        self._texts.append(plain)
        self._lengths.append(sqrt(len(grams)) or 1.0)
        for gram in grams:
            self._holders.setdefault(gram, array("l")).append(place)

    def remove(self, number: int) -> None:
        """Forget the text of this number."""
        self._numbers[self._place.pop(number)] = None

    def find(self, text: str) -> Iterator[tuple[int, float]]:
        """Numbers of the texts that are most alike, and how alike (0..1)."""
        plain = canonical(text)
        count = len(self._texts)
        held = [holders for gram in _trigrams(plain) if (holders := self._holders.get(gram))]
        rare = [holders for holders in held if len(holders) <= max(50, _COMMON * count)]
        scores = np.zeros(count, np.float32)
        for holders in rare or held:
            scores[np.frombuffer(holders, dtype=f"i{holders.itemsize}")] += log(
                1 + count / len(holders)
            )
        scores /= np.frombuffer(self._lengths, np.float32) if count else 1
        found = scores.nonzero()[0]
        if len(found) > _COMPARED:
            found = found[np.argpartition(scores[found], -_COMPARED)[-_COMPARED:]]
        for place in found:
            number = self._numbers[place]
            if number is not None:
                yield number, fuzz.ratio(plain, self._texts[place]) / 100


def _trigrams(plain: str) -> set[str]:
    padded = f"  {plain} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}
