"""Machines that cannot turn on the spot: nothing sharper than they can drive, nothing outside."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from regions import SHAPES, random_region
from shapely.geometry import LineString, Point, box

from nl_planner.coverage import PieceKind, cover, drive_to, remaining
from nl_planner.errors import BadInputError, NoSpaceError

RADIUS, WIDTH, TURN = 0.3, 0.5, 0.4
MACHINE = {"radius": RADIUS, "tool_width": WIDTH, "turning_radius": TURN}
HALL = box(0, 0, 12, 9).difference(box(4, 4, 5, 6))


def gears(path):
    gear = np.ones(len(path.poses) - 1)
    for piece in path.pieces:
        gear[piece.start : piece.stop] = -1 if piece.reverse else 1
    return gear


def assert_drivable(path, free, turning_radius=TURN):
    """Inside, as a polyline of chords of arcs no tighter than the radius, cusps without a turn."""
    xy = path.poses[:, :2]
    room = free.buffer(-RADIUS, quad_segs=16).buffer(1e-3)
    assert LineString(xy).difference(room).length == 0
    step = np.diff(xy, axis=0) * gears(path)[:, None]
    far, yaw = np.hypot(*step.T), np.arctan2(step[:, 1], step[:, 0])
    assert np.allclose(np.cos(path.poses[:-1, 2] - yaw), 1)
    bend = np.abs((np.diff(yaw) + math.pi) % (2 * math.pi) - math.pi)
    # a chord of an arc of s m bends by at most s / radius from the next; ends of arcs by half
    most = (far[1:] + far[:-1]) / 2 / turning_radius
    assert (bend <= np.minimum(most * 1.02 + 1e-2, 0.12)).all()


def swept(path):
    runs = [LineString(path.poses[p.start : p.stop + 1, :2]) for p in path.pieces if p.tool_on]
    return shapely.union_all(shapely.buffer(np.array(runs), WIDTH / 2))


@settings(max_examples=8, deadline=None, derandomize=True)
@given(shape=st.sampled_from(SHAPES), seed=st.integers(0, 10**6))
def test_any_region(shape, seed):
    region = random_region(shape, seed)
    try:
        path = cover(region, **MACHINE)
    except NoSpaceError:
        return
    if len(path.poses) == 1:
        return
    assert_drivable(path, region)
    rooms = shapely.get_parts(region.buffer(-RADIUS))
    room = max(rooms, key=lambda part: part.intersection(LineString(path.poses[:, :2])).length)
    target = room.buffer(WIDTH / 2).intersection(region)
    share = swept(path).intersection(target).area / target.area
    assert share == pytest.approx(path.coverage, abs=0.01)
    assert path.duration >= path.length / 0.5


def test_a_hall_is_cleaned_with_wide_turns_into_swaths_further_on():
    path = cover(HALL, **MACHINE)
    assert_drivable(path, HALL)
    assert path.coverage > 0.99
    kinds = {piece.kind for piece in path.pieces}
    assert {PieceKind.EDGE, PieceKind.SWATH, PieceKind.TURN} <= kinds
    assert any(piece.reverse for piece in path.pieces)
    on_the_spot = cover(HALL, radius=RADIUS, tool_width=WIDTH)
    assert path.length < 1.6 * on_the_spot.length
    # half a circle is 0.8 m wide: the neighbour at 0.5 m is skipped more often than not
    rows = [
        path.poses[piece.start, 1]
        for piece in path.pieces
        if piece.kind is PieceKind.SWATH and np.ptp(path.poses[piece.start : piece.stop + 1, 0]) > 5
    ]
    assert len(rows) > 5
    assert np.median(np.abs(np.diff(rows))) > 0.8


def test_a_corridor_too_narrow_to_turn_is_driven_out_of_backwards():
    corridor = shapely.union_all([box(0, 0, 5, 4), box(5, 1.6, 13, 2.3)])
    path = cover(corridor, start=(1, 1, 0), **MACHINE)
    assert_drivable(path, corridor)
    assert path.poses[:, 0].max() > 12.5
    out = [p for p in path.pieces if p.reverse and path.poses[p.start : p.stop + 1, 0].max() > 6]
    assert out or path.poses[-1, 0] > 6
    assert path.coverage > 0.97


def test_same_input_same_path():
    region = random_region("neck", 1)
    one, two = (cover(region, **MACHINE) for _ in range(2))
    assert np.array_equal(one.poses, two.poses)
    assert one.pieces == two.pieces


def test_the_start_pose_is_kept():
    path = cover(HALL, start=(2, 2, math.pi / 2), **MACHINE)
    assert_drivable(path, HALL)
    assert np.allclose(path.poses[0, :2], (2, 2), atol=1e-6)
    assert abs(path.poses[0, 2] - math.pi / 2) < 0.06  # half a step of an arc


def test_second_pass_and_spots():
    twice = cover(box(0, 0, 6, 5), passes=2, **MACHINE)
    assert_drivable(twice, box(0, 0, 6, 5))
    assert twice.length > 1.6 * cover(box(0, 0, 6, 5), **MACHINE).length
    spots = cover(HALL, start=(1, 1), spots=[(10.5, 1.0, 0.1), (1.5, 7.5, 0.2)], **MACHINE)
    assert_drivable(spots, HALL)
    assert spots.coverage > 0.9
    assert {piece.kind for piece in spots.pieces} <= {PieceKind.SPOT, PieceKind.TRANSIT}


def test_what_remains_goes_on_where_it_stopped():
    path = cover(HALL, **MACHINE)
    rest = remaining(path, path.length / 2, HALL, **MACHINE)
    assert_drivable(rest, HALL)
    assert rest.length == pytest.approx(path.length / 2, rel=0.05)
    assert rest.coverage == pytest.approx(path.coverage, abs=5e-3)
    recharged = remaining(path, path.length / 2, HALL, start=(11, 8, 0), **MACHINE)
    assert_drivable(recharged, HALL)
    assert recharged.pieces[0].kind is PieceKind.TRANSIT
    assert recharged.length < rest.length + 30


def test_what_remains_around_a_new_obstacle():
    path = cover(HALL, **MACHINE)
    free = HALL.difference(box(7, 1, 9, 3))
    rest = remaining(path, 30.0, HALL, free, **MACHINE)
    assert_drivable(rest, free)
    assert rest.coverage > 0.97


def test_drive_to_turns_as_the_machine_can():
    walls = box(0, 0, 10, 10).difference(box(4, 0, 5, 9 - 0.5))
    path = drive_to(
        Point(8, 1).buffer(0.3), walls, start=(1, 1, -1.0), radius=RADIUS, turning_radius=TURN
    )
    assert_drivable(path, walls)
    assert Point(path.poses[-1, :2]).distance(Point(8, 1)) < 0.3
    assert {piece.kind for piece in path.pieces} == {PieceKind.TRANSIT}


@pytest.mark.parametrize("radius", [-0.1, math.nan, math.inf])
def test_bad_radius(radius):
    with pytest.raises(BadInputError, match="turning_radius"):
        cover(HALL, **MACHINE | {"turning_radius": radius})
