"""How sure a server's model was of each slot, from the log probabilities of its tokens.

At each token of a slot's text the server lists the likeliest alternatives. Those that could have
begun another allowed text are compared with those that go on with the text that was written. What
the list does not show counts as if it could all have been other allowed texts, so that a
probability is rather too low than too high.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp
from typing import Any

from nl_planner.models.interface import Grammar, Slot
from nl_planner.models.json_line import written

UNKNOWN = 0.5
"""The probability of a slot of which the server says nothing."""


@dataclass(frozen=True)
class _Token:
    """A token as bytes, where it begins in the content, and (bytes, probability) of the list."""

    text: bytes
    start: int
    seen: Sequence[tuple[bytes, float]]


def slots(
    choices: Iterable[tuple[str, str]], grammar: Grammar, content: str, logprobs: Any
) -> tuple[Slot, ...]:
    """The slots with their probabilities.

    Args:
        choices: (slot, text) in order.
        grammar: what was allowed.
        content: the JSON in which the model wrote them.
        logprobs: the choice's ``logprobs.content`` of the OpenAI protocol.

    Raises:
        KeyError, TypeError, ValueError: ``logprobs`` is not of that form.
    """
    tokens = _tokens(content, logprobs)
    filled = []
    position = 0
    for state, text in choices:
        others = written(grammar, state)
        shown = next(s for s, t in others.items() if t == text)
        if len(others) == 1:
            filled.append(Slot(state, text, 1.0))
            continue
        pattern = rf'"{re.escape(state)}"\s*:\s*"((?:[^"\\]|\\.)*)"'
        found = re.compile(pattern.encode()).search(content.encode(), position)
        if found:
            position = found.end()
        if not found or not tokens:
            filled.append(Slot(state, text, UNKNOWN))
            continue
        ascii_only = json.dumps(shown)[1:-1].encode() == found[1]
        raw = {s: json.dumps(s, ensure_ascii=ascii_only)[1:-1].encode() + b'"' for s in others}
        probability, second, of_second = _odds(tokens, found.start(1), shown, raw)
        filled.append(Slot(state, text, probability, others[second] if second else None, of_second))
    return tuple(filled)


def _odds(
    tokens: Sequence[_Token], start: int, shown: str, raw: dict[str, bytes]
) -> tuple[float, str | None, float]:
    """Probability of the text that begins at ``start``; the second best and its probability."""
    probability, second, of_second = 1.0, None, 0.0
    left = set(raw)
    for token in tokens:
        done = token.start - start
        if done + len(token.text) <= 0:
            continue
        if len(left) == 1 or done >= len(raw[shown]):
            break
        lead, before = token.text[: max(0, -done)], raw[shown][: max(0, done)]
        mass, total = 0.0, max(0.0, 1.0 - sum(chance for _, chance in token.seen))
        others = dict.fromkeys(left - {shown}, 0.0)
        for text, chance in token.seen:
            if not text.startswith(lead) or text == lead:
                continue
            fits = {s for s in left if _agree(before + text[len(lead) :], raw[s])}
            total += chance if fits else 0.0
            mass += chance if shown in fits else 0.0
            for other in fits if shown not in fits else ():
                others[other] += chance
        other = max(others, key=lambda s: others[s])
        if total and probability * others[other] / total > of_second:
            second, of_second = other, probability * others[other] / total
        probability *= mass / total if total else UNKNOWN
        written_now = before + token.text[len(lead) :]
        left = {s for s in left if _agree(written_now, raw[s])} | {shown}
    return max(probability, 1e-9), second, of_second


def _agree(one: bytes, other: bytes) -> bool:
    """Whether one of the two begins with the other."""
    return one.startswith(other) or other.startswith(one)


def _tokens(content: str, logprobs: Any) -> Sequence[_Token]:
    """The tokens that wrote the content; none if they do not add up to it."""
    texts = [_bytes(entry) for entry in logprobs]
    start = -b"".join(texts).find(content.encode())  # a fence may stand before the content
    if start > 0:
        return ()
    tokens = []
    for text, entry in zip(texts, logprobs, strict=True):
        seen = {_bytes(item): exp(item["logprob"]) for item in entry.get("top_logprobs") or ()}
        seen.setdefault(text, exp(entry["logprob"]))
        tokens.append(_Token(text, start, tuple(seen.items())))
        start += len(text)
    return tokens


def _bytes(entry: Any) -> bytes:
    listed = entry.get("bytes")
    return entry["token"].encode() if listed is None else bytes(listed)
