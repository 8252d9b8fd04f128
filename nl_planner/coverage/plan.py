"""Region, free space and robot to a CoveragePath: the steps in order."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from nl_planner.coverage.drive import coverage_path, kind_index
from nl_planner.coverage.grid import CoverageGrid
from nl_planner.coverage.join import Tour, join
from nl_planner.coverage.laps import laps
from nl_planner.coverage.path import CoveragePath, PieceKind
from nl_planner.coverage.refine import Refinement
from nl_planner.coverage.space import Space, polygons, reachable
from nl_planner.errors import BadInputError


def cover(
    region: BaseGeometry,
    free_space: BaseGeometry | None = None,
    *,
    radius: float,
    tool_width: float,
    start: tuple[float, float] | None = None,
    passes: int = 1,
    spots: Sequence[tuple[float, float, float]] = (),
    max_speed: float = 0.5,
) -> CoveragePath:
    """The path by which a round robot cleans a region.

    Args:
        region: what is to be cleaned (m).
        free_space: where the robot's body may be (m); the region itself when None.
        radius: of the circle around the robot's centre that holds its body (m).
        tool_width: the width that one pass cleans (m); the tool is centred on the robot.
        start: (x, y) of the robot's centre; the path begins there.
        passes: how often everything is cleaned.
        spots: objects (x, y, radius) to clean around by a spiral.
        max_speed: m/s.

    Raises:
        NoSpaceError: the robot fits nowhere, or reaches nothing of the region.
        BadInputError: a number or geometry that cannot be used.
    """
    for name, value in (("radius", radius), ("tool_width", tool_width), ("max_speed", max_speed)):
        if not (math.isfinite(value) and value > 0):
            raise BadInputError(f"{name} is {value:g}; it must be a positive number")
    if passes < 1:
        raise BadInputError(f"passes is {passes}; it must be at least 1")
    region = shapely.make_valid(region)
    free = region if free_space is None else shapely.make_valid(free_space)
    if not polygons(region):
        raise BadInputError("the region has no area; give a polygon")
    space = reachable(region, free, radius, tool_width, start)

    tour = _tour(space, region, tool_width)
    xy, kind = _from(tour, start)
    xy, kind = _refined(xy, kind, space, tool_width)
    tube = [LineString(xy[i : i + 17]).buffer(tool_width / 2) for i in range(0, len(xy) - 1, 16)]
    covered = shapely.union_all(tube).intersection(space.target).area / space.target.area
    return coverage_path(xy, kind, tool_width, max_speed, min(covered, 1.0), space.left_out)


def _tour(space: Space, region: BaseGeometry, width: float) -> Tour:
    """One closed tour of laps over the space."""
    edge, swath, turn = (kind_index(k) for k in (PieceKind.EDGE, PieceKind.SWATH, PieceKind.TURN))
    work = space.centre.intersection(region.buffer(-width / 2 + 1e-6))
    if not polygons(work):
        work = space.centre
    found = laps(work, width)
    tours = [Tour(xy, np.full(len(xy), swath if k else edge, np.int8)) for k, xy in found]
    import os
    if os.environ.get("SW"):
        from nl_planner.coverage.swaths import combs, count_swaths, main_direction
        D0=float(os.environ.get("D0","0.5"))
        tours=[Tour(xy, np.full(len(xy), edge, np.int8)) for k,xy in found if k==0]
        from nl_planner.coverage.transit import Transit
        transit=Transit(space.centre)
        d=main_direction(space.centre)
        for part in polygons(work.buffer(-D0*width)):
            dd=min((d,d+math.pi/2),key=lambda a:count_swaths(part,width,a))
            tours+=[Tour(xy, np.full(len(xy), swath, np.int8)) for xy in combs(part,transit,width,dd)]
    parts = join(tours, space.centre, 0.6 * width, turn)
    return max(parts, key=lambda t: len(t.xy))


def _refined(
    xy: NDArray[np.float64], kind: NDArray[np.int8], space: Space, width: float
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    import os, time
    dbg = os.environ.get("DBG")
    t0=time.perf_counter()
    BEND=float(os.environ.get("BEND","0.5"))
    def say(*a):
        if dbg: print(*a, len(path.xy), round(path.length(), 1), round(path.turned[-1],1), round(grid.coverage(), 5), round(time.perf_counter()-t0,2))
    ROUNDS=int(os.environ.get("ROUNDS","3"))
    def exact(xy):
        tube = [LineString(xy[i : i + 17]).buffer(width / 2) for i in range(0, len(xy) - 1, 16)]
        return shapely.union_all(tube).intersection(space.target).area / space.target.area
    G=float(os.environ.get("G","0.9965"))
    for r in range(ROUNDS):
        grid = CoverageGrid(space.target, width, width / float(os.environ.get("RES","8")), shift=r)
        T=grid.target.sum()*grid.cell**2
        path = Refinement(xy, kind, grid, space.centre, BEND*width, again=r>0)
        say("init")
        for k in range(5):
            n=path.fetch(G+.0015, 0.03*width)
            say("fetch", k,n)
            if n<2:
                break
        for k in range(5):
            budget = (grid.coverage() - G) * T
            if budget<=0: break
            n=path.cut(budget, 0.25 * width)
            say("cut", k,n)
            if n<0.01*len(path.xy)**.5:
                break
        xy,kind=path.xy,path.kind
        if dbg: print("exact",exact(xy))
    return path.xy, path.kind


def _from(
    tour: Tour, start: tuple[float, float] | None
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    ring = LineString(np.vstack((tour.xy, tour.xy[:1])))
    at = ring.project(shapely.Point(start)) if start is not None else 0.0
    line = tour.opened(at, 0.0)
    return line.xy, line.kind[:-1]
