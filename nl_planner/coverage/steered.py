"""Coverage by a machine that cannot turn on the spot: strokes in a good order, linked by turns.

The order is that of a travelling salesman whose towns are lines: nearest neighbour, then 2-opt and
Or-opt until nothing gets shorter. As a turn wider than the machine's is cheap and one narrower
needs backing up, neighbouring swaths are skipped and driven later where that wins, as farmers do
(Bochtis and Vougioukas, "Minimising the non-working distance travelled by machines operating in a
headland field pattern", Biosystems Engineering 101, 2008).
"""

from __future__ import annotations

import math

import numpy as np
import shapely
from scipy.spatial import cKDTree

from nl_planner.coverage.drive import EDGE, SWATH, TRANSIT, TURN
from nl_planner.coverage.grid import Floats, Ints, Kinds
from nl_planner.coverage.job import Job
from nl_planner.coverage.refine import coverage_grid
from nl_planner.coverage.space import polygons, work_areas
from nl_planner.coverage.steering import Steering, Track
from nl_planner.coverage.strokes import Stroke, strokes
from nl_planner.coverage.swaths import count_swaths, main_direction

Driven = tuple[Floats, Kinds, Kinds]
"""Points (N, 2), and of each segment its kind and its gear: +1 forwards, -1 backwards."""
GOAL = 0.999
"""The share of the target from which on no more short strokes are looked for."""
LEAST = 4.0
"""Turning radii that the way to a stroke is thought to be long, when its worth is told."""
LONGEST = 9.0
"""Turning radii; a longer link is a transit, driven with the tool off."""
SEARCHES = 8
"""Poses that are looked at by searches for each stroke there is."""
CLOSE = 0.02
"""m; a machine so near to where it stopped is there."""
RETREATS = 6
"""Ends of strokes to which the machine may back up to find a way on."""
NEIGHBOURS = 24
"""Lines of which the turns to a line are priced; others by distance."""
HIDDEN = 2.5
"""By how much a way round something is thought longer than the straight line through it."""
IMPROVEMENTS = 60
"""Passes of 2-opt and Or-opt at most."""


def over_all_steered(job: Job, passes: int, only: int | None) -> Driven:
    """The path over the region of a job: points (N, 2), and of each segment its kind and whether
    it is driven forwards or backwards (+1, -1). Each pass crosses the one before.

    ``only``: the kind of all that is no transit; None: edges, swaths and turns.
    """
    steering = Steering(job.transit, job.turning_radius)
    areas = work_areas(job.space, job.region, job.spacing)
    direction = main_direction(job.space.centre)
    ways = [direction + quarter * math.pi / 2 for quarter in (0, 1)]
    counts = [
        sum(count_swaths(p, job.spacing, way) for a in areas for p in polygons(a)) for way in ways
    ]
    pick = int(np.argmin(counts))
    path: Driven | None = None
    for k in range(passes):
        grid = coverage_grid(job.space, job.spacing, k)
        way = ways[(pick + k) % 2]
        found = strokes(areas, job.transit, grid, job.spacing, way, LEAST * steering.radius, GOAL)
        start = job.pose if path is None else end_pose(path)
        more = _driven(found, steering, job.pose if start is None else start)
        path = more if path is None or len(path[0]) < 2 else chained(path, more)
    assert path is not None
    xy, kind, gear = path
    if only is not None:
        kind = np.where(kind == TRANSIT, TRANSIT, only).astype(np.int8)
    return xy, kind, gear


def chained(path: Driven, more: Driven, gap: int | None = None) -> Driven:
    """One path and then another that begins where it ends; or, with ``gap``, elsewhere: then the
    straight line between is of that kind.
    """
    skip = 0 if gap is not None else 1
    between = np.full(1 - skip, 0 if gap is None else gap, np.int8)
    xy = np.vstack((path[0], more[0][skip:]))
    kind = np.concatenate((path[1], between, more[1]))
    return xy, kind, np.concatenate((path[2], np.ones(len(between), np.int8), more[2]))


def end_pose(path: Driven) -> Floats | None:
    """(3,) the pose at the end of a path, None of one that is a place."""
    xy, _, gear = path
    if len(xy) < 2:
        return None
    step = (xy[-1] - xy[-2]) * gear[-1]
    return np.array([*xy[-1], math.atan2(step[1], step[0])])


def linked_to(path: Driven, job: Job) -> Driven | None:
    """The path with a transit to its beginning from where the machine is, None without a way."""
    xy, _, gear = path
    if job.start is None or math.dist(job.start, xy[0]) < CLOSE:
        return path
    step = (xy[1] - xy[0]) * gear[0]
    goal = np.array([*xy[0], math.atan2(step[1], step[0])])
    steering = Steering(job.transit, job.turning_radius)
    if job.yaw is None:
        track = _from_place(job.start, goal, steering)
    else:
        track = steering.link(np.append(job.start, job.yaw), goal)
    if track is None:
        return None
    way = np.vstack((job.start[None], track.xy))
    return chained((way, np.full(len(track.xy), TRANSIT, np.int8), track.gear), path)


def _driven(lines: list[Stroke], steering: Steering, start: Floats | None) -> Driven:
    """The line over the strokes in a good order, from the pose (3,) or place (2,) ``start``.

    Strokes that no link leads to are left out.
    """
    poses = _poses(lines)
    drive = _Drive(steering, start)
    steering.left = SEARCHES * len(lines) + 2000
    left = _ordered(poses, steering, start)
    for _ in range(2):  # what is out of reach from one place may be in reach from another
        failed = []
        for way in left:
            kind = EDGE if lines[way // 2].edge else SWATH
            if not drive.over(poses[[way, way ^ 1]], kind):
                failed.append(way)
        left = failed
    return drive.line()


class _Drive:
    """A path that grows stroke by stroke. ``joints``: (points so far, pose) at the ends of strokes,
    to which the machine can always back up on its own track.
    """

    def __init__(self, steering: Steering, start: Floats | None) -> None:
        self.steering = steering
        self.start = start
        self.xy: list[tuple[float, float]] = []
        self.kind: list[int] = []
        self.gear: list[int] = []
        self.joints: list[tuple[int, Floats]] = []
        if start is not None:
            self.xy = [(float(start[0]), float(start[1]))]
            if len(start) == 3:
                self.joints = [(1, start)]

    def over(self, ways: Floats, kind: int) -> bool:
        """Whether a stroke could be driven next; ``ways`` (2, 2, 3): entry and exit poses, and
        those of the other way.
        """
        found = self._first(ways)
        if found is None:
            return False
        track, (entry, leave) = found
        if self.xy:
            whole = np.vstack((self.xy[-1:], track.xy))
            far = float(np.hypot(*np.diff(whole, axis=0).T).sum())
            link = TURN if far <= LONGEST * self.steering.radius else TRANSIT
            self.kind += [link] * len(track.xy)
            self.gear += track.gear.tolist()
        self.xy += [(float(x), float(y)) for x, y in track.xy]
        self.joints.append((len(self.xy), entry))
        self.xy.append((float(leave[0]), float(leave[1])))
        self.kind.append(kind)
        self.gear.append(1)
        self.joints.append((len(self.xy), leave))
        return True

    def _first(self, ways: Floats) -> tuple[Track, Floats] | None:
        """The link to a stroke, and the way in which it is then driven; the cheap looks first."""
        if not self.joints:
            entry = ways[0, 0]
            track: Track | None = Track(entry[None, :2], np.ones(1, np.int8))
            if self.start is not None:
                track = _from_place(self.start, entry, self.steering)
            return None if track is None else (track, ways[0])
        here = self.joints[-1][1]
        for look in (self.steering.direct, self._backing_up):
            for way in ways:
                track = look(here, way[0])
                if track is not None:
                    return track, way
        track = self.steering.search(here, ways[0, 0])
        return None if track is None else (track, ways[0])

    def _backing_up(self, _: Floats, goal: Floats) -> Track | None:
        """The way to a pose from where the machine came along, back there on its own track."""
        here = len(self.xy)
        for count, pose in self.joints[-2 : -RETREATS - 2 : -1]:
            onward = self.steering.word(pose, goal)
            if onward is not None:
                back = np.array(self.xy[count - 1 : here - 1][::-1])
                gear = -np.array(self.gear[count - 1 : here - 1][::-1], np.int8)
                return Track(back, gear).then(onward)
        return None

    def line(self) -> Driven:
        """The path, or the one place where the machine fits."""
        if not self.xy:
            self.xy = [self.steering.transit.area.representative_point().coords[0]]
        return np.array(self.xy), np.array(self.kind, np.int8), np.array(self.gear, np.int8)


def _from_place(place: Floats, goal: Floats, steering: Steering) -> Track | None:
    """A link from a place, with any heading, to a pose."""
    for yaw in _headings(place, goal[:2], goal[2]):
        track = steering.link(np.array([*place, yaw]), goal)
        if track is not None:
            return track
    return None


def arrival(start: Floats, place: Floats, steering: Steering) -> Track | None:
    """A link from a pose (3,), or a place (2,), to a place, reached with any heading."""
    ahead = start[2] if len(start) == 3 else 0.0
    for yaw in _headings(start[:2], place, ahead):
        goal = np.array([*place, yaw])
        there = steering.link(start, goal) if len(start) == 3 else None
        if len(start) == 2:
            there = _from_place(start, goal, steering)
        if there is not None:
            return there
    return None


def _headings(a: Floats, b: Floats, other: float) -> list[float]:
    """Headings to try between two places: straight to it, another, and all round."""
    ahead = math.atan2(b[1] - a[1], b[0] - a[0]) if math.dist(a, b) > 1e-6 else other
    return [ahead, other, *(ahead + k * math.pi / 4 for k in range(1, 8))]


def _poses(lines: list[Stroke]) -> Floats:
    """(2 n, 2, 3) entry and exit poses: 2 i is stroke i as it is, 2 i + 1 the other way."""
    poses = []
    for stroke in lines:
        (ax, ay), (bx, by) = stroke.ends
        yaw = math.atan2(by - ay, bx - ax)
        poses.append([(ax, ay, yaw), (bx, by, yaw)])
        poses.append([(bx, by, yaw + math.pi), (ax, ay, yaw + math.pi)])
    return np.array(poses).reshape(-1, 2, 3)


def _ordered(poses: Floats, steering: Steering, start: Floats | None) -> list[int]:
    """The order of directed strokes (rows of ``poses``), each stroke one way."""
    n = len(poses) // 2
    if not n:
        return []
    cost = _costs(poses, steering)
    first = np.zeros(2 * n) if start is None else np.hypot(*(poses[:, 0, :2] - start[:2]).T)
    order = [int(np.argmin(first))]
    free = np.ones(2 * n, bool)
    free[[order[0], order[0] ^ 1]] = False
    while len(order) < n:
        here = order[-1]
        there = int(np.argmin(np.where(free, cost[here], np.inf)))
        order.append(there)
        free[[there, there ^ 1]] = False
    path = np.array(order)
    for _ in range(IMPROVEMENTS):
        better = _or_opt(_two_opt(path, cost, first), cost, first)
        if np.array_equal(better, path):
            break
        path = better
    return [int(index) for index in path]


def _costs(poses: Floats, steering: Steering) -> Floats:
    """(2 n, 2 n) metres from the end of one directed stroke to the beginning of another."""
    entry, leave = poses[:, 0], poses[:, 1]
    gap = np.hypot(*np.moveaxis(leave[:, None, :2] - entry[None, :, :2], -1, 0))
    cost: Floats = HIDDEN * gap + 4 * steering.radius
    near = cKDTree(entry[:, :2]).query(leave[:, :2], k=min(NEIGHBOURS, len(poses)))[1]
    a = np.repeat(np.arange(len(poses)), near.reshape(len(poses), -1).shape[1])
    b = near.ravel()
    other = a // 2 != b // 2
    a, b = a[other], b[other]
    lines = np.stack((leave[a, :2], entry[b, :2]), axis=1)
    clear = shapely.covers(steering.transit.near, shapely.linestrings(lines))
    price = steering.price(leave[a], entry[b])
    price[~clear] += (HIDDEN - 1) * gap[a[~clear], b[~clear]]
    cost[a, b] = price
    cost[b ^ 1, a ^ 1] = price  # the same way, driven backwards in time
    return cost


def _two_opt(path: Ints, cost: Floats, first: Floats) -> Ints:
    """The path with stretches turned round while that is shorter."""
    n = len(path)
    path = path.copy()
    for i in range(n - 1):
        head = path[i]
        into = first if i == 0 else cost[path[i - 1]]
        tails = path[i + 1 :]
        after = np.append(path[i + 2 :], -1)
        old = into[head] + np.where(after >= 0, cost[tails, after], 0.0)
        new = into[tails ^ 1] + np.where(after >= 0, cost[head ^ 1, after], 0.0)
        gain = old - new
        best = int(np.argmax(gain))
        if gain[best] > 1e-6:
            j = i + 1 + best
            path[i : j + 1] = path[i : j + 1][::-1] ^ 1
    return path


def _or_opt(path: Ints, cost: Floats, first: Floats) -> Ints:
    """The path with single strokes moved elsewhere while that is shorter."""
    n = len(path)
    if n < 3:
        return path
    for stroke in np.sort(path):
        at = int(np.flatnonzero(path == stroke)[0]) if stroke in path else -1
        if at < 0:
            continue
        rest = np.delete(path, at)
        into = np.concatenate(([first[rest[0]]], cost[rest[:-1], rest[1:]], [0.0]))
        now = _length(path, cost, first) - _length(rest, cost, first)
        extra = []
        for way in (stroke, stroke ^ 1):
            before = np.concatenate(([first[way]], cost[rest, way]))
            after = np.concatenate((cost[way, rest], [0.0]))
            extra.append(before + after - into)
        table = np.array(extra)
        way, place = np.unravel_index(int(np.argmin(table)), table.shape)
        if table[way, place] < now - 1e-6:
            path = np.insert(rest, place, stroke ^ int(way))
    return path


def _length(path: Ints, cost: Floats, first: Floats) -> float:
    return float(first[path[0]] + cost[path[:-1], path[1:]].sum())
