"""The fourteen relations: what area each means, before walls and other closed things cut it.

What a person would point at:

- ``in_front_of`` a thing with a door is the space before the door, not the whole side of the
  building: as deep as the reach and as wide to either side, but no wider than the building. Before
  several doors unless one is named. Without a door it is the whole front.
- ``behind``, ``left_of``, ``right_of`` and the compass sides are the ground straight that way, as
  wide as the thing and as deep as the reach; before a thing narrower than that, a square.
- ``near`` counts the thing itself where the robot may drive on it, ``around`` does not, save for a
  gate, a door, the robot and the person.
- ``along`` a road is the road from end to end, along a room or the site the strip inside its
  walls, along any other thing the strip beside it: on both sides of the outline of an open one.
- ``opposite`` is the far side of the road in front, else the foot of what stands opposite.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from nl_planner.errors import NoSpaceError
from nl_planner.grounding import shapes
from nl_planner.grounding.anchor import Anchor, Scene, anchor, ground
from nl_planner.grounding.frames import COMPASS, Frame, frame_of, front_doors, wall_beside
from nl_planner.site.free_space import inset, polygons
from nl_planner.site.index import box_around
from nl_planner.site.model import Landmark
from nl_planner.task import LAST, Place, Relation

REACH = 3.0  # m, of a relation when neither the person nor the site says how far
ACROSS = 50.0  # m, how far away the other side of the way may be
CORNER = 1.12  # of the reach: from a thing to the far corner of its side
DOOR_CORNER = 1.42  # of the reach: from a door to the far corner of the space before it
TOUCH = 0.3  # m from a thing to the free ground at it: maps draw things a little thicker
DOORSTEP = 0.5  # m before a door: tells which room it opens to

SPOTS = ("gate", "entrance", "robot", "operator")  # to be around them is to be at them


@dataclass(frozen=True)
class Patch:
    """An area that is meant.

    ``here`` tells the room that is meant; None when that is no matter of rooms. ``source``: what
    the area has to be reached from on free ground within ``reach`` metres; None when the area
    stands as it is.
    """

    area: BaseGeometry
    here: BaseGeometry | None = None
    source: BaseGeometry | None = None
    reach: float = math.inf


@dataclass(frozen=True)
class Meant:
    """The patches of a place and how to say it: ``place`` shortly, ``frame`` with its reference.

    ``side``: the direction (rad) of a single side and where it starts along that direction (m),
    for telling how deep what is free there is.
    """

    patches: tuple[Patch, ...]
    place: str
    frame: str
    anchors: tuple[Anchor, ...]
    reach: float
    side: tuple[float, float] | None = None

    @property
    def area(self) -> BaseGeometry:
        """All the patches as one geometry."""
        return shapely.union_all([patch.area for patch in self.patches])


def meant(place: Place, scene: Scene) -> Meant:
    """What a place means; its ``part`` is for ``part_of`` to take.

    Raises:
        UnknownNameError, UnclearPlaceError: see ``anchor`` and ``frame_of``.
        NoSpaceError: it is inside a thing that the robot may not enter.
    """
    relation, words = place.relation, scene.words
    reach = place.distance or scene.site.reach.get(relation.value, REACH)
    things = tuple(_thing(landmark_id, scene) for landmark_id in place.landmarks)
    thing = things[0]
    said = words.place(relation, *(each.name for each in things))
    plain = Meant((), said, said, things, reach)
    if relation is Relation.IN:
        result = _in(plain, scene)
    elif relation in (Relation.NEAR, Relation.AROUND):
        result = _near(plain, relation)
        result = replace(result, frame=words.within(said, reach))
    elif relation is Relation.ALONG:
        result = _along(plain)
    elif relation is Relation.BETWEEN:
        area = shapes.between(things[0].geometry, things[1].geometry, reach)
        result = replace(plain, patches=(Patch(area),))
    elif relation is Relation.OPPOSITE:
        result = _opposite(plain, scene)
    elif relation in COMPASS:
        result = _side(plain, thing.geometry, COMPASS[relation])
        result = replace(result, frame=words.within(said, reach))
    elif relation is Relation.IN_FRONT_OF and thing.doors:
        result = _before_doors(plain, scene)
    else:
        frame = frame_of(thing, scene)
        body = thing.body if relation is Relation.BEHIND else thing.geometry
        result = _side(plain, body, frame.direction(relation))
        result = replace(result, frame=_in_frame(said, thing, relation, frame, scene))
    return result


def _thing(landmark_id: str, scene: Scene) -> Anchor:
    """The anchor; for ``last`` the area of the place before."""
    if landmark_id == LAST and scene.last is not None:
        before = meant(scene.last, replace(scene, last=None))
        return Anchor(LAST, before.place, LAST, before.area, open=True)
    return anchor(landmark_id, scene)


def _in(plain: Meant, scene: Scene) -> Meant:
    thing = plain.anchors[0]
    if thing.keepout:
        raise NoSpaceError(scene.words.keepout(thing.name))
    if not thing.open and thing.geometry.area > 0:
        raise NoSpaceError(scene.words.closed(thing.name))
    if not isinstance(thing.geometry, Polygon | MultiPolygon):  # a spot: at it
        said = scene.words.place(Relation.NEAR, thing.name)
        frame = scene.words.within(said, plain.reach)
        return _near(replace(plain, place=said, frame=frame), Relation.NEAR)
    return replace(plain, patches=(Patch(thing.geometry),))


def _near(plain: Meant, relation: Relation) -> Meant:
    thing, reach = plain.anchors[0], plain.reach
    area = shapes.grown(thing.geometry, reach)
    if relation is Relation.AROUND and thing.kind not in SPOTS:
        area = shapely.difference(area, thing.geometry)
    here = None if thing.door else thing.geometry  # a door is in both of its rooms
    return replace(plain, patches=(Patch(area, here, thing.geometry, reach),))


def _side(plain: Meant, body: BaseGeometry, direction: float) -> Meant:
    area = shapely.difference(shapes.side(body, direction, plain.reach), body)
    patch = Patch(area, body, body, CORNER * plain.reach)
    return replace(plain, patches=(patch,), side=(direction, shapes.spans(body, direction)[1]))


def _before_doors(plain: Meant, scene: Scene) -> Meant:
    thing, reach, words = plain.anchors[0], plain.reach, scene.words
    patches, frames = [], []
    for door in front_doors(thing):
        left, right = wall_beside(thing, door)
        area = shapes.before_door(door.at, door.facing, reach, left, right)
        step = Point(np.array(door.at) + DOORSTEP * shapes.unit(door.facing))
        patches.append(Patch(area, step, Point(door.at), DOOR_CORNER * reach))
        name = thing.name if thing.door else words.of(thing.name, door.name)
        frames.append(words.faces(words.place(Relation.IN_FRONT_OF, name), door.facing))
    side = None
    if len(patches) == 1:
        facing = front_doors(thing)[0].facing
        side = (facing, shapes.spans(patches[0].area, facing)[0])
    return replace(plain, patches=tuple(patches), frame=words.join(frames), side=side)


def _along(plain: Meant) -> Meant:
    thing = plain.anchors[0]
    if thing.kind == "road":
        return replace(plain, patches=(Patch(thing.geometry),))
    if thing.kind in ("room", "site"):
        area = shapes.edge(thing.geometry, plain.reach)
        return replace(plain, patches=(Patch(area),))
    if thing.open and isinstance(thing.geometry, Polygon):
        outline = thing.geometry.boundary
        patch = Patch(shapes.grown(outline, plain.reach), outline, outline, plain.reach)
        return replace(plain, patches=(patch,))
    return _near(plain, Relation.AROUND)


def _opposite(plain: Meant, scene: Scene) -> Meant:
    """The strip beyond the first road in front, as wide as the thing and ``reach`` deep.

    Where the robot has no room beyond the road it is the far edge of the road itself. Without a
    road it is the last ``reach`` metres before what stands opposite, in the farther half of the
    gap; where nothing does, what follows the space in front.
    """
    thing, reach = plain.anchors[0], plain.reach
    frame = frame_of(thing, scene)
    front, left = frame.front, frame.front + math.pi / 2
    if thing.doors:
        at = np.array(front_doors(thing)[0].at)
        start, middle = float(at @ shapes.unit(front)), float(at @ shapes.unit(left))
    else:
        start = shapes.spans(thing.geometry, front)[1]
        middle = sum(shapes.spans(thing.geometry, left)) / 2
    right_end, left_end = shapes.spans(thing.geometry, left)
    sides = (min(right_end, middle - reach / 2), max(left_end, middle + reach / 2))
    corridor = shapes.slab(front, (start, start + ACROSS), (middle - 0.25, middle + 0.25))
    free = scene.site.index.free(box_around(corridor, 1))
    gap = _free_ahead(corridor, free, start, front)
    way = _way_ahead(thing, corridor, front, start + gap, scene)
    source = None
    if way is not None:
        far = shapes.spans(shapely.intersection(ground(way), corridor), front)[1]
        if _room_beyond(far, front, sides, scene):
            strip = shapes.slab(front, (far, far + reach), sides)
            source = shapes.slab(front, (far, far + TOUCH), sides)
        else:
            strip = shapes.slab(front, (far - reach, far), sides)
    elif gap < ACROSS:
        strip = shapes.slab(front, (start + max(gap / 2, gap - reach), start + gap), sides)
    else:
        after = start + scene.site.reach.get(Relation.IN_FRONT_OF.value, REACH)
        strip = shapes.slab(front, (after, after + reach), sides)
    said = _in_frame(plain.place, thing, Relation.OPPOSITE, frame, scene)
    said = scene.words.across(said, scene.words.named(way.name(scene.language)) if way else None)
    step = Point(shapes.unit(front) * (start + DOORSTEP) + shapes.unit(left) * middle)
    patch = Patch(strip, step, source, math.inf if source is None else CORNER * reach)
    return replace(plain, patches=(patch,), frame=said)


def _room_beyond(far: float, front: float, sides: tuple[float, float], scene: Scene) -> bool:
    """Whether the robot can stand beyond the far edge of a way, along most of it."""
    radius = scene.site.robot.radius
    edge = shapes.slab(front, (far + 1.01 * radius, far + 1.02 * radius), sides)
    free = scene.site.index.free(box_around(edge, 2 * radius + 1))
    return bool(shapely.intersection(edge, inset(free, radius)).area > edge.area / 2)


def _free_ahead(corridor: Polygon, free: BaseGeometry, start: float, front: float) -> float:
    """How far (m) ahead the corridor is blocked for the first time, ``ACROSS`` if it is not."""
    blocked = polygons(shapely.difference(corridor, free))
    ahead = [shapes.spans(part, front) for part in blocked.geoms]
    return min((near - start for near, far in ahead if far > start + TOUCH), default=ACROSS)


def _way_ahead(
    thing: Anchor, corridor: Polygon, front: float, limit: float, scene: Scene
) -> Landmark | None:
    """The first road across the corridor before ``limit``; a road along it is not across."""
    found = []
    for road in scene.site.index.roads(corridor):
        crossing = shapely.intersection(ground(road), corridor)
        if crossing.is_empty:
            continue
        near, far = shapes.spans(crossing, front)
        if road.id != thing.id and near < limit + TOUCH and far - near < ACROSS / 2:
            found.append((near, road.id, road))
    return min(found)[2] if found else None


def _in_frame(said: str, thing: Anchor, relation: Relation, frame: Frame, scene: Scene) -> str:
    words = scene.words
    if frame.viewer is not None:
        return words.seen_from(said, frame.viewer)
    if thing.kind == "robot":
        return words.heading(said, frame.front)
    if relation in (Relation.LEFT_OF, Relation.RIGHT_OF):
        return words.looking_out(said, frame.front)
    return words.faces(said, frame.front)
