"""What of an area the robot can get to."""

from __future__ import annotations

import shapely
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from nl_planner.errors import NoSpaceError
from nl_planner.grounding.anchor import Scene
from nl_planner.site.free_space import polygons
from nl_planner.site.index import box_around

CRUMB = 0.02  # of the area: what is smaller and holds no place for the robot is not worth a word


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
        raise NoSpaceError(words.too_narrow(place, width))
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
    found = [part for part in kept.geoms if _gets_into(part, drivable, body, area)]
    if not found:
        say = words.too_narrow if cut_off.is_empty else words.no_way_in
        raise NoSpaceError(say(place, width))
    result = MultiPolygon(found)
    return result, area.area - result.area


def _gets_into(part: Polygon, drivable: BaseGeometry, body: float, area: BaseGeometry) -> bool:
    """Whether the robot's body gets into a part that is worth a word."""
    if drivable.intersects(part):
        return True
    return bool(part.area > CRUMB * area.area and shapely.dwithin(part, drivable, body))


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
