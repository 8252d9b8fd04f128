"""The steps of the planner, each alone."""

import itertools
import math

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate
from shapely.geometry import LineString, Point, Polygon, box

from nl_planner.coverage.drive import count_turns, drive_time
from nl_planner.coverage.grid import CoverageGrid
from nl_planner.coverage.join import Tour, join
from nl_planner.coverage.laps import laps
from nl_planner.coverage.spiral import spiral, visiting_order
from nl_planner.coverage.swaths import combs, main_direction
from nl_planner.coverage.transit import Transit


def test_grid_counts_what_a_disc_sweeps():
    area = Polygon([(0, 0), (4, 0), (4, 3), (0, 3)], [[(1, 1), (2, 1), (2, 2), (1, 2)]])
    grid = CoverageGrid(area, area, 0.5, 0.02)
    assert grid.area == pytest.approx(area.area, rel=5e-3)
    a, b = np.array([[3.0, 1.0]]), np.array([[3.0, 1.3]])
    pointer, cells = grid.swept(a, b)
    assert pointer.tolist() == [0, len(cells)]
    stadium = LineString([a[0], b[0]]).buffer(0.25)
    assert len(cells) * 0.02**2 == pytest.approx(stadium.area, rel=0.02)


def test_laps_nest_and_cover_a_square():
    found = laps(box(0, 0, 6, 6), 1.0)
    assert [depth for depth, _ in found] == [0, 1, 2]
    tubes = [LineString(np.vstack((xy, xy[:1]))).buffer(0.5) for _, xy in found]
    assert shapely.union_all(tubes).intersection(box(0, 0, 6, 6)).area > 0.95 * 36


@pytest.mark.parametrize("degrees", [0, 17, 60])
def test_combs_follow_the_walls_and_cover_the_area(degrees):
    area = rotate(box(0, 0, 8, 5).difference(box(3, 2, 4, 3)), degrees, origin=(0, 0))
    direction = main_direction(area)
    assert (math.degrees(direction) - degrees) % 90 == pytest.approx(0, abs=1e-6) or (
        math.degrees(direction) - degrees
    ) % 90 == pytest.approx(90, abs=1e-6)
    loops = combs(area, Transit(area), 0.5, direction)
    closed = [LineString(np.vstack((xy, xy[:1]))) for xy in loops]
    assert all(area.buffer(1e-3).covers(line) for line in closed)
    tubes = shapely.union_all([line.buffer(0.25) for line in closed])
    assert tubes.intersection(area).area > 0.93 * area.area


def test_joined_laps_are_one_tour_inside():
    area = box(0, 0, 8, 6).difference(box(3, 2, 4, 3))
    tours = [Tour(xy, np.zeros(len(xy), np.int8)) for _, xy in laps(area, 0.5)]
    tour = join(tours, Transit(area), 0.3, 1)
    ring = LineString(np.vstack((tour.xy, tour.xy[:1])))
    assert area.buffer(1e-3).covers(ring)
    before = sum(LineString(np.vstack((t.xy, t.xy[:1]))).length for t in tours)
    assert ring.length == pytest.approx(before, rel=0.05)


def test_tours_apart_are_joined_around_the_wall():
    area = box(0, 0, 8, 6).difference(box(3, 0, 4, 5))
    squares = [
        Tour(shapely.get_coordinates(box(x, 1, x + 1, 2))[:-1], np.zeros(4, np.int8))
        for x in (1, 6)
    ]
    tour = join(squares, Transit(area), 0.3, 1)
    assert area.buffer(1e-3).covers(LineString(np.vstack((tour.xy, tour.xy[:1]))))


def test_spiral_cleans_its_disc():
    xy = spiral(2.0, 1.0, 1.0, 0.4)
    disc = Point(2, 1).buffer(1.0)
    assert LineString(xy).buffer(0.2).intersection(disc).area > 0.98 * disc.area
    assert np.hypot(*(xy - [2, 1]).T).max() == pytest.approx(0.8)


@pytest.mark.parametrize("count", [1, 3, 7, 12])
def test_visiting_order_is_not_worse_than_any_swap(count):
    places = np.random.default_rng(count).uniform(0, 10, (count, 2))
    start = np.zeros(2)

    def length(order):
        way = [start, *places[order]]
        return sum(math.dist(a, b) for a, b in itertools.pairwise(way))

    order = visiting_order(places, start)
    assert sorted(order) == list(range(count))
    for i, j in itertools.combinations(range(count), 2):
        other = order[:i] + order[i : j + 1][::-1] + order[j + 1 :]
        assert length(order) <= length(other) + 1e-9


def test_turns_and_time_of_a_square():
    square = np.array([(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)], float)
    assert count_turns(square, 0.75) == 3
    # four legs of 10 m from rest to rest, three quarter turns on the spot
    leg, turn = 10 / 0.5 + 0.5 / 0.5, math.pi / 2 + 0.5
    assert drive_time(square, 0.5) == pytest.approx(4 * leg + 3 * turn)


def test_a_u_turn_is_one_turn():
    assert count_turns(np.array([(0, 0), (5, 0), (5, 0.5), (0, 0.5)], float), 0.75) == 1
