"""Places that are easily got wrong: walls, fences, courts, bays, doors that are shut off."""

from __future__ import annotations

import math

import pytest
import shapely
from made_sites import EAST, NORTH, SOUTH, a_yard, at, make_site, mark, sweep
from shapely.geometry import LinearRing, LineString, Point, Polygon, box

from nl_planner.errors import NoSpaceError
from nl_planner.grounding import ground
from nl_planner.site import Entrance, Keepout

YARD = box(0, 0, 40, 30)
HALL = box(15, 10, 27, 16)
DOOR = Entrance("main", (21, 10), ("正门", "main entrance"), SOUTH)


def hall(*more, **options):
    options.setdefault("boundary", YARD)
    return make_site(mark("hall", HALL, "building", doors=[DOOR]), *more, **options)


def region(place, site, **who):
    return ground(sweep(place), site, **who)


# ---- what a wall or a building hides


@pytest.mark.parametrize("gap", [1.0, 2.0])
def test_behind_ends_at_a_fence_and_says_how_much_is_left(gap):
    site = hall(mark("fence", LineString([(12, 16 + gap), (30, 16 + gap)]), "fence", width=0.1))
    found = region(at("behind", "hall"), site)
    assert found.geometry.bounds == pytest.approx((15, 16, 27, 15.95 + gap))
    assert found.notes == (f"only {gap - 0.05:.1f} m of 3 m is free behind Hall",)


def test_a_gap_behind_it_that_is_too_narrow_is_told_with_its_width():
    site = hall(mark("fence", LineString([(12, 16.6), (30, 16.6)]), "fence", width=0.1))
    with pytest.raises(NoSpaceError, match=r"behind Hall is 0\.55 m wide, too narrow .* 0\.8 m"):
        region(at("behind", "hall"), site)


@pytest.mark.parametrize(
    ("language", "why"),
    [
        ("en", "Nothing of the 36 m² behind Hall is free: Pond takes it"),
        ("zh", "Hall后面的36平方米没有可走的地方：被水池占着"),
    ],
)
def test_nothing_behind_it_is_told_with_what_takes_it(language, why):
    pond = Keepout("pond", ("Pond", "水池"), box(10, 16, 32, 30))
    with pytest.raises(NoSpaceError, match=why):
        ground(sweep(at("behind", "hall")), hall(pond), language=language)


def test_a_board_on_a_wall_is_near_on_its_own_side_only():
    wall = box(0, 20, 40, 20.2)
    site = hall(mark("board", Point(20, 20)), mapped=YARD.difference(wall))
    found = region(at("near", "board"), site).geometry
    assert found.bounds[3] <= 20
    assert found.area == pytest.approx(4.5 * math.pi, rel=0.01)


def test_a_desk_against_a_wall_is_not_near_behind_the_wall():
    walls = shapely.union_all([box(0, 20, 36, 20.2), box(19.9, 18.9, 22.1, 20)])
    site = hall(mark("desk", box(20, 19, 22, 20)), mapped=YARD.difference(walls))
    for relation in ("near", "around", "along"):
        found = region(at(relation, "desk"), site).geometry
        assert found.bounds[3] <= 20 + 1e-9, relation
    with pytest.raises(NoSpaceError, match="What is free behind Desk lies behind a wall"):
        region(at("behind", "desk", distance=1.0), site, operator=(21, 10))


def test_a_wall_that_ends_is_walked_around_only_as_far_as_the_reach():
    wall = box(20, 0, 20.2, 20)
    site = make_site(mark("post", Point(19.5, 19)), boundary=YARD, mapped=YARD.difference(wall))
    near = region(at("near", "post", distance=4.0), site).geometry
    assert near.contains(Point(20.5, 20.5))  # 1.1 m to the end of the wall, 0.6 m beyond it
    assert not near.contains(Point(20.5, 16))  # 1 m through the wall, over 5 m around its end


def test_between_things_is_on_both_sides_of_a_wall_and_never_in_it():
    wall = box(19, 0, 19.5, 30)
    one, two = mark("one", box(14, 10, 16, 12)), mark("two", box(22, 10, 24, 12))
    site = make_site(one, two, boundary=YARD, mapped=YARD.difference(box(19, 4, 19.5, 30)))
    found = region(at("between", "one", "two"), site).geometry
    assert len(found.geoms) == 2
    assert found.intersection(wall).area == 0


# ---- courts and ways in


def court(gap: float, **options):
    """A court of 12 m x 8 m with a hall in it; its fence has a gap in the west."""
    fence = LineString(
        [(10, 12 + gap / 2), (10, 18), (26, 18), (26, 6), (10, 6), (10, 12 - gap / 2)]
    )
    return make_site(
        mark(
            "hall", box(16, 10, 20, 13), "building", doors=[Entrance("main", (18, 10), (), SOUTH)]
        ),
        mark("court", box(10.5, 6.5, 25.5, 17.5), "area", names=("庭院", "courtyard")),
        mark("fence", fence, "fence", width=0.02),
        boundary=YARD,
        **options,
    )


@pytest.mark.parametrize("gap", [0.1, 0.5, 0.7])
def test_a_court_with_too_narrow_a_gate_says_how_wide_it_is(gap):
    for place in (at("in", "court"), at("in_front_of", "hall")):
        with pytest.raises(NoSpaceError, match="no way to it is wider than") as caught:
            region(place, court(gap))
        told = float(str(caught.value).split("wider than ")[1].split(" m")[0])
        assert gap - 0.02 <= told <= gap + 0.02
        assert "and I am 0.8 m wide" in str(caught.value)


def test_a_court_without_a_gate_is_closed_all_round():
    ring = mark("fence", LinearRing([(10, 6), (26, 6), (26, 18), (10, 18)]), "fence", width=0.1)
    site = make_site(mark("court", box(11, 7, 25, 17), "area"), ring, boundary=YARD)
    with pytest.raises(NoSpaceError, match="the ground in Court: it is closed all round"):
        region(at("in", "court"), site)
    within = region(at("in", "court"), site, robot=(18, 12, 0))
    assert within.geometry.area == pytest.approx(140)
    around = region(at("along", "fence", distance=2.0), site)
    assert around.geometry.intersection(box(10, 6, 26, 18)).area == pytest.approx(0, abs=1e-6)
    assert "cannot be reached" in around.notes[0]


def test_the_gate_that_is_wide_enough_lets_it_in():
    assert region(at("in_front_of", "hall"), court(0.9)).geometry.area == pytest.approx(4 * 3, 0.01)


# ---- doors


def test_a_keepout_over_half_of_the_doorstep():
    site = hall(Keepout("bed", ("bed",), box(17, 7.5, 20.5, 10)))
    found = region(at("in_front_of", "hall"), site)
    assert found.geometry.intersection(box(17, 7.5, 20.5, 10)).area == 0
    assert found.geometry.contains(Point(21, 9.5))
    assert found.frame == "in front of the main entrance of Hall, which faces south"


def test_a_keepout_over_the_whole_space_before_the_door():
    site = hall(Keepout("bed", ("bed",), box(15, 6, 27, 10)))
    with pytest.raises(NoSpaceError, match=r"Nothing of the 18 m² .* is free: the bed takes it"):
        region(at("in_front_of", "hall"), site)


def test_doors_on_every_side_and_one_by_its_name():
    doors = [
        Entrance("s", (21, 10), ("south door",), SOUTH),
        Entrance("e", (27, 13), ("east door",), EAST),
        Entrance("n", (21, 16), ("north door",), NORTH),
    ]
    site = make_site(mark("hall", HALL, "building", doors=doors), boundary=YARD)
    found = region(at("in_front_of", "hall"), site)
    assert [len(found.geometry.geoms), round(found.geometry.area)] == [3, 18 + 18 + 18]
    assert found.frame == (
        "in front of the south door of Hall, which faces south; in front of the east door of Hall, "
        "which faces east; in front of the north door of Hall, which faces north"
    )
    east = region(at("in_front_of", "hall.e"), site)
    assert east.geometry.centroid.coords[0] == pytest.approx((28.5, 13))
    assert east.frame == "in front of the east door of Hall, which faces east"


# ---- shapes


def u_shaped(**more):
    court = [(5, 5), (19, 5), (19, 17), (15, 17), (15, 9), (9, 9), (9, 17), (5, 17)]
    return make_site(mark("wings", Polygon(court), "building", **more), boundary=YARD)


def test_the_left_of_a_building_is_not_in_its_own_court():
    site = u_shaped(front=NORTH)
    left = region(at("left_of", "wings"), site).geometry
    assert left.bounds == pytest.approx((2, 5, 5, 17))
    front = region(at("in_front_of", "wings"), site).geometry
    assert front.contains(Point(12, 10))  # nothing of the building follows to the north
    behind = region(at("behind", "wings"), site).geometry
    assert behind.equals(box(5, 2, 19, 5))  # without slivers along the walls


def test_the_court_of_a_building_is_near_and_around_it():
    site = u_shaped(front=NORTH)
    for relation in ("near", "around"):
        assert region(at(relation, "wings"), site).geometry.contains(Point(12, 10))


def test_a_road_with_bends():
    road = LineString([(5, 5), (20, 5), (20, 20), (35, 22)])
    site = make_site(mark("lane", road, "road", width=3), boundary=YARD)
    found = region(at("along", "lane"), site).geometry
    assert found.area == pytest.approx(3 * road.length, rel=0.02)
    assert found.covers(road)
    assert not found.contains(Point(23, 17))


def test_along_a_wall_with_bends_is_the_strip_on_both_sides():
    wall = LineString([(10, 10), (25, 10), (25, 20)])
    site = make_site(mark("wall", wall, "wall", width=0.2), boundary=YARD)
    found = region(at("along", "wall", distance=1.0), site).geometry
    for spot in ((15, 9.3), (15, 10.7), (24.3, 15), (25.7, 15)):
        assert found.contains(Point(spot)), spot
    assert found.area == pytest.approx(wall.buffer(1.1).area - wall.buffer(0.1).area, rel=0.02)


PARTS_OF_L = {"north": (42, 17), "south": (82, 8), "east": (32, 14), "west": (92, 6)}


@pytest.mark.parametrize(("part", "expected"), PARTS_OF_L.items(), ids=PARTS_OF_L)
def test_halves_of_a_concave_area_are_by_its_extent(part, expected):
    lawn = Polygon([(2, 5), (18, 5), (18, 9), (8, 9), (8, 19), (2, 19)])
    site = make_site(mark("lawn", lawn, "area"), boundary=YARD)
    area, middle = expected
    found = region(at("in", "lawn", part=part), site).geometry
    assert found.area == pytest.approx(area)
    at_middle = found.centroid.x if part in ("east", "west") else found.centroid.y
    assert abs(at_middle - middle) < 2
    corners = region(at("in", "lawn", part="corner"), site).geometry
    assert len(corners.geoms) == 5  # the sixth corner does not jut out


def test_a_round_area_has_no_corners():
    site = make_site(mark("disc", Point(20, 15).buffer(5), "area"), boundary=YARD)
    with pytest.raises(NoSpaceError):
        region(at("in", "disc", part="corner"), site)


# ---- distances


def test_the_farthest_distance_is_the_whole_of_the_ground():
    site = a_yard()
    found = region(at("near", "plaza", distance=1000.0), site)
    reachable = max(site.free_space.geoms, key=lambda part: part.area)
    assert found.geometry.area == pytest.approx(reachable.area, rel=0.001)


def test_a_tiny_distance_is_a_strip_at_the_wall():
    found = region(at("in_front_of", "hall", distance=0.2), hall())
    assert found.geometry.area == pytest.approx(0.4 * 0.2)
    assert region(at("around", "hall", distance=0.1), hall()).geometry.area == pytest.approx(
        36 * 0.1, rel=0.02
    )


# ---- opposite


def test_opposite_stays_on_the_road_when_a_fence_follows_it():
    road, fence = box(0, 4, 40, 8), LineString([(0, 3.7), (40, 3.7)])
    site = hall(mark("road", road, "road"), mark("fence", fence, "fence", width=0.1))
    found = region(at("opposite", "hall"), site)
    assert found.geometry.bounds == pytest.approx((15, 4, 27, 7))
    assert "across Road" in found.frame


def test_opposite_ends_at_a_fence_behind_the_far_side():
    road, fence = box(0, 5, 40, 8), LineString([(0, 3), (40, 3)])
    site = hall(mark("road", road, "road"), mark("fence", fence, "fence", width=0.1))
    found = region(at("opposite", "hall"), site)
    assert found.geometry.bounds == pytest.approx((15, 3.05, 27, 5))


def test_opposite_a_lamp_post_on_the_far_side_changes_little():
    post = mark("post", Point(21, 4.6), width=0.3)
    site = hall(mark("road", box(0, 5, 40, 8), "road"), post)
    found = region(at("opposite", "hall"), site)
    assert found.geometry.area == pytest.approx(36, abs=0.1)
    assert found.geometry.bounds == pytest.approx((15, 2, 27, 5))
