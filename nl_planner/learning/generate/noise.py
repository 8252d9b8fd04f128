"""From a clean sentence to one as it arrives: fillers, recogniser's slips, typos, punctuation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from random import Random
from typing import Any

from nl_planner.learning.generate.example import Mention
from nl_planner.learning.generate.sites import NamedSite
from nl_planner.learning.generate.speaker import phrases
from nl_planner.learning.generate.template import is_mark, unmark

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_QUESTION = re.compile(
    r"^(can|could|would|will|is|are|was|have|has|did|do|does|what|where|when|why|how|who|which|"
    r"shall|any chance)\b", re.IGNORECASE
)  # fmt: skip
_KEEP_ZH = set("一二三四五六七八九十零两半东南西北左右前后里外中内上下不别除先再米遍次号")


@cache
def _tables() -> Mapping[str, Any]:
    import yaml

    text = resources.files(__package__).joinpath("noise.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


@cache
def _homophones() -> Mapping[str, tuple[str, ...]]:
    """Characters that sound alike (without tone), by character."""
    from pypinyin import lazy_pinyin

    characters = dict.fromkeys(c for c in _tables()["characters"] if not c.isspace())
    by_sound: dict[str, list[str]] = {}
    for char in characters:
        by_sound.setdefault(_confused(lazy_pinyin(char)[0]), []).append(char)
    return {c: tuple(group) for group in by_sound.values() for c in group if len(group) > 1}


def _confused(sound: str) -> str:
    """The pinyin with the distinctions that many speakers do not make: zh z, ang an."""
    sound = re.sub(r"^(z|c|s)h", r"\1", sound)
    return re.sub(r"(in|en)g$", r"\1", sound)


@cache
def _sound_of(char: str) -> str:
    from pypinyin import lazy_pinyin

    return _confused(lazy_pinyin(char)[0])


@cache
def _by_sound() -> Mapping[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for group in _homophones().values():
        groups[_sound_of(group[0])] = group
    return groups


def finish(
    text: str,
    mentions: list[Mention],
    site: NamedSite,
    language: str,
    rng: Random,
    *,
    plain: bool = False,
) -> tuple[str, tuple[Mention, ...]]:
    """The sentence as typed or heard, and its mentions with the surfaces they have there."""
    text = _tidy(text, language)
    data = phrases(language)
    if not plain and rng.random() < 0.10:
        lead = rng.choice(data["leads"])
        if language == "zh" or not text.lower().startswith(("hey", "hi", "ok", "robot", "hello")):
            text = lead + text
    if not plain and rng.random() < 0.05:
        text = text.rstrip(".!?。！？，") + rng.choice(data["trails"])
    if rng.random() < (0.02 if plain else 0.08):
        text = _filler(text, language, data["fillers"], rng)
    if len(text) > 5 and rng.random() < 0.12:
        known = {name.lower() for t in (*site.landmarks, *site.keepouts) for name in t.names}
        slipped = (_slip_zh if language == "zh" else _slip_en)(text, rng)
        if not any(s.lower() in known and s != m.surface
                   for s, m in zip(_surfaces(slipped), mentions, strict=False)):  # fmt: skip
            text = slipped
    text = (_style_zh if language == "zh" else _style_en)(text, rng)
    clean, surfaces = unmark(text)
    found = tuple(
        Mention(surfaces[i], m.ids, m.kind) for i, m in enumerate(mentions) if i in surfaces
    )
    return clean.strip(), found


def _surfaces(text: str) -> list[str]:
    return list(unmark(text)[1].values())


def _tidy(text: str, language: str) -> str:
    """Mends what templates leave behind: doubled marks, spaces."""
    if language == "zh":
        text = re.sub(r"，{2,}", "，", text)
        text = re.sub(r"(一下|一遍)(一下|一遍)", r"\1", text)
        text = re.sub("(拖|扫|吸|刷|捡|洗|理)下一下", r"\1一下", text.replace("的的", "的"))
        return text.replace("。，", "，").replace("的里", "里")
    text = re.sub(r"\s+", " ", text).replace(" ,", ",").replace(" .", ".")
    text = re.sub(r"\b(the) (the|that|those|this|all)\b", r"\2", text)
    text = re.sub(r"(please.*?),? please\b", r"\1", text)
    text = re.sub(r"([.!?]),", r"\1", text)
    return text.strip()


def _filler(text: str, language: str, fillers: list[str], rng: Random) -> str:
    filler = rng.choice(fillers)
    if language == "zh":
        joint = rng.choice(["", "，", " ", "…"])
        places = [0] + [m.end() for m in re.finditer("，", text)]
        at = rng.choice(places)
        return text[:at] + filler + joint + text[at:]
    words = text.split(" ")
    inside = 0
    spots = []
    for number, word in enumerate(words):
        if inside == 0:
            spots.append(number)
        inside += sum(1 if 0xE000 <= ord(c) < 0xE800 else -1 for c in word if is_mark(c))
    at = rng.choice(spots)
    comma = rng.choice([",", ""])
    return " ".join([*words[:at], filler + comma, *words[at:]])


def _slip_zh(text: str, rng: Random) -> str:
    """One character, or two, written as another that sounds alike; a name more often than not."""
    spots = [i for i, c in enumerate(text)
             if c not in _KEEP_ZH and "\u4e00" <= c <= "\u9fff" and len(_alike(c)) > 0]  # fmt: skip
    inside = [i for i in spots if _is_inside(text, i)]
    pool = inside if inside and rng.random() < 0.7 else spots
    if not pool:
        return text
    chars = list(text)
    for at in rng.sample(pool, min(len(pool), rng.choice([1, 1, 1, 2]))):
        chars[at] = rng.choice(_alike(chars[at]))
    return "".join(chars)


def _alike(char: str) -> tuple[str, ...]:
    group = _by_sound().get(_sound_of(char), ())
    return tuple(c for c in group if c != char and c not in _KEEP_ZH)


def _is_inside(text: str, at: int) -> bool:
    depth = sum(1 if 0xE000 <= ord(c) < 0xE800 else -1 for c in text[:at] if is_mark(c))
    return depth > 0


def _slip_en(text: str, rng: Random) -> str:
    """One word misheard, or one typo."""
    words = [(m.start(), m.end()) for m in re.finditer(r"[A-Za-z']+", text)]
    heard = _tables()["english"]
    misheard = [(a, b) for a, b in words if text[a:b].lower() in heard]
    if misheard and rng.random() < 0.4:
        a, b = rng.choice(misheard)
        return text[:a] + str(rng.choice(heard[text[a:b].lower()])) + text[b:]
    long = [(a, b) for a, b in words if b - a > 4 and text[a:b].lower() not in _STEERING]
    if not long:
        return text
    a, b = rng.choice(long)
    return text[:a] + _typo(text[a:b], rng) + text[b:]


_STEERING = frozenset(
    [
        "north",
        "south",
        "east",
        "west",
        "left",
        "right",
        "front",
        "behind",
        "three",
        "seven",
        "eight",
        "eleven",
        "twelve",
        "thirty",
        "forty",
        "fifty",
        "sixty",
        "before",
        "after",
        "except",
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "twice",
        "without",
        "northern",
        "southern",
        "eastern",
        "western",
        "don't",
    ]
)
"""Words whose change would change the meaning; digits and letters of names are short."""


def _typo(word: str, rng: Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    kind = rng.choice(["swap", "drop", "double", "near"])
    if kind == "swap":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == "drop":
        return word[:at] + word[at + 1 :]
    if kind == "double":
        return word[:at] + word[at] + word[at:]
    row = next((row for row in _KEYS if word[at].lower() in row), "")
    if not row:
        return word
    place = row.index(word[at].lower())
    return word[:at] + row[max(0, place - 1) if place else 1] + word[at + 1 :]


def _style_zh(text: str, rng: Random) -> str:
    draw = rng.random()
    text = text.strip("， ")
    if draw < 0.18:
        text = re.sub(r"[，。；：、！？]", rng.choice(["", " "]), text)
    elif draw < 0.23:
        text = text.replace("，", ",").replace("？", "?")
    elif draw < 0.45 and text[-1] not in "？！。":
        text += rng.choice(["。", "。", "！"])
    return text.strip()


def _style_en(text: str, rng: Random) -> str:
    draw = rng.random()
    text = text.strip(", ")
    if draw < 0.25:
        return re.sub(r"[.,;:!?\"]", "", text).lower()
    if draw < 0.35:
        return text
    text = re.sub(r"\bi\b(?!-)", "I", re.sub(r"\bi'", "I'", text))
    text = re.sub(r"(^[^\w]*|[.!?] [^\w]*)([a-z])", lambda m: m[1] + m[2].upper(), text)
    if draw < 0.9 and text[-1] not in ".!?":
        text += (
            "?"
            if _QUESTION.match(re.sub("[\ue000-\uefff]", "", text))
            else rng.choice([".", ".", ".", "!"])
        )
    return text
