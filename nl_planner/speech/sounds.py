"""How alike two stretches of speech sound: pinyin for Chinese, metaphone for English.

A Chinese syllable is taken apart into initial, medial, nucleus and coda; each is as far from
another as the place and the manner in which it is made. Tones do not count: recognisers lose them
first. English is compared by Lawrence Philips' metaphone (1990) together with its letters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

SKIPPED = 0.8
"""What a syllable costs that only one of the two has."""

# initial: place (lips, teeth, ridge, sibilant, bent back, palate, velum, none), manner
_INITIALS = {
    "b": ("lips", "stop"), "p": ("lips", "puff"), "m": ("lips", "nasal"), "f": ("teeth", "hiss"),
    "d": ("ridge", "stop"), "t": ("ridge", "puff"), "n": ("ridge", "nasal"),
    "l": ("ridge", "liquid"), "z": ("sibilant", "affricate"), "c": ("sibilant", "puffed"),
    "s": ("sibilant", "hiss"), "zh": ("bent", "affricate"), "ch": ("bent", "puffed"),
    "sh": ("bent", "hiss"), "r": ("bent", "liquid"), "j": ("palate", "affricate"),
    "q": ("palate", "puffed"), "x": ("palate", "hiss"), "g": ("velum", "stop"),
    "k": ("velum", "puff"), "h": ("velum", "hiss"), "": ("none", "none"),
}  # fmt: skip
_NEAR_PLACES = {
    frozenset(pair): cost
    for pair, cost in {
        ("sibilant", "bent"): 0.08,
        ("sibilant", "palate"): 0.3,
        ("bent", "palate"): 0.25,
        ("velum", "none"): 0.3,
        ("teeth", "velum"): 0.3,
        ("teeth", "lips"): 0.3,
        ("none", "bent"): 0.35,
    }.items()
}
_NEAR_MANNERS = {
    frozenset(pair): cost
    for pair, cost in {
        ("stop", "puff"): 0.2,
        ("affricate", "puffed"): 0.2,
        ("hiss", "puffed"): 0.25,
        ("hiss", "affricate"): 0.3,
        ("stop", "affricate"): 0.3,
        ("puff", "puffed"): 0.3,
        ("nasal", "liquid"): 0.1,
    }.items()
}
_CODAS = {
    frozenset(pair): cost
    for pair, cost in {
        ("n", "ng"): 0.08,
        ("u", "ng"): 0.3,
        ("", "u"): 0.3,
        ("", "i"): 0.3,
        ("", "n"): 0.35,
        ("", "ng"): 0.35,
    }.items()
}
_OTHER = 0.45
_NUCLEI = {frozenset("ae"): 0.3, frozenset("oe"): 0.2, frozenset("ao"): 0.3, frozenset("ie"): 0.3}
_FINAL = re.compile(r"^(i(?=[aeou])|u(?=[aeio])|v(?=[ae]))?([aeiouv]?)(i|u|o|ng|n|r)?$")
_LETTERS = dict(
    pair.split(":")
    for pair in [
        "a:ei",
        "b:bi",
        "c:xi",
        "d:di",
        "e:yi",
        "f:fu",
        "g:ji",
        "h:chi",
        "i:ai",
        "j:jie",
        "k:kei",
        "l:lou",
        "m:mu",
        "n:en",
        "o:ou",
        "p:pi",
        "q:qiu",
        "r:a",
        "s:si",
        "t:ti",
        "u:you",
        "v:wei",
        "w:da",
        "x:ke",
        "y:wai",
        "z:zei",
    ]
)
"""The names of Latin letters as a Chinese speaker says them, in one syllable."""

Part = tuple[str, str, str, str]


@lru_cache(maxsize=4096)
def syllable(pinyin: str) -> Part:
    """Initial, medial, nucleus and coda of a toneless syllable; the whole as nucleus if it is none.

    >>> syllable("zhuang"), syllable("you")
    (('zh', 'u', 'a', 'ng'), ('', 'i', 'o', 'u'))
    """
    text = pinyin.replace("ü", "v")
    text = re.sub(r"^yu(?=[aen]|$)", "v", text)
    text = re.sub(r"^y(?=i)", "", text)
    text = re.sub(r"^y", "i", text)
    text = re.sub(r"^wu$", "u", text)
    text = re.sub(r"^w", "u", text)
    initial = next((text[:n] for n in (2, 1) if text[:n] in _INITIALS and text[:n]), "")
    final = text[len(initial) :]
    if initial in ("j", "q", "x"):
        final = re.sub(r"^u", "v", final)
    final = {"iu": "iou", "ui": "uei", "un": "uen", "ao": "au"}.get(final, final)
    found = _FINAL.match(final)
    if not found:
        return ("", "", pinyin, "")
    return (initial, found[1] or "", found[2] or "", found[3] or "")


@lru_cache(maxsize=1 << 18)
def syllables_apart(one: str, other: str) -> float:
    """How differently two toneless syllables sound: 0 the same, 0.3 easily confused, 1 or more not
    alike.
    """
    if one == other:
        return 0.0
    a, b = syllable(one), syllable(other)
    apart = 0.0
    if a[0] != b[0]:
        (place_a, manner_a), (place_b, manner_b) = _INITIALS[a[0]], _INITIALS[b[0]]
        if place_a != place_b:
            apart += _NEAR_PLACES.get(frozenset((place_a, place_b)), _OTHER)
        if manner_a != manner_b:
            apart += _NEAR_MANNERS.get(frozenset((manner_a, manner_b)), _OTHER)
    if a[1] != b[1]:
        apart += 0.25
    if a[2] != b[2]:
        apart += _NUCLEI.get(frozenset((a[2], b[2])), _OTHER)
    if a[3] != b[3]:
        apart += _CODAS.get(frozenset((a[3], b[3])), _OTHER)
    return apart


def sequences_apart(one: Sequence[str], other: Sequence[str]) -> float:
    """The cheapest way from one sequence of syllables to another, per syllable of the longer."""
    row = [SKIPPED * n for n in range(len(other) + 1)]
    for at, left in enumerate(one, start=1):
        before, row[0] = row[0], SKIPPED * at
        for n, right in enumerate(other, start=1):
            before, row[n] = (
                row[n],
                min(before + syllables_apart(left, right), row[n] + SKIPPED, row[n - 1] + SKIPPED),
            )
    return row[-1] / max(len(one), len(other), 1)


@lru_cache(maxsize=8192)
def readings(char: str) -> tuple[str, ...]:
    """The toneless syllables as which a character may be read."""
    if char in _LETTERS:
        return (_LETTERS[char],)
    from pypinyin import Style, pinyin

    return tuple(dict.fromkeys(pinyin(char, style=Style.NORMAL, heteronym=True)[0]))


def syllables(units: Sequence[str]) -> list[str]:
    """The toneless syllables of Chinese units, as they are read together."""
    from pypinyin import lazy_pinyin

    return [
        _LETTERS.get(unit) or sound
        for unit, sound in zip(units, lazy_pinyin(list(units)), strict=True)
    ]


@lru_cache(maxsize=8192)
def metaphone(words: str) -> str:
    """The sound of English words run together."""
    import jellyfish

    return "".join(jellyfish.metaphone(word) for word in re.findall("[a-z0-9]+", words.lower()))


@lru_cache(maxsize=1 << 16)
def words_apart(one: str, other: str) -> float:
    """How differently English words sound: 0 the same, up to 1."""
    from rapidfuzz.distance import Levenshtein

    letters = Levenshtein.normalized_distance(
        re.sub("[^a-z0-9]", "", one.lower()), re.sub("[^a-z0-9]", "", other.lower())
    )
    sound = Levenshtein.normalized_distance(metaphone(one), metaphone(other))
    return (letters + sound) / 2
