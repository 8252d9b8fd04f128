"""The seen objects of a site as bodies: bottles stand, boxes lie, puddles are seen only."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

from nl_planner.site.gazebo.sdf import Colour, box, child, collision, cylinder, inertial, visual
from nl_planner.site.model import SeenObject, Site
from nl_planner.site.taxonomy import Taxonomy

# Height over radius of what stands upright, by class; a class stands for its descendants.
UPRIGHT = {"bottle": 4.0, "can": 3.0, "cup": 2.4, "glass_jar": 2.4, "bottle_cap": 0.6, "lid": 0.4}
FLAT = frozenset({"debris", "puddle", "spill", "stain", "snow", "ice", "paper", "droppings"})
DENSITY = 60.0  # kg/m³: litter is mostly air
FILM = 0.004  # m, the height of what only lies there
COLOURS: dict[str, Colour] = {
    "bottle": (0.75, 0.10, 0.10, 1.0),
    "can": (0.80, 0.80, 0.85, 1.0),
    "cup": (0.95, 0.93, 0.85, 1.0),
    "leaf": (0.60, 0.45, 0.15, 1.0),
    "debris": (0.50, 0.42, 0.30, 1.0),
    "puddle": (0.30, 0.45, 0.65, 0.8),
    "spill": (0.30, 0.45, 0.65, 0.8),
}
COLOUR: Colour = (0.90, 0.85, 0.30, 1.0)


def litter_model(site: Site, seen: SeenObject) -> ET.Element:
    """The model of one object, standing on the ground where it was seen."""
    lineage = _lineage(site.taxonomy, seen.class_id)
    colour = next((COLOURS[name] for name in lineage if name in COLOURS), COLOUR)
    model = ET.Element("model", name=f"object_{seen.id}")
    upright = next((UPRIGHT[name] for name in lineage if name in UPRIGHT), None)
    if upright is None and FLAT.intersection(lineage):
        child(model, "static", True)
        child(model, "pose", (*seen.at, FILM / 2, 0, 0, 0))
        link = child(model, "link", name="link")
        visual(link, "visual", cylinder(seen.radius, FILM).geometry, colour)
        return model
    if upright is not None:
        height = upright * seen.radius
        body, volume = cylinder(seen.radius, height), math.pi * seen.radius**2 * height
    else:  # a box that the circle of its radius holds
        side, height = math.sqrt(2) * seen.radius, seen.radius
        body, volume = box(side, side, height), side * side * height
    child(model, "pose", (*seen.at, height / 2, 0, 0, 0))
    link = child(model, "link", name="link")
    inertial(link, max(0.005, DENSITY * volume), body)
    collision(link, "collision", body.geometry)
    visual(link, "visual", body.geometry, colour)
    return model


def _lineage(taxonomy: Taxonomy, class_id: str) -> list[str]:
    """The class and its ancestors, nearest first."""
    lineage = []
    name: str | None = class_id
    while name is not None:
        lineage.append(name)
        name = taxonomy.classes[name].parent
    return lineage
