"""One leg of a job while it is driven: how far it is, what was passed over, what is clean."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPolygon
from shapely.geometry.base import BaseGeometry

from nl_planner.coverage import progress, remaining
from nl_planner.execution.cleaned import Cleaned
from nl_planner.execution.driver import Pose
from nl_planner.execution.stretches import Stretch, continued, section, stretches
from nl_planner.planner import Leg
from nl_planner.site import Site
from nl_planner.site.free_space import polygons
from nl_planner.task import Action

SHORTCUT = 1.5
"""A robot cuts corners: for each metre driven it may get so many along its path."""
SLACK = 0.1  # m
ASIDE = 0.05
"""m that a path may leave the free space as the map shows it before it is planned again."""
NEAR = 0.3
"""m beside its path at which a robot is taken to be on it."""

Floats = NDArray[np.float64]
Span = tuple[float, float]
"""Metres of the path, from and to."""


class LegWork:
    """The state of one leg.

    ``done``: metres of the path that lie behind the robot. ``skipped``: spans that were passed over
    because something was in the way, ``left`` those where it still was at the end. ``path`` is
    replaced when the rest is planned again; what was driven stays its beginning.
    """

    def __init__(
        self,
        leg: Leg,
        tool_width: float,
        done: float = 0.0,
        skipped: Sequence[Span] = (),
        clean: bytes = b"",
    ) -> None:
        self.leg = leg
        self.path = leg.path
        self.done = done
        self.skipped = list(skipped)
        self.left: list[Span] = []
        self.tool_width = tool_width
        self.cleaned = Cleaned(leg.region.geometry, tool_width).plan(self.path)
        if clean:
            self.cleaned.load(clean)
        self._since = 0.0  # metres driven since ``done`` last grew
        self._at: Pose | None = None

    @property
    def drives_only(self) -> bool:
        """Nothing is cleaned on this leg."""
        return self.leg.task.action is Action.GO_TO

    @property
    def share(self) -> float:
        """0..1 of the way."""
        return min(1.0, self.done / self.path.length) if self.path.length > 0 else 1.0

    @property
    def covered(self) -> float:
        """0..1 of the place that is clean."""
        return self.path.coverage * self.cleaned.share

    @property
    def time_left(self) -> float:
        """s, as the path was planned."""
        return self.path.duration * (1 - self.share)

    def next(self) -> Stretch | None:
        """What is to be driven now; None at the end of the path."""
        for stretch in stretches(self.path):
            if stretch.stop > self.done + 1e-3:
                return Stretch(max(stretch.start, self.done), stretch.stop, stretch.tool_on)
        return None

    def start_drive(self, at: Pose | None) -> None:
        """A drive along the path begins."""
        self._since, self._at = 0.0, at

    def moved(self, at: Pose, stop: float) -> None:
        """The robot, with its tool on, has come here on its way to metre ``stop`` of the path."""
        before = self._at or at
        self.cleaned.mark(np.array([before[:2], at[:2]]))
        self._since += math.dist(before[:2], at[:2])
        self._at = at
        reach = min(SHORTCUT * self._since + SLACK, stop - self.done)
        now = progress(self.path, at[:2], self.done, reach)
        if now > self.done + 1e-6:
            self.done, self._since = now, 0.0

    def skip(self, stop: float) -> None:
        """Something is in the way up to metre ``stop``: go on behind it, come back later."""
        if self.skipped and self.skipped[-1][1] >= self.done - 1e-6:
            self.skipped[-1] = (self.skipped[-1][0], stop)
        else:
            self.skipped.append((self.done, stop))
        self.done = stop

    def caught_up(self, at: Pose | None) -> None:
        """A robot that went on while nobody looked is further along its stretch; that counts."""
        stretch = self.next()
        if at is None or stretch is None or not stretch.tool_on:
            return
        track = section(self.path, stretch.start, stretch.stop)
        line = LineString(track[:, :2])
        here = shapely.points(at[:2])
        if line.distance(here) > NEAR:
            return
        now = self.done + float(line.project(here))
        if now > self.done + 0.05:
            self.cleaned.mark(section(self.path, self.done, now)[:, :2])
            self.done = now

    def fits(self, site: Site) -> bool:
        """Whether the rest of the path lies where the robot may be."""
        if self.path.length - self.done < 1e-3:
            return True
        rest = LineString(section(self.path, self.done, self.path.length)[:, :2])
        room = site.drivable.buffer(ASIDE)
        shapely.prepare(room)
        return bool(room.covers(rest))

    def plan_again(self, site: Site, at: Pose | None) -> None:
        """Lead the rest of the path around what is new on the site.

        Raises:
            NoSpaceError: nothing of the place can be reached any more.
        """
        if self.drives_only:
            from nl_planner.coverage import drive_to

            rest = drive_to(
                self.leg.region.geometry,
                site.free_space,
                radius=site.robot.radius,
                start=at[:2] if at else None,
                max_speed=site.robot.max_speed,
            )
        else:
            rest = remaining(
                self.path,
                self.done,
                self.leg.region.geometry,
                site.free_space,
                radius=site.robot.radius,
                tool_width=site.robot.tool_width,
                start=at[:2] if at else None,
                passes=self.leg.task.passes,
                max_speed=site.robot.max_speed,
            )
        self.path = continued(self.path, self.done, rest)
        self.cleaned.plan(self.path)

    def clean_ground(self) -> BaseGeometry:
        """What was driven over with the tool on, as an area (m)."""
        lines = []
        for stretch in stretches(self.path):
            stop = min(stretch.stop, self.done)
            if not stretch.tool_on or stop - stretch.start < 1e-3:
                continue
            spans = [(stretch.start, stop)]
            for skipped in (*self.skipped, *self.left):
                spans = [part for span in spans for part in without(span, skipped)]
            lines += [LineString(section(self.path, *span)[:, :2]) for span in spans]
        area = shapely.union_all([line.buffer(self.tool_width / 2) for line in lines])
        return polygons(area) if lines else MultiPolygon()


def without(span: Span, other: Span) -> list[Span]:
    """What remains of a span when another is taken out."""
    parts = [(span[0], min(span[1], other[0])), (max(span[0], other[1]), span[1])]
    return [(a, b) for a, b in parts if b - a > 1e-3]
