"""Names found in a sentence: which landmarks and classes it may speak of.

The model gets them as a short list to choose from; what it chooses is resolved here to ids. Four
ways of finding, from sure to unsure:

1. a name stands in the sentence (numbers, case and plural made alike);
2. a part of a name that several share does (车棚 of 东车棚 and 西车棚): a family, of which one or
   each may be meant;
3. a word for what the place is does (卖药的 of a pharmacy, by its tags or its names), narrowed by a
   street that is named;
4. a name is close to a stretch of the sentence by letters or by sound (pinyin).

`name_index` does 1, 2 and 4.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from nl_planner.language.name_index import OTHER_ONE, Candidate, NameIndex
from nl_planner.language.normalise import canonical, language_of
from nl_planner.language.place_words import words_for
from nl_planner.site.model import Landmark, Site, has_chinese
from nl_planner.task import BUILTIN_LANDMARKS, SITE, Task

MAX_PLACES, MAX_THINGS = 10, 6

_ONE = r"[一那这某][个只根支]?(NAME)|\b(a|an|one|the|this|that)( \w+)? (NAME)\b"
"""One thing is meant: a determiner before a noun that is not plural."""
_MASS = frozenset(
    re.findall(
        r"\w+",
        "litter rubbish trash garbage waste debris sand dust mud dirt soil gravel grit paper glass "
        "food hair water oil snow ice grass foil tape plastic styrofoam sawdust swarf confetti "
        "leaves",
    )
)
"""English nouns that have no plural though many may lie about."""

KIND_NAMES = {
    "building": ("楼", "building"),
    "room": ("房间", "room"),
    "area": ("区域", "area"),
    "road": ("路", "道路", "road", "street"),
    "gate": ("大门", "门", "gate"),
}
"""What people call a kind of landmark, beside the kind's own word."""


@dataclass(frozen=True)
class Mentions:
    """The lists for one sentence, the surest first.

    ``single``: labels of things of which the sentence means one ("that bottle", 那个瓶子).
    ``named``: ids of the places whose very names stand in it.
    """

    places: tuple[Candidate, ...]
    things: tuple[Candidate, ...]
    single: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()

    @cached_property
    def place_by_label(self) -> Mapping[str, Candidate]:
        """The places by what the model sees."""
        return {candidate.label: candidate for candidate in self.places}

    @cached_property
    def thing_by_label(self) -> Mapping[str, Candidate]:
        """The things by what the model sees."""
        return {candidate.label: candidate for candidate in self.things}

    def with_others(self, others: Mentions) -> Mentions:
        """These, then others that are not among them; ``named`` stays what the sentence names."""
        return Mentions(
            _distinct((*self.places, *others.places)),
            _distinct((*self.things, *others.things)),
            self.single | others.single,
            self.named,
        )


class SiteNames:
    """All names of a site: landmarks, entrances and keepouts, and the classes of litter.

    ``aliases``: further names, each with the id of its landmark, entrance or keepout.
    """

    def __init__(self, site: Site, aliases: Mapping[str, str] | None = None):
        self._site = site
        places: dict[str, list[str]] = {SITE: list(site.name)}
        for landmark in site.landmarks.values():
            places[landmark.id] = list(landmark.names)
            for entrance in landmark.entrances.values():
                places[f"{landmark.id}.{entrance.id}"] = [
                    f"{name}{'' if has_chinese(name) else ' '}{door}"
                    for name in landmark.names
                    for door in entrance.names
                    if has_chinese(name) == has_chinese(door)
                ]
        for keepout in site.keepouts.values():
            places[keepout.id] = list(keepout.names)
        for name, target in (aliases or {}).items():
            places[target].append(name)
        self._places = NameIndex(places)
        for word, members in words_for(site.landmarks.values()).items():
            self._places.add_family(word, members)
        for kind, ids in _by_kind(site.landmarks.values()).items():
            for word in (kind, *KIND_NAMES.get(kind, ())):
                self._places.add_family(word, ids, weak=True)
        self._on_street: dict[str, set[str]] = defaultdict(set)
        for landmark in site.landmarks.values():
            if "addr:street" in landmark.tags:
                self._on_street[canonical(landmark.tags["addr:street"])].add(landmark.id)
        self._things = NameIndex({c.id: c.names for c in site.taxonomy.classes.values()})

    def just(self, name: str) -> frozenset[str]:
        """Ids of the places that go by just this name or share it, and of classes so called."""
        plain = canonical(name)
        return self._places.called(plain) | self._places.sharing(plain) | self._things.called(plain)

    def things_named(self, text: str) -> frozenset[str]:
        """Ids of the classes whose very names stand in the text."""
        return self._things.named(canonical(text))

    def find(self, text: str, last: Task | None = None) -> Mentions:
        """What the sentence may speak of; also the names in the task before it."""
        language = language_of(text)
        plain = canonical(text)
        places = self._on_named_street(self._places.find(text, MAX_PLACES), plain, language)
        things = [c for c in self._things.find(text, MAX_THINGS) if len(c.ids) == 1]
        if last and last.object:
            name = self._site.taxonomy.name(last.object, language)
            things.append(Candidate(name, (last.object,)))
        places += self._doors(places, plain, language)
        for landmark_id in last.place.landmarks if last and last.place else ():
            if landmark_id not in BUILTIN_LANDMARKS:
                label = self._site.label(landmark_id, language)
                places.append(Candidate(label, (landmark_id,)))
                places += self._others_like(label, text, plain, language)
        single = frozenset(c.label for c in things if self._is_single(c.ids[0], text))
        named = self._places.named(plain) - {SITE}
        return Mentions(_distinct(places), _distinct(things), single, named)

    def _others_like(self, name: str, text: str, plain: str, language: str) -> list[Candidate]:
        """Siblings of the place before: "the east one", "and number two"."""
        said = set(re.findall(r"\d+", plain))
        any_other = bool(OTHER_ONE.search(text.lower()))
        labels = {i: self._site.label(i, language) for i in self._places.siblings([name], most=60)}
        return [
            Candidate(label, (i,))
            for i, label in labels.items()
            if (any_other and len(labels) <= 4)
            or (said and set(re.findall(r"\d+", canonical(label))) & said)
        ][:4]

    def _is_single(self, class_id: str, text: str) -> bool:
        """Whether the text speaks of one thing of this class."""
        names = "|".join(map(re.escape, self._site.taxonomy.classes[class_id].names)).lower()
        found = re.search(_ONE.replace("NAME", names), text.lower())
        return found is not None and found[0].split()[-1] not in _MASS

    def _on_named_street(
        self, places: list[Candidate], plain: str, language: str
    ) -> list[Candidate]:
        """First those of a family that are in a street that is named, then the others."""
        named = {i for street, ids in self._on_street.items() if street in plain for i in ids}
        chosen: list[Candidate] = []
        for family in places:
            there = [i for i in family.ids if i in named]
            if len(family.ids) > 1 and not family.each and 0 < len(there) <= 3:
                chosen += [Candidate(self._site.label(i, language), (i,)) for i in there]
        return [*chosen, *places]

    def _doors(self, places: list[Candidate], plain: str, language: str) -> list[Candidate]:
        """Entrances that are named apart from their landmark ("the rear door of the library")."""
        found = []
        for landmark_id in sorted({c.ids[0] for c in places if len(c.ids) == 1}):
            landmark = self._site.landmarks.get(landmark_id)
            if landmark is None:
                continue
            apart = plain
            for name in sorted(landmark.names, key=len, reverse=True):
                apart = apart.replace(canonical(name), "|")  # 七号楼门口 has no 楼门
            found += [
                f"{landmark_id}.{door.id}"
                for door in landmark.entrances.values()
                if any(canonical(name) in apart for name in door.names)
            ]
        return [Candidate(self._site.label(door, language), (door,)) for door in found]


def _by_kind(landmarks: Iterable[Landmark]) -> Mapping[str, list[str]]:
    kinds = defaultdict(list)
    for landmark in landmarks:
        kinds[landmark.kind].append(landmark.id)
    return {kind: ids for kind, ids in kinds.items() if len(ids) > 1}


def _distinct(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Without those whose label, or whose single meaning, is there already."""
    kept: dict[str, Candidate] = {}
    for candidate in candidates:
        if candidate.label not in kept and candidate not in kept.values():
            kept[candidate.label] = candidate
    return tuple(kept.values())
