"""What a journal of many entries costs: writing, finding, size.

    python benchmarks/journal.py [--entries 100000]

Prints the median of 50 times each, wall clock; SQLite in a temporary folder.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from nl_planner.learning.journal import Journal
from nl_planner.models import Slot
from nl_planner.task import Place, Task, Understanding

_PLAZA = Task(action="sweep", place=Place(relation="in_front_of", landmarks=("building_1",)))
_UNDERSTOOD = Understanding(intent="clean", status="ready", tasks=(_PLAZA,), confidence=0.97)
_SLOTS = [
    Slot(name, " [一号楼]", 0.97, " [二号楼]", 0.02)
    for name in ("start", "object", "relation_or_but", "landmark", "after_place")
]


def fill(journal: Journal, count: int) -> None:
    """Many entries as `Journal.add` writes them, and a lesson of every hundredth, in one go."""
    now = datetime.now(UTC)
    with journal._store.writing():
        journal._store.writing = _nested(journal)  # type: ignore[method-assign]
        for i in range(count):
            text = f"把{i}号楼门口的落叶扫一下，谢谢"
            when = now - timedelta(minutes=count - i)
            entry = journal.add(text, _UNDERSTOOD, when=when, before=_PLAZA, slots=_SLOTS,
                                pose=(55.0, 60.0, 0.0), model="qwen2.5-coder-0.5b")  # fmt: skip
            if i % 100 == 0:
                journal.teach(text, _UNDERSTOOD, before=_PLAZA, entry=entry, when=when)
    del journal._store.writing


def _nested(journal: Journal) -> Callable[[], object]:
    """A transaction within the one that is open: nothing begins or ends."""
    from contextlib import nullcontext

    return lambda: nullcontext(journal._store)


def timed(what: str, call: Callable[[], object]) -> None:
    times = []
    for _ in range(50):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    print(f"{what:44} {1000 * median(times):9.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    count = parser.parse_args().entries
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        with Journal(path, "Garden", most=2 * count) as journal:
            fill(journal, count)
            last = journal.add("stop", _UNDERSTOOD)
            print(f"{count:,} entries, {len(journal.lessons()):,} lessons")
            timed("write an entry", lambda: journal.add("stop", _UNDERSTOOD, slots=_SLOTS))
            shares = iter(range(50))
            timed("write an outcome", lambda: journal.outcome(last, {"covered": next(shares) / 50}))
            timed("an entry by its number", lambda: journal.entry(count // 2))
            timed("the last 50 entries", lambda: journal.entries(most=50))
            middle = datetime.now(UTC) - timedelta(minutes=count // 2)
            hour = (middle, middle + timedelta(hours=1))
            timed("the entries of one hour", lambda: journal.entries(since=hour[0], until=hour[1]))
            timed("the last 50 with a word", lambda: journal.entries(text="77号", most=50))
            timed("a sentence's lessons", lambda: journal._of_sentence(journal._store, "把500号楼"))
            timed("whether anything was learned (changes)", lambda: journal.changes)
            timed("all lessons", journal.lessons)
            start = time.perf_counter()
            journal.forget([last])
            print(f"{'forget one for good':44} {1000 * (time.perf_counter() - start):9.2f} ms")
        print(f"{'the file':44} {path.stat().st_size / 1e6:9.1f} MB")


if __name__ == "__main__":
    main()
