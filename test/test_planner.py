"""The whole way with the real language model: words in, path out."""

from dataclasses import replace

import pytest
from shapely.geometry import LineString, Point

from nl_planner import Planner
from nl_planner.models.fake import FakeModel
from nl_planner.task import Status


@pytest.fixture(scope="module")
def planner(riverside, real_model):
    return Planner(riverside, real_model)


@pytest.mark.parametrize(
    "say",
    ["一号楼门前有个可乐瓶，你来扫一扫", "sweep the cola bottle in front of building 1"],
)
def test_the_first_sentence_becomes_a_path_over_the_bottle(planner, riverside, say):
    plan = planner.plan(say, robot=(55.0, 60.0, 0.0))
    (task,) = plan.understanding.tasks
    assert task.to_json() == {
        "action": "sweep",
        "object": "cola_bottle",
        "place": {"relation": "in_front_of", "landmarks": ["building_1"], "distance": None},
        "except": [],
        "passes": 1,
    }
    (leg,) = plan.legs
    (bottle,) = leg.region.objects
    assert bottle.class_id == "cola_bottle"
    path = LineString(leg.path.poses[:, :2])
    assert riverside.drivable.buffer(0.005).covers(path)
    cleaned = path.buffer(riverside.robot.tool_width / 2)
    assert cleaned.covers(Point(bottle.at).buffer(bottle.radius))


@pytest.mark.parametrize(
    ("say", "class_id"),
    [
        ("中心广场的可乐瓶捡走", "cola_bottle"),
        ("中心广场的水瓶捡走", "water_bottle"),
        ("中心广场的矿泉水瓶捡走", "mineral_water_bottle"),
        ("pick up the bottles on the plaza", "bottle"),
    ],
)
def test_the_bottles_are_told_apart(planner, say, class_id):
    (task,) = planner.understand(say).tasks
    assert (task.action, task.object) == ("pick_up", class_id)
    assert task.place.landmarks == ("plaza",)


@pytest.mark.parametrize(
    ("say", "status"),
    [
        ("把中心广场拖一拖", Status.REFUSE),
        ("mop building 3", Status.REFUSE),
        ("车库门口扫一下", Status.ASK),
        ("sweep it up", Status.ASK),
    ],
)
def test_it_refuses_and_asks(planner, say, status):
    planner.forget()
    understood = planner.understand(say)
    assert understood.status is status
    assert understood.tasks == ()


def test_the_same_sentence_is_understood_the_same(planner):
    say = "vacuum the plaza twice"
    planner.forget()
    first = planner.understand(say)
    planner.forget()
    assert planner.understand(say) == first


def test_the_place_before_can_be_meant_again_and_again(riverside):
    lines = [" sweep all at [中心广场] .", *[" sweep all at last ."] * 3]
    planner = Planner(riverside, FakeModel(lines))
    plans = [planner.plan(say) for say in ("扫中心广场", "再来一遍", "再来一遍", "再来一遍")]
    regions = [plan.legs[0].region.geometry for plan in plans]
    assert all(region.equals(regions[0]) for region in regions)


def test_a_machine_with_a_turning_radius_backs_up_and_goes_on_from_its_heading(riverside):
    site = replace(riverside, robot=replace(riverside.robot, turning_radius=0.8))
    lines = [" go at [中心广场] .", " sweep all at [中心广场] ."]
    planner = Planner(site, FakeModel(lines))
    (drive,) = planner.plan("去中心广场", robot=(55.0, 60.0, 0.0)).legs
    assert drive.path.poses[0].tolist() == pytest.approx([55.0, 60.0, 0.0], abs=0.06)
    (leg,) = planner.plan("扫中心广场", robot=tuple(drive.path.poses[-1])).legs
    assert any(piece.reverse for piece in leg.path.pieces)
    assert leg.path.coverage > 0.97


def test_a_question_about_the_place_is_no_task_to_refer_to(riverside):
    lines = [" sweep all at [中心广场] .", " sweep all left [老樟树] ."]
    planner = Planner(riverside, FakeModel(lines))
    done = planner.plan("扫中心广场").understanding.tasks[-1]
    assert planner.plan("老樟树左边").understanding.status is Status.ASK
    assert planner.last == done
