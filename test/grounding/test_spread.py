"""What a wall hides is not near; what lies in another room is not meant."""

from __future__ import annotations

import math

import pytest
import shapely
from made_sites import EAST, SOUTH, a_floor, at, make_site, mark, sweep
from shapely.geometry import LineString, MultiPolygon, Point, box

from nl_planner.grounding import ground
from nl_planner.grounding.spread import spread


def open_ground(*walls):
    ground_ = box(-10, -10, 10, 10)
    for wall in walls:
        ground_ = ground_.difference(wall)
    return MultiPolygon(shapely.get_parts(ground_).tolist())


def test_a_spread_in_the_open_is_a_disc():
    reached = spread(Point(0, 0), open_ground(), 3)
    disc = Point(0, 0).buffer(3)
    assert disc.difference(reached).area < 0.05
    assert reached.difference(disc.buffer(0.1)).is_empty


@pytest.mark.parametrize("thickness", [0.02, 0.1, 0.5])
def test_a_wall_holds_a_spread_however_thin(thickness):
    wall = box(1, -10, 1 + thickness, 10)
    assert spread(Point(0, 0), open_ground(wall), 5).bounds[2] == pytest.approx(1)


@pytest.mark.parametrize("thickness", [0.02, 0.1, 0.5])
def test_the_way_round_a_wall_counts(thickness):
    """To (1 + t, y) behind the wall's end at (1, 2) it is sqrt(5) and what follows."""
    wall = box(1, -10, 1 + thickness, 2)
    reached = spread(Point(0, 0), open_ground(wall), 4)
    behind = 1 + thickness
    left = 4 - math.sqrt(5) - thickness
    assert reached.intersects(Point(behind + 0.02, 2 - left + 0.35))
    assert not reached.intersects(Point(behind + 0.02, 2 - left - 0.5))
    assert not reached.intersects(Point(2.5, 0))  # 1.5 m beyond the wall, 4.7 m on foot


def test_a_door_lets_through_what_is_left_of_the_reach():
    wall = LineString([(1, -10), (1, -0.3)]).union(LineString([(1, 0.3), (1, 10)])).buffer(0.05)
    reached = spread(Point(0, 0), open_ground(wall), 3)
    assert reached.intersects(Point(2.8, 0))
    assert not reached.intersects(Point(1.1, 2.7))  # 2.9 m off, but behind the wall


def test_near_a_thing_does_not_reach_the_next_room():
    region = ground(sweep(at("near", "desk")), a_floor()).geometry
    assert region.bounds[2] <= 9.9 + 1e-9
    assert region.bounds[1] >= 3


def test_near_a_room_goes_out_by_its_door():
    region = ground(sweep(at("near", "office")), a_floor()).geometry
    assert region.intersects(Point(3.5, 1))  # before the door
    assert not region.intersects(Point(8.5, 2.5))  # half a metre behind the wall, 5 m by the door
    assert not region.intersects(Point(11, 8))  # the next room


def test_near_a_door_is_on_both_sides_of_it():
    region = ground(sweep(at("near", "office.door", distance=1.0)), a_floor()).geometry
    assert region.intersects(Point(3.5, 2.5))
    assert region.intersects(Point(3.5, 3.7))


def test_near_someone_in_the_corridor_is_no_room():
    region = ground(sweep(at("near", "operator")), a_floor(), operator=(3.5, 1.5)).geometry
    assert region.bounds[3] <= 3.1 + 1e-9


def test_a_board_on_the_wall_between_rooms_has_a_side_in_each():
    board = mark("board", LineString([(9.95, 5), (9.95, 7)]), width=0.3, front=EAST)
    site = a_floor(board)
    front = ground(sweep(at("in_front_of", "board")), site).geometry
    assert front.bounds == pytest.approx((10.1, 4.5, 13.1, 7.5), abs=0.01)
    both = ground(sweep(at("along", "board", distance=1.0)), site).geometry
    assert both.intersects(Point(9.5, 6))
    assert both.intersects(Point(10.5, 6))


def test_a_cabinet_in_the_corridor_is_not_in_the_room_behind_its_wall():
    site = a_floor(mark("cabinet", box(6, 2.5, 8, 3), front=SOUTH))
    region = ground(sweep(at("near", "cabinet", distance=1.0)), site).geometry
    assert region.bounds[3] <= 3 + 1e-9


def test_a_building_hides_what_is_behind_it():
    site = make_site(
        mark("kiosk", box(0, 0, 2, 2), "building"),
        mark("house", box(2.5, -30, 3, 30), "building"),
        boundary=box(-50, -50, 50, 50),
    )
    region = ground(sweep(at("near", "kiosk")), site).geometry
    assert region.bounds[2] <= 2.5 + 1e-9
