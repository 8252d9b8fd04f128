"""What a place starts from: a landmark, an entrance, a keepout, the robot, the person, the site."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import NamedTuple

import shapely
from shapely.geometry import LineString, MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

from nl_planner.errors import UnclearPlaceError
from nl_planner.grounding.shapes import strip
from nl_planner.grounding.words import Words
from nl_planner.site.free_space import extent
from nl_planner.site.model import Entrance, Keepout, Landmark, Site
from nl_planner.task import LAST, OPERATOR, ROBOT, SITE, Place

LINE_WIDTH = 5.0  # m, of a line that may be entered and does not say its width
Pose = tuple[float, float, float]
XY = tuple[float, float]


@dataclass(frozen=True)
class Scene:
    """What is known when a place is looked for: the site, who stands where, what came before."""

    site: Site
    robot: Pose | None = None
    operator: XY | None = None
    last: Place | None = None
    language: str = ""

    @property
    def words(self) -> Words:
        """How to say things in the language of this scene."""
        return Words(self.language)


class Door(NamedTuple):
    """An entrance, and the direction out of it (rad)."""

    name: str
    at: XY
    facing: float


@dataclass(frozen=True)
class Anchor:
    """A thing that a relation starts from.

    ``geometry``: the ground it covers (m), a Point or LineString for a thing without width.
    ``open``: the robot may drive on it. ``front``: the direction its front faces, as the site says
    it or as it is built, None for a thing without. ``doors``: its entrances, in the order of the
    file. ``door``: a door itself, not the landmark behind it.
    """

    id: str
    name: str
    kind: str
    geometry: BaseGeometry
    open: bool = False
    front: float | None = None
    doors: tuple[Door, ...] = ()
    door: bool = False
    keepout: bool = False
    whole: BaseGeometry | None = None

    @property
    def body(self) -> BaseGeometry:
        """The landmark that a door belongs to, else the thing itself."""
        return self.geometry if self.whole is None else self.whole


def anchor(landmark_id: str, scene: Scene) -> Anchor:
    """The thing with this id of the contract; ``last`` is not one, it stands for a whole place.

    Raises:
        UnknownNameError: the site has no such landmark, keepout or entrance.
        UnclearPlaceError: where the robot or the operator stands is not known.
    """
    site, words = scene.site, scene.words
    if landmark_id == SITE:
        return Anchor(SITE, words.site(site.name), "site", site_outline(site), open=True)
    if landmark_id in (ROBOT, OPERATOR):
        pose = scene.robot if landmark_id == ROBOT else scene.operator
        if pose is None:
            raise UnclearPlaceError(words.where_is_unknown(landmark_id), missing=landmark_id)
        front = scene.robot[2] if landmark_id == ROBOT and scene.robot else None
        return Anchor(
            landmark_id, words.who(landmark_id), landmark_id, Point(pose[:2]), True, front
        )
    if landmark_id == LAST:
        raise UnclearPlaceError(words.no_last(), missing=LAST)
    thing = site.landmark(landmark_id)
    name = words.named(thing.name(scene.language))
    if isinstance(thing, Keepout):
        site.entrance(landmark_id)  # a keepout has none: raises for an id with a dot
        return Anchor(landmark_id, name, "keepout", thing.polygon, keepout=True)
    doors = {entrance.id: _door(thing, entrance, scene) for entrance in thing.entrances.values()}
    entrance = site.entrance(landmark_id)
    if entrance is not None:
        door = doors[entrance.id]
        return Anchor(
            landmark_id,
            words.of(name, door.name),
            "entrance",
            Point(door.at),
            True,
            door.facing,
            (door,),
            door=True,
            whole=ground(thing),
        )
    front = thing.front
    if front is None and thing.kind == "gate" and not doors:
        front = _into_site(thing.geometry, site)
    return Anchor(
        landmark_id, name, thing.kind, ground(thing), thing.enter, front, tuple(doors.values())
    )


def ground(landmark: Landmark) -> BaseGeometry:
    """The ground that a landmark covers; its point or line when it has no width."""
    if isinstance(landmark.geometry, LineString) and landmark.enter:
        return strip(landmark.geometry, landmark.width or LINE_WIDTH)
    taken = extent(landmark)
    return landmark.geometry if taken.is_empty else taken


def site_outline(site: Site) -> BaseGeometry:
    """The boundary, or without one the free cells of the map."""
    if site.boundary is not None:
        return site.boundary
    return MultiPolygon() if site.mapped is None else site.mapped


def _door(landmark: Landmark, entrance: Entrance, scene: Scene) -> Door:
    facing = entrance.facing
    if facing is None:
        facing = landmark.front
    if facing is None:
        middle = landmark.geometry.centroid
        facing = math.atan2(entrance.at[1] - middle.y, entrance.at[0] - middle.x)
    return Door(scene.words.door(entrance.names), entrance.at, facing)


def _into_site(gate: BaseGeometry, site: Site) -> float:
    """The direction from a gate into the site: across the gate, away from the outline near it."""
    outline = shapely.convex_hull(site_outline(site))
    middle = gate.centroid
    ring = shapely.get_coordinates(shapely.orient_polygons(outline).exterior)
    edges = shapely.linestrings([list(pair) for pair in itertools.pairwise(ring)])
    (x0, y0), (x1, y1) = shapely.get_coordinates(edges[shapely.distance(edges, middle).argmin()])
    inward = math.atan2(x1 - x0, y0 - y1)
    box = shapely.oriented_envelope(gate)
    if box.geom_type == "Polygon":
        (ax, ay), (bx, by), (cx, cy) = shapely.get_coordinates(box)[:3]
        first, second = math.hypot(bx - ax, by - ay), math.hypot(cx - bx, cy - by)
        long_side = (bx - ax, by - ay) if first > second else (cx - bx, cy - by)
        if max(first, second) < 1.2 * min(first, second):
            return inward
    elif box.geom_type == "LineString":
        (ax, ay), (bx, by) = shapely.get_coordinates(box)[[0, -1]]
        long_side = (bx - ax, by - ay)
    else:
        return inward
    across = math.atan2(long_side[0], -long_side[1])
    return across if math.cos(across - inward) >= 0 else across + math.pi
