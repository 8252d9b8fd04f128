"""Plane shapes that the relations are made of. All lengths in metres, angles in radians."""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPoint, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from nl_planner.site.free_space import polygons

XY = tuple[float, float]
ARC = 16  # straight pieces in a quarter of a circle


def unit(direction: float) -> NDArray[np.float64]:
    """The vector of length 1 in that direction, shape (2,)."""
    return np.array([math.cos(direction), math.sin(direction)])


def spans(geometry: BaseGeometry, direction: float) -> XY:
    """The least and greatest coordinate of the geometry along the direction."""
    along = shapely.get_coordinates(geometry) @ unit(direction)
    return float(along.min()), float(along.max())


def slab(direction: float, forward: XY, sideward: XY) -> Polygon:
    """The rectangle of points whose coordinate along ``direction`` is within ``forward`` and along
    the direction to its left is within ``sideward``.
    """
    u, v = unit(direction), unit(direction + math.pi / 2)
    (f0, f1), (s0, s1) = forward, sideward
    return Polygon([f0 * u + s0 * v, f1 * u + s0 * v, f1 * u + s1 * v, f0 * u + s1 * v])


def grown(geometry: BaseGeometry, reach: float) -> BaseGeometry:
    """What is within ``reach`` of the geometry."""
    return shapely.buffer(geometry, reach, quad_segs=ARC)


def side(geometry: BaseGeometry, direction: float, reach: float) -> BaseGeometry:
    """The side of a thing: the ground it would pass over, moved ``reach`` in the direction.

    What lies in a bay, so that the thing follows once more in that direction, is no side of it.
    Before a thing narrower than ``reach`` the ground is as wide as it is deep. The thing itself is
    not taken out.
    """
    ahead = _swept(geometry, reach * unit(direction))
    (near, far), (right, left) = (
        spans(geometry, direction),
        spans(geometry, direction + math.pi / 2),
    )
    if left - right < reach:
        middle = (left + right) / 2
        sideward = (middle - reach / 2, middle + reach / 2)
        ahead = shapely.union(ahead, slab(direction, (far, far + reach), sideward))
    bays = shapely.difference(_swept(geometry, (near - far - 1) * unit(direction)), geometry)
    # Rounded to a micrometre: a wall along the direction would leave a sliver.
    return shapely.set_precision(shapely.difference(ahead, bays), 1e-6)


def _swept(geometry: BaseGeometry, move: NDArray[np.float64]) -> BaseGeometry:
    """The ground that a thing passes over, moved by the vector."""
    swept = [geometry]
    for part in shapely.get_parts(shapely.get_parts(geometry)):
        corners = shapely.get_coordinates(part.exterior if isinstance(part, Polygon) else part)
        walls = np.stack([corners[:-1], corners[1:], corners[1:] + move, corners[:-1] + move], 1)
        swept += list(shapely.convex_hull(shapely.linestrings(walls)))
    return shapely.union_all(swept)


def before_door(
    at: XY, facing: float, reach: float, left: float = math.inf, right: float = math.inf
) -> Polygon:
    """The space before a door: as deep as ``reach``, and as wide to either side of the door.

    ``left`` and ``right`` are how far the wall goes on beside the door, looking out of it; the
    space goes no further, but half its depth in any case.
    """
    u, v = unit(facing), unit(facing + math.pi / 2)
    forward, sideward = float(np.dot(at, u)), float(np.dot(at, v))
    to_left = min(reach, max(left, reach / 2))
    to_right = min(reach, max(right, reach / 2))
    return slab(facing, (forward, forward + reach), (sideward - to_right, sideward + to_left))


def between(first: BaseGeometry, second: BaseGeometry, least_width: float) -> MultiPolygon:
    """The space between the facing sides of two things, without the things.

    They face each other along the shortest line from one to the other. The space is as wide as
    what they have in common across that line, ``least_width`` at least. Where they touch, it is
    the ``least_width`` along the border that they share.
    """
    line = shapely.shortest_line(first, second)
    (x0, y0), (x1, y1) = shapely.get_coordinates(line)
    if math.hypot(x1 - x0, y1 - y0) < 1e-6:
        border = shapely.intersection(grown(first, 0.01), grown(second, 0.01))
        return polygons(grown(border, least_width / 2))
    direction = math.atan2(y1 - y0, x1 - x0)
    across = direction + math.pi / 2
    (a0, a1), (b0, b1) = spans(first, across), spans(second, across)
    lower, upper = max(a0, b0), min(a1, b1)
    if upper - lower < least_width:
        middle = (lower + upper) / 2
        lower, upper = middle - least_width / 2, middle + least_width / 2
    start, stop = spans(first, direction)[0], spans(second, direction)[1]
    band = slab(direction, (start - 1, stop + 1), (lower, upper))
    ends = [shapely.intersection(_filled(thing), band) for thing in (first, second)]
    sills = (float(np.dot((x0, y0), unit(direction))), float(np.dot((x1, y1), unit(direction))))
    sill = slab(direction, sills, (lower, upper))
    hull = shapely.convex_hull(shapely.union_all([*ends, sill]))
    start = sills[0] - _slant(ends[0], direction)
    stop = sills[1] + _slant(ends[1], direction + math.pi)
    hull = shapely.intersection(hull, slab(direction, (start, stop), (lower, upper)))
    gap = shapely.difference(hull, shapely.union_all([_filled(first), _filled(second)]))
    gap = polygons(shapely.set_precision(gap, 1e-6))  # without the slivers of rounding
    facing = [
        part for part in gap.geoms if part.distance(first) < 1e-5 and part.distance(second) < 1e-5
    ]
    return MultiPolygon(facing) if facing else gap


def _slant(thing: BaseGeometry, direction: float) -> float:
    """How far the walls that face the direction fall back from the foremost spot.

    A wall faces the direction when it is turned away from it by less than 40 degrees.
    """
    foremost, fallen = spans(thing, direction)[1], 0.0
    for part in polygons(thing).geoms:
        ring = shapely.get_coordinates(shapely.orient_polygons(part).exterior)
        along = np.diff(ring, axis=0)
        outward = np.arctan2(-along[:, 0], along[:, 1])
        facing = np.cos(outward - direction) > math.cos(math.radians(40))
        back = np.minimum(ring[:-1] @ unit(direction), ring[1:] @ unit(direction))
        fallen = max([fallen, *(foremost - back[facing])])
    return fallen


def _filled(geometry: BaseGeometry) -> BaseGeometry:
    """The geometry without its holes."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.union_all(
        [Polygon(part.exterior) if isinstance(part, Polygon) else part for part in parts]
    )


def half(geometry: BaseGeometry, direction: float) -> Polygon:
    """The rectangle over the half of the geometry that lies in the direction."""
    low, high = spans(geometry, direction)
    left, right = spans(geometry, direction + math.pi / 2)
    return slab(direction, ((low + high) / 2, high), (left, right))


def middle(area: BaseGeometry) -> BaseGeometry:
    """What is deeper inside the area than half of its deepest point."""
    return shapely.buffer(area, -depth(area) / 2, quad_segs=ARC)


def edge(area: BaseGeometry, width: float) -> BaseGeometry:
    """The strip along the inside of the outline, at most half as wide as the area is deep."""
    inner = shapely.buffer(_outline(area), -min(width, depth(area) / 2), quad_segs=ARC)
    return shapely.difference(area, inner)


def corners(area: BaseGeometry, reach: float) -> BaseGeometry:
    """What is within ``reach`` of a corner that juts out, at most half as far as the area is deep.

    A corner is where the outline, freed of detail under 0.3 m, turns by 45 degrees or more, and not
    only because a curve was freed of its detail: a disc around it has less of the area than three
    eighths and a bit.
    """
    whole, deep = _outline(area), depth(area)
    found = []
    for part in polygons(shapely.simplify(whole, 0.3)).geoms:
        ring = shapely.get_coordinates(shapely.orient_polygons(part).exterior)[:-1]
        before = ring - np.roll(ring, 1, axis=0)
        after = np.roll(ring, -1, axis=0) - ring
        turn = np.arctan2(
            before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0], (before * after).sum(axis=1)
        )
        spots = shapely.points(ring[turn >= math.pi / 4 - 1e-9])
        discs = shapely.buffer(spots, min(1.0, deep / 2), quad_segs=ARC)
        share = shapely.area(shapely.intersection(discs, whole)) / shapely.area(discs)
        found += spots[share < 0.4].tolist()
    return shapely.intersection(area, grown(MultiPoint(found), min(reach, deep / 2)))


def depth(area: BaseGeometry) -> float:
    """The radius of the largest circle that fits into the area (to about 1 %)."""
    outline = _outline(area)
    size = math.sqrt(outline.area)
    return float(shapely.length(shapely.maximum_inscribed_circle(outline, tolerance=size / 100)))


def _outline(area: BaseGeometry) -> BaseGeometry:
    """The area without the things that stand in it."""
    return _filled(polygons(area))


def strip(line: BaseGeometry, width: float) -> BaseGeometry:
    """A line as the ground it covers: a road, a kerb, a wall."""
    return shapely.buffer(line, width / 2, cap_style="flat", quad_segs=ARC)
