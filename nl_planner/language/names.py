"""Names found in a sentence: which landmarks and classes it may speak of.

The model gets them as a short list to choose from; what it chooses is resolved here to ids. Four
ways of finding, from sure to unsure:

1. a name stands in the sentence (numbers, case and plural made alike);
2. a part of a name that several share does (车棚 of 东车棚 and 西车棚): a family, of which one or
   each may be meant;
3. a word for what the place is does (卖药的 of a pharmacy, by its tags or its names), narrowed by a
   street that is named;
4. a name is close to a stretch of the sentence by letters or by sound (pinyin).

Cost: looking up every stretch of the sentence in tables (1 to 3), and one pass of rapidfuzz over
all names (4).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib import resources

from rapidfuzz import fuzz, process

from nl_planner.language.normalise import canonical, language_of
from nl_planner.site.model import Landmark, Site, has_chinese, name_in
from nl_planner.task import BUILTIN_LANDMARKS, SITE, Task

MAX_PLACES, MAX_THINGS = 10, 6
_LONGEST_NAME = 48
_OTHER_ONE = re.compile(r"\b(one|other)\b|另|那[个座栋间条]")
"""Words by which another thing of the same sort is meant ("... then the east one")."""

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

_FUNCTION_WORDS = frozenset(["the", "a", "of", "and", "in", "at", "on", "for", "to", "by", "s"])

KIND_NAMES = {
    "building": ("楼", "building"),
    "room": ("房间", "room"),
    "area": ("区域", "area"),
    "road": ("路", "道路", "road"),
    "gate": ("大门", "门", "gate"),
}
"""What people call a kind of landmark, beside the kind's own word."""


@dataclass(frozen=True)
class Candidate:
    """A name on the list. ``ids``: whom it may be; more than one when it names a family, of which
    ``each`` one is meant or a single one (then the person must say which).
    """

    label: str
    ids: tuple[str, ...]
    each: bool = False


@dataclass(frozen=True)
class Mentions:
    """The lists for one sentence, the surest first. ``single``: labels of things of which the
    sentence means one ("that bottle", 那个瓶子).
    """

    places: tuple[Candidate, ...]
    things: tuple[Candidate, ...]
    single: frozenset[str] = frozenset()

    @cached_property
    def place_by_label(self) -> Mapping[str, Candidate]:
        """The places by what the model sees."""
        return {candidate.label: candidate for candidate in self.places}

    @cached_property
    def thing_by_label(self) -> Mapping[str, Candidate]:
        """The things by what the model sees."""
        return {candidate.label: candidate for candidate in self.things}

    def with_others(self, others: Mentions) -> Mentions:
        """These, then others that are not among them."""
        return Mentions(
            _distinct((*self.places, *others.places)),
            _distinct((*self.things, *others.things)),
            self.single | others.single,
        )


_Table = Callable[[str], tuple[str, tuple[str, ...]] | None]
"""A stretch of the sentence → what to call it and whom it may be."""


@dataclass(frozen=True)
class _Hit:
    start: int
    end: int
    score: float
    label: str
    ids: tuple[str, ...]

    def covers(self, other: _Hit) -> bool:
        return self.start <= other.start and other.end <= self.end


class NameIndex:
    """The names of one kind of thing, ready to be found in sentences.

    ``names``: id → its names. Families keep the order of the ids.
    """

    def __init__(self, names: Mapping[str, Iterable[str]]):
        self._exact: dict[str, dict[str, str]] = defaultdict(dict)
        self._families: dict[str, dict[str, None]] = defaultdict(dict)
        self._spelled: list[str] = []
        self._sounded: list[str] = []
        self._named: list[tuple[str, str]] = []
        self._names = {item: tuple(its_names) for item, its_names in names.items()}
        for item, its_names in self._names.items():
            for name in its_names:
                plain = canonical(name)
                if not plain:
                    continue
                self._exact[plain].setdefault(item, name)
                if "." not in item:  # an entrance is no building
                    for part in _parts(plain):
                        self._families[part][item] = None
                self._spelled.append(plain)
                self._sounded.append(_pinyin(plain))
                self._named.append((item, name))
        # The first word of one name alone ("check" of Check-in 1) stands for nothing.
        first = {plain.split()[0] for plain in self._spelled if plain.isascii()}
        ends = {plain.split()[-1] for plain in self._spelled}
        for word in first - ends:
            if len(self._families.get(word, ())) == 1:
                del self._families[word]

    def add_family(self, word: str, ids: Iterable[str], *, weak: bool = False) -> None:
        """Let a word stand for all of these; a weak one not where names share it already."""
        plain = canonical(word)
        if plain and not (weak and len(self._families.get(plain, ())) > 1):
            self._families[plain].update(dict.fromkeys(ids))

    def find(self, text: str, most: int) -> list[Candidate]:
        """Candidates for what the sentence names, the surest first."""
        plain = canonical(text)
        exact = list(_longest(self._look_up(plain, self._exact_hit)))
        families = _longest(self._look_up(plain, self._family_hit))
        families = [
            f
            for f in families
            if not any(_overlap(f, e) > 0 and e.ids != f.ids for e in exact)
            and not (f.label == "门" and plain[f.end : f.end + 1] in ("口", "前", "外"))
        ]
        close = [
            hit
            for hit in self._close(plain)
            if not any(_overlap(hit, other) > 0.5 and other.score >= hit.score for other in exact)
        ]
        candidates: dict[str, Candidate] = {}
        for hit in exact:
            _add(candidates, hit.label, hit.ids)
        if _OTHER_ONE.search(text.lower()):
            for item in self._siblings(exact):
                _add(candidates, self._label(item, text), (item,))
        for hit in sorted(families, key=lambda h: h.start - h.end):
            for item in self._numbered(hit, plain):
                _add(candidates, self._label(item, text), (item,))
            if len(hit.ids) > 1:
                _add(candidates, hit.label, hit.ids)
                label = f"every {hit.label}"
                candidates.setdefault(label, Candidate(label, hit.ids, each=True))
            elif len(hit.label) > (3 if hit.label.isascii() else 1):
                _add(candidates, hit.label, hit.ids)
            if 1 < len(hit.ids) <= 3 and len(hit.label) > 1:
                for item in hit.ids:
                    _add(candidates, self._label(item, text), (item,))
        for hit in sorted(close, key=lambda h: -h.score):
            _add(candidates, hit.label, hit.ids)
        return list(candidates.values())[:most]

    def _numbered(self, family: _Hit, plain: str) -> list[str]:
        """The members of a family whose number stands beside its word (room 704 of Ward 704)."""
        beside = re.match(r" ?(\d+)\b", plain[family.end :])
        beside = beside or re.search(r"(\d+)[号 ]?$", plain[: family.start])
        if not beside:
            return []
        return [
            item
            for item in family.ids
            if any(beside[1] in _numbers(canonical(name)) for name in self._names[item])
        ][:3]

    def _siblings(self, hits: list[_Hit]) -> list[str]:
        """The other members of small families of what was named."""
        families = (self._families[part] for hit in hits for part in _parts(canonical(hit.label)))
        return sorted({item for family in families if 1 < len(family) <= 4 for item in family})

    def _exact_hit(self, stretch: str) -> tuple[str, tuple[str, ...]] | None:
        found = self._exact.get(stretch)
        if not found:
            return None
        return next(iter(found.values())), tuple(found)

    def _family_hit(self, stretch: str) -> tuple[str, tuple[str, ...]] | None:
        found = self._families.get(stretch)
        return (stretch, tuple(found)) if found else None

    def _look_up(self, plain: str, table: _Table) -> Iterable[_Hit]:
        for start in range(len(plain)):
            if _inside_word(plain, start):
                continue
            for end in range(start + 1, min(len(plain), start + _LONGEST_NAME) + 1):
                if _inside_word(plain, end):
                    continue
                found = table(plain[start:end])
                if found:
                    yield _Hit(start, end, 100.0, *found)

    def _close(self, plain: str) -> list[_Hit]:
        """Names that a stretch of the sentence is close to; numbers must be the same."""
        hits: dict[str, _Hit] = {}
        sounded = _pinyin(plain)
        for names, sentence, cutoff in (
            (self._spelled, plain, 75.0),
            (self._sounded, sounded, 90.0),
        ):
            if not sentence:
                continue
            for _, score, index in process.extract(
                sentence, names, scorer=fuzz.partial_ratio, score_cutoff=cutoff, limit=12
            ):
                item, name = self._named[index]
                spelled = self._spelled[index]
                if len(spelled) < 2 or len(spelled) > len(plain) + 2:
                    continue
                if spelled.isascii() and (len(spelled) < 5 or score < 82):
                    continue
                align = fuzz.partial_ratio_alignment(spelled, plain)
                start, end = (align.dest_start, align.dest_end) if align else (0, 0)
                if _numbers(spelled) - _numbers(plain[start:end]) or _inside_word(plain, end):
                    continue
                if spelled.isascii() and (
                    _inside_word(plain, start) or not _alike(spelled, plain[start:end])
                ):
                    continue
                if item not in hits or hits[item].score < score:
                    hits[item] = _Hit(start, end, score - 1, name, (item,))
        return [
            hit
            for hit in hits.values()
            if not any(_overlap(hit, o) > 0.5 and o.score > hit.score + 5 for o in hits.values())
        ]

    def _label(self, item: str, text: str) -> str:
        """The name of the item to show: the first in the language of the text."""
        return name_in(self._names[item], language_of(text))


class SiteNames:
    """All names of a site: landmarks, entrances and keepouts, and the classes of litter."""

    def __init__(self, site: Site):
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
        self._places = NameIndex(places)
        for word, members in _sorts(site.landmarks.values()).items():
            self._places.add_family(word, members)
        for kind, ids in _by_kind(site.landmarks.values()).items():
            for word in (kind, *KIND_NAMES.get(kind, ())):
                self._places.add_family(word, ids, weak=True)
        self._on_street: dict[str, set[str]] = defaultdict(set)
        for landmark in site.landmarks.values():
            if "addr:street" in landmark.tags:
                self._on_street[canonical(landmark.tags["addr:street"])].add(landmark.id)
        self._things = NameIndex({c.id: c.names for c in site.taxonomy.classes.values()})

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
                places.append(Candidate(self._site.label(landmark_id, language), (landmark_id,)))
        single = frozenset(c.label for c in things if self._is_single(c.ids[0], text))
        return Mentions(_distinct(places), _distinct(things), single)

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
        named = {c.ids[0] for c in places if len(c.ids) == 1} & self._site.landmarks.keys()
        found = [
            f"{landmark_id}.{door.id}"
            for landmark_id in sorted(named)
            for door in self._site.landmarks[landmark_id].entrances.values()
            if any(canonical(name) in plain for name in door.names)
        ]
        return [Candidate(self._site.label(door, language), (door,)) for door in found]


def _by_kind(landmarks: Iterable[Landmark]) -> Mapping[str, list[str]]:
    kinds = defaultdict(list)
    for landmark in landmarks:
        kinds[landmark.kind].append(landmark.id)
    return {kind: ids for kind, ids in kinds.items() if len(ids) > 1}


_SHOPS = ("shop", "store", "place", "restaurant", "stall")


@cache
def _place_words() -> tuple[Mapping[str, list[int]], Mapping[str, list[int]], list[list[str]]]:
    """The sorts of `place_words.yaml`: by tag, by word in a name; and the spoken words of each."""
    import yaml

    text = resources.files(__package__).joinpath("place_words.yaml").read_text("utf-8")
    by_tag: dict[str, list[int]] = defaultdict(list)
    by_word: dict[str, list[int]] = defaultdict(list)
    spoken = []
    for number, entry in enumerate(yaml.safe_load(text)):
        for tag in entry["tags"]:
            by_tag[tag].append(number)
        for word in entry["words"]:
            if not word.startswith("="):
                by_word[canonical(word.removeprefix("~"))].append(number)
        words = [w.removeprefix("=") for w in entry["words"] if not w.startswith("~")]
        sold = any(tag.startswith(("shop=", "cuisine=")) for tag in entry["tags"])
        one_word = [w for w in words if w.isascii() and " " not in w]
        spoken.append(words + [f"{w} {at}" for w in one_word for at in _SHOPS if sold])
    return by_tag, by_word, spoken


def _sorts(landmarks: Iterable[Landmark]) -> Mapping[str, dict[str, None]]:
    """Word → the landmarks that it says what they are."""
    by_tag, by_word, spoken = _place_words()
    members: dict[int, dict[str, None]] = defaultdict(dict)
    words: dict[str, dict[str, None]] = defaultdict(dict)
    for landmark in landmarks:
        found = {n for tag in landmark.tags.items() for n in by_tag.get("=".join(tag), ())}
        for name in map(canonical, landmark.names):
            found |= {n for part in _stretches(name) for n in by_word.get(part, ())}
        for number in found:
            members[number][landmark.id] = None
        for key, value in landmark.tags.items():
            if not key.startswith("addr:") and value not in ("yes", "no"):
                words[value.replace("_", " ")][landmark.id] = None
    for number, ids in members.items():
        for word in spoken[number]:
            words[word].update(ids)
    return words


def _stretches(plain: str) -> Iterable[str]:
    """Parts of a name in which a word may stand: up to five characters, or three words."""
    if has_chinese(plain):
        return {plain[i:j] for i in range(len(plain)) for j in range(i + 1, i + 6)}
    words = plain.split()
    return {" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, i + 4)}


def _distinct(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Without those whose label, or whose single meaning, is there already."""
    kept: dict[str, Candidate] = {}
    for candidate in candidates:
        if candidate.label not in kept and candidate not in kept.values():
            kept[candidate.label] = candidate
    return tuple(kept.values())


def _parts(plain: str) -> set[str]:
    """Parts of a name that may stand for it: its end, and what is left without numbers."""
    core = re.sub(r"\b[a-z]\b|\d+|[号座#]", " ", plain)
    core = re.sub(r"^ *[东西南北]侧?(?=.)|\b(north|south|east|west)\b", " ", core)
    core = re.sub(r"\s+", " ", core).strip()
    parts = {core, plain} if core else {plain}
    if has_chinese(plain):
        parts |= {core[i:] for i in range(1, len(core) - 1)}
    else:
        words = core.split()
        parts |= {" ".join(words[i:]) for i in range(1, len(words))}
        parts |= {" ".join(words[:i]) for i in range(1, len(words))}
    return {part for part in parts if part and not part.isdigit() and part not in _FUNCTION_WORDS}


def _inside_word(text: str, index: int) -> bool:
    """Whether a cut at ``index`` splits an English word or a number."""
    if not 0 < index < len(text):
        return False
    before, after = text[index - 1], text[index]
    if before.isdigit() and after.isdigit():
        return True
    return before.isascii() and after.isascii() and before.isalpha() and after.isalpha()


def _numbers(text: str) -> Counter[str]:
    return Counter(re.findall(r"\d+", text))


def _alike(name: str, stretch: str) -> bool:
    """Whether each word of an English name is like one of the stretch."""
    words = stretch.split()
    return all(any(fuzz.ratio(word, other) > 66 for other in words) for word in name.split())


def _longest(hits: Iterable[_Hit]) -> list[_Hit]:
    """The hits that no longer one covers, in the order of the sentence."""
    kept: list[_Hit] = []
    for hit in sorted(hits, key=lambda h: h.start - h.end):
        if not any(other.covers(hit) for other in kept):
            kept.append(hit)
    return sorted(kept, key=lambda h: h.start)


def _overlap(hit: _Hit, other: _Hit) -> float:
    shared = min(hit.end, other.end) - max(hit.start, other.start)
    return shared / max(1, hit.end - hit.start)


def _add(candidates: dict[str, Candidate], label: str, ids: tuple[str, ...]) -> None:
    label = re.sub(r"[\[\]|<>\n]", " ", label).strip()
    known = candidates.get(label)
    if known and known.ids != ids:
        ids = tuple(dict.fromkeys((*known.ids, *ids)))
    if any(c.ids == ids and not c.each for c in candidates.values()) and not known:
        return
    candidates[label] = Candidate(label, ids)


@lru_cache(maxsize=65536)
def _pinyin(plain: str) -> str:
    """The sound of a canonical text: toneless syllables, blanks between; "" without Chinese.

    What many speakers do not tell apart is made alike: zh z, ch c, sh s, and -ng -n.
    """
    if not has_chinese(plain):
        return ""
    from pypinyin import lazy_pinyin

    return " ".join(re.sub("^([zcs])h|(?<=[aei]n)g$", r"\1", s) for s in lazy_pinyin(plain))
