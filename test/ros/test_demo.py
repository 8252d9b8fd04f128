"""What `make demo` runs, with the real model; and that it leaves nothing behind."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from ros_environment import ros_environment

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "examples" / "simulated_drive.py"


@pytest.fixture
def demo(tmp_path):
    command = [sys.executable, str(DEMO), "一号楼门前有个可乐瓶，你来扫一扫"]
    with subprocess.Popen(
        [*command, "--out", str(tmp_path / "drive.png")],
        cwd=ROOT,
        env={**ros_environment(), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


@pytest.mark.slow
@pytest.mark.model
def test_the_sentence_is_driven_to_its_end(demo, tmp_path):
    said, _ = demo.communicate(timeout=280)
    assert demo.returncode == 0, said
    assert "\ndone: " in said
    covered = float(said.split("covered ")[-1].split("%")[0])
    assert covered > 98
    assert (tmp_path / "drive.png").stat().st_size > 10_000
    for log in tmp_path.glob("*.log"):
        assert "Traceback" not in log.read_text(), log


def test_control_c_ends_the_other_processes(demo):
    assert "starting the simulated robot" in demo.stdout.readline()
    children = psutil.Process(demo.pid).children()
    while len(children) < 2:
        time.sleep(0.05)
        children = psutil.Process(demo.pid).children()
    demo.send_signal(signal.SIGINT)
    assert demo.wait(40) == 130
    gone, alive = psutil.wait_procs(children, 10)
    assert (len(gone), alive) == (2, [])
