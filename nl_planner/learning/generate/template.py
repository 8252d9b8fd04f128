"""Sentence templates: alternatives, slots, and marks that keep track of what refers to what.

``(a|b|)`` is one of the alternatives, ``{name}`` a slot that the caller fills; both may nest. A
marked stretch of text is wrapped in two private-use characters that carry its number, so that it
can be found again after fillers, slips and typos have been added around and in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from hashlib import blake2s
from random import Random

_OPEN, _CLOSE, _ROOM = 0xE000, 0xE800, 0x800
_MARK = re.compile("[\ue000-\uefff]")

Node = str | tuple["Node", ...] | list["Node"]
"""Text, a slot as ``"{name}"``, a sequence (tuple), or alternatives (list)."""


@cache
def _parse(template: str) -> Node:
    node, end = _sequence(template, 0)
    if end != len(template):
        raise ValueError(f"template {template!r}: ')' without '(' at {end}")
    return node


def _sequence(text: str, at: int) -> tuple[Node, int]:
    parts: list[Node] = []
    start = at
    while at < len(text) and text[at] not in "|)":
        if text[at] == "(":
            if at > start:
                parts.append(text[start:at])
            options: list[Node] = []
            while text[at] != ")":
                option, at = _sequence(text, at + 1)
                options.append(option)
                if at >= len(text):
                    raise ValueError(f"template {text!r}: '(' without ')'")
            parts.append(options)
            at += 1
            start = at
        elif text[at] == "{":
            if at > start:
                parts.append(text[start:at])
            end = text.index("}", at) + 1
            parts.append((text[at:end],))
            at = start = end
        else:
            at += 1
    if at > start:
        parts.append(text[start:at])
    return tuple(parts), at


def expand(template: str, rng: Random, fill: Callable[[str], str]) -> str:
    """One sentence of ``template``; ``fill`` gives the text of a slot by its name."""
    return _expand(_parse(template), rng, fill)


def _expand(node: Node, rng: Random, fill: Callable[[str], str]) -> str:
    if isinstance(node, str):
        return fill(node[1:-1]) if node.startswith("{") else node
    if isinstance(node, list):
        return _expand(rng.choice(node), rng, fill)
    return "".join(_expand(part, rng, fill) for part in node)


def slots(template: str) -> frozenset[str]:
    """The names of the slots of ``template``."""
    return frozenset(re.findall(r"\{(\w+)\}", template))


def pattern_id(group: str, template: str) -> str:
    """A name of a template that does not change when others are added: group and hash."""
    return f"{group}.{blake2s(template.encode(), digest_size=4).hexdigest()}"


def held_out(name: str, percent: int = 12) -> bool:
    """Whether what has this name is kept from training: a stable ``percent`` of all names."""
    return blake2s(name.encode(), digest_size=4).digest()[0] * 100 < percent * 256


def mark(number: int, surface: str) -> str:
    """``surface`` as mention ``number``."""
    return f"{chr(_OPEN + number)}{surface}{chr(_CLOSE + number)}"


def is_mark(char: str) -> bool:
    """Whether this character is one of the two that wrap a mention."""
    return _MARK.match(char) is not None


def unmark(text: str) -> tuple[str, dict[int, str]]:
    """The text without marks, and the surface of each mention by its number."""
    surfaces: dict[int, str] = {}
    for number in sorted({ord(c) - _OPEN for c in text if _OPEN <= ord(c) < _OPEN + _ROOM}):
        start, end = text.index(chr(_OPEN + number)), text.index(chr(_CLOSE + number))
        surfaces[number] = _MARK.sub("", text[start + 1 : end]).strip()
    return _MARK.sub("", text), surfaces
