"""Where the robot's centre may be, and what its tool can reach from there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import shapely
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from nl_planner.coverage.grid import Floats
from nl_planner.errors import NoSpaceError

TOLERANCE = 5e-4
"""How far (m) an outline may be moved to save vertices: half a millimetre."""

DEPTHS = (0.5, 0.4, 0.3, 0.1, 0.0)
"""Tool widths from the outline to a lap along it."""
RAGGED = 2.5e-3
"""The share of the target that laps may leave along its outline."""


@dataclass(frozen=True)
class Space:
    """One connected piece of free space, seen by a round robot.

    ``centre``: where its centre may be. ``target``: what the tool can reach of the region from
    there. ``left_out``: m² of the region that are not in ``target``. ``ahead``: m by which the
    tool is ahead of the robot's centre.
    """

    centre: Polygon
    target: MultiPolygon
    left_out: float
    ahead: float = 0.0


def polygons(geometry: BaseGeometry) -> list[Polygon]:
    """The polygons with an area in a geometry of any type."""
    if geometry.geom_type == "GeometryCollection":
        return [polygon for part in geometry.geoms for polygon in polygons(part)]
    return [part for part in shapely.get_parts(geometry) if part.area > 0]


def drivable(free_space: BaseGeometry, radius: float) -> list[Polygon]:
    """The connected parts of where the robot's centre may be.

    Raises NoSpaceError when there are none.
    """
    inset = free_space.buffer(-radius, quad_segs=16).simplify(TOLERANCE)
    parts = [p for p in polygons(inset) if p.area > 1e-6]
    if not parts:
        raise NoSpaceError(
            f"a robot of radius {radius:g} m fits nowhere in the free space of"
            f" {free_space.area:.2f} m²: every passage is at most {2 * radius:g} m wide;"
            " check the map and the robot's radius"
        )
    return parts


def reachable(
    region: BaseGeometry,
    parts: list[Polygon],
    radius: float,
    tool_width: float,
    start: Floats | None,
    ahead: float = 0.0,
) -> Space:
    """The part of `drivable` space to work in: that of ``start``, else that with most to clean.

    Raises NoSpaceError when the robot can clean nothing of the region.
    """
    half = tool_width / 2
    near = region.envelope.buffer(2 * (radius + tool_width))
    if start is not None:
        here = Point(start)
        parts = [min(parts, key=lambda p: (p.distance(here), -p.area))]
    best = []
    for part in parts:
        reach = part.intersection(near).buffer(half, quad_segs=16).intersection(region)
        best.append((reach.area, part, reach))
    area, centre, reach = max(best, key=lambda b: b[0])
    if area < 1e-4:
        raise NoSpaceError(
            f"nothing of what is to be cleaned ({region.area:.2f} m² of free space) can be reached"
            f" by a tool {tool_width:g} m wide on a robot of radius {radius:g} m"
            + (f" from ({start[0]:g}, {start[1]:g})" if start is not None else "")
            + "; check the region, the free space and where the robot stands"
        )
    return Space(centre, MultiPolygon(polygons(reach)), max(0.0, region.area - area), ahead)


def narrowed(space: Space, region: BaseGeometry, width: float) -> Space:
    """The space as a tool of that width would find it."""
    reach = space.centre.buffer(width / 2, quad_segs=16).intersection(region)
    return replace(space, target=MultiPolygon(polygons(reach)))


def work_areas(space: Space, region: BaseGeometry, width: float) -> list[BaseGeometry]:
    """Areas for the tool's centre from whose laps the whole target is swept.

    First what is half a tool width inside the region; then, for strips too narrow for that, what
    lies less deep in them. Along a ragged outline, where laps so deep would leave much, all laps
    are less deep; that can only be with a tool that reaches beyond the body.
    """
    areas: list[BaseGeometry] = []
    missed: BaseGeometry = space.target
    depths = list(DEPTHS)
    while depths:
        depth = depths.pop(0)
        inner = space.centre.intersection(region.buffer(TOLERANCE - depth * width))
        if areas:
            inner = inner.intersection(missed)
        elif depths and _ragged(inner, space, width):
            continue
        parts = [
            p
            for p in polygons(inner)
            if p.area > 0.01 * width**2 or p.length > 2 * width or not areas
        ]
        if parts:
            areas.append(MultiPolygon(parts))
            missed = missed.difference(areas[-1].buffer(1.05 * width / 2))
            missed = MultiPolygon([p for p in polygons(missed) if p.area > 0.1 * width**2])
        if missed.is_empty:
            break
    return areas or [space.centre.intersection(region.buffer(width))]


def _ragged(inner: BaseGeometry, space: Space, width: float) -> bool:
    """Whether small pieces of the target, too many to leave, are out of reach from ``inner``."""
    if inner.area > 0.9999 * space.centre.area:
        return False
    missed = space.target.difference(inner.buffer(width / 2, quad_segs=16))
    small = sum(part.area for part in polygons(missed) if part.area < 0.1 * width**2)
    return bool(small > RAGGED * space.target.area)
