"""The jobs of a foreman: which one drives, which wait or are put aside, and who follows them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from nl_planner.execution.job import Job, Order
from nl_planner.execution.replies import say
from nl_planner.execution.report import Outcome, Report
from nl_planner.execution.stage import Stage
from nl_planner.execution.store import JobStore
from nl_planner.execution.ticket import Ticket


class Answer(NamedTuple):
    """What a command has done: whether there was anything to do, and the sentence about it."""

    done: bool
    reply: str


class Roster:
    """The jobs, and what is done with them; any thread may call.

    Every job is in one of: ``current`` (it is planned or drives), ``waiting`` (in this order),
    ``aside`` (paused, or broken off and offered), ``confirming`` (it waits for its yes). Replies
    are in ``language``, that of the last instruction. ``words`` says in words what a job does.
    """

    def __init__(
        self,
        store: JobStore,
        words: Callable[[Order], str],
        on_reply: Callable[[str], None],
        on_job: Callable[[Job], None],
    ) -> None:
        self._store, self._words, self._on_reply, self._on_job = store, words, on_reply, on_job
        self.news = threading.Condition(threading.RLock())
        self.language = "zh"
        self.current: Job | None = None
        self.confirming: Job | None = None
        self.waiting: deque[Job] = deque()
        self.aside: list[Job] = []
        self.closed = False
        self._paused = False  # on request: what waits does not start
        self._put_aside = False  # the job at hand, when it has stopped
        self._tickets: dict[int, list[Ticket]] = {}

    # ---- commands

    def stop(self) -> Answer:
        """Call off everything."""
        with self.news:
            jobs = [self.current, self.confirming, *self.waiting, *self.aside]
            at_hand = [job for job in jobs if job]
            for job in at_hand:
                self.drop(job)
            return self._answer("stopped" if at_hand else "nothing_to_stop", bool(at_hand))

    def pause(self) -> Answer:
        """Stop where you are and wait."""
        with self.news:
            if self.current is None:
                return self._answer("nothing_to_stop", done=False)
            self.put_aside()
            self._paused = True
            return self._answer("paused")

    def put_aside(self) -> None:
        """Stop the job at hand, if there is one; what waits goes on."""
        with self.news:
            self._paused = False
            if self.current is not None:
                self._put_aside = True
                self.current.pause()

    def resume(self, ticket: Ticket | None = None) -> Answer:
        """Go on with what was put aside; ``ticket`` then follows that job."""
        with self.news:
            pausing = self.current if self._put_aside else None
            self._paused = self._put_aside = False
            job = self.aside[0] if self.aside else pausing
            if job is None:
                answer = self._answer("nothing_to_resume", done=False)
                if ticket:
                    ticket.end_with(Outcome.REFUSED, answer.reply)
                return answer
            for other in reversed(self.aside):
                if other.stage is Stage.PAUSED:
                    other.enter(Stage.WAITING)
                self.waiting.appendleft(other)
            self.aside.clear()
            self.news.notify_all()
            answer = self._answer("resumed", task=self._words(job.order))
            if ticket:
                self.follow(ticket, job)
                ticket.tell(answer.reply)
            return answer

    def confirm(self) -> Answer:
        """Yes to the open question."""
        with self.news:
            if self.confirming:
                return Answer(True, self.queue(self.confirming))
            if self.aside and not self._paused:
                return self.resume()
            return self._answer("nothing_to_confirm", done=False)

    def deny(self) -> Answer:
        """No to the open question."""
        with self.news:
            if self.confirming:
                self.drop(self.confirming)
                return self._answer("not_confirmed")
            if self.aside and not self._paused:
                for job in list(self.aside):
                    self.drop(job)
                return self._answer("offer_dropped")
            return self._answer("nothing_to_confirm", done=False)

    # ---- the way of a job

    def add(self, ticket: Ticket, order: Order, stage: Stage = Stage.WAITING) -> Job:
        """A new job, written down; the ticket follows it."""
        job = self._store.add(order, stage)
        self.adopt(job)
        self.follow(ticket, job)
        return job

    def adopt(self, job: Job) -> None:
        """A job from the store."""
        self._tickets.setdefault(job.number, [])
        job.changed = self._changed
        job.save = self._store.save
        job.replanned = self._store.planned

    def follow(self, ticket: Ticket, job: Job) -> None:
        """The ticket is told what becomes of the job."""
        ticket.job = job
        self._tickets.setdefault(job.number, []).append(ticket)

    def queue(self, job: Job) -> str:
        """Let the job wait for its turn; the reply."""
        with self.news:
            if self.confirming is job:
                self.confirming = None
                job.enter(Stage.WAITING)
                self._store.save(job)
            ahead = len(self.waiting) + (self.current is not None)
            self.waiting.append(job)
            self.news.notify_all()
            key = "queued" if ahead else "starting"
            reply = self.reply(key, task=self._words(job.order), count=str(ahead))
            self.tell(job, reply)
            return reply

    def next(self, job: Job) -> None:
        """It is this job's turn before all that wait."""
        with self.news:
            self.waiting.appendleft(job)
            self.news.notify_all()

    @property
    def at_hand(self) -> Job | None:
        """What was said last and is not done: it waits, drives or is paused."""
        if self.waiting:
            return self.waiting[-1]
        return self.current or (self.aside[-1] if self._held else None)

    def replace_last(self, job: Job) -> None:
        """Put the job in the place of the one at hand, and spare what that has cleaned."""
        with self.news:
            before = job.spares = self.at_hand
            if before in self.waiting:
                self.waiting.append(job)
            else:
                self.next(job)
            if before is not None:
                self.drop(before)

    def take(self) -> Job | None:
        """Wait until a job may drive; None when it is over."""
        with self.news:
            self.news.wait_for(lambda: self.closed or (bool(self.waiting) and not self._held))
            if self.closed:
                return None
            self._put_aside = False
            self.current = self.waiting.popleft()
            return self.current

    def settle(self, job: Job, report: Report | None) -> None:
        """The job at hand no longer drives; without a report it has paused."""
        with self.news:
            self.current = None
            if report is None and job.called_off:
                job.enter(Stage.CANCELLED)
                report = job.report()
            if report is None:
                if self._put_aside:
                    self.aside.append(job)
                else:
                    job.enter(Stage.WAITING)
                    self.waiting.appendleft(job)
                self._store.save(job)
            elif report.outcome is Outcome.FAILED and job.works:
                left = job.again()
                self._store.save(left)
                self.aside.append(left)
                self._end(job, report)
                self.adopt(left)
            else:
                self.finish(job, report)

    def drop(self, job: Job, report: Report | None = None) -> None:
        """The job is called off, wherever it is."""
        with self.news:
            job.cancel()
            if job is self.current and job.stage not in (Stage.WAITING, Stage.PLANNING):
                return  # the thread that drives it reports where it stopped
            if job is not self.current:
                if job is self.confirming:
                    self.confirming = None
                if job in self.waiting:
                    self.waiting.remove(job)
                if job in self.aside:
                    self.aside.remove(job)
                    self.news.notify_all()
                job.enter(Stage.CANCELLED)
            self.finish(job, report or job.report())

    def finish(self, job: Job, report: Report) -> None:
        """Write down how the job ended, and tell those who wait for it."""
        if job.stage.final:
            self._store.finish(job, report)
        self._end(job, report)

    def close(self) -> list[Ticket]:
        """Nothing drives any more, and the job at hand stops; the tickets that are still open."""
        with self.news:
            self.closed = True
            self.put_aside()
            self.news.notify_all()
            return [ticket for tickets in self._tickets.values() for ticket in tickets]

    # ---- what is said

    def tell(self, job: Job, reply: str) -> None:
        """Tell those who follow the job."""
        for ticket in list(self._tickets.get(job.number, ())):
            ticket.tell(reply)

    def reply(self, key: str, **values: str) -> str:
        """Tell the person the sentence of that key."""
        return self.say(say(key, self.language, **values))

    def say(self, reply: str) -> str:
        """Tell the person."""
        self._on_reply(reply)
        return reply

    @property
    def _held(self) -> bool:
        return self._paused and bool(self.aside)

    def _answer(self, key: str, done: bool = True, **values: str) -> Answer:
        return Answer(done, self.reply(key, **values))

    def _end(self, job: Job, report: Report) -> None:
        tickets = self._tickets.pop(job.number, None)
        if tickets is not None:
            self.say(report.reply)
        for ticket in tickets or ():
            ticket.end(report)
        self._on_job(job)

    def _changed(self, job: Job) -> None:
        self.tell(job, "")
        self._on_job(job)
