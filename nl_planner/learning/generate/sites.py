"""Seeded random sites: what stands there and what people call it, without geometry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from random import Random
from typing import Any

from nl_planner.learning.generate.numerals import chinese, english, ordinal
from nl_planner.learning.generate.template import held_out
from nl_planner.site.taxonomy import LitterClass, Taxonomy
from nl_planner.task import Action

HELD_OUT_KINDS = ("hotel", "museum", "market")
"""Kinds of site that are kept from training."""

_ENTERABLE = ("room", "area", "road", "gate")
_COMPASS = (("东", "East"), ("西", "West"), ("南", "South"), ("北", "North"))
_COMPASS_PAIRS = (("东", "East"), ("西", "West")), (("南", "South"), ("北", "North"))


@dataclass(frozen=True)
class NamedEntrance:
    """A door of a landmark and its names."""

    id: str
    zh: tuple[str, ...]
    en: tuple[str, ...]


@dataclass(frozen=True)
class NamedLandmark:
    """A landmark or keepout as people speak of it.

    ``zh`` and ``en`` are its names in the site file. ``heads_*`` are words for any thing of its
    sort (食堂, canteen), ``about_*`` descriptions that fit it through its tags, ``unlisted_*``
    names that people use though the site file lacks them. ``the`` holds the English names that may
    take an article though they begin with a capital; ``family`` groups alike landmarks.
    """

    id: str
    kind: str
    zh: tuple[str, ...]
    en: tuple[str, ...]
    enter: bool
    family: str
    entrances: tuple[NamedEntrance, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    heads_zh: tuple[str, ...] = ()
    heads_en: tuple[str, ...] = ()
    about_zh: tuple[str, ...] = ()
    about_en: tuple[str, ...] = ()
    unlisted_zh: tuple[str, ...] = ()
    unlisted_en: tuple[str, ...] = ()
    the: frozenset[str] = frozenset()
    measure: str = "个"
    is_keepout: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All names of the site file, both languages."""
        return self.zh + self.en

    def in_language(self, language: str, what: str = "") -> tuple[str, ...]:
        """``zh`` or ``en``; with ``what`` heads, about or unlisted, that of the language."""
        value: tuple[str, ...] = getattr(self, f"{what}_{language}" if what else language)
        return value


@dataclass(frozen=True)
class NamedSite:
    """A site without geometry: names, kind, machine, landmarks, keepouts, litter classes.

    ``words_*`` are what people call all of it; the first of ``actions`` is what "clean" means.
    """

    names: tuple[str, ...]
    kind: str
    actions: tuple[Action, ...]
    landmarks: tuple[NamedLandmark, ...]
    keepouts: tuple[NamedLandmark, ...]
    classes: Taxonomy
    words_zh: tuple[str, ...]
    words_en: tuple[str, ...]
    inside: bool

    @cached_property
    def by_id(self) -> Mapping[str, NamedLandmark]:
        """Landmarks and keepouts by id."""
        return {thing.id: thing for thing in self.landmarks + self.keepouts}

    def fitting(self, word: str, language: str) -> tuple[str, ...]:
        """The ids that ``word`` may mean: those named so, else those it is the head of."""
        folded = word.lower()
        things = self.landmarks + self.keepouts
        exact = tuple(t.id for t in things if any(folded == name.lower() for name in t.names))
        if exact:
            return exact
        ending = folded if language == "zh" else f" {folded}"
        return tuple(
            t.id
            for t in things
            if folded in (head.lower() for head in t.in_language(language, "heads"))
            or any(
                name.lower().endswith(ending) or _before_number(name, folded)
                for name in t.in_language(language)
            )
        )


def _before_number(name: str, word: str) -> bool:
    """Whether ``name`` is ``word`` and a number or letter: Canteen 2, Lab Wing A."""
    stem, _, last = name.lower().rpartition(" ")
    return (stem == word or stem.endswith(f" {word}")) and (last[:1].isdigit() or len(last) == 1)


@cache
def _data() -> dict[str, Any]:
    import yaml

    text = resources.files(__package__).joinpath("sites.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


def site_kinds(split: str) -> tuple[str, ...]:
    """The kinds of site of a split: train, heldout, or all."""
    kinds = tuple(_data()["kinds"])
    if split == "all":
        return kinds
    return tuple(kind for kind in kinds if (kind in HELD_OUT_KINDS) == (split == "heldout"))


def make_site(rng: Random, kind: str, split: str = "all") -> NamedSite:
    """A random site of ``kind``; names of the other split are avoided where there are others."""
    spec = _data()["kinds"][kind]
    builder = _Builder(rng, split)
    rows = list(spec["rows"])
    for part in spec["include"]:
        rows += _data()["shared"][part]
    size = rng.choice([0.5, 0.7, 0.9, 1.0])
    landmarks: list[NamedLandmark] = []
    for number, row in enumerate(rows):
        always = number < 2
        if always or rng.random() < row.get("p", 1) * size:
            landmarks += builder.family(row, landmarks)
    keepouts = [
        builder.one(f"keepout_{i}", {"kind": "keepout", "zh": zh, "en": en}, {}, is_keepout=True)
        for i, (zh, en) in enumerate(
            text.split("|") for text in rng.sample(spec["keepouts"], rng.randint(1, 3))
        )
    ]
    rng.shuffle(landmarks)
    words_zh, words_en = spec["words"].split("|")
    names = tuple(builder.pick(spec["names"]).replace("|", "/").split("/"))
    own = _own_classes(rng) if rng.random() < 0.15 else ()
    return NamedSite(
        names=names,
        kind=kind,
        actions=_actions(rng),
        landmarks=tuple(_without_clashes(landmarks)),
        keepouts=tuple(keepouts),
        classes=Taxonomy.builtin().with_classes(own),
        words_zh=(*words_zh.split("/"), *(n for n in names if not n.isascii())),
        words_en=(*words_en.split("/"), *(n for n in names if n.isascii())),
        inside=spec["inside"],
    )


def _actions(rng: Random) -> tuple[Action, ...]:
    first = rng.choices(
        [Action.SWEEP, Action.VACUUM, Action.MOP, Action.SCRUB, Action.PICK_UP], [40, 20, 20, 14, 6]
    )[0]
    others = [a for a in Action if a not in (first, Action.GO_TO) and rng.random() < 0.6]
    rng.shuffle(others)
    return (first, *others)


OWN_CLASSES = (
    ("metal_shavings", ("铁屑", "金属屑", "metal shavings", "swarf"), "debris"),
    ("cable_tie", ("扎带", "cable tie"), "litter"),
    ("pallet_wrap", ("缠绕膜", "打包膜", "pallet wrap", "stretch film"), "litter"),
    ("confetti", ("彩纸屑", "礼花", "confetti"), "litter"),
    ("fish_scales", ("鱼鳞", "fish scales"), "food_waste"),
    ("ticket_stub", ("票根", "废车票", "ticket stub"), "paper"),
    ("syringe_cap", ("针帽", "syringe cap"), "litter"),
    ("vegetable_leaf", ("烂菜叶", "菜叶", "vegetable leaves"), "food_waste"),
    ("glitter", ("亮片", "glitter"), "litter"),
    ("lanyard", ("挂绳", "胸牌", "lanyard"), "litter"),
)


def _own_classes(rng: Random) -> tuple[LitterClass, ...]:
    return tuple(LitterClass(*own) for own in rng.sample(OWN_CLASSES, rng.randint(1, 3)))


def _without_clashes(landmarks: list[NamedLandmark]) -> Iterator[NamedLandmark]:
    """The landmarks, without those that share a name with an earlier one."""
    taken: set[str] = set()
    for thing in landmarks:
        names = {name.lower() for name in thing.names}
        if not names & taken:
            taken |= names
            yield thing


class _Builder:
    """Draws families of landmarks with one random generator."""

    def __init__(self, rng: Random, split: str) -> None:
        self.rng, self.split = rng, split

    def allowed(self, options: list[Any]) -> list[Any]:
        """The options of this split, all of them where there would be none."""
        if self.split == "all":
            return options
        wanted = self.split == "heldout"
        return [o for o in options if held_out(str(o)) == wanted] or options

    def pick(self, options: list[Any]) -> Any:
        return self.rng.choice(self.allowed(options))

    def family(self, row: Mapping[str, Any], so_far: list[NamedLandmark]) -> list[NamedLandmark]:
        """The members of one row of sites.yaml."""
        if "shops" in row:
            return list(self._shops(row, so_far))
        if "of" in row:
            lo, hi = row["k"]
            pool = row["of"] if len(row["of"]) < 12 else self.allowed(row["of"])
            drawn = self.rng.sample(pool, min(len(pool), self.rng.randint(lo, hi)))
            members = []
            for number, text in enumerate(drawn, start=1):
                zh, en = text.split("|")
                members.append(self.one(f"{row['id']}_{number}", {**row, "zh": zh, "en": en}, {}))
            return members
        forms = list(self._forms(row))
        count_zh = len(row["zh"].split("/"))
        count_en = len(row["en"].split("/"))
        keep_zh = sorted(self.rng.sample(range(count_zh), self.rng.randint(1, min(3, count_zh))))
        keep_en = sorted(self.rng.sample(range(count_en), self.rng.randint(1, min(2, count_en))))
        return [
            self.one(f"{row['id']}{suffix}", row, values, keep=(keep_zh, keep_en))
            for suffix, values in forms
        ]

    def _forms(self, row: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
        """The suffix of the id and the values of {n}, {c}, ... for each member."""
        rng = self.rng
        if "n" in row or "floors" in row:
            lo, hi = row.get("n") or row["floors"]
            for i in range(1, rng.randint(lo, hi) + 1):
                ordinals = {"o": f"第{chinese(i)}", "O": ordinal(i).title()} if i <= 10 else {}
                yield f"_{i}", {"n": str(i), "c": chinese(i), "w": english(i), **ordinals}
        elif "rooms" in row:
            floor = rng.randint(1, 9)
            count = rng.randint(*row["rooms"])
            for number in sorted(rng.sample(range(1, 20), count)):
                n = f"{floor + (number % 2 if rng.random() < 0.3 else 0)}{number:02d}"
                yield f"_{n}", {"n": n}
        elif "booths" in row:
            for _ in range(rng.randint(*row["booths"])):
                n = f"{rng.choice('ABCDE')}{rng.randint(1, 30):02d}"
                yield f"_{n.lower()}", {"n": n}
        elif "letters" in row:
            for x in "ABCDEF"[: rng.randint(*row["letters"])]:
                yield f"_{x.lower()}", {"x": x}
        elif "sides" in row:
            count = rng.randint(*row["sides"])
            pool = rng.choice(_COMPASS_PAIRS) if count == 2 else _COMPASS
            for z, s in rng.sample(pool, count):
                yield f"_{s.lower()}", {"z": z, "S": s, "s": s.lower()}
        else:
            yield "", {}

    def one(
        self,
        landmark_id: str,
        row: Mapping[str, Any],
        values: Mapping[str, str],
        *,
        keep: tuple[list[int], list[int]] | None = None,
        is_keepout: bool = False,
    ) -> NamedLandmark:
        """The member of a row with these values; ``keep``: which aliases the site file has."""
        all_zh = [form.format(**values) for form in row["zh"].split("/")]
        english_values = {**values, "o": values["O"]} if "O" in values else values
        if "floors" in row and "w" in values:
            english_values = {**values, "o": ordinal(int(values["n"]))}
        all_en = [form.format(**english_values) for form in row["en"].split("/")]
        bare = [name.removeprefix("~") for name in all_en]
        zh_at = keep[0] if keep else range(len(all_zh))
        en_at = keep[1] if keep else range(len(all_en))
        heads_zh, heads_en = _halves(row.get("head", ""))
        about_zh, about_en = _halves(row.get("about", ""))
        return NamedLandmark(
            id=landmark_id.replace(" ", "_"),
            kind=row["kind"],
            zh=tuple(all_zh[i] for i in zh_at),
            en=_unlike(bare[i] for i in en_at),
            enter=False if is_keepout else row.get("enter", row["kind"] in _ENTERABLE),
            family=row.get("id", landmark_id),
            entrances=self._entrances(row),
            tags=row.get("tags", {}),
            heads_zh=heads_zh,
            heads_en=heads_en,
            about_zh=about_zh,
            about_en=about_en,
            unlisted_zh=tuple(n for i, n in enumerate(all_zh) if i not in zh_at),
            unlisted_en=tuple(n for i, n in enumerate(bare) if i not in en_at),
            the=frozenset(n[1:] for n in all_en if n.startswith("~")),
            measure=row.get("mw", "个"),
            is_keepout=is_keepout,
        )

    def _entrances(self, row: Mapping[str, Any]) -> tuple[NamedEntrance, ...]:
        if "doors" not in row or self.rng.random() < 0.3:
            return ()
        texts = _data()["doors"][row["doors"]]
        if row["doors"] == "units":
            texts = texts[: self.rng.randint(1, len(texts))]
        found = []
        for text in texts:
            entrance_id, names = text.split(":")
            zh, en = _halves(names)
            found.append(NamedEntrance(entrance_id, zh, en))
        return tuple(found)

    def _shops(
        self, row: Mapping[str, Any], so_far: list[NamedLandmark]
    ) -> Iterator[NamedLandmark]:
        lo, hi = row["shops"]
        types = self.rng.choices(_data()["shops"], k=self.rng.randint(lo, hi))
        brands = _data()["brands"]
        pairs = self.allowed(list(zip(brands["zh"], brands["en"], strict=True)))
        streets = [thing for thing in so_far if thing.kind == "road" and thing.family == "road"]
        drawn = self.rng.sample(pairs, min(len(pairs), len(types)))
        for number, (shop, (zh, en)) in enumerate(zip(types, drawn, strict=False), start=1):
            pick_zh = self.rng.sample(shop["zh"].split("/"), 1)[0].format(b=zh)
            pick_en = self.rng.sample(shop["en"].split("/"), 1)[0].format(b=en)
            tags = dict(shop["tags"])
            if streets and self.rng.random() < 0.5:
                tags["addr:street"] = self.rng.choice(self.rng.choice(streets).names)
            one_zh = [pick_zh, zh] if self.rng.random() < 0.4 else [pick_zh]
            one_en = [pick_en, en] if self.rng.random() < 0.3 else [pick_en]
            values = {
                **shop, "id": "shop", "kind": "room", "tags": tags, "mw": "家",
                "zh": "/".join(one_zh), "en": "/".join(one_en),
                "enter": self.rng.random() < 0.5,
            }  # fmt: skip
            yield self.one(f"shop_{number}", values, {})


def _unlike(names: Iterable[str]) -> tuple[str, ...]:
    """The names without those that differ from an earlier one in capitals only."""
    return tuple({name.lower(): name for name in reversed(list(names))}.values())[::-1]


def _halves(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The two halves of "中/文|en/glish"."""
    if not text:
        return (), ()
    zh, en = text.split("|")
    return tuple(zh.split("/")), tuple(en.split("/"))
