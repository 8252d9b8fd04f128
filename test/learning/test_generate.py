"""The generator of sentences: the same from the same seed, complete, and true to its readings."""

from itertools import islice
from random import Random

import pytest

from nl_planner.learning.generate import (
    ANSWER,
    EVERY,
    HELD_OUT_KINDS,
    KINDS,
    REFUSE,
    UNLISTED,
    expected,
    generate,
    make_site,
    site_kinds,
)
from nl_planner.learning.generate.litter import litter, plural
from nl_planner.learning.generate.numerals import chinese, english, spoken
from nl_planner.learning.generate.template import expand, held_out, mark, unmark
from nl_planner.site.taxonomy import Taxonomy
from nl_planner.task import BUILTIN_LANDMARKS, Action, Intent, Part, Relation, Task, Understanding


@pytest.fixture(scope="module")
def drawn():
    return list(generate(seed=3, n=5000, split="all"))


def test_same_seed_same_examples():
    first = list(generate(seed=11, n=60))
    assert list(generate(seed=11, n=60)) == first
    assert [e.text for _, e in generate(seed=12, n=60)] != [e.text for _, e in first]


def test_a_longer_draw_begins_like_a_shorter_one():
    short = [e for _, e in generate(seed=4, n=20)]
    assert [e for _, e in islice(generate(seed=4, n=90), 20)] == short


def test_everything_of_the_contract_occurs(drawn):
    tasks = [task for _, example in drawn for task in example.tasks]
    places = [task["place"] for task in tasks if task["place"]]
    assert {p["relation"] for p in places} == {r.value for r in Relation}
    assert {t["action"] for t in tasks} == {a.value for a in Action}
    assert {p["part"] for p in places if "part" in p} == {p.value for p in Part}
    assert {e.intent for _, e in drawn} == {i.value for i in Intent} | {REFUSE, ANSWER}
    assert {e.kind for _, e in drawn} == set(KINDS)
    assert {name for p in places for name in p["landmarks"]} >= set(BUILTIN_LANDMARKS)
    assert {len(e.tasks) for _, e in drawn} >= {0, 1, 2, 3}
    assert any(t["passes"] > 1 for t in tasks)
    assert any(t["except"] for t in tasks)
    assert any("except_objects" in t for t in tasks)
    assert any(p["distance"] for p in places)
    assert any(t["place"] is None and t["object"] for t in tasks)


def test_both_languages_and_all_statuses(drawn):
    share = sum(e.language == "zh" for _, e in drawn) / len(drawn)
    assert share == pytest.approx(0.5, abs=0.02)
    statuses = [expected(e, site, lenient=False)["status"] for site, e in drawn]
    assert set(statuses) == {"ready", "ask", "refuse"}
    assert 0.06 < statuses.count("ask") / len(statuses) < 0.25


def test_variety(drawn):
    assert len({e.text for _, e in drawn}) > 0.95 * len(drawn)
    assert len({e.pattern_id for _, e in drawn}) > 800


def test_mentions_stand_in_the_text(drawn):
    for site, example in drawn:
        for mention in example.mentions:
            assert mention.surface
            assert mention.surface in example.text
            known = site.classes.classes if mention.kind == "class" else site.by_id
            for name in mention.ids:
                assert name.split(".")[0] in known or name in BUILTIN_LANDMARKS


def test_no_template_shows(drawn):
    for _, example in drawn:
        assert not set("{}|") & set(example.text), example.text


def test_readings_are_tasks(drawn):
    for site, example in drawn:
        for task in example.tasks:
            landmarks = [n for p in [task["place"], *task["except"]] if p for n in p["landmarks"]]
            for name in landmarks:
                special = name[:1] in "?*"
                assert special or name.split(".")[0] in site.by_id or name in BUILTIN_LANDMARKS
            known = task["object"] in (None, UNLISTED) or task["object"] in site.classes.classes
            assert known
            Task.model_validate({**task, "object": None})


def test_right_answers_are_understandings(drawn):
    for site, example in drawn:
        answer = expected(example, site, lenient=False)
        intent = answer["intent"] if isinstance(answer["intent"], str) else answer["intent"][0]
        read = Understanding.model_validate(
            {**answer, "intent": intent, "question": "?", "reason": "?"}
        )
        if read.status == "ready" and read.intent in (Intent.CLEAN, Intent.GO):
            assert read.tasks
            for task in read.tasks:
                assert task.action in (*site.actions, Action.GO_TO)
                for place in (task.place, *task.except_places):
                    assert not place or not any(n[:1] in "?*" for n in place.landmarks)


def test_a_group_is_a_task_for_each_member(drawn):
    seen = 0
    for site, example in drawn:
        for task in example.tasks:
            word = task["place"]["landmarks"][0] if task["place"] else ""
            if word.startswith(EVERY) and expected(example, site)["status"] == "ready":
                members = [t["place"]["landmarks"][0] for t in expected(example, site)["tasks"]]
                assert members == list(example.groups[word])
                assert len(members) > 1
                seen += 1
    assert seen > 20


def test_generic_verbs_take_the_first_action(drawn):
    for site, example in drawn:
        for task, generic in zip(example.tasks, example.generic, strict=False):
            if generic and example.before is None:
                assert task["action"] == site.actions[0]


def test_a_name_that_fits_several_is_not_one_of_them(drawn):
    for site, example in drawn:
        for token, members in example.groups.items():
            word = token.partition(":")[2]
            assert set(members) == set(site.fitting(word, example.language))


def test_splits_share_no_pattern_and_no_kind_of_site():
    train = list(generate(seed=5, n=1500, split="train"))
    heldout = list(generate(seed=5, n=400, split="heldout"))
    trained = {name for _, e in train for name in e.pattern_ids}
    assert not any(held_out(name) for name in trained)
    fresh = [e for _, e in heldout if held_out(e.pattern_id)]
    assert len(fresh) > 0.95 * len(heldout)
    assert {site.kind for site, _ in heldout} == set(HELD_OUT_KINDS)
    assert not {site.kind for site, _ in train} & set(HELD_OUT_KINDS)


def test_unknown_split_is_an_error():
    with pytest.raises(ValueError, match="train"):
        next(generate(seed=1, n=1, split="test"))


def test_classes_are_those_of_the_taxonomy():
    taxonomy = Taxonomy.builtin()
    assert set(litter()) <= set(taxonomy.classes)


@pytest.mark.parametrize("kind", site_kinds("all"))
def test_names_of_a_site_mean_one_thing(kind):
    site = make_site(Random(kind), kind)
    names = [name.lower() for thing in site.landmarks for name in thing.names]
    assert len(site.landmarks) >= 8
    assert len(names) == len(set(names))
    assert all(thing.zh and thing.en for thing in site.landmarks)
    assert all(id_.replace("_", "").isalnum() and id_ == id_.lower() for id_ in site.by_id)


def test_marks_survive_and_come_off():
    text = "去" + mark(0, "一号楼") + "和" + mark(1, "二号楼")
    assert unmark(text) == ("去一号楼和二号楼", {0: "一号楼", 1: "二号楼"})


def test_expand_alternatives_and_slots():
    said = {expand("(a|b(c|)){x}", Random(i), lambda name: name.upper()) for i in range(40)}
    assert said == {"aX", "bX", "bcX"}


def test_a_broken_template_is_an_error():
    with pytest.raises(ValueError, match="without"):
        expand("(a|b", Random(0), str)
    with pytest.raises(ValueError, match="without"):
        expand("a)b", Random(0), str)


def test_numbers_in_words():
    assert [chinese(n) for n in (0, 5, 10, 12, 20, 31)] == [
        "零",
        "五",
        "十",
        "十二",
        "二十",
        "三十一",
    ]
    assert [english(n) for n in (3, 15, 42)] == ["three", "fifteen", "forty-two"]
    assert spoken("3号楼", "zh", Random(1)) == "三号楼"
    assert spoken("Building 12", "en", Random(1)) == "Building twelve"


@pytest.mark.parametrize(
    ("one", "many"), [("can", "cans"), ("pizza box", "pizza boxes"), ("lobby", "lobbies")]
)
def test_plural(one, many):
    assert plural(one) == many
