"""What is drawn, and which maps of it stand where on the picture."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from nl_planner.coverage.path import CoveragePath
from nl_planner.draw import ground, track
from nl_planner.draw.labels import Panel, Placed
from nl_planner.grounding.region import Region
from nl_planner.site.check import Finding
from nl_planner.site.model import Site

WIDTH = 1600  # pixels of the picture
MARGIN, GAP = 28, 22
TALLEST, LOWEST = 1150, 560  # pixels of a map
SMALL = 0.4  # a leg that takes less of the site than this gets a map of its own
MOST_ZOOMS = 4


@dataclass(frozen=True)
class Work:
    """What is to be drawn; ``paths`` has one entry for each of ``regions``.

    ``findings``: what is to be mended in the site, numbered on the overview and told under it.
    """

    site: Site
    regions: tuple[Region, ...]
    paths: tuple[CoveragePath | None, ...]
    robot: tuple[float, float, float] | None
    operator: tuple[float, float] | None
    language: str
    findings: tuple[Finding, ...] = ()

    @property
    def stressed(self) -> frozenset[str]:
        """Ids of the objects the task is about."""
        return frozenset(thing.id for region in self.regions for thing in region.objects)

    def bounds_of(self, leg: int) -> tuple[float, float, float, float]:
        """The extent (m) of the leg's region, objects and work, NaN when there is nothing.

        Driving to the work is left out.
        """
        shapes: list[BaseGeometry] = [self.regions[leg].geometry]
        shapes += [Point(thing.at) for thing in self.regions[leg].objects]
        path = self.paths[leg]
        if path is not None:
            shapes += [shapely.multipoints(points) for points, _ in track.working_runs(path)]
            shapes += [track.at_start(path), track.at_end(path)]
        xmin, ymin, xmax, ymax = shapely.total_bounds(shapes)
        return float(xmin), float(ymin), float(xmax), float(ymax)


@dataclass
class Map:
    """One map of the picture: its panel, its labels, and the zooms it shows the frames of."""

    panel: Panel
    left: int
    top: int
    legs: tuple[int, ...]
    letter: str = ""
    placed: list[Placed] = field(default_factory=list)


def arranged(work: Work, top: int) -> list[Map]:
    """The overview, and beside it a map for each place of work that is small on it."""
    xmin, ymin, xmax, ymax = _extent(work)
    pad = 0.02 * max(xmax - xmin, ymax - ymin) + 0.5
    extent = (xmin - pad, ymin - 3 * pad, xmax + pad, ymax + pad)  # the scale bar is below
    shape = (extent[3] - extent[1]) / (extent[2] - extent[0])
    room = WIDTH - 2 * MARGIN
    every = tuple(range(len(work.regions)))
    zooms = _zooms(work, max(xmax - xmin, ymax - ymin))
    if not zooms:
        height = int(np.clip(room * shape, LOWEST, TALLEST))
        return [Map(Panel.of(extent, room, height), MARGIN, top, every)]
    width = int(np.clip(780 / shape, 0.36 * room, 0.55 * room))
    height = int(np.clip(width * shape, 640, 1000))
    maps = [Map(Panel.of(extent, width, height), MARGIN, top, every)]
    columns = 1 if len(zooms) < 3 else 2
    rows = -(-len(zooms) // columns)
    wide = (room - width - columns * GAP) // columns
    high = (height - (rows - 1) * GAP) // rows
    for index, (legs, bounds) in enumerate(zooms):
        row, column = divmod(index, columns)
        maps.append(
            Map(
                Panel.of(bounds, wide, high),
                MARGIN + width + GAP + column * (wide + GAP),
                top + row * (high + GAP),
                legs,
                "+".join(str(leg + 1) for leg in legs) if len(every) > 1 else "A",
            )
        )
    return maps


def _extent(work: Work) -> tuple[float, float, float, float]:
    """The bounds of all there is to see."""
    site = work.site
    grounds = [area.bounds for area in (site.boundary, site.mapped) if area is not None]
    shapes = [ground.shape_of(landmark).bounds for landmark in site.landmarks.values()]
    shapes += [keepout.polygon.bounds for keepout in site.keepouts.values()]
    shapes += [(*thing.at, *thing.at) for thing in site.objects]
    spots = [spot[:2] * 2 for spot in (work.robot, work.operator) if spot is not None]
    each = (work.bounds_of(leg) for leg in range(len(work.regions)))
    legs = [bounds for bounds in each if np.isfinite(bounds).all()]
    all_of = np.array([*grounds, *shapes, *spots, *legs] or [(0, 0, 1, 1)], dtype=float)
    if grounds:  # the far ends of what lies outside are not worth a smaller map
        core = np.array([*grounds, *spots, *legs], dtype=float)
        low, high = core[:, :2].min(axis=0), core[:, 2:].max(axis=0)
        reach = 0.06 * (high - low).max()
        all_of[:, :2] = np.maximum(all_of[:, :2], low - reach)
        all_of[:, 2:] = np.minimum(all_of[:, 2:], high + reach)
    xmin, ymin = all_of[:, :2].min(axis=0)
    xmax, ymax = all_of[:, 2:].max(axis=0)
    return float(xmin), float(ymin), float(max(xmax, xmin + 1)), float(max(ymax, ymin + 1))


def _zooms(
    work: Work, extent: float
) -> list[tuple[tuple[int, ...], tuple[float, float, float, float]]]:
    """Legs and bounds (m) of each enlarged map; legs close to each other share one."""
    found: list[tuple[tuple[int, ...], tuple[float, float, float, float]]] = []
    for leg in range(len(work.regions)):
        xmin, ymin, xmax, ymax = work.bounds_of(leg)
        size = max(xmax - xmin, ymax - ymin)
        if not size <= SMALL * extent:  # nor where there is nothing to enlarge, and it is NaN
            continue
        pad = max(0.22 * size, (4.0 - size) / 2, 0.8)
        bounds = (xmin - pad, ymin - pad, xmax + pad, ymax + pad)
        legs: tuple[int, ...] = (leg,)
        for other, their in list(found):
            both = (*np.minimum(bounds[:2], their[:2]), *np.maximum(bounds[2:], their[2:]))
            wide = max(both[2] - both[0], both[3] - both[1])
            near = shapely.box(*bounds).intersects(shapely.box(*their))
            if near and wide <= SMALL * extent:
                found.remove((other, their))
                legs, bounds = (*other, *legs), both
        found.append((tuple(sorted(legs)), bounds))
    return sorted(found)[:MOST_ZOOMS]
