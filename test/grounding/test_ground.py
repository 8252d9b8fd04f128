"""Tasks to regions: things seen, exceptions, parts, what cannot be reached, questions."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace

import pytest
import shapely
from made_sites import a_floor, a_yard, at, make_site, mark, sweep
from shapely.geometry import LineString, Point, box

from nl_planner.errors import NoSpaceError, UnclearPlaceError, UnknownNameError
from nl_planner.grounding import ground
from nl_planner.site import SeenObject

YARD, FLOOR = a_yard(), a_floor()


def ids(region):
    return [seen.id for seen in region.objects]


# ---- things seen


def test_a_seen_thing_is_worked_with_the_ground_around_it():
    region = ground(sweep(at("in_front_of", "hall"), object="cola_bottle"), YARD)
    assert ids(region) == ["bottle_1"]
    assert region.geometry.contains(Point(24.5, 14.5))
    # 0.05 m of bottle and 0.8 m of machine
    assert region.geometry.area == pytest.approx(math.pi * 0.85**2, rel=0.01)


def test_a_class_stands_for_its_descendants():
    assert ids(ground(sweep(at("in_front_of", "hall"), object="bottle"), YARD)) == ["bottle_1"]
    litter = ground(sweep(at("in_front_of", "hall"), object="litter"), YARD)
    assert ids(litter) == ["bottle_1", "can_1"]


def test_classes_that_are_left_alone():
    task = sweep(at("in_front_of", "hall"), object="litter", except_objects=("bottle",))
    assert ids(ground(task, YARD)) == ["can_1"]


def test_things_elsewhere_do_not_count():
    region = ground(sweep(at("in", "plaza"), object="can"), YARD)
    assert region.objects == ()
    assert region.notes == ("no can has been seen there; the whole place is worked",)
    assert region.geometry.area == pytest.approx(80)


def test_things_anywhere_when_no_place_was_said():
    assert ids(ground(sweep(None, object="leaf"), YARD)) == ["leaf_1"]
    kept_out = sweep(None, object="leaf", except_places=(at("in", "lane"),))
    assert ids(ground(kept_out, YARD)) == ["leaf_1"]


@pytest.mark.parametrize("thing", [None, "branch"])
def test_no_place_and_nothing_seen_takes_a_question(thing):
    with pytest.raises(UnclearPlaceError) as caught:
        ground(sweep(None, object=thing), YARD)
    assert caught.value.missing == "place"


def test_a_thing_in_an_excepted_place_is_left():
    task = sweep(at("near", "hall"), object="can", except_places=(at("in_front_of", "hall"),))
    region = ground(task, YARD)
    assert region.objects == ()
    assert not region.geometry.contains(Point(23, 14.5))


def test_the_spot_around_a_thing_stays_in_its_room():
    site = a_floor(SeenObject("can_1", "can", (9.7, 4.0)))
    region = ground(sweep(at("in", "office"), object="can"), site)
    assert region.geometry.bounds[2] <= 9.9 + 1e-9


def test_a_thing_that_cannot_be_reached_is_told():
    far, near = SeenObject("can_2", "can", (30, 39)), SeenObject("can_3", "can", (30, 36))
    region = ground(sweep(at("along", "wall"), object="can"), a_yard(far, near))
    assert ids(region) == ["can_3"]
    assert region.notes == ("1 × can cannot be reached",)


def test_going_to_a_place_is_room_to_stand():
    region = ground(sweep(at("in_front_of", "hall"), action="go_to"), YARD)
    assert region.geometry.area == pytest.approx(math.pi * 0.4**2, rel=0.01)
    assert shapely.distance(region.geometry, Point(24, 16)) < 0.1  # at the door
    pond = ground(sweep(at("near", "pond"), action="go_to"), YARD).geometry
    assert YARD.free_space.buffer(1e-6).covers(pond)


# ---- exceptions


def test_an_excepted_place_is_left_out():
    task = sweep(at("in", "lane"), except_places=(at("near", "gate", distance=8.0),))
    region = ground(task, YARD)
    assert region.notes == ()
    assert not region.geometry.intersects(Point(30, 7))
    assert region.geometry.contains(Point(10, 7))


def test_an_exception_elsewhere_is_told():
    region = ground(sweep(at("in", "lane"), except_places=(at("in", "plaza"),)), YARD)
    assert region.notes == ("in Plaza is not part of it anyway",)
    assert region.geometry.area == pytest.approx(240)


def test_an_excepted_closed_thing_changes_nothing():
    task = sweep(at("in", "plaza"), except_places=(at("in", "pond"), at("in", "hall")))
    assert ground(task, YARD) == ground(sweep(at("in", "plaza")), YARD)


def test_nothing_left():
    with pytest.raises(NoSpaceError, match="Nothing is left in Plaza once the exceptions"):
        ground(sweep(at("in", "plaza"), except_places=(at("near", "plaza"),)), YARD)


# ---- parts

PARTS = {
    "north": (40, (51, 32)),
    "south": (40, (51, 28)),
    "east": (40, (53.5, 30)),
    "west": (40, (48.5, 30)),
    "middle": (6 * 4, (51, 30)),  # deeper than half of 4 m
    "edge": (80 - 6 * 4, (51, 30)),  # 2 m wide: half as deep as the plaza
    "corner": (4 * math.pi, (51, 30)),  # four quarter discs of 2 m
    "left": (40, (48.5, 30)),  # seen from the operator in the south
    "right": (40, (53.5, 30)),
}


@pytest.mark.parametrize(("part", "expected"), PARTS.items(), ids=PARTS)
def test_parts_of_an_area(part, expected):
    area, centroid = expected
    region = ground(sweep(at("in", "plaza", part=part)), YARD, operator=(51, 20))
    assert region.geometry.area == pytest.approx(area, rel=0.02)
    assert region.geometry.centroid.coords[0] == pytest.approx(centroid, abs=0.05)
    assert region.frame.startswith("in Plaza, ")


def test_a_part_of_a_side():
    region = ground(sweep(at("behind", "hall", part="east")), YARD)
    assert region.geometry.bounds == pytest.approx((26, 24, 32, 27))


# ---- last


def test_the_place_before():
    place = at("in_front_of", "hall")
    again = ground(sweep(at("in", "last")), YARD, last=place)
    assert again.geometry.equals(ground(sweep(place), YARD).geometry)
    near = ground(sweep(at("near", "last", distance=1.0)), YARD, last=place)
    assert near.geometry.area > again.geometry.area


@pytest.mark.parametrize("who", ["last", "robot", "operator"])
def test_a_question_when_it_is_not_known(who):
    with pytest.raises(UnclearPlaceError) as caught:
        ground(sweep(at("near", who)), YARD)
    assert caught.value.missing == who


def test_a_question_about_the_front_of_a_thing_without_one():
    with pytest.raises(UnclearPlaceError, match="Post has no front of its own") as caught:
        ground(sweep(at("left_of", "post")), YARD)
    assert (caught.value.missing, caught.value.landmark) == ("front", "post")
    assert ground(sweep(at("left_of", "post")), YARD, robot=(10, 14, 0)).frame == (
        "left of Post, seen from the robot"
    )


def test_the_operator_comes_before_the_robot():
    region = ground(sweep(at("in_front_of", "post")), YARD, operator=(10, 14), robot=(16, 20, 0))
    assert region.geometry.centroid.y < 20 - 1


# ---- what cannot be


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("halls", "did you mean hall"),
        ("hall.side", "no entrance 'side'"),
        ("pond.gate", "no entrance 'gate'"),
    ],
)
def test_unknown_ids(name, why):
    with pytest.raises(UnknownNameError, match=why):
        ground(sweep(at("near", name)), YARD)


def test_unknown_classes():
    with pytest.raises(UnknownNameError, match="unicorn"):
        ground(sweep(at("in", "plaza"), object="unicorn"), YARD)


@pytest.mark.parametrize(
    ("place", "why"),
    [
        (at("in", "hall"), "I cannot drive into Hall"),
        (at("in", "pond"), "Pond is a keep-out area"),
        (at("south_of", "gate"), "south of Gate lies outside the site"),
    ],
)
def test_what_cannot_be_entered(place, why):
    with pytest.raises(NoSpaceError, match=why) as caught:
        ground(sweep(place), YARD)
    assert caught.value.exit_code == 5


def walled(gap: float):
    """A court of 6 m x 6 m with a gap in the south wall."""
    walls = LineString(
        [(27 - gap / 2, 12), (20, 12), (20, 20), (34, 20), (34, 12), (27 + gap / 2, 12)]
    )
    return make_site(
        mark("court", box(22, 13, 32, 19), "area", names=("庭院", "Courtyard")),
        mark("wall", walls, "wall", width=0.1),
        mark("yard", box(40, 30, 50, 35), "area"),
        boundary=box(0, 0, 60, 40),
    )


def test_no_way_in():
    assert ground(sweep(at("in", "court")), walled(1.2)).geometry.area == pytest.approx(60)
    with pytest.raises(
        NoSpaceError, match=r"ground in Courtyard: no way to it is wider than 0\.7[0-2] m"
    ):
        ground(sweep(at("in", "court")), walled(0.8))
    with pytest.raises(NoSpaceError, match=r"庭院里我到不了：过去的路都不宽于0\.7[0-2]米"):
        ground(sweep(at("in", "court")), walled(0.8), language="zh")


def test_where_the_robot_is_tells_what_it_can_reach():
    inside = (27.0, 16.0, 0.0)
    assert ground(sweep(at("in", "court")), walled(0.8), robot=inside).geometry.area > 59
    with pytest.raises(NoSpaceError, match="I cannot get to the ground in Yard"):
        ground(sweep(at("in", "yard")), walled(0.8), robot=inside)


def test_too_narrow():
    slit = a_yard(
        mark("alley", box(32, 16, 32.5, 24), "area"),
        mark("block", box(32.5, 16, 38, 24), "building"),
    )
    with pytest.raises(NoSpaceError, match=r"too narrow for me: I am 0\.8 m wide"):
        ground(sweep(at("in", "alley", part="middle")), slit)


def test_a_robot_too_wide_for_the_whole_site():
    site = a_yard(robot=replace(YARD.robot, radius=30.0))
    with pytest.raises(NoSpaceError, match="too narrow for me: I am 60 m wide"):
        ground(sweep(at("in", "plaza")), site)


def test_a_ring_that_is_cut_is_told():
    site = a_yard(mark("bin", box(58, 20, 60, 22)))
    assert ground(sweep(at("around", "bin")), site).notes == (
        "the way around Bin is blocked somewhere; what is free is worked",
    )
    assert ground(sweep(at("around", "pond")), site).notes == ()


def test_importing_it_stays_light():
    code = "import nl_planner.grounding, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    assert not {b"matplotlib", b"torch", b"scipy", b"rclpy"} & set(loaded.split())
