"""How people put instructions: an n-gram model in which names are classes.

It judges which of several readings that sound alike a person would rather say here. It is
counted on the project's own generated sentences (`nl_planner.learning.generate`), each name in
them replaced by `PLACE` or `THING`, so that it knows no site. A unit is a Chinese character or an
English word. Probabilities: Witten and Bell's interpolation (1991, method C).

    python -m nl_planner.speech.phrases --examples 80000     # counts again, writes the tables
"""

from __future__ import annotations

import argparse
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from math import log
from pathlib import Path

from nl_planner.speech.units import END, PLACE, START, THING, units_of

_ORDER = 3
_RARE = 2
"""Longer n-grams seen less often are not kept."""
_UNSEEN = 6000
"""So many units are taken to be possible that were never seen."""


class Phrases:
    """The n-gram model of one language."""

    def __init__(self, counts: dict[tuple[str, ...], int]):
        self._counts = counts
        self._after: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
        for units, count in counts.items():
            seen = self._after[units[:-1]]
            seen[0] += count
            seen[1] += 1
        self._known: dict[tuple[str, ...], float] = {}
        self.vocabulary = frozenset(
            units[0] for units in counts if len(units) == 1 and units[0] not in (PLACE, THING, END)
        )

    def log_probability(self, unit: str, before: tuple[str, ...]) -> float:
        """Of a unit after the last ones (natural logarithm)."""
        key = (*before[1 - _ORDER :], unit)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = log(self._probability(key))
        return found

    def _probability(self, units: tuple[str, ...]) -> float:
        if not units:
            return 1 / _UNSEEN
        shorter = self._probability(units[1:]) if len(units) > 1 else 1 / _UNSEEN
        total, kinds = self._after.get(units[:-1], (0, 0))
        if not total:
            return shorter
        return (self._counts.get(units, 0) + kinds * shorter) / (total + kinds)


@cache
def phrases(language: str) -> Phrases:
    """The model that is shipped for "zh" or "en"."""
    packed = resources.files(__package__).joinpath(f"phrases.{language}.gz").read_bytes()
    counts = {}
    for line in gzip.decompress(packed).decode().splitlines():
        units, count = line.rsplit(" ", 1)
        counts[tuple(units.split(" "))] = int(count)
    return Phrases(counts)


def count(sentences: Iterator[Sequence[str]]) -> dict[tuple[str, ...], int]:
    """How often each n-gram of these sentences of units occurs."""
    counts: Counter[tuple[str, ...]] = Counter()
    for units in sentences:
        padded = (*[START] * (_ORDER - 1), *units, END)
        for at in range(_ORDER - 1, len(padded)):
            for length in range(1, _ORDER + 1):
                counts[padded[at - length + 1 : at + 1]] += 1
    return {units: n for units, n in counts.items() if n >= _RARE}


def _sentences(language: str, examples: int, seed: int) -> Iterator[Sequence[str]]:
    """Generated sentences as units, their names as classes."""
    from tqdm import tqdm

    from nl_planner.learning.generate import generate

    for _, example in tqdm(generate(seed, examples, "all"), total=examples):
        if example.language != language:
            continue
        text = example.text
        for mention in sorted(example.mentions, key=lambda m: -len(m.surface)):
            kind = THING if mention.kind == "class" else PLACE
            text = text.replace(mention.surface, f" {kind} ")
        yield units_of(text, language)


def main() -> None:
    """Count on generated sentences and write the tables beside this file."""
    parser = argparse.ArgumentParser(prog="python -m nl_planner.speech.phrases")
    parser.add_argument("--examples", type=int, default=80000)
    parser.add_argument("--seed", type=int, default=20261124)
    arguments = parser.parse_args()
    for language in ("zh", "en"):
        counts = count(_sentences(language, arguments.examples, arguments.seed))
        lines = "".join(f"{' '.join(units)} {n}\n" for units, n in sorted(counts.items()))
        out = Path(__file__).with_name(f"phrases.{language}.gz")
        out.write_bytes(gzip.compress(lines.encode(), mtime=0))
        print(f"{out.name}: {len(counts):,} n-grams, {out.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
