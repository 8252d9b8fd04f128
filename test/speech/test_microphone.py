"""The microphone: PortAudio and ALSA are real, what stands behind them is a file."""

import os
import subprocess
import sys

import numpy as np
import pytest

from nl_planner.speech import RATE

ALSA = """
pcm.!default {{
  type file
  slave.pcm "null"
  file "/dev/null"
  infile "{sound}"
  format "raw"
}}
"""
RECORD = """
import sys
import numpy as np
from nl_planner.speech.microphone import record
blocks = []
for block in record(None, lambda: len(blocks) >= 10):
    blocks.append(block)
np.save(sys.argv[1], np.concatenate(blocks))
"""


@pytest.fixture
def run(tmp_path):
    try:
        import sounddevice  # noqa: F401
    except (ImportError, OSError):
        pytest.skip("sounddevice or PortAudio (apt-get install libportaudio2) is not installed")

    def run(code, *arguments):
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            env={**os.environ, "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_what_the_microphone_gives_is_recorded(run, tmp_path):
    tone = np.sin(np.arange(3 * RATE) * 2 * np.pi * 440 / RATE).astype("<f4") / 2
    tone.tofile(tmp_path / "sound.raw")
    (tmp_path / ".asoundrc").write_text(ALSA.format(sound=tmp_path / "sound.raw"))
    done = run(RECORD, tmp_path / "heard.npy")
    assert done.returncode == 0, done.stderr
    heard = np.load(tmp_path / "heard.npy")
    assert len(heard) >= 2 * RATE
    assert np.allclose(heard[: 2 * RATE], tone[: 2 * RATE], atol=1e-4)


def test_without_a_microphone_that_is_told(run, tmp_path):
    (tmp_path / ".asoundrc").write_text('pcm.!default { type hw card "none" }')
    done = run(RECORD, tmp_path / "heard.npy")
    assert done.returncode == 1
    assert "the microphone cannot be used" in done.stderr
    assert "this machine has none" in done.stderr
