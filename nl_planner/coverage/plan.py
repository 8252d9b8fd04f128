"""Region, free space and robot to a CoveragePath: the steps in order."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from nl_planner.coverage.drive import (
    EDGE,
    SHORTEST,
    SPOT,
    SWATH,
    TRANSIT,
    TURN,
    coverage_path,
    drive_time,
)
from nl_planner.coverage.grid import Floats, Kinds
from nl_planner.coverage.job import Job, prepared
from nl_planner.coverage.join import Tour, join
from nl_planner.coverage.laps import laps
from nl_planner.coverage.path import CoveragePath
from nl_planner.coverage.refine import covered, refine
from nl_planner.coverage.space import Space, narrowed, polygons, work_areas
from nl_planner.coverage.spiral import kept_inside, spiral, visiting_order
from nl_planner.coverage.steered import over_all_steered
from nl_planner.coverage.swaths import INSET, combs, count_swaths, main_direction
from nl_planner.coverage.transit import Transit

SMALL = 600
"""A target of fewer tool widths squared than this is also tried with laps instead of swaths."""


def cover(
    region: BaseGeometry,
    free_space: BaseGeometry | None = None,
    *,
    radius: float | None = None,
    footprint: Sequence[tuple[float, float]] | None = None,
    tool_width: float,
    tool_offset: tuple[float, float] = (0.0, 0.0),
    overlap: float = 0.0,
    turning_radius: float = 0.0,
    start: Sequence[float] | None = None,
    passes: int = 1,
    spots: Sequence[tuple[float, float, float]] = (),
    max_speed: float = 0.5,
) -> CoveragePath:
    """The path by which a robot cleans a region.

    The body never leaves the free space, transits included; where that is larger than the region,
    the robot uses the room around the region to clean up to its border. Of a free space in several
    parts one is worked: that of ``start``, else the one with most to clean; what lies in the
    others is in ``left_out``. The same input gives the same path.

    Args:
        region: what is to be cleaned (m).
        free_space: where the robot's body may be (m); the region itself when None.
        radius: of the circle around the robot's centre (base_link) that holds its body (m).
        footprint: instead of the radius, the corners (x, y) of the body around base_link (m). The
            circle through the farthest one is what keeps clear of walls, along straight swaths
            too: the robot may have to turn anywhere. A body of 0.8 x 0.5 m so reaches 89 % of a
            depot's floor where its width alone would reach 99.6 %, and 69 % instead of 97 % of a
            cluttered basement's (``benchmarks/coverage.py --footprint``).
        tool_width: the width that one pass cleans (m).
        tool_offset: (ahead, left) of base_link to the middle of the tool (m), within the body.
            Ahead or behind is counted as it is. Of a tool beside the middle only the width that
            it has on both sides is planned with, as that is clean whichever way the robot heads.
        overlap: the share of the tool width (0..0.5) by which neighbouring swaths overlap.
        turning_radius: the smallest that the machine can drive (m); 0 when it turns on the spot.
            Otherwise it drives straight strokes, linked by arcs, straight lines and backing up
            (pieces in ``reverse``). What no such stroke cleans counts as not covered.
        start: (x, y) of the robot; the path begins there, or at the nearest place where it fits.
            With a turning radius, (x, y, yaw) tells the heading too; without yaw any will do.
        passes: how often everything is cleaned; each pass crosses the one before.
        spots: objects (x, y, radius) to clean instead of the whole region, each by a spiral that
            goes one tool width beyond the object.
        max_speed: m/s.

    Raises:
        NoSpaceError: the robot fits nowhere, or reaches nothing of the region.
        BadInputError: a number or geometry that cannot be used.
    """
    job = prepared(
        region,
        free_space,
        radius=radius,
        footprint=footprint,
        tool_width=tool_width,
        tool_offset=tool_offset,
        overlap=overlap,
        turning_radius=turning_radius,
        start=start,
        passes=passes,
        max_speed=max_speed,
        spots=spots,
    )
    gear = None
    if turning_radius:
        xy, kind, gear = over_all_steered(job, passes, SPOT if spots else None)
    elif spots:
        xy, kind = _over_spots(job, spots)
    else:
        narrow = narrowed(job.space, job.region, job.spacing) if overlap else job.space
        xy, kind = over_all(
            narrow, job.region, job.transit, job.spacing, job.start, passes, max_speed
        )
    share = covered(xy, kind != TRANSIT, job.space, job.clean, gear)
    left_out = job.space.left_out
    return coverage_path(job.back(xy), kind, tool_width, max_speed, share, left_out, gear)


def over_all(
    space: Space,
    region: BaseGeometry,
    transit: Transit,
    width: float,
    start: Floats | None,
    passes: int,
    speed: float,
) -> tuple[Floats, Kinds]:
    """One pass after the other, each from where the last one ended."""
    areas = work_areas(space, region, width)
    direction = main_direction(space.centre)
    lines: list[tuple[Floats, Kinds]] = []
    for k in range(passes):
        rough = [_joined(_loops_of_swaths(areas, transit, width, direction, k), transit, width)]
        if passes == 1 and space.target.area < SMALL * width**2:
            rough.append(_joined(_loops_of_laps(areas, width), transit, width))
        lines.append(
            _best(rough, space, transit, width, start if k == 0 else lines[-1][0][-1], speed)
        )
    return linked(lines, transit, start)


def _loops_of_swaths(
    areas: list[BaseGeometry], transit: Transit, width: float, direction: float, turns: int
) -> list[Tour]:
    """Edge laps, and swaths in what they enclose; each part in the direction with fewer swaths,
    or ``turns`` quarter turns from it.
    """
    tours = []
    for area in areas:
        for part in polygons(area):
            tours += [_tour(lap, EDGE) for depth, lap in laps(part, width, 1)]
        for part in polygons(area.buffer(-INSET * width)):
            ways = [direction + quarter * math.pi / 2 for quarter in (0, 1)]
            pick = int(np.argmin([count_swaths(part, width, way) for way in ways]))
            loops = combs(part, transit, width, ways[(pick + turns) % 2])
            tours += [_tour(loop, SWATH) for loop in loops]
    return tours


def _loops_of_laps(areas: list[BaseGeometry], width: float) -> list[Tour]:
    """Laps, one inside the other."""
    return [
        _tour(lap, SWATH if depth else EDGE) for area in areas for depth, lap in laps(area, width)
    ]


def _tour(loop: Floats, kind: int) -> Tour:
    return Tour(loop, np.full(len(loop), kind, np.int8))


def length(xy: Floats) -> float:
    """Metres."""
    return float(np.hypot(*np.diff(xy, axis=0).T).sum())


def _joined(tours: list[Tour], transit: Transit, width: float) -> Tour:
    return join(tours, transit, 0.6 * width, TURN)


def _best(
    rough: list[Tour],
    space: Space,
    transit: Transit,
    width: float,
    start: Floats | None,
    speed: float,
) -> tuple[Floats, Kinds]:
    """The rough tours opened at the start and refined; of these the best by time and length."""
    paths = []
    for tour in rough:
        ring = LineString(np.vstack((tour.xy, tour.xy[:1])))
        line = tour.opened(0.0 if start is None else ring.project(Point(start)), 0.0)
        paths.append(refine(line.xy, line.kind[:-1], space, transit, width, start is None))
    return min(paths, key=lambda path: drive_time(path[0], speed) * length(path[0]))


def _over_spots(job: Job, spots: Sequence[tuple[float, float, float]]) -> tuple[Floats, Kinds]:
    """A spiral over each spot, in the best order."""
    places = job.there(np.array([spot[:2] for spot in spots], float))
    lines = []
    for k in visiting_order(places, job.start):
        whole = spiral(places[k, 0], places[k, 1], spots[k][2] + job.clean, job.spacing)
        line = kept_inside(whole, job.transit, job.spacing)
        lines.append((line, np.full(len(line) - 1, SPOT, np.int8)))
    return linked(lines, job.transit, job.start)


def linked(
    lines: list[tuple[Floats, Kinds]], transit: Transit, start: Floats | None
) -> tuple[Floats, Kinds]:
    """The lines one after the other, with transits between, from ``start``."""
    xy = np.zeros((0, 2)) if start is None else start[None]
    kind = np.zeros(0, np.int8)
    for line, kinds in lines:
        if len(xy):
            way = transit.way(xy[-1], line[0])
            xy = np.vstack((xy, way[1:]))
            kind = np.concatenate((kind, np.full(len(way) - 1, TRANSIT, np.int8)))
            if length(line) < SHORTEST:  # a place: it is cleaned on arrival
                kind[-1:] = EDGE
            xy, kind = np.vstack((xy, line[1:])), np.concatenate((kind, kinds))
        else:
            xy, kind = line, kinds
    return xy, kind
