"""A lexical baseline without a language model: the line of the most alike generated sentence.

Names in a sentence are masked by their place in the lists of the prompt, so that a sentence of
another site can be alike; the names of this one are put back into its line.
"""

from __future__ import annotations

import re
from functools import cached_property

from rapidfuzz import fuzz, process
from tqdm import tqdm

from nl_planner.errors import ModelError
from nl_planner.language.normalise import canonical
from nl_planner.learning.dataset import samples
from nl_planner.models import Filled, Grammar, Prompt, Slot
from nl_planner.models.fake import cut

_NAME = re.compile(r"\[([^\]]*)\]")


class NearestLine:
    """See `LanguageModel`; ``count`` generated sentences are searched."""

    name, adapted, ask_below = "nearest sentence", True, 0.0

    def __init__(self, count: int = 4000, seed: int = 1):
        self._count, self._seed = count, seed

    @cached_property
    def _known(self) -> tuple[list[str], list[str]]:
        """Masked sentences and their masked lines."""
        drawn = samples(self._seed, self._count, "train")
        pairs = [
            (masked(sample.prompt), as_pattern(sample.prompt, sample.line))
            for sample, *_ in tqdm(drawn, total=self._count, desc="generated sentences")
        ]
        return [sentence for sentence, _ in pairs], [line for _, line in pairs]

    def fill(self, prompt: Prompt, grammar: Grammar) -> Filled:
        """The first line, of the most alike sentence down, that the grammar allows."""
        sentences, lines = self._known
        found = process.extract(masked(prompt), sentences, scorer=fuzz.ratio, limit=30)
        for _, score, number in found:
            line = filled(prompt, lines[number])
            try:
                way = list(cut(line, grammar))
            except ModelError:
                continue
            return Filled(tuple(Slot(state, text, score / 100) for state, text in way))
        return Filled((Slot("start", " none", 0.0),))


def _lists(prompt: Prompt) -> list[tuple[str, str]]:
    """(label, mask) of each name in the prompt's lists."""
    rows = dict(row.split(": ", 1) for row in prompt.suffix.splitlines() if ": " in row)
    return [
        (label, f"{mask}{number}")
        for row, mask in (("places", "P"), ("things", "T"))
        for number, label in enumerate(_NAME.findall(rows.get(row, "")))
    ]


def masked(prompt: Prompt) -> str:
    """The sentence with names masked, in the form in which names are compared."""
    said = prompt.suffix.split("say: ", 1)[1].split("<|im_end|>")[0]
    text = canonical(said)
    for label, mask in sorted(_lists(prompt), key=lambda pair: -len(pair[0])):
        text = text.replace(canonical(label), mask)
    return text


def as_pattern(prompt: Prompt, line: str) -> str:
    """The line with masks for names."""
    for label, mask in _lists(prompt):
        line = line.replace(f"[{label}]", f"[{mask}]")
    return line


def filled(prompt: Prompt, pattern: str) -> str:
    """The line with the names of this prompt."""
    for label, mask in _lists(prompt):
        pattern = pattern.replace(f"[{mask}]", f"[{label}]")
    return pattern
