"""Which places a person speaks of: a relation and what it starts from."""

from __future__ import annotations

from random import Random

from nl_planner.learning.generate.clause import Referent, SpokenPlace
from nl_planner.learning.generate.example import EVERY, NOWHERE, OUTSIDE
from nl_planner.learning.generate.litter import plural
from nl_planner.learning.generate.numerals import spoken
from nl_planner.learning.generate.sites import NamedLandmark, NamedSite, make_site, site_kinds
from nl_planner.learning.generate.speaker import phrases
from nl_planner.task import Part, Relation

_FRONTED = ("building", "fixture", "room", "gate")
_COMPASS = (Relation.NORTH_OF, Relation.SOUTH_OF, Relation.EAST_OF, Relation.WEST_OF)
_ALL = tuple(Relation)
_COMMON = (Relation.IN_FRONT_OF, Relation.NEAR, Relation.BEHIND, Relation.AROUND, Relation.IN,
           Relation.ALONG)  # fmt: skip

_WEIGHTS: dict[str, dict[str, float]] = {
    "area": {"in": 74, "bare": 8, "part": 7, "site": 6, "operator": 2, "robot": 2, "entrance": 3},
    "object": {"in": 40, "in_front_of": 17, "near": 14, "around": 6, "behind": 6, "part": 4,
               "left_of": 2, "right_of": 2, "between": 3, "along": 3, "opposite": 2, "compass": 3,
               "operator": 2, "robot": 1, "site": 3, "entrance": 3, "bare": 2},
    "relation": {"in_front_of": 14, "behind": 9, "left_of": 7, "right_of": 7, "near": 10,
                 "around": 10, "between": 9, "along": 9, "opposite": 7, "compass": 10, "part": 8,
                 "operator": 4, "robot": 3, "entrance": 5},
    "go": {"in": 45, "bare": 12, "in_front_of": 14, "near": 9, "behind": 4, "opposite": 3,
           "between": 2, "operator": 5, "left_of": 1, "right_of": 1, "compass": 2, "entrance": 4},
    "except": {"in": 50, "in_front_of": 11, "near": 7, "around": 11, "keepout": 9, "part": 4,
               "behind": 3, "between": 2, "bare": 5, "entrance": 2},
    "except_two": {"in": 80, "keepout": 20},
}  # fmt: skip
_DISTANCED = ("in_front_of", "near", "around", "behind", "left_of", "right_of", "compass", "along")


class PlaceChooser:
    """Draws places of one site."""

    def __init__(self, site: NamedSite, rng: Random, language: str) -> None:
        self.site, self.rng, self.language = site, rng, language

    def of(self, landmark: NamedLandmark) -> Referent:
        """The landmark as a referent."""
        return Referent((landmark.id,), landmark.id, landmark.kind, landmark.enter, landmark)

    def landmark(self) -> Referent:
        """Any landmark; each family as often as any other."""
        return self.of(self._draw(list(self.site.landmarks)))

    def _draw(self, things: list[NamedLandmark]) -> NamedLandmark:
        family = self.rng.choice(sorted({thing.family for thing in things}))
        return self.rng.choice([thing for thing in things if thing.family == family])

    def place(self, use: str) -> SpokenPlace:
        """A place for ``use``: area, object, relation, go, except."""
        weights = _WEIGHTS[use]
        while True:
            shape = self.rng.choices(list(weights), list(weights.values()))[0]
            place = self._shape(shape)
            if place is None:
                continue
            share = 0.22 if use == "relation" else 0.07
            far = shape in _DISTANCED and place.referents[0].landmark_id not in (
                "operator",
                "robot",
            )
            if far and use != "go" and self.rng.random() < share and shape != "along":
                place.distance = self.rng.choice(
                    [0.5, 1, 1.5, 2, 2, 3, 3, 4, 5, 5, 6, 8, 10, 15, 20]
                )
            return place

    def _shape(self, shape: str) -> SpokenPlace | None:
        rng = self.rng
        if shape in ("operator", "robot"):
            options = ["near"] * 6 + ["in_front_of", "behind", "around", "left_of", "right_of"]
            return SpokenPlace(Relation(rng.choice(options)), (self._builtin(shape),))
        if shape == "site":
            return self.built_in("site")
        if shape == "keepout":
            return SpokenPlace(Relation.IN, (self.of(rng.choice(self.site.keepouts)),))
        if shape == "entrance":
            return self._entrance()
        if shape == "part":
            return self._part()
        if shape == "bare":
            things = [
                t for t in self.site.landmarks if not t.enter and t.kind in ("building", "fixture")
            ]
            return (SpokenPlace(Relation.AROUND, (self.of(self._draw(things)),), bare=True)
                    if things else None)  # fmt: skip
        if shape == "compass":
            return self.with_relation(rng.choice(_COMPASS))
        return self.with_relation(Relation(shape))

    def with_relation(self, relation: Relation) -> SpokenPlace | None:
        """A place with this relation, None where nothing suits it."""
        things = [t for t in self.site.landmarks if suits(relation, t)]
        if (
            relation in (Relation.NEAR, Relation.AROUND, Relation.ALONG, *_COMPASS)
            and self.rng.random() < 0.2
        ):
            things = list(self.site.keepouts)
        if relation is Relation.BETWEEN:
            return self._between(things)
        return SpokenPlace(relation, (self.of(self._draw(things)),)) if things else None

    def _between(self, things: list[NamedLandmark]) -> SpokenPlace | None:
        if len(things) < 2:
            return None
        first = self._draw(things)
        rest = [t for t in things if t is not first]
        same = [t for t in rest if t.family == first.family]
        second = self.rng.choice(same) if same and self.rng.random() < 0.6 else self._draw(rest)
        return SpokenPlace(Relation.BETWEEN, (self.of(first), self.of(second)))

    def _part(self) -> SpokenPlace | None:
        things = [t for t in self.site.landmarks if t.enter and t.kind in ("room", "area")]
        if not things:
            return None
        referent = self.of(self._draw(things))
        return SpokenPlace(Relation.IN, (referent,), part=self.rng.choice(list(Part)).value)

    def _entrance(self) -> SpokenPlace | None:
        things = [t for t in self.site.landmarks if t.entrances]
        if not things:
            return None
        landmark = self._draw(things)
        number = self.rng.randrange(len(landmark.entrances))
        name = f"{landmark.id}.{landmark.entrances[number].id}"
        referent = Referent((name,), name, "gate", False, landmark, entrance=number)
        relation = self.rng.choice([Relation.IN_FRONT_OF] * 3 + [Relation.NEAR])
        bare = relation is Relation.IN_FRONT_OF and self.rng.random() < 0.5
        return SpokenPlace(relation, (referent,), bare=bare)

    def _builtin(self, name: str) -> Referent:
        return Referent((name,), name, "area", True)

    def built_in(self, name: str) -> SpokenPlace:
        """``site`` (by a word for it or by everywhere) or ``last``."""
        referent = self._builtin(name)
        if name == "site" and self.rng.random() < 0.65:
            words = self.site.words_zh if self.language == "zh" else self.site.words_en
            referent.surfaces = (self.rng.choice(words),)
        return SpokenPlace(Relation.IN, (referent,))

    def keepout(self) -> SpokenPlace:
        """Inside a keepout."""
        return SpokenPlace(Relation.IN, (self.of(self.rng.choice(self.site.keepouts)),))

    def like(self, place: SpokenPlace | None) -> SpokenPlace:
        """Another place of the same relation, often of the same family."""
        assert place is not None
        first = place.referents[0]
        for _ in range(30):
            other = self.place("area")
            if place.relation is not Relation.IN and self.rng.random() < 0.7:
                other = self.with_relation(place.relation) or other
            same = first.landmark and [
                t for t in self.site.landmarks
                if t.family == first.landmark.family and t is not first.landmark
            ]  # fmt: skip
            simple = first.entrance is None and place.relation is not Relation.BETWEEN
            if same and simple and self.rng.random() < 0.5:
                return SpokenPlace(
                    place.relation, (self.of(self.rng.choice(same)),), bare=place.bare
                )
            if {r.landmark_id for r in other.referents} != {r.landmark_id for r in place.referents}:
                return other
        return other

    def around(self, referent: Referent) -> SpokenPlace:
        """A place at this referent with any relation that suits its kind."""
        landmark = NamedLandmark("", referent.kind, (), (), referent.enter, "")
        options = [r for r in _ALL if r is not Relation.BETWEEN and suits(r, landmark)]
        if referent.enter and self.rng.random() < 0.55:
            return SpokenPlace(Relation.IN, (referent,))
        if not referent.enter and self.rng.random() < 0.2:
            return SpokenPlace(Relation.AROUND, (referent,), bare=True)
        common = [relation for relation in options if relation in _COMMON]
        return SpokenPlace(self.rng.choice(common * 3 + options), (referent,))

    def families(self) -> list[tuple[str, tuple[str, ...]]]:
        """Words that fit several landmarks here, with what they fit."""
        words = dict.fromkeys(
            h for t in self.site.landmarks for h in t.in_language(self.language, "heads")
        )
        found = []
        for word in words:
            members = self.site.fitting(word, self.language)
            if not 2 <= len(members) <= 12 or word == "special room":
                continue
            things = [self.site.by_id[member] for member in members]
            exact = any(word.lower() == n.lower() for t in things for n in t.names)
            alike = len({(t.enter, t.kind) for t in things}) == 1
            if alike and not exact:
                found.append((word, members))
        return found

    def unknown(self) -> tuple[str, str, bool] | None:
        """A name that this site lacks: (what is said, kind, enter)."""
        rng = self.rng
        numbered = [t for t in self.site.landmarks if t.id[-1].isdigit() and t.family != "shop"]
        if numbered and rng.random() < 0.35:
            landmark = self._draw(numbered)
            names = [n for n in landmark.in_language(self.language) if any(c.isdigit() for c in n)]
            family = [t for t in self.site.landmarks if t.family == landmark.family]
            last = landmark.id.rsplit("_", 1)[-1]
            if names and last.isdigit() and landmark.kind and last in names[0]:
                number = str(int(last) + len(family) + rng.randint(1, 7))
                name = rng.choice(names)
                said = name.replace(last, number)
                known = {n for t in self.site.landmarks for n in t.names}
                if said != name and said not in known and last in name:
                    if rng.random() < 0.4:
                        said = spoken(said, self.language, rng)
                    return said, landmark.kind, landmark.enter
        alike = rng.random() < 0.4  # "squash court" where there is a basketball court
        families = {thing.family for thing in self.site.landmarks} - {"road"}
        for _ in range(40):
            other = make_site(rng, rng.choice(site_kinds("all")))
            landmark = self._draw(list(other.landmarks))
            name = rng.choice(landmark.in_language(self.language))
            if alike:
                fits = landmark.family not in families and self._shares_head(name)
            else:
                fits = not self._resembles(name)
            if landmark.kind != "wall" and fits:
                the = "" if self.language == "zh" or name[0].isupper() else "the "
                return the + name, landmark.kind, landmark.enter
        return None

    def _shares_head(self, name: str) -> bool:
        """Whether something here is called by the same last word, and nothing by this name."""
        known = [
            word.lower()
            for thing in (*self.site.landmarks, *self.site.keepouts)
            for what in ("", "heads", "about", "unlisted")
            for word in thing.in_language(self.language, what)
        ]
        said = name.lower()
        if any(word in said or said in word for word in known if len(word) > 1):
            return False
        if self.language == "zh":
            return len(said) > 2 and any(word[-1] == said[-1] for word in known)
        return " " in said and any(word.split()[-1] == said.split()[-1] for word in known)

    def _resembles(self, name: str) -> bool:
        """Whether something here has a name with the same ending or the same words."""
        words = [
            word
            for thing in (*self.site.landmarks, *self.site.keepouts)
            for language in ("zh", "en")
            for what in ("", "heads", "about", "unlisted")
            for word in thing.in_language(language, what)
        ]
        words += [*self.site.words_zh, *self.site.words_en]
        if self.language == "zh":
            return len(name) < 3 or any(
                name[-2:] in word or word[-2:] in name for word in words if len(word) > 1
            )
        own = {part for part in name.lower().split() if len(part) > 2 and not part.isdigit()}
        theirs = {part for word in words for part in word.lower().split()}
        return not own or bool(own & (theirs | {plural(t) for t in theirs})) or len(name) < 5


def suits(relation: Relation, thing: NamedLandmark) -> bool:
    """Whether people say this relation of this kind of landmark."""
    kind = thing.kind
    if relation is Relation.IN:
        return thing.enter
    if relation in (Relation.NEAR, Relation.AROUND):
        return kind in (*_FRONTED, "area", "keepout")
    if relation is Relation.BETWEEN:
        return kind in (*_FRONTED, "area")
    if relation is Relation.ALONG:
        return kind in ("road", "wall", "keepout")
    if relation in _COMPASS:
        return kind in ("building", "fixture", "keepout")
    if relation in (Relation.LEFT_OF, Relation.RIGHT_OF, Relation.BEHIND):
        return kind in _FRONTED and (kind == "gate" or not thing.enter)
    return kind in _FRONTED


def accepted(place: SpokenPlace) -> tuple[str, ...]:
    """The relations that are right for the place as it was said, the best first."""
    relation, kind = place.relation.value, place.referents[0].kind
    name = place.referents[0].landmark_id
    if place.accept:
        return place.accept
    if name in ("operator", "robot") and relation == "near":
        return ("near", "in", "around")
    if name in (NOWHERE, OUTSIDE, "site", "last") or place.part:
        return (relation,)
    if place.bare:
        return (relation, *(r for r in ("near", "around", "in") if r != relation))
    if relation == "in" and kind in ("road", "gate"):
        return ("in", "along") if kind == "road" else ("in", "near", "around")
    if relation == "near":
        return ("near", "around")
    if relation == "around":
        return ("around", "near")
    if relation == "along":
        return ("along", "in") if kind == "road" else ("along", "around", "near")
    return (relation,)


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
