"""Seeded floors like those that coverage planners meet: homes, offices, basements, warehouses.

Every floor is made from a name and a seed, as drawn (polygons) or as a robot maps it: rasterised
at 5 cm, which makes stairs of slanted walls, with specks that a laser left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import shapely
from shapely.affinity import rotate, translate
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

WALL = 0.12


def home(rng: np.random.Generator, obstacles: int) -> BaseGeometry:
    """Rooms behind doors, tables and chairs on legs, wardrobes along the walls."""
    width, height = rng.uniform(8, 14, 2)
    walls, rooms = _rooms(rng, (0.0, 0.0, width, height), 2.8, (0.7, 0.95))
    things: list[BaseGeometry] = []
    while len(things) < obstacles:
        x0, y0, x1, y1 = rooms[int(rng.integers(len(rooms)))]
        at = rng.uniform((x0, y0), (x1, y1))
        draw = rng.random()
        if draw < 0.6:
            side = rng.uniform(0.35, 0.9, 2)
            feet = [(at[0] + a * side[0], at[1] + b * side[1]) for a in (0, 1) for b in (0, 1)]
            things += [Point(foot).buffer(0.025, 2) for foot in feet]
        elif draw < 0.8:
            things.append(Point(at).buffer(rng.uniform(0.03, 0.25), 4))
        else:
            size = rng.uniform(0.3, 1.6, 2)
            things.append(rotate(translate(box(0, 0, *size), *at), rng.choice([0, 0, 90, 33])))
    return box(0, 0, width, height).difference(shapely.union_all([*walls, *things[:obstacles]]))


def office(rng: np.random.Generator, obstacles: int) -> BaseGeometry:
    """Offices on both sides of corridors, with desks, chairs and columns: about 1,900 m²."""
    width, height = 60.0, 32.0
    walls: list[BaseGeometry] = []
    rooms: list[tuple[float, ...]] = []
    for y0, y1 in ((0, 7), (9, 16), (16, 23), (25, height)):
        more, found = _rooms(rng, (0.0, y0, width, y1), 4.0, (0.85, 1.0), "x")
        walls, rooms = walls + more, rooms + found
        for x0, _, x1, _ in found:
            door = rng.uniform(x0 + 0.3, x1 - 1.3)
            side = y1 if y0 in (0, 16) else y0
            if side in (7, 9, 23, 25):
                walls += _wall((x0, side), (x1, side), (door - x0, door - x0 + 0.9))
    things = [box(x, y, x + 0.5, y + 0.5) for x in range(6, 60, 9) for y in (7.6, 23.8)]
    while len(things) < obstacles:
        x0, y0, x1, y1 = rooms[int(rng.integers(len(rooms)))]
        at = rng.uniform((x0, y0), (x1, y1))
        if rng.random() < 0.5:
            things.append(translate(box(0, 0, *rng.choice([[1.6, 0.8], [0.8, 1.6]])), *at))
        else:
            things.append(Point(at).buffer(rng.uniform(0.05, 0.3), 4))
    return box(0, 0, width, height).difference(shapely.union_all([*walls, *things]))


def basement(rng: np.random.Generator, obstacles: int) -> BaseGeometry:
    """Halls that lie askew, joined by narrow passages, with pillars and clutter."""
    halls, last = [], None
    for _ in range(int(rng.integers(4, 7))):
        size = rng.uniform(4, 12, 2)
        at = rng.uniform(0, 20, 2)
        halls.append(rotate(translate(box(0, 0, *size), *at), rng.uniform(0, 90)))
        centre = halls[-1].centroid
        if last is not None:
            way = LineString([last, centre])
            halls.append(way.buffer(rng.uniform(0.36, 0.9), cap_style="flat"))
        last = centre
    floor = shapely.union_all(halls)
    floor = max(shapely.get_parts(floor), key=lambda part: part.area)
    x0, y0, x1, y1 = floor.bounds
    at = rng.uniform((x0, y0), (x1, y1), (obstacles, 2))
    things = [
        rotate(translate(box(0, 0, *rng.uniform(0.05, 0.7, 2)), *p), rng.uniform(0, 90)) for p in at
    ]
    return floor.difference(shapely.union_all(things))


def warehouse(rng: np.random.Generator, obstacles: int) -> BaseGeometry:
    """Rows of racks on legs or closed to the floor, aisles of 1 to 3 m, pallets."""
    width, height = rng.uniform(30, 45), rng.uniform(20, 30)
    things: list[BaseGeometry] = []
    y = rng.uniform(1.5, 3)
    while y < height - 3 and len(things) < obstacles:
        depth = rng.uniform(0.9, 1.2)
        x = rng.uniform(2, 4)
        if rng.random() < 0.4:
            while x < width - 3 and len(things) < obstacles:
                things += [box(x, y + d, x + 0.1, y + d + 0.1) for d in (0, depth)]
                x += rng.choice([1.4, 2.7])
        else:
            things.append(box(x, y, width - rng.uniform(2, 4), y + depth))
        y += depth + rng.uniform(1.0, 3.0)
    while len(things) < obstacles:
        at = rng.uniform((0, 0), (width, height))
        things.append(rotate(translate(box(0, 0, 1.2, 0.8), *at), rng.choice([0, 90, 12])))
    return box(0, 0, width, height).difference(shapely.union_all(things))


FLOORS: dict[str, Callable[[np.random.Generator, int], BaseGeometry]] = {
    "home": home,
    "office": office,
    "basement": basement,
    "warehouse": warehouse,
}


def floor(kind: str, seed: int, obstacles: int, mapped: bool) -> Polygon:
    """The largest part of a floor of that kind; ``mapped``: as a robot's grid map shows it."""
    rng = np.random.default_rng(seed)
    drawn = FLOORS[kind](rng, obstacles)
    if mapped:
        drawn = rasterised(drawn, 0.05, rng)
    return max(shapely.get_parts(drawn), key=lambda part: part.area)


def rasterised(area: BaseGeometry, cell: float, rng: np.random.Generator) -> BaseGeometry:
    """The free cells of a grid over the area, as their outline; a few specks are lost."""
    x0, y0, x1, y1 = area.bounds
    columns, rows = int((x1 - x0) / cell) + 1, int((y1 - y0) / cell) + 1
    x, y = np.meshgrid(x0 + (np.arange(columns) + 0.5) * cell, y0 + (np.arange(rows) + 0.5) * cell)
    shapely.prepare(area)
    free = shapely.contains_xy(area, x, y) & (rng.random(x.shape) > 1e-4)
    runs = []
    for row, cells in enumerate(free):
        ends = np.flatnonzero(np.diff(np.concatenate(([False], cells, [False]))))
        low = row * cell + y0
        runs += [(a * cell + x0, low, b * cell + x0, low + cell) for a, b in ends.reshape(-1, 2)]
    grid = shapely.set_precision(shapely.union_all(shapely.box(*np.array(runs).T)), 1e-4)
    return grid.buffer(0)


def _rooms(
    rng: np.random.Generator,
    bounds: tuple[float, float, float, float],
    least: float,
    door: tuple[float, float],
    split: str = "xy",
) -> tuple[list[BaseGeometry], list[tuple[float, ...]]]:
    """Walls with doors, and rooms, by cutting the bounds in two again and again."""
    x0, y0, x1, y1 = bounds
    long = (x1 - x0 >= y1 - y0) if split == "xy" else True
    if (x1 - x0 if long else y1 - y0) < 2 * least:
        return [], [bounds]
    cut = rng.uniform(least, (x1 - x0 if long else y1 - y0) - least)
    gap = rng.uniform(*door)
    side = (y1 - y0) if long else (x1 - x0)
    at = rng.uniform(0.3, max(0.31, side - gap - 0.3))
    if long:
        wall = _wall((x0 + cut, y0), (x0 + cut, y1), (at, at + gap))
        halves = (x0, y0, x0 + cut, y1), (x0 + cut, y0, x1, y1)
    else:
        wall = _wall((x0, y0 + cut), (x1, y0 + cut), (at, at + gap))
        halves = (x0, y0, x1, y0 + cut), (x0, y0 + cut, x1, y1)
    found = [_rooms(rng, half, least, door, split) for half in halves]
    return wall + found[0][0] + found[1][0], found[0][1] + found[1][1]


def _wall(a: Iterable[float], b: Iterable[float], door: tuple[float, float]) -> list[BaseGeometry]:
    """A wall from a to b but for a door, given by metres from a."""
    start, end = np.array(list(a)), np.array(list(b))
    along = (end - start) / np.hypot(*(end - start))
    sides = ((start, start + along * door[0]), (start + along * door[1], end))
    return [LineString(side).buffer(WALL / 2, cap_style="square") for side in sides]
