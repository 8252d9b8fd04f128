"""What holds for every place on every site."""

from __future__ import annotations

import math

import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from made_sites import a_floor, a_yard, make_site, mark, sweep
from shapely import affinity
from shapely.geometry import LineString, Point, box

from nl_planner.errors import NoSpaceError
from nl_planner.grounding import ground
from nl_planner.site import Keepout
from nl_planner.task import Part, Place, Relation

WHO = {"robot": (15.0, 3.0, 0.3), "operator": (5.0, 3.0)}
SIDES = [relation for relation in Relation if relation is not Relation.BETWEEN]

angles = st.floats(0, math.tau)
spot = st.tuples(st.floats(2, 28), st.floats(6, 18))


@st.composite
def things(draw, name):
    x, y = draw(spot)
    turn = draw(angles)
    shape = draw(
        st.sampled_from(
            [box(-2, -1, 2, 1), box(-0.3, -3, 0.3, 3), Point(0, 0), LineString([(-3, 0), (3, 0)])]
        )
    )
    geometry = affinity.translate(affinity.rotate(shape, turn, (0, 0), use_radians=True), x, y)
    kind = draw(st.sampled_from(["building", "area", "fixture"]))
    return mark(name, geometry, kind, front=draw(st.none() | angles))


@st.composite
def sites(draw):
    x, y = draw(spot)
    return make_site(
        draw(things("one")),
        draw(things("two")),
        draw(things("three")),
        Keepout("bed", ("Bed",), box(x, y, x + 2, y + 2)),
        boundary=box(0, 0, 30, 20),
    )


names = st.sampled_from(["one", "two", "three", "bed", "site", "robot", "operator"])


@st.composite
def places(draw):
    relation = draw(st.sampled_from(Relation))
    marks = ("one", draw(names.filter(lambda name: name != "one")))
    return Place(
        relation=relation,
        landmarks=marks if relation is Relation.BETWEEN else marks[1:],
        distance=draw(st.none() | st.floats(0.5, 12)),
        part=draw(st.none() | st.sampled_from(Part)),
    )


def region(task, site):
    try:
        return ground(task, site, **WHO).geometry
    except NoSpaceError:
        assume(False)


relaxed = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


@relaxed
@given(sites(), places(), places())
def test_a_region_is_free_and_out_of_what_is_excepted(site, place, left_out):
    found = region(sweep(place, except_places=(left_out,)), site)
    assert found.is_valid
    assert found.area > 0
    assert found.difference(site.free_space).area < 1e-6
    try:
        excepted = ground(sweep(left_out), site, **WHO).geometry
    except NoSpaceError:
        return
    assert found.intersection(excepted).area < 1e-6


@relaxed
@given(sites(), places(), st.floats(0.5, 10), st.floats(0.1, 5))
def test_a_greater_distance_never_loses_ground(site, place, distance, more):
    assume(place.relation not in (Relation.OPPOSITE, Relation.BETWEEN) and place.part is None)
    small = region(sweep(place.model_copy(update={"distance": distance})), site)
    large = region(sweep(place.model_copy(update={"distance": distance + more})), site)
    assert small.difference(large.buffer(0.05)).area < 0.01


@relaxed
@given(sites(), places())
def test_the_same_words_give_the_same_region(site, place):
    assert region(sweep(place), site).equals_exact(region(sweep(place), site), 0)


@pytest.mark.parametrize("site", [a_yard(), a_floor()], ids=["yard", "floor"])
@pytest.mark.parametrize("relation", SIDES)
def test_every_relation_to_every_landmark(site, relation):
    for name in [*site.landmarks, *site.keepouts, "site", "robot", "operator"]:
        try:
            found = ground(sweep(Place(relation=relation, landmarks=(name,))), site, **WHO)
        except NoSpaceError as error:
            assert str(error)  # noqa: PT017
            continue
        assert found.geometry.difference(site.free_space).area < 1e-6
        assert found.frame
        for keepout in site.keepouts.values():
            assert shapely.intersection(found.geometry, keepout.polygon).area < 1e-9
