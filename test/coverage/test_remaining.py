"""What remains of a path that was driven in part."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from regions import SHAPES, random_region
from shapely.geometry import LineString, Point, box
from shapely.ops import substring

from nl_planner.coverage import CoveragePath, PieceKind, cover, progress, remaining
from nl_planner.errors import BadInputError, NoSpaceError

RADIUS, WIDTH = 0.3, 0.5
MACHINE = {"radius": RADIUS, "tool_width": WIDTH}
HALL = box(0, 0, 12, 9).difference(box(4, 4, 5, 6))
PATH = cover(HALL, **MACHINE)


def upto(path: CoveragePath, done: float) -> np.ndarray:
    """(N, 2) the part of the path that was driven."""
    line = substring(LineString(path.poses[:, :2]), 0, done)
    return shapely.get_coordinates(line)


def swept(*lines):
    runs = [LineString(xy[i : i + 12]) for xy in lines for i in range(0, len(xy) - 1, 11)]
    return shapely.union_all(shapely.buffer(np.array(runs), WIDTH / 2))


def assert_inside(path, free):
    room = free.buffer(-RADIUS, quad_segs=32).buffer(3e-3)
    assert LineString(path.poses[:, :2]).difference(room).length == 0


def at_pose(path, index):
    return float(np.hypot(*np.diff(path.poses[: index + 1, :2], axis=0).T).sum())


@settings(max_examples=12, deadline=None, derandomize=True)
@given(shape=st.sampled_from(SHAPES), seed=st.integers(0, 10**6), share=st.floats(0, 1))
def test_stopped_anywhere_the_rest_cleans_the_rest(shape, seed, share):
    region = random_region(shape, seed)
    try:
        path = cover(region, **MACHINE)
    except NoSpaceError:
        return
    done = at_pose(path, int(share * (len(path.poses) - 1)))
    rest = remaining(path, done, region, **MACHINE)
    if len(rest.poses) > 1:
        assert_inside(rest, region)
    whole = swept(path.poses[:, :2]).intersection(region)
    both = swept(upto(path, done), rest.poses[:, :2]).intersection(region)
    assert both.area >= whole.area - 0.002 * region.area
    assert done + rest.length <= 1.05 * path.length
    assert rest.coverage == pytest.approx(path.coverage, abs=3e-3)
    stop = upto(path, done)[-1]
    assert np.allclose(rest.poses[0, :2], stop, atol=2e-3)  # no jump to another lane
    again = remaining(path, done, region, **MACHINE)
    assert np.array_equal(rest.poses, again.poses)
    assert rest.pieces == again.pieces


def test_the_rest_is_the_same_lanes_in_the_same_order():
    done = PATH.length / 2
    rest = remaining(PATH, done, HALL, **MACHINE)
    tail = PATH.poses[-(len(rest.poses) - 1) :]
    assert np.allclose(rest.poses[1:, :2], tail[:, :2], atol=1e-9)
    assert np.allclose(rest.poses[0, :2], upto(PATH, done)[-1])
    assert [p.kind for p in rest.pieces] == [p.kind for p in PATH.pieces[-len(rest.pieces) :]]


def test_after_a_recharge_the_robot_drives_back_with_the_tool_off():
    rest = remaining(PATH, 100.0, HALL, start=(11, 8), **MACHINE)
    first = rest.pieces[0]
    assert (first.kind, first.tool_on) == (PieceKind.TRANSIT, False)
    assert np.allclose(rest.poses[0, :2], (11, 8))
    assert np.allclose(rest.poses[first.stop, :2], upto(PATH, 100.0)[-1])
    assert_inside(rest, HALL)


@settings(max_examples=6, deadline=None, derandomize=True)
@given(share=st.floats(0.05, 0.95), x=st.floats(0.5, 3.5), y=st.floats(0.5, 8.5))
def test_recharged_anywhere_it_comes_back_to_where_it_stopped(share, x, y):
    done = share * PATH.length
    rest = remaining(PATH, done, HALL, start=(x, y), **MACHINE)
    assert_inside(rest, HALL)
    assert np.allclose(rest.poses[0, :2], (x, y), atol=1e-5)
    first = rest.pieces[0]
    back = 0.0
    if first.kind is PieceKind.TRANSIT:
        assert np.allclose(rest.poses[first.stop, :2], upto(PATH, done)[-1], atol=2e-3)
        back = at_pose(rest, first.stop)
    # besides the way back nothing is driven twice
    assert done + rest.length - back <= PATH.length + 1e-3


@settings(max_examples=8, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_around_a_new_obstacle(seed):
    rng = np.random.default_rng(seed)
    done = rng.uniform(0, 0.9) * PATH.length
    here = Point(upto(PATH, done)[-1])
    x, y = rng.uniform(1, 8, 2)
    new = box(x, y, x + rng.uniform(0.1, 2), y + rng.uniform(0.1, 2))
    free = HALL.difference(new.difference(here.buffer(RADIUS + 0.05)))
    rest = remaining(PATH, done, HALL, free, **MACHINE)
    assert_inside(rest, free)
    rooms = shapely.get_parts(free.buffer(-RADIUS))
    room = min(rooms, key=here.distance)
    target = room.buffer(WIDTH / 2).intersection(HALL)
    both = swept(upto(PATH, done), rest.poses[:, :2])
    assert both.intersection(target).area >= 0.985 * target.area
    assert rest.coverage >= 0.985
    assert rest.length <= PATH.length - done + 2 * new.length + 12


def test_a_wall_across_the_rest_is_planned_anew():
    wall = box(1.0, 3.0, 11.0, 3.2)
    rest = remaining(PATH, 20.0, HALL, HALL.difference(wall), **MACHINE)
    assert_inside(rest, HALL.difference(wall))
    assert rest.coverage > 0.99
    assert rest.length < 1.35 * PATH.length


def test_what_was_in_the_way_is_cleaned_when_it_has_gone():
    crate = box(7, 2, 9, 4)
    around = cover(HALL.difference(crate), **MACHINE)
    rest = remaining(around, around.length, HALL, **MACHINE)
    assert_inside(rest, HALL)
    assert swept(rest.poses[:, :2]).intersection(crate).area > 0.98 * crate.area
    assert rest.length < 20


def test_nothing_remains_of_a_path_that_is_driven():
    rest = remaining(PATH, PATH.length, HALL, **MACHINE)
    assert rest.length == 0
    assert rest.coverage == pytest.approx(PATH.coverage, abs=2e-3)


def test_a_second_pass_remains_a_second_pass():
    room = box(0, 0, 5, 4)
    twice = cover(room, passes=2, **MACHINE)
    free = room.difference(box(2, 1.5, 2.5, 2))
    rest = remaining(twice, 1.0, room, free, passes=2, **MACHINE)
    assert_inside(rest, free)
    assert rest.length > 0.8 * twice.length


def test_spots_that_remain():
    spots = [(1.5, 7.5, 0.2), (10.5, 7.5, 0.1)]
    path = cover(HALL, start=(1, 1), spots=spots, **MACHINE)
    second = [p for p in path.pieces if p.kind is PieceKind.SPOT][1]
    rest = remaining(path, at_pose(path, second.start), HALL, **MACHINE)
    assert rest.length < path.length / 2
    assert rest.coverage > 0.95


def test_progress_never_jumps_to_the_next_lane():
    xy = PATH.poses[:, :2]
    arc = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))))
    done = 0.0
    for at in np.arange(0.2, PATH.length, 0.2):
        here = [np.interp(at, arc, xy[:, k]) for k in (0, 1)]
        aside = np.random.default_rng(int(at * 10)).normal(0, 0.1, 2)
        done = progress(PATH, tuple(here + aside), done, 0.3 + at - done)
        assert abs(done - at) < 1.0
    assert progress(PATH, (0.0, 0.0), 3.0, 0.0) == 3.0


@pytest.mark.parametrize("done", [-1.0, math.nan, math.inf])
def test_bad_done(done):
    with pytest.raises(BadInputError, match="done"):
        remaining(PATH, done, HALL, **MACHINE)
