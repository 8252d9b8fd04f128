"""Where the robot's centre may be, and what its tool can reach from there."""

from __future__ import annotations

from dataclasses import dataclass

import shapely
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from nl_planner.errors import NoSpaceError

TOLERANCE = 5e-4
"""How far (m) an outline may be moved to save vertices: half a millimetre."""


@dataclass(frozen=True)
class Space:
    """One connected piece of free space, seen by a round robot.

    ``centre``: where its centre may be. ``target``: what the tool can reach of the region from
    there. ``left_out``: m² of the region that are not in ``target``.
    """

    centre: Polygon
    target: MultiPolygon
    left_out: float


def polygons(geometry: BaseGeometry) -> list[Polygon]:
    """The polygons with an area in a geometry of any type."""
    return (
        [p for p in shapely.get_parts(geometry, return_index=False) if p.area > 0]
        if (geometry.geom_type != "GeometryCollection")
        else [q for p in geometry.geoms for q in polygons(p)]
    )


def reachable(
    region: BaseGeometry,
    free_space: BaseGeometry,
    radius: float,
    tool_width: float,
    start: tuple[float, float] | None,
) -> Space:
    """The part of the free space to work in: that of ``start``, else that with most to clean.

    Raises NoSpaceError when the robot fits nowhere or can clean nothing of the region.
    """
    half = tool_width / 2
    near = shapely.box(*region.bounds).buffer(max(4 * radius, 4 * tool_width))
    inset = free_space.buffer(-radius, quad_segs=16).simplify(TOLERANCE)
    parts = [p for p in polygons(inset) if p.area > TOLERANCE]
    if not parts:
        x0, y0, x1, y1 = free_space.bounds or (0.0, 0.0, 0.0, 0.0)
        raise NoSpaceError(
            f"a robot of radius {radius:g} m fits nowhere in the free space of"
            f" {free_space.area:.2f} m² ({x1 - x0:.2f} m by {y1 - y0:.2f} m):"
            " every passage is narrower than it; check the map or the robot's radius"
        )
    if start is not None:
        here = Point(start)
        parts = [min(parts, key=lambda p: (p.distance(here), -p.area))]
    best: tuple[float, Polygon, BaseGeometry] | None = None
    for part in parts:
        reach = part.intersection(near).buffer(half, quad_segs=16).intersection(region)
        if best is None or reach.area > best[0]:
            best = (reach.area, part, reach)
    assert best is not None
    area, centre, reach = best
    if area < 1e-4:
        raise NoSpaceError(
            f"nothing of the region ({region.area:.2f} m²) can be reached by a tool {tool_width:g} m"
            f" wide on a robot of radius {radius:g} m"
            + (f" from ({start[0]:g}, {start[1]:g})" if start is not None else "")
            + "; check the region, the free space and where the robot stands"
        )
    return Space(centre, MultiPolygon(polygons(reach)), max(0.0, region.area - area))
