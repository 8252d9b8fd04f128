"""The few elements of SDF 1.9 that a world is made of, and the inertia of simple bodies.

SDF: http://sdformat.org/spec. Lengths in m, angles in rad, masses in kg, inertia in kg m².
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry import Polygon

VERSION = "1.9"  # of SDF: Gazebo Fortress, Harmonic and later read it

Colour = tuple[float, float, float, float]


@dataclass(frozen=True)
class Body:
    """A geometry with its moments of inertia for a mass of 1 kg, about its own centre (m²)."""

    geometry: ET.Element
    xx: float
    yy: float
    zz: float


def child(parent: ET.Element, tag: str, text: object = None, **attributes: str) -> ET.Element:
    """A new element under ``parent``; numbers are written with at most six decimals."""
    element = ET.SubElement(parent, tag, attributes)
    if text is not None:
        element.text = written(text)
    return element


def written(value: object) -> str:
    """A value as SDF writes it: ``true``, ``0.35``, ``1 0 0``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{round(value, 6) + 0.0:.6f}".rstrip("0").rstrip(".")
    if isinstance(value, tuple | list):
        return " ".join(written(part) for part in value)
    return str(value)


def box(x: float, y: float, z: float) -> Body:
    """A box with these sides."""
    geometry = ET.Element("geometry")
    child(child(geometry, "box"), "size", (x, y, z))
    return Body(geometry, (y * y + z * z) / 12, (x * x + z * z) / 12, (x * x + y * y) / 12)


def cylinder(radius: float, length: float) -> Body:
    """An upright cylinder."""
    geometry = ET.Element("geometry")
    shape = child(geometry, "cylinder")
    child(shape, "radius", radius)
    child(shape, "length", length)
    across = (3 * radius**2 + length**2) / 12
    return Body(geometry, across, across, radius**2 / 2)


def sphere(radius: float) -> Body:
    """A ball."""
    geometry = ET.Element("geometry")
    child(child(geometry, "sphere"), "radius", radius)
    moment = 0.4 * radius**2
    return Body(geometry, moment, moment, moment)


def extruded(polygon: Polygon, height: float) -> ET.Element:
    """A polygon pulled up from z = 0; the rings after the first are its holes."""
    geometry = ET.Element("geometry")
    for ring in (polygon.exterior, *polygon.interiors):
        shape = child(geometry, "polyline")
        for x, y in shapely.get_coordinates(ring)[:-1].tolist():
            child(shape, "point", (x, y))
        child(shape, "height", height)
    return geometry


def inertial(
    link: ET.Element, mass: float, body: Body, at: Sequence[float] = (0.0, 0.0, 0.0)
) -> None:
    """The mass of a link, spread evenly over a body whose centre lies at ``at`` of the link."""
    element = child(link, "inertial")
    child(element, "pose", (*at, 0.0, 0.0, 0.0))
    child(element, "mass", mass)
    matrix = child(element, "inertia")
    for axis, moment in (("ixx", body.xx), ("iyy", body.yy), ("izz", body.zz)):
        child(matrix, axis, f"{mass * moment:.6g}")
    for axis in ("ixy", "ixz", "iyz"):
        child(matrix, axis, 0)


def visual(
    link: ET.Element, name: str, geometry: ET.Element, colour: Colour, pose: Sequence[float] = ()
) -> ET.Element:
    """Something to be seen, by cameras and lidars too."""
    element = _shape(link, "visual", name, geometry, pose)
    red, green, blue, alpha = colour
    if alpha < 1:
        child(element, "transparency", 1 - alpha)
    material = child(element, "material")
    child(material, "ambient", (red, green, blue, alpha))
    child(material, "diffuse", (red, green, blue, alpha))
    return element


def collision(
    link: ET.Element, name: str, geometry: ET.Element, pose: Sequence[float] = ()
) -> ET.Element:
    """Something to be touched."""
    return _shape(link, "collision", name, geometry, pose)


def _shape(
    link: ET.Element, tag: str, name: str, geometry: ET.Element, pose: Sequence[float]
) -> ET.Element:
    element = child(link, tag, name=name)
    if pose:
        child(element, "pose", tuple(pose))
    element.append(geometry)
    return element


def plugin(parent: ET.Element, system: str, name: str, **settings: object) -> ET.Element:
    """A system of gz-sim: ``plugin(world, "physics", "Physics")``; a list repeats its setting."""
    element = child(
        parent, "plugin", filename=f"gz-sim-{system}-system", name=f"gz::sim::systems::{name}"
    )
    for tag, value in settings.items():
        for one in value if isinstance(value, list) else [value]:
            child(element, tag, one)
    return element


def document(content: Iterable[ET.Element], comment: str) -> str:
    """An SDF file as text."""
    root = ET.Element("sdf", version=VERSION)
    root.append(ET.Comment(f" {comment.replace('--', '- -')} "))
    root.extend(content)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'
