"""What a sentence is made from: referents, places, things, and one piece of work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from nl_planner.learning.generate.litter import litter, number_forms
from nl_planner.learning.generate.sites import OWN_CLASSES, NamedLandmark, NamedSite
from nl_planner.task import Action, Relation


@dataclass
class Referent:
    """What a name in a sentence stands for. ``surfaces``: fixed wordings, else the landmark's."""

    ids: tuple[str, ...]
    landmark_id: str
    kind: str
    enter: bool
    landmark: NamedLandmark | None = None
    surfaces: tuple[str, ...] = ()
    entrance: int | None = None


@dataclass
class SpokenPlace:
    """A place to be put into words, and its reading. ``accept`` grows with the wording."""

    relation: Relation
    referents: tuple[Referent, ...]
    distance: float | None = None
    part: str | None = None
    bare: bool = False
    accept: tuple[str, ...] = ()

    def reading(self) -> dict[str, Any]:
        """The place in the contract's form."""
        place: dict[str, Any] = {
            "relation": self.relation.value,
            "landmarks": [referent.landmark_id for referent in self.referents],
            "distance": self.distance,
        }
        if self.part:
            place["part"] = self.part
        return place


@dataclass
class Thing:
    """A class of litter in a sentence: its names, and in English one, some, or a mass."""

    id: str
    zh: str
    en: tuple[str, str]
    measure: str = "个"
    number: str = "pl"
    listed: bool = True


@dataclass
class Clause:
    """One piece of work to be put into words. ``verb`` is the action, or "generic"."""

    action: Action
    verb: str
    place: SpokenPlace | None = None
    thing: Thing | None = None
    passes: int = 1
    form: str = ""
    """The one English verb of this clause, base:gerund:participle, chosen at first use."""


def pick_thing(
    site: NamedSite, rng: Random, allowed: Callable[[str], bool] = lambda _: True
) -> Thing:
    """A random class of the site that ``allowed`` takes by id; common ones more often."""
    own = [c for c in site.classes.classes.values() if c.id not in litter()]
    own = [c for c in own if c.parent and c.id in _own_ids() and allowed(c.id)]
    if own and rng.random() < 0.25:
        chosen = rng.choice(own)
        zh = [n for n in chosen.names if not n.isascii()]
        en = [n for n in chosen.names if n.isascii()]
        noun = rng.choice(en)
        mass = not noun.endswith(("tie", "stub", "cap", "lanyard"))
        forms = (noun, noun if noun.endswith("s") else "") if mass else number_forms(noun)
        return Thing(
            chosen.id, rng.choice(zh), forms, number=rng.choice(["pl", "sg"]) if not mass else "pl"
        )
    ids = [class_id for class_id in litter() if allowed(class_id)]
    weights = [1 + 3 / (1 + i / 12) for i in range(len(ids))]
    entry = litter()[rng.choices(ids, weights)[0]]
    forms = rng.choice(entry.en)
    number = "pl" if not forms[0] or not forms[1] else rng.choice(["pl", "pl", "sg"])
    return Thing(entry.id, rng.choice(entry.zh), forms, entry.measure, number)


@cache
def _own_ids() -> frozenset[str]:
    return frozenset(own[0] for own in OWN_CLASSES)
