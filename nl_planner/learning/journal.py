"""The journal of a site: what was said, what was understood, what became of it, what was learned.

>>> journal = Journal("riverside.db", "Riverside Garden")                  # doctest: +SKIP
>>> entry = journal.add("扫一下圆盘", understood)                              # doctest: +SKIP
>>> journal.outcome(entry, {"outcome": "done", "covered": 0.98})           # doctest: +SKIP
>>> journal.correct(entry, right)                                          # doctest: +SKIP
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from nl_planner.errors import JournalError, UnknownNameError
from nl_planner.language.normalise import canonical, clean_text, language_of
from nl_planner.learning.entries import Alias, Entry, Lesson, Source, Verdict, slot_to_json
from nl_planner.learning.journal_rows import (
    ALIAS_COLUMNS,
    ENTRY_COLUMNS,
    LESSON_COLUMNS,
    alias_of,
    entry_of,
    lesson_of,
    seconds,
    written,
)
from nl_planner.learning.journal_store import Store, open_store
from nl_planner.models import Slot
from nl_planner.site import Site
from nl_planner.task import Task, Understanding

MOST = 100_000
"""Entries that a journal keeps: about 150 MB."""
_LOOK_EVERY = 100
"""Entries between two looks at how many there are."""


class Journal:
    """The journal of one site.

    What a method has returned is on the disk: neither a killed program nor a lost power supply
    takes it back. Threads may share one; programs, one file or database. Several sites may share
    that too: each journal sees its own.

    Args:
        where: a file, made where there is none, or ``postgresql://USER@HOST/DATABASE``.
        site: the name of the site.
        robot: which robot writes, as others that share the journal know it.
        most: entries that are kept; above it the oldest go from which nothing was learned.

    Raises:
        JournalError: it cannot be used, or is no journal; every method may.
    """

    def __init__(
        self, where: str | Path, site: str, *, robot: str | None = None, most: int = MOST
    ) -> None:
        self._store: Store = open_store(where)
        self._site, self._robot, self._most = site, robot, most

    @classmethod
    def of(cls, site: Site, where: str | Path | None = None, *, robot: str | None = None) -> Self:
        """The journal of a site: where it is said, or in `journal_path`."""
        return cls(where or journal_path(site), site.name[0], robot=robot)

    @classmethod
    def existing(cls, site: Site, where: str | Path | None = None) -> Self:
        """As `of`, but for those who only read it: none is made.

        Raises:
            JournalError: there is no file.
        """
        where = where or journal_path(site)
        if "://" not in str(where) and not Path(where).is_file():
            raise JournalError(
                f"{where}: there is no journal; name the file that `--journal` of talk or plan "
                "wrote, or say something with `nl-planner talk --journal` first"
            )
        return cls.of(site, where)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close it; it is of no use after."""
        self._store.close()

    # ---- what was said

    def add(
        self,
        text: str,
        understanding: Understanding,
        *,
        when: datetime | None = None,
        who: str | None = None,
        pose: Sequence[float] | None = None,
        operator: Sequence[float] | None = None,
        before: Task | None = None,
        answers: int | None = None,
        corrects: int | None = None,
        slots: Iterable[Slot] = (),
        model: str | None = None,
    ) -> int:
        """Write down an instruction; see `Entry`. Returns its id."""
        text = clean_text(text)
        values = (
            self._site,
            seconds(when),
            text,
            language_of(text),
            self._robot,
            who,
            written(pose),
            written(operator),
            written(before),
            answers,
            corrects,
            understanding.status.value,
            written(understanding),
            written([slot_to_json(slot) for slot in slots]),
            model,
        )
        with self._store.writing() as db:
            rows = db.read(
                "INSERT INTO entry (site, at, text, language, robot, who, pose, operator, before,"
                " answers, corrects, status, understanding, slots, model)"
                f" VALUES ({', '.join('?' * len(values))}) RETURNING id",
                values,
            )
            number: int = rows[0][0]
            if number % _LOOK_EVERY == 0:
                self._drop_oldest(db)
        return number

    def planned(self, entry: int, plan: Iterable[Mapping[str, Any]]) -> None:
        """Write down the plan for an instruction: a short JSON object for each leg."""
        self._update(entry, "plan", json.dumps(list(plan), ensure_ascii=False))

    def reply(self, entry: int, understanding: Understanding) -> None:
        """Write down what was answered after all, when planning turned a task into a question."""
        self._update(entry, "understanding", written(understanding))
        self._update(entry, "status", understanding.status.value)

    def outcome(self, entry: int, report: Mapping[str, Any]) -> None:
        """Write down what became of the job.

        ``report``: ``outcome`` ("done" or what else it was) and whatever execution knows, such as
        ``covered`` (0..1) and ``left_out``. A job that was done and that nobody has complained of
        confirms how its instruction was understood.
        """
        self._update(entry, "outcome", json.dumps(report, ensure_ascii=False))
        if report.get("outcome") == "done" and self.entry(entry).verdict is not Verdict.WRONG:
            self._confirm(entry)

    def unknown(self, entry: int, name: str | None) -> None:
        """Write down by what name an instruction called a place that the site does not know."""
        self._update(entry, "unknown", name)

    def judge(self, entry: int, verdict: Verdict, who: str | None = None) -> None:
        """Write down what the person said of how an instruction was understood.

        ``right`` makes it a confirmed lesson, ``wrong`` takes back what was learned from it.
        """
        self._update(entry, "verdict", verdict.value)
        if verdict is Verdict.RIGHT:
            self._confirm(entry, who)
        else:
            self._take_back_of(entry)

    def correct(
        self,
        entry: int,
        right: Understanding,
        *,
        source: Source = Source.OPERATOR,
        who: str | None = None,
    ) -> Lesson:
        """An instruction was understood wrongly and meant this: a lesson."""
        wrong = self.entry(entry)
        self.judge(entry, Verdict.WRONG, who)
        return self.teach(
            wrong.text, right, before=wrong.before, source=source, entry=entry, who=who
        )

    def entry(self, entry: int) -> Entry:
        """The entry with this id.

        Raises:
            UnknownNameError: there is none on this site.
        """
        return entry_of(self._row("entry", ENTRY_COLUMNS, entry))

    def entries(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        status: str | None = None,
        verdict: str | None = None,
        text: str = "",
        most: int | None = None,
    ) -> list[Entry]:
        """The entries, oldest first; the ``most`` last of them.

        Args:
            since: not before this moment.
            until: before this moment.
            status: "ready", "ask" or "refuse".
            verdict: "right", "wrong", or "none" for those that nobody judged.
            text: what stands in the instruction, capital or not.
            most: no more than these.
        """
        tests: list[str] = ["site = ?"]
        values: list[Any] = [self._site]
        for test, value in (
            ("at >= ?", seconds(since) if since else None),
            ("at < ?", seconds(until) if until else None),
            ("status = ?", status),
            ("verdict = ?", verdict if verdict != "none" else None),
            ("lower(text) LIKE ? ESCAPE '!'", _within(text) if text else None),
        ):
            if value is not None:
                tests.append(test)
                values.append(value)
        if verdict == "none":
            tests.append("verdict IS NULL")
        query = f"SELECT {ENTRY_COLUMNS} FROM entry WHERE {' AND '.join(tests)}"
        query += " ORDER BY at DESC, id DESC" + ("" if most is None else f" LIMIT {int(most)}")
        return [entry_of(row) for row in reversed(self._store.read(query, values))]

    # ---- what was learned

    def teach(
        self,
        text: str,
        understanding: Understanding,
        *,
        before: Task | None = None,
        source: Source = Source.TAUGHT,
        entry: int | None = None,
        who: str | None = None,
        when: datetime | None = None,
    ) -> Lesson:
        """From now on this sentence, said after the task ``before``, means this.

        What was learned before of the same sentence after the same task is taken back.
        """
        text = clean_text(text)
        with self._store.writing() as db:
            for old in self._of_sentence(db, text):
                if old.before == before:
                    self._mark(db, "lesson", old.id)
            number = db.read(
                "INSERT INTO lesson (site, at, text, spoken, language, before, understanding,"
                " source, entry, who) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (
                    self._site,
                    seconds(when),
                    text,
                    canonical(text),
                    language_of(text),
                    written(before),
                    written(understanding),
                    source.value,
                    entry,
                    who,
                ),
            )[0][0]
            self._changed(db)
        return self.lesson(number)

    def lesson(self, lesson: int) -> Lesson:
        """The lesson with this id, taken back or not.

        Raises:
            UnknownNameError: there is none on this site.
        """
        return lesson_of(self._row("lesson", LESSON_COLUMNS, lesson))

    def lessons(self, *, taken_back: bool = False) -> list[Lesson]:
        """The lessons that have effect, oldest first; with those that were taken back if wanted."""
        rows = self._store.read(
            f"SELECT {LESSON_COLUMNS} FROM lesson WHERE site = ? {_active(taken_back)} ORDER BY id",
            (self._site,),
        )
        return [lesson_of(row) for row in rows]

    def take_back(self, lesson: int) -> Lesson:
        """From now on this lesson has no effect. It stays on record; `forget` deletes."""
        self.lesson(lesson)
        with self._store.writing() as db:
            self._mark(db, "lesson", lesson)
            self._changed(db)
        return self.lesson(lesson)

    def name_place(
        self,
        name: str,
        target: str,
        *,
        entry: int | None = None,
        who: str | None = None,
        when: datetime | None = None,
    ) -> Alias:
        """From now on people may call this place so; what else was called so no longer is.

        Whether the name is free on the site is `aliases.conflict`'s to say.
        """
        name = clean_text(name)
        with self._store.writing() as db:
            old = "SELECT id FROM alias WHERE site = ? AND spoken = ? AND taken_back IS NULL"
            for (number,) in db.read(old, (self._site, canonical(name))):
                self._mark(db, "alias", number)
            number = db.read(
                "INSERT INTO alias (site, at, name, spoken, target, entry, who)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (self._site, seconds(when), name, canonical(name), target, entry, who),
            )[0][0]
            self._changed(db)
        return self.alias(number)

    def alias(self, alias: int) -> Alias:
        """The alias with this id, taken back or not.

        Raises:
            UnknownNameError: there is none on this site.
        """
        return alias_of(self._row("alias", ALIAS_COLUMNS, alias))

    def aliases(self, *, taken_back: bool = False) -> list[Alias]:
        """The aliases that have effect, oldest first; with those taken back if wanted."""
        rows = self._store.read(
            f"SELECT {ALIAS_COLUMNS} FROM alias WHERE site = ? {_active(taken_back)} ORDER BY id",
            (self._site,),
        )
        return [alias_of(row) for row in rows]

    def take_back_alias(self, alias: int) -> Alias:
        """From now on the place is not called so."""
        self.alias(alias)
        with self._store.writing() as db:
            self._mark(db, "alias", alias)
            self._changed(db)
        return self.alias(alias)

    @property
    def changes(self) -> int:
        """A number that grows whenever a lesson or an alias comes or goes; cheap to ask."""
        rows = self._store.read("SELECT number FROM changes WHERE site = ?", (self._site,))
        number: int = rows[0][0] if rows else 0
        return number

    # ---- forgetting

    def forget(
        self,
        entries: Sequence[int] = (),
        *,
        lessons: Sequence[int] = (),
        aliases: Sequence[int] = (),
        before: datetime | None = None,
    ) -> int:
        """Delete for good: these, and with ``before`` all entries up to that moment.

        What was learned from an entry goes with it. Nothing is left in the file or its log.
        Returns how many entries, lessons and aliases went.

        Raises:
            UnknownNameError: one of them is not there; then nothing is deleted.
        """
        for number in entries:
            self.entry(number)
        for number in lessons:
            self.lesson(number)
        for number in aliases:
            self.alias(number)
        gone = 0
        with self._store.writing() as db:
            old = list(entries)
            if before is not None:
                values = (self._site, seconds(before))
                found = db.read("SELECT id FROM entry WHERE site = ? AND at < ?", values)
                old += [row[0] for row in found]
            for number in dict.fromkeys(old):
                gone += _delete(db, "lesson", "entry", number)
                gone += _delete(db, "alias", "entry", number)
                gone += _delete(db, "entry", "id", number)
            for number in lessons:
                gone += _delete(db, "lesson", "id", number)
            for number in aliases:
                gone += _delete(db, "alias", "id", number)
            self._changed(db)
        self._store.scrub()
        return gone

    # ---- rows

    def _row(self, table: str, columns: str, number: int) -> tuple[Any, ...]:
        rows = self._store.read(
            f"SELECT {columns} FROM {table} WHERE id = ? AND site = ?", (number, self._site)
        )
        if not rows:
            raise UnknownNameError(
                f"the journal of {self._site} has no {table} {number}; `nl-planner log` lists them"
            )
        return rows[0]

    def _update(self, entry: int, column: str, value: str | None) -> None:
        rows = self._store.read(
            f"UPDATE entry SET {column} = ? WHERE id = ? AND site = ? RETURNING id",
            (value, entry, self._site),
        )
        if not rows:
            self.entry(entry)

    def _confirm(self, entry: int, who: str | None = None) -> None:
        """Learn how an instruction was understood, unless that is known already."""
        found = self.entry(entry)
        if not found.understanding.tasks or found.answers or found.corrects:
            return
        known = self._of_sentence(self._store, found.text)
        if not any(
            old.understanding.tasks == found.understanding.tasks or old.before == found.before
            for old in known
        ):
            self.teach(
                found.text,
                found.understanding,
                before=found.before,
                source=Source.CONFIRMED,
                entry=entry,
                who=who,
            )

    def _of_sentence(self, db: Store, text: str) -> list[Lesson]:
        """The lessons of a sentence that have effect."""
        rows = db.read(
            f"SELECT {LESSON_COLUMNS} FROM lesson WHERE site = ? AND spoken = ? {_active()}",
            (self._site, canonical(text)),
        )
        return [lesson_of(row) for row in rows]

    def _take_back_of(self, entry: int) -> None:
        with self._store.writing() as db:
            for (number,) in db.read(
                "SELECT id FROM lesson WHERE entry = ? AND taken_back IS NULL", (entry,)
            ):
                self._mark(db, "lesson", number)
            self._changed(db)

    def _mark(self, db: Store, table: str, number: int) -> None:
        """Take it back, if it was not yet."""
        db.read(
            f"UPDATE {table} SET taken_back = ? WHERE id = ? AND taken_back IS NULL",
            (seconds(None), number),
        )

    def _changed(self, db: Store) -> None:
        db.read(
            "INSERT INTO changes VALUES (?, 1)"
            " ON CONFLICT (site) DO UPDATE SET number = changes.number + 1",
            (self._site,),
        )

    def _drop_oldest(self, db: Store) -> None:
        """Make room: the oldest entries go from which nothing was learned."""
        have = db.read("SELECT count(*) FROM entry WHERE site = ?", (self._site,))[0][0]
        if have > self._most:
            db.read(
                "DELETE FROM entry WHERE id IN (SELECT id FROM entry WHERE site = ?"
                " AND NOT EXISTS (SELECT 1 FROM lesson WHERE lesson.entry = entry.id)"
                " AND NOT EXISTS (SELECT 1 FROM alias WHERE alias.entry = entry.id)"
                " ORDER BY at, id LIMIT ?)",
                (self._site, have - self._most),
            )


def journal_path(site: Site) -> Path:
    """Where the journal of a site is kept when nobody says otherwise: the user's data folder."""
    from platformdirs import user_data_path

    name = re.sub(r"\W+", "_", site.name[0])[:60]
    return user_data_path("nl_planner") / "journals" / f"{name}.db"


def _within(text: str) -> str:
    """A pattern of LIKE for texts that hold this one."""
    return "%" + re.sub("([!%_])", r"!\1", text.lower()) + "%"


def _active(taken_back: bool = False) -> str:
    return "" if taken_back else "AND taken_back IS NULL"


def _delete(db: Store, table: str, column: str, number: int) -> int:
    """Delete rows; returns how many."""
    return len(db.read(f"DELETE FROM {table} WHERE {column} = ? RETURNING id", (number,)))
