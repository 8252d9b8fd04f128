"""From a task to the region where it is worked."""

from __future__ import annotations

from collections.abc import Sequence

import shapely
from shapely.geometry import MultiPolygon, Point, Polygon

from nl_planner.errors import NoSpaceError, UnclearPlaceError
from nl_planner.grounding.anchor import XY, Pose, Scene, site_outline
from nl_planner.grounding.objects import objects_of, spot
from nl_planner.grounding.parts import part_of
from nl_planner.grounding.reachable import reachable, room_to_stand
from nl_planner.grounding.region import Region
from nl_planner.grounding.relations import SPOTS, Meant, meant
from nl_planner.grounding.shapes import spans
from nl_planner.grounding.spread import free_in
from nl_planner.site.free_space import footprint, polygons
from nl_planner.site.model import SeenObject, Site
from nl_planner.task import LAST, SITE, Action, Place, Relation, Task

WHOLE_SITE = Place(relation=Relation.IN, landmarks=(SITE,))
LOST = 0.5  # m² that cannot be reached are worth a word
CRUMB = 1e-4  # m², a square centimetre: what rounding may leave is not ground


def ground(
    task: Task,
    site: Site,
    *,
    robot: Pose | None = None,
    operator: XY | None = None,
    last: Place | None = None,
    language: str = "",
) -> Region:
    """Where a task is to be worked.

    Args:
        task: what is meant; ids are those of the site.
        site: where.
        robot: x, y (m) and yaw (rad) of the robot, None when not known.
        operator: x, y (m) of the person, None when not known.
        last: the place of the task before, for ``last``.
        language: "zh" or "en", of the words in the region and in the errors.

    Returns:
        A region within the free space and out of the keepouts, without what the robot cannot get
        to. With a seen object it is the ground around each; ``go_to`` gives room to stand.

    Raises:
        UnknownNameError: a landmark, an entrance or a class that the site does not have.
        UnclearPlaceError: a question has to be asked first, see its ``missing``.
        NoSpaceError: nothing of it is free, or the robot cannot get there; says why.
    """
    scene = Scene(site, robot, operator, last, language or "en")
    words = scene.words
    try:
        _ = site.free_space
    except NoSpaceError as error:  # whoever made the site reads the cause
        raise NoSpaceError(words.no_ground(words.site(site.name))) from error
    if task.place is None and task.object is None:
        raise UnclearPlaceError(words.no_place(None), missing="place")
    place = _resolved(task.place or WHOLE_SITE, scene)
    what = meant(place, scene)
    notes: list[str] = []
    area = _free(what, place, scene)
    if area.is_empty:
        raise NoSpaceError(_why_empty(what, scene))
    area = _less(area, task.except_places, what, scene, notes)
    anywhere = task.place is None and not task.except_places
    seen = objects_of(task, None if anywhere else area, site)
    name = site.taxonomy.name(task.object, scene.language) if task.object else ""
    if task.place is None and not seen:
        raise UnclearPlaceError(words.no_place(name), missing="place")
    if seen:
        geometry, objects = _around(seen, task, what, scene)
        if len(objects) < len(seen):
            notes.append(words.objects_left(len(seen) - len(objects), name))
    else:
        geometry, lost = reachable(area, what.place, scene)
        objects = []
        if task.object is not None:
            notes.append(words.not_seen(name))
        notes += _what_is_missing(geometry, lost, what, place, scene)
    if task.action is Action.GO_TO:
        geometry = room_to_stand(geometry, _goal(geometry, what, objects), scene)
    frame = words.part(place.part, what.frame) if place.part else what.frame
    return Region(geometry, frame, tuple(objects), tuple(notes))


def _resolved(place: Place, scene: Scene) -> Place:
    """The place, or the one before it when that is what is meant."""
    if place.relation is Relation.IN and place.landmarks == (LAST,) and scene.last is not None:
        part = place.part or scene.last.part
        return scene.last.model_copy(update={"part": part})
    return place


def _free(what: Meant, place: Place, scene: Scene) -> MultiPolygon:
    """What of a place is free, its part taken."""
    if place == WHOLE_SITE:
        return scene.site.free_space
    free = [free_in(patch, scene.site) for patch in what.patches]
    area = free[0] if len(free) == 1 else shapely.union_all(free)
    if place.part is not None:
        part = part_of(what.area, place.part, what.anchors[0], what.reach, scene)
        area = shapely.intersection(area, part)
    return MultiPolygon([part for part in polygons(area).geoms if part.area > CRUMB])


def _around(
    seen: list[SeenObject], task: Task, what: Meant, scene: Scene
) -> tuple[MultiPolygon, list[SeenObject]]:
    """The ground around the seen things that the robot gets to, and those of them it gets to."""
    spots = [spot(each, scene.site) for each in seen]
    area = polygons(shapely.union_all(spots))
    if area.is_empty:
        raise NoSpaceError(_why_empty(what, scene))
    area = _less(area, task.except_places, what, scene, [])
    geometry, _ = reachable(area, what.place, scene)
    return geometry, [
        each for each, ground_ in zip(seen, spots, strict=True) if geometry.intersects(ground_)
    ]


def _less(
    area: MultiPolygon, places: Sequence[Place], what: Meant, scene: Scene, notes: list[str]
) -> MultiPolygon:
    """The area without the places that are left out. Notes those that take nothing away."""
    for place in places:
        try:
            left_out = meant(_resolved(place, scene), scene)
            taken = _free(left_out, place, scene)
        except NoSpaceError:
            continue  # a keepout or a closed building is left out in any case
        if not area.intersects(taken):
            notes.append(scene.words.except_apart(left_out.place))
        area = polygons(shapely.difference(area, taken))
        if area.is_empty:
            raise NoSpaceError(scene.words.all_excepted(what.place))
    return area


def _what_is_missing(
    geometry: MultiPolygon, lost: float, what: Meant, place: Place, scene: Scene
) -> list[str]:
    """What the person should know when the region is less than was meant."""
    notes = []
    if lost > max(LOST, 0.01 * geometry.area):
        notes.append(scene.words.dropped(lost))
    if what.side is not None and place.part is None:
        direction, start = what.side
        depth = max(0.0, spans(geometry, direction)[1] - start)
        if depth < 0.9 * what.reach:
            notes.append(scene.words.left_of_reach(what.place, depth, what.reach))
    if place.relation is Relation.AROUND and place.part is None:
        thing = what.anchors[0]
        filled = [Polygon(part.exterior) for part in geometry.geoms]
        if thing.kind not in SPOTS and not any(part.covers(thing.geometry) for part in filled):
            notes.append(scene.words.not_closed(what.place))
    return notes


def _goal(geometry: MultiPolygon, what: Meant, objects: Sequence[SeenObject]) -> Point:
    """Where in a region one would go: to the thing seen, to the door, else to the middle."""
    if objects:
        return Point(objects[0].at)
    doors = what.anchors[0].doors
    if doors and what.patches[0].source is not None:
        return Point(doors[0].at)
    return geometry.centroid


def _why_empty(what: Meant, scene: Scene) -> str:
    site, words = scene.site, scene.words
    area = shapely.intersection(what.area, site_outline(site))
    if area.area < CRUMB:
        return words.outside(what.place)
    if shapely.intersection(area, site.free_space).area > CRUMB:
        return words.hidden(what.place)
    closed = [(footprint(mark), mark.name(scene.language)) for mark in site.landmarks.values()]
    closed += [
        (keepout.polygon, keepout.name(scene.language)) for keepout in site.keepouts.values()
    ]
    taken = [float(shape.intersection(area).area) for shape, _ in closed]
    greatest = max(range(len(closed)), key=taken.__getitem__, default=None)
    if greatest is None or taken[greatest] < CRUMB:
        return words.nothing_free(what.place, area.area, None)
    return words.nothing_free(what.place, area.area, words.named(closed[greatest][1]))
