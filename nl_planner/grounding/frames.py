"""Frames of reference: which way is the front of a thing, and where are its left and right.

As the contract has it: a thing's front is the way its entrance faces, else its ``front``; a gate
faces into the site; the robot has its heading. A thing without any is seen from the operator, else
from the robot: its front is the side towards the viewer, and left is the viewer's left. These are
the intrinsic and the relative frame of reference of Levinson (2003), "Space in Language and
Cognition", ch. 2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import shapely

from nl_planner.errors import UnclearPlaceError
from nl_planner.grounding.anchor import Anchor, Door, Scene
from nl_planner.task import OPERATOR, ROBOT, Part, Relation

BACK_DOOR = math.radians(120)  # an entrance further off the declared front is at the back

COMPASS = {
    Relation.EAST_OF: 0.0,
    Relation.NORTH_OF: math.pi / 2,
    Relation.WEST_OF: math.pi,
    Relation.SOUTH_OF: -math.pi / 2,
    Part.EAST: 0.0,
    Part.NORTH: math.pi / 2,
    Part.WEST: math.pi,
    Part.SOUTH: -math.pi / 2,
}


@dataclass(frozen=True)
class Frame:
    """``front`` and ``left`` are directions (rad). ``viewer`` is the built-in landmark from which
    they are seen, None when they are the thing's own.
    """

    front: float
    left: float
    viewer: str | None = None

    def direction(self, relation: Relation | Part) -> float:
        """The direction of in_front_of, behind, left_of and right_of, and of the parts."""
        if relation is Relation.IN_FRONT_OF:
            return self.front
        if relation is Relation.BEHIND:
            return self.front + math.pi
        if relation in (Relation.LEFT_OF, Part.LEFT):
            return self.left
        return self.left + math.pi


def frame_of(thing: Anchor, scene: Scene) -> Frame:
    """The frame of a thing.

    Raises:
        UnclearPlaceError: it has no front, and neither operator nor robot stands apart from it.
    """
    front = _own_front(thing)
    if front is not None:
        return Frame(front, front + math.pi / 2)
    middle = thing.geometry.centroid
    for viewer, pose in ((OPERATOR, scene.operator), (ROBOT, scene.robot)):
        if pose is None or viewer == thing.id:
            continue
        dx, dy = pose[0] - middle.x, pose[1] - middle.y
        if math.hypot(dx, dy) > 0.1:
            towards = math.atan2(dy, dx)
            return Frame(towards, towards - math.pi / 2, viewer)
    raise UnclearPlaceError(scene.words.no_front(thing.name), missing="front", landmark=thing.id)


def front_doors(thing: Anchor) -> list[Door]:
    """The doors before which "in front of" is: all, less those at the back of a declared front."""
    if thing.front is None or thing.door:
        return list(thing.doors)
    front = [door for door in thing.doors if _apart(door.facing, thing.front) <= BACK_DOOR]
    return front or list(thing.doors)


def wall_beside(thing: Anchor, door: Door) -> tuple[float, float]:
    """How far (m) the thing goes on to the left and right of its door, looking out of it."""
    left = door.facing + math.pi / 2
    axis = (math.cos(left), math.sin(left))
    along = shapely.get_coordinates(thing.body) @ axis
    here = door.at[0] * axis[0] + door.at[1] * axis[1]
    return float(along.max() - here), float(here - along.min())


def _own_front(thing: Anchor) -> float | None:
    """The entrances when they agree, else the declared front, else the first entrance."""
    facings = [door.facing for door in thing.doors]
    if facings and all(_apart(facing, facings[0]) < 0.1 for facing in facings):
        return facings[0]
    if thing.front is not None:
        return thing.front
    return facings[0] if facings else None


def _apart(first: float, second: float) -> float:
    return abs(math.remainder(first - second, math.tau))
