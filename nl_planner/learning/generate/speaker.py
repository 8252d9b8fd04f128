"""One person talking on one site: names, places and verbs put into words, with their mentions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from random import Random
from typing import Any

from nl_planner.learning.generate.example import EVERY, Mention
from nl_planner.learning.generate.litter import litter, number_forms, plural
from nl_planner.learning.generate.numerals import metres, spoken, times
from nl_planner.learning.generate.sites import NamedLandmark, NamedSite
from nl_planner.learning.generate.template import expand, held_out, mark, pattern_id
from nl_planner.task import Action, Relation

Filler = Callable[[], str] | str
_PLURAL = re.compile(r"(stairs|ladies|gents|bins|cans|turnstiles|gates|benches|chargers|bays|"
                     r"machines|departures|arrivals|outpatients|bronzes|slides|stations|tracks)\W*$")  # fmt: skip


_INSIDE = ("up", "away", "off", "out", "down", "over")
"""Particles that let a pronoun stand before them: pick it up, scrub it down."""
_INTRANSITIVE = frozenset(
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
    ]
) | {"clean up", "tidy up"}
_MANY = ("all sides", "the surroundings", "the edges", "the sides", "the corners", "the margins")
_MANY_THINGS = re.compile(r"\{Os\}|scattered|blowing|all over|lying a|\{VOall\}")
_WHOLE = re.compile(r"整|全|地面|地板|地上|路面|floor|whole|all |surface|throughout|across|entire")


@cache
def phrases(language: str) -> Mapping[str, Any]:
    """The tables of a language: zh.yaml and zh_talk.yaml, or en.yaml and en_talk.yaml."""
    import yaml

    folder = resources.files(__package__)
    data: dict[str, Any] = yaml.safe_load(folder.joinpath(f"{language}.yaml").read_text("utf-8"))
    talk = yaml.safe_load(folder.joinpath(f"{language}_talk.yaml").read_text("utf-8"))
    return {**data, "talk": talk}


@dataclass
class Referent:
    """What a name in a sentence stands for. ``surfaces``: fixed wordings, else the landmark's."""

    ids: tuple[str, ...]
    token: str
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
            "landmarks": [referent.token for referent in self.referents],
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


@dataclass
class Speaker:
    """Puts clauses into words in one language; collects mentions and the patterns used."""

    site: NamedSite
    language: str
    rng: Random
    split: str
    mentions: list[Mention] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)
    repairs: bool = True
    _plural: bool = False

    @property
    def data(self) -> Mapping[str, Any]:
        """The tables of this language."""
        return phrases(self.language)

    # ---- patterns ----------------------------------------------------------------------------

    def pattern(self, group: str, templates: list[str], *, main: bool = True) -> str:
        """One of ``templates`` that this split may use; it is noted."""
        named = [(pattern_id(f"{self.language}.{group}", text), text) for text in templates]
        if self.split == "train" or (self.split == "heldout" and main):
            wanted = self.split == "heldout"
            named = [pair for pair in named if held_out(pair[0]) == wanted] or (
                named if wanted else []
            )
        name, text = self.rng.choice(named)
        self.patterns.append(name)
        return text

    def say(self, template: str, clause: Clause | None = None, **extra: Filler) -> str:
        """``template`` with its slots filled from ``extra``, ``clause``, macros."""

        def fill(slot: str) -> str:
            if slot in extra:
                value = extra[slot]
                return value if isinstance(value, str) else value()
            if slot in self.data["macros"]:
                return expand(self.data["macros"][slot], self.rng, fill)
            return self._slot(slot, clause)

        if self.language == "zh" and "的{O}" in template and self.rng.random() < 0.15:
            template = template.replace("的{O}", "的{Oq}", 1)
        if clause and clause.thing and clause.thing.en[1] and _MANY_THINGS.search(template):
            clause.thing.number = "pl"
        return expand(template, self.rng, fill)

    def _slot(self, slot: str, clause: Clause | None) -> str:
        if clause is None:
            raise KeyError(slot)
        if slot in ("P", "N", "W") and clause.place:
            transitive = bool(clause.form) and clause.form.split(":")[0] not in _INTRANSITIVE
            single = clause.thing is not None and clause.thing.number == "sg"
            simple = clause.verb == "go" or (single and self.language == "en")
            return self.place(clause.place, slot, transitive=transitive, simple=simple)
        if self.language == "zh":
            return self._slot_zh(slot, clause)
        return self._slot_en(slot, clause)

    def one(self, options: str | list[str]) -> str:
        """One of a list, or of a text with "/"."""
        return self.rng.choice(options.split("/") if isinstance(options, str) else options)

    # ---- mentions ----------------------------------------------------------------------------

    def mention(self, surface: str, ids: tuple[str, ...], kind: str) -> str:
        """``surface`` marked as a mention of ``ids``."""
        self.mentions.append(Mention(surface, ids, kind))
        return mark(len(self.mentions) - 1, surface)

    def name(self, referent: Referent) -> str:
        """The referent's name as this person says it, with an article where English wants one."""
        if referent.surfaces:
            surface = self.rng.choice(referent.surfaces)
            self._plural = False
            return self.mention(surface, referent.ids, "landmark")
        landmark = referent.landmark
        assert landmark is not None
        other = self._mistaken(landmark)
        if other is not None and referent.entrance is None:
            wording = self.one(self.data["repair"])
            return self.say(wording, a=lambda: self._plain(other), b=lambda: self._plain(landmark))
        if referent.entrance is None:
            return self._plain(landmark)
        return self._door(landmark, referent.entrance)

    def _mistaken(self, landmark: NamedLandmark) -> NamedLandmark | None:
        """Now and then, the landmark that is named first by mistake."""
        if not self.repairs or self.rng.random() > 0.02:
            return None
        others = [t for t in self.site.landmarks if t.id != landmark.id]
        same = [t for t in others if t.family == landmark.family]
        return self.rng.choice(same or others)

    def _plain(self, landmark: NamedLandmark) -> str:
        surface = self.surface(landmark)
        self._plural = bool(_PLURAL.search(surface))
        return self.article(surface, landmark) + self.mention(surface, (landmark.id,), "landmark")

    def surface(self, landmark: NamedLandmark) -> str:
        """What this person calls the landmark: an alias, its sort, or a description."""
        language, rng = self.language, self.rng
        names = landmark.in_language(language)
        draw = rng.random()
        if draw < 0.05:
            options = [
                h for h in landmark.in_language(language, "heads") if self._only(h, landmark)
            ]
        elif draw < 0.10:
            options = [n for n in landmark.in_language(language, "unlisted")
                       if self._only(n, landmark)]  # fmt: skip
        elif draw < 0.16:
            options = self._descriptions(landmark)
        elif draw < (0.21 if language == "zh" else 0.175):
            options = list(landmark.in_language("en" if language == "zh" else "zh"))
        else:
            options = []
        name = rng.choice(options or list(names))
        if re.search(r"\d", name) and rng.random() < 0.35:
            name = spoken(name, "en" if name.isascii() else "zh", rng)
        return name

    def _only(self, word: str, landmark: NamedLandmark) -> bool:
        return self.site.fitting(word, self.language) in ((), (landmark.id,))

    def _descriptions(self, landmark: NamedLandmark) -> list[str]:
        """Descriptions by what is sold there or the street it is in, that fit nothing else."""
        about = landmark.in_language(self.language, "about")
        alike = [t for t in self.site.landmarks
                 if t is not landmark and set(t.in_language(self.language, "about")) & set(about)]  # fmt: skip
        found = [] if alike else list(about)
        street = landmark.tags.get("addr:street", "")
        if street and street.isascii() == (self.language == "en"):
            if not any(t.tags.get("addr:street") == street for t in alike):
                heads = landmark.in_language(self.language, "heads")
                wording = "{s}上的{h}" if self.language == "zh" else "{h} on {s}"
                found += [wording.format(s=street, h=head) for head in heads]
        return found

    def article(self, surface: str, landmark: NamedLandmark | None) -> str:
        """ "the " where English wants it before this name."""
        if self.language == "zh" or not surface.isascii():
            return ""
        if landmark and surface in landmark.the:
            return "the " if self.rng.random() < 0.6 else ""
        if landmark and surface in (*landmark.heads_en, *landmark.about_en):
            return "the "
        if re.match(r"[A-Z]+\d|[A-Z]", surface):
            return "the " if " on " in surface or " restaurant" in surface else ""
        proper = landmark is not None and any(
            spoken(name, "en", self.rng).lower() == surface.lower() or name == surface
            for name in landmark.names if name[:1].isupper()
        )  # fmt: skip
        return "" if proper else "the "

    def _door(self, landmark: NamedLandmark, number: int) -> str:
        door = landmark.entrances[number]
        self._plural = False
        self.repairs, before = False, self.repairs
        name = self.rng.choice(landmark.in_language(self.language))
        self.repairs = before
        word = self.rng.choice(door.zh if self.language == "zh" else door.en)
        if self.rng.random() < 0.3:
            name, word = (spoken(text, self.language, self.rng) for text in (name, word))
        ids = (f"{landmark.id}.{door.id}",)
        if self.language == "zh":
            return self.mention(self.one([f"{name}{word}", f"{name}的{word}"]), ids, "landmark")
        the = self.article(name, landmark)
        if word[0].isupper() or word.startswith(("unit", "entry")):
            text = self.one([f"{name} {word}", f"{word} of {the}{name}", f"{word} in {the}{name}"])
            return self.mention(text, ids, "landmark")
        text = self.one([f"{word} of {the}{name}", f"{word} to {the}{name}", f"{name} {word}"])
        return "the " + self.mention(text, ids, "landmark")

    # ---- places ------------------------------------------------------------------------------

    def place(
        self, place: SpokenPlace, form: str, *, transitive: bool = False, simple: bool = False
    ) -> str:
        """The place in words. Forms: P after or before a verb, N as a noun, W object of a verb.

        ``transitive``: the verb before it wants a noun; ``simple``: no word for all of it.
        """
        wordings, special = self._wordings(place)
        key = ""
        if self.language == "en":
            share = 0.85 if place.relation is Relation.IN else 0.4
            noun = form == "N" or (form == "W" and (transitive or self.rng.random() < share))
            key = "N" if noun else "P"
        options = wordings[key]
        if simple:
            options = [text for text in options if not _WHOLE.search(text)] or options
        text = self.rng.choice(options)
        first = place.referents[0]
        built_in = first.token in ("operator", "robot", "last") or (
            first.token == "site" and not first.surfaces
        )
        self._plural = False
        if built_in:
            return self.mention(text, (first.token,), "landmark")
        names = dict(zip("AB", place.referents, strict=False))
        said = self.say(
            text,
            A=lambda: self.name(names["A"]),
            B=lambda: self.name(names["B"]),
            L=lambda: self.name(first),
            l=lambda: self.name(first).removeprefix("the "),
            D=lambda: metres(place.distance or 1, self.language, self.rng),
            d=lambda: _attributive(place.distance or 1, self.rng),
            z=self.data["compass"].get(place.relation, ""),
            s=self.data["compass"].get(place.relation, ""),
        )
        if special and not place.accept:
            place.accept = special
        if self.language == "zh" and not place.distance and not place.part:
            tailed = place.relation in ("in_front_of", "behind", "left_of", "right_of", "near",
                                        "around", "opposite") or place.relation.endswith("th_of")  # fmt: skip
            if tailed and self.rng.random() < 0.12 and "地方" not in text:
                said += self.rng.choice(self.data["tails"])
        if text != "{L}":
            self._plural = text.startswith(_MANY)
        return said

    def _wordings(self, place: SpokenPlace) -> tuple[dict[str, list[str]], tuple[str, ...]]:
        """The wordings by form ("" in Chinese), and the relations they may be read as."""
        data, relation = self.data, place.relation.value
        first = place.referents[0]
        key = "compass" if relation in data["compass"] else relation
        if first.token in ("operator", "robot"):
            return self._forms(data["builtin"][first.token][relation]), ()
        if first.token == "site" and not first.surfaces:
            return self._forms(data["builtin"]["site"]), ()
        if first.token == "site":
            shaped = self._forms(data["builtin"]["site_word"])
            return {f: [t.replace("{W}", "{L}") for t in texts] for f, texts in shaped.items()}, ()
        if place.part:
            parts = data["parts"][place.part]
            if self.language == "zh":
                joined = [f"{{L}}{'的' if self.rng.random() < 0.4 else ''}{part}" for part in parts]
                return {"": joined}, ()
            p = self.rng.choice(parts)
            return {f: [t.replace("{p}", p) for t in ts] for f, ts in data["part_in"].items()}, ()
        if place.distance:
            return self._forms(data["distance"][key]), ()
        table = data["relations"]["solid" if place.bare else key]
        scopes = [scope for scope in _scopes(first) if scope in table] or ["area"]
        weights = [2 if scope in ("door", "gate", "road") else 1 for scope in scopes]
        scope = self.rng.choices(scopes, weights)[0]
        special: tuple[str, ...] = ()
        if key == "in_front_of" and scope != "all":
            special = ("in_front_of", "near", "around")
        if key == "near" and scope == "solid":
            special = ("near", "around", "in_front_of")
        return self._forms(table[scope]), special

    def _forms(self, table: Any) -> dict[str, list[str]]:
        return table if isinstance(table, dict) else {"": table}

    # ---- things ------------------------------------------------------------------------------

    def thing(self, thing: Thing, form: str) -> str:
        """The thing in words. Forms: def (the cans), bare (cans), some (a few cans), all."""
        ids = (thing.id,) if thing.listed else ()
        if self.language == "zh":
            mixed = self.rng.random() < 0.02
            name = self.mention((thing.en[0] or thing.en[1]) if mixed else thing.zh, ids, "class")
            if form == "some" and self.rng.random() < 0.7:
                draw = self.rng.random()
                if draw < 0.3:
                    return f"{self.one(['一', '一', '几', '两'])}{thing.measure}{name}"
                return self.one(self.data["quantity_there"]) + name
            if form == "all" and self.rng.random() < 0.6:
                return self.one(self.data["quantity_all"]) + name
            return name
        singular, many = thing.en
        mass = not many
        name = self.mention(singular if mass or thing.number == "sg" else many, ids, "class")
        if form == "bare":
            return name if mass or thing.number != "sg" else f"a {name}"
        if form == "all":
            return (
                self.one(["all the ", "all ", "all of the ", "all that " if mass else "all those "])
                + name
            )
        if form == "some":
            if thing.number == "sg" and not mass:
                return f"{_a(singular)} {name}"
            lots = ["some ", "", "lots of ", "loads of "]
            return (
                self.one(lots + (["a bit of "] if mass else ["a few ", "several ", "a bunch of "]))
                + name
            )
        if form == "the":
            return self.one(["the ", "the ", ""]) + name
        if thing.number == "sg" and not mass:
            return self.one(["the ", "the ", "that "]) + name
        return (
            self.one(["the ", "the ", "the ", "all the ", "any ", "that " if mass else "those "])
            + name
        )

    # ---- verbs -------------------------------------------------------------------------------

    def _slot_zh(self, slot: str, clause: Clause) -> str:
        verbs = self.data["verbs"][clause.verb]
        thing = clause.thing
        if slot in ("O", "On", "Oq", "Oi", "Oa") and thing:
            return self.thing(thing, {"Oi": "some", "Oq": "all", "Oa": "all"}.get(slot, "bare"))
        if slot in ("V", "V0", "VO", "VO0", "S"):
            options = verbs[slot].split("/")
            if clause.passes > 1:
                options = [o for o in options if not re.search("[一个].*[遍次]|一遍", o)]
            return self.rng.choice(options)
        if slot == "VA":
            return self.one([f"{self.data['stem'][clause.verb]}一圈", self.one(verbs["V"])])
        if slot in ("K", "K0"):
            k = times(clause.passes, "zh", self.rng)
            return self.one(str(verbs[slot])).replace("{k}", k)
        if slot == "kk":
            return times(clause.passes, "zh", self.rng)
        if slot in ("S1", "Sx"):
            return str(self.data["stem"][clause.verb])
        if slot == "LP":
            stem = self.one(self.data["litter_pick"])
            return stem.replace("垃圾", self.mention("垃圾", ("litter",), "class"))
        raise KeyError(slot)

    def _slot_en(self, slot: str, clause: Clause) -> str:
        verbs, thing = self.data["verbs"][clause.verb], clause.thing
        if thing and slot in ("O", "Os", "Oi", "There", "them", "they", "are", "VO", "VT", "GO",
                              "GX", "EX", "VOall", "GOp"):  # fmt: skip
            return self._thing_slot(slot, clause, thing, verbs)
        if slot in ("needs", "is", "has", "gets", "are", "needs1"):
            if thing and slot != "needs1":
                self._plural = bool(thing.en[1]) and thing.number != "sg"
            one = {
                "needs": "needs",
                "is": "is",
                "has": "has",
                "gets": "gets",
                "needs1": "needs",
                "are": "is",
            }
            many = {"needs": "need", "is": "are", "has": "have", "gets": "get", "are": "are"}
            return many[slot] if self._plural and slot != "needs1" else one[slot]
        if slot in ("V", "G", "E", "Vi", "Gi", "Vit", "Vthem"):
            return self._verb_en(slot, clause, verbs["area"].split("/"))
        if slot == "NN":
            return self.one(str(verbs["noun"]))
        if slot == "k":
            return times(clause.passes, "en", self.rng)
        if slot == "kk":
            count = times(clause.passes, "en", self.rng).split()[0]
            word = {"twice": "two", "2x": "two"}.get(count, count.removesuffix("x"))
            return self.one([f"{word} passes", f"{word} rounds", f"{word} goes"])
        if slot == "tool":
            return {"vacuum": "vacuum", "mop": "mop", "sweep": "brush"}.get(clause.verb, "machine")
        if slot == "LP":
            return self.one(self.data["litter_pick"])
        raise KeyError(slot)

    def _verb_en(self, slot: str, clause: Clause, forms: list[str]) -> str:
        """A verb for a place; with ``i`` one that needs no object, ``it`` and ``them`` with one."""
        if not clause.form:
            alone = [form for form in forms if form.split(":")[0] in _INTRANSITIVE]
            clause.form = self.rng.choice(alone if slot in ("Vi", "Gi") else forms)
        base, gerund, participle = clause.form.split(":")
        if slot in ("Vit", "Vthem"):
            pronoun = "it" if slot == "Vit" else self.one(["them", "both", "them"])
            stem, _, particle = base.partition(" ")
            return f"{stem} {pronoun} {particle}" if particle in _INSIDE else f"{base} {pronoun}"
        return {"V": base, "G": gerund, "E": participle, "Vi": base, "Gi": gerund}[slot]

    def _thing_slot(self, slot: str, clause: Clause, thing: Thing, verbs: Any) -> str:
        mass, single = not thing.en[1], thing.number == "sg"
        self._plural = not mass and not single
        if slot in ("O", "Os", "Oi"):
            return self.thing(thing, {"O": "def", "Os": "bare", "Oi": "some"}[slot])
        if slot in ("them", "they", "are"):
            one = {"them": "it", "they": "it", "are": "is"}
            many = {"them": "them", "they": "they", "are": "are"}
            return (many if self._plural else one)[slot]
        if slot == "There":
            verb = (
                self.one(["there are", "there's"])
                if self._plural
                else self.one(["there's", "there is"])
            )
            return f"{verb} {self.thing(thing, 'some')}"
        if not clause.form:
            clause.form = self.one(verbs["obj"])
        base, gerund, participle = clause.form.split(":")
        if slot in ("GX", "EX"):
            return gerund if slot == "GX" else participle
        verb = gerund if slot in ("GO", "GOp") else base
        stem, _, particle = verb.partition(" ")
        if slot == "VT":
            pronoun = self.one(["them", "them", "those"] if self._plural else ["it", "it", "that"])
            inside = particle in _INSIDE
            return f"{stem} {pronoun} {particle}" if inside else f"{verb} {pronoun}"
        said = self.thing(thing, "all" if slot == "VOall" else self.one(["def", "def", "bare"]))
        if particle in _INSIDE and self.rng.random() < 0.3:
            return f"{stem} {said} {particle}"
        return f"{verb} {said}"


def _attributive(value: float, rng: Random) -> str:
    """A distance before a noun: two-metre."""
    text = metres(value, "en", rng)
    found = re.match(r"([\w.]+?)[ -]?(m|metres?|meters?)$", text)
    if not found or value in (0.5, 1.5):
        return f"{value:g} metre"
    return f"{found[1]}-{rng.choice(['metre', 'meter'])}"


def _a(noun: str) -> str:
    return "an" if noun[:1] in "aeiou" else "a"


def _scopes(referent: Referent) -> list[str]:
    """The scopes of relation wordings that fit the referent."""
    kind = referent.kind
    found = ["all"]
    if kind == "keepout":
        return [*found, "keepout"]
    if kind in ("room", "building") or (referent.landmark and referent.landmark.entrances):
        found.append("door")
    if kind in ("building", "road", "wall", "gate"):
        found.append(kind)
    if referent.enter and kind not in ("road", "gate"):
        found.append("area")
    if not referent.enter:
        found.append("solid")
    return found


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
    from nl_planner.learning.generate.sites import OWN_CLASSES

    return frozenset(own[0] for own in OWN_CLASSES)


def group_referent(
    word: str, members: tuple[str, ...], site: NamedSite, language: str, rng: Random
) -> Referent:
    """All that ``word`` fits, said as a group: 所有病房, every ward."""
    data = phrases(language)
    first = site.by_id[members[0]]
    shapes = list(data["group"]) + (data["group_two"] * 3 if len(members) == 2 else [])
    surfaces = tuple(
        shape.format(h=word, m=first.measure, hs=plural(word) if language == "en" else "")
        for shape in shapes
    )
    return Referent(members, EVERY + word, first.kind, first.enter, first, surfaces)
