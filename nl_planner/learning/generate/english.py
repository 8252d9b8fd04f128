"""Slots of English templates: verbs that inflect, things with number and article."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING, Any

from nl_planner.learning.generate.clause import Clause, Thing
from nl_planner.learning.generate.numerals import metres, times

if TYPE_CHECKING:
    from nl_planner.learning.generate.speaker import Speaker

_INSIDE = ("up", "away", "off", "out", "down", "over")
"""Particles that let a pronoun stand before them: pick it up, scrub it down."""
_ALONE = frozenset(
    [
        "sweep",
        "brush",
        "mop",
        "wet-mop",
        "vacuum",
        "hoover",
        "vac",
        "scrub",
        "inspect",
        "check",
        "patrol",
        "litter-pick",
        "clean",
        "tidy",
        "clean up",
        "tidy up",
    ]
)

_SINGULAR = {"needs": "needs", "is": "is", "has": "has", "gets": "gets", "are": "is",
             "needs1": "needs"}  # fmt: skip


def stands_alone(form: str) -> bool:
    """Whether a verb (base:gerund:participle) can go without an object: sweep behind the gate."""
    return form.split(":")[0] in _ALONE


def fill(speaker: Speaker, slot: str, clause: Clause) -> str:
    """The text of a slot that depends on the clause; KeyError when there is no such slot."""
    verbs, thing = speaker.data["verbs"][clause.verb], clause.thing
    if thing and slot in ("O", "Os", "Oi", "There", "them", "they", "are", "VO", "VT", "GO",
                          "GX", "EX", "VOall", "GOp"):  # fmt: skip
        return _thing_slot(speaker, slot, clause, thing, verbs)
    if slot in ("needs", "is", "has", "gets", "are", "needs1"):
        if slot == "needs1" or not speaker.plural:
            return _SINGULAR[slot]
        return {"needs": "need", "is": "are", "has": "have", "gets": "get", "are": "are"}[slot]
    if slot in ("V", "G", "E", "Vi", "Gi", "Vit", "Vthem"):
        return _verb(speaker, slot, clause, verbs["area"].split("/"))
    if slot == "NN":
        return speaker.one(str(verbs["noun"]))
    if slot == "k":
        return times(clause.passes, "en", speaker.rng)
    if slot == "kk":
        count = times(clause.passes, "en", speaker.rng).split()[0]
        word = {"twice": "two", "2x": "two"}.get(count, count.removesuffix("x"))
        return speaker.one([f"{word} passes", f"{word} rounds", f"{word} goes"])
    if slot == "tool":
        return {"vacuum": "vacuum", "mop": "mop", "sweep": "brush"}.get(clause.verb, "machine")
    if slot == "LP":
        return speaker.one(speaker.data["litter_pick"])
    raise KeyError(slot)


def _verb(speaker: Speaker, slot: str, clause: Clause, forms: list[str]) -> str:
    """A verb for a place; with ``i`` one that needs no object, ``it`` and ``them`` with one."""
    if not clause.form:
        alone = [form for form in forms if stands_alone(form)]
        clause.form = speaker.rng.choice(alone if slot in ("Vi", "Gi") else forms)
    base, gerund, participle = clause.form.split(":")
    if slot in ("Vit", "Vthem"):
        pronoun = "it" if slot == "Vit" else speaker.one(["them", "both", "them"])
        stem, _, particle = base.partition(" ")
        return f"{stem} {pronoun} {particle}" if particle in _INSIDE else f"{base} {pronoun}"
    return {"V": base, "G": gerund, "E": participle, "Vi": base, "Gi": gerund}[slot]


def _thing_slot(speaker: Speaker, slot: str, clause: Clause, thing: Thing, verbs: Any) -> str:
    several = bool(thing.en[1]) and thing.number != "sg"
    if slot in ("O", "Os", "Oi"):
        speaker.plural = several
        return say_thing(speaker, thing, {"O": "def", "Os": "bare", "Oi": "some"}[slot])
    if slot in ("them", "they", "are"):
        one = {"them": "it", "they": "it", "are": "is"}
        many = {"them": "them", "they": "they", "are": "are"}
        return (many if several else one)[slot]
    if slot == "There":
        verb = (
            speaker.one(["there are", "there's"])
            if several
            else speaker.one(["there's", "there is"])
        )
        return f"{verb} {say_thing(speaker, thing, 'some')}"
    if not clause.form:
        clause.form = speaker.one(verbs["obj"])
    base, gerund, participle = clause.form.split(":")
    if slot in ("GX", "EX"):
        return gerund if slot == "GX" else participle
    verb = gerund if slot in ("GO", "GOp") else base
    stem, _, particle = verb.partition(" ")
    if slot == "VT":
        pronoun = speaker.one(["them", "them", "those"] if several else ["it", "it", "that"])
        inside = particle in _INSIDE
        return f"{stem} {pronoun} {particle}" if inside else f"{verb} {pronoun}"
    said = say_thing(
        speaker, thing, "all" if slot == "VOall" else speaker.one(["def", "def", "bare"])
    )
    if particle in _INSIDE and speaker.rng.random() < 0.3:
        return f"{stem} {said} {particle}"
    return f"{verb} {said}"


def say_thing(speaker: Speaker, thing: Thing, form: str) -> str:
    """The thing in words. Forms: def (the cans), the, bare (cans), some (a few cans), all."""
    ids = (thing.id,) if thing.listed else ()
    singular, many = thing.en
    mass = not many
    name = speaker.mention(singular if mass or thing.number == "sg" else many, ids, "class")
    if form == "bare":
        return name if mass or thing.number != "sg" else f"a {name}"
    if form == "all":
        return (
            speaker.one(["all the ", "all ", "all of the ", "all that " if mass else "all those "])
            + name
        )
    if form == "some":
        if thing.number == "sg" and not mass:
            return f"{_a(singular)} {name}"
        lots = ["some ", "", "lots of ", "loads of "]
        return (
            speaker.one(lots + (["a bit of "] if mass else ["a few ", "several ", "a bunch of "]))
            + name
        )
    if form == "the":
        return speaker.one(["the ", "the ", ""]) + name
    if thing.number == "sg" and not mass:
        return speaker.one(["the ", "the ", "that "]) + name
    return (
        speaker.one(["the ", "the ", "the ", "all the ", "any ", "that " if mass else "those "])
        + name
    )


def attributive(value: float, rng: Random) -> str:
    """A distance before a noun: two-metre."""
    text = metres(value, "en", rng)
    found = re.match(r"([\w.]+?)[ -]?(m|metres?|meters?)$", text)
    if not found or value in (0.5, 1.5):
        return f"{value:g} metre"
    return f"{found[1]}-{rng.choice(['metre', 'meter'])}"


def _a(noun: str) -> str:
    return "an" if noun[:1] in "aeiou" else "a"
