"""A site as GeoJSON, to be changed in QGIS and imported again; nothing is lost on the way.

One feature for the boundary, each landmark, entrance, keepout and object, in metres of the site's
frame. What has no place (names of the site, machine, reach, own classes, map) stands beside the
features under ``nl_planner_site``. docs/sites.md lists the properties.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shapely.geometry import Point, mapping
from shapely.geometry.base import BaseGeometry

from nl_planner.site.imports.write import degrees
from nl_planner.site.model import Landmark, Site
from nl_planner.site.read import FORMAT
from nl_planner.site.taxonomy import LitterClass, Taxonomy


def site_geojson(site: Site, folder: Path) -> dict[str, Any]:
    """The site as a FeatureCollection; the path of its map is relative to ``folder``."""
    return {
        "type": "FeatureCollection",
        "nl_planner_site": _head(site, folder),
        "features": list(_features(site)),
    }


def _head(site: Site, folder: Path) -> dict[str, Any]:
    robot: dict[str, Any] = {
        "tool_width": site.robot.tool_width,
        "actions": [action.value for action in site.robot.actions],
        "max_speed": site.robot.max_speed,
    }
    for key in ("turning_radius", "overlap"):
        if getattr(site.robot, key):
            robot[key] = getattr(site.robot, key)
    if any(site.robot.tool_offset):
        robot["tool_offset"] = list(site.robot.tool_offset)
    if site.robot.footprint is None:
        robot["radius"] = site.robot.radius
    else:
        robot["footprint"] = [list(corner) for corner in site.robot.footprint]
    head: dict[str, Any] = {
        "nl_planner_site": FORMAT,
        "name": list(site.name),
        "frame_id": site.frame_id,
        "robot": robot,
        "reach": dict(site.reach),
        "classes": {
            litter.id: {"names": list(litter.names)}
            | ({} if litter.parent is None else {"is": litter.parent})
            for litter in own_classes(site.taxonomy)
        },
    }
    if site.occupancy is not None:
        head["occupancy"] = Path(os.path.relpath(site.occupancy, folder)).as_posix()
    return head


def _features(site: Site) -> Iterator[dict[str, Any]]:
    if site.boundary is not None:
        yield _feature(site.boundary, {"kind": "boundary"})
    for landmark in site.landmarks.values():
        yield _feature(landmark.geometry, _landmark(landmark))
        for entrance in landmark.entrances.values():
            properties = {"kind": "entrance", "of": landmark.id, "id": entrance.id}
            yield _feature(Point(entrance.at), {**properties, "names": list(entrance.names)})
    for keepout in site.keepouts.values():
        closed = {"id": keepout.id, "names": list(keepout.names), "keepout": True}
        yield _feature(keepout.polygon, closed)
    for seen in site.objects:
        objects: dict[str, Any] = {
            "kind": "object",
            "id": seen.id,
            "class": seen.class_id,
            "radius": seen.radius,
            "confidence": seen.confidence,
        }
        if seen.seen is not None:
            objects["seen"] = seen.seen.isoformat()
        yield _feature(Point(seen.at), objects)


def _landmark(landmark: Landmark) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "id": landmark.id,
        "names": list(landmark.names),
        "kind": landmark.kind,
        "enter": landmark.enter,
    }
    if landmark.kind in ("boundary", "entrance", "object"):
        properties["role"] = "landmark"  # its kind is a word that has a meaning of its own here
    if landmark.front is not None:
        properties["front"] = degrees(landmark.front)
    if landmark.width is not None:
        properties["width"] = landmark.width
    if landmark.tags:
        properties["tags"] = dict(landmark.tags)
    return properties


def _feature(geometry: BaseGeometry, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": mapping(geometry)}


def own_classes(taxonomy: Taxonomy) -> tuple[LitterClass, ...]:
    """The classes that a site adds or changes: those that make its taxonomy of the built-in one."""
    builtin = Taxonomy.builtin()
    changed = [c for c in taxonomy.classes.values() if builtin.classes.get(c.id) != c]
    # A built-in class may only have lost names that one of the site's own took from it.
    told = [
        c
        for c in changed
        if (known := builtin.classes.get(c.id)) is None
        or known.parent != c.parent
        or not set(c.names) < set(known.names)
    ]
    after = builtin.joined(told).classes
    return tuple(c for c in changed if c in told or after.get(c.id) != c)
