"""One person talking on one site: names, places and verbs put into words, with their mentions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from random import Random
from typing import Any

from nl_planner.learning.generate import chinese, english
from nl_planner.learning.generate.clause import Clause, Referent, SpokenPlace, Thing
from nl_planner.learning.generate.example import Mention
from nl_planner.learning.generate.numerals import metres, spoken
from nl_planner.learning.generate.sites import NamedLandmark, NamedSite
from nl_planner.learning.generate.template import expand, held_out, mark, pattern_id
from nl_planner.task import Relation

Filler = Callable[[], str] | str
_PLURAL = re.compile(
    r"(stairs|ladies|gents|bins|cans|turnstiles|gates|benches|chargers|bays|machines|departures|"
    r"arrivals|outpatients|bronzes|slides|stations|tracks)\W*$"
)


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
class Speaker:
    """Puts clauses into words in one language; collects mentions and the patterns used."""

    site: NamedSite
    language: str
    rng: Random
    split: str
    mentions: list[Mention] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)
    repairs: bool = True
    plural: bool = False
    """Whether the English subject said last is plural."""

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
            transitive = bool(clause.form) and not english.stands_alone(clause.form)
            single = clause.thing is not None and clause.thing.number == "sg"
            simple = clause.verb == "go" or (single and self.language == "en")
            return self.place(clause.place, slot, transitive=transitive, simple=simple)
        if self.language == "zh":
            return chinese.fill(self, slot, clause)
        return english.fill(self, slot, clause)

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
            self.plural = False
            the = "the " if surface.startswith("the ") else ""
            return the + self.mention(surface.removeprefix("the "), referent.ids, "landmark")
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
        name = self.alias(landmark)
        the = self.article(name, landmark)
        self.plural = bool(_PLURAL.search(name))
        if re.search(r"\d", name) and self.rng.random() < 0.35:
            name = spoken(name, "en" if name.isascii() else "zh", self.rng)
        return the + self.mention(name, (landmark.id,), "landmark")

    def alias(self, landmark: NamedLandmark) -> str:
        """What this person calls the landmark: an alias, its sort, or a description."""
        language = self.language
        mixed = 0.05 if language == "zh" else 0.015
        draw = self.rng.random()
        options: list[str] = []
        if draw < 0.10:
            words = landmark.in_language(language, "heads" if draw < 0.05 else "unlisted")
            options = [word for word in words if self._only(word, landmark)]
        elif draw < (described := 0.35 if landmark.in_language(language, "about") else 0.16):
            options = self._descriptions(landmark)
        elif draw < described + mixed:
            options = list(landmark.in_language("en" if language == "zh" else "zh"))
        return self.rng.choice(options or list(landmark.in_language(language)))

    def _only(self, word: str, landmark: NamedLandmark) -> bool:
        return self.site.fitting(word, self.language) in ((), (landmark.id,))

    def _descriptions(self, landmark: NamedLandmark) -> list[str]:
        """Descriptions by what is sold there or the street it is in, that fit nothing else."""
        about = landmark.in_language(self.language, "about")
        others = [thing for thing in self.site.landmarks if thing is not landmark]
        alike = [t for t in others if set(t.in_language(self.language, "about")) & set(about)]
        found = [] if alike else list(about)
        street = landmark.tags.get("addr:street", "")
        said_here = bool(street) and street.isascii() == (self.language == "en")
        if said_here and not any(t.tags.get("addr:street") == street for t in alike):
            heads = landmark.in_language(self.language, "heads")
            wording = "{s}上的{h}" if self.language == "zh" else "{h} on {s}"
            found += [wording.format(s=street, h=head) for head in heads]
        return found

    def article(self, name: str, landmark: NamedLandmark) -> str:
        """The article, with a space, where English wants one before this name."""
        if self.language == "zh" or not name.isascii():
            return ""
        if name in landmark.the:
            return "the " if self.rng.random() < 0.6 else ""
        if name in (*landmark.heads_en, *landmark.about_en):
            return "the "
        common = not name[0].isupper() or " on " in name or re.fullmatch("[A-Z]{3,4}", name)
        return "the " if common else ""

    def _door(self, landmark: NamedLandmark, number: int) -> str:
        door = landmark.entrances[number]
        self.plural = False
        self.repairs, before = False, self.repairs
        name: str = self.rng.choice(landmark.in_language(self.language))
        self.repairs = before
        word = self.rng.choice(door.zh if self.language == "zh" else door.en)
        the = self.article(name, landmark)
        if self.rng.random() < 0.3:
            name, word = (spoken(text, self.language, self.rng) for text in (name, word))
        ids = (f"{landmark.id}.{door.id}",)
        if self.language == "zh":
            return self.mention(self.one([f"{name}{word}", f"{name}的{word}"]), ids, "landmark")
        if word[0].isupper() or word.startswith(("unit", "entry")):
            text = self.one([f"{name} {word}", f"{word} of {the}{name}", f"{word} in {the}{name}"])
            return self.mention(text, ids, "landmark")
        text = self.one([f"{word} of {the}{name}", f"{word} to {the}{name}", f"{name} {word}"])
        return "the " + self.mention(text, ids, "landmark")

    def thing(self, thing: Thing, form: str) -> str:
        """The thing in words; the forms are those of the language's ``say_thing``."""
        say = chinese.say_thing if self.language == "zh" else english.say_thing
        return say(self, thing, form)

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
        built_in = first.landmark_id in ("operator", "robot", "last") or (
            first.landmark_id == "site" and not first.surfaces
        )
        subject, self.plural = self.plural, False
        if built_in:
            self.plural = subject and key == "P"
            return self.mention(text, (first.landmark_id,), "landmark")
        names = dict(zip("AB", place.referents, strict=False))
        said = self.say(
            text,
            A=lambda: self.name(names["A"]),
            B=lambda: self.name(names["B"]),
            L=lambda: self.name(first),
            l=lambda: self.name(first).removeprefix("the "),
            D=lambda: metres(place.distance or 1, self.language, self.rng),
            d=lambda: english.attributive(place.distance or 1, self.rng),
            z=self.data["compass"].get(place.relation, ""),
            s=self.data["compass"].get(place.relation, ""),
        )
        if special and not place.accept:
            place.accept = special
        if self.language == "zh" and not place.distance and not place.part:
            tailed = place.relation not in ("in", "between", "along") and not place.bare
            if tailed and self.rng.random() < 0.12 and not re.search("地方|那|这|片", text):
                said += self.rng.choice(self.data["tails"])
        if key == "P":
            self.plural = subject
        elif text != "{L}":
            self.plural = text.startswith(_MANY)
        return said

    def _wordings(self, place: SpokenPlace) -> tuple[dict[str, list[str]], tuple[str, ...]]:
        """The wordings by form ("" in Chinese), and the relations they may be read as."""
        data, relation = self.data, place.relation.value
        first = place.referents[0]
        key = "compass" if relation in data["compass"] else relation
        if first.landmark_id in ("operator", "robot"):
            return self._forms(data["builtin"][first.landmark_id][relation]), ()
        if first.landmark_id == "site" and not first.surfaces:
            return self._forms(data["builtin"]["site"]), ()
        if first.landmark_id == "site":
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
        scopes = [scope for scope in _scopes(first, room="room" in table) if scope in table] or [
            "area"
        ]
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


def _scopes(referent: Referent, *, room: bool) -> list[str]:
    """The scopes of relation wordings that fit the referent; ``room``: rooms have their own."""
    kind = referent.kind
    found = ["all"]
    if kind == "keepout":
        return [*found, "keepout"]
    if kind in ("room", "building") or (referent.landmark and referent.landmark.entrances):
        found.append("door")
    if kind in ("building", "road", "wall", "gate"):
        found.append(kind)
    if referent.enter and kind not in ("road", "gate"):
        found.append("room" if kind == "room" and room else "area")
    if not referent.enter:
        found.append("solid")
    return found
