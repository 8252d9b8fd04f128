"""Control, answers, teaching, talk, and what leans on what was said before."""

from __future__ import annotations

from typing import Any

from nl_planner.learning.generate.clause import Clause
from nl_planner.learning.generate.compose import Composer, Made, takes
from nl_planner.learning.generate.litter import litter
from nl_planner.learning.generate.work import object_place, relation, whole_area
from nl_planner.task import Action, Intent, Relation

Before = tuple[str, tuple[dict[str, Any], ...]]


def earlier(composer: Composer) -> tuple[Before, str]:
    """An instruction said just before on the same site, and its verb."""
    for _ in range(50):
        other = Composer(composer.site, composer.language, composer.rng, composer.split)
        other.speaker.repairs = False
        kind = composer.rng.choice([whole_area, whole_area, relation, object_place])
        example = other.make("before", kind)
        place = example.tasks[0]["place"]
        if place and place["relation"] != "between" and place["landmarks"][0] in other.site.by_id:
            break
    verb = "generic" if example.generic[0] else example.tasks[0]["action"]
    return (example.text, example.tasks), verb


def reference(composer: Composer) -> Made:
    """Again, the same place, the same there: what was said before counts."""
    before, verb = earlier(composer)
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
    named = composer.places.landmark()
    text = composer.said(meant.value, composer.talk[meant.value], None,
                     L=lambda: composer.speaker.name(named),
                     A=composer.rng.choice(composer.talk["taught"]))  # fmt: skip
    return Made(text, meant.value, plain=meant in (Intent.YES, Intent.NO, Intent.NONE))


def correct(composer: Composer) -> Made:
    """The task before was wrong."""
    before, verb = earlier(composer)
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
            return correct(composer)
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
            return correct(composer)
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
    return Made(text, Intent.CORRECT, tasks=(task,), before=before, carried=carried,
                generic=(verb == "generic" and slot != "action",), plain=True)  # fmt: skip
