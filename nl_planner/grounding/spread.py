"""Free ground that belongs to a place: within reach on the ground, in the room that is meant."""

from __future__ import annotations

import shapely
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from nl_planner.grounding.relations import TOUCH, Patch
from nl_planner.grounding.shapes import grown
from nl_planner.site.free_space import polygons
from nl_planner.site.index import box_around
from nl_planner.site.model import Site

CRUMB = 0.001  # m², what rounding may leave
STEP = 0.5  # m of the first steps of a spread


def free_in(patch: Patch, site: Site) -> MultiPolygon:
    """What of a patch is free, in the room that is meant, and within reach of its source.

    Reach is measured on the ground, around walls and things: what a wall hides is not near.
    """
    free = site.index.free(box_around(patch.area, 0.1))
    meant = patch.area if patch.here is None else _same_room(patch.area, patch.here, site)
    area = polygons(shapely.intersection(meant, free))
    if area.is_empty:
        area = polygons(shapely.intersection(patch.area, free))
    if patch.source is None or area.is_empty:
        return area
    hidden = shapely.difference(shapely.difference(patch.area, patch.source), area)
    return area if hidden.area < 1e-6 else spread(patch.source, area, patch.reach)


def spread(source: BaseGeometry, area: MultiPolygon, reach: float) -> MultiPolygon:
    """The part of ``area`` that is within ``reach`` of the source on a way through the area.

    The geodesic distance is followed in steps: grow, cut with the area, keep what hangs together
    with what was reached before; a wall holds it however thin. A step takes a corner by the
    straight line, so that the reach is exceeded by less than half a step there.
    """
    reached = polygons(shapely.intersection(area, source))
    gone = 0.0
    if reached.area < CRUMB:  # a thing that is closed itself, or a point
        gone = shapely.distance(area, source) + TOUCH
        reached = polygons(shapely.intersection(area, grown(source, gone)))
    while gone < reach and not reached.is_empty:
        step = min(max(STEP, 0.15 * gone), reach - gone)
        gone += step
        # 1 % more: a polygon lies within its circle, and many steps would fall short.
        ahead = polygons(shapely.intersection(area, shapely.buffer(reached, 1.01 * step)))
        near = [part for part in ahead.geoms if part.intersects(reached)]
        reached = MultiPolygon(near).simplify(0.01)
        if not reached.is_valid:
            reached = shapely.make_valid(reached)
    return polygons(shapely.intersection(area, reached))


def _same_room(area: BaseGeometry, here: BaseGeometry, site: Site) -> BaseGeometry:
    """The part of the area in the room that holds ``here``, outside all rooms when none does.

    When ``here`` is a room itself, what is near it is no matter of rooms; a room that lies in
    ``here`` belongs to it.
    """
    holding, others = [], []
    for room in (landmark.geometry for landmark in site.index.rooms(area)):
        if room.equals(here):
            return area
        if room.intersects(here.centroid) and here.area < room.area:
            holding.append(room)
        elif shapely.intersection(room, here).area < 0.5 * room.area:
            others.append(room)
    if holding:
        held = min(holding, key=lambda room: room.area)
        area = shapely.intersection(area, held)
        others = [room for room in others if room.area < held.area]
    return shapely.difference(area, shapely.union_all(others)) if others else area
