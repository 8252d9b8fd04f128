"""Through a grammar, token by token: what the runtimes that see tokens have in common.

The model is asked only where there is a choice; what is forced goes along with the next question,
and so may what is expected to follow (speculative decoding, Leviathan et al. 2023, with the first
choices of the grammar as the draft).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from nl_planner.errors import ModelError
from nl_planner.models.interface import END, Filled, Grammar, Slot

MOST_SLOTS = 200
"""A line that is longer than this does not come to an end."""


def walk(
    grammar: Grammar,
    suffix: Sequence[int],
    encode: Callable[[str], Sequence[int]],
    probabilities: Callable[[list[int], list[int], Callable[[], list[int]]], Sequence[float]],
) -> Filled:
    """Greedily from slot to slot.

    Args:
        grammar: what may be written.
        suffix: tokens of the prompt that have not been read yet.
        encode: text → tokens.
        probabilities: (tokens to read, tokens allowed next, what is expected to follow) → how
            probable each of those that are allowed is.

    Raises:
        ModelError: the line does not come to an end.
    """
    slots: list[Slot] = []
    pending = list(suffix)
    state = grammar.start
    while state != END:
        if len(slots) == MOST_SLOTS:
            raise ModelError(f"the model's line has no end: {Filled(tuple(slots)).text[:80]} ...")
        choices = grammar.states[state]
        options = {text: encode(text) for text in choices}
        probability, second, second_probability = 1.0, None, 0.0
        depth = 0
        while len(options) > 1:
            allowed = sorted({tokens[depth] for tokens in options.values()})
            chosen = allowed[0]
            if len(allowed) > 1:
                expected = partial(_expected, grammar, encode, state, tuple(options), depth)
                scores = probabilities(pending, allowed, expected)
                pending = []
                (best, chosen), (other, token) = sorted(
                    zip(scores, allowed, strict=True), reverse=True
                )[:2]
                if probability * other > second_probability:
                    second_probability = probability * other
                    second = next(t for t, k in options.items() if k[depth] == token)
                probability *= best
            pending = [*pending, chosen]
            options = {t: k for t, k in options.items() if k[depth] == chosen}
            depth += 1
        text, tokens = next(iter(options.items()))
        pending = [*pending, *tokens[depth:]]
        slots.append(Slot(state, text, probability, second, second_probability))
        state = choices[text]
    return Filled(tuple(slots))


def _expected(
    grammar: Grammar,
    encode: Callable[[str], Sequence[int]],
    state: str,
    options: Sequence[str],
    depth: int,
) -> list[int]:
    """The tokens of the first choices from here to the end; ``depth`` tokens of the first of
    ``options`` are written already.
    """
    text = options[0]
    tokens = list(encode(text)[depth:])
    visited = set()
    while (state := grammar.states[state][text]) != END and state not in visited:
        visited.add(state)
        text = next(iter(grammar.states[state]))
        tokens += encode(text)
    return tokens
