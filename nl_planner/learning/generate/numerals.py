"""Numbers as people say and write them, in Chinese and English."""

from __future__ import annotations

import re
from random import Random

from nl_planner.language.normalise import CHINESE_DIGITS, NUMBER_WORDS, ORDINAL_WORDS

_TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def chinese(number: int) -> str:
    """``number`` (0..99) in Chinese: 12 is 十二."""
    tens, ones = divmod(number, 10)
    if not tens:
        return CHINESE_DIGITS[ones]
    head = "" if tens == 1 else CHINESE_DIGITS[tens]
    return head + "十" + (CHINESE_DIGITS[ones] if ones else "")


def english(number: int) -> str:
    """``number`` (0..99) in English words."""
    if number <= 20:
        return NUMBER_WORDS[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens] + (f"-{NUMBER_WORDS[ones]}" if ones else "")


def ordinal(number: int) -> str:
    """``number`` (1..10) as an English ordinal."""
    return ORDINAL_WORDS[number - 1]


def spoken(name: str, language: str, rng: Random) -> str:
    """``name`` with its digits as words: 305病房 as 三零五病房, Building 3 as building three."""

    def zh(found: re.Match[str]) -> str:
        digits = found.group()
        if len(digits) <= 2 and not digits.startswith("0"):
            return chinese(int(digits))
        text = "".join(CHINESE_DIGITS[int(digit)] for digit in digits)
        return text.replace("一", "幺") if rng.random() < 0.15 else text

    def en(found: re.Match[str]) -> str:
        digits = found.group()
        if len(digits) <= 2 and not digits.startswith("0"):
            return english(int(digits))
        if len(digits) == 3 and digits[1] != "0" and rng.random() < 0.4:
            rest = english(int(digits[1:]))
            return f"{NUMBER_WORDS[int(digits[0])]} {rest}"
        oh = rng.choice(["oh", "zero"])
        return " ".join(oh if digit == "0" else NUMBER_WORDS[int(digit)] for digit in digits)

    if language == "zh":
        return re.sub(r"\d+", zh, name)
    return re.sub(r"\d+", en, re.sub(r"(?<=[A-Za-z])(?=\d)", " ", name))


def metres(value: float, language: str, rng: Random) -> str:
    """A distance in metres as it is said or written."""
    if value == 0.5:
        forms = ["半米", "0.5米"] if language == "zh" else ["half a metre", "0.5 m", "half a meter"]
        return rng.choice(forms)
    if value == 1.5:
        if language == "zh":
            return rng.choice(["一米五", "1.5米", "1米5", "一米半"])
        return rng.choice(["one and a half metres", "1.5 m", "a metre and a half", "1.5 meters"])
    whole = int(value)
    if language == "zh":
        word = "两" if whole == 2 else chinese(whole)
        return rng.choice([f"{word}米", f"{word}米", f"{whole}米", f"{whole}m", f"{whole} 米"])
    if whole == 1:
        return rng.choice(["one metre", "a metre", "1 m", "one meter", "1m", "1 metre"])
    unit = rng.choice(["metres", "meters"])
    word = english(whole)
    return rng.choice(
        [f"{word} {unit}", f"{word} {unit}", f"{whole} {unit}", f"{whole} m", f"{whole}m"]
    )


def times(count: int, language: str, rng: Random) -> str:
    """How often: 两遍, twice."""
    if language == "zh":
        word = rng.choice(["两" if count == 2 else chinese(count)] * 3 + [str(count)])
        return word + rng.choice(["遍", "遍", "遍", "次", "次", "趟", "回"])
    word = rng.choice([english(count), english(count), str(count)])
    forms = [f"{word} times", f"{word} times", f"{count}x"]
    if count == 2:
        forms = ["twice", "twice", "twice", "two times", "2 times", "two times over", "2x"]
    return rng.choice(forms)
