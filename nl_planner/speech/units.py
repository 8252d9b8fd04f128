"""A text as the units that a sound stands for: Chinese characters, English words, names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from nl_planner.language.normalise import CHINESE_DIGITS

PLACE, THING = "<place>", "<thing>"
"""Stand for any name of a place, of a kind of litter."""
START, END = "<s>", "</s>"

_ZH = re.compile(r"<place>|<thing>|[\u4e00-\u9fff]|\d+|[a-z]")
_EN = re.compile(r"<place>|<thing>|\d+|[a-z]+(?:'[a-z]+)?")
_TENS = ("", "十", "百", "千")


def units_of(text: str, language: str) -> list[str]:
    """The units of a text, without punctuation; in Chinese numbers become characters."""
    text = unicodedata.normalize("NFKC", text).lower()
    if language == "en":
        return _EN.findall(text.replace("’", "'"))
    return [char for unit in _ZH.findall(text) for char in _spelled(unit)]


def _spelled(unit: str) -> Iterable[str]:
    if not unit.isdigit():
        return (unit,)
    if len(unit) > 4 or unit.startswith("0"):
        return tuple(CHINESE_DIGITS[int(digit)] for digit in unit)
    return tuple(chinese_number(int(unit)))


def chinese_number(number: int) -> str:
    """0 to 9999 in characters: 12 → 十二, 305 → 三百零五."""
    if number == 0:
        return CHINESE_DIGITS[0]
    digits = str(number)
    text = ""
    for at, digit in enumerate(digits):
        unit = _TENS[len(digits) - 1 - at]
        if digit != "0":
            text += CHINESE_DIGITS[int(digit)] + unit
        elif text and not text.endswith(CHINESE_DIGITS[0]):
            text += CHINESE_DIGITS[0]
    text = text.rstrip(CHINESE_DIGITS[0])
    return text.removeprefix("一") if 10 <= number < 20 else text
