"""Where the robot may be: section 1 of the contract.

What has a footprint: a landmark that may not be entered, by its polygon, or by its ``width`` when
it is a line (a wall, a hedge) or a point (a post, a tree). A line or point without ``width`` has no
extent, so it takes no space: a kerb or a flagpole that the robot must keep off needs a ``width``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import ArrayLike
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from nl_planner.errors import NoSpaceError

if TYPE_CHECKING:
    from nl_planner.site.model import Landmark, Site

QUARTER_SEGMENTS = 20  # straight pieces in a quarter of a circle


def free_space(site: Site) -> MultiPolygon:
    """Boundary ∩ free cells − footprints of closed landmarks − keepouts (m, site's frame).

    Read it from ``Site.free_space``, which keeps the result.

    Raises:
        NoSpaceError: nothing is left; the message says what took it.
    """
    if site.boundary is None and site.mapped is None:
        raise NoSpaceError(
            f"site {site.name[0]!r} has neither boundary nor occupancy: nothing says where it is"
        )
    space = site.boundary if site.mapped is None else site.mapped
    if space is None or space.is_empty:
        raise NoSpaceError(
            f"the map of site {site.name[0]!r} has no free cell; check negate, mode and thresholds"
        )
    if site.boundary is not None and site.mapped is not None:
        space = shapely.intersection(site.boundary, site.mapped)
        if space.is_empty:
            raise NoSpaceError(
                f"the boundary of site {site.name[0]!r} holds no free cell of its map; "
                "check the origin of the map and the frame of the boundary"
            )
    closed = [footprint(landmark) for landmark in site.landmarks.values()]
    closed += [keepout.polygon for keepout in site.keepouts.values()]
    left = polygons(shapely.difference(space, _joined(closed)))
    if left.is_empty:
        raise NoSpaceError(
            f"closed landmarks and keepouts cover all of site {site.name[0]!r}; "
            "say 'enter: true' where the robot may drive"
        )
    return left


def footprint(landmark: Landmark) -> BaseGeometry:
    """The ground that the landmark takes from the robot, empty when it may be entered."""
    if landmark.enter:
        return Polygon()
    if isinstance(landmark.geometry, Polygon):
        return landmark.geometry
    return extent(landmark)


def extent(landmark: Landmark) -> BaseGeometry:
    """The ground under a line or point with a ``width``, empty without."""
    if not landmark.width:
        return Polygon()
    return shapely.buffer(landmark.geometry, landmark.width / 2, cap_style="round", quad_segs=8)


def inset(geometry: BaseGeometry, radius: float) -> MultiPolygon:
    """The part of the geometry that is ``radius`` (m) or more from its border.

    A round corner is drawn as a polygon around the circle, never inside it, so that a body of that
    radius never leaves the geometry. GEOS rounds the number of pieces of a corner, so that one may
    be half as long again as ``QUARTER_SEGMENTS`` says.
    """
    if radius <= 0:
        return polygons(geometry)
    outer = radius / math.cos(1.5 * math.pi / (4 * QUARTER_SEGMENTS))
    parts = []
    for part in polygons(geometry).geoms:
        # Each hole grows by itself: a map has thousands, and together they take ten times as long.
        shell = shapely.buffer(Polygon(part.exterior), -outer, quad_segs=QUARTER_SEGMENTS)
        if part.interiors and not shell.is_empty:
            holes = [Polygon(hole) for hole in part.interiors]
            grown = shapely.buffer(holes, outer, quad_segs=QUARTER_SEGMENTS)
            shell = shapely.difference(shell, _joined(grown))
        parts.append(shell)
    return polygons(shapely.geometrycollections(parts))


def _joined(geometries: ArrayLike) -> BaseGeometry:
    """The union, quick where most of them lie apart."""
    return shapely.disjoint_subset_union_all(np.asarray(geometries, dtype=object))


def polygons(geometry: BaseGeometry) -> MultiPolygon:
    """The polygons of any geometry; its points and lines are dropped."""
    return MultiPolygon(
        [
            part
            for part in shapely.get_parts(shapely.get_parts(geometry))
            if isinstance(part, Polygon) and not part.is_empty
        ]
    )
