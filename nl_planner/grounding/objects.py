"""The things that a task is about, and the ground around each of them."""

from __future__ import annotations

import shapely
from shapely.geometry import MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

from nl_planner.grounding.relations import Patch
from nl_planner.grounding.spread import free_in
from nl_planner.site.model import Robot, SeenObject, Site
from nl_planner.task import Task


def objects_of(task: Task, area: BaseGeometry | None, site: Site) -> list[SeenObject]:
    """The seen things of the task's class that touch the area; anywhere when it is None.

    A class stands for its descendants, in what is wanted and in ``except_objects``.

    Raises:
        UnknownNameError: a class that the taxonomy does not have.
    """
    if task.object is None:
        return []
    wanted = set(site.taxonomy.descendants(task.object))
    for left_alone in task.except_objects:
        wanted -= site.taxonomy.descendants(left_alone)
    there = site.objects if area is None else site.object_index.within(area)
    return [seen for seen in there if seen.class_id in wanted]


def spot(seen: SeenObject, site: Site) -> MultiPolygon:
    """The ground to work for one thing: what lies around it lies there too.

    A disc of the thing's radius and a machine's width more, so that the tool passes over the thing
    from wherever the robot comes; as far as it is free, in the same room, and not behind a wall.
    """
    at = Point(seen.at)
    reach = seen.radius + machine_width(site.robot)
    return free_in(Patch(shapely.buffer(at, reach, quad_segs=16), at, at, reach), site)


def machine_width(robot: Robot) -> float:
    """The wider of tool and body (m)."""
    return max(robot.tool_width, 2 * robot.radius)
