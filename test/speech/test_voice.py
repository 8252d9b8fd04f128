import shutil

import numpy as np
import pytest

from nl_planner.errors import ModelMissingError
from nl_planner.speech.espeak_voice import EspeakVoice, phonemes
from nl_planner.speech.sherpa_voice import SherpaVoice
from nl_planner.speech.voice import open_voice

needs_espeak = pytest.mark.skipif(
    not shutil.which("espeak-ng"), reason="espeak-ng is not installed"
)


@needs_espeak
@pytest.mark.parametrize(
    ("text", "language"), [("您说的是哪一个？", "zh"), ("Which one do you mean?", "en")]
)
def test_espeak_says_both_languages(text, language):
    sound, rate = open_voice().say(text, language)
    assert 0.5 < len(sound) / rate < 5
    assert 0.1 < np.abs(sound).max() <= 1


@needs_espeak
def test_a_text_reaches_no_shell_and_no_option():
    sound, _ = EspeakVoice().say("--version; $(reboot) `ls` -w out.wav", "en")
    assert len(sound) > 10000


@needs_espeak
def test_phonemes_of_several_clauses_are_one_line():
    assert "\n" not in phonemes("Stop. Then go on.", "en")


def test_without_espeak_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(ModelMissingError, match="apt-get install espeak-ng"):
        EspeakVoice().say("yes", "en")


def test_a_folder_without_a_voice_says_what_is_needed(tmp_path):
    pytest.importorskip("sherpa_onnx")
    with pytest.raises(ModelMissingError, match=r"tokens\.txt"):
        SherpaVoice(tmp_path).say("yes", "en")
