"""Many closed laps become one closed tour.

Laps are joined along a minimum spanning tree of their distances. At a joint both laps are opened
and two short bridges lead over, so that a joint adds next to nothing to the length. Because every
wall has its own lap, a tree edge never passes through an obstacle: the obstacle's lap would be
nearer to both ends than they are to each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay, QhullError
from shapely.geometry import LineString

from nl_planner.coverage.transit import Transit

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Tour:
    """A closed polyline: ``xy`` (N, 2); ``kind`` (N,) tells what segment i -> i+1 is."""

    xy: Points
    kind: NDArray[np.int8]

    def opened(self, at: float, cut: float) -> Tour:
        """The open line left when ``cut`` metres around arc length ``at`` are taken out.

        It starts behind the gap and ends before it; ``kind`` has a last entry without meaning.
        """
        step = np.hypot(*(np.roll(self.xy, -1, axis=0) - self.xy).T)
        arc = np.concatenate(([0.0], np.cumsum(step)))
        total = arc[-1]
        cut = min(cut, total / 2)
        first, last = (at + cut / 2) % total, (at - cut / 2) % total
        closed = np.vstack((self.xy, self.xy[:1]))
        i = min(int(np.searchsorted(arc, first, side="right")) - 1, len(step) - 1)
        order = (np.arange(i + 1, i + 1 + len(self.xy))) % len(self.xy)
        ahead = (arc[order] - first) % total
        keep = order[ahead < (last - first) % total if cut > 0 else ahead < total]
        ends = [
            np.array([np.interp(s, arc, closed[:, 0]), np.interp(s, arc, closed[:, 1])])
            for s in (first, last)
        ]
        kinds = np.concatenate((self.kind[i : i + 1], self.kind[keep], self.kind[:1]))
        return Tour(np.vstack((ends[0], self.xy[keep], ends[1])), kinds)

    def reversed(self) -> Tour:
        """The same open line driven the other way."""
        return Tour(self.xy[::-1], np.concatenate((self.kind[-2::-1], self.kind[-1:])))


def join(tours: list[Tour], transit: Transit, cut: float, bridge: int) -> Tour:
    """One closed tour over all of them.

    ``cut``: metres by which two tours are opened at a joint. ``bridge``: the kind of what leads
    over: two straight lines side by side, or there and back on a way of ``transit``.
    """
    owner = np.arange(len(tours))
    joined = list(tours)
    for a, b, p, q in _tree(tours, cut):
        i, j = _find(owner, a), _find(owner, b)
        joined[i] = _joined(joined[i], joined[j], p, q, transit, cut, bridge)
        owner[j] = i
    return joined[_find(owner, 0)]


def _find(owner: NDArray[np.int64], k: int) -> int:
    while owner[k] != k:
        k = int(owner[k])
    return k


def _tree(tours: list[Tour], spacing: float) -> list[tuple[int, int, Points, Points]]:
    """Edges (tour, tour, point, point) of a minimum spanning tree, the shortest first."""
    rings = [LineString(np.vstack((t.xy, t.xy[:1]))) for t in tours]
    dense = shapely.segmentize(np.array(rings), spacing)
    xy, which = shapely.get_coordinates(dense, return_index=True)
    xy, at = np.unique(xy.round(6), axis=0, return_index=True)
    which = which[at]
    try:
        corners = Delaunay(xy).simplices
    except QhullError:  # fewer than three places, or all in a line
        lines = shapely.get_coordinates(shapely.shortest_line(rings[0], rings[1:]))
        return [(0, k, *ends) for k, ends in enumerate(lines.reshape(-1, 2, 2), 1)]
    pairs = np.vstack((corners[:, :2], corners[:, 1:], corners[:, ::2]))
    pairs = pairs[which[pairs[:, 0]] != which[pairs[:, 1]]]
    flip = which[pairs[:, 0]] > which[pairs[:, 1]]
    pairs[flip] = pairs[flip][:, ::-1]
    far = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T) + 1e-9
    order = np.lexsort((pairs[:, 1], pairs[:, 0], far))
    pairs, far = pairs[order], far[order]
    ends = which[pairs]
    _, first = np.unique(ends, axis=0, return_index=True)
    n = len(tours)
    graph = coo_array((far[first], (ends[first, 0], ends[first, 1])), shape=(n, n)).tocsr()
    tree = minimum_spanning_tree(graph).tocoo()
    at_pair = {(int(ends[k, 0]), int(ends[k, 1])): int(k) for k in first}
    edges = sorted(
        (float(d), int(a), int(b)) for a, b, d in zip(tree.row, tree.col, tree.data, strict=True)
    )
    return [(a, b, *xy[pairs[at_pair[a, b]]]) for _, a, b in edges]


def _joined(
    a: Tour, b: Tour, p: Points, q: Points, transit: Transit, cut: float, bridge: int
) -> Tour:
    ring_a, ring_b = (LineString(np.vstack((t.xy, t.xy[:1]))) for t in (a, b))
    at_a, at_b = ring_a.project(shapely.Point(p)), ring_b.project(shapely.Point(q))
    for width in (cut, cut / 2, 0.0):
        line_a, line_b = a.opened(at_a, width), b.opened(at_b, width)
        options = []
        for k, other in enumerate((line_b, line_b.reversed())):
            over = np.array([[line_a.xy[-1], other.xy[0]], [other.xy[-1], line_a.xy[0]]])
            if transit.clear(*over[0]) and transit.clear(*over[1]):
                options.append((float(np.hypot(*(over[:, 0] - over[:, 1]).T).sum()), k, other))
        if options:
            return _chained(line_a, min(options)[2], bridge)
    way = transit.way(line_a.xy[-1], line_b.xy[0])
    there = Tour(way[:-1], np.full(len(way) - 1, bridge, np.int8))
    back = Tour(way[:0:-1], np.full(len(way) - 1, bridge, np.int8))
    return _chained(_chained(_chained(line_a, there, bridge), line_b, bridge), back, bridge)


def _chained(a: Tour, b: Tour, bridge: int) -> Tour:
    """The closed tour over two open lines; where they meet is of kind ``bridge``."""
    kind = np.concatenate((a.kind, b.kind))
    kind[len(a.kind) - 1] = kind[-1] = bridge
    return Tour(np.vstack((a.xy, b.xy)), kind)
