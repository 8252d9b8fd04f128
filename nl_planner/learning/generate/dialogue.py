"""Control, answers, teaching, talk, and what leans on what was said before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nl_planner.learning.generate.clause import Clause, Referent, SpokenPlace
from nl_planner.learning.generate.compose import Composer, Made, takes
from nl_planner.learning.generate.example import ANSWER, EVERY, SEVERAL, Example
from nl_planner.learning.generate.limits import ask_unknown, no_place, work_at
from nl_planner.learning.generate.litter import litter
from nl_planner.learning.generate.nonsense import nonsense
from nl_planner.learning.generate.numerals import chinese, english, ordinal
from nl_planner.learning.generate.work import object_place, relation, sequence, whole_area
from nl_planner.task import Action, Intent, Relation

Before = tuple[str, tuple[dict[str, Any], ...]]
_COMPASS = {"east": "东", "west": "西", "south": "南", "north": "北"}
_FEW = 6
"""More options than these are not listed by a question."""


def other_person(composer: Composer) -> Composer:
    """Somebody else (or the same person, earlier) on the same site."""
    other = Composer(composer.site, composer.language, composer.rng, composer.split)
    other.speaker.repairs = False
    return other


def earlier(composer: Composer) -> tuple[Example, Before, str]:
    """An instruction said just before on the same site, and its verb."""
    for _ in range(50):
        other = other_person(composer)
        kind = composer.rng.choice([whole_area, whole_area, relation, object_place])
        example = other.make("before", kind)
        place = example.tasks[0]["place"]
        if place and place["relation"] != "between" and place["landmarks"][0] in other.site.by_id:
            break
    verb = "generic" if example.generic[0] else example.tasks[0]["action"]
    return example, (example.text, example.tasks), verb


def reference(composer: Composer) -> Made:
    """Again, the same place, the same there: what was said before counts."""
    _, before, verb = earlier(composer)
    old = before[1][0]
    draw = composer.rng.random()
    last = composer.places.built_in("last")
    if draw < 0.4:
        task = {**old, "place": last.reading(), "except": [], "passes": 1}
        text = composer.frame("last_same", Clause(Action(old["action"]), verb))
        carried = ("action", "object")
        return Made(text, Intent.CLEAN, tasks=(task,), before=before, carried=carried,
                    generic=(verb == "generic",))  # fmt: skip
    if draw < 0.65:
        clause = composer.clause(last, generic=0.2)
        text = composer.frame("last_action", clause)
        return Made(text, Intent.CLEAN, (clause,), before=before)
    before_relation = old["place"]["relation"]
    place = composer.places.place("area")
    if (
        before_relation in ("in_front_of", "behind", "near", "left_of", "right_of")
        and composer.rng.random() < 0.5
    ):
        place = composer.places.with_relation(Relation(before_relation)) or place
    clause = Clause(Action(old["action"]), verb, place)
    text = composer.frame("same_at", clause)
    task = {**old, "place": place.reading(), "except": []}
    return Made(
        text,
        Intent.CLEAN,
        (clause,),
        tasks=(task,),
        before=before,
        carried=("action", "object", "passes"),
    )


def intent(composer: Composer) -> Made:
    """Control, answers, teaching, and talk that is not for the robot."""
    meant = composer.rng.choice(
        [Intent.STOP, Intent.PAUSE, Intent.RESUME, Intent.DOCK, Intent.STATUS, Intent.YES,
         Intent.NO, Intent.CORRECT, Intent.CORRECT, Intent.REMEMBER, Intent.NONE, Intent.NONE,
         Intent.NONE, Intent.NONE]
    )  # fmt: skip
    if meant is Intent.CORRECT:
        return correct(composer)
    if meant is Intent.NONE and composer.rng.random() < 0.1:
        composer.speaker.patterns.append("nonsense")
        return Made(nonsense(composer.language, composer.rng), meant.value, plain=True)
    named = composer.places.landmark()
    text = composer.said(meant.value, composer.talk[meant.value], None,
                     L=lambda: composer.speaker.name(named),
                     A=composer.rng.choice(composer.talk["taught"]))  # fmt: skip
    return Made(text, meant.value, plain=meant in (Intent.YES, Intent.NO, Intent.NONE))


def answer(composer: Composer) -> Made:
    """What is said when the robot has asked: mostly the answer."""
    draw = composer.rng.random()
    if draw < 0.15:
        return doubted(composer)
    found = [f for f in composer.places.families() if len(f[1]) <= _FEW]
    if found and draw < 0.6:
        word, members = composer.rng.choice(found)
        asked = other_person(composer).make("asked", lambda c: ambiguous(c, word, members))
        made = which(composer, word, members)
    else:
        kind = ask_unknown if draw > 0.85 else no_place
        asked = other_person(composer).make("asked", kind)
        thing = bool(asked.tasks and asked.tasks[0]["object"])
        group = "thing_place" if thing and composer.rng.random() < 0.5 else "place"
        place = composer.places.place(composer.rng.choice(["area", "relation", "object"]))
        clause = Clause(Action.SWEEP, "sweep", place)
        made = answering(composer, group, place, clause)
    if composer.rng.random() < 0.12:  # something else instead
        aside = composer.rng.choice([whole_area, object_place, sequence, intent])(composer)
        if not aside.before:
            made = aside
    return replace(made, asked=asked)


def ambiguous(composer: Composer, word: str, members: tuple[str, ...]) -> Made:
    """Work at one of several places without saying which."""
    first = composer.site.by_id[members[0]]
    surface = word if composer.language == "zh" else f"the {word}"
    return work_at(
        composer, Referent(members, SEVERAL + word, first.kind, first.enter, first, (surface,))
    )


def which(composer: Composer, word: str, members: tuple[str, ...]) -> Made:
    """One of the options, or all of them."""
    rng, site = composer.rng, composer.site
    number = rng.randrange(len(members))
    chosen = site.by_id[members[number]]
    if rng.random() < 0.18:
        every = Referent(members, EVERY + word, chosen.kind, chosen.enter)
        group = "all_two" if len(members) == 2 and rng.random() < 0.6 else "all"
        return answering(composer, group, SpokenPlace(Relation.IN, (every,)))
    last = members[number].rsplit("_", 1)[-1]
    groups = ["nth", "nth", "name", "name", "name"]
    groups += ["side"] * 3 if last in _COMPASS else ["number"] * 2 if last.isdigit() else []
    groups += ["last"] if number == len(members) - 1 else []
    zh = composer.language == "zh"
    slots: dict[str, Any] = {
        "nth": "第" + chinese(number + 1) if zh else ordinal(number + 1),
        "n": str(number + 1), "L": lambda: composer.speaker.name(composer.places.of(chosen)),
        "z": _COMPASS.get(last, ""), "s": last,
    }  # fmt: skip
    group = rng.choice(groups)
    if group == "number":
        slots |= {"n": last, "c": chinese(int(last) % 100), "w": english(int(last) % 100)}
    relation_ = Relation.IN if chosen.enter else Relation.AROUND
    place = SpokenPlace(relation_, (composer.places.of(chosen),), bare=not chosen.enter)
    return answering(composer, group, place, None, **slots)


def answering(
    composer: Composer,
    group: str,
    place: SpokenPlace,
    clause: Clause | None = None,
    **slots: Any,
) -> Made:
    """The place said as an answer."""
    text = composer.said(f"answer.{group}", composer.talk["answer"][group], clause, **slots)
    return Made(text, ANSWER, answer=place, plain=composer.rng.random() < 0.8)


def doubted(composer: Composer) -> Made:
    """The robot has asked whether it understood: yes, no, or what it should have been."""
    asked, before, verb = earlier(composer)
    draw = composer.rng.random()
    if draw < 0.3:
        made = correct(composer, before, verb)
        while not made.tasks:
            made = correct(composer, before, verb)
    else:
        meant = Intent.YES if draw < 0.7 else Intent.NO
        text = composer.said(meant.value, composer.talk[meant.value], None)
        made = Made(text, meant.value, plain=True)
    return replace(made, before=None, asked=asked, doubted=True)


def correct(composer: Composer, before: Before | None = None, verb: str = "") -> Made:
    """The task before was wrong."""
    if before is None:
        _, before, verb = earlier(composer)
    old = before[1][0]
    group = composer.rng.choices(["place", "action", "object", "passes"], [60, 15, 15, 10])[0]
    if group == "object" and not old["object"]:
        group = "place"
    site = composer.site
    composer.speaker.repairs = False
    extra: dict[str, Any] = {}
    if group == "place":
        previous = site.by_id[old["place"]["landmarks"][0]]
        family = [t for t in site.landmarks if t.family == previous.family and t is not previous]
        new = composer.rng.choice(family if family and composer.rng.random() < 0.6
                              else [t for t in site.landmarks if t is not previous])  # fmt: skip
        place = {**old["place"], "landmarks": [new.id]}
        if place["relation"] in ("in", "around"):
            place["relation"] = "in" if new.enter else "around"
        place.pop("part", None)
        task = {**old, "place": place, "except": []}
        extra = {"L": lambda: composer.speaker.name(composer.places.of(new)),
                 "Lold": lambda: composer.speaker.name(composer.places.of(previous))}  # fmt: skip
        slot = "place"
    elif group == "action":
        options = [
            a for a in site.actions if a != old["action"] and (a != Action.PICK_UP or old["object"])
        ]
        if not options or (verb == "pick_up" and not old["object"]):
            return correct(composer, before, verb)
        action = composer.rng.choice(options)
        task, slot = {**old, "action": action.value}, "action"
        verbs = composer.speaker.data["verbs"]
        if composer.language == "zh":
            extra = {"S": composer.speaker.one(verbs[action]["S"]),
                     "Sold": composer.speaker.one(verbs[verb]["S"])}  # fmt: skip
        else:
            new_form = verbs[action]["area"].split("/")[0].split(":")
            old_form = verbs[verb]["area"].split("/")[0].split(":")
            if action is Action.PICK_UP:
                new_form = ["pick it up", "picking up", "picked up"]
            extra = dict(zip(("V", "G", "E"), new_form, strict=True))
            extra |= dict(zip(("Vold", "Gold", "Eold"), old_form, strict=True), Vold0=old_form[0])
    elif group == "object":
        new_thing = composer.thing(lambda i: i != old["object"] and takes(old["action"], i))
        old_thing = (
            composer.thing(lambda i: i == old["object"]) if old["object"] in litter() else None
        )
        if old_thing is None:
            return correct(composer, before, verb)
        new_thing.number = old_thing.number = "pl"
        task, slot = {**old, "object": new_thing.id}, "object"
        form = "bare" if composer.language == "zh" else "def"
        extra = {"O": lambda: composer.speaker.thing(new_thing, form),
                 "Oold": lambda: composer.speaker.thing(old_thing, form)}  # fmt: skip
    else:
        count = composer.rng.choice([2, 2, 3, 4])
        task, slot = {**old, "passes": count}, "passes"
    clause = Clause(Action(task["action"]), task["action"], passes=task["passes"])
    text = composer.said(f"correct.{group}", composer.talk["correct"][group], clause, **extra)
    carried = tuple(s for s in ("action", "object", "place", "passes") if s != slot)
    if composer.rng.random() < 0.2:
        return Made(text, Intent.CORRECT, plain=True)
    bare = slot == "place" and task["place"]["relation"] == "around"
    return Made(text, Intent.CORRECT, tasks=(task,), before=before, carried=carried,
                accept=(("around", "near", "in"),) if bare else (),
                generic=(verb == "generic" and slot != "action",), plain=True)  # fmt: skip
