"""Names in a table, found in sentences: exactly, by a part that several share, or nearly.

Cost: looking up every stretch of the sentence, and one pass of rapidfuzz over all names.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from nl_planner.language.normalise import canonical, language_of
from nl_planner.site.model import has_chinese, name_in

_LONGEST_NAME = 48
OTHER_ONE = re.compile(r"\b(one|other)\b|另|那[个座栋间条]")
"""Words by which another thing of the same sort is meant ("... then the east one")."""

_FUNCTION_WORDS = frozenset(["the", "a", "of", "and", "in", "at", "on", "for", "to", "by", "s"])


_VAGUE = frozenset(["floor", "ground", "area", "place", "spot", "地面", "地方", "地板", "区域"])
"""Words that say no one place though one name may end in them."""


@dataclass(frozen=True)
class Candidate:
    """A name on the list. ``ids``: whom it may be; more than one when it names a family, of which
    ``each`` one is meant or a single one (then the person must say which).
    """

    label: str
    ids: tuple[str, ...]
    each: bool = False


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
                    for part in ends_of(plain):
                        self._families[part][item] = None
                self._spelled.append(plain)
                self._sounded.append(_pinyin(plain))
                self._named.append((item, name))
        self._add_beginnings()

    def _add_beginnings(self) -> None:
        """Let the first words that several English names share stand for them (the lab of Lab
        Block A and Lab Block B), but not where they are the end of others (ward corridor, Ward 3).
        """
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for (item, _), plain in zip(self._named, self._spelled, strict=True):
            words = plain.split() if plain.isascii() and "." not in item else []
            for i in range(1, len(words)):
                found[" ".join(words[:i])][item] = None
        for part, items in found.items():
            if part not in self._families and (len(items) > 1 or " " in part):
                self._families[part].update(items)

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
        if OTHER_ONE.search(text.lower()):
            for item in self.siblings(hit.label for hit in exact):
                _add(candidates, self._label(item, text), (item,))
        for hit in sorted(families, key=lambda h: h.start - h.end):
            for item in self._numbered(hit, plain):
                _add(candidates, self._label(item, text), (item,))
            if len(hit.ids) > 1:
                _add(candidates, hit.label, hit.ids)
                label = f"every {hit.label}"
                candidates.setdefault(label, Candidate(label, hit.ids, each=True))
            elif len(hit.label) > (3 if hit.label.isascii() else 1) and hit.label not in _VAGUE:
                _add(candidates, hit.label, hit.ids)
            if 1 < len(hit.ids) <= 3 and len(hit.label) > 1:
                for item in hit.ids:
                    _add(candidates, self._label(item, text), (item,))
        for hit in sorted(close, key=lambda h: -h.score):
            _add(candidates, hit.label, hit.ids)
        return list(candidates.values())[:most]

    def called(self, plain: str) -> frozenset[str]:
        """Whose name this canonical text is."""
        return frozenset(self._exact.get(plain, ()))

    def sharing(self, plain: str) -> frozenset[str]:
        """For whom this canonical text may stand as a part of the name."""
        return frozenset(self._families.get(plain, ()))

    def named(self, plain: str) -> frozenset[str]:
        """Whose very names stand in a canonical text, those that share a name left out."""
        hits = _longest(self._look_up(plain, self._exact_hit))
        return frozenset(hit.ids[0] for hit in hits if len(hit.ids) == 1)

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

    def siblings(self, names: Iterable[str], most: int = 4) -> list[str]:
        """The members of families, of at most so many, of what has these names."""
        families = (
            self._families.get(part, {}) for name in names for part in ends_of(canonical(name))
        )
        return sorted({item for family in families if 1 < len(family) <= most for item in family})

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


def ends_of(plain: str) -> set[str]:
    """Parts of a canonical name that may stand for it: all of it, what is left without numbers
    and points of the compass, and the ends of that.
    """
    core = re.sub(r"\b[a-z]\b|\d+|[号座#]", " ", plain)
    core = re.sub(r"^ *[东西南北]侧?(?=.)|\b(north|south|east|west)\b", " ", core)
    core = re.sub(r"\s+", " ", core).strip()
    parts = {core, plain} if core else {plain}
    if has_chinese(plain):
        parts |= {core[i:] for i in range(1, len(core) - 1)}
    else:
        words = core.split()
        parts |= {" ".join(words[i:]) for i in range(1, len(words))}
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
