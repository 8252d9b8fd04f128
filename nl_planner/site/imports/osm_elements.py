"""Elements of OSM, and which belong together: doors, gates, and shops with their buildings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from nl_planner.site.imports.draft import new_id
from nl_planner.site.imports.osm_tags import (
    ENTRANCES,
    PLACES,
    Sort,
    entrance_names,
    names_of,
    sort_of,
    width_of,
)
from nl_planner.site.imports.source import rounded
from nl_planner.site.model import Entrance, Landmark

AT_DOOR = 1.0  # m between an entrance and the building that it belongs to
GATE_WIDTH = 3.0  # m, the gap that a gate without a width leaves in a fence


@dataclass(frozen=True)
class Element:
    """A thing of OSM: ``node/1``, its tags, and its geometry in degrees (longitude, latitude).

    ``cut``: nodes or ways of it are not in the file; the geometry is what is left, or empty.
    """

    id: str
    tags: Mapping[str, str]
    geometry: BaseGeometry
    cut: bool = False


def with_streets(elements: Sequence[Element]) -> Iterator[Element]:
    """The elements with the stretches of a street, which OSM keeps apart, as one line.

    Stretches of one name are joined end to end; a street with branches stays in several lines.
    """
    streets: dict[tuple[str, ...], list[Element]] = {}
    for element in elements:
        names = names_of(element.tags) if "highway" in element.tags else ()
        if names and isinstance(element.geometry, LineString):
            streets.setdefault(names, []).append(element)
        else:
            yield element
    for stretches in streets.values():
        first, more = stretches[0], len(stretches) - 1
        lines = shapely.multilinestrings([one.geometry for one in stretches])
        told = f"{first.id} and {more} more" if more else first.id
        yield replace(first, id=told, geometry=shapely.line_merge(lines))


def is_door(tags: Mapping[str, str]) -> bool:
    """Whether a node is an entrance or a gate."""
    sort = sort_of({"barrier": tags.get("barrier", "")})
    return tags.get("entrance", "no") != "no" or (sort is not None and sort.kind == "gate")


class Gaps:
    """What makes a gap in a fence (gates, roads that cross it) and in water (bridges)."""

    def __init__(self, elements: Sequence[Element], doors: Sequence[Element]) -> None:
        roads = [e for e in elements if isinstance(e.geometry, LineString) and "highway" in e.tags]
        roads = [road for road in roads if road.tags["highway"] != "steps"]
        bridges = [road for road in roads if road.tags.get("bridge", "no") != "no"]
        self._ways = [*doors, *roads]
        self._tree = shapely.STRtree([one.geometry for one in self._ways])
        self._bridges = bridges
        self._bridge_tree = shapely.STRtree([one.geometry for one in bridges])

    def cut(self, shape: Polygon, *, fence: bool) -> BaseGeometry:
        """The ground of a fence or wall, or of water, less its gaps."""
        ways, tree = (self._ways, self._tree) if fence else (self._bridges, self._bridge_tree)
        at = sorted(tree.query(shape, predicate="intersects").tolist())
        return shape.difference(shapely.union_all([_gap(ways[i]) for i in at])) if at else shape


def _gap(gate: Element) -> Polygon:
    sort = sort_of(gate.tags) or Sort("gate")
    width = width_of(gate.tags, sort) or GATE_WIDTH
    cap = "flat" if isinstance(gate.geometry, LineString) else "round"
    return gate.geometry.buffer(width / 2, cap_style=cap)


def with_tenants(elements: Sequence[Element]) -> Iterator[Element]:
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


def with_entrances(
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
