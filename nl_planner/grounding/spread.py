"""Free ground that belongs to a place: within reach on the ground, in the room that is meant."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from nl_planner.grounding.relations import TOUCH, Patch
from nl_planner.grounding.shapes import grown
from nl_planner.site.free_space import polygons
from nl_planner.site.index import box_around
from nl_planner.site.model import Site

CRUMB = 0.001  # m², what rounding may leave
STEP = 0.3  # m of the first steps of a spread, later ones are a tenth of the way gone
DETAIL = 0.01  # m, of the outline while it spreads
BESIDE = 0.5  # m, how close to a thing the rooms on its sides begin
FACE = 0.05  # m that the sides of a thing may differ in how close the free ground is


def free_in(patch: Patch, site: Site) -> MultiPolygon:
    """What of a patch is free, in the room that is meant, and within reach of its source.

    Reach is measured on the ground, around walls and things: what a wall hides is not near.
    """
    free = site.index.free(box_around(patch.area, 0.1))
    meant = patch.area
    if patch.here is not None:
        meant = _same_room(patch.area, patch.here, free, site)
    area = polygons(shapely.intersection(meant, free))
    if patch.source is None or area.is_empty:
        return area
    hidden = shapely.difference(shapely.difference(patch.area, patch.source), area)
    if hidden.area < 1e-6:
        return area
    ground: BaseGeometry = area
    if patch.here is patch.source:  # a door in a wall tells its side itself
        ground = site.index.free(box_around(patch.source, BESIDE + patch.reach))
    return spread(patch.source, area, patch.reach, ground)


def spread(
    source: BaseGeometry, area: MultiPolygon, reach: float, ground: BaseGeometry | None = None
) -> MultiPolygon:
    """The part of ``area`` that is within ``reach`` of the source on a way through the area.

    ``ground``: the free ground all around a closed source, which tells on what side of a wall it
    stands; the area itself when it is not given.

    The geodesic distance is followed in steps from the front of what was reached, which is its
    border less that of the area. Every short piece of the front grows by itself, is cut with the
    area, and what does not hang together with the piece is dropped: nothing passes a wall, however
    thin. Around the end of a wall the reach is exceeded by about a step.
    """
    reached, gone = polygons(shapely.intersection(area, source)), 0.0
    if reached.area < CRUMB:  # a thing that is closed itself, or a point
        reached, gone = _foot(source, area, area if ground is None else ground)
    walls = shapely.buffer(area.boundary, 2 * DETAIL, quad_segs=2)
    shapely.prepare(area)
    while reach - gone > DETAIL:
        front = shapely.difference(reached.boundary, walls)
        if front.is_empty:
            break
        step = min(max(STEP, 0.1 * gone), reach - gone)
        gone += step
        ahead = _grown_within(area, _pieces(front, step), step)
        reached = polygons(shapely.union_all([reached, *ahead]).simplify(DETAIL).buffer(0))
    return polygons(shapely.intersection(area, reached))


def _foot(
    source: BaseGeometry, area: MultiPolygon, ground: BaseGeometry
) -> tuple[MultiPolygon, float]:
    """The part of the area at the foot of a closed thing, and how far (m) from the thing it goes.

    Ground that is farther off than the nearest, and joined to it on no way close by, is on the
    other side of a wall at which the thing stands.
    """
    away = shapely.distance(area, source)
    foot = shapely.get_parts(polygons(shapely.intersection(area, grown(source, away + TOUCH))))
    around = shapely.get_parts(polygons(ground.intersection(grown(source, away + BESIDE))))
    near = shapely.distance(around, source)
    found = foot[shapely.intersects(foot, shapely.union_all(around[near <= near.min() + FACE]))]
    return MultiPolygon(found.tolist()), away + TOUCH


def _grown_within(
    area: MultiPolygon, pieces: NDArray[np.object_], step: float
) -> list[BaseGeometry]:
    """Each piece of a line grown by the step, as far as that hangs together with it in the area.

    Where walls are close it grows in two halves, so that less gets around their ends.
    """
    # 3 % more: polygons lie within their circles, and many steps would fall short.
    step *= 1.03
    discs = shapely.buffer(pieces, step, quad_segs=6)
    clear = shapely.contains(area, discs)
    near_walls = pieces[~clear]
    for _ in range(2):
        halfway = shapely.buffer(near_walls, step / 2, quad_segs=6)
        parts, owner = shapely.get_parts(shapely.intersection(area, halfway), return_index=True)
        joined = shapely.intersects(parts, near_walls[owner])
        _, index = np.unique(owner[joined], return_inverse=True)
        near_walls = shapely.geometrycollections(parts[joined], indices=index)
    in_the_open = shapely.line_merge(shapely.multilinestrings(pieces[clear]))
    return [shapely.buffer(in_the_open, step, quad_segs=6), *near_walls]


def _pieces(lines: BaseGeometry, length: float) -> NDArray[np.object_]:
    """The lines as straight pieces no longer than ``length``."""
    smooth = shapely.simplify(shapely.line_merge(lines), 2 * DETAIL)
    points, line = shapely.get_coordinates(
        shapely.get_parts(shapely.segmentize(smooth, length)), return_index=True
    )
    within = line[:-1] == line[1:]
    pieces: NDArray[np.object_] = shapely.linestrings(
        np.stack([points[:-1], points[1:]], axis=1)[within]
    )
    return pieces


def _same_room(
    area: BaseGeometry, here: BaseGeometry, free: BaseGeometry, site: Site
) -> BaseGeometry:
    """The part of the area in the room that holds ``here``, outside all rooms when none does.

    What hangs on a wall between rooms, in none of them, belongs to those of its sides that the area
    takes in. When ``here`` is a room itself, what is near it is no matter of rooms; a room that
    lies in ``here`` belongs to it.
    """
    holding, others = [], []
    for room in (landmark.geometry for landmark in site.index.rooms(area)):
        if room.equals(here):
            return area
        if _holds(room, here):
            holding.append(room)
        elif shapely.intersection(room, here).area < 0.5 * room.area:
            others.append(room)
    if not holding and others:
        beside = shapely.intersection(shapely.intersection(area, free), grown(here, BESIDE))
        shares = [shapely.intersection(room, beside).area for room in others]
        if sum(shares) > beside.area / 2:
            sides = [r for r, share in zip(others, shares, strict=True) if share > max(shares) / 4]
            return shapely.intersection(area, shapely.union_all(sides))
    if holding:
        held = min(holding, key=lambda room: room.area)
        area = shapely.intersection(area, held)
        others = [room for room in others if room.area < held.area]
    return shapely.difference(area, shapely.union_all(others)) if others else area


def _holds(room: BaseGeometry, here: BaseGeometry) -> bool:
    if here.area == 0:
        return bool(room.intersects(here.centroid))
    return bool(shapely.intersection(room, here).area > 0.9 * here.area)
