"""Slots of Chinese templates: verbs and things put into words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nl_planner.learning.generate.clause import Clause, Thing
from nl_planner.learning.generate.numerals import times

if TYPE_CHECKING:
    from nl_planner.learning.generate.speaker import Speaker


def fill(speaker: Speaker, slot: str, clause: Clause) -> str:
    """The text of a slot that depends on the clause; KeyError when there is no such slot."""
    verbs = speaker.data["verbs"][clause.verb]
    thing = clause.thing
    if slot in ("O", "On", "Oq", "Oi", "Oa") and thing:
        return say_thing(speaker, thing, {"Oi": "some", "Oq": "all", "Oa": "all"}.get(slot, "bare"))
    if slot in ("V", "V0", "VO", "VO0", "S"):
        options: list[str] = verbs[slot].split("/")
        if clause.passes > 1:
            options = [o for o in options if not re.search("[一个].*[遍次]|一遍", o)]
        return speaker.rng.choice(options)
    if slot == "Sn":
        return str(speaker.data["stem_noun"][clause.verb])
    if slot == "VA":
        return speaker.one([f"{speaker.data['stem'][clause.verb]}一圈", speaker.one(verbs["V"])])
    if slot in ("K", "K0"):
        k = times(clause.passes, "zh", speaker.rng)
        return speaker.one(str(verbs[slot])).replace("{k}", k)
    if slot == "kk":
        return times(clause.passes, "zh", speaker.rng)
    if slot in ("S1", "Sx"):
        return str(speaker.data["stem"][clause.verb])
    if slot == "LP":
        stem = speaker.one(speaker.data["litter_pick"])
        return stem.replace("垃圾", speaker.mention("垃圾", ("litter",), "class"))
    raise KeyError(slot)


def say_thing(speaker: Speaker, thing: Thing, form: str) -> str:
    """The thing in words. Forms: bare, some (好多烟头), all (那些烟头)."""
    rng, data = speaker.rng, speaker.data
    mixed = rng.random() < 0.02
    surface = (thing.en[0] or thing.en[1]) if mixed else thing.zh
    name = speaker.mention(surface, (thing.id,) if thing.listed else (), "class")
    if form == "some" and rng.random() < 0.7:
        if rng.random() < 0.3:
            return f"{rng.choice('一一几两')}{thing.measure}{name}"
        return speaker.one(data["quantity_there"]) + name
    if form == "all" and rng.random() < 0.6:
        return speaker.one(data["quantity_all"]) + name
    return name
