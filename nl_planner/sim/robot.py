"""The simulated robot: one order at a time, moved on in steps of time."""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from nl_planner.errors import NoSpaceError
from nl_planner.sim.cleaned import CleanedGround
from nl_planner.sim.ground import Ground
from nl_planner.sim.pursuit import PathFollower
from nl_planner.sim.wheels import Limits, Pose, Wheels
from nl_planner.site import SeenObject, Site

PATIENCE = 1.0  # s in front of something before an order is given up
PROGRESS = (0.5, 0.5, 10.0)
"""Metres, or radians, that it must get on within s; as Nav2's PoseProgressChecker."""
DETOURS = 3
"""New ways that are tried on the way to a pose."""
SIGHT = 4.0  # m
FAR_FROM_PATH = 3.0  # m
MARGIN = 0.05  # m in front of something, where it stops


class End(StrEnum):
    """How an order ended; in all cases the robot stands, or brakes."""

    ARRIVED = "arrived"
    HALTED = "halted"
    BLOCKED = "blocked"  # something is in the way
    STUCK = "stuck"  # the wheels turn and nothing moves
    NO_WAY = "no way"  # to the pose
    FAR_AWAY = "far away"  # from the path


class SimulatedRobot:
    """A differential-drive cleaner on a site; lengths in m, times in s, the site's frame.

    ``things`` lie there until the tool, which turns when it follows a path, goes over them.
    ``slip`` (0..1) is the share of motion that the wheels lose. ``detours``: new ways of an order.
    """

    def __init__(self, site: Site, pose: Pose, things: Iterable[SeenObject] | None = None) -> None:
        machine = site.robot
        self.site = site
        self.limits = Limits(speed=machine.max_speed)
        self.ground = Ground(site)
        self.wheels = Wheels(pose, self.limits)
        self.cleaned = CleanedGround(site.free_space, machine.tool_width)
        self.things = list(site.objects if things is None else things)
        self.slip = 0.0
        self.tool_on = False
        self.detours = 0
        self._follower: PathFollower | None = None
        self._goal: Pose | None = None
        self._waited = 0.0
        self._progress: tuple[Pose, float] = (pose, 0.0)  # where it got on, and s since then

    @property
    def pose(self) -> Pose:
        """Where it really is."""
        return self.wheels.pose

    @property
    def left(self) -> float:
        """Metres to the end of the order, 0 without one."""
        return self._follower.left if self._follower else 0.0

    def place(self, pose: Pose) -> None:
        """Put it somewhere else, as by hand; the wheels tell nothing of it."""
        self.halt()
        self.wheels.stop()
        self.wheels.pose = pose

    def follow(self, poses: NDArray[np.float64]) -> End | None:
        """Drive along poses (N, 3), the tool on; what can't begin gives its end at once."""
        self.halt()
        away = np.hypot(*(poses[:, :2] - np.array(self.pose[:2])).T).min()
        if away > FAR_FROM_PATH:
            return End.FAR_AWAY
        self._begin(PathFollower(poses, self.limits), tool_on=True)
        return None

    def go_to(self, pose: Pose) -> End | None:
        """Drive to a pose, the tool off; what can't begin gives its end at once."""
        self.halt()
        self._goal, self.detours = pose, 0
        return self._set_out()

    def halt(self) -> None:
        """Brake, and forget the order."""
        self._follower = self._goal = None
        self.tool_on = False

    def step(self, dt: float) -> End | None:
        """Let ``dt`` (at most some 0.05 s) pass; the end of the order when it ends in it."""
        follower, wheels = self._follower, self.wheels
        speed, turn_rate = follower.command(self.pose, wheels.speed) if follower else (0.0, 0.0)
        if follower and speed and not self._clear_ahead(follower):
            speed = 0.0
            self._waited += dt
        elif wheels.speed > 0:
            self._waited = 0.0
        wheels.turn(speed, turn_rate, dt)
        self._move(dt)
        if follower is None:
            return None
        if follower.arrived:
            return self._over(End.ARRIVED)
        if self._waited > PATIENCE:
            return self._blocked()
        return self._over(End.STUCK) if self._stuck(dt) else None

    def seen(self) -> list[SeenObject]:
        """The things in sight."""
        x, y, _ = self.pose
        return [
            thing
            for thing in self.things
            if math.dist(thing.at, (x, y)) <= SIGHT and self.ground.sees(x, y, *thing.at)
        ]

    def _begin(self, follower: PathFollower, *, tool_on: bool) -> None:
        self._follower, self.tool_on = follower, tool_on
        self._waited = 0.0
        self._progress = (self.pose, 0.0)

    def _over(self, end: End) -> End:
        self.halt()
        return end

    def _set_out(self) -> End | None:
        assert self._goal is not None
        x, y, yaw = self._goal
        try:
            way = self.ground.way(self.pose[:2], (x, y))
        except NoSpaceError:
            return self._over(End.NO_WAY)
        poses = np.column_stack((way, np.full(len(way), yaw)))
        self._begin(PathFollower(poses, self.limits), tool_on=False)
        return None

    def _blocked(self) -> End | None:
        if self._goal is None or self.detours == DETOURS:
            return self._over(End.BLOCKED)
        self.detours += 1
        return self._set_out()

    def _clear_ahead(self, follower: PathFollower) -> bool:
        """Whether there is room on the path for what it takes to stop."""
        reach = self.wheels.speed**2 / (2 * self.limits.braking)
        return self.ground.fits(*follower.ahead(reach + MARGIN))

    def _move(self, dt: float) -> None:
        before = self.pose
        x, y, _ = self.wheels.ahead(dt, self.slip)
        if self.ground.fits(x, y) or not self.ground.fits(*before[:2]):
            self.wheels.move(dt, self.slip)
        else:
            self.wheels.stop()
        if self.tool_on and self.pose[:2] != before[:2]:
            self._clean(before[:2], self.pose[:2])

    def _clean(self, a: tuple[float, float], b: tuple[float, float]) -> None:
        self.cleaned.sweep(a, b)
        near = self.site.robot.tool_width / 2
        self.things = [thing for thing in self.things if math.dist(thing.at, b) > near]

    def _stuck(self, dt: float) -> bool:
        """Whether the wheels turn for nothing."""
        before, waited = self._progress
        metres, radians, patience = PROGRESS
        turned = abs(math.remainder(self.pose[2] - before[2], math.tau))
        if math.dist(before[:2], self.pose[:2]) >= metres or turned >= radians:
            before, waited = self.pose, 0.0
        self._progress = (before, waited + dt)
        return waited + dt > patience
