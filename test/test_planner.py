"""The whole way with the real language model: words in, path out."""

from dataclasses import replace

import pytest
from shapely.geometry import LineString, Point, box

from nl_planner import Planner
from nl_planner.errors import ModelError, NoSpaceError
from nl_planner.models.fake import FakeModel
from nl_planner.site import Landmark, Robot, Site, Taxonomy
from nl_planner.task import Action, Status


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


def lane(**machine):
    """A lane of 20 m x 1 m for a machine of 0.8 m, with a strip along its wall and a far end."""
    places = {
        "strip": (("墙根", "foot of the wall"), box(0, 0, 10, 0.25)),
        "end": (("尽头", "far end"), box(18, 0, 20, 1)),
    }
    return Site(
        name=("巷子", "lane"),
        robot=Robot(0.4, actions=(Action.SWEEP,), **machine),
        landmarks={
            i: Landmark(i, names, "area", area, enter=True) for i, (names, area) in places.items()
        },
        keepouts={},
        objects=(),
        taxonomy=Taxonomy.builtin(),
        boundary=box(0, 0, 20, 1),
    )


@pytest.mark.parametrize(
    ("say", "line", "told"),
    [
        (
            "扫墙根",
            " sweep all at [墙根] .",
            "墙根里我清洁不到：我的清洁宽度是0.2米，车身宽0.8米。请腾出地方，或者换一个地方。",
        ),
        (
            "sweep the foot of the wall",
            " sweep all at [foot of the wall] .",
            "My tool does not reach the ground in the foot of the wall: it is 0.2 m wide, and I am "
            "0.8 m wide. Please make room, or name another place.",
        ),
        (
            "去尽头",
            " go at [尽头] .",
            "尽头里我到不了：我宽0.8米，转弯半径3米，找不到能走的路。"
            "请清出路来，把我开到宽敞的地方，或者换一个地方。",
        ),
        (
            "go to the far end",
            " go at [far end] .",
            "I find no way to the ground in the far end: I am 0.8 m wide and turn in a radius of "
            "3 m. Please clear one, drive me to where I have more room, or name another place.",
        ),
    ],
)
def test_a_path_that_is_not_there_is_told_in_the_language_of_the_instruction(say, line, told):
    planner = Planner(lane(tool_width=0.2, turning_radius=3.0), FakeModel([line]))
    with pytest.raises(NoSpaceError) as caught:
        planner.plan(say, robot=(2.0, 0.5, 1.57))
    assert str(caught.value) == told
    assert isinstance(caught.value.__cause__, NoSpaceError)  # for a technician


@pytest.mark.parametrize("ask", ["understand", "meaning", "plan"])
@pytest.mark.parametrize(
    ("say", "told"),
    [
        ("扫墙根", "我的语言模型现在用不了，这句话没有听懂。"),
        ("sweep", "My language model cannot be used now"),
    ],
)
def test_a_model_that_fails_is_told_in_the_language_of_the_instruction(ask, say, told):
    planner = Planner(lane(tool_width=0.2), FakeModel([]))
    with pytest.raises(ModelError) as caught:
        getattr(planner, ask)(say)
    assert str(caught.value).startswith(told)
    assert str(caught.value.__cause__) == "the fake model has no more lines"
