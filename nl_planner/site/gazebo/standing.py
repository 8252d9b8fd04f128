"""What of a site has a body in the world, and what is only seen on its ground.

A closed landmark is a solid of its outline. A building or room that may be entered and has
entrances is its walls, with a gap at each entrance, unless the site has a map: then the map has the
walls. All else that has an area lies on the ground as a coloured patch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import shapely
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from nl_planner.errors import NoSpaceError
from nl_planner.site.free_space import extent, footprint, inset, polygons
from nl_planner.site.gazebo.sdf import Colour
from nl_planner.site.model import Landmark, Site

WALL_THICKNESS = 0.2  # m
WALL_HEIGHT = 2.5  # m
GAP = 1.2  # m, least width of an entrance; a wide robot gets its own width and 0.3 m on each side
HEIGHTS = {"building": 6.0, "wall": WALL_HEIGHT, "room": WALL_HEIGHT, "fence": 1.5, "tree": 3.0}
HEIGHT = 1.0  # m, of any other kind
GRAIN = 0.005  # m: corners that tell less than this are left out

SOLID: Colour = (0.62, 0.60, 0.56, 1.0)
SOLIDS: dict[str, Colour] = {
    "building": (0.78, 0.72, 0.62, 1.0),
    "fixture": (0.45, 0.36, 0.28, 1.0),
    "tree": (0.25, 0.45, 0.22, 1.0),
}
GROUND: Colour = (0.55, 0.62, 0.50, 1.0)
PATCH: Colour = (0.72, 0.74, 0.70, 1.0)
PATCHES: dict[str, Colour] = {
    "road": (0.36, 0.37, 0.39, 1.0),
    "gate": (0.85, 0.70, 0.20, 1.0),
    "room": (0.80, 0.76, 0.68, 1.0),
    "building": (0.78, 0.72, 0.62, 1.0),
}
KEEPOUT: Colour = (0.85, 0.15, 0.12, 0.7)


@dataclass(frozen=True)
class Solid:
    """A body on the ground: its footprint (m, map frame) and height (m)."""

    id: str
    polygon: Polygon
    height: float
    colour: Colour


@dataclass(frozen=True)
class Patch:
    """A coloured piece of ground (m, map frame)."""

    id: str
    polygon: Polygon
    colour: Colour


def solids(site: Site) -> list[Solid]:
    """Every landmark that has a body, in the order of the site."""
    width = max(GAP, 2 * site.robot.radius + 0.6)
    doors = [e.at for landmark in site.landmarks.values() for e in landmark.entrances.values()]
    gaps = shapely.union_all([Point(door).buffer(width / 2) for door in doors])
    return [
        Solid(
            landmark.id,
            polygon,
            HEIGHTS.get(landmark.kind, HEIGHT) if not landmark.enter else WALL_HEIGHT,
            SOLIDS.get(landmark.kind, SOLID),
        )
        for landmark in site.landmarks.values()
        for polygon in _parts(_body(site, landmark, gaps))
    ]


def _body(site: Site, landmark: Landmark, gaps: BaseGeometry) -> BaseGeometry:
    if not landmark.enter:
        return footprint(landmark)
    walled = landmark.kind in ("building", "room") and landmark.entrances and not site.occupancy
    if not walled:
        return Polygon()
    inside = shapely.buffer(landmark.geometry, -WALL_THICKNESS, join_style="mitre")
    return shapely.difference(shapely.difference(landmark.geometry, inside), gaps)


def patches(site: Site) -> Iterator[Patch]:
    """What is drawn on the ground, the largest first, keepouts last."""
    found = []
    for landmark in site.landmarks.values():
        area = landmark.geometry if isinstance(landmark.geometry, Polygon) else extent(landmark)
        if landmark.enter:
            colour = PATCHES.get(landmark.kind, PATCH)
            found += [Patch(landmark.id, polygon, colour) for polygon in _parts(area)]
    yield from sorted(found, key=lambda patch: -patch.polygon.area)
    for keepout in site.keepouts.values():
        for polygon in _parts(keepout.polygon):
            yield Patch(keepout.id, polygon, KEEPOUT)


def _parts(geometry: BaseGeometry) -> MultiPolygon | tuple[Polygon, ...]:
    """The polygons of a geometry without corners that say nothing and without slivers."""
    parts = polygons(shapely.simplify(geometry, GRAIN)).geoms
    return tuple(part for part in parts if part.area > GRAIN)


def open_spot(site: Site) -> tuple[float, float]:
    """The point (m) furthest from all that stands or lies there: a good place for the robot.

    Raises:
        NoSpaceError: the robot fits nowhere.
    """
    taken = [solid.polygon for solid in solids(site)]
    taken += [Point(seen.at).buffer(seen.radius) for seen in site.objects]
    space = shapely.difference(site.free_space, shapely.union_all(taken))
    spots = inset(space, site.robot.radius).geoms
    if not spots:
        raise NoSpaceError(f"the robot (radius {site.robot.radius} m) fits nowhere on this site")
    largest = max(spots, key=lambda part: float(part.area))
    x, y = shapely.get_coordinates(shapely.maximum_inscribed_circle(largest, 0.05))[0].tolist()
    return x, y
