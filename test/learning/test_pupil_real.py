"""Corrections and names in people's own words, with the real language model."""

import pytest

from nl_planner import Planner
from nl_planner.site import read_site
from nl_planner.task import Intent, Status


@pytest.fixture(scope="module")
def planners(riverside, real_model, tmp_path_factory):
    """A planner with a journal of its own for each of two sites."""
    indoor = read_site(riverside.source.with_name("indoor.site.yaml"))
    folder = tmp_path_factory.mktemp("journals")
    return {
        name: Planner(site, real_model, journal=folder / f"{name}.db")
        for name, site in (("riverside", riverside), ("indoor", indoor))
    }


@pytest.mark.parametrize(
    ("site", "says", "task"),
    [
        ("riverside", ["扫一下一号楼门口", "不对，是二号楼"], ("sweep", None, "building_2")),
        ("riverside", ["sweep in front of the property office", "no, the convenience store"],
         ("sweep", None, "convenience_store")),
        ("riverside", ["捡一下广场的可乐瓶", "不是可乐瓶是水瓶"],
         ("pick_up", "water_bottle", "plaza")),
        ("riverside", ["vacuum the playground", "not the playground, the plaza, thanks"],
         ("vacuum", None, "plaza")),
        ("riverside", ["把广场吸一下", "不对", "是健身角"], ("vacuum", None, "fitness_corner")),
        ("riverside", ["vacuum the playground", "no, sweep it"], ("sweep", None, "playground")),
        ("indoor", ["拖一下卧室", "错了，是书房"], ("mop", None, "study")),
        ("indoor", ["vacuum near the sofa", "no, near the dining table"],
         ("vacuum", None, "dining_table")),
    ],
)  # fmt: skip
def test_a_correction_is_understood_and_tied_to_what_it_corrects(planners, site, says, task):
    planner = planners[site]
    planner.forget()
    for say in says[:-1]:
        planner.understand(say)
    understood = planner.understand(says[-1])
    assert (understood.intent, understood.status) == (Intent.CORRECT, Status.READY)
    (right,) = understood.tasks
    assert (right.action, right.object, right.place.landmarks[0]) == task


@pytest.mark.parametrize(
    ("site", "teach", "name", "target", "use"),
    [
        ("riverside", "记住，健身角大家都叫老地方", "老地方", "fitness_corner", "老地方吸一下"),
        ("riverside", "note that the bike shed is what we call the Cave", "Cave", "bike_shed",
         "sweep the cave"),
        ("riverside", "我们管儿童乐园叫“开心角”", "开心角", "playground", "去开心角"),
        ("riverside", "remember: building 6 unit 2 is the Annex", "Annex", "building_6.unit_2",
         "sweep in front of the Annex"),
        ("indoor", "记一下，活动室我们都叫小操场", "小操场", "activity_room", "小操场吸一吸"),
        ("indoor", "when I say the den I mean the study", "den", "study", "mop the den"),
    ],
)  # fmt: skip
def test_a_taught_name_is_learned_and_used(planners, site, teach, name, target, use):
    planner = planners[site]
    planner.forget()
    assert planner.understand(teach).status is Status.READY
    assert name in planner.note
    (task,) = planner.understand(use).tasks
    assert task.place.landmarks == (target,)


def test_a_place_asked_for_and_doubted_gets_its_name(planners, riverside):
    planner = planners["riverside"]
    planner.forget()
    assert planner.understand("记住这里叫老窝").status is Status.ASK
    assert planner.understand("凉亭").status is Status.READY
    asked = planner.understand("记住，滑梯我们叫老窝")
    assert "不再是凉亭" in asked.question
    understood = planner.understand("对")
    assert (understood.intent, understood.tasks) == (Intent.REMEMBER, ())
    assert planner.understand("老窝旁边扫一下").tasks[0].place.landmarks == ("slide",)
