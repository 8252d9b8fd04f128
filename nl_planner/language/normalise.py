"""Text as a person or a recogniser gave it → text that can be read and compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from nl_planner.errors import InstructionError
from nl_planner.language.replies import say
from nl_planner.site.model import has_chinese

MAX_CHARACTERS = 500

CHINESE_DIGITS = "零一二三四五六七八九"
NUMBER_WORDS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
)
"""English for 0 to 20."""
ORDINAL_WORDS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)
"""English for 1st to 10th."""

_DIGITS = {char: value for value, char in enumerate(CHINESE_DIGITS)} | {"〇": 0, "两": 2, "幺": 1}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        ("thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), start=3
    )
}
_ENGLISH_NUMBERS = {
    **{word: value for value, word in enumerate(NUMBER_WORDS)},
    **{word: value for value, word in enumerate(ORDINAL_WORDS, start=1)},
    **_TENS,
}
_WHOLE_TENS = frozenset(str(ten) for ten in range(20, 100, 10))
_COUNTED = frozenset(["time", "pass", "metre", "meter", "m", "round", "minute", "x"])
"""What a number before it counts: such a number belongs to no name."""


def clean_text(text: str) -> str:
    """The instruction without control characters, emoji and surplus white space.

    Raises:
        InstructionError: nothing is left, it holds no letter or digit, or it is longer than
            `MAX_CHARACTERS`.
    """
    text = unicodedata.normalize("NFKC", text)
    kept = "".join(
        " " if unicodedata.category(char)[0] in "CZ" or char == "\ufffd" else char
        for char in text
        if unicodedata.category(char) not in ("So", "Sk", "Cs", "Cf", "Mn", "Me")
    )
    # A model marks turns with <|...|>; a person's text must not be able to.
    kept = re.sub(r"\s+", " ", kept.replace("<|", "< |").replace("|>", "| >")).strip()
    language = language_of(kept)
    if len(kept) > MAX_CHARACTERS:
        length, most = f"{len(kept):,}", str(MAX_CHARACTERS)
        raise InstructionError(say("too_long", language, count=length, most=most))
    if not any(char.isalnum() for char in kept):
        raise InstructionError(say("no_words", language))
    return kept


def language_of(text: str) -> str:
    """The language of a text: "zh" when it has a Chinese character, else "en"."""
    return "zh" if has_chinese(text) else "en"


@lru_cache(maxsize=65536)
def canonical(text: str) -> str:
    """The form in which names are compared.

    Lower case; numbers as digits (三号楼, building three, third → 3); English words singular; no
    punctuation; single spaces between English words and none beside Chinese characters.
    """
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub(r"\b(\d+)(st|nd|rd|th)\b", r"\1", text)
    text = re.sub(f"[{''.join(_DIGITS)}{''.join(_UNITS)}]+", _chinese_number, text)
    text = re.sub(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])", " ", text)
    text = re.sub(r"(?<=[a-z])(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])(?=[a-z])", " ", text)
    text = re.sub(r"[^\w\s]|_", " ", text).replace("第", " ")
    words = _english_numbers([_canonical_word(word) for word in text.split()])
    return re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", " ".join(words))


def _english_numbers(words: list[str]) -> list[str]:
    """Numbers as they are spoken made one: twenty seven → 27, five oh one → 501, seven twelve →
    712. A number that counts what follows it ("two times") stays by itself.
    """
    joined: list[str] = []
    piece = ""  # the last one of an unfinished number
    for place, word in enumerate(words):
        follows = words[place + 1] if place + 1 < len(words) else ""
        if word in ("oh", "o") and piece and (follows[:1].isdigit() or len(joined[-1]) == 2):
            word = "0"
        number = word.isascii() and word.isdigit() and len(word) <= 2
        if piece and number and follows not in _COUNTED:
            adds = piece in _WHOLE_TENS and len(word) == 1 and word != "0"
            joined[-1] = joined[-1][: -1 if adds else None] + word
        else:
            joined.append(word)
        piece = word if number and len(joined[-1]) < 4 else ""
    return joined


def _canonical_word(word: str) -> str:
    if word in _ENGLISH_NUMBERS:
        return str(_ENGLISH_NUMBERS[word])
    if not word.isascii() or len(word) < 4 or word.endswith("ss"):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if re.search(r"(x|s|sh|ch)es$", word):
        return word[:-2]
    return word.removesuffix("s")


def lengths_in(text: str) -> set[float]:
    """The numbers in a text that may be metres: 3, 1.5 (一米五, a metre and a half), 0.5 (半米)."""
    text = unicodedata.normalize("NFKC", text).lower()
    found = {float(number) for number in re.findall(r"\d+\.\d+", text)}
    plain = canonical(re.sub(r"\d+\.\d+", " ", text))
    plain = re.sub(r"\b(a|an) (?=(single )?(metre|meter))", "1 ", plain)
    tenths = r"(\d+)(?:米| ?m ?)(\d)(?![\d会下圈边起些点个次遍趟旁])"
    found |= {int(whole) + int(tenth) / 10 for whole, tenth in re.findall(tenths, plain)}
    plain = re.sub(tenths, " ", plain)
    halves = r"(\d+)(?:米半| (?:metre |meter )?and a half)"
    found |= {int(whole) + 0.5 for whole in re.findall(halves, plain)}
    plain = re.sub(halves, " ", plain)
    half = r"半米|\bhalf( 1)?\b"
    if re.search(half, plain):
        found.add(0.5)
        plain = re.sub(half, " ", plain)
    return found | {float(number) for number in re.findall(r"\d+", plain)}


def _chinese_number(match: re.Match[str]) -> str:
    """三 → 3, 十二 → 12, 三百零五 → 305, 三零五 → 305."""
    text = match[0]
    if not any(char in _UNITS for char in text):
        return "".join(str(_DIGITS[char]) for char in text)
    total, digit = 0, None
    for char in text:
        if char in _UNITS:
            total += (1 if digit is None else digit) * _UNITS[char]
            digit = None
        else:
            digit = _DIGITS[char]
    return str(total + (digit or 0))
