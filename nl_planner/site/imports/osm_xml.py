"""An OSM XML file (``.osm``) to elements with geometry.

The file may come from a stranger: a document type, and with it every entity, is refused, so that
nothing can grow or be fetched while it is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from nl_planner.errors import ImportFileError
from nl_planner.site.imports.osm_elements import Element
from nl_planner.site.imports.source import Mistakes, read_bytes

LINEAR = ("highway", "barrier", "waterway", "railway")
"""A closed way with these is a ring, not an area, unless it says ``area=yes``."""


@dataclass
class _Primitive:
    """A node, way or relation as the file has it."""

    kind: str
    id: str
    tags: dict[str, str] = field(default_factory=dict)
    at: tuple[float, float] | None = None
    refs: list[str] = field(default_factory=list)
    members: list[tuple[str, str, str]] = field(default_factory=list)  # type, ref, role
    deleted: bool = False  # by an editor, in a file not yet uploaded


def read_osm_xml(path: Path) -> list[Element]:
    """The tagged elements of the file, in degrees.

    Ways that leave the extract lose the nodes that are not in it; these elements are ``cut``.

    Raises:
        ImportFileError: it is no OSM XML; the message has the element or the line.
    """
    found = _Reader(path).read()
    nodes = {one.id: one.at for one in found if one.kind == "node" and one.at is not None}
    ways = {
        one.id: [nodes[ref] for ref in one.refs if ref in nodes]
        for one in found
        if one.kind == "way"
    }
    whole = {one.id for one in found if one.kind == "way" and nodes.keys() >= set(one.refs)}
    elements = []
    for one in found:
        geometry = _geometry(one, ways)
        parts = [ref for kind, ref, _ in one.members if kind == "way"]
        cut = (one.kind == "way" and one.id not in whole) or not whole.issuperset(parts)
        if one.tags and (geometry is not None or cut):
            geometry = Point() if geometry is None else geometry
            elements.append(Element(f"{one.kind}/{one.id}", one.tags, geometry, cut))
    return elements


def _geometry(one: _Primitive, ways: dict[str, list[tuple[float, float]]]) -> BaseGeometry | None:
    if one.kind == "node":
        return Point(one.at) if one.at is not None else None
    if one.kind == "way":
        corners = ways[one.id]
        closed = len(set(corners)) > 2 and one.refs[0] == one.refs[-1] and corners[0] == corners[-1]
        linear = any(key in one.tags for key in LINEAR) and "building" not in one.tags
        if closed and (not linear or one.tags.get("area") == "yes"):
            return Polygon(corners)
        return LineString(corners) if len(set(corners)) > 1 else None
    if one.tags.get("type") not in ("multipolygon", "boundary"):
        return None
    rings = {
        role: _rings(
            [ways.get(ref, []) for kind, ref, r in one.members if kind == "way" and r == role]
        )
        for role in {r for _, _, r in one.members}
    }
    outer = shapely.union_all(rings.get("outer", []) + rings.get("", []))
    area = shapely.difference(outer, shapely.union_all(rings.get("inner", [])))
    polygons = [part for part in shapely.get_parts(area) if isinstance(part, Polygon)]
    if len(polygons) > 1:
        return MultiPolygon(polygons)
    return polygons[0] if polygons else None


def _rings(ways: list[list[tuple[float, float]]]) -> list[Polygon]:
    """The polygons that ways make when they are joined end to end."""
    joined = shapely.line_merge(shapely.union_all([LineString(w) for w in ways if len(w) > 1]))
    return list(shapely.get_parts(shapely.polygonize(list(shapely.get_parts(joined)))))


class _Reader:
    """What expat calls while it goes through the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: list[_Primitive] = []
        self._open: _Primitive | None = None
        self._root = ""
        self._mistakes = Mistakes(path)
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def read(self) -> list[_Primitive]:
        try:
            self._parser.Parse(read_bytes(self._path), True)
        except expat.ExpatError as error:
            raise ImportFileError(
                f"{self._path}:{error.lineno}: not XML: {expat.ErrorString(error.code)}; export "
                "it again, the file may have been cut off"
            ) from error
        self._mistakes.raise_any()
        return self._found

    def _doctype(self, *_: Any) -> None:
        raise ImportFileError(
            f"{self._path}:{self._parser.CurrentLineNumber}: has a document type (<!DOCTYPE), "
            "which OSM files never have; export it again from OpenStreetMap"
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        line = self._parser.CurrentLineNumber
        if not self._root:
            self._root = name
            if name != "osm":
                raise ImportFileError(
                    f"{self._path}:{line}: the file is <{name}>, not <osm>; export OSM XML (JOSM, "
                    "openstreetmap.org/export, or osmium cat X.pbf -o X.osm)"
                )
        elif name in ("node", "way", "relation"):
            self._open = self._primitive(name, attributes, line)
        elif self._open is not None:
            self._inside(self._open, name, attributes)

    def _primitive(self, kind: str, attributes: dict[str, str], line: int) -> _Primitive:
        made = _Primitive(
            kind, attributes.get("id", ""), deleted=attributes.get("action") == "delete"
        )
        element = f"{kind}/{made.id or '?'} (line {line})"
        if not made.id.lstrip("-").isdigit():
            self._mistakes.add(element, "has no whole number as its id; export the file again")
        if kind == "node":
            try:
                lon, lat = float(attributes["lon"]), float(attributes["lat"])
            except (KeyError, ValueError):
                lon = lat = 999.0
            if not (abs(lon) <= 180 and abs(lat) <= 90):
                given = f"lat={attributes.get('lat')!r} lon={attributes.get('lon')!r}"
                self._mistakes.add(element, f"{given} is no place on earth; give degrees")
            made.at = (lon, lat)
        return made

    def _inside(self, one: _Primitive, name: str, attributes: dict[str, str]) -> None:
        if name == "tag":
            one.tags[attributes.get("k", "")] = attributes.get("v", "")
        elif name == "nd":
            one.refs.append(attributes.get("ref", ""))
        elif name == "member":
            keys = ("type", "ref", "role")
            kind, ref, role = (attributes.get(key, "") for key in keys)
            one.members.append((kind, ref, role))

    def _end(self, name: str) -> None:
        if self._open is not None and name == self._open.kind:
            if not self._open.deleted:
                self._found.append(self._open)
            self._open = None
