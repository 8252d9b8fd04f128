"""What any path must hold, on regions of many shapes."""

import json
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from regions import SHAPES, random_region
from shapely.geometry import LineString, Point, Polygon, box

from nl_planner.coverage import CoveragePath, PieceKind, cover, drive_to
from nl_planner.errors import BadInputError, NoSpaceError

RADIUS, WIDTH = 0.3, 0.5
HALL = box(0, 0, 12, 9).difference(box(4, 4, 5, 6))


def drivable(free, radius=RADIUS):
    return free.buffer(-radius, quad_segs=32)


def swept(path: CoveragePath, width=WIDTH):
    xy = path.poses[:, :2]
    return shapely.union_all(
        [LineString(xy[i : i + 12]).buffer(width / 2) for i in range(0, len(xy) - 1, 11)]
    )


def assert_inside(path: CoveragePath, free, radius=RADIUS):
    way = LineString(path.poses[:, :2])
    assert way.difference(drivable(free, radius).buffer(2e-3)).length == 0


def assert_consistent(path: CoveragePath):
    json.dumps(path.to_json())
    assert path.pieces[0].start == 0
    assert path.pieces[-1].stop == len(path.poses) - 1
    assert all(a.stop == b.start for a, b in zip(path.pieces, path.pieces[1:], strict=False))
    step = np.diff(path.poses[:, :2], axis=0)
    assert path.length == pytest.approx(np.hypot(*step.T).sum())
    heading = path.poses[:-1, 2]
    ahead = np.column_stack((np.cos(heading), np.sin(heading)))
    assert np.allclose(ahead * np.hypot(*step.T)[:, None], step, atol=1e-9)
    assert path.duration >= path.length / 0.5
    assert 0 < path.coverage <= 1


@settings(max_examples=24, deadline=None, derandomize=True)
@given(shape=st.sampled_from(SHAPES), seed=st.integers(0, 10**6))
def test_path_is_inside_and_covers(shape, seed):
    region = random_region(shape, seed)
    try:
        path = cover(region, radius=RADIUS, tool_width=WIDTH)
    except NoSpaceError:
        largest = max((p.area for p in shapely.get_parts(drivable(region))), default=0)
        assert largest < 1e-4
        return
    assert_inside(path, region)
    assert_consistent(path)
    parts = shapely.get_parts(drivable(region))
    worked = max(parts, key=lambda p: p.intersection(LineString(path.poses[:, :2])).length)
    target = worked.buffer(WIDTH / 2).intersection(region)
    share = swept(path).intersection(target).area / target.area
    assert share == pytest.approx(path.coverage, abs=5e-3)
    assert share >= (0.985 if target.area > 1 else 0.9)
    assert path.left_out == pytest.approx(region.area - target.area, abs=0.02)


def test_a_passage_the_robot_barely_fits_through_is_cleaned_to_its_end():
    passage = LineString([(3, 2), (-1.5, 2.6)]).buffer(RADIUS + 4e-4, cap_style="flat")
    region = shapely.union_all([box(0, 0, 6, 4), passage])
    path = cover(region, radius=RADIUS, tool_width=0.7)
    assert_inside(path, region)
    assert path.poses[:, 0].min() < -1.1
    assert path.coverage > 0.995


@pytest.mark.parametrize("tool_width", [0.2, 0.5, 0.75])
def test_an_outline_of_stairs_is_cleaned_by_narrow_and_wide_tools(tool_width):
    steps = [box(0.05 * k, 0.05 * (k // 2), 5, 0.05 * (k // 2) + 1.2) for k in range(50)]
    region = shapely.union_all(steps)
    path = cover(region, radius=RADIUS, tool_width=tool_width)
    assert_inside(path, region)
    target = drivable(region).buffer(tool_width / 2).intersection(region)
    assert swept(path, tool_width).intersection(target).area >= 0.995 * target.area


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_a_part_of_a_larger_free_space(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, 8, 2)
    region = box(x, y, x + rng.uniform(0.1, 4), y + rng.uniform(0.1, 4)).intersection(HALL)
    start = tuple(rng.uniform(0.5, 3, 2))
    path = cover(region, HALL, radius=RADIUS, tool_width=WIDTH, start=start)
    assert_inside(path, HALL)
    assert_consistent(path)
    assert math.dist(path.poses[0, :2], start) < 1e-6
    target = drivable(HALL).buffer(WIDTH / 2).intersection(region)
    assert swept(path).intersection(target).area >= 0.97 * target.area


@pytest.mark.parametrize("shape", SHAPES)
def test_same_input_same_path(shape):
    region = random_region(shape, 3)
    one, two = (cover(region, radius=RADIUS, tool_width=WIDTH) for _ in range(2))
    assert np.array_equal(one.poses, two.poses)
    assert one.pieces == two.pieces


def test_little_is_driven_twice_in_an_open_hall():
    path = cover(box(0, 0, 12, 9), radius=RADIUS, tool_width=WIDTH)
    assert path.coverage > 0.995
    assert path.length < 1.1 * 12 * 9 / WIDTH
    kinds = {piece.kind for piece in path.pieces}
    assert {PieceKind.EDGE, PieceKind.SWATH} <= kinds


def test_region_smaller_than_the_robot_is_refused_with_numbers():
    with pytest.raises(NoSpaceError, match=r"radius 0\.3 m fits nowhere .* 0\.25 m²"):
        cover(box(0, 0, 0.5, 0.5), radius=RADIUS, tool_width=WIDTH)


def test_region_out_of_reach_is_refused():
    with pytest.raises(NoSpaceError, match="nothing of what is to be cleaned"):
        cover(box(20, 20, 22, 22), HALL, radius=RADIUS, tool_width=WIDTH)


@pytest.mark.parametrize(
    "bad",
    [
        {"radius": 0.0},
        {"radius": math.nan},
        {"tool_width": -1.0},
        {"max_speed": 0.0},
        {"passes": 0},
        {"start": (math.inf, 0.0)},
        {"spots": [(1.0, 1.0, -0.1)]},
    ],
)
def test_bad_numbers(bad):
    with pytest.raises(BadInputError):
        cover(HALL, **{"radius": RADIUS, "tool_width": WIDTH} | bad)


def test_region_without_area():
    with pytest.raises(BadInputError, match="no area"):
        cover(Polygon(), radius=RADIUS, tool_width=WIDTH)


def test_the_part_of_the_start_is_worked_else_the_largest():
    rooms = shapely.union_all([box(0, 0, 3, 3), box(5, 0, 10, 4)])
    free = cover(rooms, radius=RADIUS, tool_width=WIDTH)
    assert (free.poses[:, 0] > 5).all()
    bound = cover(rooms, radius=RADIUS, tool_width=WIDTH, start=(1, 1))
    assert (bound.poses[:, 0] < 3).all()
    assert bound.left_out > 20


def test_way_to_a_far_region_leads_round_the_walls():
    walls = box(0, 0, 10, 10).difference(box(4, 0, 5, 9))
    path = cover(box(6, 1, 9, 4), walls, radius=RADIUS, tool_width=WIDTH, start=(1, 1))
    assert_inside(path, walls)
    first = path.pieces[0]
    assert first.kind is PieceKind.TRANSIT
    assert not first.tool_on
    assert path.poses[: first.stop + 1, 1].max() > 9


def test_second_pass_crosses_the_first():
    def sideways(path):
        """The share of swath length that runs along x."""
        along = across = 0.0
        for piece in path.pieces:
            if piece.kind is PieceKind.SWATH:
                step = np.abs(np.diff(path.poses[piece.start : piece.stop + 1, :2], axis=0))
                along, across = along + step[:, 0].sum(), across + step[:, 1].sum()
        return along / (along + across)

    once = cover(box(0, 0, 9, 6), radius=RADIUS, tool_width=WIDTH)
    twice = cover(box(0, 0, 9, 6), radius=RADIUS, tool_width=WIDTH, passes=2)
    assert twice.length == pytest.approx(2 * once.length, rel=0.1)
    assert sideways(once) > 0.8
    assert 0.35 < sideways(twice) < 0.65


def test_spots_are_spiralled_in_the_shorter_order():
    spots = [(10.5, 1.0, 0.1), (1.5, 7.5, 0.2), (10.5, 7.5, 0.1)]
    path = cover(HALL, radius=RADIUS, tool_width=WIDTH, start=(1, 1), spots=spots)
    assert_inside(path, HALL)
    assert_consistent(path)
    middles = [
        path.poses[p.start : p.stop + 1, :2].mean(axis=0)
        for p in path.pieces
        if p.kind is PieceKind.SPOT
    ]
    nearest = [min(range(3), key=lambda k: math.dist(m, spots[k][:2])) for m in middles]
    assert nearest in ([1, 2, 0], [0, 2, 1])
    discs = shapely.union_all([Point(x, y).buffer(r + WIDTH) for x, y, r in spots])
    target = discs.intersection(drivable(HALL).buffer(WIDTH / 2))
    assert swept(path).intersection(target).area > 0.97 * target.area


def test_a_spot_beside_a_wall_is_cleaned_as_far_as_the_robot_reaches():
    path = cover(HALL, radius=RADIUS, tool_width=WIDTH, spots=[(0.1, 4.0, 0.05)])
    assert_inside(path, HALL)
    assert path.coverage > 0.9


def test_drive_to_goes_round_the_walls_and_ends_where_the_body_fits():
    walls = box(0, 0, 10, 10).difference(box(4, 0, 5, 9))
    path = drive_to(Point(10, 1).buffer(0.3), walls, start=(1, 1), radius=RADIUS)
    assert_inside(path, walls)
    assert Point(path.poses[-1, :2]).distance(Point(10, 1)) < 0.35
    assert [(p.kind, p.tool_on) for p in path.pieces] == [(PieceKind.TRANSIT, False)]


def test_drive_to_another_part_is_refused():
    rooms = shapely.union_all([box(0, 0, 3, 3), box(5, 0, 10, 4)])
    with pytest.raises(NoSpaceError, match="cannot get to"):
        drive_to(Point(8, 2).buffer(0.3), rooms, start=(1, 1), radius=RADIUS)
