"""Lessons and aliases that look wrong are found; those that look right are let be."""

from datetime import UTC, datetime

import pytest

from nl_planner.learning.entries import Alias, Lesson, Source
from nl_planner.learning.suspects import suspects
from nl_planner.task import Place, Task, Understanding

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def lesson(text, *landmarks, relation="in", language="en", **task):
    place = Place(relation=relation, landmarks=landmarks) if landmarks else None
    tasks = (Task(**{"action": "sweep", "place": place, **task}),)
    meant = Understanding(intent="clean", status="ready", tasks=tasks)
    return Lesson(3, text, language, meant, None, NOW, Source.CORRECTION)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lesson("sweep the pond", "playground"), "names lotus pond"),
        (lesson("the duck area please", "lotus_pond"), "never done: 荷花池 is a keep-out area"),
        (lesson("the old house", "building_1"), "may not drive into"),
        (lesson("the moon", "moon"), "no landmark 'moon'"),
        (lesson("unit nine", "building_6.unit_9"), "no entrance 'unit_9'"),
        (lesson("mop the hall", "plaza", action="mop"), "cannot mop"),
        (lesson("get the thingy", "plaza", object="thingy"), "no class 'thingy'"),
        (lesson("捡一下可乐瓶", "plaza", object="leaf", language="zh"), "names 可乐瓶"),
        (lesson("扫一号楼门口", "building_2", relation="near", language="zh"), "names 一号楼"),
    ],
)
def test_a_wrong_lesson_is_found(riverside, made, why):
    (found,) = suspects(riverside, [made], [])
    assert found.id == "L3"
    assert why in found.why


@pytest.mark.parametrize(
    "made",
    [
        lesson("sweep the disc", "plaza"),
        lesson("sweep the plaza", "plaza"),
        lesson("again please", "last"),
        lesson("sweep it all but the pond", "site"),
        lesson("the duck area please", "lotus_pond", relation="near"),
        lesson("get the bottle off the plaza", "plaza", object="cola_bottle"),
        lesson("clear the litter off the plaza", "plaza"),
        lesson("unit two of building 6", "building_6.unit_2", relation="in_front_of"),
        lesson("get that bottle", object="bottle"),
    ],
)
def test_a_lesson_that_says_no_other_thing_is_let_be(riverside, made):
    assert suspects(riverside, [made], []) == ()


@pytest.mark.parametrize(
    ("name", "target", "why"),
    [
        ("pond", "plaza", "name of lotus pond"),
        ("二号楼", "building_1", "name of 二号楼"),
        ("Building 2", "building_1", "name of Building 2"),
        ("the plaza", "lotus_pond", "Central Plaza"),
        ("圆盘", "moon", "no landmark 'moon'"),
        ("x", "plaza", "too short"),
        ("12", "plaza", "too short"),
        ("y" * 60, "plaza", "too long"),
    ],
)
def test_an_alias_without_effect_is_found(riverside, name, target, why):
    (found,) = suspects(riverside, [], [Alias(1, name, target, NOW)])
    assert found.id == "A1"
    assert why in found.why


@pytest.mark.parametrize(
    ("name", "target"),
    [("圆盘", "plaza"), ("the Disc", "lotus_pond"), ("Annex", "building_6.unit_2")],
)
def test_an_alias_with_effect_is_let_be(riverside, name, target):
    assert suspects(riverside, [], [Alias(1, name, target, NOW)]) == ()
