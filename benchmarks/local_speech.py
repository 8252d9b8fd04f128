"""Sentences of people with words of their own, from the hand-written files in `learning_sites`."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from nl_planner.language.evaluate import Case
from nl_planner.site import Site, read_site
from nl_planner.task import Action, Place, Relation, Task, Understanding

HERE = Path(__file__).parent / "learning_sites"
_SIDES = ("in_front_of", "behind")


@dataclass(frozen=True)
class Said:
    """A sentence and what it means; also a lesson, as the journal would hold it."""

    id: int
    text: str
    language: str
    understanding: Understanding
    made: datetime
    before: None = None

    def numbered(self, number: int) -> Said:
        """The same with another id."""
        return replace(self, id=number)

    def case(self) -> Case:
        """The sentence as a case of `nl-planner eval`."""
        return Case(
            f"{self.language}_{self.id}",
            self.language,
            "local",
            self.text,
            {
                "intent": "clean",
                "status": "ready",
                "tasks": [self.understanding.to_json()["tasks"][0]],
            },
        )


class LocalSpeech:
    """The people of one site: ``name`` is that of its file."""

    def __init__(self, name: str):
        self.data: dict[str, Any] = yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8"))
        self.site_file = HERE / self.data["site"]
        self.site: Site = read_site(self.site_file)

    def lessons(self, language: str, count: int, seed: int) -> list[Said]:
        """Sentences as they come up, each once."""
        return self._draw(language, "lessons", count, seed)

    def held_out(self, language: str, count: int, seed: int = 0) -> list[Said]:
        """Sentences of other patterns than those of the lessons; each pattern equally often."""
        return self._draw(language, "held_out", count, seed)

    def ordinary(self, language: str) -> list[Said]:
        """Sentences without any local word."""
        return self._draw(language, "ordinary", 3 * len(self.data[language]["ordinary"]), 0)

    def _draw(self, language: str, group: str, count: int, seed: int) -> list[Said]:
        rng = random.Random(f"{seed}/{language}/{group}")
        patterns = list(self.data[language][group])
        drawn: dict[str, Said] = {}
        tries = 0
        while len(drawn) < count and tries < 40 * count:
            if tries % len(patterns) == 0:
                rng.shuffle(patterns)
            said = self._fill(language, patterns[tries % len(patterns)], len(drawn) + 1, rng)
            drawn.setdefault(said.text, said)
            tries += 1
        return list(drawn.values())

    def _fill(self, language: str, pattern: list[Any], number: int, rng: random.Random) -> Said:
        words = self.data[language]
        text, relation, action, thing, place = (*pattern, None, None, None)[:5]
        slots: dict[str, str] = {}
        if "{R}" in text:
            slots["R"] = rng.choice(list(words["relations"]))
            relation = words["relations"][slots["R"]]
        for slot, group in (("P", "places"), ("K", "known")):
            if f"{{{slot}}}" in text:
                fitting = {n: i for n, i in words[group].items() if self._fits(relation, i)}
                slots[slot] = rng.choice(list(fitting))
                place = fitting[slots[slot]]
        for slot, group in (("V", "area_verbs"), ("W", "thing_verbs"), ("T", "things")):
            if f"{{{slot}}}" in text:
                slots[slot] = rng.choice(list(words[group]))
                value = words[group][slots[slot]]
                action, thing = (action, value) if slot == "T" else (value, thing)
        text = re.sub(r"\{(\w)\}", lambda match: slots[match[1]], text)
        task = Task(
            action=Action(action),
            object=thing,
            place=Place(
                relation=Relation.IN if relation == "at" else Relation(relation),
                landmarks=(place,),
            ),
        )
        meant = Understanding(intent="clean", status="ready", tasks=(task,))
        made = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
        return Said(number, text, language, meant, made)

    def _fits(self, relation: str, landmark_id: str) -> bool:
        """Whether people can mean that: closed places have no inside, and not all have a front."""
        landmark = self.site.landmarks[landmark_id]
        if relation == "at":
            return landmark.enter
        return relation not in _SIDES or bool(landmark.entrances)
