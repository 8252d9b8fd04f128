"""Training and evaluation sentences with their readings, on random sites, in two languages.

``generate(seed, n, split)`` yields sites and examples; the same arguments give the same ones. The
splits differ in kinds of site and in patterns of sentences: what ``train`` holds, ``heldout``
does not ("all" draws on everything, for the adapter that is shipped).
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from nl_planner.learning.generate.compose import Composer
from nl_planner.learning.generate.example import (
    ANSWER,
    EVERY,
    NOWHERE,
    OUTSIDE,
    REFUSE,
    SEVERAL,
    UNKNOWN,
    UNLISTED,
    Example,
    Mention,
    expected,
)
from nl_planner.learning.generate.kinds import KINDS
from nl_planner.learning.generate.sites import (
    HELD_OUT_KINDS,
    NamedEntrance,
    NamedLandmark,
    NamedSite,
    make_site,
    site_kinds,
)
from nl_planner.learning.generate.template import held_out

__all__ = [
    "ANSWER",
    "EVERY",
    "HELD_OUT_KINDS",
    "KINDS",
    "NOWHERE",
    "OUTSIDE",
    "REFUSE",
    "SEVERAL",
    "SPLITS",
    "UNKNOWN",
    "UNLISTED",
    "Example",
    "Mention",
    "NamedEntrance",
    "NamedLandmark",
    "NamedSite",
    "expected",
    "generate",
    "make_site",
    "site_kinds",
]

SPLITS = ("train", "heldout", "all")

_PER_SITE = 8
"""Examples drawn from one site before the next is made."""


def generate(seed: int, n: int, split: str = "train") -> Iterator[tuple[NamedSite, Example]]:
    """``n`` examples of a split, each with the site it is said on; deterministic in ``seed``."""
    if split not in SPLITS:
        raise ValueError(f"split {split!r} is none of {', '.join(SPLITS)}")
    kinds = list(KINDS)
    weights = [weight for weight, _ in KINDS.values()]
    site = None
    for number in range(n):
        rng = Random(f"{seed}/{split}/{number}")  # noqa: S311  reproducible, not secret
        if site is None or number % _PER_SITE == 0:
            site = make_site(rng, rng.choice(site_kinds(split)), split)
        language = ("zh", "en")[number % 2]
        for _ in range(20):
            kind = rng.choices(kinds, weights)[0]
            example = Composer(site, language, rng, split).make(kind, KINDS[kind][1])
            if split != "heldout" or held_out(example.pattern_id):
                break
        yield site, example
