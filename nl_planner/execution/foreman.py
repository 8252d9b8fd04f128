"""Who decides which job drives, and what a person's words do to the others."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from nl_planner.errors import InstructionError, ModelError, NoSpaceError, UnclearPlaceError
from nl_planner.execution.driver import Driver, Pose
from nl_planner.execution.job import Job, Order
from nl_planner.execution.plan_job import PlanJob, task_list
from nl_planner.execution.replies import say
from nl_planner.execution.report import Outcome, Report
from nl_planner.execution.roster import Answer, Roster
from nl_planner.execution.stage import Stage
from nl_planner.execution.status import status_words
from nl_planner.execution.store import JobStore
from nl_planner.execution.things import Things
from nl_planner.execution.ticket import Ticket
from nl_planner.language import language_of
from nl_planner.language.replies import listed, task_words
from nl_planner.language.replies import say as language_say
from nl_planner.planner import Planner
from nl_planner.site.occupancy import OccupancyMap
from nl_planner.task import Intent, Status, Understanding

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """How a foreman goes about it.

    ``confirm``: ask before driving, "never", "doubt" (below ``confirm_below``) or "always"; a
    question waits ``confirm_timeout`` s. ``most_waiting``: more instructions are not taken.
    ``dock``: where the robot is charged (x, y, yaw), None when it has no such place.
    """

    confirm: str = "never"
    confirm_below: float = 0.8
    confirm_timeout: float = 60.0
    most_waiting: int = 16
    dock: Pose | None = None


class Foreman:
    """Hears instructions, one after the other, and lets one job drive at a time.

    What an instruction does follows from the intent that was understood, never from its words:

    - ``stop``: the job at hand ends as cancelled, and so does all that waits.
    - ``pause``, ``resume``, ``status``, ``yes``, ``no``: at once, also while a job drives. ``yes``
      and ``no`` answer the question that is open: whether to start (confirm), or whether to go on
      with a job that was broken off.
    - ``dock``: the job at hand is put aside, the robot drives to its dock; ``resume`` goes on.
    - ``clean`` and ``go`` wait until all that was said before is done. While the robot is paused
      they wait for ``resume``.
    - ``correct`` with a task replaces what was said last: in the queue, or, when nothing waits, the
      job at hand, which ends as cancelled. What that one has already cleaned is not cleaned again.
      ``correct`` without a task puts the job at hand aside and asks.
    - a question or a refusal leaves everything as it is.

    A job that waits for its yes is dropped when other work is said instead. A job that was broken
    off (program killed, robot or navigation failed) is put aside, and the person is asked whether
    to go on; ``resume`` or ``yes`` does so from where it was, ``no`` or ``stop`` drops it.

    Two threads of its own: one reads (the language model), one plans and drives. The methods may be
    called from any thread and none of them waits for the model or the robot.
    """

    def __init__(
        self,
        planner: Planner,
        driver: Driver,
        store: JobStore,
        things: Things,
        settings: Settings | None = None,
        on_reply: Callable[[str], None] = lambda reply: None,
        on_job: Callable[[Job], None] = lambda job: None,
        on_understood: Callable[[Understanding], None] = lambda understood: None,
    ) -> None:
        self.settings = settings or Settings()
        self._planner, self._driver, self._store, self._things = planner, driver, store, things
        self._plan = PlanJob(planner, self.settings.dock)
        self._jobs = Roster(store, self._words, on_reply, on_job, self._ended)
        self._on_understood = on_understood
        self._model = threading.Lock()  # it reads one sentence at a time
        self._inbox: queue.Queue[Ticket | None] = queue.Queue()
        self._threads = [
            threading.Thread(target=self._read_all, name="reader", daemon=True),
            threading.Thread(target=self._drive_all, name="driver", daemon=True),
        ]

    # ---- from outside

    def start(self) -> None:
        """Begin, with an offer to go on with what was broken off when there is such a job."""
        jobs = self._jobs
        for job in self._store.unfinished(self._planner.site.robot.tool_width):
            jobs.adopt(job)
            jobs.aside.append(job)
        if jobs.aside:
            job = jobs.aside[0]
            jobs.language = job.order.language
            jobs.reply("offer", task=self._words(job.order), share=f"{job.progress:.0%}")
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop the robot and end; what was not finished is offered at the next start."""
        left = self._jobs.close()
        self._inbox.put(None)
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout=30)
        while not self._inbox.empty():
            ticket = self._inbox.get()
            left += [ticket] if ticket else []
        for ticket in left:
            ticket.end_with(Outcome.CANCELLED, say("inactive", ticket.language))

    def hear(self, ticket: Ticket) -> None:
        """Take an instruction; its ticket is told what becomes of it."""
        ticket.language = ticket.language or language_of(ticket.said.text)
        count = self._inbox.qsize() + len(self._jobs.waiting)
        if self._jobs.closed:
            ticket.end_with(Outcome.REFUSED, say("inactive", ticket.language))
        elif count >= self.settings.most_waiting:
            reply = say("too_many", ticket.language, count=str(count))
            self._end(ticket, Outcome.REFUSED, reply)
        else:
            ticket.tell()
            self._inbox.put(ticket)

    def cancel(self, ticket: Ticket) -> None:
        """Call off one instruction."""
        with self._jobs.news:
            if ticket.job is None:
                ticket.end_with(Outcome.CANCELLED, say("dropped", ticket.language))
            else:
                self._jobs.drop(ticket.job)

    def stop(self) -> Answer:
        """Call off everything."""
        return self._jobs.stop()

    def pause(self) -> Answer:
        """Stop where you are and wait."""
        return self._jobs.pause()

    def resume(self) -> Answer:
        """Go on with what was paused or broken off."""
        return self._jobs.resume()

    def confirm(self) -> Answer:
        """Yes to the open question."""
        return self._jobs.confirm()

    def status(self, language: str) -> str:
        """A true sentence about what goes on."""
        jobs = self._jobs
        with jobs.news:
            held = jobs.confirming or (jobs.aside[0] if jobs.aside else None)
            site, waiting = self._planner.site, len(jobs.waiting)
            return status_words(site, language, jobs.current, held, waiting)

    def meaning(self, text: str, operator: tuple[float, float] | None = None) -> Understanding:
        """What the text would mean now; nothing moves and nothing is remembered.

        Raises:
            InstructionError, ModelError: as ``Planner.meaning``.
        """
        with self._model:
            self._planner.see(self._things.seen())
            return self._planner.meaning(text, robot=self._driver.position(), operator=operator)

    def reply_to(self, understood: Understanding, language: str) -> str:
        """What the person would be told about that."""
        if understood.tasks:
            words = [task_words(task, self._planner.site, language) for task in understood.tasks]
            return say("starting", language, task=listed(words, language))
        return understood.question or understood.reason or ""

    def waits_for_navigation(self) -> None:
        """Tell those who wait for the job at hand that nobody drives yet."""
        reply = self._jobs.reply("waiting_for_navigation")
        with self._jobs.news:
            if self._jobs.current:
                self._jobs.tell(self._jobs.current, reply)

    def see_map(self, grid: OccupancyMap) -> None:
        """The map shows this now."""
        if self._planner.map(grid):
            with self._jobs.news:
                if self._jobs.current:
                    self._jobs.current.look_again(self._planner.site)

    # ---- reading

    def _read_all(self) -> None:
        while (ticket := self._inbox.get()) is not None:
            if ticket.over:
                continue
            try:
                self._read(ticket)
            except InstructionError as error:
                self._end(ticket, Outcome.REFUSED, str(error))
            except UnclearPlaceError as unclear:
                self._end(ticket, Outcome.ASKED, str(unclear))
            except (NoSpaceError, ModelError) as error:
                _log.error("instruction %r: %s", ticket.said.text, error.__cause__ or error)
                self._end(ticket, Outcome.FAILED, str(error))
            except Exception:
                _log.exception("instruction %r", ticket.said.text)
                self._end(ticket, Outcome.FAILED, say("trouble", ticket.language))

    def _read(self, ticket: Ticket) -> None:
        said, before = ticket.said, self._planner.last
        with self._model:
            self._planner.see(self._things.seen())
            robot, operator = self._driver.position(), said.operator
            doubted = said.doubted(partial(self._planner.meaning, robot=robot, operator=operator))
            understood = self._planner.understand(
                said.text, robot=robot, operator=operator, doubted=doubted
            )
        ticket.understanding = understood
        self._on_understood(understood)
        order = Order(
            said.text, ticket.language, understood, said.operator, before, self._planner.entry
        )
        if understood.status is Status.READY and said.dry_run and understood.tasks:
            if not ticket.over:
                reply, job = self._plan.only(order, self._driver.position())
                self._jobs.say(reply)
                ticket.end(Report(Outcome.DONE, reply, understood, path=job.path))
            return
        with self._jobs.news:
            if not ticket.over:
                self._jobs.language = ticket.language
                self._act(ticket, order)

    def _act(self, ticket: Ticket, order: Order) -> None:
        """Do what was understood."""
        understood = order.understanding
        intent = understood.intent
        if understood.status is Status.ASK:
            self._end(ticket, Outcome.ASKED, understood.question or "")
        elif understood.status is Status.REFUSE:
            self._end(ticket, Outcome.REFUSED, understood.reason or "")
        elif intent is Intent.CORRECT and order.tasks:
            self._replace(ticket, order)
        elif order.tasks:
            self._take(ticket, order)
        elif intent is Intent.RESUME:
            self._jobs.resume(ticket)
        elif intent is Intent.DOCK:
            self._dock(ticket, order)
        elif intent is Intent.YES and not self._jobs.confirming and self._jobs.aside:
            self._jobs.resume(ticket)
        elif self._planner.note:
            self._end(ticket, Outcome.DONE, self._planner.note)
        else:
            outcome, reply = self._answer(intent)
            ticket.end_with(outcome, reply)

    def _answer(self, intent: Intent) -> tuple[Outcome, str]:
        """What is done and said at once."""
        jobs = self._jobs
        if intent is Intent.STATUS:
            return Outcome.DONE, jobs.say(self.status(jobs.language))
        commands = {
            Intent.STOP: jobs.stop,
            Intent.PAUSE: jobs.pause,
            Intent.YES: jobs.confirm,
            Intent.NO: jobs.deny,
        }
        if intent in commands:
            return Outcome.DONE, commands[intent]().reply
        if intent is Intent.CORRECT:
            jobs.put_aside()
            return Outcome.ASKED, jobs.reply("wrong")
        return Outcome.REFUSED, jobs.reply("remember" if intent is Intent.REMEMBER else "not_mine")

    def _take(self, ticket: Ticket, order: Order) -> None:
        """New work: ask first, or queue it."""
        jobs = self._jobs
        if jobs.confirming:
            jobs.drop(jobs.confirming)
        if not self._must_ask(ticket.said.confirm, order.understanding):
            jobs.queue(jobs.add(ticket, order))
            return
        job = jobs.confirming = jobs.add(ticket, order, Stage.CONFIRMING)
        question = jobs.reply("confirm", task=self._words(order))
        options = (language_say("yes", order.language), language_say("no", order.language))
        ticket.tell(question, question, options)
        timer = threading.Timer(self.settings.confirm_timeout, self._unconfirmed, (job,))
        timer.daemon = True
        timer.start()

    def _must_ask(self, policy: str, understood: Understanding) -> bool:
        policy = policy or self.settings.confirm
        doubt = understood.confidence < self.settings.confirm_below
        return policy == "always" or (policy == "doubt" and doubt)

    def _unconfirmed(self, job: Job) -> None:
        with self._jobs.news:
            if self._jobs.confirming is job and not self._jobs.closed:
                reply = say("unconfirmed", job.order.language)
                report = Report(Outcome.ASKED, reply, job.order.understanding)
                self._jobs.drop(job, report)

    def _replace(self, ticket: Ticket, order: Order) -> None:
        """A correction of what was said last."""
        if self._jobs.confirming or not self._jobs.at_hand:
            self._take(ticket, order)
            return
        self._jobs.replace_last(self._jobs.add(ticket, order))
        ticket.tell(self._jobs.reply("amended", task=self._words(order)))

    def _dock(self, ticket: Ticket, order: Order) -> None:
        if self.settings.dock is None:
            self._end(ticket, Outcome.REFUSED, say("no_dock", order.language))
            return
        self._jobs.put_aside()
        self._jobs.next(self._jobs.add(ticket, order))
        ticket.tell(self._jobs.reply("docking"))

    # ---- driving

    def _drive_all(self) -> None:
        while (job := self._jobs.take()) is not None:
            try:
                report = self._drive(job)
                if report is not None:
                    for work in job.works:
                        self._things.cleaned(work)
            except Exception:
                _log.exception("job %d: %r", job.number, job.order.text)
                report = self._failed(job, say("trouble", job.order.language))
            self._jobs.settle(job, report)

    def _drive(self, job: Job) -> Report | None:
        if job.works:
            job.look_again(self._planner.site)
        else:
            report = self._plan.plan(job, self._driver.position())
            if report:
                return report
            self._store.planned(job)
            self._planner.planned(job.order.entry, (work.leg for work in job.works))
        return job.run(self._driver, self._planner.site)

    def _ended(self, job: Job, report: Report) -> None:
        self._planner.ended(job.order.entry, report.to_json())

    def _failed(self, job: Job, reply: str) -> Report:
        if not job.stage.final:
            job.enter(Stage.FAILED)
        return Report(Outcome.FAILED, reply, job.order.understanding, path=job.path)

    def _end(self, ticket: Ticket, outcome: Outcome, reply: str) -> None:
        self._jobs.say(reply)
        ticket.end_with(outcome, reply)

    def _words(self, order: Order) -> str:
        return listed(task_list(order, self._planner.site), order.language)
