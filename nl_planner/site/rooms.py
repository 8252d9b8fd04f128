"""Rooms of a floor that a robot has mapped, as polygons with their doors."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

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


@dataclass(frozen=True)
class Room:
    """A room of a map: its outline in the map's frame (m), what it is, and its door if it has one.

    The outline holds the ground under the furniture as well. ``door`` is the middle of the way in
    (m) when there is one obvious way: the only one, or the only one from a corridor.
    """

    polygon: Polygon
    kind: Literal["room", "corridor"]
    door: tuple[float, float] | None = None


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
    doors = _doors(labels, cell)
    areas = [outline.area * cell**2 for outline in outlines]
    corridors = {number for number, area in enumerate(areas, 1) if is_corridor(area, width[number])}
    turn = _turn(grid, columns.start, rows.start, factor)
    rooms = []
    for number, outline in enumerate(outlines, 1):
        kind: Literal["room", "corridor"] = "corridor" if number in corridors else "room"
        door = None if kind == "corridor" else _obvious(doors.get(number, ()), corridors)
        for part in _without_holes(outline, outlines):
            moved = shapely.transform(part, turn)
            at = None
            if door is not None and part.distance(shapely.Point(door)) < tolerance * 2:
                x, y = turn(np.array([door]))[0]
                at = (float(x), float(y))
            rooms.append(Room(moved, kind, at))
    return tuple(sorted(rooms, key=_order))


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


def _doors(
    labels: NDArray[np.int32], cell: float
) -> dict[int, list[tuple[int, tuple[float, float]]]]:
    """The ways out of each room: the room beyond and the middle (column, row), by number."""
    sides = borders(labels)
    doors: dict[int, list[tuple[int, tuple[float, float]]]] = {}
    for (one, other), at in sides.items():
        low = at.min(axis=0)
        drawn = np.zeros((2 * (at.max(axis=0) - low) + 1).astype(int), dtype=bool)
        drawn[tuple((2 * (at - low)).astype(int).T)] = True
        pieces, _ = ndimage.label(ndimage.binary_dilation(drawn, np.ones((3, 3))))
        piece = pieces[tuple((2 * (at - low)).astype(int).T)]
        for number in np.unique(piece):
            points = at[piece == number]
            long = float(np.hypot(*np.ptp(points, axis=0))) * cell
            if not NARROWEST_DOOR <= long <= WIDEST_DOOR:
                continue
            middle = points.mean(axis=0)
            x, y = points[np.argmin(((points - middle) ** 2).sum(axis=1))].tolist()
            doors.setdefault(one, []).append((other, (x, y)))
            doors.setdefault(other, []).append((one, (x, y)))
    return doors


def _obvious(
    doors: Sequence[tuple[int, tuple[float, float]]], corridors: Collection[int]
) -> tuple[float, float] | None:
    """The only door, or the only one from a corridor."""
    inward = [at for beyond, at in doors if beyond in corridors]
    if len(inward) == 1:
        return inward[0]
    return doors[0][1] if len(doors) == 1 else None


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
