"""A line of a grammar as JSON, for servers that hold a model to a JSON schema.

One object a slot, the rest of the line inside it::

    {"line": {"verb": "sweep", "then": {"what": "[可乐瓶]", "then": {"end": "."}}}}

Spaces around a text are left out where its slot's texts are still told apart without them: in
JSON a model would not write them.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from nl_planner.models.interface import END, Grammar

_REST = "then"


def schema(grammar: Grammar) -> dict[str, Any]:
    """The JSON schema of exactly the lines that the grammar allows."""
    definitions = {}
    for state, choices in grammar.states.items():
        by_next = defaultdict(list)
        for shown, text in written(grammar, state).items():
            by_next[choices[text]].append(shown)
        branches = [_branch(state, texts, after) for after, texts in by_next.items()]
        if branches:
            definitions[state] = branches[0] if len(branches) == 1 else {"anyOf": branches}
    return _object({"line": {"$ref": f"#/$defs/{grammar.start}"}}) | {"$defs": definitions}


def _branch(state: str, texts: list[str], after: str) -> dict[str, Any]:
    properties: dict[str, Any] = {state: {"type": "string", "enum": texts}}
    if after != END:
        properties[_REST] = {"$ref": f"#/$defs/{after}"}
    return _object(properties)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def written(grammar: Grammar, state: str) -> Mapping[str, str]:
    """The choices of a slot: as they are written in JSON → the text."""
    choices = grammar.states[state]
    short = {text.strip(): text for text in choices}
    return short if len(short) == len(choices) else {text: text for text in choices}


def read(content: str, grammar: Grammar) -> Iterator[tuple[str, str]]:
    """The (slot, text) pairs that a model wrote as JSON.

    Raises:
        ValueError: it is not JSON, or the grammar does not allow it; says where.
    """
    try:
        rest = json.loads(content)["line"]
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError(f"not an object with a line ({error!r})") from error
    state = grammar.start
    while state != END:
        shown = rest.get(state) if isinstance(rest, dict) else None
        text = written(grammar, state).get(shown) if isinstance(shown, str) else None
        if text is None:
            raise ValueError(f"{shown!r} is not allowed as {state!r}")
        after = grammar.states[state][text]
        if rest.keys() != ({state} if after == END else {state, _REST}):
            raise ValueError(f"{sorted(rest)} after {text!r} is not allowed")
        yield state, text
        state, rest = after, rest.get(_REST)


def example(line: str, grammar: Grammar) -> str | None:
    """A line of an example as JSON; None where it does not follow the grammar.

    Names in brackets may be others than those of this grammar.
    """
    rest, state = line, grammar.start
    found: list[tuple[str, str]] = []
    while state != END:
        choices = grammar.states[state]
        shown, text = next(
            (pair for pair in written(grammar, state).items() if _begins(rest, pair[1])), ("", "")
        )
        after = choices.get(text)
        if after is None:
            name = re.match(r" \[[^\]]*\]", rest)
            bracketed = {choices[t] for t in choices if t.startswith(" [")} or set(choices.values())
            if not name or len(bracketed) != 1:
                return None
            text, after = name[0], bracketed.pop()
            shown = text.strip()
        found.append((state, shown))
        rest, state = rest[len(text) :], after
    inner: dict[str, Any] = {}
    for slot, shown in reversed(found):
        inner = {slot: shown, _REST: inner} if inner else {slot: shown}
    return json.dumps({"line": inner}, ensure_ascii=False)


def _begins(rest: str, text: str) -> bool:
    return rest.startswith(text) and rest[len(text) : len(text) + 1] in ("", " ")
