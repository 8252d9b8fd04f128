"""Work that can be done as it was said: the kinds of instructions that are ready to run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nl_planner.learning.generate.clause import Clause
from nl_planner.learning.generate.compose import Composer, Made, methods
from nl_planner.learning.generate.places import group_referent
from nl_planner.task import Action, Intent, Relation

_FAMILIES = (
    "bottle", "bottle", "cup", "bag", "paper", "litter", "takeaway_box", "can", "debris", "spill"
)  # fmt: skip


def object_place(composer: Composer) -> Made:
    """Things at a place, now and then anywhere."""
    if composer.rng.random() < 0.12:
        clause = composer.clause(None, composer.thing())
        return Made(composer.frame("object_anywhere", clause), Intent.CLEAN, (clause,))
    clause = composer.clause(composer.places.place("object"), composer.thing(), inspect=0.15)
    return Made(composer.object_sentence(clause), Intent.CLEAN, (clause,))


def confusable(composer: Composer) -> Made:
    """Classes that are easily mixed up."""
    family = composer.rng.choice(_FAMILIES)
    tree = composer.site.classes.classes

    def within(class_id: str) -> bool:
        parent = tree[class_id].parent
        if family == "litter":
            return class_id == family or parent == family
        return family in (class_id, *ancestors(tree, class_id))

    clause = composer.clause(composer.places.place("object"), composer.thing(within), generic=0.15)
    return Made(composer.object_sentence(clause), Intent.CLEAN, (clause,))


def whole_area(composer: Composer) -> Made:
    """A whole area, no object."""
    clause = composer.clause(composer.places.place("area"))
    return Made(composer.area_sentence(clause), Intent.CLEAN, (clause,))


def relation(composer: Composer) -> Made:
    """A place that lies somewhere about a landmark."""
    clause = composer.clause(composer.places.place("relation"))
    return Made(composer.area_sentence(clause), Intent.CLEAN, (clause,))


def group(composer: Composer) -> Made:
    """A word for each of a family of places."""
    found = composer.places.families()
    if not found:
        return relation(composer)
    word, members = composer.rng.choice(found)
    referent = group_referent(word, members, composer.site, composer.language, composer.rng)
    place = composer.places.around(referent)
    thing = composer.thing() if composer.rng.random() < 0.35 else None
    clause = composer.clause(place, thing)
    return Made(composer.sentence(clause), Intent.CLEAN, (clause,))


def go(composer: Composer) -> Made:
    """Driving alone."""
    clause = Clause(Action.GO_TO, "go", composer.places.place("go"))
    return Made(composer.frame("go", clause), Intent.GO, (clause,))


def passes(composer: Composer) -> Made:
    """How many times."""
    place = composer.places.place(composer.rng.choice(["area", "relation"]))
    clause = composer.clause(place, generic=0.25)
    if clause.action is Action.PICK_UP:
        return relation(composer)
    draw = composer.rng.random()
    if draw < 0.12:
        clause.passes = 2
        return Made(composer.frame("passes_many", clause), Intent.CLEAN, (clause,))
    if draw < 0.2:
        return Made(composer.frame("passes_once", clause), Intent.CLEAN, (clause,))
    clause.passes = composer.rng.choice([2, 2, 2, 2, 3, 3, 3, 4, 5])
    return Made(composer.frame("passes", clause), Intent.CLEAN, (clause,))


def exclusion(composer: Composer) -> Made:
    """A place, or things, with a part left out."""
    draw = composer.rng.random()
    if draw < 0.2:
        return except_things(composer)
    two = composer.rng.random() < 0.12
    outs = tuple(composer.places.place("except_two" if two else "except") for _ in range(1 + two))
    if len({out.referents[0].landmark_id for out in outs}) < len(outs):
        outs = outs[:1]
    excluded = {r.landmark_id for out in outs for r in out.referents}

    def said(form: str) -> str:
        joint = {"zh": "和", "en": " and "}[composer.language]
        return joint.join(composer.speaker.place(out, form, simple=True) for out in outs)

    extra: dict[str, Any] = {
        "X": lambda: said("P"), "XN": lambda: said("N"), "XP": lambda: said("P"),
    }  # fmt: skip
    if draw < 0.4:
        clause = composer.clause(composer.places.built_in("site"))
        return Made(composer.frame("except_site", clause, **extra), Intent.CLEAN, (clause,), outs)
    for _ in range(20):
        main = (composer.places.built_in("site") if composer.rng.random() < 0.45
                else composer.places.place("area"))  # fmt: skip
        if not excluded & {r.landmark_id for r in main.referents}:
            break
    thing = composer.thing() if composer.rng.random() < 0.2 else None
    clause = composer.clause(main, thing, generic=0.4)
    text = composer.frame("except", clause, C=lambda: composer.step(clause), **extra)
    return Made(text, Intent.CLEAN, (clause,), outs)


def except_things(composer: Composer) -> Made:
    """All of a general class but a special one."""
    tree = composer.site.classes.classes
    general = composer.thing(lambda i: i in ("bottle", "litter", "cup", "bag", "paper", "debris"))
    special = composer.thing(lambda i: i != general.id and tree[i].parent is not None
                         and general.id in ancestors(tree, i))  # fmt: skip
    general.number = special.number = "pl"
    clause = composer.clause(composer.places.place("object"), general, generic=0.25, inspect=0)
    extra = {
        "X": lambda: composer.speaker.thing(
            special, "bare" if composer.language == "zh" else "the"
        ),
        "Xthey": "they" if special.en[1] else "it",
        "Xare": "are" if special.en[1] else "is",
    }
    text = composer.frame("except_objects", clause, **extra)
    return Made(text, Intent.CLEAN, (clause,), except_objects=(special.id,))


def sequence(composer: Composer) -> Made:
    """Two or three pieces of work in order."""
    draw = composer.rng.random()
    patterns = composer.speaker.data["sequence"]
    if draw < 0.36:
        return shared(composer, patterns)
    if draw < 0.44:
        return objects_two(composer, patterns)
    if draw < 0.53:
        return same_place(composer, patterns)
    group = composer.rng.choices(["two", "two_reversed", "three"], [60, 18, 22])[0]
    clauses = [composer.some_clause(go=0.12) for _ in range(3 if group == "three" else 2)]
    if all(c.verb == "go" for c in clauses):
        clauses[0] = composer.clause(composer.places.place("area"))
    extra: dict[str, Any] = {}
    for number, clause in enumerate(clauses, start=1):
        for form in ("", "g", "w", "n"):
            extra[f"{number}{form}"] = lambda c=clause, f=form: composer.step(c, f)
    text = composer.said(f"sequence.{group}", patterns[group], None, **extra)
    return Made(text, Intent.CLEAN, tuple(clauses))


def shared(composer: Composer, patterns: Any) -> Made:
    """One verb for several places."""
    three = composer.rng.random() < 0.2
    first = composer.clause(
        composer.places.place(composer.rng.choice(["area", "area", "relation"])), generic=0.25
    )
    others = [
        replace(first, place=composer.places.like(first.place)) for _ in range(2 if three else 1)
    ]
    names = {tuple(r.landmark_id for r in c.place.referents) for c in others if c.place}
    three = three and len(names) == 2
    clauses = (first, *others[: 1 + three])
    extra: dict[str, Any] = {
        "V0b": lambda: composer.speaker.say("{V0}", first),
        "Vb": lambda: composer.speaker.say("{V}", first),
    }
    for letter, clause in zip("abc", clauses, strict=False):
        extra[f"P{letter}"] = lambda c=clause: composer.speaker.place(c.place, "P", simple=True)
        extra[f"N{letter}"] = lambda c=clause: composer.speaker.place(c.place, "N", simple=True)
    group = "shared_three" if three else "shared"
    text = composer.said(f"sequence.{group}", patterns[group], first, **extra)
    return Made(text, Intent.CLEAN, clauses)


def objects_two(composer: Composer, patterns: Any) -> Made:
    """Two classes at one place."""
    first = composer.clause(
        composer.places.place("object"), composer.thing(), generic=0.2, inspect=0.05
    )
    for _ in range(30):
        other = composer.thing()
        fits = first.verb in ("generic", "inspect") or first.action in methods(other)
        if fits and first.thing and other.id != first.thing.id:
            break
    else:
        return object_place(composer)
    second = replace(first, thing=other)
    one = first.thing
    extra = {
        "Oa": lambda: composer.speaker.thing(one, "bare"),
        "Ob": lambda: composer.speaker.thing(other, "bare" if composer.language == "zh" else "def"),
    }
    text = composer.said("sequence.objects_two", patterns["objects_two"], first, **extra)
    return Made(text, Intent.CLEAN, (first, second))


def same_place(composer: Composer, patterns: Any) -> Made:
    """Two methods at one place."""
    place = composer.places.place(composer.rng.choice(["area", "relation"]))
    landmark = place.referents[0].landmark
    whole = landmark and place.relation is Relation.IN and not place.part
    heads = landmark.in_language(composer.language, "heads") if landmark and whole else ()
    again = "same_place_head" if heads and composer.rng.random() < 0.4 else "same_place"
    template = composer.speaker.pattern(f"sequence.{again}", patterns[again])
    thing = composer.thing() if "{O}" in template or "{VO}" in template else None
    first = composer.clause(place, thing, generic=0.15)
    choices = [a for a in composer.site.actions if a not in (first.action, Action.PICK_UP)]
    if not choices:
        return sequence(composer)
    action = composer.rng.choice(choices)
    second = Clause(action, action.value, place)
    verb = "{V}"
    text = composer.speaker.say(template, first, Vb=lambda: composer.speaker.say(verb, second),
                            Vbit=lambda: composer.speaker.say("{Vit}", second),
                            hd=composer.rng.choice(heads or ("",)))  # fmt: skip
    return Made(text, Intent.CLEAN, (first, second))


def ancestors(tree: Any, class_id: str) -> list[str]:
    """The class's parent, its parent, and so on."""
    found: list[str] = []
    parent = tree[class_id].parent
    while parent:
        found.append(parent)
        parent = tree[parent].parent
    return found
