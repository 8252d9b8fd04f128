"""Sentences of every kind with their readings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from nl_planner.learning.generate.example import (
    NOWHERE,
    OUTSIDE,
    REFUSE,
    SEVERAL,
    UNKNOWN,
    UNLISTED,
    Example,
)
from nl_planner.learning.generate.litter import litter
from nl_planner.learning.generate.noise import finish
from nl_planner.learning.generate.places import PlaceChooser, accepted
from nl_planner.learning.generate.sites import NamedSite
from nl_planner.learning.generate.speaker import (
    Clause,
    Referent,
    Speaker,
    SpokenPlace,
    Thing,
    group_referent,
    pick_thing,
)
from nl_planner.task import Action, Intent, Relation

_UNLISTED = (
    ("足球", "football"), ("玩具", "toy"), ("书", "book"), ("雨伞", "umbrella"), ("钥匙", "key"),
    ("帽子", "hat"), ("积木", "toy brick"), ("水管", "hose"), ("袜子", "sock"), ("羽毛球", "shuttlecock"),
    ("轮胎", "tyre"), ("网球", "tennis ball"), ("充电线", "charging cable"), ("衣架", "coat hanger"),
    ("眼镜", "pair of glasses|pairs of glasses"), ("乒乓球", "ping-pong ball"), ("文件夹", "folder"),
    ("耳机", "earphone"), ("橡皮", "eraser"), ("粉笔头", "piece of chalk|pieces of chalk"),
)  # fmt: skip


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

    def make(self, kind: str) -> Example:
        """An example of ``kind``, one of ``KINDS``."""
        made: Made = KINDS[kind][1](self)
        text, mentions = finish(
            made.text, self.speaker.mentions, self.site, self.language, self.rng, plain=made.plain
        )
        tasks = made.tasks if made.tasks is not None else tuple(self.task(c) for c in made.clauses)
        if made.except_places and tasks:
            outs = [place.reading() for place in made.except_places]
            tasks = tuple({**task, "except": outs} for task in tasks)
        if made.except_objects:
            tasks = tuple({**t, "except_objects": list(made.except_objects)} for t in tasks)
        places = [clause.place for clause in made.clauses]
        referents = [r for p in [*places, *made.except_places] if p for r in p.referents]
        return Example(
            text=text,
            language=self.language,
            intent=made.intent,
            kind=kind,
            tasks=tasks,
            mentions=mentions,
            generic=made.generic or tuple(c.verb == "generic" for c in made.clauses),
            accept=tuple(accepted(p) if p else () for p in places) or ((),) * len(tasks),
            before=made.before,
            carried=made.carried,
            pattern_ids=tuple(self.speaker.patterns),
            site_kind=self.site.kind,
            groups={r.token: r.ids for r in referents if r.token[:1] in "*?" and r.ids},
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
            a for a in actions
            if a is not Action.INSPECT and (a in self._methods(thing) if thing else a != Action.PICK_UP)
        ]  # fmt: skip
        if Action.INSPECT in actions and self.rng.random() < inspect:
            return Clause(Action.INSPECT, "inspect", place, thing)
        if not suited or self.rng.random() < generic:
            return Clause(first, "generic", place, thing)
        action = self.rng.choice(suited)
        return Clause(action, action.value, place, thing)

    @staticmethod
    def _methods(thing: Thing) -> tuple[Action, ...]:
        entry = litter().get(thing.id)
        return entry.actions if entry else (Action.PICK_UP, Action.SWEEP, Action.VACUUM)

    def thing(self, allowed: Callable[[str], bool] = lambda _: True) -> Thing:
        """A class of litter of this site."""
        return pick_thing(self.site, self.rng, allowed)

    def area_sentence(self, clause: Clause) -> str:
        """Work on a whole place, said in one sentence."""
        if clause.verb == "generic" and self.rng.random() < 0.35:
            return self.frame("area_complaint", clause)
        place = clause.place
        assert place is not None
        methods = [a for a in self.site.actions if a not in (clause.action, Action.PICK_UP)]
        if clause.verb != "generic" and methods and self.rng.random() < 0.025:
            return self._repaired(clause, self.rng.choice(methods))
        if (place.relation == Relation.AROUND and not place.bare and not place.distance
                and place.referents[0].token not in ("operator", "robot") and self.rng.random() < 0.3):  # fmt: skip
            place.accept = ("around",)
            return self.frame(
                "around_verb", clause, L=lambda: self.speaker.name(place.referents[0])
            )
        return self.frame("area", clause)

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

    # ---- kinds -------------------------------------------------------------------------------

    def object_place(self) -> Made:
        if self.rng.random() < 0.12:
            clause = self.clause(None, self.thing())
            return Made(self.frame("object_anywhere", clause), Intent.CLEAN, (clause,))
        clause = self.clause(self.places.place("object"), self.thing(), inspect=0.15)
        return Made(self.object_sentence(clause), Intent.CLEAN, (clause,))

    def confusable(self) -> Made:
        family = self.rng.choice(
            [
                "bottle",
                "bottle",
                "cup",
                "bag",
                "paper",
                "litter",
                "takeaway_box",
                "can",
                "debris",
                "spill",
            ]
        )
        tree = self.site.classes.classes

        def within(class_id: str) -> bool:
            parent = tree[class_id].parent
            return class_id == family or parent == family or (
                parent is not None and tree[parent].parent == family and family != "litter")  # fmt: skip

        clause = self.clause(self.places.place("object"), self.thing(within), generic=0.15)
        return Made(self.object_sentence(clause), Intent.CLEAN, (clause,))

    def whole_area(self) -> Made:
        clause = self.clause(self.places.place("area"))
        return Made(self.area_sentence(clause), Intent.CLEAN, (clause,))

    def relation(self) -> Made:
        clause = self.clause(self.places.place("relation"))
        return Made(self.area_sentence(clause), Intent.CLEAN, (clause,))

    def group(self) -> Made:
        found = self.places.families()
        if not found:
            return self.relation()
        word, members = self.rng.choice(found)
        referent = group_referent(word, members, self.site, self.language, self.rng)
        place = self.places.around(referent)
        thing = self.thing() if self.rng.random() < 0.35 else None
        clause = self.clause(place, thing)
        return Made(self.sentence(clause), Intent.CLEAN, (clause,))

    def go(self) -> Made:
        clause = Clause(Action.GO_TO, "go", self.places.place("go"))
        return Made(self.frame("go", clause), Intent.GO, (clause,))

    def passes(self) -> Made:
        place = self.places.place(self.rng.choice(["area", "relation"]))
        clause = self.clause(place, generic=0.25)
        if clause.action is Action.PICK_UP:
            return self.relation()
        draw = self.rng.random()
        if draw < 0.12:
            clause.passes = 2
            return Made(self.frame("passes_many", clause), Intent.CLEAN, (clause,))
        if draw < 0.2:
            return Made(self.frame("passes_once", clause), Intent.CLEAN, (clause,))
        clause.passes = self.rng.choice([2, 2, 2, 2, 3, 3, 3, 4, 5])
        return Made(self.frame("passes", clause), Intent.CLEAN, (clause,))

    def exclusion(self) -> Made:
        draw = self.rng.random()
        if draw < 0.2:
            return self.except_things()
        two = self.rng.random() < 0.12
        outs = tuple(self.places.place("except_two" if two else "except") for _ in range(1 + two))
        tokens = {r.token for out in outs for r in out.referents}

        def said(form: str) -> str:
            joint = {"zh": "和", "en": " and "}[self.language]
            return joint.join(self.speaker.place(out, form, simple=True) for out in outs)

        extra: dict[str, Any] = {
            "X": lambda: said("P"), "XN": lambda: said("N"), "XP": lambda: said("P"),
        }  # fmt: skip
        if draw < 0.4:
            clause = self.clause(self.places.built_in("site"))
            return Made(self.frame("except_site", clause, **extra), Intent.CLEAN, (clause,), outs)
        for _ in range(20):
            main = (self.places.built_in("site") if self.rng.random() < 0.45
                    else self.places.place("area"))  # fmt: skip
            if not tokens & {r.token for r in main.referents}:
                break
        thing = self.thing() if self.rng.random() < 0.2 else None
        clause = self.clause(main, thing, generic=0.4)
        text = self.frame("except", clause, C=lambda: self.step(clause), **extra)
        return Made(text, Intent.CLEAN, (clause,), outs)

    def except_things(self) -> Made:
        tree = self.site.classes.classes
        general = self.thing(lambda i: i in ("bottle", "litter", "cup", "bag", "paper", "debris"))
        special = self.thing(lambda i: i != general.id and tree[i].parent is not None
                             and general.id in _ancestors(tree, i))  # fmt: skip
        general.number = special.number = "pl"
        clause = self.clause(self.places.place("object"), general, generic=0.25, inspect=0)
        extra = {
            "X": lambda: self.speaker.thing(special, "bare" if self.language == "zh" else "the"),
            "Xthey": "they" if special.en[1] else "it",
            "Xare": "are" if special.en[1] else "is",
        }
        text = self.frame("except_objects", clause, **extra)
        return Made(text, Intent.CLEAN, (clause,), except_objects=(special.id,))

    def sequence(self) -> Made:
        draw = self.rng.random()
        patterns = self.speaker.data["sequence"]
        if draw < 0.36:
            return self._shared(patterns)
        if draw < 0.44:
            return self._objects_two(patterns)
        if draw < 0.53:
            return self._same_place(patterns)
        group = self.rng.choices(["two", "two_reversed", "three"], [60, 18, 22])[0]
        clauses = [self.some_clause(go=0.12) for _ in range(3 if group == "three" else 2)]
        if all(c.verb == "go" for c in clauses):
            clauses[0] = self.clause(self.places.place("area"))
        extra: dict[str, Any] = {}
        for number, clause in enumerate(clauses, start=1):
            for form in ("", "g", "w", "n"):
                extra[f"{number}{form}"] = lambda c=clause, f=form: self.step(c, f)
        text = self.said(f"sequence.{group}", patterns[group], None, **extra)
        return Made(text, Intent.CLEAN, tuple(clauses))

    def _shared(self, patterns: Any) -> Made:
        three = self.rng.random() < 0.2
        first = self.clause(
            self.places.place(self.rng.choice(["area", "area", "relation"])), generic=0.25
        )
        others = [
            replace(first, place=self.places.like(first.place)) for _ in range(2 if three else 1)
        ]
        clauses = (first, *others)
        extra: dict[str, Any] = {
            "V0b": lambda: self.speaker.say("{V0}", first), "Vb": lambda: self.speaker.say("{V}", first),
        }  # fmt: skip
        for letter, clause in zip("abc", clauses, strict=False):
            extra[f"P{letter}"] = lambda c=clause: self.speaker.place(c.place, "P", simple=True)
            extra[f"N{letter}"] = lambda c=clause: self.speaker.place(c.place, "N", simple=True)
        group = "shared_three" if three else "shared"
        text = self.said(f"sequence.{group}", patterns[group], first, **extra)
        return Made(text, Intent.CLEAN, clauses)

    def _objects_two(self, patterns: Any) -> Made:
        first = self.clause(self.places.place("object"), self.thing(), generic=0.2, inspect=0.05)
        for _ in range(30):
            other = self.thing()
            fits = first.verb in ("generic", "inspect") or first.action in self._methods(other)
            if fits and first.thing and other.id != first.thing.id:
                break
        else:
            return self.object_place()
        second = replace(first, thing=other)
        one = first.thing
        extra = {
            "Oa": lambda: self.speaker.thing(one, "bare"),
            "Ob": lambda: self.speaker.thing(other, "bare" if self.language == "zh" else "def"),
        }
        text = self.said("sequence.objects_two", patterns["objects_two"], first, **extra)
        return Made(text, Intent.CLEAN, (first, second))

    def _same_place(self, patterns: Any) -> Made:
        place = self.places.place(self.rng.choice(["area", "relation"]))
        template = self.speaker.pattern("sequence.same_place", patterns["same_place"])
        thing = self.thing() if "{O}" in template or "{VO}" in template else None
        first = self.clause(place, thing, generic=0.15)
        choices = [a for a in self.site.actions if a not in (first.action, Action.PICK_UP)]
        if not choices:
            return self.sequence()
        action = self.rng.choice(choices)
        second = Clause(action, action.value, place)
        verb = "{V}"
        text = self.speaker.say(template, first, Vb=lambda: self.speaker.say(verb, second),
                                Vbit=lambda: self.speaker.say("{Vit}", second))  # fmt: skip
        return Made(text, Intent.CLEAN, (first, second))

    def reference(self) -> Made:
        """Again, the same place, the same there: what was said before counts."""
        before = self._earlier()
        old = before[1][0]
        verb = self._verb_before
        draw = self.rng.random()
        last = self.places.built_in("last")
        if draw < 0.4:
            task = {**old, "place": last.reading(), "except": [], "passes": 1}
            text = self.frame("last_same", Clause(Action(old["action"]), verb))
            carried = ("action", "object")
            return Made(text, Intent.CLEAN, tasks=(task,), before=before, carried=carried,
                        generic=(verb == "generic",))  # fmt: skip
        if draw < 0.65:
            clause = self.clause(last, generic=0.2)
            text = self.frame("last_action", clause)
            return Made(text, Intent.CLEAN, (clause,), before=before)
        relation = old["place"]["relation"]
        place = self.places.place("area")
        carried = ["action", "object", "passes"]
        if (
            relation in ("in_front_of", "behind", "near", "left_of", "right_of")
            and self.rng.random() < 0.5
        ):
            place = self.places.with_relation(Relation(relation)) or place
        clause = Clause(Action(old["action"]), verb, place)
        text = self.frame("same_at", clause)
        task = {**old, "place": place.reading(), "except": []}
        made = Made(
            text, Intent.CLEAN, (clause,), tasks=(task,), before=before, carried=tuple(carried)
        )
        return made

    def _earlier(self, *, passes: bool = False) -> tuple[str, tuple[dict[str, Any], ...]]:
        """An instruction said just before, on the same site."""
        other = Composer(self.site, self.language, self.rng, self.split)
        other.speaker.repairs = False
        kind = self.rng.choice(["whole_area", "whole_area", "relation", "object_place"])
        for _ in range(50):
            other.speaker.mentions, other.speaker.patterns = [], []
            example = other.make(kind)
            place = example.tasks[0]["place"]
            if (
                place
                and place["relation"] != "between"
                and place["landmarks"][0] in self.site.by_id
            ):
                break
        self._verb_before = "generic" if example.generic[0] else example.tasks[0]["action"]
        self._accept_before = example.accept
        return example.text, example.tasks

    # ---- questions back ----------------------------------------------------------------------

    def ask_ambiguous(self) -> Made:
        draw = self.rng.random()
        nowhere = SpokenPlace(Relation.IN, (Referent((), NOWHERE, "area", True),))
        if draw < 0.14:
            clause = self.clause(nowhere, generic=0.5)
            return Made(self.frame("no_place", clause), Intent.CLEAN, (clause,))
        if draw < 0.25:
            thing = Thing("", "", ("", ""), number=self.rng.choice(["sg", "pl"]))
            actions = [a for a in self.site.actions if a is not Action.SCRUB]
            action = (
                Action.PICK_UP
                if Action.PICK_UP in actions
                else self.rng.choice(list(self.site.actions))
            )
            clause = Clause(action, action.value, nowhere, thing)
            vthat = lambda: self.speaker.say("{VT}", clause).replace(
                " it", self.rng.choice([" that", " that thing", " it"])
            )  # noqa: E731
            text = self.frame("pronoun", clause, Vthat=vthat)
            made = Made(text, Intent.CLEAN, (clause,))
            task = {**self.task(clause), "object": None}
            return replace(made, tasks=(task,))
        found = self.places.families()
        if not found:
            clause = self.clause(nowhere, generic=0.5)
            return Made(self.frame("no_place", clause), Intent.CLEAN, (clause,))
        word, members = self.rng.choice(found)
        first = self.site.by_id[members[0]]
        surface = word if self.language == "zh" else f"the {word}"
        referent = Referent(members, SEVERAL + word, first.kind, first.enter, first, (surface,))
        return self._work_at(referent)

    def _work_at(self, referent: Referent) -> Made:
        place = self.places.around(referent)
        draw = self.rng.random()
        if draw < 0.12:
            clause = Clause(Action.GO_TO, "go", place)
            return Made(self.frame("go", clause), Intent.GO, (clause,))
        clause = self.clause(place, self.thing() if draw < 0.45 else None)
        return Made(self.sentence(clause), Intent.CLEAN, (clause,))

    def ask_unknown(self) -> Made:
        found = self.places.unknown()
        if found is None:
            return self.ask_ambiguous()
        surface, kind, enter = found
        return self._work_at(Referent((), UNKNOWN, kind, enter, None, (surface,)))

    def not_seen(self) -> Made:
        if self.rng.random() < 0.5:
            return self.object_place()
        from nl_planner.learning.generate.litter import number_forms

        zh, noun = self.rng.choice(_UNLISTED)
        thing = Thing(
            "", zh, number_forms(noun), number=self.rng.choice(["sg", "pl"]), listed=False
        )
        clause = self.clause(self.places.place("object"), thing, generic=0.2, inspect=0.1)
        return Made(self.object_sentence(clause), Intent.CLEAN, (clause,))

    # ---- refusals ----------------------------------------------------------------------------

    def refuse(self) -> Made:
        return self.rng.choices(
            [self._impossible, self._keepout, self._outside, self._harm, self._rules, self._job],
            [28, 16, 12, 18, 20, 10],
        )[0]()

    def _impossible(self) -> Made:
        lacking = [a for a in Action if a not in (*self.site.actions, Action.GO_TO)]
        if not lacking:
            return self._job()
        action = self.rng.choice(lacking)
        if action is Action.PICK_UP or self.rng.random() < 0.25:

            def suited(class_id: str) -> bool:
                entry = litter().get(class_id)
                return action is Action.INSPECT or bool(entry and action in entry.actions)

            clause = Clause(action, action.value, self.places.place("object"), self.thing(suited))
        else:
            clause = Clause(
                action, action.value, self.places.place(self.rng.choice(["area", "relation"]))
            )
        return Made(self.sentence(clause), Intent.CLEAN, (clause,))

    def _keepout(self) -> Made:
        place = self.places.keepout()
        clause = self.clause(place, self.thing(), generic=0.3)
        template = self.speaker.pattern("keepout", self.talk["keepout"])
        if not any(f"{{{slot}}}" in template for slot in ("O", "Oi", "VO", "There", "VT")):
            clause = self.clause(place, None, generic=0.3)
        name = lambda: self.speaker.name(place.referents[0])  # noqa: E731
        elsewhere = self.places.place("area")
        text = self.speaker.say(template, clause, X=name,
                                P=lambda: self.speaker.place(elsewhere, "P"),
                                N=lambda: self.speaker.place(elsewhere, "N"))  # fmt: skip
        driving = ("shortcut", "穿", "近路", "走)过去", "(过|上){X}", "{Q}go into")
        if any(word in template for word in driving):
            clause = Clause(Action.GO_TO, "go", place)
        elif (
            "{O}" not in template
            and "{Oi}" not in template
            and "{VO}" not in template
            and "{There}" not in template
        ) or not any(m.kind == "class" for m in self.speaker.mentions):
            clause.thing = None
        return Made(text, Intent.CLEAN, (clause,))

    def _outside(self) -> Made:
        place = SpokenPlace(Relation.IN, (Referent((), OUTSIDE, "road", True),))
        clause = self.clause(place, self.thing(), generic=0.4, inspect=0.05)
        template = self.speaker.pattern("outside", self.talk["outside"])
        if not any(f"{{{slot}}}" in template for slot in ("O", "Oi", "VO")):
            clause = self.clause(place, None, generic=0.4, inspect=0.05)
        words = self.site.words_zh if self.language == "zh" else self.site.words_en
        word = next(
            (
                w
                for w in words
                if "整" not in w and "全" not in w and "whole" not in w and "entire" not in w
            ),
            words[0],
        )
        text = self.speaker.say(template, clause, W=word, Ww=word)
        return Made(text, Intent.CLEAN, (clause,))

    def _dangerous(self, group: str) -> Made:
        clause = self.clause(self.places.place("area"))
        named = self.places.landmark()
        text = self.said(group, self.talk[group], clause,
                         L=lambda: self.speaker.name(named),
                         X=lambda: self.speaker.name(self.places.keepout().referents[0]))  # fmt: skip
        return Made(text, REFUSE, plain=self.rng.random() < 0.6)

    def _harm(self) -> Made:
        return self._dangerous("refuse_harm")

    def _job(self) -> Made:
        return self._dangerous("refuse_job")

    def _rules(self) -> Made:
        made = self._dangerous("refuse_rules")
        if self.rng.random() < 0.25:
            clause = self.some_clause()
            joint = {"zh": "，", "en": ". "}[self.language]
            parts = [made.text, self.step(clause)]
            if self.rng.random() < 0.5:
                parts.reverse()
            return Made(joint.join(parts), REFUSE, plain=True)
        return made

    # ---- control and talk --------------------------------------------------------------------

    def intent(self) -> Made:
        intent = self.rng.choice(
            [Intent.STOP, Intent.PAUSE, Intent.RESUME, Intent.DOCK, Intent.STATUS, Intent.YES,
             Intent.NO, Intent.CORRECT, Intent.CORRECT, Intent.REMEMBER, Intent.NONE, Intent.NONE,
             Intent.NONE, Intent.NONE]
        )  # fmt: skip
        if intent is Intent.CORRECT:
            return self._correct()
        named = self.places.landmark()
        text = self.said(intent.value, self.talk[intent.value], None,
                         L=lambda: self.speaker.name(named),
                         A=self.rng.choice(self.talk["taught"]))  # fmt: skip
        return Made(text, intent.value, plain=intent in (Intent.YES, Intent.NO, Intent.NONE))

    def _correct(self) -> Made:
        before = self._earlier()
        old = before[1][0]
        group = self.rng.choices(["place", "action", "object", "passes"], [60, 15, 15, 10])[0]
        if group == "object" and not old["object"]:
            group = "place"
        tokens = old["place"]["landmarks"]
        site = self.site
        self.speaker.repairs = False
        extra: dict[str, Any] = {}
        if group == "place":
            previous = site.by_id[tokens[0]]
            family = [
                t for t in site.landmarks if t.family == previous.family and t is not previous
            ]
            new = self.rng.choice(family if family and self.rng.random() < 0.6
                                  else [t for t in site.landmarks if t is not previous])  # fmt: skip
            place = {**old["place"], "landmarks": [new.id]}
            if place["relation"] in ("in", "around"):
                place["relation"] = "in" if new.enter else "around"
            place.pop("part", None)
            task = {**old, "place": place, "except": []}
            extra = {"L": lambda: self.speaker.name(self.places.of(new)),
                     "Lold": lambda: self.speaker.name(self.places.of(previous))}  # fmt: skip
            slot = "place"
        elif group == "action":
            options = [
                a
                for a in site.actions
                if a != old["action"] and (a != Action.PICK_UP or old["object"])
            ]
            if not options or (self._verb_before == "pick_up" and not old["object"]):
                return self._correct()
            action = self.rng.choice(options)
            task, slot = {**old, "action": action.value}, "action"
            verbs = self.speaker.data["verbs"]
            if self.language == "zh":
                extra = {"S": self.speaker.one(verbs[action]["S"]),
                         "Sold": self.speaker.one(verbs[self._verb_before]["S"])}  # fmt: skip
            else:
                new_form = verbs[action]["area"].split("/")[0].split(":")
                old_form = verbs[self._verb_before]["area"].split("/")[0].split(":")
                if action is Action.PICK_UP:
                    new_form = ["pick it up", "picking up", "picked up"]
                extra = dict(zip(("V", "G", "E"), new_form, strict=True))
                extra |= dict(
                    zip(("Vold", "Gold", "Eold"), old_form, strict=True), Vold0=old_form[0]
                )
        elif group == "object":
            allowed = self._same_method(old["action"])
            new_thing = self.thing(lambda i: i != old["object"] and allowed(i))
            old_thing = (
                self.thing(lambda i: i == old["object"]) if old["object"] in litter() else None
            )
            if old_thing is None:
                return self._correct()
            new_thing.number = old_thing.number = "pl"
            task, slot = {**old, "object": new_thing.id}, "object"
            extra = {"O": lambda: self.speaker.thing(new_thing, "bare" if self.language == "zh" else "def"),
                     "Oold": lambda: self.speaker.thing(old_thing, "bare" if self.language == "zh" else "def")}  # fmt: skip
        else:
            count = self.rng.choice([2, 2, 3, 4])
            task, slot = {**old, "passes": count}, "passes"
        clause = Clause(Action(task["action"]), task["action"], passes=task["passes"])
        text = self.said(f"correct.{group}", self.talk["correct"][group], clause, **extra)
        carried = tuple(s for s in ("action", "object", "place", "passes") if s != slot)
        if self.rng.random() < 0.2:
            return Made(text, Intent.CORRECT, plain=True)
        return Made(text, Intent.CORRECT, tasks=(task,), before=before, carried=carried,
                    generic=(self._verb_before == "generic" and slot != "action",), plain=True)  # fmt: skip

    def _same_method(self, action: str) -> Callable[[str], bool]:
        def allowed(class_id: str) -> bool:
            entry = litter().get(class_id)
            return action == "inspect" or bool(entry and action in entry.actions)

        return allowed


def _ancestors(tree: Any, class_id: str) -> list[str]:
    found: list[str] = []
    parent = tree[class_id].parent
    while parent:
        found.append(parent)
        parent = tree[parent].parent
    return found


KINDS: dict[str, tuple[float, Callable[[Composer], Made]]] = {
    "object_place": (15, Composer.object_place),
    "whole_area": (11, Composer.whole_area),
    "relation": (14, Composer.relation),
    "sequence": (12, Composer.sequence),
    "exclusion": (7, Composer.exclusion),
    "passes": (5, Composer.passes),
    "confusable": (6, Composer.confusable),
    "group": (3, Composer.group),
    "reference": (4, Composer.reference),
    "go": (3, Composer.go),
    "ask_ambiguous": (7, Composer.ask_ambiguous),
    "ask_unknown": (3, Composer.ask_unknown),
    "not_seen": (2, Composer.not_seen),
    "refuse": (9, Composer.refuse),
    "intent": (9, Composer.intent),
}
"""The kinds and how often they come, about as people ask."""
