"""Who decides which job drives, and what a person's words do to the others."""

from __future__ import annotations

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from nl_planner.errors import InstructionError, NlPlannerError
from nl_planner.execution.driver import Driver, Pose
from nl_planner.execution.job import Job, Order
from nl_planner.execution.plan_job import PlanJob, task_list
from nl_planner.execution.replies import say
from nl_planner.execution.report import Outcome, Report
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


class Answer(NamedTuple):
    """What a command has done: whether there was anything to do, and the sentence about it."""

    done: bool
    reply: str


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
        self._planner, self._driver, self._store, self._things = planner, driver, store, things
        self.settings = settings or Settings()
        self._plan = PlanJob(planner, self.settings.dock)
        self._on_reply, self._on_job, self._on_understood = on_reply, on_job, on_understood
        self._model = threading.Lock()  # it reads one sentence at a time
        self._inbox: queue.Queue[Ticket | None] = queue.Queue()
        self._news = threading.Condition(threading.RLock())
        self._tickets: dict[int, list[Ticket]] = {}
        self._waiting: deque[Job] = deque()
        self._aside: list[Job] = []
        self._current: Job | None = None
        self._confirming: Job | None = None
        self._paused = self._put_aside = self._closed = False
        self._language = "zh"  # of the last instruction
        self._threads = [
            threading.Thread(target=self._read_all, name="reader", daemon=True),
            threading.Thread(target=self._drive_all, name="driver", daemon=True),
        ]

    # ---- from outside

    def start(self) -> None:
        """Begin, with an offer to go on with what was broken off when there is such a job."""
        for job in self._store.unfinished(self._planner.site.robot.tool_width):
            self._adopt(job)
            self._aside.append(job)
        if self._aside:
            job = self._aside[0]
            self._language = job.order.language
            self._reply("offer", task=self._words(job), share=f"{job.progress:.0%}")
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop the robot and end; what was not finished is offered at the next start."""
        with self._news:
            self._closed = self._put_aside = True
            if self._current:
                self._current.pause()
            self._news.notify_all()
        self._inbox.put(None)
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout=30)
        open_ = [ticket for tickets in self._tickets.values() for ticket in tickets]
        while not self._inbox.empty():
            ticket = self._inbox.get()
            open_ += [ticket] if ticket else []
        for ticket in open_:
            ticket.end_with(Outcome.CANCELLED, say("inactive", ticket.language or self._language))

    def hear(self, ticket: Ticket) -> None:
        """Take an instruction; its ticket is told what becomes of it."""
        language = ticket.language or language_of(ticket.said.text)
        ticket.language = language
        with self._news:
            count = self._inbox.qsize() + len(self._waiting)
        if self._closed:
            ticket.end_with(Outcome.REFUSED, say("inactive", language))
        elif count >= self.settings.most_waiting:
            ticket.end_with(Outcome.REFUSED, say("too_many", language, count=str(count)))
        else:
            ticket.tell()
            self._inbox.put(ticket)

    def cancel(self, ticket: Ticket) -> None:
        """Call off one instruction."""
        with self._news:
            if ticket.job is None:
                ticket.end_with(Outcome.CANCELLED, say("dropped", ticket.language or "zh"))
            else:
                self._drop(ticket.job)

    def stop(self) -> Answer:
        """Call off everything."""
        with self._news:
            jobs = [self._current, self._confirming, *self._waiting, *self._aside]
            at_hand = [job for job in jobs if job]
            self._paused = False
            for job in at_hand:
                self._drop(job)
            return Answer(bool(at_hand), self._reply("stopped" if at_hand else "nothing_to_stop"))

    def pause(self) -> Answer:
        """Stop where you are and wait."""
        with self._news:
            if self._current is None:
                return Answer(False, self._reply("nothing_to_stop"))
            self._paused = self._put_aside = True
            self._current.pause()
            return Answer(True, self._reply("paused"))

    def resume(self, ticket: Ticket | None = None) -> Answer:
        """Go on with what was put aside; ``ticket`` then follows that job."""
        with self._news:
            pausing = self._current if self._put_aside else None
            self._paused = self._put_aside = False
            job = self._aside[0] if self._aside else pausing
            if job is None:
                reply = self._reply("nothing_to_resume")
                if ticket:
                    ticket.end_with(Outcome.REFUSED, reply)
                return Answer(False, reply)
            for other in reversed(self._aside):
                if other.stage is Stage.PAUSED:
                    other.enter(Stage.WAITING)
                self._waiting.appendleft(other)
            self._aside.clear()
            self._news.notify_all()
            reply = self._reply("resumed", task=self._words(job))
            if ticket:
                self._follow(ticket, job)
                ticket.tell(reply)
            return Answer(True, reply)

    def confirm(self) -> Answer:
        """Yes to the open question."""
        with self._news:
            if self._confirming:
                return Answer(True, self._queue(self._confirming))
            if self._aside and not self._paused:
                return self.resume()
            return Answer(False, self._reply("nothing_to_confirm"))

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
        with self._news:
            reply = self._reply("waiting_for_navigation")
            for ticket in self._tickets.get(self._current.number, ()) if self._current else ():
                ticket.tell(reply)

    def status(self, language: str) -> str:
        """A true sentence about what goes on."""
        with self._news:
            return status_words(
                self._planner.site,
                language,
                self._current,
                self._confirming or (self._aside[0] if self._aside else None),
                len(self._waiting),
            )

    def see_map(self, grid: OccupancyMap) -> None:
        """The map shows this now."""
        if self._planner.map(grid):
            with self._news:
                if self._current:
                    self._current.look_again(self._planner.site)

    # ---- reading

    def _read_all(self) -> None:
        while (ticket := self._inbox.get()) is not None:
            if ticket.over:
                continue
            try:
                self._read(ticket)
            except InstructionError:
                reply = language_say("unreadable", ticket.language)
                self._end(ticket, Outcome.REFUSED, reply)
            except NlPlannerError as error:
                self._end(ticket, Outcome.FAILED, str(error))
            except Exception as error:
                _log.exception("instruction %r", ticket.said.text)
                self._end(ticket, Outcome.FAILED, f"{type(error).__name__}: {error}")

    def _read(self, ticket: Ticket) -> None:
        said, before = ticket.said, self._planner.last
        with self._model:
            self._planner.see(self._things.seen())
            understood = self._planner.understand(
                said.text, robot=self._driver.position(), operator=said.operator
            )
        ticket.understanding = understood
        self._on_understood(understood)
        order = Order(said.text, ticket.language, understood, said.operator, before)
        if understood.status is Status.READY and said.dry_run and understood.tasks:
            if not ticket.over:
                reply, job = self._plan.only(order, self._driver.position())
                self._say(reply)
                ticket.end(Report(Outcome.DONE, reply, understood, path=job.path))
            return
        with self._news:
            if not ticket.over:
                self._language = ticket.language
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
            self.resume(ticket)
        elif intent is Intent.DOCK:
            self._dock(ticket, order)
        elif intent is Intent.YES and self._confirming is None and self._aside:
            self.resume(ticket)
        else:
            outcome, reply = self._answer(intent)
            ticket.end_with(outcome, reply)

    def _answer(self, intent: Intent) -> tuple[Outcome, str]:
        """What is done and said at once."""
        if intent is Intent.STOP:
            return Outcome.DONE, self.stop().reply
        if intent is Intent.PAUSE:
            return Outcome.DONE, self.pause().reply
        if intent is Intent.STATUS:
            return Outcome.DONE, self._say(self.status(self._language))
        if intent is Intent.YES:
            return Outcome.DONE, self.confirm().reply
        if intent is Intent.NO:
            return Outcome.DONE, self._no()
        if intent is Intent.CORRECT:
            if self._current:
                self._put_aside = True
                self._current.pause()
            return Outcome.ASKED, self._reply("wrong")
        return Outcome.REFUSED, self._reply("remember" if intent is Intent.REMEMBER else "not_mine")

    def _no(self) -> str:
        if self._confirming:
            self._drop(self._confirming)
            return self._reply("not_confirmed")
        if self._aside and not self._paused:
            for job in list(self._aside):
                self._drop(job)
            return self._reply("offer_dropped")
        return self._reply("nothing_to_confirm")

    def _take(self, ticket: Ticket, order: Order) -> None:
        """New work: ask first, or queue it."""
        if self._confirming:
            self._drop(self._confirming)
        asked = self._must_ask(ticket.said.confirm, order.understanding)
        job = self._store.add(order, Stage.CONFIRMING if asked else Stage.WAITING)
        self._adopt(job)
        self._follow(ticket, job)
        if not asked:
            self._queue(job)
            return
        self._confirming = job
        question = self._reply("confirm", task=self._words(job))
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
        with self._news:
            if self._confirming is job and not self._closed:
                self._drop(job, Outcome.ASKED, say("unconfirmed", job.order.language))

    def _queue(self, job: Job) -> str:
        """Let the job wait for its turn; the reply."""
        if self._confirming is job:
            self._confirming = None
            job.enter(Stage.WAITING)
            self._store.save(job)
        ahead = len(self._waiting) + (self._current is not None)
        self._waiting.append(job)
        self._news.notify_all()
        key = "queued" if ahead else "starting"
        reply = self._reply(key, task=self._words(job), count=str(ahead))
        for ticket in self._tickets[job.number]:
            ticket.tell(reply)
        return reply

    def _replace(self, ticket: Ticket, order: Order) -> None:
        """A correction of what was said last."""
        if self._confirming or not (self._waiting or self._current):
            self._take(ticket, order)
            return
        job = self._store.add(order)
        self._adopt(job)
        self._follow(ticket, job)
        if self._waiting:
            self._drop(self._waiting[-1])
            self._waiting.append(job)
        elif self._current:
            job.spares = self._current
            self._waiting.appendleft(job)
            self._drop(self._current)
        self._news.notify_all()
        ticket.tell(self._reply("amended", task=self._words(job)))

    def _dock(self, ticket: Ticket, order: Order) -> None:
        if self.settings.dock is None:
            self._end(ticket, Outcome.REFUSED, say("no_dock", order.language))
            return
        self._paused = False
        if self._current:
            self._put_aside = True
            self._current.pause()
        job = self._store.add(order)
        self._adopt(job)
        self._follow(ticket, job)
        self._waiting.appendleft(job)
        self._news.notify_all()
        ticket.tell(self._reply("docking"))

    # ---- driving

    def _drive_all(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(
                    lambda: self._closed or (bool(self._waiting) and not self._paused)
                )
                if self._closed:
                    return
                job = self._current = self._waiting.popleft()
                self._put_aside = False
            try:
                report = self._drive(job)
            except Exception as error:
                _log.exception("job %d: %r", job.number, job.order.text)
                report = self._failed(job, f"{type(error).__name__}: {error}")
            with self._news:
                self._current = None
                self._settle(job, report)

    def _drive(self, job: Job) -> Report | None:
        if job.works:
            job.look_again(self._planner.site)
        else:
            report = self._plan.plan(job, self._driver.position())
            if report:
                return report
            self._store.planned(job)
        return job.run(self._driver, self._planner.site)

    def _failed(self, job: Job, reply: str) -> Report:
        if not job.stage.final:
            job.enter(Stage.FAILED)
        return Report(Outcome.FAILED, reply, job.order.understanding, path=job.path)

    def _settle(self, job: Job, report: Report | None) -> None:
        """The job at hand no longer drives."""
        if report is None and job.called_off:
            job.enter(Stage.CANCELLED)
            report = job.report()
        if report is None:
            if self._put_aside:
                self._aside.append(job)
            else:
                job.enter(Stage.WAITING)
                self._waiting.appendleft(job)
            self._store.save(job)
            return
        for work in job.works:
            self._things.cleaned(work)
        if report.outcome is Outcome.FAILED and job.works:
            left = job.again()
            self._store.save(left)
            self._aside.append(left)
            self._finish(job, report, keep=True)
            self._adopt(left)
        else:
            self._finish(job, report)

    def _drop(self, job: Job, outcome: Outcome = Outcome.CANCELLED, reply: str = "") -> None:
        """The job is called off, wherever it is."""
        job.cancel()
        if job is self._current and job.stage not in (Stage.WAITING, Stage.PLANNING):
            return  # the thread that drives it reports where it stopped
        if job is not self._current:
            if job is self._confirming:
                self._confirming = None
            if job in self._waiting:
                self._waiting.remove(job)
            if job in self._aside:
                self._aside.remove(job)
            job.enter(Stage.CANCELLED)
        report = job.report()
        if reply or outcome is not Outcome.CANCELLED:
            report = Report(outcome, reply, job.order.understanding)
        self._finish(job, report)

    def _finish(self, job: Job, report: Report, *, keep: bool = False) -> None:
        """Write down how the job ended, and tell those who wait for it."""
        if not keep and job.stage.final:
            self._store.finish(job, report)
        tickets = self._tickets.pop(job.number, None)
        if tickets is not None:
            self._say(report.reply)
        for ticket in tickets or ():
            ticket.end(report)
        self._on_job(job)

    # ---- small things

    def _adopt(self, job: Job) -> None:
        self._tickets.setdefault(job.number, [])
        job.changed = self._changed
        job.save = self._store.save
        job.replanned = self._store.planned

    def _follow(self, ticket: Ticket, job: Job) -> None:
        ticket.job = job
        self._tickets.setdefault(job.number, []).append(ticket)

    def _changed(self, job: Job) -> None:
        for ticket in list(self._tickets.get(job.number, ())):
            ticket.tell()
        self._on_job(job)

    def _end(self, ticket: Ticket, outcome: Outcome, reply: str) -> None:
        self._say(reply)
        ticket.end_with(outcome, reply)

    def _words(self, job: Job) -> str:
        language = job.order.language
        return listed(task_list(job.order, self._planner.site), language)

    def _reply(self, key: str, **values: str) -> str:
        """Tell the person the sentence of that key."""
        return self._say(say(key, self._language, **values))

    def _say(self, reply: str) -> str:
        self._on_reply(reply)
        return reply
