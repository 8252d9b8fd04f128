"""From an order to the legs of its job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import shapely
from shapely.geometry import MultiPolygon, Point

from nl_planner.coverage import drive_to
from nl_planner.errors import NoSpaceError, UnclearPlaceError
from nl_planner.execution.driver import End, Pose
from nl_planner.execution.job import Job, Order, duration_words
from nl_planner.execution.leg_work import LegWork
from nl_planner.execution.replies import say
from nl_planner.execution.report import Outcome, Report
from nl_planner.execution.stage import Stage
from nl_planner.grounding import Region
from nl_planner.language.replies import action_name, listed, task_words
from nl_planner.planner import Leg, Planner
from nl_planner.site import Site
from nl_planner.site.free_space import polygons
from nl_planner.task import Action, Intent, Task

OFF_THE_MAP = 0.5
"""m that the robot may be beside where it can drive, as the map has it."""


class PlanJob:
    """Plans jobs for one site."""

    def __init__(self, planner: Planner, dock: Pose | None = None) -> None:
        self._planner, self._dock = planner, dock

    def plan(self, job: Job, robot: Pose | None) -> Report | None:
        """Give the job its legs; a report when there is nothing to drive."""
        job.enter(Stage.PLANNING)
        language = job.order.language
        spared = job.spares.works if job.spares else ()
        if robot is None:
            job.enter(Stage.FAILED)
            return job.report(End.LOST)
        if self._planner.site.drivable.distance(Point(robot[:2])) > OFF_THE_MAP:
            return self._failed(
                job, say("off_the_map", language, x=f"{robot[0]:.1f}", y=f"{robot[1]:.1f}")
            )
        try:
            legs = self._legs(job.order, robot)
            lefts = [self._left_of(leg, spared, robot, language) for leg in legs]
            job.works = [left for left in lefts if left]
        except UnclearPlaceError as unclear:
            job.enter(Stage.CANCELLED)
            return Report(Outcome.ASKED, str(unclear), job.order.understanding)
        except NoSpaceError as error:
            return self._failed(job, str(error))
        if not job.works:
            job.enter(Stage.DONE)
            reply = say("clean_already", language)
            return Report(Outcome.DONE, reply, job.order.understanding, covered=1.0)
        return None

    def only(self, order: Order, robot: Pose | None) -> tuple[str, Job]:
        """What would be driven, in a sentence and as a job that is not driven.

        Raises:
            UnclearPlaceError, NoSpaceError: as ``Planner.legs``.
        """
        job = Job(order)
        legs = self._legs(order, robot)
        job.works = [LegWork(leg, self._planner.site.robot.tool_width) for leg in legs]
        reply = say(
            "planned",
            order.language,
            task=listed(task_list(order, self._planner.site), order.language),
            length=f"{sum(leg.path.length for leg in legs):.0f}",
            time=duration_words(sum(leg.path.duration for leg in legs), order.language),
        )
        return reply, job

    def _legs(self, order: Order, robot: Pose | None) -> list[Leg]:
        if order.understanding.intent is Intent.DOCK:
            try:
                return [self._to_dock(robot)]
            except NoSpaceError as error:
                raise NoSpaceError(say("no_way_to_dock", order.language)) from error
        return list(
            self._planner.legs(
                order.tasks,
                robot=robot,
                operator=order.operator,
                before=order.before,
                language=order.language,
            )
        )

    def _to_dock(self, robot: Pose | None) -> Leg:
        assert self._dock is not None
        site = self._planner.site
        machine = site.robot
        place = MultiPolygon([Point(self._dock[:2]).buffer(machine.radius)])
        path = drive_to(
            place,
            site.free_space,
            radius=machine.radius,
            start=robot[:2] if robot else None,
            max_speed=machine.max_speed,
        )
        poses = path.poses.copy()
        poses[-1] = self._dock
        return Leg(Task(action=Action.GO_TO), Region(place), replace(path, poses=poses))

    def _left_of(
        self, leg: Leg, spared: Sequence[LegWork], robot: Pose, language: str
    ) -> LegWork | None:
        """What is left of a leg: it goes on with work of the same kind on the same place, and
        leaves out what such work elsewhere has cleaned. None when that is all of it.
        """
        width = self._planner.site.robot.tool_width
        same = [
            work
            for work in spared
            if work.leg.task.action is leg.task.action
            and work.leg.task.passes == leg.task.passes == 1
            and work.leg.task.object == leg.task.object
        ]
        ground = leg.region.geometry
        for work in same:
            if work.leg.region.geometry.symmetric_difference(ground).area < width**2:
                return work
        if leg.task.object is not None or not any(work.done for work in same):
            return LegWork(leg, width)
        left = ground.difference(shapely.union_all([work.clean_ground() for work in same]))
        left = polygons(left.buffer(-width / 4).buffer(width / 4).intersection(left))
        if left.area < width**2:
            return None
        region = replace(leg.region, geometry=left)
        path = self._planner.path(leg.task, region, robot, language)
        return LegWork(Leg(leg.task, region, path), width)

    def _failed(self, job: Job, reply: str) -> Report:
        job.enter(Stage.FAILED)
        return Report(Outcome.FAILED, reply, job.order.understanding)


def task_list(order: Order, site: Site, language: str = "") -> list[str]:
    """The tasks of an order in words."""
    language = language or order.language
    if not order.tasks:
        return [action_name(Action.GO_TO, language)]
    return [task_words(task, site, language) for task in order.tasks]
