"""Machines other than a round one with its tool in the middle, and how a path is told in pieces."""

import math

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, box

from nl_planner.coverage import PieceKind, cover
from nl_planner.errors import BadInputError

MACHINE = {"radius": 0.3, "tool_width": 0.5}
HALL = box(0, 0, 8, 6).difference(box(3, 2, 4, 3.5))


def swept(path, ahead=0.0, left=0.0, width=0.5):
    """What a tool cleans that is so far ahead and to the left of base_link."""
    runs = []
    for piece in path.pieces:
        if piece.tool_on:
            for a, b in zip(
                path.poses[piece.start : piece.stop],
                path.poses[piece.start + 1 : piece.stop + 1],
                strict=True,
            ):
                c, s = math.cos(a[2]), math.sin(a[2])
                move = (ahead * c - left * s, ahead * s + left * c)
                runs.append(LineString([a[:2] + move, b[:2] + move]))
    return shapely.union_all(shapely.buffer(np.array(runs), width / 2))


def target(width=0.5):
    return HALL.buffer(-0.3).buffer(width / 2).intersection(HALL)


def share(path, **tool):
    return swept(path, **tool).intersection(target()).area / target().area


def test_overlap_brings_swaths_closer():
    once = cover(HALL, **MACHINE)
    half = cover(HALL, overlap=0.3, **MACHINE)
    assert 1.15 * once.length < half.length < 1.6 * once.length
    assert half.coverage > 0.99
    assert share(half) == pytest.approx(half.coverage, abs=5e-3)
    # a tool narrower by the overlap still cleans what it can reach: nothing hangs on precision
    narrow = target(0.35)
    assert swept(half, width=0.35).intersection(narrow).area > 0.985 * narrow.area


@pytest.mark.parametrize(("ahead", "left"), [(0.15, 0.0), (-0.2, 0.0), (0.0, 0.05), (0.1, -0.08)])
def test_a_tool_that_is_not_in_the_middle(ahead, left):
    path = cover(HALL, tool_offset=(ahead, left), **MACHINE)
    room = HALL.buffer(-0.3, quad_segs=32).buffer(2e-3)
    assert room.covers(LineString(path.poses[:, :2]))
    reach = target(0.5 - 2 * abs(left))
    clean = swept(path, ahead, left).intersection(reach).area / reach.area
    assert clean >= path.coverage - 5e-3
    assert path.coverage > 0.985


def test_a_footprint_counts_by_the_circle_through_its_farthest_corner():
    corners = [(0.25, 0.15), (-0.25, 0.15), (-0.25, -0.15), (0.25, -0.15)]
    by_corners = cover(HALL, footprint=corners, tool_width=0.4)
    by_radius = cover(HALL, radius=math.hypot(0.25, 0.15), tool_width=0.4)
    assert np.array_equal(by_corners.poses, by_radius.poses)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"overlap": -0.1}, "share of the tool width"),
        ({"overlap": 0.6}, "two passes"),
        ({"overlap": math.nan}, "overlap"),
        ({"tool_offset": (0.4, 0.0)}, "within the body"),
        ({"tool_offset": (0.0, 0.22)}, "nothing on one side"),
        ({"footprint": [(0, 0), (1, 0), (0, 1)]}, "either"),
        ({"radius": None}, "either"),
        ({"radius": None, "footprint": [(0, 0), (1, 0)]}, "three corners"),
    ],
)
def test_bad_machines(bad, message):
    with pytest.raises(BadInputError, match=message):
        cover(HALL, **MACHINE | bad)


def test_swaths_are_straight_and_turns_lead_between_them():
    path = cover(box(0, 0, 9, 6), **MACHINE)
    kinds = [piece.kind for piece in path.pieces]
    assert {PieceKind.SWATH, PieceKind.EDGE, PieceKind.TURN} <= set(kinds)
    for piece in path.pieces:
        if piece.kind is PieceKind.SWATH:
            xy = path.poses[piece.start : piece.stop + 1, :2]
            assert LineString(xy).length >= 0.74
    turn = next(p for p in path.pieces if p.kind is PieceKind.TURN)
    assert turn.tool_on


def test_the_tool_is_off_only_where_nothing_is_lost():
    corridor = shapely.union_all(
        [box(0, 0, 4, 4), box(4, 1.7, 12, 2.4), box(12, 0, 16, 4), box(7.7, 2.4, 8.3, 9)]
    )
    path = cover(corridor, **MACHINE)
    off = [p for p in path.pieces if not p.tool_on]
    assert all(p.kind is PieceKind.TRANSIT for p in off)
    reach = corridor.buffer(-0.3).buffer(0.25).intersection(corridor)
    assert swept(path).intersection(reach).area >= 0.99 * reach.area
