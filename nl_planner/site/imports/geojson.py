"""A GeoJSON file to a draft: from QGIS, from ``nl-planner site export``, or OSM data as GeoJSON.

docs/sites.md lists the properties that are read. Coordinates are longitudes and latitudes, or
metres of a projection or of the robot's map.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from nl_planner.errors import ImportFileError
from nl_planner.site.imports.draft import Draft
from nl_planner.site.imports.geojson_site import draft_of_features
from nl_planner.site.imports.osm import draft_of_osm
from nl_planner.site.imports.osm_elements import Element
from nl_planner.site.imports.projection import LocalPlane
from nl_planner.site.imports.source import Mistakes, read_bytes, rounded

OSM_ID = re.compile(r"(node|way|relation)/-?\d+\Z")
DEGREES = ("CRS84", "EPSG::4326", "EPSG:4326", "EPSG::4979", "EPSG::4490", "EPSG:4490")
MERCATOR = ("EPSG::3857", "EPSG:3857", "EPSG::900913", "EPSG:900913")
WIDEST = 0.5  # degrees: a site is smaller, so wider coordinates are metres
FAR = 1e5  # m from the origin: coordinates of a projection, not of a map frame
MAX_DEPTH = 100


def read_geojson(path: Path) -> Draft:
    """The draft that the features make.

    Raises:
        ImportFileError: it is no GeoJSON, or a feature cannot be used; every mistake is told.
    """
    document = _load(path)
    features = _features(document, path)
    mistakes = Mistakes(path)
    geometries = [_geometry(one, number, mistakes) for number, one in enumerate(features, 1)]
    mistakes.raise_any()
    properties = [dict(one.get("properties") or {}) for one in features]
    for given, one in zip(properties, features, strict=True):
        if isinstance(one.get("id"), str):
            given.setdefault("@id" if OSM_ID.match(one["id"]) else "id", one["id"])
    if any(OSM_ID.match(str(given.get("@id", ""))) for given in properties):
        elements = [
            Element(str(given.get("@id", f"feature {number}")), _osm_tags(given), geometry)
            for number, (given, geometry) in enumerate(zip(properties, geometries, strict=True), 1)
        ]
        return draft_of_osm(elements, path)
    placed, origin = _metres(document, geometries, path)
    return draft_of_features(path, document.get("nl_planner_site"), properties, placed, origin)


def _load(path: Path) -> dict[str, Any]:
    raw = read_bytes(path)
    try:
        document = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ImportFileError(
            f"{path}:{line}: is not UTF-8; save it with UTF-8 encoding"
        ) from error
    except json.JSONDecodeError as error:
        raise ImportFileError(
            f"{path}:{error.lineno}: not JSON: {error.msg}; export it again"
        ) from error
    except (RecursionError, ValueError) as error:
        raise ImportFileError(f"{path}: not GeoJSON: {error}; export it again") from error
    if not isinstance(document, dict):
        raise ImportFileError(f"{path}: is JSON but no FeatureCollection; export GeoJSON")
    return document


def _features(document: Mapping[str, Any], path: Path) -> list[dict[str, Any]]:
    features = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise ImportFileError(
            f"{path}: is no FeatureCollection (its type is {document.get('type')!r}); export the "
            "layer as GeoJSON"
        )
    if not features:
        raise ImportFileError(f"{path}: has no feature; export the layer that holds the site")
    for number, one in enumerate(features, 1):
        if not isinstance(one, dict) or not isinstance(one.get("properties") or {}, dict):
            raise ImportFileError(f"{path}: feature {number}: is no Feature; export it again")
    return features


def _geometry(feature: Mapping[str, Any], number: int, mistakes: Mistakes) -> BaseGeometry:
    """The geometry in two dimensions; a Multi with one part is that part."""
    given = feature.get("geometry")
    if given is None:
        mistakes.add(f"feature {number}", "has no geometry; draw one, or delete the feature")
        return shapely.Point()
    try:
        made = shapely.force_2d(shape(given))
        coordinates = shapely.get_coordinates(made)
    except (ShapelyError, KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        mistakes.add(f"feature {number}", f"its geometry cannot be read ({error}); draw it again")
        return shapely.Point()
    if not len(coordinates) or not np.isfinite(coordinates).all():
        mistakes.add(f"feature {number}", "its geometry is empty or not finite; draw it again")
        return shapely.Point()
    parts = shapely.get_parts(made)
    return parts[0] if len(parts) == 1 else made


def _osm_tags(given: Mapping[str, Any]) -> dict[str, str]:
    """The tags of a feature, which some converters put into ``tags``."""
    tags = given.get("tags") if isinstance(given.get("tags"), dict) else given
    assert isinstance(tags, Mapping)
    return {k: v for k, v in tags.items() if isinstance(v, str) and not k.startswith("@")}


def _metres(
    document: Mapping[str, Any], geometries: Sequence[BaseGeometry], path: Path
) -> tuple[list[BaseGeometry], str]:
    """The geometries in metres of the site, and words for where their origin is."""
    west, south, east, north = shapely.total_bounds(geometries).tolist()
    if "nl_planner_site" in document:
        return list(geometries), ""
    crs = document.get("crs")
    name = ""
    if isinstance(crs, dict) and isinstance(crs.get("properties"), dict):
        name = str(crs["properties"].get("name", ""))
    if name.endswith(MERCATOR):
        raise ImportFileError(
            f"{path}: is in web Mercator ({name}), whose metres are not metres on the ground; "
            "save the layer in WGS84 (EPSG:4326) or in UTM"
        )
    on_earth = west >= -180 and east <= 180 and south >= -90 and north <= 90
    small = max(east - west, north - south) < WIDEST
    if name.endswith(DEGREES) and not on_earth:
        raise ImportFileError(
            f"{path}: says that it is in degrees ({name}) but goes to ({east:g}, {north:g}); set "
            "the right CRS of the layer, or remove the 'crs' member for metres of a map"
        )
    if on_earth and small and (not name or name.endswith(DEGREES)):
        plane = LocalPlane(round((west + east) / 2, 5), round((south + north) / 2, 5))
        moved = [rounded(shapely.transform(one, plane.metres)) for one in geometries]
        return moved, f"[0, 0] is {plane}; x is east, y is north, in metres."
    if max(abs(west), abs(south), abs(east), abs(north)) < FAR:
        return list(geometries), ""
    x, y = math.floor(west), math.floor(south)
    moved = [rounded(shapely.transform(one, lambda xy: xy - (x, y))) for one in geometries]
    return moved, f"[0, 0] is x {x}, y {y} of {name or 'the projection of the file'}."
