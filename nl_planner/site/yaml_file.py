"""A YAML file as plain data that remembers its lines, and the list of what is wrong with it.

Made from libyaml's events rather than its nodes: duplicate keys are seen, depth and size are
bounded, and nothing in the file can make an object of Python. Scalars follow the YAML 1.2 core
schema, plus ``yes``/``no``/``on``/``off``; a date or ``12:30`` stays text.
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from nl_planner.errors import SiteFileError

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 20

Loc = tuple[str | int, ...]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TRUE = ("true", "yes", "on")
_FALSE = ("false", "no", "off")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **{form: True for word in ("true", "yes", "on") for form in (word, word.title(), word.upper())},
    **{
        form: False
        for word in ("false", "no", "off")
        for form in (word, word.title(), word.upper())
    },
    ".inf": float("inf"),
    "-.inf": float("-inf"),
    ".nan": float("nan"),
}
_NUMBER = re.compile(r"[-+]?(\d[\d_]*(\.\d*)?|\.\d+)([eE][-+]?\d+)?\Z")


class Mapping(dict[str, Any]):
    """A mapping of the file, the line that it starts on, and in ``lines`` those of its keys."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class Sequence(list[Any]):
    """A sequence of the file, and the line that it starts on."""

    __slots__ = ("line",)

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line


@dataclass
class YamlFile:
    """The data of a file (its root is a mapping) and the mistakes found in it so far."""

    path: Path
    data: Mapping
    _mistakes: list[tuple[int, str]] = field(default_factory=list)

    def mistake(self, where: Loc, message: str, line: int | None = None) -> None:
        """Note what is wrong at a key (``("landmarks", "pond", "front")``)."""
        line = line or self.line(where)
        keys = (k if isinstance(k, int) or k.isprintable() else repr(k) for k in where)
        key = "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in keys).lstrip(".")
        self._mistakes.append((line, f"{self.path}:{line}: {key + ': ' if key else ''}{message}"))

    def line(self, where: Loc) -> int:
        """The line, from 1, of a key or of the nearest thing around it."""
        line = 1
        value: Any = self.data
        for key in where:
            if isinstance(value, Mapping) and key in value.lines:
                line = value.lines[str(key)]
                value = value.get(str(key))
            elif isinstance(value, Sequence) and isinstance(key, int) and key < len(value):
                value = value[key]
                line = getattr(value, "line", line)
            else:
                break
        return line

    def raise_mistakes(self, *more: str) -> None:
        """Raise SiteFileError with every mistake in the order of the lines, if there is any."""
        lines = [text for _, text in sorted(self._mistakes, key=lambda m: m[0])]
        if lines or more:
            raise SiteFileError("\n".join(dict.fromkeys([*lines, *more])))


def read_yaml(path: Path, what: str) -> YamlFile:
    """The file as data with lines.

    Args:
        path: the file.
        what: what it should be, for messages: "a site file".

    Raises:
        SiteFileError: the file is missing, is not a file, is over ``MAX_BYTES``, is not UTF-8 or
            not YAML, or its root is not a mapping. Duplicate keys are only noted.
    """
    text = _read_text(path, what)
    file = YamlFile(path, Mapping(1))
    try:
        root = _build(text, file)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        mend = "; indent with spaces, not tabs" if "cannot start any token" in str(error) else ""
        problem = ", ".join(filter(None, (error.context, error.problem)))
        file.mistake((), f"not YAML: {problem}{mend}", mark.line + 1 if mark else 1)
    except _Unread as error:
        file.mistake((), str(error), error.line)
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + 1
        file.mistake((), "not YAML: a control character; take it out", line)
    else:
        if isinstance(root, Mapping):
            file.data = root
            return file
        found = "the file is empty" if root is None else "the file holds no 'key: value' lines"
        file.mistake((), f"{found}; {what} starts with a line such as 'name: ...'")
    file.raise_mistakes()
    raise AssertionError("unreachable")


def _read_text(path: Path, what: str) -> str:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise SiteFileError(f"{path}: is a directory; name {what} in it")
        if not stat.S_ISREG(status.st_mode):
            raise SiteFileError(f"{path}: is not a regular file; name {what}")
        if status.st_size > MAX_BYTES:
            raise SiteFileError(
                f"{path}: has {status.st_size / 2**20:.0f} MB, more than the {MAX_BYTES >> 20} MB"
                f" that {what} may have; name the right file, or split the site"
            )
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise SiteFileError(f"{path}: no such file; check the path") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise SiteFileError(f"{path}: cannot be read: {reason}") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SiteFileError(
            f"{path}:{line}: not UTF-8 text (byte 0x{raw[error.start]:02x}); "
            f"save {what} as UTF-8, or name the right file"
        ) from error


def _build(text: str, file: YamlFile) -> Any:
    """The root of the only document; notes duplicate keys in ``file``."""
    root: Any = None
    documents = 0
    parent: Any = None  # the open mapping or sequence
    key: str | None = None  # in an open mapping, the key that waits for its value
    around: list[tuple[Any, str | int]] = []  # what parent lies in, and its key there
    event: Any
    value: Any
    for event in yaml.parse(text, Loader=_LOADER):
        kind = type(event)
        if kind is ScalarEvent:
            if key is None and type(parent) is Mapping:
                key = event.value
                line = event.start_mark.line + 1
                first = parent.lines.setdefault(key, line)
                if key in parent:
                    where = (*(place for _, place in around[1:]), key)
                    message = f"is here twice, first on line {first}; rename or remove one"
                    file.mistake(where, message, line)
                continue
            value = scalar(event.value) if event.implicit[0] else event.value
        elif kind is MappingStartEvent:
            value = Mapping(event.start_mark.line + 1)
        elif kind is SequenceStartEvent:
            value = Sequence(event.start_mark.line + 1)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            parent, _ = around.pop()
            continue
        elif kind is AliasEvent:
            raise _Unread("an alias (*name) is not read; write the value out", event)
        else:
            documents += kind is DocumentStartEvent
            if documents > 1:
                raise _Unread("a second document ('---'); keep one", event)
            continue
        if event.tag is not None:
            raise _Unread(f"a tag ({event.tag}) is not read; take it out", event)
        place: str | int = ""
        if type(parent) is Sequence:
            place = len(parent)
            parent.append(value)
        elif type(parent) is Mapping:
            if key is None:
                raise _Unread("a key must be text, not a list or mapping", event)
            place = key
            parent.setdefault(key, value)
            key = None
        else:
            root = value
        if kind is not ScalarEvent:
            around.append((parent, place))
            parent = value
            if len(around) > MAX_DEPTH:
                raise _Unread(f"nested more than {MAX_DEPTH} deep; is a bracket open?", event)
    return root


def scalar(text: str) -> Any:
    """What an unquoted scalar means: None, a truth value, a number, or the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if text.isascii() and text.isdigit() and len(text) < 20:
        return int(text)
    if text[0] in "-+.0123456789" and (match := _NUMBER.match(text)):
        whole = match[2] is None and match[3] is None and "." not in text and len(text) < 20
        return int(text) if whole else float(text)
    return text


class _Unread(Exception):  # noqa: N818  never leaves this module
    """YAML that this project does not read."""

    def __init__(self, message: str, event: Any) -> None:
        super().__init__(message)
        self.line = int(event.start_mark.line) + 1
