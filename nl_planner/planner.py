"""The stages in order: a sentence in, paths out. No logic of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shapely.geometry import mapping

from nl_planner.coverage import CoveragePath, cover, drive_to
from nl_planner.errors import ModelError, NoSpaceError, UnclearPlaceError
from nl_planner.grounding import Region, ground
from nl_planner.grounding.words import Words
from nl_planner.language import Dialogue, Interpreter, language_of
from nl_planner.language.dialogue import remembered
from nl_planner.language.replies import say
from nl_planner.models import DEFAULT_MODEL, LanguageModel, open_model
from nl_planner.site import SeenObject, Site, read_site
from nl_planner.site.live_map import with_map
from nl_planner.site.occupancy import OccupancyMap
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
        self._charted = self.site  # as the file says
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

    def map(self, grid: OccupancyMap) -> bool:
        """From now on the map shows this; whether that changes where the robot can drive."""
        site = with_map(self._charted, grid)
        old, new = self.site.mapped, site.mapped
        if old is new or (old is not None and new is not None and old.equals(new)):
            return False
        self.site = self._interpreter.site = site.with_objects(self.site.objects)
        return True

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
        doubted: bool = False,
    ) -> Understanding:
        """What the text means after what was said before; see `Dialogue.hear`.

        ``who`` says it, as the journal shall have it. ``doubted``: it may have been misheard.
        """
        self._dialogue.robot, self._dialogue.operator = robot, operator
        with _in_language_of(text):
            if self._pupil:
                return self._pupil.hear(text, who, doubted=doubted)
            return self._dialogue.hear(text, doubted=doubted)

    def meaning(
        self, text: str, *, robot: Pose | None = None, operator: Point | None = None
    ) -> Understanding:
        """What the text would mean now, said by itself; nothing of it is remembered.

        Raises:
            InstructionError, ModelError: as `understand`.
        """
        with _in_language_of(text):
            return self._interpreter.understand(
                text, robot=robot, operator=operator, last=self.last
            )

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
        before = self.last
        understood = self.understand(text, robot=robot, operator=operator, who=who)
        said = understood
        legs: tuple[Leg, ...] = ()
        if understood.status is Status.READY:
            try:
                legs = self.legs(
                    understood.tasks,
                    robot=robot,
                    operator=operator,
                    before=before,
                    language=language_of(text),
                )
            except UnclearPlaceError as unclear:
                self._dialogue.last = before
                said = Understanding(
                    intent=understood.intent, status=Status.ASK, question=str(unclear)
                )
            except NoSpaceError as error:
                self.ended(self.entry, {"outcome": "no_plan", "why": str(error)})
                raise
        if self._pupil and said is not understood:
            self._pupil.replied(said)
        elif legs:
            self.planned(self.entry, legs)
        return Plan(text, self.site, said, legs, robot, operator, self.entry)

    def planned(self, entry: int | None, legs: Iterable[Leg]) -> None:
        """The legs of the instruction with this number in the journal; None is in none."""
        if self._pupil and entry is not None:
            self._pupil.planned(entry, [leg.summary() for leg in legs])

    def ended(self, entry: int | None, report: Mapping[str, Any]) -> None:
        """What became of the instruction with this number in the journal; see `Journal.outcome`."""
        if self._pupil and entry is not None:
            self._pupil.ended(entry, report)

    def legs(
        self,
        tasks: Iterable[Task],
        *,
        robot: Pose | None = None,
        operator: Point | None = None,
        before: Task | None = None,
        language: str = "",
    ) -> tuple[Leg, ...]:
        """Region and path of each task, each from where the one before ends.

        ``before`` is the task that they may refer to, ``language`` that of words and errors.

        Raises:
            UnclearPlaceError: a place takes a question to find.
            NoSpaceError: a place has no room for the robot, or no way to it.
        """
        legs: list[Leg] = []
        start = robot
        for task in tasks:
            region = ground(
                task,
                self.site,
                robot=robot,
                operator=operator,
                last=before.place if before else None,
                language=language,
            )
            leg = Leg(task, region, self.path(task, region, start, language))
            x, y, yaw = leg.path.poses[-1].tolist()
            start = (x, y, yaw)
            legs.append(leg)
            before = remembered(task, before)
        return tuple(legs)

    def path(
        self, task: Task, region: Region, start: Pose | None, language: str = ""
    ) -> CoveragePath:
        """The path of a task over its region, from ``start`` (x, y, yaw).

        Raises:
            NoSpaceError: there is none, said in that language.
        """
        machine = self.site.robot
        driving = task.action is Action.GO_TO
        try:
            if driving:
                return drive_to(
                    region.geometry,
                    self.site.free_space,
                    radius=machine.radius,
                    start=start,
                    max_speed=machine.max_speed,
                    turning_radius=machine.turning_radius,
                )
            return cover(
                region.geometry,
                self.site.free_space,
                radius=machine.radius,
                tool_width=machine.tool_width,
                tool_offset=machine.tool_offset,
                overlap=machine.overlap,
                turning_radius=machine.turning_radius,
                start=start,
                passes=task.passes,
                spots=[(*seen.at, seen.radius) for seen in region.objects],
                max_speed=machine.max_speed,
            )
        except NoSpaceError as error:
            words, width = Words(language), 2 * machine.radius
            raise NoSpaceError(
                words.no_way(region.frame, width, machine.turning_radius)
                if driving
                else words.out_of_reach(region.frame, machine.tool_width, width)
            ) from error


@contextmanager
def _in_language_of(text: str) -> Iterator[None]:
    """A model that fails is told to the person in their language; its own words are the cause."""
    try:
        yield
    except ModelError as error:
        raise ModelError(say("no_model", language_of(text))) from error
