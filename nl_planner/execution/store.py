"""Jobs on disk: written before they start and while they run, so that none is lost.

What a method has returned is on the disk (SQLite, write-ahead log, full synchronisation): neither
a killed program nor a lost power supply takes it back.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon

from nl_planner.coverage import CoveragePath, Piece, PieceKind
from nl_planner.errors import JobFileError
from nl_planner.execution.job import Job, Order
from nl_planner.execution.leg_work import LegWork
from nl_planner.execution.report import Report
from nl_planner.execution.stage import Stage
from nl_planner.grounding import Region
from nl_planner.planner import Leg
from nl_planner.site.free_space import polygons
from nl_planner.task import Task, Understanding
from nl_planner.transaction import transaction

FORMAT = 1
KEPT = 1000
"""Ended jobs that are kept, with their words and outcome."""

_TABLES = (
    "CREATE TABLE job (number INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL,"
    " text TEXT NOT NULL, language TEXT NOT NULL, understanding TEXT NOT NULL, operator TEXT,"
    " before TEXT, entry INTEGER, stage TEXT NOT NULL, at_leg INTEGER NOT NULL DEFAULT 0,"
    " seconds REAL NOT NULL DEFAULT 0, reply TEXT, covered REAL)",
    "CREATE TABLE leg (job INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,"
    " place INTEGER NOT NULL, task TEXT NOT NULL, region BLOB NOT NULL, frame TEXT NOT NULL,"
    " notes TEXT NOT NULL, path TEXT NOT NULL, poses BLOB NOT NULL, done REAL NOT NULL,"
    " skipped TEXT NOT NULL, clean BLOB NOT NULL, PRIMARY KEY (job, place))",
    f"PRAGMA user_version = {FORMAT}",
)


class JobStore:
    """The jobs of one robot, in a file.

    Threads may share it. ``":memory:"`` keeps nothing.

    Raises:
        JobFileError: the file is not such a store or cannot be used; every method may.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        with self._translated():
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
        with self._writing() as db:
            if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                for statement in _TABLES:
                    db.execute(statement)
            found = db.execute("PRAGMA user_version").fetchone()[0]
            if found != FORMAT:
                raise JobFileError(
                    f"{path}: not a file of jobs that this version reads (format {found}, not "
                    f"{FORMAT}); move it away, and a new one starts empty"
                )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def add(self, order: Order, stage: Stage = Stage.WAITING) -> Job:
        """Write down an order before anything is done about it; gives its job."""
        with self._writing() as db:
            number = db.execute(
                "INSERT INTO job (at, text, language, understanding, operator, before, entry,"
                " stage) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    time.time(),
                    order.text,
                    order.language,
                    order.understanding.model_dump_json(by_alias=True),
                    json.dumps(order.operator),
                    order.before.model_dump_json(by_alias=True) if order.before else None,
                    order.entry,
                    stage.value,
                ),
            ).lastrowid
            assert number is not None
            db.execute(
                "DELETE FROM job WHERE number <= ? AND stage IN (?, ?, ?, ?)",
                (number - KEPT, *(stage.value for stage in Stage if stage.final)),
            )
        return Job(order, number, stage)

    def planned(self, job: Job) -> None:
        """The legs of the job are known, or were planned again."""
        with self._writing() as db:
            db.execute("DELETE FROM leg WHERE job = ?", (job.number,))
            for place, work in enumerate(job.works):
                db.execute(
                    "INSERT INTO leg VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (job.number, place, *_leg_row(work), *_progress_row(work)),
                )
            self._stand(db, job)

    def save(self, job: Job) -> None:
        """How far the job is now."""
        with self._writing() as db:
            work = job.work
            if work is not None:
                db.execute(
                    "UPDATE leg SET done = ?, skipped = ?, clean = ? WHERE job = ? AND place = ?",
                    (*_progress_row(work), job.number, job.at_leg),
                )
            self._stand(db, job)

    def finish(self, job: Job, report: Report) -> None:
        """The job has ended; its legs are no longer needed."""
        with self._writing() as db:
            db.execute(
                "UPDATE job SET stage = ?, reply = ?, covered = ? WHERE number = ?",
                (job.stage.value, report.reply, report.covered, job.number),
            )
            db.execute("DELETE FROM leg WHERE job = ?", (job.number,))

    def unfinished(self, tool_width: float) -> list[Job]:
        """The jobs that had not ended when the program did, in their order; all wait or pause."""
        ends = [stage.value for stage in Stage if stage.final]
        with self._lock, self._translated():
            rows = self._db.execute(
                "SELECT number, text, language, understanding, operator, before, entry, at_leg,"
                " seconds FROM job WHERE stage NOT IN (?, ?, ?, ?) ORDER BY number",
                ends,
            ).fetchall()
            legs = {
                row[0]: self._db.execute(
                    "SELECT task, region, frame, notes, path, poses, done, skipped, clean FROM leg"
                    " WHERE job = ? ORDER BY place",
                    (row[0],),
                ).fetchall()
                for row in rows
            }
        jobs = []
        for number, text, language, understanding, operator, before, entry, at_leg, seconds in rows:
            where = json.loads(operator) if operator else None
            order = Order(
                text,
                language,
                Understanding.model_validate_json(understanding),
                (where[0], where[1]) if where else None,
                Task.model_validate_json(before) if before else None,
                entry,
            )
            job = Job(order, number, Stage.PAUSED if legs[number] else Stage.WAITING)
            job.works = [_work(row, tool_width) for row in legs[number]]
            job.at_leg, job.seconds = at_leg, seconds
            jobs.append(job)
        return jobs

    def _stand(self, db: sqlite3.Connection, job: Job) -> None:
        db.execute(
            "UPDATE job SET stage = ?, at_leg = ?, seconds = ? WHERE number = ?",
            (job.stage.value, job.at_leg, job.seconds, job.number),
        )

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it happens, or nothing."""
        with self._lock, self._translated(), transaction(self._db):
            yield self._db

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise JobFileError(
                f"{self._path}: the file of jobs cannot be used: {error}; check the disk and who "
                "else has it open, or move it away, and a new one starts empty"
            ) from error


def _leg_row(work: LegWork) -> tuple[Any, ...]:
    path, region = work.path, work.leg.region
    about = {
        "pieces": [[p.kind.value, p.start, p.stop, p.tool_on] for p in path.pieces],
        "length": path.length,
        "turns": path.turns,
        "duration": path.duration,
        "coverage": path.coverage,
        "left_out": path.left_out,
    }
    return (
        work.leg.task.model_dump_json(by_alias=True),
        shapely.to_wkb(region.geometry),
        region.frame,
        json.dumps(region.notes),
        json.dumps(about),
        np.ascontiguousarray(path.poses).tobytes(),
    )


def _progress_row(work: LegWork) -> tuple[Any, ...]:
    return work.done, json.dumps(work.skipped), work.cleaned.to_bytes()


def _work(row: tuple[Any, ...], tool_width: float) -> LegWork:
    task, region, frame, notes, path, poses, done, skipped, clean = row
    about = json.loads(path)
    pieces = tuple(Piece(PieceKind(k), a, b, on) for k, a, b, on in about.pop("pieces"))
    leg = Leg(
        Task.model_validate_json(task),
        Region(
            MultiPolygon(polygons(shapely.from_wkb(region))), frame, (), tuple(json.loads(notes))
        ),
        CoveragePath(poses=np.frombuffer(poses).reshape(-1, 3), pieces=pieces, **about),
    )
    return LegWork(leg, tool_width, done, [tuple(span) for span in json.loads(skipped)], clean)
