"""Two small sites whose regions can be worked out by hand: a yard, and a floor of rooms."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import shapely
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon, box

from nl_planner.site import Entrance, Keepout, Landmark, Robot, SeenObject, Site, Taxonomy
from nl_planner.task import Action, Place, Task

SOUTH, EAST, NORTH = -math.pi / 2, 0.0, math.pi / 2
ROBOT = Robot(0.4, 0.6, (Action.SWEEP, Action.PICK_UP))


def make_site(*things: Landmark | Keepout | SeenObject, boundary: Polygon, **more: Any) -> Site:
    return Site(
        name=("Test site", "测试场地"),
        robot=more.pop("robot", ROBOT),
        landmarks={thing.id: thing for thing in things if isinstance(thing, Landmark)},
        keepouts={thing.id: thing for thing in things if isinstance(thing, Keepout)},
        objects=tuple(thing for thing in things if isinstance(thing, SeenObject)),
        taxonomy=Taxonomy.builtin(),
        boundary=boundary,
        **more,
    )


def mark(landmark_id: str, geometry: Any, kind: str = "fixture", **more: Any) -> Landmark:
    more.setdefault("enter", kind in ("area", "road", "room", "gate"))
    doors = {door.id: door for door in more.pop("doors", ())}
    names = more.pop("names", (landmark_id.capitalize(),))
    return Landmark(landmark_id, names, kind, geometry, entrances=doors, **more)


def a_yard(*more: Any, without: tuple[str, ...] = (), **options: Any) -> Site:
    """A yard of 60 m x 40 m with a hall, a shed, a lane, a plaza, a pond, a post and a wall that
    cuts off a strip in the north."""
    things = (
        mark(
            "hall",
            box(20, 16, 32, 24),
            "building",
            names=("大厅", "Hall"),
            doors=[Entrance("main", (24, 16), ("正门", "main entrance"), SOUTH)],
        ),
        mark("shed", box(38, 16, 44, 24), "building", front=EAST),
        mark("lane", box(0, 6, 60, 10), "road"),
        mark("plaza", box(46, 26, 56, 34), "area"),
        mark("gate", box(28, 0, 32, 1), "gate"),
        mark("post", Point(10, 20)),
        mark("wall", LineString([(0, 38), (60, 38)]), "wall", width=0.2),
        Keepout("pond", ("Pond", "水池"), box(6, 28, 12, 32)),
        SeenObject("bottle_1", "cola_bottle", (24.5, 14.5)),
        SeenObject("leaf_1", "leaf", (52, 30), 0.5),
        SeenObject("can_1", "can", (23, 14.5)),
        *more,
    )
    kept = [thing for thing in things if thing.id not in without]
    return make_site(*kept, boundary=box(0, 0, 60, 40), **options)


def a_floor(*more: Any, **options: Any) -> Site:
    """A floor of 20 m x 12 m: a corridor in the south, an office and a store behind walls of 0.2 m
    with a doorway of 1 m each, a desk in the office close to the wall, and a sofa in the store."""
    boundary = box(0, 0, 20, 12)
    walls = shapely.union_all(
        [
            box(0, 3, 3, 3.2),
            box(4, 3, 13, 3.2),
            box(14, 3, 20, 3.2),
            box(9.9, 3, 10.1, 12),
        ]
    )
    things = (
        mark(
            "office",
            box(0, 3.1, 10, 12),
            "room",
            doors=[Entrance("door", (3.5, 3.1), ("door",), SOUTH)],
        ),
        mark(
            "store",
            box(10, 3.1, 20, 12),
            "room",
            doors=[Entrance("door", (13.5, 3.1), ("door",), SOUTH)],
        ),
        mark("desk", box(8.5, 6, 9.7, 8), front=math.pi),
        mark("plant", Point(11, 4.2), width=0.4),
        mark("sofa", box(14, 7, 16, 8), front=SOUTH),
        *more,
    )
    return make_site(*things, boundary=boundary, mapped=boundary.difference(walls), **options)


def turned(site: Site, angle: float, *, mirrored: bool = False) -> Site:
    """The site turned by the angle about (0, 0), or seen in a mirror first (x to -x)."""
    move = mover(angle, mirrored=mirrored)

    def face(direction: float | None) -> float | None:
        if direction is None:
            return None
        return (math.pi - direction if mirrored else direction) + angle

    def moved(thing: Landmark) -> Landmark:
        doors = {
            door.id: replace(door, at=move(Point(door.at)).coords[0], facing=face(door.facing))
            for door in thing.entrances.values()
        }
        return replace(
            thing, geometry=move(thing.geometry), front=face(thing.front), entrances=doors
        )

    return replace(
        site,
        landmarks={key: moved(thing) for key, thing in site.landmarks.items()},
        keepouts={
            key: replace(thing, polygon=move(thing.polygon)) for key, thing in site.keepouts.items()
        },
        objects=tuple(replace(seen, at=move(Point(seen.at)).coords[0]) for seen in site.objects),
        boundary=move(site.boundary),
        mapped=None if site.mapped is None else move(site.mapped),
    )


def mover(angle: float, *, mirrored: bool = False) -> Callable[[Any], Any]:
    def move(geometry: Any) -> Any:
        if mirrored:
            geometry = affinity.scale(geometry, -1, 1, origin=(0, 0))
        return affinity.rotate(geometry, angle, origin=(0, 0), use_radians=True)

    return move


def at(relation: str, *landmarks: str, **more: Any) -> Place:
    return Place(relation=relation, landmarks=landmarks, **more)


def sweep(place: Place | None, **more: Any) -> Task:
    return Task(action=more.pop("action", "sweep"), place=place, **more)
