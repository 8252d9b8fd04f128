"""What ends in a question or a refusal."""

from __future__ import annotations

from dataclasses import replace

from nl_planner.learning.generate.clause import Clause, Referent, SpokenPlace, Thing
from nl_planner.learning.generate.compose import Composer, Made, takes
from nl_planner.learning.generate.example import NOWHERE, OUTSIDE, REFUSE, SEVERAL, UNKNOWN
from nl_planner.learning.generate.litter import number_forms
from nl_planner.learning.generate.work import object_place
from nl_planner.task import Action, Intent, Relation

_UNLISTED = (
    ("足球", "football"), ("玩具", "toy"), ("书", "book"), ("雨伞", "umbrella"), ("钥匙", "key"),
    ("帽子", "hat"), ("积木", "toy brick"), ("水管", "hose"), ("袜子", "sock"),
    ("羽毛球", "shuttlecock"), ("轮胎", "tyre"), ("网球", "tennis ball"),
    ("充电线", "charging cable"), ("衣架", "coat hanger"), ("文件夹", "folder"),
    ("眼镜", "pair of glasses|pairs of glasses"), ("乒乓球", "ping-pong ball"),
    ("耳机", "earphone"), ("橡皮", "eraser"), ("粉笔头", "piece of chalk|pieces of chalk"),
)  # fmt: skip


def ask_ambiguous(composer: Composer) -> Made:
    """A name that fits several places, or no place at all."""
    found = composer.places.families()
    if not found or composer.rng.random() < 0.25:
        return no_place(composer)
    word, members = composer.rng.choice(found)
    first = composer.site.by_id[members[0]]
    surface = word if composer.language == "zh" else f"the {word}"
    referent = Referent(members, SEVERAL + word, first.kind, first.enter, first, (surface,))
    return work_at(composer, referent)


def no_place(composer: Composer) -> Made:
    """Work without a place, or a thing that is only pointed at."""
    nowhere = SpokenPlace(Relation.IN, (Referent((), NOWHERE, "area", True),))
    if composer.rng.random() < 0.45:
        thing = Thing("", "", ("", ""), number=composer.rng.choice(["sg", "pl"]))
        actions = composer.site.actions
        action = Action.PICK_UP if Action.PICK_UP in actions else composer.rng.choice(actions)
        clause = Clause(action, action.value, nowhere, thing)
        pointed = composer.rng.choice([" that", " that thing", " it"])

        def that() -> str:
            return composer.speaker.say("{VT}", clause).replace(" it", pointed)

        text = composer.frame("pronoun", clause, Vthat=that)
        made = Made(text, Intent.CLEAN, (clause,))
        task = {**composer.task(clause), "object": None}
        return replace(made, tasks=(task,))
    clause = composer.clause(nowhere, generic=0.5)
    return Made(composer.frame("no_place", clause), Intent.CLEAN, (clause,))


def work_at(composer: Composer, referent: Referent) -> Made:
    """Work, or a drive, at a place that cannot be settled."""
    place = composer.places.around(referent)
    draw = composer.rng.random()
    if draw < 0.12:
        clause = Clause(Action.GO_TO, "go", place)
        return Made(composer.frame("go", clause), Intent.GO, (clause,))
    clause = composer.clause(place, composer.thing() if draw < 0.45 else None)
    return Made(composer.sentence(clause), Intent.CLEAN, (clause,))


def ask_unknown(composer: Composer) -> Made:
    """A named place that the site lacks."""
    found = composer.places.unknown()
    if found is None:
        return ask_ambiguous(composer)
    surface, kind, enter = found
    return work_at(composer, Referent((), UNKNOWN, kind, enter, None, (surface,)))


def not_seen(composer: Composer) -> Made:
    """Things that nobody has seen there, some of no class."""
    if composer.rng.random() < 0.5:
        return object_place(composer)
    zh, noun = composer.rng.choice(_UNLISTED)
    thing = Thing(
        "", zh, number_forms(noun), number=composer.rng.choice(["sg", "pl"]), listed=False
    )
    clause = composer.clause(composer.places.place("object"), thing, generic=0.2, inspect=0.1)
    return Made(composer.object_sentence(clause), Intent.CLEAN, (clause,))


def refuse(composer: Composer) -> Made:
    """What the machine cannot, may not or should not do."""
    return composer.rng.choices(
        [impossible, keepout, outside, harm, rules, job],
        [28, 16, 20, 18, 20, 10],
    )[0](composer)


def impossible(composer: Composer) -> Made:
    """Work that this machine has no means for."""
    lacking = [a for a in Action if a not in (*composer.site.actions, Action.GO_TO)]
    if not lacking:
        return job(composer)
    action = composer.rng.choice(lacking)
    if action is Action.PICK_UP or composer.rng.random() < 0.25:
        clause = Clause(
            action,
            action.value,
            composer.places.place("object"),
            composer.thing(lambda i: takes(action, i)),
        )
    else:
        clause = Clause(
            action, action.value, composer.places.place(composer.rng.choice(["area", "relation"]))
        )
    return Made(composer.sentence(clause), Intent.CLEAN, (clause,))


def keepout(composer: Composer) -> Made:
    """Work in a keepout, or a drive through it."""
    place = composer.places.keepout()
    elsewhere = composer.places.place("area")
    said = {
        "X": lambda: composer.speaker.name(place.referents[0]),
        "P": lambda: composer.speaker.place(elsewhere, "P"),
        "N": lambda: composer.speaker.place(elsewhere, "N"),
    }
    group = composer.rng.choices(["keepout", "keepout_object", "keepout_drive"], [50, 30, 20])[0]
    if group == "keepout_drive":
        clause = Clause(Action.GO_TO, "go", place)
    else:
        thing = composer.thing() if group == "keepout_object" else None
        clause = composer.clause(place, thing, generic=0.3)
    text = composer.said(group, composer.talk[group], clause, **said)
    return Made(text, Intent.CLEAN if clause.verb != "go" else Intent.GO, (clause,))


def outside(composer: Composer) -> Made:
    """Work outside the site."""
    place = SpokenPlace(Relation.IN, (Referent((), OUTSIDE, "road", True),))
    group = composer.rng.choices(["outside", "outside_object"], [70, 30])[0]
    thing = composer.thing() if group == "outside_object" else None
    clause = composer.clause(place, thing, generic=0.4, inspect=0.05)
    words = composer.site.words_zh if composer.language == "zh" else composer.site.words_en
    word = words[0]
    text = composer.said(group, composer.talk[group], clause, W=word, Ww=word)
    return Made(text, Intent.CLEAN, (clause,))


def dangerous(composer: Composer, group: str) -> Made:
    """A sentence of the talk tables that is refused whatever it names."""
    clause = composer.clause(composer.places.place("area"))
    named = composer.places.landmark()
    closed = composer.places.keepout().referents[0]
    extra = {
        "L": lambda: composer.speaker.name(named),
        "X": lambda: composer.speaker.name(closed),
    }
    text = composer.said(group, composer.talk[group], clause, **extra)
    return Made(text, REFUSE, plain=composer.rng.random() < 0.6)


def harm(composer: Composer) -> Made:
    """Harm to people, animals, property."""
    return dangerous(composer, "refuse_harm")


def job(composer: Composer) -> Made:
    """Jobs that no cleaning machine does."""
    return dangerous(composer, "refuse_job")


def rules(composer: Composer) -> Made:
    """Text that tries to change the rules, alone or around a request."""
    made = dangerous(composer, "refuse_rules")
    if composer.rng.random() < 0.25:
        clause = composer.some_clause()
        joint = {"zh": "，", "en": ". "}[composer.language]
        parts = [made.text, composer.step(clause)]
        if composer.rng.random() < 0.5:
            parts.reverse()
        return Made(joint.join(parts), REFUSE, plain=True)
    return made
