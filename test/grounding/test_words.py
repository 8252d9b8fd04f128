"""Why a place cannot be worked, told as whole sentences in the person's language."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from made_sites import at, make_site, mark, sweep
from shapely.geometry import LinearRing, LineString, Point, box

from nl_planner.errors import NoSpaceError, UnclearPlaceError
from nl_planner.grounding import ground
from nl_planner.site import Keepout

YARD = box(0, 0, 60, 40)
POND = Keepout("pond", ("水池", "pond"), box(6, 28, 12, 32))
HALL = mark("hall", box(20, 16, 32, 24), "building", names=("大厅", "Hall"), front=1.57)
GATE = mark("gate", box(28, 0, 32, 1), "gate", names=("大门", "Gate"))
POST = mark("post", Point(10, 20), names=("柱子", "post"))
COURT = mark("court", box(42, 6, 54, 14), "area", names=("庭院", "courtyard"))
ALLEY = mark("alley", box(32, 16, 32.5, 24), "area", names=("夹道", "alley"))
SITE = make_site(POND, HALL, GATE, POST, COURT, boundary=YARD)


def fenced(fence):
    return make_site(COURT, mark("fence", fence, "fence", width=0.1), boundary=YARD)


RING = [(40, 4), (56, 4), (56, 16), (40, 16)]
GAP = [(40, 9.6), (40, 4), (56, 4), (56, 16), (40, 16), (40, 10.3)]
BLOCK = mark("block", box(32.5, 16, 38, 24), "building", names=("隔壁", "next door"))
FULL = [Keepout(f"bed_{y}", ("花坛", "flower bed"), box(20, y, 32, y + 16)) for y in (24, 0)]

REASONS = {
    "no front": (SITE, at("behind", "post"), "靠近什么", "next to it"),
    "no operator": (SITE, at("near", "operator"), "请说一个地名", "name a place"),
    "no robot": (SITE, at("near", "robot"), "请说一个地名", "name a place"),
    "nothing before": (SITE, at("in", "last"), "请说一个地名", "name one"),
    "nothing said": (SITE, None, "请说一个地名", "name one"),
    "closed": (SITE, at("in", "hall"), "大厅里面，可以做它周围", "Hall. I can work around it"),
    "keepout": (SITE, at("in", "pond"), "水池是禁入区", "The pond is a keep-out area"),
    "outside": (SITE, at("south_of", "gate"), "大门南侧在场地之外", "south of Gate lies outside"),
    "taken": (
        make_site(HALL, *FULL, boundary=YARD),
        at("north_of", "hall"),
        "大厅北侧的36平方米没有可走的地方：被花坛占着",
        "36 m² north of Hall is free: the flower bed takes it",
    ),
    "not on the map": (
        make_site(HALL, boundary=YARD, mapped=YARD.difference(box(0, 20, 60, 40))),
        at("north_of", "hall"),
        "地图上那里不是空地",
        "my map shows no free ground there",
    ),
    "hidden": (
        make_site(HALL, boundary=YARD, mapped=YARD.difference(box(0, 24, 60, 25.5))),
        at("north_of", "hall"),
        "在墙后面",
        "behind a wall",
    ),
    "too narrow": (
        make_site(HALL, ALLEY, BLOCK, boundary=YARD),
        at("in", "alley"),
        "夹道里能走的地方只有0.50米宽，我宽0.8米",
        "in the alley is 0.50 m wide, too narrow for me: I am 0.8 m wide",
    ),
    "narrow way": (fenced(LineString(GAP)), at("in", "court"), "宽于0.6", "wider than 0.6"),
    "no way": (fenced(LinearRing(RING)), at("in", "court"), "庭院里我到不了", "all round"),
    "no ground": (
        make_site(COURT, Keepout("all", ("全部", "all of it"), YARD), boundary=YARD),
        at("in", "court"),
        "测试场地没有可走的地方",
        "no free ground on Test site",
    ),
}


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_reason_is_a_sentence_in_one_language(reason, language):
    site, place, chinese, english = REASONS[reason]
    with pytest.raises((NoSpaceError, UnclearPlaceError)) as caught:
        ground(sweep(place), site, language=language)
    told = str(caught.value)
    check(told, language, chinese if language == "zh" else english)


@pytest.mark.parametrize(
    ("language", "part"), [("zh", "庭院里去掉排除的部分"), ("en", "left in the courtyard once")]
)
def test_what_is_all_left_out_is_told_in_one_language(language, part):
    task = sweep(at("in", "court"), **{"except": (at("in", "court"),)})
    with pytest.raises(NoSpaceError) as caught:
        ground(task, SITE, language=language)
    check(str(caught.value), language, part)


@pytest.mark.parametrize(
    ("language", "part"), [("zh", "没有看到可乐瓶"), ("en", "I have seen no cola bottle")]
)
def test_a_thing_nobody_saw_is_told_in_one_language(language, part):
    with pytest.raises(UnclearPlaceError) as caught:
        ground(sweep(None, object="cola_bottle"), SITE, language=language)
    check(str(caught.value), language, part)


def test_a_large_area_is_told_in_plain_figures():
    site = replace(SITE, keepouts={"pond": replace(POND, polygon=box(0, 24, 60, 40))})
    with pytest.raises(NoSpaceError, match=r"Nothing of the 196 m² north of Hall is free"):
        ground(sweep(at("north_of", "hall", distance=14.0)), site)


def check(told, language, part):
    assert part in told
    if language == "zh":
        assert not re.search("[A-Za-z]", told)
        assert told.endswith("。")
    else:
        assert told.isascii() or not re.search("[\u4e00-\u9fff]", told)
        assert told[0].isupper()
        assert told.endswith(".")
