"""Fifty instructions in a row: none is lost, and the planner's memory does not grow."""

import itertools
import sqlite3
from pathlib import Path

import pytest

from nl_planner_msgs.action import ExecuteInstruction

Result = ExecuteInstruction.Result
TURNS = [
    ("扫西区", Result.DONE),
    ("去东区", Result.DONE),
    ("拖西区", Result.REFUSED),
    ("扫东区", Result.DONE),
    ("扫一下西区旁边的那个", Result.ASKED),
]
COUNT, WARM = 50, 10


def memory(process):
    """MB of the process that are in use."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_fifty_instructions_leak_nothing_and_none_is_lost(start, client):
    start.robot(speed=10.0)
    planner = start.planner().process
    used = {}
    turns = itertools.islice(itertools.cycle(TURNS), COUNT)
    for number, (text, outcome) in enumerate(turns, start=1):
        client.driven.clear()
        assert client.say(text).result(120).outcome == outcome
        used[number] = memory(planner)
    print(f"memory after {WARM}: {used[WARM]:.1f} MB, after {COUNT}: {used[COUNT]:.1f} MB")
    assert used[COUNT] < 1.05 * used[WARM]
    jobs = sqlite3.connect(start.folder / "state" / "jobs.db")
    stages = [stage for (stage,) in jobs.execute("SELECT stage FROM job")]
    jobs.close()
    assert stages == ["done"] * (COUNT * 3 // 5)
