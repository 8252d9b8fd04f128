"""OSM elements to a draft: buildings with their entrances, named areas, roads, what is closed.

Only what people can name becomes a landmark; what has no name but stands in the way (a building, a
fence, water) becomes a keepout.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from nl_planner.errors import ImportFileError
from nl_planner.site.imports.draft import Draft, new_id
from nl_planner.site.imports.osm_tags import (
    ENTRANCES,
    PLACES,
    Sort,
    entrance_names,
    facts_of,
    names_of,
    sort_of,
    width_of,
)
from nl_planner.site.imports.projection import LocalPlane
from nl_planner.site.imports.source import outline, rounded
from nl_planner.site.model import Entrance, Keepout, Landmark
from nl_planner.site.read import ENTERED

LICENCE = (
    "Map data © OpenStreetMap contributors, under the Open Database License (ODbL) 1.0: "
    "https://www.openstreetmap.org/copyright. Keep this line with the data."
)
SITES = {
    "landuse": ("residential", "retail", "commercial", "industrial", "education", "institutional"),
    "amenity": ("university", "college", "school", "hospital", "kindergarten"),
    "leisure": ("park", "resort"),
    "tourism": ("zoo", "theme_park"),
    "place": ("neighbourhood", "quarter"),
}  # areas that may be the whole site
ENCLOSES = 0.6  # share of the things that such an area holds
MARGIN = 5.0  # m around everything, where no area holds it
AT_DOOR = 1.0  # m between an entrance and the building that it belongs to
GATE_WIDTH = 3.0  # m, the gap that a gate without a width leaves in a fence
ORDER = ("gate", "road", "area", "building")


@dataclass(frozen=True)
class Element:
    """A thing of OSM: ``node/1``, its tags, and its geometry in degrees (longitude, latitude)."""

    id: str
    tags: Mapping[str, str]
    geometry: BaseGeometry


@dataclass
class _Things:
    """What was made so far."""

    landmarks: list[Landmark] = field(default_factory=list)
    keepouts: list[Keepout] = field(default_factory=list)
    comments: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def new_id(self, names: Sequence[str], kind: str, comment: str) -> str:
        made = new_id(names, kind, self.taken)
        self.taken.add(made)
        self.comments[made] = comment
        return made


def draft_of_osm(elements: Iterable[Element], path: Path) -> Draft:
    """The draft that the elements of a file make.

    Raises:
        ImportFileError: there is no building, area or road among them.
    """
    known = [e for e in elements if e.tags and not e.geometry.is_empty]
    plane = _plane(known, path)
    placed = [replace(e, geometry=shapely.transform(e.geometry, plane.metres)) for e in known]
    whole = _site_area(placed)
    doors = [e for e in placed if isinstance(e.geometry, Point) and _is_door(e.tags)]
    apart = {e.id for e in doors} | ({whole.id} if whole else set())
    rest = [e for e in placed if e.id not in apart]
    boundary = outline(whole.geometry) if whole else None
    if boundary is not None:
        rest = [e for e in rest if shapely.dwithin(boundary, e.geometry, 0.1)]
        doors = [e for e in doors if shapely.dwithin(boundary, e.geometry, AT_DOOR)]
    things, gates = _Things(), _gates(rest, doors)
    unnamed = 0
    for element in _with_tenants(rest):
        sort = sort_of(element.tags)
        if sort is not None:
            unnamed += not _add(things, element, sort, gates)
    if not things.landmarks and not things.keepouts:
        raise ImportFileError(
            f"{path}: none of its {len(known)} elements with tags is a building, a named area or "
            "a road inside the site; export the area of the site with all its tags"
        )
    landmarks, left = _with_entrances(things.landmarks, doors)
    things.landmarks = landmarks
    for gate in left:
        sort = sort_of(gate.tags)
        if sort is not None and sort.kind == "gate":
            _add(things, gate, sort, [])
    if boundary is None:
        shapes = [thing.geometry for thing in things.landmarks]
        shapes += [keepout.polygon for keepout in things.keepouts]
        hull = shapely.union_all([shape.envelope for shape in shapes]).convex_hull
        boundary = outline(hull.buffer(MARGIN, join_style="mitre"))
    outside = rounded(boundary) if boundary is not None else None
    assert isinstance(outside, Polygon)
    names = names_of(whole.tags) if whole else ()
    return Draft(
        names=names or (path.name.split(".")[0],),
        landmarks=tuple(sorted(things.landmarks, key=_rank)),
        keepouts=tuple(things.keepouts),
        boundary=outside,
        notes=tuple(_notes(path, plane, whole, unnamed, things)),
        comments=things.comments,
    )


def _plane(elements: Sequence[Element], path: Path) -> LocalPlane:
    """A plane that touches the earth in the middle of what will be used."""
    used = [e.geometry for e in elements if sort_of(e.tags) is not None]
    if not used:
        raise ImportFileError(
            f"{path}: no element has a tag that is known (building, highway, leisure, amenity, "
            "...); export it from OpenStreetMap with its tags"
        )
    west, south, east, north = shapely.total_bounds(used).tolist()
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise ImportFileError(
            f"{path}: coordinates from ({west:g}, {south:g}) to ({east:g}, {north:g}) are no "
            "longitudes and latitudes; save it in WGS84 (EPSG:4326)"
        )
    if max(east - west, north - south) > 0.5:
        raise ImportFileError(
            f"{path}: is {max(east - west, north - south):.1f} degrees wide, more than a site; "
            "export only the area of the site"
        )
    return LocalPlane(round((west + east) / 2, 5), round((south + north) / 2, 5))


def _site_area(elements: Sequence[Element]) -> Element | None:
    """The largest named area of a sort in SITES that holds most of the other things."""
    things = [e.geometry for e in elements if sort_of(e.tags) is not None]
    spots = shapely.point_on_surface(np.array(things, dtype=object))
    holds = [
        element
        for element in elements
        if any(element.tags.get(key) in values for key, values in SITES.items())
        and isinstance(element.geometry, Polygon)
        and "building" not in element.tags
        and names_of(element.tags)
        and np.mean(shapely.intersects(element.geometry, spots)) >= ENCLOSES
    ]
    return max(holds, key=lambda e: e.geometry.area, default=None)


def _is_door(tags: Mapping[str, str]) -> bool:
    sort = sort_of({"barrier": tags.get("barrier", "")})
    return tags.get("entrance", "no") != "no" or (sort is not None and sort.kind == "gate")


def _gates(elements: Sequence[Element], doors: Sequence[Element]) -> list[Element]:
    """What makes a gap in a fence: gates, and roads that cross it."""
    roads = [e for e in elements if isinstance(e.geometry, LineString) and "highway" in e.tags]
    return [*doors, *(road for road in roads if road.tags["highway"] != "steps")]


def _with_tenants(elements: Sequence[Element]) -> Iterator[Element]:
    """The elements with the shops inside buildings where people find them.

    The one thing inside a building without a name gives it its own; others go to its outline.
    """
    tenants = {e.id: e for e in elements if isinstance(e.geometry, Point) and _is_place(e.tags)}
    ids = list(tenants)
    tree = shapely.STRtree([tenants[one].geometry for one in ids])
    for element in elements:
        if element.id in tenants:
            continue
        if element.tags.get("building") and isinstance(element.geometry, Polygon):
            inside = [ids[i] for i in tree.query(element.geometry, predicate="contains").tolist()]
            if len(inside) == 1 and inside[0] in tenants and not names_of(element.tags):
                element = replace(element, tags={**element.tags, **tenants.pop(inside[0]).tags})
            for one in inside:
                if one in tenants:
                    ring = element.geometry.exterior
                    at = ring.interpolate(ring.project(tenants[one].geometry))
                    tenants[one] = replace(tenants[one], geometry=at)
        yield element
    yield from tenants.values()


def _is_place(tags: Mapping[str, str]) -> bool:
    return bool(names_of(tags)) and any(key in tags for key in PLACES)


def _add(things: _Things, element: Element, sort: Sort, gates: Sequence[Element]) -> bool:
    """Add what the element is; False when it has no name and nothing stands in the way."""
    names = names_of(element.tags)
    if not names and sort.kind != "building":
        names = sort.generic
    where = element.geometry
    if sort.keepout or (sort.kind == "building" and not names):
        _add_keepouts(things, element, sort, names, gates)
        return True
    if not names:
        return False
    for part in shapely.get_parts(where):
        shape = outline(part) if isinstance(part, Polygon) else part
        comment = element.id
        if isinstance(part, Polygon) and part.interiors:
            comment += "; the hole in it (a courtyard?) is not kept"
        if not part.is_valid:
            comment += "; its outline crossed itself, check its corners"
        if shape is None or (isinstance(shape, LineString) and sort.kind == "building"):
            continue
        width = width_of(element.tags, sort) if isinstance(shape, LineString) else None
        kind = (
            "area" if isinstance(shape, Polygon) and sort.kind in ("shop", "place") else sort.kind
        )
        landmark_id = things.new_id(names, kind, comment)
        enter = kind in (*ENTERED, "gate")
        shape = rounded(shape)
        facts = facts_of(element.tags)
        things.landmarks.append(
            Landmark(landmark_id, names, kind, shape, enter=enter, tags=facts, width=width)
        )
    return True


def _add_keepouts(
    things: _Things,
    element: Element,
    sort: Sort,
    names: tuple[str, ...],
    gates: Sequence[Element],
) -> None:
    shape = element.geometry
    if isinstance(shape, LineString):
        width = width_of(element.tags, sort)
        if width is None:
            return
        shape = shape.buffer(width / 2, cap_style="flat", join_style="mitre")
        if "barrier" in element.tags:
            gaps = [_gap(gate) for gate in gates if shapely.intersects(shape, gate.geometry)]
            shape = shapely.difference(shape, shapely.union_all(gaps))
    elif isinstance(shape, Point):
        shape = shape.buffer(0.5, quad_segs=2)
    for part in shapely.get_parts(shape):
        for piece in without_holes(part) if isinstance(element.geometry, LineString) else [part]:
            polygon = outline(rounded(piece))
            if polygon is not None:
                keepout_id = things.new_id(names, sort.kind, element.id)
                things.keepouts.append(Keepout(keepout_id, names, polygon))


def without_holes(polygon: Polygon) -> list[Polygon]:
    """The polygon cut through each of its holes until no piece has one."""
    if not polygon.interiors:
        return [polygon]
    x = polygon.interiors[0].centroid.x
    west, south, east, north = polygon.bounds
    halves = (shapely.box(west, south, x, north), shapely.box(x, south, east, north))
    return [
        piece
        for half in halves
        for part in shapely.get_parts(shapely.intersection(polygon, half))
        if isinstance(part, Polygon) and part.area > 0
        for piece in without_holes(part)
    ]


def _gap(gate: Element) -> Polygon:
    sort = sort_of(gate.tags) or Sort("gate")
    width = width_of(gate.tags, sort) or GATE_WIDTH
    cap = "flat" if isinstance(gate.geometry, LineString) else "round"
    return gate.geometry.buffer(width / 2, cap_style=cap)


def _with_entrances(
    landmarks: Sequence[Landmark], doors: Sequence[Element]
) -> tuple[list[Landmark], list[Element]]:
    """The buildings with the doors on their outline, and the doors that are on none."""
    buildings = [one for one in landmarks if isinstance(one.geometry, Polygon)]
    buildings = [one for one in buildings if one.kind in ("building", "room", "shelter")]
    rings = shapely.STRtree([one.geometry.exterior for one in buildings])
    found: dict[str, dict[str, Entrance]] = {one.id: {} for one in buildings}
    left = []
    for door in doors:
        near = rings.query_nearest(door.geometry, max_distance=AT_DOOR)
        if not len(near):
            left.append(door)
        for index in near.tolist():
            ring = rings.geometries[index]
            at = rounded(ring.interpolate(ring.project(door.geometry)))
            names, entrances = entrance_names(door.tags), found[buildings[index].id]
            kind = door.tags.get("entrance", "")
            base = kind if kind in ENTRANCES else "door"
            entrance_id = new_id(names, base, entrances)
            entrances[entrance_id] = Entrance(entrance_id, (at.x, at.y), names)
    return [replace(one, entrances=found.get(one.id, {})) for one in landmarks], left


def _rank(landmark: Landmark) -> int:
    return ORDER.index(landmark.kind) if landmark.kind in ORDER else len(ORDER)


def _notes(
    path: Path, plane: LocalPlane, whole: Element | None, unnamed: int, things: _Things
) -> Iterator[str]:
    yield f"A draft, imported from {path.name}. {LICENCE}"
    yield (
        f"[0, 0] is {plane}; x is east, y is north, in metres. If the robot's map has another "
        "origin, move one of them."
    )
    if whole is None:
        yield (
            f"No named area holds the whole site: the boundary is everything with {MARGIN:g} m "
            "around it. Draw the real one."
        )
    else:
        yield f"The boundary is {whole.id}."
    yield (
        "To check: the robot; names that people use but the map does not know; fronts (front: "
        "DEGREES) of buildings without entrances; that roads of the public are not the robot's."
    )
    closed = sum(not keepout.names for keepout in things.keepouts)
    if closed:
        yield (
            f"{closed} buildings, fences and the like without a name are keepouts; to let people "
            "speak of one, give it names, or move it to the landmarks."
        )
    if unnamed:
        yield f"{unnamed} things (roads, areas, shops) without a name were left out."
