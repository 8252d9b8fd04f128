"""What a path cleans, counted on a fine grid.

A cell counts the segments of the path whose swept stadium (the segment widened by half a tool
width) holds its centre, so that a part of the path can be taken away or put in and the change of
what is covered is known without looking at the rest.
"""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Kinds = NDArray[np.int8]
Bools = NDArray[np.bool_]


class CoverageGrid:
    """Cells of ``cell`` m over the bounds of ``target``; cell numbers are ``row * columns + col``.

    ``target``: (cells,) whether a cell is to be cleaned; ``area``: m² of these. ``may``: (cells,)
    whether it touches ``centre``, where the robot's centre may be. ``count``: (cells,)
    segments over it. ``longest``: m, the longest segment that can be counted. ``shift`` moves the
    grid by a part of a cell, so that a path made on one grid can be judged on another. ``ahead``: m
    from the robot's centre, whose path is counted, to the tool.
    """

    def __init__(
        self,
        target: BaseGeometry,
        centre: BaseGeometry,
        width: float,
        cell: float,
        shift: float = 0.0,
        ahead: float = 0.0,
    ) -> None:
        x0, y0, x1, y1 = target.envelope.buffer(2 * width).bounds
        self.cell, self.reach, self.ahead = cell, width / 2, ahead
        self.origin = np.array([x0, y0]) - np.array([0.382, 0.618]) * shift * cell
        self.columns = math.ceil((x1 - x0) / cell) + 2
        self.rows = math.ceil((y1 - y0) / cell) + 2
        self.target = self._inside(target)
        near = shapely.clip_by_rect(centre, x0, y0, x1, y1).buffer(0.7 * cell, quad_segs=2)
        self.may = self._inside(near)
        self.area = float(self.target.sum()) * cell**2
        self.count = np.zeros(self.rows * self.columns, np.int64)
        self.longest = 0.75 * width + 1e-6

    def _inside(self, geometry: BaseGeometry) -> Bools:
        """(cells,) whether the centre of a cell lies in polygons: even-odd along each row."""
        toggles = np.zeros((self.rows, self.columns + 1), np.int32)
        for ring in shapely.get_rings(shapely.get_parts(geometry)):
            xy = (shapely.get_coordinates(ring) - self.origin) / self.cell - 0.5
            a, b = xy[:-1], xy[1:]
            low = np.ceil(np.minimum(a[:, 1], b[:, 1])).astype(np.int64)
            high = np.ceil(np.maximum(a[:, 1], b[:, 1])).astype(np.int64)
            edge, k = ragged(low, np.maximum(high - low, 0))
            t = (k - a[edge, 1]) / (b[edge, 1] - a[edge, 1])
            x = np.ceil(a[edge, 0] + t * (b[edge, 0] - a[edge, 0])).astype(np.int64)
            ok = (k >= 0) & (k < self.rows)
            np.add.at(toggles, (k[ok], np.clip(x[ok], 0, self.columns)), 1)
        filled: Bools = (np.cumsum(toggles, axis=1)[:, :-1] % 2 == 1).ravel()
        return filled

    def centres(self, cells: Ints) -> Floats:
        """(N, 2) positions of cells."""
        at = np.column_stack((cells % self.columns, cells // self.columns))
        return self.origin + (at + 0.5) * self.cell

    def index(self, xy: Floats) -> Ints:
        """(N,) the cells of positions (N, 2)."""
        at = np.floor((xy - self.origin) / self.cell).astype(np.int64)
        cells: Ints = np.clip(at[:, 1], 0, self.rows - 1) * self.columns + np.clip(
            at[:, 0], 0, self.columns - 1
        )
        return cells

    def tool(self, a: Floats, b: Floats) -> tuple[Floats, Floats]:
        """(N, 2) where the tool is when the centre is at the ends of segments a -> b."""
        if not self.ahead:
            return a, b
        step = b - a
        forward = self.ahead * step / np.maximum(np.hypot(*step.T), 1e-9)[:, None]
        return a + forward, b + forward

    def near(self, cells: Ints, a: Floats, b: Floats, reach: float) -> Bools:
        """(N,) whether the tool comes within ``reach`` of cell i on segment a[i] -> b[i]."""
        return near_segment(self.centres(cells), *self.tool(a, b), reach)

    def split(self, xy: Floats) -> tuple[Floats, Ints]:
        """A polyline (N, 2) in segments of at most ``longest``: (M, 2) its points, and (M - 1,) of
        which segment of before each is a part.
        """
        length = np.hypot(*np.diff(xy, axis=0).T)
        pieces = np.maximum(1, np.ceil(length / self.longest - 1e-6).astype(np.int64))
        owner, k = ragged(np.zeros(len(pieces), np.int64), pieces)
        t = (k / pieces[owner])[:, None]
        return np.vstack((xy[owner] * (1 - t) + xy[owner + 1] * t, xy[-1:])), owner

    def swept(self, a: Floats, b: Floats) -> tuple[Ints, Ints]:
        """The target cells under segments a -> b of at most ``longest``.

        Returns (pointer, cells): segment i sweeps ``cells[pointer[i]:pointer[i + 1]]``.
        """
        span = math.ceil((self.reach + self.longest / 2) / self.cell) + 1
        steps = np.arange(-span, span + 1)
        a, b = self.tool(a, b)
        dx, dy = (s.ravel() for s in np.meshgrid(steps, steps))
        sizes, found = [np.zeros(1, np.int64)], []
        for i in range(0, len(a), 4096):
            p, q = a[i : i + 4096], b[i : i + 4096]
            at = np.floor(((p + q) / 2 - self.origin) / self.cell).astype(np.int64)
            col, row = at[:, :1] + dx, at[:, 1:] + dy
            x = self.origin[0] + (col + 0.5) * self.cell
            y = self.origin[1] + (row + 0.5) * self.cell
            hit = _near(x, y, p[:, :1], p[:, 1:], q[:, :1], q[:, 1:], self.reach)
            hit &= (col >= 0) & (col < self.columns) & (row >= 0) & (row < self.rows)
            cells = np.where(hit, row * self.columns + col, 0)
            hit &= self.target[cells]
            sizes.append(hit.sum(axis=1))
            found.append(cells[hit])
        return np.cumsum(np.concatenate(sizes)), np.concatenate([*found, np.zeros(0, np.int64)])

    def uncovered(self) -> Ints:
        """The target cells that nothing sweeps."""
        return np.flatnonzero(self.target & (self.count == 0))

    def coverage(self) -> float:
        """The share of the target that is swept."""
        return 1 - len(self.uncovered()) / max(1, int(self.target.sum()))


def ragged(first: Ints, size: Ints) -> tuple[Ints, Ints]:
    """(owner, value) of the ranges first[i], first[i] + 1, ... of size[i] values each."""
    owner = np.repeat(np.arange(len(size)), size)
    offset = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
    return owner, first[owner] + offset


def near_segment(points: Floats, a: Floats, b: Floats, reach: float) -> Bools:
    """(N,) whether point i (N, 2) is within ``reach`` of segment a[i] -> b[i]."""
    return _near(points[:, 0], points[:, 1], a[:, 0], a[:, 1], b[:, 0], b[:, 1], reach)


def _near(
    x: Floats, y: Floats, ax: Floats, ay: Floats, bx: Floats, by: Floats, reach: float
) -> Bools:
    ux, uy = bx - ax, by - ay
    square = np.maximum(ux * ux + uy * uy, 1e-12)
    t = np.clip(((x - ax) * ux + (y - ay) * uy) / square, 0.0, 1.0)
    near: Bools = (x - ax - t * ux) ** 2 + (y - ay - t * uy) ** 2 <= reach * reach
    return near
