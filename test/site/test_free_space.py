import math
from dataclasses import replace

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from nl_planner.errors import NoSpaceError
from nl_planner.site import Keepout, Landmark, Robot, Site, Taxonomy
from nl_planner.site.free_space import inset
from nl_planner.task import Action

ROBOT = Robot(radius=0.5, tool_width=0.8, actions=(Action.SWEEP,))
YARD = box(0, 0, 40, 30)


def site(landmarks=(), keepouts=(), **parts) -> Site:
    return Site(
        name=("test",),
        robot=ROBOT,
        landmarks={one.id: one for one in landmarks},
        keepouts={one.id: one for one in keepouts},
        objects=(),
        taxonomy=Taxonomy.builtin(),
        **{"boundary": YARD, **parts},
    )


def landmark(geometry, enter=False, width=None, name="thing"):
    return Landmark(name, (name,), "fixture", geometry, enter=enter, width=width)


HOUSE = landmark(box(10, 10, 20, 20))
POND = Keepout("pond", ("池塘",), box(30, 0, 40, 30))


def test_closed_landmarks_and_keepouts_are_taken_out():
    assert site([HOUSE], [POND]).free_space.equals(box(0, 0, 30, 30) - HOUSE.geometry)


def test_what_may_be_entered_stays_free():
    assert site([replace(HOUSE, enter=True)]).free_space.equals(YARD)


def test_boundary_and_map_are_intersected():
    mapped = box(5, 5, 100, 15)
    assert site(mapped=mapped).free_space.equals(box(5, 5, 40, 15))
    assert site(mapped=mapped, boundary=None).free_space.equals(mapped)


def test_a_line_or_point_takes_the_space_of_its_width():
    wall = LineString([(0, 15), (40, 15)])
    post = Point(20, 15)
    assert site([landmark(wall)]).free_space.equals(YARD)
    assert site([landmark(post)]).free_space.equals(YARD)
    assert site([landmark(wall, width=2, enter=True)]).free_space.equals(YARD)
    assert site([landmark(wall, width=2)]).free_space.area == pytest.approx(40 * 28)
    assert len(site([landmark(wall, width=0.1)]).free_space.geoms) == 2
    round_area = site([landmark(post, width=2)]).free_space.area
    assert round_area == pytest.approx(1200 - math.pi, abs=0.05)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"boundary": None}, "neither boundary nor occupancy"),
        ({"mapped": MultiPolygon()}, "no free cell"),
        ({"mapped": box(50, 50, 60, 60)}, "holds no free cell"),
        ({"keepouts": [Keepout("all", (), box(-1, -1, 41, 31))]}, "cover all of site 'test'"),
    ],
)
def test_no_space_is_told_with_its_reason(parts, reason):
    with pytest.raises(NoSpaceError, match=reason):
        _ = site(**parts).free_space


def test_drivable_is_inset_by_the_radius():
    inner = site([HOUSE]).drivable
    assert inner.bounds == pytest.approx((0.5, 0.5, 39.5, 29.5), abs=1e-3)
    assert inner.distance(HOUSE.geometry) == pytest.approx(0.5, abs=1e-3)
    assert site([HOUSE]).is_free(5, 5)
    assert not site([HOUSE]).is_free(9.7, 15)


def test_a_passage_narrower_than_the_robot_is_cut():
    gap = [landmark(box(20, 0, 21, 14.6), name="a"), landmark(box(20, 15.4, 21, 30), name="b")]
    assert len(site(gap).drivable.geoms) == 2


def test_inset_of_nothing_left_is_empty():
    assert inset(box(0, 0, 1, 1), 0.6).is_empty
    assert inset(box(0, 0, 1, 1), 0).equals(box(0, 0, 1, 1))


coordinate = st.floats(0, 40)
blocks = st.builds(
    lambda x, y, w, h, turn: shapely.affinity.rotate(box(x, y, x + w, y + h), turn),
    coordinate,
    st.floats(0, 30),
    st.floats(0.1, 15),
    st.floats(0.1, 15),
    st.floats(0, 90),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(blocks, max_size=6), st.lists(blocks, max_size=4), st.floats(0.05, 2))
def test_free_space_keeps_off_and_inset_keeps_its_distance(closed, kept_out, radius):
    place = site(
        [landmark(block, name=f"l{i}") for i, block in enumerate(closed)],
        [Keepout(f"k{i}", (), block) for i, block in enumerate(kept_out)],
    )
    try:
        free = place.free_space
    except NoSpaceError:
        return
    taken = shapely.union_all([*closed, *kept_out])
    assert free.is_valid
    assert shapely.intersection(free, taken).area < 1e-6
    assert shapely.difference(free, YARD).area < 1e-6
    assert free.area == pytest.approx(YARD.area - shapely.intersection(YARD, taken).area, abs=1e-6)
    inner = inset(free, radius)
    assert inner.is_valid
    assert shapely.difference(inner, free).area < 1e-9
    if not inner.is_empty:
        assert inner.distance(shapely.boundary(free)) >= radius - 1e-6
    assert all(isinstance(part, Polygon) for part in inner.geoms)
