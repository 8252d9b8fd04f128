"""Words for what a place is: 卖药的, "the noodle place", "the loo" (`place_words.yaml`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

from nl_planner.language.name_index import ends_of
from nl_planner.language.normalise import canonical
from nl_planner.site.model import Landmark

_SHOPS = ("shop", "store", "place", "restaurant", "stall")


@cache
def _sorts() -> tuple[Mapping[str, list[int]], Mapping[str, list[int]], list[list[str]]]:
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


def words_for(landmarks: Iterable[Landmark]) -> Mapping[str, dict[str, None]]:
    """Word → the landmarks that it says what they are."""
    by_tag, by_word, spoken = _sorts()
    members: dict[int, dict[str, None]] = defaultdict(dict)
    words: dict[str, dict[str, None]] = defaultdict(dict)
    for landmark in landmarks:
        found = {n for tag in landmark.tags.items() for n in by_tag.get("=".join(tag), ())}
        for name in map(canonical, landmark.names):
            ends = [part for end in ends_of(name) for part in (end, end[-1:])]
            found |= {n for end in ends for n in by_word.get(end, ())}
        for number in found:
            members[number][landmark.id] = None
        for key, value in landmark.tags.items():
            if not key.startswith("addr:") and value not in ("yes", "no"):
                words[value.replace("_", " ")][landmark.id] = None
    for number, ids in members.items():
        for word in spoken[number]:
            words[word].update(ids)
    return words
