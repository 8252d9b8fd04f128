"""Shortest ways, against a visibility graph."""

import math

import networkx as nx
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from nl_planner.coverage.transit import Transit


def shortest_by_visibility(area, a, b):
    near = area.buffer(1e-6)
    nodes = [tuple(a), tuple(b), *map(tuple, shapely.get_coordinates(area))]
    graph = nx.Graph()
    for i, p in enumerate(nodes):
        for q in nodes[:i]:
            if near.covers(LineString([p, q])):
                graph.add_edge(p, q, weight=math.dist(p, q))
    return nx.dijkstra_path_length(graph, tuple(a), tuple(b))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_way_is_inside_and_nearly_shortest(seed):
    rng = np.random.default_rng(seed)
    walls = [
        box(x, y, x + w, y + h) for x, y, w, h in rng.uniform(0.3, 3, (5, 4)) * [2.5, 2.5, 1, 1]
    ]
    rooms = shapely.get_parts(box(0, 0, 10, 10).difference(shapely.union_all(walls)))
    area = max(rooms, key=lambda p: p.area)
    ends = []
    while len(ends) < 2:
        p = rng.uniform(0, 10, 2)
        if area.contains(Point(p)):
            ends.append(p)
    way = Transit(area).way(*ends)
    assert np.allclose(way[[0, -1]], ends)
    assert area.buffer(1e-3).covers(LineString(way))
    best = shortest_by_visibility(area, *ends)
    assert best - 1e-6 <= LineString(way).length <= 1.25 * best


def test_straight_where_nothing_is_between():
    assert len(Transit(box(0, 0, 5, 5)).way((1, 1), (4, 3))) == 2
