"""What remains of a path of a machine that cannot turn on the spot."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import shapely

from nl_planner.coverage.done import CLEAR, Line, lumps, swept
from nl_planner.coverage.drive import SPOT, TRANSIT
from nl_planner.coverage.grid import Floats, Kinds
from nl_planner.coverage.job import Job
from nl_planner.coverage.refine import covered
from nl_planner.coverage.space import polygons
from nl_planner.coverage.steered import Driven, chained, end_pose, linked_to, over_all_steered


def remaining_steered(
    job: Job, driven: Line, rest: Line, gear: Kinds, passes: int
) -> tuple[Floats, Kinds, Kinds, float]:
    """The path that remains: positions, kinds and gears, and the share that is clean in the end.

    ``driven``, ``rest``: what lies before and after the stop, and ``gear`` of the whole path. The
    rest is driven as it was planned where it is free and the machine can get back to where it
    stopped; else all that is not clean is planned anew.
    """
    space, ahead = job.space, job.space.ahead
    before: Driven = (*driven, gear[: len(driven[1])])
    after: Driven = (*rest, gear[len(gear) - len(rest[1]) :])
    if SPOT in driven[1] or SPOT in rest[1]:
        wanted = swept(_as_driven([before, after]), job.clean, ahead).intersection(space.target)
        space = replace(space, target=shapely.MultiPolygon(polygons(wanted)))
        job = replace(job, space=space)
    room = space.centre.buffer(CLEAR)
    path: Driven | None = None
    if not len(rest[1]):
        path = _at(job)
    elif shapely.covers(room, shapely.LineString(rest[0])):
        path = linked_to(after, job)
    lines = [before, after] if path else [before]
    missed = space.target.difference(swept(_as_driven(lines), job.clean, ahead))
    left = lumps(missed, (0.25 if path else 0.05) * job.clean)
    path = path or _at(job)
    if not left.is_empty:
        pose = end_pose(path)
        start, yaw = (job.start, job.yaw) if pose is None else (pose[:2], float(pose[2]))
        rest_job = replace(job, space=replace(space, target=left), start=start, yaw=yaw)
        only = SPOT if SPOT in after[1] else None
        more = over_all_steered(rest_job, 1 if len(path[1]) else passes, only)
        path = chained(path, more)
    xy, kind, gears = chained(before, path, gap=TRANSIT)
    return *path, covered(xy, kind != TRANSIT, space, job.clean, gears)


def _at(job: Job) -> Driven:
    """The path that is the place of the machine."""
    start = job.start if job.start is not None else np.zeros(2)
    return start[None, :2], np.zeros(0, np.int8), np.zeros(0, np.int8)


def _as_driven(lines: list[Driven]) -> list[Line]:
    """Lines of one gear each, those driven backwards in the order that puts a tool ahead of the
    centre where it is.
    """
    found: list[Line] = []
    for xy, kind, gear in lines:
        borders = [0, *(np.flatnonzero(np.diff(gear)) + 1).tolist(), len(gear)]
        for a, b in itertools.pairwise(borders):
            step = 1 if b > a and gear[a] > 0 else -1
            found.append((xy[a : b + 1][::step], kind[a:b][::step]))
    return found
