"""Text on a picture: what is printable, in which font, how long its lines are.

The font that is shipped covers Latin, Chinese and the usual signs; for any other character the
fonts of the system are asked, and what none of them has becomes □. Nothing in a text is markup.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import resources
from typing import Any

FAMILY = "NlPlanner Sans"
MISSING = "□"
DPI = 160

_OPENING = frozenset("([{“‘《〈「『【〔（［｛")
_CLOSING = frozenset(")]}”’》〉」』】〕）］｝,.;:!?，。；：！？、·…")


def printable(text: str) -> str:
    """The text on one line: without control and formatting characters, each one in some font."""
    signs = []
    for sign in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(sign)
        if sign.isspace():
            signs.append(" ")
        elif kind[0] != "C" and not "\ufe00" <= sign <= "\ufe0f":  # variation selectors
            signs.append(sign if _family_with(sign) else MISSING)
    return " ".join("".join(signs).split())


def font(text: str, size: float) -> Any:
    """The matplotlib FontProperties in which a printable text can be drawn, ``size`` in points."""
    from matplotlib.font_manager import FontProperties

    families = dict.fromkeys([FAMILY, *(_family_with(sign) for sign in text if sign != "\n")])
    return FontProperties(family=[family for family in families if family], size=size)


def ems(text: str) -> float:
    """About how wide a line is, in units of its font size."""
    return sum(1.0 if unicodedata.east_asian_width(sign) in "WFA" else 0.56 for sign in text)


def wrapped(text: str, width: float, lines: int) -> list[str]:
    """At most so many lines no wider than ``width`` ems; … stands for what was cut off."""
    found: list[str] = []
    line = ""
    for word in _words(text):
        if line and ems(line) + ems(word.rstrip()) > width:
            found.append(line.rstrip())
            line = ""
        line += word
    found.append(line.rstrip())
    if len(found) > lines:
        found = [*found[: lines - 1], shortened(" ".join(found[lines - 1 :]), width, cut=True)]
    return [shortened(line, width) for line in found]


def shortened(text: str, width: float, *, cut: bool = False) -> str:
    """The text no wider than ``width`` ems, ending with … when something was cut off."""
    if ems(text) <= width and not cut:
        return text
    while text and ems(text) + 1 > width:
        text = text[:-1]
    return text.rstrip() + "…"


@lru_cache(maxsize=4096)
def measure(text: str, size: float) -> tuple[float, float]:
    """Width and height in pixels of a text, which may have several lines, at ``size`` points."""
    from matplotlib.backends.backend_agg import RendererAgg

    renderer = RendererAgg(8, 8, DPI)
    prop = font(text, size)
    lines = text.split("\n")
    widths = [renderer.get_text_width_height_descent(line, prop, False)[0] for line in lines]
    return max(widths), len(lines) * size * 1.25 * DPI / 72


def _words(text: str) -> Iterator[str]:
    """The text in pieces between which a line may end, spaces at their ends."""
    word = ""
    for sign in text:
        wide = unicodedata.east_asian_width(sign) in "WF"
        last = word[-1:]
        breakable = last == " " or (
            last
            and (wide or unicodedata.east_asian_width(last) in "WF")
            and sign not in _CLOSING
            and sign != " "
            and last not in _OPENING
        )
        if breakable or ems(word) > 30:
            yield word
            word = ""
        word += sign
    yield word


@lru_cache(maxsize=16384)
def _family_with(sign: str) -> str | None:
    """The first family that has the sign: the shipped one, matplotlib's own, the system's."""
    for family in (FAMILY, "DejaVu Sans"):
        if _face(family).get_char_index(ord(sign)):
            return family
    for family in _system_families():
        face = _face(family)
        if face is not None and face.get_char_index(ord(sign)):
            return family
    return None


@cache
def _face(family: str) -> Any:
    """The opened font of a family, None when it cannot be drawn with."""
    from matplotlib.font_manager import FontProperties, fontManager, get_font

    if family == FAMILY and family not in fontManager.get_font_names():
        fontManager.addfont(str(resources.files("nl_planner") / "fonts/NotoSansSC-subset.otf"))
    try:
        path = fontManager.findfont(FontProperties(family=[family]), fallback_to_default=False)
        face = get_font(path)
    except (OSError, RuntimeError, ValueError):
        return None
    return face if face.scalable else None


@cache
def _system_families() -> tuple[str, ...]:
    """The families of the system that have an upright face of normal weight."""
    from matplotlib.font_manager import fontManager

    plain = {
        face.name
        for face in fontManager.ttflist
        if face.style == "normal" and face.weight in (400, "normal", "regular", "book")
    }
    return tuple(sorted(name for name in plain if "Last Resort" not in name))
