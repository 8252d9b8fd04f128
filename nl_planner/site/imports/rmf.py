"""An Open-RMF ``building.yaml`` (traffic editor) to a draft: one level of it.

Rooms are what walls, doors and the edges of floors enclose; a vertex with a name in a room names
it. Coordinates are those of Open-RMF's own maps: image pixels times the scale that the measurements
give, with y turned to point up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon

from nl_planner.errors import ImportFileError, SiteFileError, did_you_mean
from nl_planner.site.imports.draft import Draft, new_id
from nl_planner.site.imports.osm_tags import clean
from nl_planner.site.imports.source import Mistakes, outline, rounded, without_holes
from nl_planner.site.model import Entrance, Keepout, Landmark
from nl_planner.site.yaml_file import read_yaml

WALL = 0.1  # m, the width of a wall
SMALLEST_ROOM = 1.0  # m²
MARGIN = 0.5  # m around the walls, where no floor is drawn
AT_DOOR = 0.05  # m between the middle of a door and the outline of its room

T = TypeVar("T")


@dataclass
class _Level:
    """A level in metres: vertices with their names, and edges as pairs of vertices."""

    vertices: list[tuple[float, float]]
    names: list[str]
    walls: list[LineString]
    doors: list[tuple[str, LineString]]
    floors: list[Polygon] = field(default_factory=list)


def read_rmf(path: Path, level: str | None = None) -> Draft:
    """The draft of one level: ``level``, else the reference level, else the only one.

    Raises:
        ImportFileError: it is no building.yaml, has no such level, or an element is wrong.
    """
    try:
        data = read_yaml(path, "a building.yaml").data
    except SiteFileError as error:
        raise ImportFileError(str(error)) from error
    levels = data.get("levels")
    if not isinstance(levels, dict) or not levels:
        raise ImportFileError(
            f"{path}: has no 'levels', so it is no Open-RMF building.yaml; save it with the "
            "traffic editor, or name another file"
        )
    chosen = _chosen(path, level, levels, data.get("reference_level_name"))
    made = _level(path, chosen, levels[chosen], str(data.get("coordinate_system", "")))
    return _draft(path, chosen, made, clean(str(data.get("name") or "")))


def _chosen(path: Path, level: str | None, levels: Mapping[str, Any], reference: Any) -> str:
    if level is None and isinstance(reference, str) and reference in levels:
        return reference
    if level is None and len(levels) == 1:
        return next(iter(levels))
    known = ", ".join(levels)
    if level is None:
        raise ImportFileError(f"{path}: has several levels; choose one: --level ({known})")
    if level not in levels:
        hint = did_you_mean(level, levels) or f"; it has {known}"
        raise ImportFileError(f"{path}: has no level {level!r}{hint}")
    return level


def _level(path: Path, name: str, data: Any, system: str) -> _Level:
    mistakes = Mistakes(path)

    def rows(key: str, read: Callable[[Any], T]) -> list[T]:
        found = data.get(key) or [] if isinstance(data, dict) else []
        made = []
        for number, row in enumerate(found if isinstance(found, list) else []):
            try:
                made.append(read(row))
            except (TypeError, ValueError, IndexError, KeyError, AttributeError) as error:
                mistakes.add(
                    f"level {name}: {key}[{number}]", f"cannot be read ({error}); save it again"
                )
        return made

    pixels = rows("vertices", lambda row: _finite(row[0], row[1]))
    names = [
        clean(str(row[3])) if len(row) > 3 and row[3] not in (None, "") else ""
        for row in rows("vertices", list)
    ]
    if not pixels:
        mistakes.add(f"level {name}", "has no vertices; draw its walls in the traffic editor")
    mistakes.raise_any()

    def edge(row: Any) -> LineString:
        first, second = int(row[0]), int(row[1])
        if min(first, second) < 0 or max(first, second) >= len(pixels):
            raise ValueError(f"there is no vertex {max(first, second)}")
        return LineString([pixels[first], pixels[second]])

    def door(row: Any) -> tuple[str, LineString]:
        return clean(str(_parameter(row[2], "name") or "")), edge(row)

    def floor(row: Any) -> Polygon:
        if min(map(int, row["vertices"])) < 0:
            raise ValueError("a vertex number is negative")
        return Polygon([pixels[int(i)] for i in row["vertices"]])

    def measurement(row: Any) -> float:
        metres = float(_parameter(row[2], "distance"))
        length = edge(row).length
        if metres <= 0 or length == 0:
            raise ValueError("a distance should be over 0")
        return metres / float(length)

    walls, doors, floors = rows("walls", edge), rows("doors", door), rows("floors", floor)
    scales = rows("measurements", measurement)
    mistakes.raise_any()
    if system == "wgs84":
        raise ImportFileError(
            f"{path}: is in longitude and latitude (coordinate_system: wgs84); export it as "
            "GeoJSON from the traffic editor's site, and import that"
        )
    cartesian = system == "cartesian_meters"
    if not scales and not cartesian:
        raise ImportFileError(
            f"{path}: level {name}: has no measurement, so nothing says how long a pixel is; add "
            "one in the traffic editor"
        )
    scale = 1.0 if cartesian else float(np.mean(scales))
    turn = np.array([scale, scale if cartesian else -scale])

    def metres(geometry: Any) -> Any:
        return shapely.transform(geometry, lambda xy: xy * turn)

    return _Level(
        vertices=[tuple(xy) for xy in (np.array(pixels) * turn).tolist()],
        names=names,
        walls=[metres(one) for one in walls if one.length > 0],
        doors=[(label, metres(one)) for label, one in doors if one.length > 0],
        floors=[metres(one) for one in floors],
    )


def _draft(path: Path, name: str, level: _Level, building: str) -> Draft:
    floors = [polygon for floor in level.floors if (polygon := outline(floor)) is not None]
    edges = [*level.walls, *(one for _, one in level.doors), *(one.exterior for one in floors)]
    lines = shapely.get_parts(shapely.union_all(edges)) if edges else []
    cells = shapely.get_parts(shapely.polygonize(list(lines)))
    cells = [Polygon(cell.exterior) for cell in cells if cell.area >= SMALLEST_ROOM]
    spots = {i: level.names[i] for i in range(len(level.names)) if level.names[i]}
    landmarks, taken, used = [], set[str](), set[int]()
    unnamed = 0
    for cell in cells:
        inside = [i for i in spots if cell.contains(Point(level.vertices[i]))]
        if len(inside) == 1:
            names = _words(spots[inside[0]])
            used.add(inside[0])
        else:
            unnamed += 1
            names = (f"{unnamed}号房间", f"room {unnamed}")
        room = outline(rounded(cell))
        if room is None:
            continue
        room_id = new_id(names, "room", taken)
        taken.add(room_id)
        entrances = dict(_entrances(room, level))
        landmarks.append(Landmark(room_id, names, "room", room, None, entrances, enter=True))
    for i, label in spots.items():
        if i not in used:
            spot_id = new_id(_words(label), "waypoint", taken)
            taken.add(spot_id)
            at = rounded(Point(level.vertices[i]))
            landmarks.append(Landmark(spot_id, _words(label), "waypoint", at))
    ground = shapely.union_all(floors) if floors else shapely.union_all(edges).convex_hull
    boundary = outline(ground if floors else ground.buffer(MARGIN, join_style="mitre"))
    if boundary is None:
        raise ImportFileError(
            f"{path}: level {name}: its floors and walls enclose nothing; draw a floor"
        )
    boundary = outline(rounded(boundary))
    return Draft(
        names=tuple(dict.fromkeys(filter(None, (building, f"{building} {name}".strip())))),
        landmarks=tuple(landmarks),
        keepouts=tuple(_walls(level, taken)),
        boundary=boundary,
        notes=tuple(_notes(path, name, unnamed, len(floors))),
    )


def _entrances(room: Polygon, level: _Level) -> Iterator[tuple[str, Entrance]]:
    """The doors on the outline of a room."""
    taken: set[str] = set()
    for label, door in level.doors:
        middle = door.interpolate(0.5, normalized=True)
        if room.exterior.distance(middle) < AT_DOOR:
            entrance_id = new_id([label] if label else [], "door", taken)
            taken.add(entrance_id)
            at = rounded(middle)
            yield entrance_id, Entrance(entrance_id, (at.x, at.y), _words(label) if label else ())


def _walls(level: _Level, taken: set[str]) -> Iterator[Keepout]:
    """The ground under the walls, with the gaps of the doors."""
    if not level.walls:
        return
    solid = shapely.union_all(
        [one.buffer(WALL / 2, cap_style="square", join_style="mitre") for one in level.walls]
    )
    gaps = [one.buffer(WALL, cap_style="flat") for _, one in level.doors]
    solid = shapely.difference(solid, shapely.union_all(gaps))
    for part in shapely.get_parts(solid):
        for piece in without_holes(part):
            polygon = outline(rounded(piece))
            if polygon is not None:
                keepout_id = new_id((), "wall", taken)
                taken.add(keepout_id)
                yield Keepout(keepout_id, (), polygon)


def _notes(path: Path, name: str, unnamed: int, floors: int) -> Iterator[str]:
    yield f"A draft, imported from level {name} of {path.name} (Open-RMF)."
    yield (
        "To check: the robot; names that people use; models (furniture) and lifts are not read, so "
        "draw what stands in the way as keepouts."
    )
    if unnamed:
        yield f"{unnamed} rooms hold no vertex with a name, or several; name them."
    if not floors:
        yield f"No floor is drawn: the boundary is the walls with {MARGIN:g} m around them."


def _words(label: str) -> tuple[str, ...]:
    """A name as people say it: ``meeting_room`` is "meeting room"."""
    return (" ".join(label.replace("_", " ").split()) or label,)


def _parameter(parameters: Any, key: str) -> Any:
    """A parameter, which the file holds as [type, value]."""
    value = parameters.get(key)
    return value[1] if isinstance(value, list) else value


def _finite(x: Any, y: Any) -> tuple[float, float]:
    made = float(x), float(y)
    if not all(map(math.isfinite, made)):
        raise ValueError("a coordinate is not finite")
    return made
