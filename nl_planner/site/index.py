"""A site by place: what is free, and which rooms, roads and objects there are, within a box.

Sites have thousands of landmarks and maps of many thousand corners; a region needs only what is
close to it. Everything here is a cut of ``Site.free_space``, ``Site.drivable`` and
``Site.landmarks``, found by R-trees.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

if TYPE_CHECKING:
    from nl_planner.site.model import Landmark, SeenObject, Site

Box = tuple[float, float, float, float]
"""min x, min y, max x, max y in m."""


class Tiled:
    """Polygons of which small boxes are cut out quickly."""

    def __init__(self, polygons: Sequence[Polygon]) -> None:
        self._all = MultiPolygon(polygons)
        outlines = [Polygon(part.exterior) for part in polygons]
        holes = [Polygon(hole) for part in polygons for hole in part.interiors]
        self._outlines = shapely.STRtree(outlines)
        self._holes = shapely.STRtree(holes)
        self._owners = np.repeat(
            np.arange(len(polygons)), [len(part.interiors) for part in polygons]
        )

    def cut(self, box: Box) -> BaseGeometry:
        """What of the polygons lies in the box."""
        window = shapely.box(*box)
        if window.contains(shapely.box(*self._all.bounds)):
            return self._all
        met = self._outlines.query(window, predicate="intersects")
        spaces = shapely.intersection(self._outlines.geometries[met], window)
        near = self._holes.query(window)
        for index, number in enumerate(met):
            # A court that is closed all round is a polygon in a hole of the one around it.
            holes = self._holes.geometries[near[self._owners[near] == number]]
            if len(holes):
                spaces[index] = shapely.difference(spaces[index], shapely.union_all(holes))
        return spaces[0] if len(spaces) == 1 else shapely.union_all(spaces)


class SiteIndex:
    """The site's free space, rooms and roads by place. Read it from ``Site.index``."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._drivable: dict[int, Tiled] = {}  # by component, made when first asked for

    def free(self, box: Box) -> BaseGeometry:
        """The part of ``Site.free_space`` in the box."""
        return self._free.cut(box)

    def drivable(self, box: Box, component: int) -> BaseGeometry:
        """The part of one component of ``Site.drivable`` in the box."""
        if component not in self._drivable:
            self._drivable[component] = Tiled([self._site.drivable.geoms[component]])
        return self._drivable[component].cut(box)

    def components(self, geometry: BaseGeometry) -> list[int]:
        """The numbers of the components of ``Site.drivable`` that meet the geometry."""
        return sorted(int(i) for i in self._component_tree.query(geometry, predicate="intersects"))

    def component(self, at: tuple[float, float] | None) -> int:
        """The component of ``Site.drivable`` nearest to ``at``, the largest when that is None."""
        if at is None:
            return int(np.argmax(shapely.area(self._component_tree.geometries)))
        return int(self._component_tree.nearest(Point(at)))

    def rooms(self, geometry: BaseGeometry) -> list[Landmark]:
        """The landmarks of kind room that meet the geometry."""
        return self._meeting(self._rooms, geometry)

    def roads(self, geometry: BaseGeometry) -> list[Landmark]:
        """The landmarks of kind road whose geometry meets this one."""
        return self._meeting(self._roads, geometry)

    @cached_property
    def _free(self) -> Tiled:
        return Tiled(self._site.free_space.geoms)

    @cached_property
    def _component_tree(self) -> shapely.STRtree:
        return shapely.STRtree(list(self._site.drivable.geoms))

    @cached_property
    def _rooms(self) -> tuple[list[Landmark], shapely.STRtree]:
        return self._of_kind("room")

    @cached_property
    def _roads(self) -> tuple[list[Landmark], shapely.STRtree]:
        return self._of_kind("road")

    def _of_kind(self, kind: str) -> tuple[list[Landmark], shapely.STRtree]:
        found = [mark for mark in self._site.landmarks.values() if mark.kind == kind]
        return found, shapely.STRtree([mark.geometry for mark in found])

    @staticmethod
    def _meeting(
        indexed: tuple[list[Landmark], shapely.STRtree], geometry: BaseGeometry
    ) -> list[Landmark]:
        landmarks, tree = indexed
        return [landmarks[i] for i in sorted(tree.query(geometry, predicate="intersects"))]


class ObjectIndex:
    """Seen objects by place. Read it from ``Site.object_index``."""

    def __init__(self, objects: Sequence[SeenObject]) -> None:
        self._objects = objects
        self._radii = np.array([seen.radius for seen in objects])
        at = np.array([seen.at for seen in objects]).reshape(-1, 2)
        self._tree = shapely.STRtree(shapely.points(at))

    def within(self, geometry: BaseGeometry) -> list[SeenObject]:
        """The objects in the geometry, in their order; touching it counts."""
        if not self._objects:
            return []
        widest = self._radii.max()
        close = np.sort(self._tree.query(geometry, predicate="dwithin", distance=widest))
        touching = shapely.dwithin(geometry, self._tree.geometries[close], self._radii[close])
        return [self._objects[i] for i in close[touching]]


def box_around(geometry: BaseGeometry, margin: float) -> Box:
    """The box around the geometry, ``margin`` (m) wider on every side."""
    x0, y0, x1, y1 = geometry.bounds
    return (x0 - margin, y0 - margin, x1 + margin, y1 + margin)
