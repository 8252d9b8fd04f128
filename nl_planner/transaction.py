"""One transaction of an SQLite file that several threads and programs may write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All that is written within happens, or nothing.

    ``db`` is in autocommit mode (``isolation_level=None``).

    Raises:
        sqlite3.Error: what SQLite says, the lock of another program included.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
