"""What the one who gave an instruction holds: what is told meanwhile, and in the end the report."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from nl_planner.execution.job import Job
from nl_planner.execution.report import Outcome, Report
from nl_planner.execution.stage import Stage
from nl_planner.task import Understanding


@dataclass(frozen=True)
class Instruction:
    """What a person said, and how to take it.

    ``language``: "zh", "en" or "" to tell it from the text. ``confirm``: "never", "doubt",
    "always" or "" for the foreman's setting. ``operator``: x, y (m) of the person. ``doubted``
    tells, from what texts mean, whether to ask first if that was said (`Heard.doubted_as`).
    """

    text: str
    language: str = ""
    confirm: str = ""
    dry_run: bool = False
    operator: tuple[float, float] | None = None
    doubted: Callable[[Callable[[str], Understanding]], bool] = lambda meaning: False


class Ticket:
    """One instruction on its way.

    ``job`` is None until there is work to it. ``changed`` is called, from any thread, when
    something of the ticket or its job is new; ``ended`` once, with the report.
    """

    def __init__(
        self,
        said: Instruction,
        changed: Callable[[Ticket], None] = lambda ticket: None,
        ended: Callable[[Ticket, Report], None] = lambda ticket, report: None,
    ) -> None:
        self.said = said
        self.language = said.language
        self.began = time.monotonic()
        self.understanding: Understanding | None = None
        self.job: Job | None = None
        self.reply = ""
        self.question = ""
        self.options: tuple[str, ...] = ()
        self.report: Report | None = None
        self._changed, self._ended = changed, ended
        self._over = threading.Event()
        self._lock = threading.Lock()

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._over.is_set()

    @property
    def stage(self) -> Stage | None:
        """That of its job; None while it is read."""
        return self.job.stage if self.job else None

    def tell(self, reply: str = "", question: str = "", options: tuple[str, ...] = ()) -> None:
        """Something is new; ``reply`` replaces the last one, where there is any."""
        if self.over:
            return
        self.reply = reply or self.reply
        self.question, self.options = question, options
        self._changed(self)

    def end(self, report: Report) -> bool:
        """Over; False when it was before."""
        with self._lock:
            if self._over.is_set():
                return False
            self.report, self.reply = report, report.reply
            self._over.set()
        self._ended(self, report)
        return True

    def end_with(self, outcome: Outcome, reply: str) -> bool:
        """Over without any work."""
        seconds = time.monotonic() - self.began
        return self.end(Report(outcome, reply, self.understanding, duration=seconds))

    def wait(self, timeout: float | None = None) -> Report:
        """The report, when it is there.

        Raises:
            TimeoutError: it is not yet.
        """
        if not self._over.wait(timeout):
            raise TimeoutError(f"{self.said.text!r} has not ended within {timeout} s")
        assert self.report is not None
        return self.report
