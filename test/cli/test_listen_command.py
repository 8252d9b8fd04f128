"""What is spoken is kept, learned from and grounded as what is typed; the ear is a stand-in that
has heard the given sentences (`test/speech` hears real sound).
"""

import json

import numpy as np
import pytest

from nl_planner import planner as planner_module
from nl_planner import speech
from nl_planner.cli import main
from nl_planner.learning.journal import Journal
from nl_planner.models.fake import FakeModel
from nl_planner.speech.listener import Heard
from nl_planner.speech.sound_file import write_wav


@pytest.fixture
def listen(riverside, tmp_path, monkeypatch, capsys):
    """Let these sentences be heard and the model read these lines; (exit, stdout, stderr)."""

    def command(sentences, lines, *arguments):
        def heard(self, blocks):
            for number, text in enumerate(sentences):
                yield Heard(text, text, "zh", 0.99, number, number + 0.9)

        monkeypatch.setattr(speech, "open_recogniser", lambda *_: None)
        monkeypatch.setattr(speech.Listener, "listen", heard)
        monkeypatch.setattr(planner_module, "open_model", lambda *names: FakeModel(lines))
        sound = tmp_path / "a.wav"
        write_wav(sound, np.zeros(16000, np.float32))
        status = main(["listen", str(sound), "--site", str(riverside.source), *arguments])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return command


def test_what_is_spoken_is_written_down_and_corrected(listen, riverside, tmp_path):
    file = tmp_path / "j.db"
    status, _, err = listen(
        ["一号搂门口扫一下", "不对，是二号楼"],
        [" sweep all front [1号楼] .", " correct sweep all front [二号楼] ."],
        "--journal",
        str(file),
    )
    assert status == 0
    assert err.splitlines()[-2:] == ["journal: entry 1", "journal: entry 2"]
    with Journal.of(riverside, file) as journal:
        assert [entry.text for entry in journal.entries()] == ["一号搂门口扫一下", "不对,是二号楼"]
        assert journal.entry(2).corrects == 1
        (lesson,) = journal.lessons()
    assert lesson.understanding.tasks[0].place.landmarks == ("building_2",)


def test_a_name_that_is_spoken_is_learned_and_told(listen, tmp_path):
    lines = [" remember", " go at [健身角] .", " [老地方]", " none"]
    journal = ["--journal", str(tmp_path / "j.db")]
    status, _, err = listen(["记住，健身角大家都叫老地方"], lines, *journal)
    assert status == 0
    assert "记住了：“老地方”是健身角。" in err


@pytest.mark.parametrize("seen", [False, True])
def test_what_was_seen_is_known_to_what_is_spoken(listen, riverside, tmp_path, capsys, seen):
    memory = ["--memory", str(tmp_path / "seen.db")]
    where = ["--site", str(riverside.source)]
    assert main(["seen", "report", "can" if seen else "leaf", "17.0,56.5", *where, *memory]) == 0
    capsys.readouterr()
    status, out, _ = listen(["捡起易拉罐"], [" pick [易拉罐] nowhere ."], *memory, "--json")
    assert status == (0 if seen else 3)
    assert json.loads(out)["heard"] == "捡起易拉罐"
