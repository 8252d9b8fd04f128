"""One instruction's work: its legs driven one after the other, with what gets in between."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

import numpy as np
from numpy.typing import NDArray

from nl_planner.errors import NoSpaceError
from nl_planner.execution.driver import Drive, Driver, End, Pose
from nl_planner.execution.leg_work import LegWork, Span
from nl_planner.execution.replies import say
from nl_planner.execution.report import LeftOut, Outcome, Report
from nl_planner.execution.stage import NEXT, Stage
from nl_planner.execution.stretches import Stretch, reversed_, section
from nl_planner.site import Site
from nl_planner.task import Task, Understanding

BESIDE = 0.5
"""m beside its path from which the robot is first led back to it."""
SHORT = 0.5
"""m that may be missing when navigation says that it has arrived."""
GIVE_UP = 5
"""So often in a row, without a metre of work between, the robot finds everything blocked."""
SAVE = 0.5
"""m after which progress is written down."""
TELL = 0.5
"""s between two reports of progress."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Order:
    """What was asked for: the words, what they mean, and what is needed to find the place.

    ``before``: the task before, which the tasks may refer to. ``language``: "zh" or "en".
    ``entry``: its number in the journal, None when it is in none.
    """

    text: str
    language: str
    understanding: Understanding
    operator: tuple[float, float] | None = None
    before: Task | None = None
    entry: int | None = None

    @property
    def tasks(self) -> tuple[Task, ...]:
        """What is to be done."""
        return self.understanding.tasks


class _LeftError(Exception):
    """The job leaves off; carries its stage."""

    def __init__(self, stage: Stage, end: End | None = None, detail: str = "") -> None:
        self.stage, self.end, self.detail = stage, end, detail


class Job:
    """The state machine of one order (see `Stage`).

    `run` drives until the job has ended or is to pause; after a pause it may be run again and goes
    on where it was. Other threads call `pause` and `cancel`, which take effect at once, and
    `look_again`. ``stage``, ``works`` and ``at_leg`` may be read at any time.

    A swath in whose way something stands is passed over. When the rest is done the job comes back
    to it, first from where it was blocked, then from the other end; what is then still not clean is
    reported. When `GIVE_UP` drives in a row get nowhere, the rest is left out.
    """

    def __init__(self, order: Order, number: int = 0, stage: Stage = Stage.WAITING) -> None:
        self.order = order
        self.number = number
        self.stage = stage
        self.works: list[LegWork] = []
        self.at_leg = 0
        self.left_out: list[LeftOut] = []
        self.seconds = 0.0
        self.detail = ""  # what navigation said last
        self.changed: Callable[[Job], None] = lambda job: None
        self.save: Callable[[Job], None] = lambda job: None
        self.replanned: Callable[[Job], None] = lambda job: None
        self.spares: Job | None = None  # what this one has cleaned is not cleaned again
        self._halt = Event()
        self._leave: Stage | None = None
        self._new_site: Site | None = None
        self._tried = 0  # drives in a row that got nowhere
        self._told = self._saved = -math.inf

    # ---- from other threads

    def pause(self) -> None:
        """Stop where you are; `run` returns."""
        self._leave = self._leave or Stage.PAUSED
        self._halt.set()

    def cancel(self) -> None:
        """Stop for good; `run` returns."""
        self._leave = Stage.CANCELLED
        self._halt.set()

    def look_again(self, site: Site) -> None:
        """The map has changed; the rest is planned again where it no longer fits."""
        self._new_site = site
        self._halt.set()

    # ---- what is known of it

    @property
    def called_off(self) -> bool:
        """`cancel` was called."""
        return self._leave is Stage.CANCELLED

    @property
    def work(self) -> LegWork | None:
        """The leg at hand, None before it is planned."""
        return self.works[self.at_leg] if self.at_leg < len(self.works) else None

    @property
    def progress(self) -> float:
        """0..1 of the way."""
        length = sum(work.path.length for work in self.works)
        done = sum(work.done for work in self.works)
        if self.stage is Stage.DONE:
            return 1.0
        return min(1.0, done / length) if length > 0 else 0.0

    @property
    def covered(self) -> float:
        """0..1 of all places that are clean; of driving alone, of the way."""
        cleaning = [work for work in self.works if not work.drives_only]
        if not cleaning:
            return self.progress
        size = [work.leg.region.geometry.area for work in cleaning]
        share = [work.covered for work in cleaning]
        return float(np.average(share, weights=size))

    @property
    def covered_area(self) -> float:
        """m² that are clean."""
        return sum(work.cleaned.area for work in self.works if not work.drives_only)

    @property
    def time_left(self) -> float:
        """s, as planned."""
        return sum(work.time_left for work in self.works[self.at_leg :])

    @property
    def path(self) -> Floats:
        """(N, 3) poses of all legs together."""
        paths = [work.path.poses for work in self.works]
        return np.vstack(paths) if paths else np.zeros((0, 3))

    def again(self) -> Job:
        """A paused job that goes on where this one, which has ended, left off."""
        other = Job(self.order, self.number, Stage.PAUSED)
        other.works, other.at_leg, other.seconds = self.works, self.at_leg, self.seconds
        other.left_out = self.left_out
        return other

    def enter(self, stage: Stage) -> None:
        """Go into a stage that may follow this one."""
        if stage is self.stage:
            return
        assert stage in NEXT[self.stage], f"{stage} cannot follow {self.stage}"
        self.stage = stage
        self._told = -math.inf
        self._tell()

    # ---- driving

    def run(self, driver: Driver, site: Site) -> Report | None:
        """Drive until the job has ended; None when it was paused."""
        began = driver.seconds()
        try:
            for place in range(self.at_leg, len(self.works)):
                self.at_leg = place
                self._leg(self.works[place], driver, site)
            self.enter(Stage.BLOCKED if self.left_out else Stage.DONE)
        except _LeftError as left:
            self.detail = left.detail
            self.enter(left.stage)
            self.seconds += driver.seconds() - began
            if left.stage is Stage.PAUSED:
                if self._leave is Stage.PAUSED:
                    self._leave = None
                self.save(self)
                return None
            return self.report(left.end)
        self.seconds += driver.seconds() - began
        return self.report()

    def report(self, end: End | None = None) -> Report:
        """What has become of the job; ``end``: the trouble that ended it."""
        language = self.order.language
        outcome = {
            Stage.DONE: Outcome.DONE,
            Stage.BLOCKED: Outcome.BLOCKED,
            Stage.FAILED: Outcome.FAILED,
        }.get(self.stage, Outcome.CANCELLED)
        numbers = {
            "share": f"{self.covered:.0%}",
            "area": f"{self.covered_area:.0f}",
            "time": duration_words(self.seconds, language),
            "count": str(len(self.left_out)),
            "left": f"{sum(left.area for left in self.left_out):.1f}",
        }
        driving = bool(self.works) and all(work.drives_only for work in self.works)
        if self.stage is Stage.FAILED and end is not None:
            reply = say(end.value, language, **numbers)
        elif driving and self.stage in (Stage.DONE, Stage.BLOCKED):
            reply = say("there" if self.stage is Stage.DONE else "no_way", language)
        elif self.stage in (Stage.DONE, Stage.BLOCKED):
            reply = say(self.stage.value, language, **numbers)
        else:
            reply = say("cancelled" if self.works else "dropped", language, **numbers)
        return Report(
            outcome,
            reply,
            self.order.understanding,
            self.covered if self.works else 0.0,
            self.covered_area,
            self.seconds,
            self.path,
            tuple(self.left_out),
        )

    def _leg(self, work: LegWork, driver: Driver, site: Site) -> None:
        """All of one leg."""
        self._tried = 0
        while True:
            site = self._obey(work, driver, site)
            stretch = work.next()
            if stretch is None:
                break
            if self._tried >= GIVE_UP:
                work.skip(work.path.length)
            elif not self._drive(work, stretch, driver):
                self._tried += 1
                work.skip(stretch.stop)
            self.save(self)
        while work.skipped:
            self._come_back(work, work.skipped[0], driver, site)
            work.skipped.pop(0)
        if work.drives_only and self._tried:
            x, y = (float(v) for v in work.path.poses[-1, :2])
            self.left_out.append(LeftOut((x, y), 0.0, say("no_way", self.order.language)))
        self.save(self)

    def _obey(self, work: LegWork, driver: Driver, site: Site) -> Site:
        """Do what another thread has asked for; the site as it is now."""
        self._halt.clear()
        if self._leave is not None:
            raise _LeftError(self._leave)
        if self._new_site is not None:
            site, self._new_site = self._new_site, None
            if not work.fits(site):
                try:
                    work.plan_again(site, driver.position())
                except NoSpaceError:
                    work.skip(work.path.length)
                self.replanned(self)
                self.changed(self)
        return site

    def _drive(self, work: LegWork, stretch: Stretch, driver: Driver) -> bool:
        """One stretch; False when something is in the way. True too when it was broken off."""
        goal = section(work.path, stretch.start, stretch.stop)
        if not stretch.tool_on:
            self.enter(Stage.APPROACHING)
            drive = driver.go_to(_pose(goal[-1]), self._under_way, self._halt)
            if drive.end is End.ARRIVED:
                work.done = stretch.stop
            return self._went_on(drive)
        if not self._at(goal[0], driver):
            self.enter(Stage.APPROACHING)
            drive = driver.go_to(_pose(goal[0]), self._under_way, self._halt)
            if drive.end is not End.ARRIVED:
                return self._went_on(drive)
        self.enter(Stage.WORKING)
        before = work.done
        drive = self._follow(work, goal, stretch.stop, driver)
        if work.done - before > 0.5:
            self._tried = 0
        if drive.end is End.ARRIVED and stretch.stop - work.done > SHORT:
            return work.done - before > SHORT  # it says so, and is not there: on from here
        if drive.end is End.ARRIVED:
            self._arrived(work, stretch.stop, driver)
        return self._went_on(drive)

    def _arrived(self, work: LegWork, stop: float, driver: Driver) -> None:
        """At the end of a stretch, which may be a little short of its last pose."""
        at = driver.position()
        if at is not None:
            work.moved(at, stop)
        work.done = stop

    def _follow(self, work: LegWork, goal: Floats, stop: float, driver: Driver) -> Drive:
        work.start_drive(driver.position())

        def moved(at: Pose) -> None:
            work.moved(at, stop)
            self._under_way(at)

        return driver.follow(goal, moved, self._halt)

    def _come_back(self, work: LegWork, span: Span, driver: Driver, site: Site) -> None:
        """Once more to what was passed over: from its start, then from its end."""
        done = work.done
        for way in (section(work.path, *span), reversed_(section(work.path, *span))):
            if work.cleaned.missed_along(way[:, :2]) < 0.02 * work.tool_width**2:
                break
            if self._tried >= GIVE_UP:
                break
            self._sweep_again(work, way, driver, site)
        work.done = done
        area = work.cleaned.missed_along(section(work.path, *span)[:, :2])
        if area > 0.1 * work.tool_width**2:
            middle = section(work.path, span[0], (span[0] + span[1]) / 2)[-1]
            language = self.order.language
            x, y = float(middle[0]), float(middle[1])
            why = say("in_the_way", language, x=f"{x:.1f}", y=f"{y:.1f}", area=f"{area:.1f}")
            self.left_out.append(LeftOut((x, y), area, why))
            work.left.append(span)

    def _sweep_again(self, work: LegWork, way: Floats, driver: Driver, site: Site) -> None:
        """Along poses that were passed over, until something is in the way again."""
        while True:
            self._obey(work, driver, site)
            self.enter(Stage.APPROACHING)
            drive = driver.go_to(_pose(way[0]), self._under_way, self._halt)
            if drive.end is End.STOPPED:
                continue
            if not self._went_on(drive):
                self._tried += 1
                return
            self.enter(Stage.WORKING)
            last: list[Pose] = []

            def moved(at: Pose, last: list[Pose] = last) -> None:
                work.cleaned.mark(np.array([(last or [at])[-1][:2], at[:2]]))
                last[:] = [at]
                self._under_way(at)

            drive = driver.follow(way, moved, self._halt)
            if drive.end is End.STOPPED:
                continue
            if self._went_on(drive):
                self._tried = 0
            return

    def _went_on(self, drive: Drive) -> bool:
        """False when something was in the way; raises when it cannot go on at all."""
        self.detail = drive.detail
        if drive.end in (End.ARRIVED, End.STOPPED):
            return True
        if drive.end is End.BLOCKED:
            return False
        raise _LeftError(Stage.FAILED, drive.end, drive.detail)

    def _at(self, pose: Floats, driver: Driver) -> bool:
        at = driver.position()
        if at is None:
            raise _LeftError(Stage.FAILED, End.LOST)
        return math.dist(at[:2], pose[:2]) <= BESIDE

    def _under_way(self, at: Pose) -> None:
        done = sum(work.done for work in self.works)
        if done - self._saved >= SAVE:
            self._saved = done
            self.save(self)
        self._tell()

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._told >= TELL:
            self._told = now
            self.changed(self)


def duration_words(seconds: float, language: str) -> str:
    """A span of time as people say it."""
    minutes, rest = divmod(round(seconds), 60)
    if language == "zh":
        return f"{minutes} 分 {rest} 秒" if minutes else f"{rest} 秒"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _pose(row: Floats) -> Pose:
    return (float(row[0]), float(row[1]), float(row[2]))
