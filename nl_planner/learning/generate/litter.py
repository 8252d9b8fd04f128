"""How people say the classes of litter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from nl_planner.task import Action

_LETTERS = {
    "p": Action.PICK_UP,
    "s": Action.SWEEP,
    "v": Action.VACUUM,
    "m": Action.MOP,
    "c": Action.SCRUB,
}


@dataclass(frozen=True)
class Litter:
    """A class of litter: Chinese names, English names as (singular, plural), what is done to it.

    A mass noun has no plural ("" there), a noun that is only plural no singular.
    """

    id: str
    zh: tuple[str, ...]
    en: tuple[tuple[str, str], ...]
    measure: str
    actions: tuple[Action, ...]


@cache
def litter() -> Mapping[str, Litter]:
    """All classes by id, the ones most spoken of first."""
    import yaml

    text = resources.files(__package__).joinpath("litter.yaml").read_text("utf-8")
    return {
        class_id: Litter(
            class_id,
            tuple(zh.split("/")),
            tuple(number_forms(noun) for noun in en.split("/")),
            measure,
            tuple(_LETTERS[letter] for letter in letters),
        )
        for class_id, (zh, en, measure, letters) in yaml.safe_load(text).items()
    }


def number_forms(noun: str) -> tuple[str, str]:
    """Singular and plural of a noun as litter.yaml writes it."""
    if noun.endswith("~"):
        return noun[:-1], ""
    if noun.endswith("+"):
        return "", noun[:-1]
    singular, bar, irregular = noun.partition("|")
    return singular, irregular if bar else plural(singular)


def plural(noun: str) -> str:
    """The regular plural of an English noun: the last word takes it."""
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun if noun.endswith(("stairs", "ladies")) else noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    if noun.endswith("shelf"):
        return noun[:-1] + "ves"
    return noun + "s"
