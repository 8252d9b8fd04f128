"""Site, region, things and path as markers for RViz."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import shapely
from geometry_msgs.msg import Point
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from std_msgs.msg import ColorRGBA
from visualization_msgs.msg import Marker, MarkerArray

from nl_planner.site import SeenObject, Site

LANDMARK = (0.35, 0.35, 0.4, 1.0)
KEEPOUT = (0.85, 0.2, 0.15, 1.0)
REGION = (0.1, 0.65, 0.3, 1.0)
PATH = (0.1, 0.4, 0.9, 1.0)
THING = (0.95, 0.6, 0.1, 1.0)
LINE = 0.08  # m


def markers_to_ros(
    site: Site, regions: Iterable[BaseGeometry] = (), path: NDArray[np.float64] | None = None
) -> MarkerArray:
    """All of it; replaces what was shown before."""
    shown = [Marker(action=Marker.DELETEALL)]
    for landmark in site.landmarks.values():
        shown += _named("landmarks", landmark.geometry, landmark.name(), LANDMARK)
    for keepout in site.keepouts.values():
        shown += _named("keepouts", keepout.polygon, keepout.name(), KEEPOUT)
    for region in regions:
        shown += [_line("region", xy, REGION) for xy in _outlines(region)]
    for thing in site.objects:
        shown += _thing(thing)
    if path is not None and len(path) > 1:
        shown.append(_line("path", path[:, :2], PATH))
    for number, marker in enumerate(shown):
        marker.id = number
        marker.header.frame_id = site.frame_id
    return MarkerArray(markers=shown)


def _named(
    namespace: str, geometry: BaseGeometry, name: str, colour: tuple[float, ...]
) -> Iterator[Marker]:
    for xy in _outlines(geometry):
        yield _line(namespace, xy, colour)
    middle = geometry.representative_point()
    yield _text(f"{namespace}_names", name, middle.x, middle.y)


def _thing(thing: SeenObject) -> Iterator[Marker]:
    marker = Marker(ns="objects", type=Marker.CYLINDER, color=_colour(THING))
    marker.pose.position.x, marker.pose.position.y = map(float, thing.at)
    marker.scale.x = marker.scale.y = max(0.1, 2 * thing.radius)
    marker.scale.z = 0.1
    yield marker
    yield _text("object_names", thing.class_id, *thing.at)


def _text(namespace: str, text: str, x: float, y: float) -> Marker:
    marker = Marker(ns=namespace, type=Marker.TEXT_VIEW_FACING, text=text, color=_colour(LANDMARK))
    marker.pose.position.x, marker.pose.position.y, marker.pose.position.z = x, y, 0.5
    marker.scale.z = 0.6
    return marker


def _line(namespace: str, xy: NDArray[np.float64], colour: tuple[float, ...]) -> Marker:
    marker = Marker(ns=namespace, type=Marker.LINE_STRIP, color=_colour(colour))
    marker.scale.x = LINE
    marker.points = [Point(x=float(x), y=float(y)) for x, y in xy]
    return marker


def _outlines(geometry: BaseGeometry) -> Iterator[NDArray[np.float64]]:
    """The lines that draw a geometry; of a point none."""
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Polygon":
            for ring in (part.exterior, *part.interiors):
                yield shapely.get_coordinates(ring)
        elif part.geom_type == "LineString":
            yield shapely.get_coordinates(part)


def _colour(rgba: tuple[float, ...]) -> ColorRGBA:
    red, green, blue, alpha = rgba
    return ColorRGBA(r=red, g=green, b=blue, a=alpha)
