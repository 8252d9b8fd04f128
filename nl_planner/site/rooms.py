"""Rooms of a floor that a robot has mapped, as polygons with their doors."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry import LineString, Polygon
from shapely.ops import split

from nl_planner.site.occupancy import UNKNOWN, OccupancyMap
from nl_planner.site.room_cells import borders, is_corridor, room_cells

TOLERANCE = 0.15  # m: the outlines are simplified by so much
MOST_CELLS = 2_000_000  # rooms are looked for in a grid no finer than this
FINEST_CELL = 0.05  # m
NARROWEST_DOOR = 0.4  # m
WIDEST_DOOR = 3.0  # m: a wider opening is no door
LONG = 2.5  # times as long as wide at least, of the box around a straight corridor
BENT = 0.5  # of the box around a corridor with bends, at most


@dataclass(frozen=True)
class Room:
    """A room of a map: its outline in the map's frame (m), what it is, and its ways in.

    The outline holds the ground under the furniture as well. ``doors`` are the middles (m) of the
    ways in, widest first: those towards the corridor, on a floor without one towards the largest
    room. A way out to a room farther in is the door of that room.
    """

    polygon: Polygon
    kind: Literal["room", "corridor"]
    doors: tuple[tuple[float, float], ...] = ()


def find_rooms(grid: OccupancyMap) -> tuple[Room, ...]:
    """The rooms of a map, disjoint, from west to east and from north to south.

    See ``room_cells`` for what parts one room from another. Ground that is narrower than a
    robot, apart from the rest and smaller than a room, or seen through a window as rays only,
    belongs to none.
    """
    free = (grid.cells != UNKNOWN) & (grid.cells < grid.free_below)
    if not free.any():
        return ()
    rows, columns = (_span(free.any(axis=1 - axis)) for axis in (0, 1))
    free = free[rows, columns]
    factor = max(
        1, round(FINEST_CELL / grid.resolution), math.ceil(math.sqrt(free.size / MOST_CELLS))
    )
    cell = grid.resolution * factor
    labels = room_cells(_coarser(free, factor), cell)
    count = int(labels.max())
    if not count:
        return ()
    width = _widths(labels, cell)
    outlines = _outlines(labels, count)
    tolerance = TOLERANCE / cell
    outlines = shapely.coverage_simplify(outlines, tolerance).tolist()
    ways = _ways(labels, cell)
    areas = [outline.area * cell**2 for outline in outlines]
    corridors = {
        number
        for number, (outline, area) in enumerate(zip(outlines, areas, strict=True), 1)
        if is_corridor(area, width[number]) and _is_long(outline)
    }
    steps = _steps_in(ways, corridors or {areas.index(max(areas)) + 1})
    turn = _turn(grid, columns.start, rows.start, factor)
    rooms = []
    for number, outline in enumerate(outlines, 1):
        kind: Literal["room", "corridor"] = "corridor" if number in corridors else "room"
        doors = [
            way.at
            for way in ways.get(number, ())
            if way.width <= WIDEST_DOOR and steps.get(way.beyond, 0) < steps.get(number, 0)
        ]
        for part in _without_holes(outline, outlines):
            at = [door for door in doors if part.distance(shapely.Point(door)) < tolerance * 2]
            moved = turn(np.array(at).reshape(-1, 2)).tolist()
            rooms.append(Room(shapely.transform(part, turn), kind, tuple((x, y) for x, y in moved)))
    return tuple(sorted(rooms, key=_order))


def _is_long(outline: Polygon) -> bool:
    """Whether a room is a strip, straight or with bends, and not a block full of furniture."""
    box = shapely.oriented_envelope(outline)
    (x0, y0), (x1, y1), (x2, y2) = shapely.get_coordinates(box)[:3]
    sides = sorted((math.hypot(x1 - x0, y1 - y0), math.hypot(x2 - x1, y2 - y1)))
    return sides[1] >= LONG * sides[0] or Polygon(outline.exterior).area < BENT * box.area


def _span(used: NDArray[np.bool_]) -> slice:
    at = np.flatnonzero(used)
    return slice(int(at[0]), int(at[-1]) + 1)


def _coarser(free: NDArray[np.bool_], factor: int) -> NDArray[np.bool_]:
    """The grid with cells ``factor`` times as long, free where over 60 % is: walls stay closed."""
    if factor == 1:
        return free
    rows, columns = free.shape
    padded = np.pad(free, ((0, -rows % factor), (0, -columns % factor)))
    counts = np.add.reduceat(padded.view(np.uint8), np.arange(0, len(padded), factor), axis=0)
    blocks = counts.reshape(len(counts), -1, factor).sum(axis=2, dtype=np.uint16)
    coarse: NDArray[np.bool_] = blocks > 0.6 * factor**2
    return coarse


def _widths(labels: NDArray[np.int32], cell: float) -> NDArray[Any]:
    """The width (m) of the largest circle in each room, by number."""
    inside = np.zeros(labels.shape, dtype=bool)
    inside[1:-1, 1:-1] = labels[1:-1, 1:-1] > 0
    for axis in (0, 1):
        same = np.diff(labels, axis=axis) == 0
        ends = [(0, 0), (0, 0)]
        ends[axis] = (1, 0)
        inside &= np.pad(same, ends)
        ends[axis] = (0, 1)
        inside &= np.pad(same, ends)
    depth = ndimage.distance_transform_edt(inside)
    width = np.zeros(int(labels.max()) + 1)
    np.maximum.at(width, labels.ravel(), 2 * cell * (depth.ravel() + 0.5))
    return width


def _outlines(labels: NDArray[np.int32], count: int) -> list[Polygon]:
    """The outline of each room on the grid; cell (row, column) has its corner at (column, row).

    Borders are cut at every corner of a cell, so that rooms that meet share their vertices.
    """
    padded = np.pad(labels, 1)
    y, x = np.nonzero(np.diff(padded, axis=0)[:, 1:-1])
    level = np.stack([np.stack([x, y], -1), np.stack([x + 1, y], -1)], axis=1)
    y, x = np.nonzero(np.diff(padded, axis=1)[1:-1, :])
    upright = np.stack([np.stack([x, y], -1), np.stack([x, y + 1], -1)], axis=1)
    lines = shapely.linestrings(np.concatenate([level, upright]).astype(float))
    faces = shapely.get_parts(shapely.polygonize(lines))
    column, row = np.floor(shapely.get_coordinates(shapely.point_on_surface(faces))).astype(int).T
    numbers = labels[row, column]
    largest: list[Polygon] = []
    for number in range(1, count + 1):
        own = faces[numbers == number]
        largest.append(own[int(np.argmax(shapely.area(own)))])
    return largest


class _Way(NamedTuple):
    """A way out of a room: the room beyond, its middle (column, row) and its width (m)."""

    beyond: int
    at: tuple[float, float]
    width: float


def _ways(labels: NDArray[np.int32], cell: float) -> dict[int, list[_Way]]:
    """The ways out of each room, by number, the widest first."""
    ways: dict[int, list[_Way]] = {}
    for (one, other), at in borders(labels).items():
        low = at.min(axis=0)
        drawn = np.zeros((2 * (at.max(axis=0) - low) + 1).astype(int), dtype=bool)
        drawn[tuple((2 * (at - low)).astype(int).T)] = True
        pieces, _ = ndimage.label(ndimage.binary_dilation(drawn, np.ones((3, 3))))
        piece = pieces[tuple((2 * (at - low)).astype(int).T)]
        for number in np.unique(piece):
            points = at[piece == number]
            width = float(np.hypot(*np.ptp(points, axis=0))) * cell
            if width < NARROWEST_DOOR:
                continue
            middle = points.mean(axis=0)
            x, y = points[np.argmin(((points - middle) ** 2).sum(axis=1))].tolist()
            ways.setdefault(one, []).append(_Way(other, (x, y), width))
            ways.setdefault(other, []).append(_Way(one, (x, y), width))
    return {room: sorted(found, key=lambda way: -way.width) for room, found in ways.items()}


def _steps_in(ways: dict[int, list[_Way]], first: Collection[int]) -> dict[int, int]:
    """How many ways lead from the rooms ``first`` into each room."""
    steps, reached = dict.fromkeys(first, 0), list(first)
    for room in reached:
        for way in ways.get(room, ()):
            if way.beyond not in steps:
                steps[way.beyond] = steps[room] + 1
                reached.append(way.beyond)
    return steps


def _without_holes(outline: Polygon, others: Sequence[Polygon]) -> list[Polygon]:
    """The outline as polygons without holes: obstacles belong to the room, rooms do not.

    A room that runs all the way round another is cut in two.
    """
    rings = [Polygon(ring) for ring in outline.interiors]
    around = [ring for ring in rings if any(ring.covers(one) for one in others if one != outline)]
    if not around:
        return [Polygon(outline.exterior)]
    x, y = max(around, key=lambda ring: ring.area).centroid.coords[0]
    low_x, low_y, high_x, high_y = outline.bounds
    cut = LineString([(x, low_y - 1), (x, high_y + 1)])
    if high_y - low_y > high_x - low_x:
        cut = LineString([(low_x - 1, y), (high_x + 1, y)])
    kept = Polygon(outline.exterior, [ring.exterior for ring in around])
    return [piece for part in split(kept, cut).geoms for piece in _without_holes(part, others)]


def _turn(
    grid: OccupancyMap, column: int, row: int, factor: int
) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """From corners (column, row) of the coarser grid to x, y in the map's frame (m)."""
    x, y, yaw = grid.origin
    turn = np.array([[math.cos(yaw), math.sin(yaw)], [-math.sin(yaw), math.cos(yaw)]])
    return lambda points: grid.resolution * (points * factor + (column, row)) @ turn + (x, y)


def _order(room: Room) -> tuple[float, ...]:
    west, south, _, north = room.polygon.bounds
    return (round(west), -round(north), west, -north, south)
