"""The site itself on a map: free space, landmarks, keepouts, entrances."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from nl_planner.draw import style
from nl_planner.draw.labels import Panel
from nl_planner.site.model import Landmark, Site

ROAD_WIDTH = 5.0  # metres of a road that is a line without a width


def draw_ground(axes: Any, panel: Panel, site: Site) -> None:
    """Free space, then enterable landmarks, closed ones over them, keepouts hatched."""
    grounds = [ground for ground in (site.boundary, site.mapped) if ground is not None]
    inside = shapely.intersection_all(grounds) if grounds else panel.box
    axes.set_facecolor(style.CLOSED)
    axes.add_patch(outline(inside, panel, facecolor=style.FREE, edgecolor="none", zorder=1))
    ordered = sorted(site.landmarks.values(), key=lambda each: -shape_of(each).area)
    for landmark in ordered:
        _draw_landmark(axes, panel, landmark)
    if site.mapped is not None:
        walls = shapely.difference(panel.box, site.mapped)
        axes.add_patch(outline(walls, panel, facecolor=style.CLOSED, edgecolor="none", zorder=2.5))
    edge = {"facecolor": "none", "edgecolor": style.WALL, "linewidth": 1.2}
    axes.add_patch(outline(inside, panel, zorder=3.5, **edge))
    for keepout in site.keepouts.values():
        patch = outline(keepout.polygon, panel, **style.keepout_style())
        axes.add_patch(patch)
    for landmark in ordered:
        for entrance in landmark.entrances.values():
            _draw_entrance(axes, panel, entrance.at, entrance.facing)


def _draw_landmark(axes: Any, panel: Panel, landmark: Landmark) -> None:
    shape = shape_of(landmark)
    look = style.landmark_style(landmark.kind, landmark.enter)
    if shape.area:
        axes.add_patch(outline(shape, panel, zorder=2 if landmark.enter else 3, **look))
    elif shape.length:
        for part in shapely.get_parts(shape).tolist():
            axes.plot(*np.asarray(part.coords)[:, :2].T, zorder=3, **style.LINE_STYLE)
    else:
        at = shape.representative_point()
        marker = {"marker": "s", "markersize": 6, "markeredgecolor": "#51606b"}
        axes.plot(at.x, at.y, color=style.kind_colour(landmark.kind), zorder=4.5, **marker)


def _draw_entrance(axes: Any, panel: Panel, at: tuple[float, float], facing: float | None) -> None:
    """A triangle that points in, a diamond where no direction is known."""
    if facing is None:
        axes.plot(*at, marker="D", markersize=4, color=style.ENTRANCE, zorder=10)
        return
    size = panel.metres(5)
    out, side = unit(facing), unit(facing + math.pi / 2)
    corners = [at, at + size * (out + 0.6 * side), at + size * (out - 0.6 * side)]
    axes.fill(*np.array(corners).T, color=style.ENTRANCE, linewidth=0, zorder=10)


def shape_of(landmark: Landmark) -> BaseGeometry:
    """The landmark's geometry as it is drawn: a line or a point has its width."""
    width = landmark.width or (ROAD_WIDTH if landmark.kind == "road" else None)
    if isinstance(landmark.geometry, Point) and landmark.width:
        return shapely.buffer(landmark.geometry, landmark.width / 2)
    if isinstance(landmark.geometry, LineString) and width:
        return shapely.buffer(landmark.geometry, width / 2, cap_style="flat")
    return landmark.geometry


def outline(shape: BaseGeometry, panel: Panel, **look: Any) -> Any:
    """The polygons of a shape, holes and all, as one matplotlib patch."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    seen = shapely.simplify(shape, panel.metres(0.15))
    rings = [
        ring
        for part in shapely.get_parts(shapely.orient_polygons(seen)).tolist()
        if part.geom_type == "Polygon" and not part.is_empty
        for ring in (part.exterior, *part.interiors)
    ]
    if not rings:
        return PathPatch(Path(np.zeros((1, 2))), visible=False)
    loops = [Path(np.asarray(ring.coords)[:, :2], closed=True) for ring in rings]
    return PathPatch(Path.make_compound_path(*loops), **look)


def unit(angle: float) -> NDArray[np.float64]:
    """The vector (2,) of length 1 in the direction of an angle (rad)."""
    return np.array([math.cos(angle), math.sin(angle)])
