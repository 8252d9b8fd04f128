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
from shapely.geometry import LineString, Polygon

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


def join(tours: list[Tour], centre: Polygon, cut: float, bridge: int) -> list[Tour]:
    """Joins closed tours inside ``centre``; what no straight bridge can join stays apart.

    ``cut``: metres by which both are opened at a joint. ``bridge``: the kind of a bridge.
    """
    centre = centre.buffer(2e-4, join_style="mitre")
    shapely.prepare(centre)
    owner = np.arange(len(tours))
    joined = list(tours)
    for a, b, p, q in _tree(tours, cut):
        i, j = _find(owner, a), _find(owner, b)
        one = _joined(joined[i], joined[j], p, q, centre, cut, bridge)
        if one is not None:
            joined[i] = one
            owner[j] = i
    return [t for k, t in enumerate(joined) if owner[k] == k]


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
    except QhullError:
        return []
    pairs = np.vstack((corners[:, :2], corners[:, 1:], corners[:, ::2]))
    pairs = pairs[which[pairs[:, 0]] != which[pairs[:, 1]]]
    if not len(pairs):
        return []
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
    return [(a, b, *xy[pairs[at_pair[a, b]]]) for _, a, b in edges]  # type: ignore[misc]


def _joined(
    a: Tour, b: Tour, p: Points, q: Points, centre: Polygon, cut: float, bridge: int
) -> Tour | None:
    ring_a, ring_b = (LineString(np.vstack((t.xy, t.xy[:1]))) for t in (a, b))
    at_a = ring_a.project(shapely.Point(p))
    at_b = ring_b.project(ring_a.interpolate(at_a))
    at_a = ring_a.project(ring_b.interpolate(at_b))
    at_a, at_b = ring_a.project(shapely.Point(p)), ring_b.project(shapely.Point(q))
    for width in (cut, cut / 2, 0.0):
        line_a, line_b = a.opened(at_a, width), b.opened(at_b, width)
        options = []
        for other in (line_b, line_b.reversed()):
            over = np.array([[line_a.xy[-1], other.xy[0]], [other.xy[-1], line_a.xy[0]]])
            if shapely.covers(centre, shapely.linestrings(over).item(0)) and shapely.covers(
                centre, shapely.linestrings(over).item(1)
            ):
                options.append((float(np.hypot(*(over[:, 0] - over[:, 1]).T).sum()), other))
        if options:
            other = min(options, key=lambda o: o[0])[1]
            kind = np.concatenate((line_a.kind, other.kind))
            kind[len(line_a.kind) - 1] = kind[-1] = bridge
            return Tour(np.vstack((line_a.xy, other.xy)), kind)
    return None
