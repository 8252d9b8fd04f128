"""What holds for every place on every site."""

from __future__ import annotations

import math

import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from made_sites import a_floor, a_yard, make_site, mark, mover, sweep, turned
from shapely import affinity
from shapely.geometry import LineString, Point, box

from nl_planner.errors import NoSpaceError
from nl_planner.grounding import ground
from nl_planner.grounding.frames import COMPASS
from nl_planner.site import Keepout
from nl_planner.task import Part, Place, Relation

WHO = {"robot": (15.0, 3.0, 0.3), "operator": (5.0, 3.0)}
SWAPPED = {
    Relation.LEFT_OF: Relation.RIGHT_OF,
    Relation.RIGHT_OF: Relation.LEFT_OF,
    Part.LEFT: Part.RIGHT,
    Part.RIGHT: Part.LEFT,
}
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
    max_examples=60,
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
    assume(place.part is None)
    small = region(sweep(place.model_copy(update={"distance": distance})), site)
    large = region(sweep(place.model_copy(update={"distance": distance + more})), site)
    assert small.difference(large.buffer(0.05)).area < 0.01


@relaxed
@given(sites(), places(), st.sampled_from([0, 30, 90, 200]), st.booleans())
def test_a_region_turns_with_its_site_and_a_mirror_swaps_left_and_right(
    site, place, degrees, mirrored
):
    # Whether the end of a curve is a corner is a matter of its vertices.
    assume({place.relation, place.part}.isdisjoint({*COMPASS, Part.CORNER}))
    before = region(sweep(place), site)
    angle = math.radians(degrees)
    move = mover(angle, mirrored=mirrored)
    (x, y, yaw), operator = WHO["robot"], WHO["operator"]
    image = place
    if mirrored:
        yaw = math.pi - yaw
        swapped = {key: SWAPPED.get(getattr(place, key)) for key in ("relation", "part")}
        image = place.model_copy(update={key: new for key, new in swapped.items() if new})
    after = ground(
        sweep(image),
        turned(site, angle, mirrored=mirrored),
        robot=(*move(Point(x, y)).coords[0], yaw + angle),
        operator=move(Point(operator)).coords[0],
    ).geometry
    # Around the ends of walls a region spreads in steps, which fall a little differently.
    assert shapely.symmetric_difference(move(before), after).area < 0.02 * before.area + 0.02


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
