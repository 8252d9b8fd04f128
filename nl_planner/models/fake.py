"""A stand-in for a language model, for tests without weights: it writes the lines it was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nl_planner.errors import ModelError
from nl_planner.models.interface import END, Filled, Grammar, Prompt, Slot


class FakeModel:
    """Answers the prompts one after the other with ``lines``; keeps the prompts it saw."""

    name, adapted = "fake", True

    def __init__(self, lines: Sequence[str], probability: float = 1.0, ask_below: float = 0.0):
        self._lines, self._probability = iter(lines), probability
        self.ask_below = ask_below
        self.prompts: list[Prompt] = []

    def fill(self, prompt: Prompt, grammar: Grammar) -> Filled:
        """The next line, cut into the slots of the grammar; the first is as sure as the fake is."""
        self.prompts.append(prompt)
        line = next(self._lines, None)
        if line is None:
            raise ModelError("the fake model has no more lines")
        first, *others = cut(line, grammar)
        sure = (Slot(state, text, 1.0) for state, text in others)
        return Filled((Slot(*first, self._probability), *sure))


def cut(line: str, grammar: Grammar) -> Iterator[tuple[str, str]]:
    """The way (slot, text) through the grammar that writes this line.

    Raises:
        ModelError: the grammar does not allow it; says where.
    """
    state, rest = grammar.start, line
    while state != END:
        text = next((t for t in grammar.states[state] if _begins(rest, t)), None)
        if text is None:
            raise ModelError(f"{rest!r} of {line!r} is not allowed in slot {state!r}")
        yield state, text
        state, rest = grammar.states[state][text], rest[len(text) :]


def _begins(rest: str, text: str) -> bool:
    return rest.startswith(text) and rest[len(text) : len(text) + 1] in ("", " ")
