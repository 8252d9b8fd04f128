"""What perception reports, remembered: litter that was seen, kept until it is cleaned or gone.

It stands with the site because what it hands out is ``Site.objects`` for one moment; perception
reports into it, and execution tells it what was cleaned.

>>> from datetime import UTC, datetime
>>> from nl_planner.site import Taxonomy
>>> now = datetime(2026, 11, 23, 8, tzinfo=UTC)
>>> memory = ObjectMemory("objects.db", Taxonomy.builtin())              # doctest: +SKIP
>>> memory.observe([Detection("bottle", (14.2, 17.5), 0.9)], now)        # doctest: +SKIP
('bottle_1',)
>>> site = site.with_objects(memory.seen(now))                           # doctest: +SKIP

What merges, fades and goes is in ``sighting``.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from nl_planner.errors import BadInputError, MemoryFileError, UnknownNameError, did_you_mean
from nl_planner.site.model import SeenObject
from nl_planner.site.sighting import Detection, Rules, Thing
from nl_planner.site.taxonomy import Taxonomy
from nl_planner.transaction import transaction

FORMAT = 1

_TABLES = (  # lengths in m, times in seconds since 1970; AUTOINCREMENT gives no number twice
    "CREATE TABLE thing (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL,"
    " class TEXT NOT NULL, x REAL NOT NULL, y REAL NOT NULL, uncertainty REAL NOT NULL,"
    " radius REAL NOT NULL, confidence REAL NOT NULL, seen REAL NOT NULL,"
    " misses INTEGER NOT NULL, missed REAL NOT NULL, until REAL NOT NULL)",
    "CREATE INDEX ending ON thing (until)",
    "CREATE VIRTUAL TABLE box USING rtree (number, x0, x1, y0, y1)",
    "CREATE TABLE rules (said TEXT NOT NULL)",  # those that boxes and until are made by
    "INSERT INTO rules VALUES ('')",
    f"PRAGMA user_version = {FORMAT}",
)
_COLUMNS = "number, id, class, x, y, uncertainty, radius, confidence, seen, misses, missed"


class ObjectMemory:
    """The things that were seen and may still lie there, in a file that outlives the program.

    What a method has returned is on the disk: neither a killed program nor a lost power supply
    takes it back (SQLite, write-ahead log, full synchronisation). Threads, and programs on one
    machine, may share it; the same reports in the same order give the same memory.

    Args:
        path: the file; it is made where there is none. ``":memory:"`` keeps nothing.
        taxonomy: the site's. Things of a class that it does not know are kept but not handed out.
        rules: what merges, fades and goes.

    Raises:
        MemoryFileError: the file is not such a memory or cannot be used; every method may.
    """

    def __init__(self, path: str | Path, taxonomy: Taxonomy, rules: Rules | None = None) -> None:
        self._path = path
        self._taxonomy = taxonomy
        self._rules = rules or Rules()
        self._lock = threading.RLock()
        with self._translated():
            self._db = sqlite3.connect(
                path, timeout=10, isolation_level=None, check_same_thread=False
            )
        try:
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the memory is of no use after."""
        with self._lock:
            self._db.close()

    def observe(
        self, detections: Sequence[Detection], when: datetime, viewed: BaseGeometry | None = None
    ) -> tuple[str | None, ...]:
        """Remember what one look found.

        Args:
            detections: what was found; what is reported apart here is never merged.
            when: the time of the look, with its time zone.
            viewed: the ground that the look showed so well that it would have found what lies
                there (site's frame, m). Things remembered there and not found count as missed.

        Returns:
            The id of the thing that each detection is, None where it is too unsure to remember.

        Raises:
            UnknownNameError: a class that the taxonomy does not have.
            BadInputError: a number out of its range, or a time without time zone. Nothing of the
                look is remembered then.
        """
        moment = _seconds(when)
        for detection in detections:
            detection.check(self._taxonomy)
        with self._writing() as db:
            _delete(db, [row[0] for row in db.execute(_ENDED, (moment,))])
            known = self._rules.joined(
                detections,
                lambda at, reach: _within(
                    db, (at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach)
                ),
                self._taxonomy,
            )
            ids: list[str | None] = []
            kept: set[int] = set()
            for index, detection in enumerate(detections):
                thing = known.get(index)
                if thing is not None:
                    thing = self._rules.merged(thing, detection, moment, self._taxonomy)
                    self._write(db, thing)
                elif detection.confidence > self._rules.floor:
                    thing = self._added(db, detection, moment)
                ids.append(thing.id if thing else None)
                kept.update([thing.number] if thing else ())
            if viewed is not None:
                self._miss(db, viewed, kept, moment)
        return tuple(ids)

    def cleaned(
        self,
        area: BaseGeometry,
        class_id: str | None = None,
        except_classes: Collection[str] = (),
    ) -> tuple[str, ...]:
        """Forget what a task has taken away; returns the ids.

        Args:
            area: the ground that was worked, such as ``Region.geometry``; what touches it counts.
            class_id: the task's ``object``, with its descendants; None for all that lay there.
            except_classes: the task's ``except_objects``, with their descendants.

        Raises:
            UnknownNameError: a class that the taxonomy does not have.
        """
        wanted = None if class_id is None else self._taxonomy.descendants(class_id)
        left = frozenset[str]().union(*map(self._taxonomy.descendants, except_classes))
        with self._writing() as db:
            taken = [
                thing
                for thing in _within(db, area.bounds)
                if thing.class_id not in left and (wanted is None or thing.class_id in wanted)
                if shapely.dwithin(area, Point(thing.x, thing.y), thing.radius)
            ]
            _delete(db, [thing.number for thing in taken])
        return tuple(thing.id for thing in taken)

    def gone(self, ids: Sequence[str]) -> None:
        """Forget these things, which somebody has taken away.

        Raises:
            UnknownNameError: an id that is not remembered; nothing is forgotten then.
        """
        with self._writing() as db:
            known = {one: number for number, one in db.execute("SELECT number, id FROM thing")}
            for one in ids:
                if one not in known:
                    hint = did_you_mean(one, list(known))
                    raise UnknownNameError(f"nothing is remembered as {one!r}{hint}")
            _delete(db, [known[one] for one in ids])

    def seen(self, now: datetime) -> tuple[SeenObject, ...]:
        """What may still lie there, for ``Site.with_objects``; the first seen come first.

        ``confidence`` is that of ``now``, ``seen`` the last time that the thing was found (UTC).
        """
        moment = _seconds(now)
        with self._lock, self._translated():
            rows = self._db.execute(
                f"SELECT {_COLUMNS} FROM thing WHERE until > ? ORDER BY number",  # noqa: S608
                (moment,),
            ).fetchall()
        return tuple(
            SeenObject(
                thing.id,
                thing.class_id,
                (thing.x, thing.y),
                thing.radius,
                self._rules.faded(thing.confidence, moment - thing.seen),
                datetime.fromtimestamp(thing.seen, UTC),
            )
            for thing in map(Thing._make, rows)
            if thing.class_id in self._taxonomy.classes
        )

    # ---- one look

    def _added(self, db: sqlite3.Connection, found: Detection, moment: float) -> Thing:
        number = db.execute(
            "INSERT INTO thing VALUES (NULL, '', '', 0, 0, 0, 0, 0, 0, 0, 0, 0)"
        ).lastrowid
        assert number is not None
        thing = Thing(
            number,
            f"{found.class_id}_{number}",
            found.class_id,
            *found.at,
            max(self._rules.least_uncertainty, found.uncertainty),
            found.radius,
            found.confidence,
            moment,
        )
        self._write(db, thing)
        return thing

    def _miss(
        self, db: sqlite3.Connection, viewed: BaseGeometry, kept: set[int], moment: float
    ) -> None:
        """Count a look at the place of things that it did not find; too many take them away."""
        shapely.prepare(viewed)
        gone = []
        for thing in _within(db, viewed.bounds):
            if thing.number in kept or moment <= thing.seen:
                continue
            if abs(moment - thing.missed) < self._rules.looks_apart:
                continue
            if not viewed.contains(Point(thing.x, thing.y).buffer(thing.uncertainty)):
                continue
            if thing.misses + 1 >= self._rules.gone_after:
                gone.append(thing.number)
            else:
                self._write(db, thing._replace(misses=thing.misses + 1, missed=moment))
        _delete(db, gone)

    # ---- the file

    def _write(self, db: sqlite3.Connection, thing: Thing) -> None:
        """Put the thing in its row, and a box around all that may be it in the tree."""
        until = self._rules.until(thing)
        db.execute(
            "UPDATE thing SET id = ?, class = ?, x = ?, y = ?, uncertainty = ?, radius = ?,"
            " confidence = ?, seen = ?, misses = ?, missed = ?, until = ? WHERE number = ?",
            (*thing[1:], until, thing.number),
        )
        reach = self._rules.reach(thing.uncertainty, thing.radius)
        x, y = thing.x, thing.y
        db.execute(
            "INSERT OR REPLACE INTO box VALUES (?, ?, ?, ?, ?)",
            (thing.number, x - reach, x + reach, y - reach, y + reach),
        )

    def _prepare(self) -> None:
        """Make the tables where there are none; hold what is there to these rules."""
        with self._translated():
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
        with self._writing() as db:
            found = db.execute("PRAGMA user_version").fetchone()[0]
            empty = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
            if empty:
                for statement in _TABLES:
                    db.execute(statement)
            elif found != FORMAT:
                raise MemoryFileError(
                    f"{self._path}: not a memory of seen objects that this version reads (format "
                    f"{found}, not {FORMAT}); move it away, and a new one starts empty"
                )
            if db.execute("SELECT said FROM rules").fetchone()[0] != repr(self._rules):
                for row in db.execute(f"SELECT {_COLUMNS} FROM thing").fetchall():  # noqa: S608
                    self._write(db, Thing._make(row))
                db.execute("UPDATE rules SET said = ?", (repr(self._rules),))

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
            raise MemoryFileError(
                f"{self._path}: the memory of seen objects cannot be used: {error}; check the disk "
                "and who else has it open, or move it away, and a new one starts empty"
            ) from error


_ENDED = "SELECT number FROM thing WHERE until <= ?"


def _within(db: sqlite3.Connection, bounds: Sequence[float]) -> list[Thing]:
    """The things whose boxes meet these bounds (min x, min y, max x, max y), oldest first."""
    x0, y0, x1, y1 = bounds
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM thing WHERE number IN (SELECT number FROM box"  # noqa: S608
        " WHERE x1 >= ? AND x0 <= ? AND y1 >= ? AND y0 <= ?) ORDER BY number",
        (x0, x1, y0, y1),
    )
    return [Thing._make(row) for row in rows]


def _delete(db: sqlite3.Connection, numbers: Sequence[int]) -> None:
    keys: list[Any] = [(number,) for number in numbers]
    db.executemany("DELETE FROM thing WHERE number = ?", keys)
    db.executemany("DELETE FROM box WHERE number = ?", keys)


def _seconds(when: datetime) -> float:
    if when.tzinfo is None:
        raise BadInputError(f"{when}: has no time zone; give one, such as datetime.now(UTC)")
    return when.timestamp()
