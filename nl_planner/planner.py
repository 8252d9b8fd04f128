"""The stages in order: a sentence in, paths out. No logic of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shapely.geometry import mapping

from nl_planner.coverage import CoveragePath, cover, drive_to
from nl_planner.errors import NoSpaceError, UnclearPlaceError
from nl_planner.grounding import Region, ground
from nl_planner.language import Dialogue, Interpreter, language_of
from nl_planner.language.dialogue import remembered
from nl_planner.models import DEFAULT_MODEL, LanguageModel, open_model
from nl_planner.site import SeenObject, Site, read_site
from nl_planner.task import Action, Status, Task, Understanding

if TYPE_CHECKING:
    from nl_planner.learning.journal import Journal
    from nl_planner.learning.pupil import Pupil

Pose = tuple[float, float, float]
Point = tuple[float, float]


@dataclass(frozen=True)
class Leg:
    """One task, where it is worked, and the path over it."""

    task: Task
    region: Region
    path: CoveragePath

    def to_json(self) -> dict[str, Any]:
        """The leg as the contract writes it."""
        return {
            "task": self.task.to_json(),
            "region": mapping(self.region.geometry),
            "objects": [seen.id for seen in self.region.objects],
            "notes": list(self.region.notes),
            **self.path.to_json(),
        }

    def summary(self) -> dict[str, Any]:
        """The leg in short, for the journal; m, m², s."""
        return {
            "region": self.region.frame,
            "area": round(self.region.geometry.area, 1),
            "length": round(self.path.length, 1),
            "coverage": round(self.path.coverage, 3),
            "duration": round(self.path.duration),
        }


@dataclass(frozen=True)
class Plan:
    """What is done about one instruction; ``legs`` is empty unless it is ready work."""

    text: str
    site: Site
    understanding: Understanding
    legs: tuple[Leg, ...] = ()
    robot: Pose | None = None
    operator: Point | None = None
    entry: int | None = None
    """Its number in the journal, for `Journal.outcome`; None without one."""

    def to_json(self) -> dict[str, Any]:
        """The understanding and its legs as the contract writes them."""
        return {**self.understanding.to_json(), "legs": [leg.to_json() for leg in self.legs]}

    def draw(self, out: str | Path) -> Path:
        """Write a PNG of the plan on its site; returns where it is."""
        from nl_planner.draw import draw_site

        draw_site(
            self.site,
            out,
            regions=[leg.region for leg in self.legs],
            paths=[leg.path for leg in self.legs],
            robot=self.robot,
            operator=self.operator,
            title=self.text,
        )
        return Path(out).absolute()


class Planner:
    """Understands instructions for one site and plans the work.

    ``journal``: where to write down what is said, and to learn from it; a `Journal`, its file or
    its URL, "" for the site's own file. Without one nothing is kept. ``adapter``: the folder of an
    adapter for weights on this machine, else the one that `nl-planner train` has put to use at this
    site, else that of the package.

    >>> planner = Planner("maps/riverside.site.yaml")                      # doctest: +SKIP
    >>> planner.plan("sweep in front of building 1").draw("plan.png")      # doctest: +SKIP
    """

    def __init__(
        self,
        site: str | Path | Site,
        model: str | LanguageModel = DEFAULT_MODEL,
        runtime: str | None = None,
        journal: Journal | str | Path | None = None,
        adapter: Path | None = None,
    ):
        self.site = site if isinstance(site, Site) else read_site(site)
        if isinstance(model, str):
            from nl_planner.learning.versions import Versions

            trained = adapter or Versions.of(self.site, model).current
            model = open_model(model, runtime, trained)
        self.model = model
        self._interpreter = Interpreter(self.site, self.model)
        self._dialogue = Dialogue(self._interpreter)
        self._pupil = self._open_pupil(journal) if journal is not None else None

    def _open_pupil(self, journal: Journal | str | Path) -> Pupil:
        from nl_planner.learning.journal import Journal
        from nl_planner.learning.pupil import Pupil

        if not isinstance(journal, Journal):
            journal = Journal.of(self.site, journal)
        return Pupil(journal, self._dialogue, self._interpreter)

    @property
    def entry(self) -> int | None:
        """The journal's number of the last instruction, None when it is in none."""
        return self._pupil.entry if self._pupil else None

    @property
    def note(self) -> str:
        """What the person should be told of what was just learned, or ""."""
        return self._pupil.note if self._pupil else ""

    @property
    def last(self) -> Task | None:
        """The task before, which "once more" means."""
        return self._dialogue.last

    def see(self, objects: Iterable[SeenObject]) -> None:
        """From now on these things lie on the site, such as `ObjectMemory.seen` gives them."""
        self.site = self._interpreter.site = self.site.with_objects(objects)

    def forget(self) -> None:
        """Forget what was said before, and the question that is open; the journal keeps it."""
        self._dialogue.forget()
        if self._pupil:
            self._pupil.forget()

    def understand(
        self,
        text: str,
        *,
        robot: Pose | None = None,
        operator: Point | None = None,
        who: str | None = None,
    ) -> Understanding:
        """What the text means after what was said before; see `Dialogue.hear`.

        ``who`` says it, as the journal shall have it.
        """
        self._dialogue.robot, self._dialogue.operator = robot, operator
        return self._pupil.hear(text, who) if self._pupil else self._dialogue.hear(text)

    def plan(
        self,
        text: str,
        *,
        robot: Pose | None = None,
        operator: Point | None = None,
        who: str | None = None,
    ) -> Plan:
        """Understand the text and, when it is ready work, plan a path for each task.

        ``robot`` is (x, y, yaw), ``operator`` (x, y), in the site's frame; ``who`` says it.

        Raises:
            InstructionError, ModelError: as `understand`.
            NoSpaceError: a task's place has no room for the robot, or no way to it.
        """
        earlier = self.last
        understood = self.understand(text, robot=robot, operator=operator, who=who)
        try:
            plan = self._planned(text, understood, earlier, robot, operator)
        except NoSpaceError as error:
            if self._pupil:
                self._pupil.failed(str(error))
            raise
        if self._pupil and plan.understanding is not understood:
            self._pupil.replied(plan.understanding)
        elif self._pupil and plan.legs:
            self._pupil.planned([leg.summary() for leg in plan.legs])
        return replace(plan, entry=self.entry)

    def _planned(
        self,
        text: str,
        understood: Understanding,
        earlier: Task | None,
        robot: Pose | None,
        operator: Point | None,
    ) -> Plan:
        """The plan for what was understood when ``earlier`` was the task before."""
        before = earlier
        legs: list[Leg] = []
        start = robot[:2] if robot else None
        language = language_of(text)
        if understood.status is Status.READY:
            for task in understood.tasks:
                try:
                    region = ground(
                        task,
                        self.site,
                        robot=robot,
                        operator=operator,
                        last=before.place if before else None,
                        language=language,
                    )
                except UnclearPlaceError as unclear:
                    self._dialogue.last = earlier
                    asked = Understanding(
                        intent=understood.intent, status=Status.ASK, question=str(unclear)
                    )
                    return Plan(text, self.site, asked, (), robot, operator)
                leg = Leg(task, region, self._path(task, region, start))
                start = (float(leg.path.poses[-1, 0]), float(leg.path.poses[-1, 1]))
                legs.append(leg)
                before = remembered(task, before)
        return Plan(text, self.site, understood, tuple(legs), robot, operator)

    def _path(self, task: Task, region: Region, start: Point | None) -> CoveragePath:
        machine = self.site.robot
        if task.action is Action.GO_TO:
            return drive_to(
                region.geometry,
                self.site.free_space,
                radius=machine.radius,
                start=start,
                max_speed=machine.max_speed,
            )
        return cover(
            region.geometry,
            self.site.free_space,
            radius=machine.radius,
            tool_width=machine.tool_width,
            start=start,
            passes=task.passes,
            spots=[(*seen.at, seen.radius) for seen in region.objects],
            max_speed=machine.max_speed,
        )
