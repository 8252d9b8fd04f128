"""Where a journal is kept: an SQLite file, or a PostgreSQL database that many robots share.

Both take the same SQL, with ``?`` for a value, and run the steps of ``MIGRATIONS`` that a database
has not seen yet.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from nl_planner.errors import JournalError
from nl_planner.transaction import transaction

_NUMBER = "{number}"
"""In a migration: a primary key that gives no number twice."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (  # times in seconds since 1970; JSON as text
        f"CREATE TABLE entry (id {_NUMBER}, site TEXT NOT NULL, at DOUBLE PRECISION NOT NULL,"
        " text TEXT NOT NULL, language TEXT NOT NULL, robot TEXT, who TEXT, pose TEXT,"
        " operator TEXT, before TEXT, answers BIGINT, corrects BIGINT, status TEXT NOT NULL,"
        " understanding TEXT NOT NULL, slots TEXT NOT NULL, model TEXT, plan TEXT, outcome TEXT,"
        " verdict TEXT)",
        "CREATE INDEX entry_at ON entry (site, at)",
        f"CREATE TABLE lesson (id {_NUMBER}, site TEXT NOT NULL, at DOUBLE PRECISION NOT NULL,"
        " text TEXT NOT NULL, spoken TEXT NOT NULL, language TEXT NOT NULL, before TEXT,"
        " understanding TEXT NOT NULL, source TEXT NOT NULL, entry BIGINT, who TEXT,"
        " taken_back DOUBLE PRECISION)",
        "CREATE INDEX lesson_spoken ON lesson (site, spoken)",
        "CREATE INDEX lesson_entry ON lesson (entry)",
        f"CREATE TABLE alias (id {_NUMBER}, site TEXT NOT NULL, at DOUBLE PRECISION NOT NULL,"
        " name TEXT NOT NULL, spoken TEXT NOT NULL, target TEXT NOT NULL, entry BIGINT, who TEXT,"
        " taken_back DOUBLE PRECISION)",
        "CREATE INDEX alias_spoken ON alias (site, spoken)",
        "CREATE TABLE changes (site TEXT PRIMARY KEY, number BIGINT NOT NULL)",
    ),
    ("ALTER TABLE entry ADD COLUMN unknown TEXT",),  # a name of a place that the site lacks
)
"""One step for each format of the tables; a step that was released is never changed."""

_FORMAT = "SELECT version FROM journal_format"
_RETRY_S = 30.0
"""A server that did not answer is not tried again for so long, so that nobody waits for it."""


class Store(Protocol):
    """Rows, and transactions that are on the disk when they end."""

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""

    @contextmanager
    def writing(self) -> Iterator[Store]:
        """One transaction: all of it happens, or nothing. Inside, `read` also writes."""

    def scrub(self) -> None:
        """Leave nothing of deleted rows in the store's files."""

    def close(self) -> None:
        """Close it; it is of no use after."""


def open_store(where: str | Path) -> Store:
    """The store at a file or a ``postgresql://`` URL, its tables made or brought up to date.

    Raises:
        JournalError: it cannot be opened or is no journal; every method of a store may.
    """
    if str(where).startswith(("postgresql://", "postgres://")):
        return PostgresStore(str(where))
    if "://" in str(where):
        raise JournalError(f"{where}: a journal is a file or postgresql://USER@HOST/DATABASE")
    return SqliteStore(Path(where))


class SqliteStore:
    """One file; threads, and programs on one machine, may share it.

    Write-ahead log with full synchronisation: what was committed survives a killed program and a
    lost power supply.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)  # what people say is nobody else's
        except OSError as error:
            raise JournalError(f"{path}: cannot be made: {error}; name another file") from error
        with self._translated():
            self._db = sqlite3.connect(
                path, timeout=20, isolation_level=None, check_same_thread=False
            )
        try:
            with self._translated():
                self._db.execute("PRAGMA secure_delete = ON")
                self._db.execute("PRAGMA synchronous = FULL")
            _migrate(
                self,
                str(path),
                tables="SELECT name FROM sqlite_master WHERE type = 'table'",
                number="INTEGER PRIMARY KEY AUTOINCREMENT",
            )
            with self._translated():
                self._db.execute("PRAGMA journal_mode = WAL")
        except BaseException:
            self._db.close()
            raise

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """As `Store.read`."""
        with self._lock, self._translated():
            return self._db.execute(sql, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[Store]:
        """As `Store.writing`."""
        with self._lock, self._translated(), transaction(self._db):
            yield self

    def scrub(self) -> None:
        """As `Store.scrub`: the file is written anew, and its write-ahead log emptied."""
        with self._lock, self._translated():
            self._db.execute("VACUUM")
            busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise JournalError(
                f"{self._path}: deleted, but another program is reading the file, and what was "
                "deleted may still be in its log; stop that program and forget again"
            )

    def close(self) -> None:
        """As `Store.close`."""
        with self._lock:
            self._db.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise JournalError(
                f"{self._path}: the journal cannot be used: {error}; check the disk and who else "
                "has the file open, or move it away, and a new one starts empty"
            ) from error


class PostgresStore:
    """A database for many robots; its tables are in the schema ``nl_planner``.

    A lost connection is opened again at the next use. Needs the extra ``postgres`` (psycopg 3).
    """

    def __init__(self, url: str) -> None:
        try:
            import psycopg
        except ImportError as error:
            raise JournalError(
                "a journal on PostgreSQL needs psycopg: pip install 'nl_planner[postgres]'"
            ) from error
        self._psycopg = psycopg
        self._url, self._lock, self._failed = url, threading.RLock(), float("-inf")
        self._in_transaction = False
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        try:
            _migrate(
                self,
                self._name,
                tables="SELECT tablename FROM pg_tables WHERE schemaname = 'nl_planner'",
                number="BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                first=(
                    "SELECT pg_advisory_xact_lock(5061)",  # two robots may start at once
                    "CREATE SCHEMA IF NOT EXISTS nl_planner",
                ),
            )
        except BaseException:
            self.close()
            raise

    @property
    def _name(self) -> str:
        """The URL without its password."""
        parts = self._psycopg.conninfo.conninfo_to_dict(self._url)
        return f"postgresql://{parts.get('host', '')}/{parts.get('dbname', '')}"

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """As `Store.read`."""
        with self._lock, self._translated():
            if not self._in_transaction:
                with self.writing():
                    return self.read(sql, values)
            assert self._connection is not None
            cursor = self._connection.execute(sql.replace("?", "%s"), values)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def writing(self) -> Iterator[Store]:
        """As `Store.writing`."""
        with self._lock, self._translated(), self._open().transaction():
            self._in_transaction = True
            try:
                yield self
            finally:
                self._in_transaction = False

    def scrub(self) -> None:
        """As `Store.scrub`, as far as a client can; the server's own log and backups are its
        administrator's.
        """
        with self._lock, self._translated():
            for table in ("entry", "lesson", "alias"):
                self._open().execute(f"VACUUM (FULL) {table}")

    def close(self) -> None:
        """As `Store.close`."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()

    def _open(self) -> Any:
        """The connection; opened, or opened again."""
        if self._connection is not None and not self._connection.closed:
            return self._connection
        if time.monotonic() - self._failed < _RETRY_S:
            raise JournalError(f"{self._name}: did not answer a moment ago")
        try:
            self._connection = self._psycopg.connect(
                self._url,
                autocommit=True,
                connect_timeout=3,
                options="-c search_path=nl_planner -c statement_timeout=60s",
            )
        except self._psycopg.Error:
            self._failed = time.monotonic()
            raise
        return self._connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except self._psycopg.Error as error:
            what = str(error).strip().splitlines()[0]
            raise JournalError(
                f"{self._name}: the journal cannot be used: {what}; check the URL, and whether the "
                "server runs and lets this user in"
            ) from error


def _migrate(
    store: Store, name: str, *, tables: str, number: str, first: Sequence[str] = ()
) -> None:
    """Make the tables where there are none, bring older ones up to date.

    ``tables``: the query for the names of what is there; ``number``: what `_NUMBER` is here;
    ``first``: what to run before.
    """
    with store.writing() as db:
        for statement in first:
            db.read(statement)
        found = {row[0] for row in db.read(tables)}
        if not found - {"sqlite_sequence"}:
            db.read("CREATE TABLE journal_format (version INTEGER NOT NULL)")
            db.read("INSERT INTO journal_format VALUES (0)")
        elif "journal_format" not in found:
            raise JournalError(f"{name}: not a journal but some other database; name another file")
        version = db.read(_FORMAT)[0][0]
        if version > len(MIGRATIONS):
            raise JournalError(
                f"{name}: written by a newer nl_planner (format {version}, this one knows "
                f"{len(MIGRATIONS)}); update nl_planner"
            )
        for step in MIGRATIONS[version:]:
            for statement in step:
                db.read(statement.replace(_NUMBER, number))
        if version < len(MIGRATIONS):
            db.read("UPDATE journal_format SET version = ?", (len(MIGRATIONS),))
