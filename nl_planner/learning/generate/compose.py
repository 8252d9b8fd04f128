"""From a clause to a finished example: what the kinds of sentences have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from nl_planner.learning.generate.clause import Clause, SpokenPlace, Thing, pick_thing
from nl_planner.learning.generate.example import UNLISTED, Example
from nl_planner.learning.generate.litter import litter
from nl_planner.learning.generate.noise import finish
from nl_planner.learning.generate.places import PlaceChooser, accepted
from nl_planner.learning.generate.sites import NamedSite
from nl_planner.learning.generate.speaker import Speaker
from nl_planner.task import Action, Relation


@dataclass
class Made:
    """What a kind hands back before its sentence is finished."""

    text: str
    intent: str
    clauses: tuple[Clause, ...] = ()
    except_places: tuple[SpokenPlace, ...] = ()
    except_objects: tuple[str, ...] = ()
    tasks: tuple[dict[str, Any], ...] | None = None
    before: tuple[str, tuple[dict[str, Any], ...]] | None = None
    carried: tuple[str, ...] = ()
    generic: tuple[bool, ...] = ()
    accept: tuple[tuple[str, ...], ...] = ()
    asked: Example | None = None
    doubted: bool = False
    answer: SpokenPlace | None = None
    plain: bool = False
    """No lead, trail or filler: the sentence is whole as it is."""


class Composer:
    """Makes one example on one site in one language."""

    def __init__(self, site: NamedSite, language: str, rng: Random, split: str) -> None:
        self.site, self.language, self.rng, self.split = site, language, rng, split
        self.speaker = Speaker(site, language, rng, split)
        self.places = PlaceChooser(site, rng, language)
        self.frames = self.speaker.data["frames"]
        self.talk = self.speaker.data["talk"]

    def make(self, kind: str, compose: Callable[[Composer], Made]) -> Example:
        """What ``compose`` makes, finished, as an example of ``kind``."""
        made = compose(self)
        text, mentions = finish(
            made.text, self.speaker.mentions, self.site, self.language, self.rng, plain=made.plain
        )
        tasks = made.tasks if made.tasks is not None else tuple(self.task(c) for c in made.clauses)
        if made.except_places and tasks:
            outs = [place.reading() for place in made.except_places]
            tasks = tuple({**task, "except": outs} for task in tasks)
        if made.except_objects:
            tasks = tuple({**t, "except_objects": list(made.except_objects)} for t in tasks)
        places = [made.answer] if made.answer else [clause.place for clause in made.clauses]
        referents = [r for p in [*places, *made.except_places] if p for r in p.referents]
        return Example(
            text=text,
            language=self.language,
            intent=made.intent,
            kind=kind,
            tasks=tasks,
            mentions=mentions,
            generic=made.generic or tuple(c.verb == "generic" for c in made.clauses),
            accept=made.accept
            or tuple(accepted(p) if p else () for p in places)
            or ((),) * len(tasks),
            before=made.before,
            asked=made.asked,
            doubted=made.doubted,
            answer=made.answer.reading() if made.answer else None,
            carried=made.carried,
            pattern_ids=tuple(self.speaker.patterns),
            site_kind=self.site.kind,
            groups={r.landmark_id: r.ids for r in referents if r.landmark_id[:1] in "*?" and r.ids},
        )

    def task(self, clause: Clause) -> dict[str, Any]:
        """The clause in the contract's form."""
        thing = clause.thing
        return {
            "action": clause.action.value,
            "object": (thing.id if thing.listed else UNLISTED) if thing else None,
            "place": clause.place.reading() if clause.place else None,
            "except": [],
            "passes": clause.passes,
        }

    # ---- parts -------------------------------------------------------------------------------

    def frame(self, group: str, clause: Clause | None = None, **extra: Any) -> str:
        """A sentence from one of the frames of ``group``."""
        template = self.speaker.pattern(group, self.frames[group])
        return self.speaker.say(template, clause, **extra)

    def said(
        self, group: str, templates: list[str], clause: Clause | None = None, **extra: Any
    ) -> str:
        """A sentence from one of ``templates`` of the talk tables."""
        return self.speaker.say(self.speaker.pattern(group, templates), clause, **extra)

    def clause(self, place: SpokenPlace | None = None, thing: Thing | None = None, *,
               generic: float = 0.3, inspect: float = 0.12) -> Clause:  # fmt: skip
        """Work this machine can do: a method that suits the thing, or a verb without method."""
        actions = list(self.site.actions)
        first = actions[0]
        suited = [
            action
            for action in actions
            if action is not Action.INSPECT
            and (action in methods(thing) if thing else action != Action.PICK_UP)
        ]
        if Action.INSPECT in actions and self.rng.random() < inspect:
            return Clause(Action.INSPECT, "inspect", place, thing)
        if not suited or self.rng.random() < generic:
            return Clause(first, "generic", place, thing)
        action = self.rng.choice(suited)
        return Clause(action, action.value, place, thing)

    def thing(self, allowed: Callable[[str], bool] = lambda _: True) -> Thing:
        """A class of litter of this site."""
        return pick_thing(self.site, self.rng, allowed)

    def area_sentence(self, clause: Clause) -> str:
        """Work on a whole place, said in one sentence."""
        if clause.verb == "generic" and self.rng.random() < 0.35:
            return self.frame("area_complaint", clause)
        place = clause.place
        assert place is not None
        others = [a for a in self.site.actions if a not in (clause.action, Action.PICK_UP)]
        if clause.verb != "generic" and others and self.rng.random() < 0.025:
            return self._repaired(clause, self.rng.choice(others))
        around = place.relation is Relation.AROUND and not place.bare and not place.distance
        named = place.referents[0].landmark_id not in ("operator", "robot")
        if around and named and self.rng.random() < 0.3:
            place.accept = ("around",)
            return self.frame(
                "around_verb", clause, L=lambda: self.speaker.name(place.referents[0])
            )
        if self._along(place):
            return self.frame("along_verb", clause, L=lambda: self.speaker.name(place.referents[0]))
        return self.frame("area", clause)

    def _along(self, place: SpokenPlace | None) -> bool:
        """Whether to say "along" before the verb: in Chinese it often stands there."""
        along = place is not None and place.relation is Relation.ALONG and not place.distance
        return along and self.language == "zh" and self.rng.random() < 0.6

    def _repaired(self, clause: Clause, wrong: Action) -> str:
        """The method put right in the middle of the sentence."""
        other = Clause(wrong, wrong.value)
        forms = {"Vo": "{V}", "V0o": "{V0}", "So": "{S}", "Go": "{G}"}
        extra = {k: (lambda f=f: self.speaker.say(f, other)) for k, f in forms.items()}
        return self.frame("area_repair", clause, **extra)

    def object_sentence(self, clause: Clause) -> str:
        """Work on things at a place, said in one sentence."""
        thing = clause.thing
        assert thing is not None
        if clause.verb == "generic" and self.rng.random() < 0.4:
            return self.frame("object_complaint", clause)
        if clause.verb == "inspect" and self.rng.random() < 0.6:
            return self.frame("object_inspect", clause)
        if clause.verb == "pick_up" and thing.id == "litter" and self.rng.random() < 0.4:
            return self.frame("object_pick", clause)
        place = clause.place
        if place and self._along(place):
            return self.frame(
                "along_object", clause, L=lambda: self.speaker.name(place.referents[0])
            )
        return self.frame("object", clause)

    def sentence(self, clause: Clause) -> str:
        """Work on a place, with or without an object."""
        if clause.verb == "go":
            return self.frame("go", clause)
        return self.object_sentence(clause) if clause.thing else self.area_sentence(clause)

    def step(self, clause: Clause, form: str = "") -> str:
        """One step of a sequence. Forms: "" imperative, "g" gerund, "w" done, "n" bare."""
        say = self.speaker.say
        if self.language == "en" and form == "g":
            template = "{GO} {P}" if clause.thing else "{G} {W}"
            return say("going to {N}" if clause.verb == "go" else template, clause)
        if form in ("w", "n"):
            if clause.verb == "go":
                return say("到了{P}" if form == "w" else "去{P}", clause)
            stem = self.speaker.data["stem"][clause.verb] + ("完" if form == "w" else "")
            return say(stem + ("{P}的{O}" if clause.thing else "{P}"), clause)
        group = "go" if clause.verb == "go" else "object" if clause.thing else "area"
        return say(self.rng.choice(self.speaker.data["steps"][group]), clause)

    def some_clause(self, *, objects: float = 0.4, go: float = 0.0) -> Clause:
        """Any work at any place."""
        if self.rng.random() < go:
            return Clause(Action.GO_TO, "go", self.places.place("go"))
        if self.rng.random() < objects:
            return self.clause(self.places.place("object"), self.thing(), generic=0.2)
        return self.clause(self.places.place("area"), generic=0.25)


def methods(thing: Thing) -> tuple[Action, ...]:
    """What is done to such things, besides inspecting them."""
    entry = litter().get(thing.id)
    return entry.actions if entry else (Action.PICK_UP, Action.SWEEP, Action.VACUUM)


def takes(action: Action | str, class_id: str) -> bool:
    """Whether one does this to things of this class."""
    entry = litter().get(class_id)
    return action == Action.INSPECT or bool(entry and action in entry.actions)
