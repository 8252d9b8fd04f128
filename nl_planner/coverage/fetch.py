"""Detours: the path is led by what it misses, where that wins the most area for a metre.

Greedy by the ratio of area to cost, the rule for covering problems with costs (Chvatal, "A greedy
heuristic for the set-covering problem", 1979).
"""

from __future__ import annotations

import numpy as np
import shapely
from scipy.spatial import cKDTree

from nl_planner.coverage.grid import Floats, Ints
from nl_planner.coverage.working_path import WorkingPath

MOST_AROUND = 24
"""Places that are looked at in one go when a detour leads round corners."""
TRIES = 2
"""Segments of the path that are tried as the host of a detour, the cheapest first."""


def fetch(path: WorkingPath, goal: float, least: float) -> int:
    """Leads the path by what it misses, one detour at a place, until ``goal`` (share) is
    covered; a detour must win ``least`` m² a metre. Returns the number of detours.
    """
    grid = path.grid
    missing = grid.uncovered()
    excess = len(missing) - (1 - goal) * int(grid.target.sum())
    if excess <= 0:
        return 0
    point, won = _places(path, missing)
    host, cost = _hosts(path, point)
    ok = (cost < np.inf) & (won >= least * cost)
    point, won, host, cost = point[ok], won[ok], host[ok], cost[ok]
    order = np.lexsort((point[:, 1], point[:, 0], -won / np.maximum(cost, 0.1 * grid.reach)))
    if not len(point):
        return 0
    places = cKDTree(point)
    taken: list[int] = []
    free = np.ones(len(path.xy) + 1, bool)
    open_places = np.ones(len(point), bool)
    for k in order:
        h = host[k]
        if not (open_places[k] and free[h : h + 3].all()):
            continue
        taken.append(int(k))
        free[h + 1] = False
        open_places[places.query_ball_point(point[k], 2 * grid.reach)] = False
        excess -= won[k] / grid.cell**2
        if excess <= 0:
            break
    if taken:
        at = np.array(taken)
        at = at[np.argsort(host[at])]
        source = np.arange(len(path.kind))
        source[host[at]] = -1
        path.replace(
            np.insert(path.xy, host[at] + 1, point[at], axis=0),
            np.insert(path.kind, host[at] + 1, path.kind[host[at]]),
            np.insert(source, host[at] + 1, -1),
        )
    return len(taken)


def fetch_around(path: WorkingPath, goal: float, least: float) -> int:
    """As `fetch`, for what no straight line leads to: there and back on the shortest way."""
    grid = path.grid
    missing = grid.uncovered()
    excess = len(missing) - (1 - goal) * int(grid.target.sum())
    if excess <= 0:
        return 0
    point, won = _places(path, missing)
    vertices = cKDTree(path.xy)
    detours: dict[int, Floats] = {}
    led: list[Floats] = []
    for k in np.lexsort((point[:, 1], point[:, 0], -won))[:MOST_AROUND]:
        if any(np.hypot(*(point[k] - other)) < 2 * grid.reach for other in led):
            continue
        near = np.unique(vertices.query(point[k], k=min(3, len(path.xy)))[1])
        ways = [path.transit.way(path.xy[v], point[k]) for v in near]
        far = [np.hypot(*np.diff(way, axis=0).T).sum() for way in ways]
        best = int(np.argmin(far))
        vertex = int(near[best])
        if won[k] < least * 2 * far[best] or vertex in detours:
            continue
        detours[vertex] = np.vstack((ways[best][1:], ways[best][-2::-1]))
        led.append(point[k])
        excess -= won[k] / grid.cell**2
        if excess <= 0:
            break
    for vertex in sorted(detours, reverse=True):
        way = detours[vertex]
        host = min(vertex, len(path.kind) - 1)
        path.replace(
            np.insert(path.xy, [vertex + 1] * len(way), way, axis=0),
            np.insert(path.kind, [vertex] * len(way), path.kind[host]),
            np.insert(np.arange(len(path.kind)), [vertex] * len(way), -1),
        )
    return len(detours)


def _places(path: WorkingPath, missing: Ints) -> tuple[Floats, Floats]:
    """Where the tool could go to clean missing cells: positions and the m² won there."""
    grid = path.grid
    n = int(grid.reach / grid.cell)
    y, x = (d.ravel() for d in np.mgrid[-n : n + 1, -n : n + 1])
    disc = (y * grid.columns + x)[(x * x + y * y) * grid.cell**2 <= grid.reach**2]
    won = np.bincount((missing[:, None] + disc).ravel(), minlength=len(grid.count))
    cells = np.flatnonzero((won > 0) & grid.may)
    point, area = grid.centres(cells), (won[cells] * grid.cell**2).astype(np.float64)
    away = cKDTree(path.xy).query(point)[0]
    order = np.argsort(-area / (away + 0.2 * grid.reach), kind="stable")
    block = np.floor((point[order] - grid.origin) / (0.5 * grid.reach)).astype(np.int64)
    best = order[np.unique(block[:, 1] * 10**6 + block[:, 0], return_index=True)[1]]
    point, best_area = point[best], area[best].astype(np.float64)
    out = ~shapely.covers(path.transit.near, shapely.points(point))
    lines = shapely.shortest_line(path.transit.area, shapely.points(point[out]))
    point[out] = shapely.get_coordinates(lines)[::2]
    there = cKDTree(grid.centres(missing))
    best_area[out] = there.query_ball_point(point[out], grid.reach, return_length=True)
    best_area[out] *= grid.cell**2
    return point, best_area


def _hosts(path: WorkingPath, point: Floats) -> tuple[Ints, Floats]:
    """The segment into which each point is put, and the metres that costs (inf: none)."""
    near = cKDTree(path.xy).query(point, k=range(1, min(4, len(path.xy)) + 1))[1]
    segment = np.clip(np.concatenate((near, near - 1), axis=1), 0, len(path.xy) - 2)
    shape = segment.shape
    flat = segment.ravel()
    cost = path.price(flat, np.repeat(point, shape[1], axis=0), flat + 1).reshape(shape)
    host, least = np.zeros(len(point), np.int64), np.full(len(point), np.inf)
    order = np.argsort(cost, axis=1, kind="stable")
    rows = np.arange(len(point))
    for rank in range(TRIES):
        pick = order[rows, rank]
        there = segment[rows, pick]
        lines = np.stack((path.xy[there], point[rows], path.xy[there + 1]), axis=1)
        clear = shapely.covers(path.transit.near, shapely.linestrings(lines))
        host[rows[clear]], least[rows[clear]] = there[clear], cost[rows, pick][clear]
        rows = rows[~clear]
    return host, least
