"""What remains of a path: after a stop, a recharge, or when something new stands in the way."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

from nl_planner.coverage.done import CLEAR, Line, divided, gears, lumps, swept
from nl_planner.coverage.drive import EDGE, SPOT, TRANSIT, coverage_path, drive_time
from nl_planner.coverage.fetch import fetch
from nl_planner.coverage.grid import Bools, Floats, Kinds
from nl_planner.coverage.job import prepared
from nl_planner.coverage.path import CoveragePath, PieceKind
from nl_planner.coverage.plan import length, over_all
from nl_planner.coverage.refine import covered, working_path
from nl_planner.coverage.resume_steered import remaining_steered
from nl_planner.coverage.space import Space, polygons
from nl_planner.coverage.transit import Transit
from nl_planner.errors import BadInputError


def remaining(
    path: CoveragePath,
    done: float,
    region: BaseGeometry,
    free_space: BaseGeometry | None = None,
    *,
    radius: float | None = None,
    footprint: Sequence[tuple[float, float]] | None = None,
    tool_width: float,
    tool_offset: tuple[float, float] = (0.0, 0.0),
    overlap: float = 0.0,
    start: Sequence[float] | None = None,
    passes: int = 1,
    max_speed: float = 0.5,
    turning_radius: float = 0.0,
) -> CoveragePath:
    """The path that remains when ``done`` m of ``path`` are driven.

    It goes on where the robot stopped, lane by lane as before. Where the free space, as it is
    known now, no longer lets it through, the path is led around what is new and cleans along it;
    what that leaves is fetched, or all that is not yet clean is planned anew where that is
    shorter. What is reached now and was not before (a cleared obstacle) is cleaned at the end.
    The same input gives the same path.

    ``coverage`` and ``left_out`` of the result are of the whole region: what was driven counts.
    When nothing remains the path is a single pose.

    Args:
        path: made by `cover` or by this.
        done: m of it that are driven, with the tool as it says; see `progress`. For a path that
            was driven up to pose i, the length of the first i steps.
        region: as for `cover`.
        free_space: as it is known now.
        radius: as for `cover`.
        footprint: as for `cover`.
        tool_width: as for `cover`.
        tool_offset: as for `cover`.
        overlap: as for `cover`.
        start: (x, y) of the robot, or (x, y, yaw); where it stopped on the path when None.
        passes: as for `cover`.
        max_speed: as for `cover`.
        turning_radius: as for `cover`. With one, a blocked rest is planned anew.

    Raises:
        NoSpaceError: the robot fits nowhere, or reaches nothing of the region.
        BadInputError: a number or geometry that cannot be used.
    """
    if not (math.isfinite(done) and done >= 0):
        raise BadInputError(f"done is {done}; it must be the metres driven, not negative")
    driven, rest = divided(path, done)
    job = prepared(
        region,
        free_space,
        radius=radius,
        footprint=footprint,
        tool_width=tool_width,
        tool_offset=tool_offset,
        overlap=overlap,
        turning_radius=turning_radius,
        start=rest[0][0] if start is None else start,
        passes=passes,
        max_speed=max_speed,
    )
    driven, rest = ((job.there(xy), kind) for xy, kind in (driven, rest))
    if turning_radius:
        xy, kind, gear, share = remaining_steered(job, driven, rest, gears(path), passes)
        left_out = job.space.left_out
        return coverage_path(job.back(xy), kind, tool_width, max_speed, share, left_out, gear)
    space, transit, clean, spacing = job.space, job.transit, job.clean, job.spacing
    here = rest[0][0] if job.start is None else job.start
    if any(piece.kind is PieceKind.SPOT for piece in path.pieces):
        wanted = swept([driven, rest], clean, space.ahead).intersection(space.target)
        space = replace(space, target=MultiPolygon(polygons(wanted)))
    line, blocked = _resumed(rest, transit, here, clean)
    if blocked:
        left = lumps(space.target.difference(swept([driven], clean, space.ahead)), 0.05 * clean)
        line = _led_around(line, left, space, transit, clean)
    missed = space.target.difference(swept([driven, line], clean, space.ahead))
    line = _with(line, lumps(missed, 0.25 * clean), space, transit, spacing, max_speed)
    if blocked and passes == 1 and SPOT not in rest[1] and not left.is_empty:
        anew = _with((here[None], line[1][:0]), left, space, transit, spacing, max_speed)
        line = _shorter(line, anew, driven, space, clean, max_speed)
    share = _share([driven, line], space, clean)
    back = job.back(line[0])
    return coverage_path(back, line[1], tool_width, max_speed, share, space.left_out)


def _resumed(rest: Line, transit: Transit, here: Floats, width: float) -> tuple[Line, bool]:
    """The rest from ``here``, led around where it is blocked, and whether it is."""
    xy, kind = rest
    work = np.flatnonzero(kind != TRANSIT)
    first = int(work[0]) if len(work) else len(kind)
    xy, kind = xy[first:], kind[first:]
    stretches, blocked = _free_stretches(xy, kind, transit)
    line: Line = (here[None], kind[:0])
    for k, stretch in enumerate(stretches):
        worth = stretch if not blocked else _without_transit(*stretch)
        if not blocked or length(worth[0]) > 0.1 * width:
            line = _linked(line, worth, transit, EDGE if k else TRANSIT)
    return line, blocked


def _linked(line: Line, other: Line, transit: Transit, kind: int) -> Line:
    """Both lines, with a way of that kind from one to the other."""
    way = transit.way(line[0][-1], other[0][0])
    kinds = (line[1], np.full(len(way) - 1, kind, np.int8), other[1])
    return np.vstack((line[0], way[1:], other[0][1:])), np.concatenate(kinds)


def _free_stretches(xy: Floats, kind: Kinds, transit: Transit) -> tuple[list[Line], bool]:
    """The stretches of a line where the robot's centre may be, and whether others are gone."""
    if not len(kind):
        return [], False
    room = transit.area.buffer(CLEAR)
    shapely.prepare(room)
    segments = shapely.linestrings(np.stack((xy[:-1], xy[1:]), axis=1))
    free = shapely.covers(room, segments)
    if free.all():
        return [(xy, kind)], False
    found: list[Line] = []
    points = [xy[0]]
    kinds: list[int] = []
    for i, segment in enumerate(segments):
        spans = [(0.0, 1.0)] if free[i] else _spans(segment, room)
        for begin, end in spans:
            if begin > 0 and kinds:
                found.append((np.array(points), np.array(kinds, np.int8)))
            if begin > 0:
                points, kinds = [xy[i] + begin * (xy[i + 1] - xy[i])], []
            points.append(xy[i] + end * (xy[i + 1] - xy[i]))
            kinds.append(kind[i])
        if not spans or spans[-1][1] < 1:
            if kinds:
                found.append((np.array(points), np.array(kinds, np.int8)))
            points, kinds = [xy[i + 1]], []
    if kinds:
        found.append((np.array(points), np.array(kinds, np.int8)))
    return found, True


def _spans(segment: LineString, room: BaseGeometry) -> list[tuple[float, float]]:
    """Where (0..1) a segment is in the room, from its start on."""
    parts = shapely.get_parts(shapely.intersection(segment, room))
    spans = []
    for part in parts[shapely.length(parts) > 1e-6]:
        ends = [segment.project(Point(p), normalized=True) for p in shapely.get_coordinates(part)]
        begin, end = min(ends), max(ends)
        spans.append((begin if begin > 1e-6 else 0.0, end if end < 1 - 1e-6 else 1.0))
    return sorted(spans)


def _without_transit(xy: Floats, kind: Kinds) -> Line:
    """The line without transits at its ends."""
    work = np.flatnonzero(kind != TRANSIT)
    if not len(work):
        return xy[:1], kind[:0]
    return xy[work[0] : work[-1] + 2], kind[work[0] : work[-1] + 1]


def _led_around(
    line: Line, left: MultiPolygon, space: Space, transit: Transit, width: float
) -> Line:
    """The line led by what it misses of ``left``."""
    if left.is_empty or not len(line[1]):
        return line
    path = working_path(*line, replace(space, target=left), transit, width)
    for _ in range(3):
        if not fetch(path, 0.998, 0.03 * width):
            break
    return path.xy, path.kind


def _with(
    line: Line, missed: MultiPolygon, space: Space, transit: Transit, width: float, speed: float
) -> Line:
    """The line, and then over all that is missed."""
    if missed.is_empty:
        return line
    more = over_all(replace(space, target=missed), missed, transit, width, line[0][-1], 1, speed)
    return np.vstack((line[0], more[0][1:])), np.concatenate((line[1], more[1]))


def _shorter(
    line: Line,
    other: Line,
    driven: Line,
    space: Space,
    width: float,
    speed: float,
) -> Line:
    """The other line where it is better by time and length and cleans no less."""
    shares = [_share([driven, way], space, width) for way in (line, other)]
    cost, others = (drive_time(xy, speed) * length(xy) for xy, _ in (line, other))
    return other if shares[1] > shares[0] - 1e-3 and others < 0.95 * cost else line


def _share(lines: list[Line], space: Space, width: float) -> float:
    """The share of the target that is clean when all lines are driven, nothing between them."""
    xy = np.vstack([line[0] for line in lines])
    gap = np.zeros(1, np.int8) + TRANSIT
    kinds = list(itertools.chain.from_iterable((line[1], gap) for line in lines))[:-1]
    on: Bools = np.concatenate(kinds) != TRANSIT
    if not on.any():
        return 0.0
    return covered(xy, on, space, width)
