"""What lessons change about reading a sentence; `learning.lessons` implements it.

A lesson speaks before the rules do: it may say that a word means a known one, or what a sentence
meant the last time. Gate and rules then judge the result as they would any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from nl_planner.language.name_index import Candidate
from nl_planner.task import Task, Understanding

DISPUTED = 0.5
"""What a probability is multiplied by where lessons contradict one another: it is asked about."""


@dataclass(frozen=True)
class Reworded:
    """A sentence with learned words replaced by known ones.

    ``names``: learned names that may be several places. ``disputed``: lessons contradict one
    another about a word that was replaced.
    """

    text: str
    names: tuple[Candidate, ...] = ()
    disputed: bool = False


@dataclass(frozen=True)
class Recalled:
    """What nearly the same sentence was taught to mean; ``likeness`` of the two is in 0..1."""

    meant: Understanding
    likeness: float
    disputed: bool = False


class Learned(Protocol):
    """What was learned from the people of one site."""

    def reword(self, text: str) -> Reworded:
        """The cleaned sentence as the model is to read it."""

    def recall(self, text: str, last: Task | None) -> Recalled | None:
        """What this very sentence, or nearly this one, was taught to mean after the task before."""
