"""Parts of a place: its northern half, its left, its middle, its edge, its corners."""

from __future__ import annotations

from shapely.geometry.base import BaseGeometry

from nl_planner.grounding import shapes
from nl_planner.grounding.anchor import Anchor, Scene
from nl_planner.grounding.frames import COMPASS, frame_of
from nl_planner.task import Part


def part_of(
    area: BaseGeometry, part: Part, thing: Anchor, reach: float, scene: Scene
) -> BaseGeometry:
    """The part of an area. Compass parts and left and right are halves of it.

    ``thing``: what left and right are told from. ``reach``: the width (m) of the edge and the size
    of a corner.

    Raises:
        UnclearPlaceError: left or right of a thing without a front, and nobody to see it from.
    """
    if part is Part.MIDDLE:
        return shapes.middle(area)
    if part is Part.EDGE:
        return shapes.edge(area, reach)
    if part is Part.CORNER:
        return shapes.corners(area, reach)
    direction = COMPASS[part] if part in COMPASS else frame_of(thing, scene).direction(part)
    return shapes.half(area, direction)
