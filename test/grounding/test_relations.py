"""Every relation, by the area and centroid of its region worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import shapely
from made_sites import EAST, SOUTH, a_floor, a_yard, at, mark, mover, sweep, turned
from shapely.geometry import LineString, Point, Polygon, box

from nl_planner.errors import NoSpaceError
from nl_planner.grounding import ground
from nl_planner.site import Entrance

YARD, FLOOR = a_yard(), a_floor()
OPERATOR, ROBOT = (10.0, 14.0), (40.0, 12.0, math.pi / 2)

OUTDOORS = [
    (at("in", "plaza"), 80, (51, 30)),
    (at("in", "lane"), 240, (30, 8)),
    (at("in_front_of", "hall"), 18, (24, 14.5)),  # 6 m x 3 m before the door
    (at("in_front_of", "hall.main"), 18, (24, 14.5)),
    (at("in_front_of", "hall", distance=2.0), 4 * 2, (24, 15)),
    (at("in_front_of", "shed"), 24, (45.5, 20)),
    (at("in_front_of", "gate"), 12, (30, 2.5)),  # a gate faces into the site
    (at("in_front_of", "post"), 9, (10, 18.5)),  # towards the operator in the south
    (at("behind", "hall"), 36, (26, 25.5)),
    (at("behind", "post"), 9, (10, 21.5)),
    (at("left_of", "hall"), 24, (33.5, 20)),  # its own left, looking out to the south
    (at("right_of", "hall"), 24, (18.5, 20)),
    (at("left_of", "post"), 9, (8.5, 20)),  # the left of the operator, who looks north
    (at("right_of", "post"), 9, (11.5, 20)),
    (at("left_of", "robot"), 9, (38.5, 12)),  # it faces north
    (at("near", "post"), 9 * math.pi, (10, 20)),
    (at("near", "operator"), 9 * math.pi, (10, 14)),
    (at("in", "robot"), 9 * math.pi, (40, 12)),
    (at("near", "shed", distance=2.0), 2 * 28 + 4 * math.pi, (41, 20)),
    (at("near", "plaza", distance=1.0), 80 + 36 + math.pi, (51, 30)),
    (at("around", "plaza", distance=1.0), 36 + math.pi, (51, 30)),
    (at("around", "pond"), 60 + 9 * math.pi, (9, 30)),
    (at("between", "hall", "shed"), 48, (35, 20)),
    (at("along", "lane"), 240, (30, 8)),
    (at("along", "wall"), 180, (30, 36.4)),  # the strip behind it cannot be reached
    (at("along", "pond"), 60 + 9 * math.pi, (9, 30)),
    (at("opposite", "hall"), 36, (26, 4.5)),  # the far side of the lane
    (at("opposite", "shed"), 24, (58.5, 20)),  # no way there: the foot of what stands opposite
    (at("north_of", "shed"), 18, (41, 25.5)),
    (at("south_of", "shed", distance=5.0), 30, (41, 13.5)),
    (at("east_of", "shed"), 24, (45.5, 20)),
    (at("west_of", "shed"), 24, (36.5, 20)),
]

# Two quarter discs of 1 m, and two that the wall cuts off at 0.2 m.
CORNERS = 2 * (math.pi / 4) + 2 * (0.1 * math.sqrt(0.96) + math.asin(0.2) / 2)

INDOORS = [
    (at("in", "office"), 9.9 * 8.8 + 0.1 * 1 - 2.4, (4.827, 7.61)),  # less the desk
    (at("in_front_of", "office"), 6 * 2.9 + 1 * 0.1, (3.5, 1.56)),  # in the corridor
    (at("in_front_of", "store.door"), 6 * 2.9 + 1 * 0.1, (13.5, 1.56)),
    (at("in", "office", part="east"), 4.9 * 8.8 - 2.4, (7.35, 7.64)),
    (at("in_front_of", "desk"), 9, (7, 7)),
    (at("behind", "sofa"), 9, (15, 9.5)),
    (at("left_of", "sofa"), 9, (17.5, 7.5)),
    (at("left_of", "desk", distance=1.0), 1.2, (9.1, 5.5)),  # it faces west
    (at("right_of", "desk", distance=1.0), 1.2, (9.1, 8.5)),
    (at("near", "desk", distance=1.0), 2 + 1.2 + 1.2 + 0.4 + CORNERS, (8.62, 7)),  # not the store
    (at("around", "desk", distance=1.0), 2 + 1.2 + 1.2 + 0.4 + CORNERS, (8.62, 7)),
    (at("along", "desk", distance=1.0), 2 + 1.2 + 1.2 + 0.4 + CORNERS, (8.62, 7)),
    (at("between", "desk", "robot"), 16.5, (5.75, 7)),
    (at("opposite", "desk"), 9, (1.5, 7)),
    (at("north_of", "desk"), 2.3 * 3, (8.75, 9.5)),
    (at("south_of", "desk"), 2.3 * 2.8 + 0, (8.75, 4.6)),
    (at("west_of", "desk"), 9, (7, 7)),
    (at("east_of", "sofa"), 9, (17.5, 7.5)),
]


def region_of(place, site, **who):
    return ground(sweep(place), site, **who).geometry


@pytest.mark.parametrize(("place", "area", "centroid"), OUTDOORS, ids=str)
def test_outdoors(place, area, centroid):
    check(region_of(place, YARD, operator=OPERATOR, robot=ROBOT), area, centroid)


@pytest.mark.parametrize(("place", "area", "centroid"), INDOORS, ids=str)
def test_indoors(place, area, centroid):
    check(region_of(place, FLOOR, robot=(3.0, 7.0, 0.0)), area, centroid)


# Around a plant of 0.2 m: half of its square, less half of the plant.
BESIDE = 0.4 * 0.2 - 0.02 * math.pi
FROM_THE_EAST = [
    ("in_front_of", 3 * 2.5 + 1 * 0.1 + BESIDE, (12.71, 4.44)),  # towards the viewer
    ("behind", 0.7 * 2.5 + BESIDE, (10.46, 4.45)),  # up to the wall
    ("left_of", 2.4 * 0.8 + BESIDE, (11.3, 3.6)),  # south, for who looks west
    ("right_of", 2.4 * 3 + BESIDE, (11.3, 5.9)),
]


@pytest.mark.parametrize(("relation", "area", "centroid"), FROM_THE_EAST)
@pytest.mark.parametrize("who", [{"operator": (14, 4.2)}, {"robot": (14, 4.2, 1.0)}], ids=str)
def test_a_thing_without_a_front_is_seen_by_the_viewer(relation, area, centroid, who):
    small = a_floor(robot=replace(FLOOR.robot, radius=0.2))  # it gets between plant and wall
    region = ground(sweep(at(relation, "plant")), small, **who)
    check(region.geometry, area, centroid)
    seen_from = "the robot" if "robot" in who else "where you stand"
    assert region.frame.endswith(f" Plant, seen from {seen_from}")


def check(region, area, centroid):
    assert region.area == pytest.approx(area, rel=0.005)
    assert (region.centroid.x, region.centroid.y) == pytest.approx(centroid, abs=0.02)


COMPASS = ("north_of", "south_of", "east_of", "west_of")


@pytest.mark.parametrize("degrees", [0, 30, 90, 200])
@pytest.mark.parametrize(
    ("site", "places"),
    [(YARD, [case[0] for case in OUTDOORS]), (FLOOR, [case[0] for case in INDOORS])],
    ids=["yard", "floor"],
)
def test_a_region_turns_with_its_site(site, places, degrees):
    angle = math.radians(degrees)
    move = mover(angle)
    other = turned(site, angle)
    operator = Point(OPERATOR)
    robot = Point(ROBOT[:2] if site is YARD else (3, 7))
    yaw = ROBOT[2]
    for place in places:
        if place.relation.value in COMPASS or place.part == "east":
            continue
        before = region_of(place, site, operator=operator.coords[0], robot=(robot.x, robot.y, yaw))
        turned_robot = move(robot)
        after = region_of(
            place,
            other,
            operator=move(operator).coords[0],
            robot=(turned_robot.x, turned_robot.y, yaw + angle),
        )
        differs = shapely.symmetric_difference(move(before), after).area
        assert differs < 0.01 * before.area, place


def test_compass_sides_do_not_turn_with_the_thing():
    turned_shed = turned(a_yard(), math.pi / 2)
    region = region_of(at("north_of", "shed"), turned_shed)
    assert region.centroid.y == pytest.approx(44 + 1.5, abs=0.01)  # the shed is at (-20, 41) now
    assert region.centroid.x == pytest.approx(-20, abs=0.01)


@pytest.mark.parametrize("thing", ["hall", "shed", "post", "gate"])
def test_a_mirror_swaps_left_and_right(thing):
    mirror = mover(0, mirrored=True)
    mirrored = turned(YARD, 0, mirrored=True)
    left = region_of(at("left_of", thing), YARD, operator=OPERATOR)
    right = region_of(at("right_of", thing), mirrored, operator=(-OPERATOR[0], OPERATOR[1]))
    assert shapely.symmetric_difference(mirror(left), right).area < 1e-6
    same = region_of(at("in_front_of", thing), mirrored, operator=(-OPERATOR[0], OPERATOR[1]))
    front = region_of(at("in_front_of", thing), YARD, operator=OPERATOR)
    assert shapely.symmetric_difference(mirror(front), same).area < 1e-6


@pytest.mark.parametrize("thing", ["desk", "plant"])
def test_a_mirror_swaps_left_and_right_indoors(thing):
    mirror = mover(0, mirrored=True)
    mirrored = turned(FLOOR, 0, mirrored=True)
    here, there = (14.0, 6.0), (-14.0, 6.0)
    swapped = {"left_of": "right_of", "right_of": "left_of", "in_front_of": "in_front_of"}
    for relation, other in swapped.items():
        region = region_of(at(relation, thing), FLOOR, operator=here)
        image = region_of(at(other, thing), mirrored, operator=there)
        # Around the ends of walls a region spreads in steps, which fall a little differently.
        assert shapely.symmetric_difference(mirror(region), image).area < 0.02 * region.area


def test_the_far_edge_of_the_way_when_nothing_is_free_beyond():
    site = a_yard(mark("row", box(0, 0, 60, 6), "building"), without=("gate",))
    check(region_of(at("opposite", "hall"), site), 36, (26, 7.5))


def test_opposite_without_anything_there():
    site = a_yard(without=("lane", "gate"), robot=None or a_yard().robot)
    region = region_of(at("opposite", "hall"), site)
    check(region, 36, (26, 1.5))  # the foot of the boundary


def test_a_line_is_five_metres_wide_unless_it_says():
    kerbs = [
        mark("path", LineString([(10, 12), (40, 12)]), "road"),
        mark("track", LineString([(10, 3), (40, 3)]), "road", width=2.0),
    ]
    site = a_yard(*kerbs)
    check(region_of(at("in", "path"), site), 150, (25, 12))
    check(region_of(at("along", "track"), site), 60, (25, 3))


def test_a_bare_line_has_two_sides_and_no_body():
    site = a_yard(mark("kerb", LineString([(0, 12), (60, 12)]), "kerb"))
    check(region_of(at("along", "kerb", distance=1.0), site), 120, (30, 12))


def test_before_several_doors_unless_one_is_named():
    doors = [Entrance("unit_1", (23, 24), facing=math.pi / 2), Entrance("unit_2", (29, 24))]
    doors[1] = Entrance("unit_2", (29, 24), ("Unit 2",), math.pi / 2)
    site = a_yard(mark("flats", box(20, 16, 32, 24), "building", doors=doors), without=("hall",))
    check(region_of(at("in_front_of", "flats"), site), 36, (26, 25.5))
    check(region_of(at("in_front_of", "flats.unit_2"), site), 18, (29, 25.5))
    check(region_of(at("near", "flats.unit_2"), site), 4.5 * math.pi, (29, 25.27))
    check(region_of(at("behind", "flats.unit_2"), site), 36, (26, 14.5))


def test_a_back_door_is_not_the_front_when_the_site_says_the_front():
    doors = [
        Entrance("main", (26, 16), facing=SOUTH),
        Entrance("back", (26, 24), facing=math.pi / 2),
    ]
    hall = mark("twin", box(20, 16, 32, 24), "building", doors=doors, front=SOUTH)
    site = a_yard(hall, without=("hall",))
    check(region_of(at("in_front_of", "twin"), site), 18, (26, 14.5))
    check(region_of(at("in_front_of", "twin.back"), site), 18, (26, 25.5))


def test_the_front_of_a_corner_door_stops_near_the_corner():
    door = Entrance("main", (38.5, 16), facing=SOUTH)
    site = a_yard(mark("kiosk", box(38, 16, 44, 24), "building", doors=[door]), without=("shed",))
    # 3 m to the east; to the west the wall ends after 0.5 m, so it is half the depth.
    check(region_of(at("in_front_of", "kiosk"), site), 4.5 * 3, (39.25, 14.5))


def test_the_site_may_set_its_own_reach():
    site = a_yard(reach={"near": 2.0, "in_front_of": 1.0})
    assert region_of(at("near", "post"), site).area == pytest.approx(4 * math.pi, rel=0.005)
    assert region_of(at("in_front_of", "shed"), site).area == pytest.approx(8)
    assert region_of(at("behind", "shed"), site).area == pytest.approx(24)


def test_between_things_that_do_not_overlap_across():
    posts = [mark("a", Point(4, 14)), mark("b", Point(4, 22))]
    check(region_of(at("between", "a", "b"), a_yard(*posts)), 24, (4, 18))


def test_beside_a_narrow_thing_is_not_between():
    kiosk = mark("kiosk", box(40, 29, 41, 33), "building")
    check(region_of(at("between", "kiosk", "shed"), a_yard(kiosk)), 15, (40.5, 26.5))


def test_between_a_slanting_wall_and_a_straight_one():
    slanted = Polygon([(38, 28), (44, 30), (44, 33), (38, 33)])
    barn = mark("barn", slanted, "building")
    region = region_of(at("between", "barn", "shed"), a_yard(barn))
    assert region.area == pytest.approx(6 * 4 + 6 * 2 / 2, rel=0.01)


def test_between_two_corners_leaves_out_the_other_sides():
    kiosk = mark("kiosk", box(32, 28, 35, 31), "building")
    region = region_of(at("between", "kiosk", "shed"), a_yard(kiosk))
    assert region.contains(Point(36.5, 26))
    assert not region.intersects(box(37, 16, 38, 21))


def test_behind_a_thing_with_the_fence_at_its_back():
    site = a_yard(mark("bin", box(57, 16, 59, 24), front=math.pi), robot=a_yard().robot)
    region = ground(sweep(at("behind", "bin")), site)
    check(region.geometry, 8, (59.5, 20))
    assert region.notes == ("only 1.0 m of 3 m is free behind Bin",)


def test_a_thing_on_the_fence_has_nothing_behind_it():
    site = a_yard(mark("bin", box(57, 16, 60, 24), front=math.pi))
    with pytest.raises(NoSpaceError, match="behind Bin lies outside the site"):
        region_of(at("behind", "bin"), site)


def test_facing_is_told_in_words():
    assert ground(sweep(at("in_front_of", "hall")), YARD).frame == (
        "in front of the main entrance of Hall, which faces south"
    )
    assert ground(sweep(at("in_front_of", "hall")), YARD, language="zh").frame == (
        "大厅正门前面（朝南）"
    )
    east = a_yard(mark("sign", LineString([(40, 30), (40, 31)]), front=EAST, width=0.2))
    assert "faces east" in ground(sweep(at("in_front_of", "sign")), east).frame
