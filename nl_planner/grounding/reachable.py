"""What of an area the robot can get to."""

from __future__ import annotations

import shapely
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from nl_planner.errors import NoSpaceError
from nl_planner.grounding.anchor import Scene
from nl_planner.site.free_space import inset, polygons
from nl_planner.site.index import box_around
from nl_planner.site.model import Site

CRUMB = 0.05  # m²: what is smaller and holds no place for the robot is not worth a word
FROM_BESIDE = 0.25  # of a strip without a place for the robot, at least, that it covers from beside
WIDTH_STEP = 0.02  # m, to which the widest way is found


def reachable(area: MultiPolygon, place: str, scene: Scene) -> tuple[MultiPolygon, float]:
    """The parts of ``area`` that the robot gets to, and how much (m²) it does not.

    The robot is in the component of ``Site.drivable`` nearest to it, in the largest when it is not
    known where it is. A part counts when the robot's body gets into it somewhere.

    Raises:
        NoSpaceError: it gets to nothing of it; says whether that is narrow or cut off.
    """
    site, words = scene.site, scene.words
    width = 2 * site.robot.radius
    body = 1.02 * site.robot.radius
    if site.drivable.is_empty:
        raise NoSpaceError(words.too_narrow(place, _width(area), width))
    box = box_around(area, width)
    home = site.index.component(scene.robot[:2] if scene.robot else None)
    drivable = site.index.drivable(box, home)
    others = [i for i in site.index.components(shapely.box(*box)) if i != home]
    cut_off = MultiPolygon()
    if others:
        theirs = shapely.union_all([site.index.drivable(box, other) for other in others])
        theirs = shapely.buffer(theirs, body)
        mine = shapely.buffer(site.index.drivable(box_around(theirs, width), home), body)
        cut_off = polygons(shapely.intersection(area, shapely.difference(theirs, mine)))
    kept = area if cut_off.is_empty else polygons(shapely.difference(area, cut_off))
    shapely.prepare(drivable)
    found = [part for part in kept.geoms if _gets_into(part, drivable, body)]
    if not found and cut_off.is_empty:
        raise NoSpaceError(words.too_narrow(place, _width(area), width))
    if not found:
        other = min(others, key=lambda one: shapely.distance(site.drivable.geoms[one], cut_off))
        raise NoSpaceError(words.no_way_in(place, widest_way(site, home, other), width))
    result = MultiPolygon(found)
    return result, area.area - result.area


def _gets_into(part: Polygon, drivable: BaseGeometry, body: float) -> bool:
    """Whether the robot's body gets into a part that is worth a word."""
    if drivable.intersects(part):
        return True
    if part.area <= CRUMB or not shapely.dwithin(part, drivable, body):
        return False
    beside = shapely.intersection(drivable, shapely.buffer(part, body))
    covered = shapely.intersection(part, shapely.buffer(beside, body))
    return bool(covered.area > FROM_BESIDE * part.area)


def _width(area: MultiPolygon) -> float:
    """The width (m) of the largest circle in the area."""
    parts = sorted(area.geoms, key=lambda part: part.area)[-3:]
    circles = shapely.maximum_inscribed_circle(parts, tolerance=0.005)
    return 2 * float(shapely.length(circles).max())


def widest_way(site: Site, first: int, second: int) -> float:
    """The width (m) of the widest way between two components of ``Site.drivable``, 0 without one.

    By bisection, to ``WIDTH_STEP``: each step insets the free space, so it is for the one error.
    """
    ends = [shapely.point_on_surface(site.drivable.geoms[one]) for one in (first, second)]
    passed, stuck = 0.0, 2 * site.robot.radius
    space = _joining(site.free_space, ends)
    if space is None:
        return 0.0
    while stuck - passed > WIDTH_STEP:
        width = (passed + stuck) / 2
        joining = _joining(inset(space, width / 2), ends)
        if joining is None:
            stuck = width
        else:
            passed = width
    return stuck


def _joining(space: MultiPolygon, ends: list[Point]) -> Polygon | None:
    """The polygon of the space that holds both points."""
    return next((p for p in space.geoms if shapely.intersects(p, ends).all()), None)


def room_to_stand(area: MultiPolygon, goal: Point, scene: Scene) -> MultiPolygon:
    """The ground under the robot where it stands in the area, as close to the goal as it can.

    ``area`` is reachable; where the robot's centre fits nowhere in it, it stands beside it.
    """
    site = scene.site
    home = site.index.component(scene.robot[:2] if scene.robot else None)
    drivable = site.index.drivable(box_around(area, 2 * site.robot.radius), home)
    inside = shapely.intersection(drivable, area)
    at = nearest_points(drivable if inside.is_empty else inside, goal)[0]
    return MultiPolygon([shapely.buffer(at, site.robot.radius, quad_segs=16)])
