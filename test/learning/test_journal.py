"""The journal on both stores, what survives, and what is gone."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from nl_planner.errors import BadInputError, JournalError, UnknownNameError
from nl_planner.learning.entries import Source, Verdict
from nl_planner.learning.journal import Journal, journal_path
from nl_planner.learning.journal_store import MIGRATIONS
from nl_planner.models import Slot
from nl_planner.task import Place, Task, Understanding

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)


def sweep(*landmarks):
    tasks = [Task(action="sweep", place=Place(relation="in", landmarks=(n,))) for n in landmarks]
    return Understanding(intent="clean", status="ready", tasks=tasks, confidence=0.9)


PLAZA, LAWN = sweep("plaza"), sweep("lawn")
ASK = Understanding(intent="clean", status="ask", question="Where?", options=("a", "b"))


@pytest.fixture(params=["sqlite", "postgres"])
def where(request, tmp_path):
    if request.param == "sqlite":
        return tmp_path / "journal.db"
    url = request.getfixturevalue("postgres")  # skips where there is no server or no psycopg
    import psycopg

    with psycopg.connect(url) as db:
        db.execute("DROP SCHEMA IF EXISTS nl_planner CASCADE")
    return url


@pytest.fixture
def journal(where):
    with Journal(where, "Garden", robot="robot_1") as journal:
        yield journal


def test_an_entry_comes_back_as_it_was_written(journal):
    slot = Slot("start", " sweep", 0.9, " vacuum", 0.1)
    before = PLAZA.tasks[0]
    asked = journal.add("扫一下", ASK, when=MONDAY)
    number = journal.add(
        "  the plaza\n", PLAZA, when=MONDAY, who="Li", pose=(1, 2, 0.5), operator=(3, 4),
        before=before, answers=asked, slots=[slot], model="qwen",
    )  # fmt: skip
    journal.planned(number, [{"region": "in plaza", "length": 12.5}])
    journal.outcome(number, {"outcome": "stopped", "covered": 0.4, "left_out": ["north part"]})
    entry = journal.entry(number)
    assert (entry.text, entry.language, entry.at) == ("the plaza", "en", MONDAY)
    assert (entry.robot, entry.who, entry.pose, entry.operator) == (
        "robot_1", "Li", (1, 2, 0.5), (3, 4),
    )  # fmt: skip
    assert (entry.understanding, entry.before, entry.answers) == (PLAZA, before, asked)
    assert (entry.slots, entry.model) == ((slot,), "qwen")
    assert entry.plan == ({"region": "in plaza", "length": 12.5},)
    assert entry.outcome == {"outcome": "stopped", "covered": 0.4, "left_out": ["north part"]}
    assert json.loads(json.dumps(entry.to_json()))["understanding"] == PLAZA.to_json()


def test_entries_are_found_by_time_status_verdict_and_text(journal):
    first = journal.add("Sweep 100% of it", PLAZA, when=MONDAY)
    asked = journal.add("扫一下", ASK, when=MONDAY + timedelta(hours=1))
    late = journal.add("sweep the lawn", LAWN, when=MONDAY + timedelta(days=1))
    journal.judge(late, Verdict.WRONG)

    def found(**filters):
        return [entry.id for entry in journal.entries(**filters)]

    assert found() == [first, asked, late]
    assert found(most=2) == [asked, late]
    assert found(since=MONDAY + timedelta(hours=1), until=MONDAY + timedelta(days=1)) == [asked]
    assert found(status="ask") == [asked]
    assert found(verdict="wrong") == [late]
    assert found(verdict="none") == [first, asked]
    assert found(text="SWEEP") == [first, late]
    assert found(text="100%") == [first]
    assert found(text="0_%") == []


def test_a_job_that_was_done_confirms_how_it_was_understood_once(journal):
    for _ in range(2):
        journal.outcome(journal.add("扫一下圆盘", PLAZA), {"outcome": "done"})
    (lesson,) = journal.lessons()
    assert (lesson.text, lesson.understanding, lesson.source) == (
        "扫一下圆盘", PLAZA, Source.CONFIRMED,
    )  # fmt: skip


@pytest.mark.parametrize("outcome", ["stopped", "failed", ""])
def test_a_job_that_was_not_done_confirms_nothing(journal, outcome):
    journal.outcome(journal.add("扫一下圆盘", PLAZA), {"outcome": outcome})
    assert journal.lessons() == []


def test_a_complaint_takes_back_what_the_job_confirmed(journal):
    number = journal.add("扫一下圆盘", PLAZA)
    journal.outcome(number, {"outcome": "done"})
    journal.judge(number, Verdict.WRONG)
    assert journal.lessons() == []
    journal.outcome(number, {"outcome": "done"})
    assert journal.lessons() == []


def test_a_correction_replaces_the_lesson_and_is_taken_back(journal):
    before = journal.changes
    number = journal.add("扫一下圆盘", PLAZA)
    journal.judge(number, Verdict.RIGHT)
    lesson = journal.correct(number, LAWN, source=Source.CORRECTION, who="Li")
    assert journal.entry(number).verdict is Verdict.WRONG
    assert journal.lessons() == [lesson]
    assert (lesson.understanding, lesson.entry, lesson.who) == (LAWN, number, "Li")
    assert journal.changes > before
    taken = journal.take_back(lesson.id)
    assert journal.lessons() == []
    assert taken.taken_back is not None
    assert len(journal.lessons(taken_back=True)) == 2


def test_the_same_words_after_another_task_are_another_lesson(journal):
    journal.teach("the other one too", PLAZA, before=LAWN.tasks[0])
    journal.teach("the other one too", LAWN, before=PLAZA.tasks[0])
    assert len(journal.lessons()) == 2
    journal.teach("The other one, too!", PLAZA, before=PLAZA.tasks[0])
    assert [lesson.understanding for lesson in journal.lessons()] == [PLAZA, PLAZA]


def test_an_alias_means_one_place_the_last_one(journal):
    journal.name_place("圆盘", "plaza")
    last = journal.name_place("圆盘", "lawn", who="Li")
    assert journal.aliases() == [last]
    journal.take_back_alias(last.id)
    assert journal.aliases() == []
    assert len(journal.aliases(taken_back=True)) == 2


def test_two_sites_in_one_place_do_not_see_each_other(where, journal):
    number = journal.add("扫一下圆盘", PLAZA)
    lesson = journal.correct(number, LAWN)
    journal.name_place("圆盘", "plaza")
    with Journal(where, "Mall") as mall:
        assert (mall.entries(), mall.lessons(), mall.aliases(), mall.changes) == ([], [], [], 0)
        for call in (
            lambda: mall.entry(number),
            lambda: mall.outcome(number, {"outcome": "done"}),
            lambda: mall.take_back(lesson.id),
            lambda: mall.forget([number]),
        ):
            with pytest.raises(UnknownNameError, match="Mall"):
                call()
    assert journal.lessons() == [lesson]


def test_the_oldest_go_but_not_those_from_which_something_was_learned(where):
    with Journal(where, "Garden", most=150) as journal:
        learned = journal.add("扫一下圆盘", PLAZA)
        journal.correct(learned, LAWN)
        numbers = [journal.add(f"sweep place {i}", PLAZA) for i in range(399)]
        kept = [entry.id for entry in journal.entries()]
    assert kept == [learned, *numbers[-149:]]


def test_forgetting_takes_what_was_learned_along(journal):
    old = journal.add("sweep the disc", PLAZA, when=MONDAY)
    journal.correct(old, LAWN)
    journal.name_place("disc", "plaza", entry=old)
    new = journal.add("sweep the lawn", LAWN)
    kept = journal.correct(new, PLAZA)
    gone = journal.teach("vacuum it", PLAZA)
    with pytest.raises(UnknownNameError, match="lesson 999"):
        journal.forget([new], lessons=[999])
    assert journal.forget(before=MONDAY + timedelta(days=1), lessons=[gone.id]) == 4
    assert [entry.id for entry in journal.entries()] == [new]
    assert journal.lessons(taken_back=True) == [kept]
    assert journal.aliases(taken_back=True) == []


def test_a_time_needs_a_zone(journal):
    with pytest.raises(BadInputError, match="time zone"):
        journal.add("stop", PLAZA, when=datetime(2026, 11, 23))
    assert journal.entries() == []


# ---- the file


def bytes_of(folder):
    return b"".join(file.read_bytes() for file in folder.iterdir())


def test_what_is_forgotten_is_gone_from_the_files(tmp_path):
    secret = "zebra crossing of Mrs Underhill"
    with Journal(tmp_path / "journal.db", "Garden") as journal:
        for i in range(200):
            journal.add(f"sweep place {i}", PLAZA)
        number = journal.add(f"sweep the {secret}", PLAZA, who=secret)
        journal.correct(number, LAWN, who=secret)
        journal.name_place(secret, "lawn", entry=number)
        assert secret.encode() in bytes_of(tmp_path)
        journal.forget([number])
        assert secret.encode() not in bytes_of(tmp_path)
        assert len(journal.entries()) == 200
    assert secret.encode() not in bytes_of(tmp_path)


def test_forgetting_says_when_another_reader_keeps_the_log(tmp_path, monkeypatch):
    path = tmp_path / "journal.db"
    with Journal(path, "Garden") as journal:
        number = journal.add("sweep the zebra crossing", PLAZA)
        other = sqlite3.connect(path)
        other.execute("BEGIN")
        other.execute("SELECT * FROM entry").fetchall()
        journal._store._db.execute("PRAGMA busy_timeout = 50")
        with pytest.raises(JournalError, match="another program"):
            journal.forget([number])
        other.close()
        journal.forget(before=datetime.now(UTC))
    assert b"zebra" not in bytes_of(tmp_path)


def test_a_file_of_the_first_format_is_brought_up_to_date(tmp_path):
    path = tmp_path / "journal.db"
    old = sqlite3.connect(path)
    old.executescript(Path(__file__).with_name("journal_v1.sql").read_text())
    old.close()
    with Journal(path, "Garden") as journal:
        entry = journal.entry(7)
        assert (entry.text, entry.unknown, entry.verdict) == ("扫一下圆盘", None, "right")
        assert journal.lessons()[0].understanding == PLAZA
        assert journal.aliases()[0].target == "plaza"
        journal.unknown(7, "圆盘")
        assert journal.entry(7).unknown == "圆盘"
        assert journal.add("stop", PLAZA) == 8
    with Journal(path, "Garden") as again:
        assert again.entry(7).unknown == "圆盘"


def test_a_file_of_a_newer_program_is_left_alone(where, tmp_path):
    with Journal(where, "Garden") as journal:
        journal._store.read("UPDATE journal_format SET version = ?", (len(MIGRATIONS) + 1,))
    with pytest.raises(JournalError, match="update nl_planner"):
        Journal(where, "Garden")


@pytest.mark.parametrize("content", ["database", "text", "folder"])
def test_what_is_no_journal_is_said_so_and_left_as_it_is(tmp_path, content):
    path = tmp_path / "other.db"
    if content == "database":
        other = sqlite3.connect(path)
        other.execute("CREATE TABLE album (title TEXT)")
        other.close()
    elif content == "text":
        path.write_text("no database " * 1000)
    else:
        path.mkdir()
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(JournalError, match=r"other\.db"):
        Journal(path, "Garden")
    assert before is None or path.read_bytes() == before


@pytest.mark.parametrize("url", ["mysql://localhost/x", "postgresql:///x?host=/nowhere"])
def test_a_database_that_is_not_there_is_named_without_its_password(url):
    pytest.importorskip("psycopg")
    with pytest.raises(JournalError) as error:
        Journal(url, "Garden")
    assert "mysql" in str(error.value) or "/nowhere" in str(error.value)


def test_each_site_has_a_file_of_its_own(riverside, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    path = journal_path(riverside)
    assert path.parent == tmp_path / "nl_planner" / "journals"
    with Journal.of(riverside) as journal:
        journal.add("stop", PLAZA)
        assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}


def test_threads_may_share_a_journal(journal):
    def write():
        for i in range(20):
            journal.outcome(journal.add(f"sweep place {i}", PLAZA), {"outcome": "done"})

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(journal.entries()) == 80
    assert len({lesson.text for lesson in journal.lessons()}) == 20


WRITER = """
import sys
from nl_planner.learning.journal import Journal
from nl_planner.task import Understanding
understood = Understanding(intent="clean", status="ask", question="Where?")
journal = Journal(sys.argv[1], "Garden")
while True:
    number = journal.add(f"sweep place {sys.argv[2]}", understood)
    print(number, flush=True)
    journal.judge(number, "right")
    journal.name_place(f"name {number % 7}", "plaza")
"""


def kill_while_writing(path, times):
    """Start a writer and kill it, again and again; returns the ids that it acknowledged."""
    rng, acknowledged = Random(5), []
    for turn in range(times):
        command = [sys.executable, "-c", WRITER, str(path), str(turn)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            first = writer.stdout.readline()  # it writes by now
            time.sleep(rng.uniform(0, 0.05))
            os.kill(writer.pid, signal.SIGKILL)
            acknowledged += [int(line) for line in (first, *writer.stdout) if line.endswith("\n")]
    return acknowledged


@pytest.mark.parametrize(
    "times",
    [3, pytest.param(100, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])],
)
def test_a_kill_while_writing_loses_nothing_that_was_answered(tmp_path, times):
    path = tmp_path / "journal.db"
    acknowledged = kill_while_writing(path, times)
    assert len(acknowledged) >= times
    with Journal(path, "Garden") as journal:
        assert journal._store.read("PRAGMA integrity_check") == [("ok",)]
        assert {entry.id for entry in journal.entries()} >= set(acknowledged)
        assert len(journal.aliases()) <= 7


def test_a_lost_connection_is_opened_again(postgres):
    import psycopg

    with Journal(postgres, "Connections") as journal:
        journal.add("stop", PLAZA)
        with psycopg.connect(postgres, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        with pytest.raises(JournalError, match="cannot be used"):
            journal.add("stop", PLAZA)
        journal.add("stop", PLAZA)
        assert len(journal.entries()) == 2
