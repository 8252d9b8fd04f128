"""How people ordinarily talk, counted in generated sentences: what is not local to a site.

A word of a site's own stands out because ordinary sentences do not have it; and what stands before
and behind it tells whether it is a place, a thing, a verb or a relation. The counts are kept in
``ordinary.json``; make them again with

    python -m nl_planner.learning.ordinary
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from tqdm import tqdm

from nl_planner.learning.tokens import Phrase, Phrases, masked, tokens
from nl_planner.task import Relation

START, END = "<s>", "</s>"
SORTS = ("place", "thing", "action", "relation")
"""What a word may stand for."""
_FILE = Path(__file__).with_name("ordinary.json")
_SENTENCES, _SEED = 16000, 3
_KEPT = 2
"""Counts below this are left out of the file."""
_USUAL = 0.01
"""A neighbour that stands there in this share of the sentences is as usual as any."""


def shown(sort: str) -> str:
    """What stands for a known name of this sort in a masked sentence."""
    return f"<{sort}>"


@dataclass(frozen=True)
class Ordinary:
    """The counts of one language.

    ``stretches``: masked stretches of one or two tokens → in how many places. ``sides``: sort and
    side → neighbour → share of all neighbours of that sort on that side.
    """

    stretches: Mapping[str, int]
    sides: Mapping[str, Mapping[str, float]]
    wordings: Mapping[str, tuple[str, ...]]
    """Sort and value ("action sweep") → the words that ordinarily say it, the first to be used."""

    @cached_property
    def phrases(self) -> Mapping[Phrase, set[str]]:
        """Wording as tokens → what it says."""
        said: dict[Phrase, set[str]] = {}
        for meaning, wordings in self.wordings.items():
            for wording in wordings:
                said.setdefault(tokens(wording).words, set()).add(meaning)
        return said

    def novelty(self, phrase: Phrase) -> float:
        """Near 1 for what ordinary sentences lack, near 0 for what they have."""
        if len(phrase) == 1:
            return 1 / (1 + self.stretches.get(phrase[0], 0) / 2)
        pairs = [" ".join(phrase[i : i + 2]) for i in range(len(phrase) - 1)]
        strange = [1 / (1 + self.stretches.get(pair, 0) / 2) for pair in pairs]
        return sum(strange) / len(strange)

    def common(self, word: str) -> bool:
        """Whether a token is one of those that make up sentences rather than names."""
        return self.stretches.get(word, 0) >= self._often

    @cached_property
    def _often(self) -> int:
        single = sorted(
            (n for stretch, n in self.stretches.items() if " " not in stretch), reverse=True
        )
        return single[min(80, len(single) - 1)] if single else 1

    def usual(self, sort: str, before: str, after: str) -> float:
        """How usual these neighbours are for a word of this sort (0..1)."""
        found = 1.0
        for side, neighbour in (("before", before), ("after", after)):
            share = self.sides[f"{sort} {side}"].get(neighbour, 0.0)
            found *= 0.25 + 0.75 * min(1.0, share / _USUAL)
        return found


@cache
def ordinary(language: str) -> Ordinary:
    """The counts of a language."""
    data = json.loads(_FILE.read_text("utf-8"))[language]
    wordings = {key: tuple(texts) for key, texts in data["wordings"].items()}
    return Ordinary(data["stretches"], data["sides"], wordings)


def _wordings(language: str) -> dict[str, list[str]]:
    """What ordinarily says an action or a relation, from the tables of the generator."""
    from nl_planner.learning.generate.speaker import phrases

    data = phrases(language)
    found: dict[str, list[str]] = {}
    for name, forms in data["verbs"].items():
        texts: list[str] = []
        if language == "zh":
            first = data["stem"].get(name, "")
            for form in ("S", "V0", "VO0", "VO", "V"):
                texts += forms.get(form, "").split("/")
        else:
            first = ""
            for form in ("obj", "area") if name == "pick_up" else ("area", "obj"):
                texts += re.split("[:/]", forms.get(form, ""))
            texts += forms.get("noun", "").split("/")
        key = f"action {name}"
        found[key] = list(dict.fromkeys(t for t in (first, *texts) if t and "{" not in t))
    for name, scopes in data["relations"].items():
        if name not in set(Relation) or name in (Relation.IN, Relation.BETWEEN):
            continue
        found[f"relation {name}"] = list(
            dict.fromkeys(
                wording.lstrip("=").replace("{L}", "").strip()
                for texts in scopes.values()
                for wording in (texts if isinstance(texts, list) else texts["P"])
                if wording.count("{") == 1
            )
        )
    return found


def _counted(language: str, examples: list[Any]) -> dict[str, Any]:
    wordings = _wordings(language)
    verbs = Phrases(tokens(t).words for k, ts in wordings.items() if "action" in k for t in ts)
    relations = Phrases(
        tokens(t).words for k, ts in wordings.items() if "relation" in k for t in ts
    )
    stretches: Counter[str] = Counter()
    sides = {f"{sort} {side}": Counter[str]() for sort in SORTS for side in ("before", "after")}
    for example in tqdm(examples, desc=language):
        words = tokens(example.text).words
        names = {
            tokens(m.surface).words: "thing" if m.kind == "class" else "place"
            for m in example.mentions
        }
        masks = {f.start: (f.end, shown(names[f.phrase])) for f in Phrases(names).find(words)}
        plain = [START, *masked(words, masks), END]
        stretches.update(plain)
        stretches.update(" ".join(pair) for pair in pairwise(plain))
        for at, word in enumerate(plain):
            for sort in ("place", "thing"):
                if word == shown(sort):
                    sides[f"{sort} before"][plain[at - 1]] += 1
                    sides[f"{sort} after"][plain[at + 1]] += 1
        for sort, table in (("action", verbs), ("relation", relations)):
            for found in table.find(plain):
                # 扫一下: what follows the verb itself, and what follows all of it
                verb_end = found.start + 1 if language == "zh" and sort == "action" else found.end
                sides[f"{sort} before"][plain[found.start - 1]] += 1
                sides[f"{sort} after"][plain[verb_end]] += 1
    return {
        "stretches": {s: n for s, n in stretches.most_common() if n >= _KEPT},
        "sides": {
            key: {w: round(n / counts.total(), 4) for w, n in counts.most_common(400) if n > 1}
            for key, counts in sides.items()
        },
        "wordings": wordings,
    }


def main() -> None:
    """Count again and write the file."""
    from nl_planner.learning.generate import generate

    examples = [e for _, e in tqdm(generate(_SEED, _SENTENCES, "train"), total=_SENTENCES)]
    document = {
        language: _counted(language, [e for e in examples if e.language == language])
        for language in ("zh", "en")
    }
    _FILE.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")), "utf-8")


if __name__ == "__main__":
    main()
