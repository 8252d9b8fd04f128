"""Closed laps, each one tool width inside the last: along the walls, then inwards.

Contour-parallel coverage (Held, "On the Computational Geometry of Pocket Machining", 1991): the
outermost laps run along every wall and obstacle, so nothing is left at a border.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from nl_planner.coverage.space import TOLERANCE, polygons


def laps(
    area: BaseGeometry, spacing: float, most: int | None = None
) -> list[tuple[int, NDArray[np.float64]]]:
    """The laps of an area that the tool's centre may enter.

    Returns (depth, (N, 2) coordinates of a closed lap without the repeated end) each; depth 0 runs
    along the outline and around every hole of ``area``. ``most``: no more than so many depths.
    """
    found: list[tuple[int, NDArray[np.float64]]] = []
    depth, inner = 0, area
    while True:
        parts = polygons(inner)
        if not parts or depth == most:
            return found
        for part in parts:
            found += [(depth, ring) for ring in _rings(part)]
        depth += 1
        inner = area.buffer(-depth * spacing, quad_segs=8).simplify(4 * TOLERANCE)


def _rings(polygon: Polygon) -> list[NDArray[np.float64]]:
    rings = [polygon.exterior, *polygon.interiors]
    return [shapely.get_coordinates(ring)[:-1] for ring in rings if ring.length > 0]
