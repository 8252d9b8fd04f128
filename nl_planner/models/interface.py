"""What every local language model does for us: fill slots.

A `Grammar` says which texts may follow one another; a model that implements `LanguageModel`
answers a prompt with the most probable way through it. Nothing else can come out, so the answer
is always one that the grammar's maker can read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Protocol

END = ""
"""The state in which a grammar is finished."""


@dataclass(frozen=True)
class Grammar:
    """A graph of slots.

    ``states`` maps the name of a slot to its choices: text to write → slot that follows, `END`
    for none. The choices of one slot must not be prefixes of one another: let each end in a way
    that the others do not (a bracket, a space). The one to expect stands first: a runtime may read
    ahead along it, which costs less than to come back.
    """

    start: str
    states: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Prompt:
    """``prefix`` is the same for many instructions and is kept computed; ``suffix`` is not.

    ``adapted_prefix``: what stands in its place for a model with an adapter, where ``prefix`` is
    for one without.
    """

    prefix: str
    suffix: str
    adapted_prefix: str | None = None


@dataclass(frozen=True)
class Slot:
    """One choice that was made: its probability among what was allowed, and the second best."""

    name: str
    text: str
    probability: float
    runner_up: str | None = None
    runner_up_probability: float = 0.0


@dataclass(frozen=True)
class Filled:
    """The way through the grammar that a model took."""

    slots: tuple[Slot, ...]

    @cached_property
    def text(self) -> str:
        """All that was written."""
        return "".join(slot.text for slot in self.slots)

    @cached_property
    def probability(self) -> float:
        """Of the whole way (0..1)."""
        return prod(slot.probability for slot in self.slots)


class LanguageModel(Protocol):
    """A local language model. It is loaded at the first `fill`, once."""

    @property
    def name(self) -> str:
        """The plain name, such as ``qwen2.5-coder-0.5b``."""

    @property
    def adapted(self) -> bool:
        """Whether it was trained for our line; if not, the prompt explains it by examples."""

    @property
    def ask_below(self) -> float:
        """The probability of the whole way under which to ask instead of to move."""

    def fill(self, prompt: Prompt, grammar: Grammar) -> Filled:
        """The most probable way through the grammar after this prompt.

        Raises:
            ModelError: the model cannot be loaded or run.
        """
