"""Where the names go: greedy placing of labels, the most important first, none over another.

Positions are tried in a fixed order, first inside the thing that is named, then beside it; after
that the text gets smaller, then loses its second line, and at last becomes a number that the key
under the picture explains.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from nl_planner.draw.text import DPI, measure

SIZES = (8.0, 6.6, 5.6)
AROUND = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1))

Anchors = Sequence[NDArray[np.float64]]
Positions = Iterator[tuple[float, float]]


@dataclass(frozen=True)
class Panel:
    """A map on the picture: ``frame`` (xmin, ymin, xmax, ymax in m) on width x height pixels."""

    frame: tuple[float, float, float, float]
    width: int
    height: int

    @staticmethod
    def of(bounds: Sequence[float], width: int, height: int) -> Panel:
        """The panel that shows at least ``bounds``, at one scale in both directions."""
        xmin, ymin, xmax, ymax = bounds
        scale = min(width / (xmax - xmin), height / (ymax - ymin))
        x, y, dx, dy = (xmin + xmax) / 2, (ymin + ymax) / 2, width / scale / 2, height / scale / 2
        return Panel((x - dx, y - dy, x + dx, y + dy), width, height)

    @property
    def scale(self) -> float:
        """Pixels a metre."""
        return self.width / (self.frame[2] - self.frame[0])

    @property
    def box(self) -> Polygon:
        """The frame as a polygon."""
        return shapely.box(*self.frame)

    def metres(self, points: float) -> float:
        """What so many points (1/72 inch) on paper are on the ground."""
        return points * DPI / 72 / self.scale


@dataclass(frozen=True)
class Label:
    """What is to be written: the ``lines`` that name ``shape``, what is seen of a thing.

    ``gap``: pixels that stay free around a point. ``fill``: the colour of a tag under the text.
    ``must``: shown as a number where there is no room, otherwise left away.
    """

    lines: tuple[str, ...]
    shape: BaseGeometry
    gap: float = 8
    colour: str = "#263238"
    fill: str | None = None
    must: bool = True
    sizes: tuple[float, ...] = SIZES


@dataclass(frozen=True)
class Placed:
    """Text with its centre at (x, y) metres; ``upright`` when it runs upwards."""

    text: str
    x: float
    y: float
    size: float
    label: Label
    upright: bool = False


@dataclass
class Placer:
    """Puts labels on one panel.

    ``avoid``: the work (m), which is better not written on. ``solid``: things (m) that a name is
    not written on unless it is theirs. ``taken``: boxes (pixels from the frame's corner) in use.
    """

    panel: Panel
    avoid: BaseGeometry = field(default_factory=Polygon)
    solid: BaseGeometry = field(default_factory=Polygon)
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)

    def keep_free(self, x: float, y: float, half: float) -> None:
        """No label within ``half`` pixels of the point (x, y) metres."""
        u, v = self._pixels(x, y)
        self.taken.append((u - half, v - half, u + half, v + half))

    def place(self, label: Label) -> Placed | None:
        """The label where there is room for it, None where there is none."""
        second_best = None
        anchors = self._anchors(label)
        own = shapely.buffer(label.shape, 0.01) if label.shape.area else Polygon()
        hidden = shapely.union(self.avoid, shapely.difference(self.solid, own))
        shapely.prepare([self.avoid, hidden])
        for text, size, upright, inside in _settings(label):
            width, height = measure(text, size)
            pad = 10 if label.fill else 2
            wide, high = (height, width) if upright else (width, height)
            wide, high = wide + pad, high + pad
            positions = self._inside if inside else self._beside
            for u, v in positions(label, anchors, wide, high):
                box = (u - wide / 2, v - high / 2, u + wide / 2, v + high / 2)
                if not self._is_free(box):
                    continue
                placed = Placed(text, *self._metres(u, v), size, label, upright)
                if not self._covers(self.avoid if inside else hidden, box):
                    self.taken.append(box)
                    return placed
                second_best = second_best or (placed, box)
        if second_best:
            self.taken.append(second_best[1])
            return second_best[0]
        return None

    def place_number(self, label: Label, number: int) -> Placed:
        """The number that stands for the label, on the thing itself or as near as there is room."""
        tag = Label((str(number),), label.shape, fill="white", sizes=(SIZES[-1],))
        return self.place(tag) or Placed(
            str(number), *self._metres(*self._anchors(label)[0]), SIZES[-1], tag
        )

    def _pixels(self, x: float, y: float) -> tuple[float, float]:
        panel = self.panel
        return (x - panel.frame[0]) * panel.scale, (y - panel.frame[1]) * panel.scale

    def _metres(self, u: float, v: float) -> tuple[float, float]:
        panel = self.panel
        return panel.frame[0] + u / panel.scale, panel.frame[1] + v / panel.scale

    def _is_free(self, box: tuple[float, float, float, float]) -> bool:
        left, low, right, high = box
        if left < 2 or low < 2 or right > self.panel.width - 2 or high > self.panel.height - 2:
            return False
        if not self.taken:
            return True
        other = np.array(self.taken)
        clear = (
            (other[:, 0] >= right)
            | (other[:, 2] <= left)
            | (other[:, 1] >= high)
            | (other[:, 3] <= low)
        )
        return bool(clear.all())

    def _covers(self, what: BaseGeometry, box: tuple[float, float, float, float]) -> bool:
        if what.is_empty:
            return False
        low, high = self._metres(*box[:2]), self._metres(*box[2:])
        return bool(shapely.intersects(what, shapely.box(*low, *high)))

    def _anchors(self, label: Label) -> list[NDArray[np.float64]]:
        """Points of the shape (pixels) to write at: its middle, then others of it by distance."""
        shape = shapely.intersection(label.shape, self.panel.box)
        if shape.geom_type in ("MultiPolygon", "GeometryCollection", "MultiLineString"):
            shape = max(shape.geoms, key=lambda part: (part.area, part.length))
        if shape.is_empty:
            shape = label.shape.representative_point()
        if shape.length == 0:
            return [np.array(self._pixels(shape.x, shape.y))]
        if shape.area == 0:
            shares = np.array([0.5, 0.3, 0.7, 0.1, 0.9])
            along = shapely.line_interpolate_point(shape, shares, normalized=True).tolist()
            return [np.array(self._pixels(point.x, point.y)) for point in along]
        middle = shape.centroid
        if shapely.distance(middle, shape.boundary) < self.panel.metres(6) or not (
            shapely.contains(shape, middle)
        ):
            circle = shapely.maximum_inscribed_circle(shape, self.panel.metres(2))
            middle = shapely.get_point(circle, 0)
        xmin, ymin, xmax, ymax = shape.bounds
        xs, ys = np.meshgrid(np.linspace(xmin, xmax, 11)[1:-1], np.linspace(ymin, ymax, 11)[1:-1])
        grid = shapely.points(xs.ravel(), ys.ravel())
        grid = grid[shapely.contains(shape, grid)]
        grid = grid[np.argsort(shapely.distance(grid, middle), kind="stable")]
        return [np.array(self._pixels(point.x, point.y)) for point in [middle, *grid]]

    def _inside(self, label: Label, anchors: Anchors, wide: float, high: float) -> Positions:
        """Centres (pixels) on the thing itself, when it is about as large as the text."""
        xmin, ymin, xmax, ymax = label.shape.bounds
        scale = self.panel.scale
        if wide > 1.1 * (xmax - xmin) * scale or high > 1.1 * (ymax - ymin) * scale:
            return
        ground = shapely.buffer(label.shape, self.panel.metres(2))
        shapely.prepare(ground)
        within: list[tuple[float, float]] = []
        across: list[tuple[float, float]] = []
        for u, v in anchors:
            low, top = (
                self._metres(u - wide / 2, v - high / 2),
                self._metres(u + wide / 2, v + high / 2),
            )
            fits = shapely.contains(ground, shapely.box(*low, *top))
            (within if fits else across).append((float(u), float(v)))
        yield from within
        yield from across[:3]

    def _beside(self, label: Label, anchors: Anchors, wide: float, high: float) -> Positions:
        """Centres (pixels) around the thing, nearer ones first."""
        middle, half, gap = anchors[0], np.zeros(2), label.gap
        if label.shape.area:
            xmin, ymin, xmax, ymax = label.shape.bounds
            low, top = np.array(self._pixels(xmin, ymin)), np.array(self._pixels(xmax, ymax))
            middle, half, gap = (low + top) / 2, (top - low) / 2, 3.0
        dx, dy = half[0] + gap + wide / 2, half[1] + gap + high / 2
        for near in (1.0, 0.6) if label.shape.area else (1.0, 1.8):
            for right, up in AROUND:
                yield float(middle[0] + near * dx * right), float(middle[1] + near * dy * up)


def _settings(label: Label) -> Iterator[tuple[str, float, bool, bool]]:
    """Ways to write a label, the best first: text, size, whether upwards, whether inside."""
    xmin, ymin, xmax, ymax = label.shape.bounds
    tall = ymax - ymin > 2.5 * (xmax - xmin)
    whole, row = "\n".join(label.lines), "  ".join(label.lines)
    for size in label.sizes:
        yield whole, size, False, True
        yield row, size, False, True
        if tall:
            yield row, size, True, True
    for size in label.sizes[:2]:
        yield whole, size, False, False
    if len(label.lines) > 1:
        yield label.lines[0], label.sizes[-1], False, True
        yield label.lines[0], label.sizes[-1], False, False
