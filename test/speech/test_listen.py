"""From sound to what is meant: real speech, real whisper-base, the real language model."""

import json
import tomllib
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from spoken import said

from nl_planner import Planner
from nl_planner.cli import main
from nl_planner.errors import InstructionError, ModelError, UnknownNameError
from nl_planner.language.normalise import canonical
from nl_planner.speech import RATE, Heard, Listener, open_recogniser
from nl_planner.speech.sherpa_recogniser import SherpaRecogniser
from nl_planner.speech.sound_file import write_wav
from nl_planner.speech.voice_activity import VoiceActivity
from nl_planner.speech.whisper_recogniser import _STYLE, WhisperRecogniser, _echoes
from nl_planner.task import Action, Intent, Place, Relation, Status, Task, Understanding

ROOT = Path(__file__).parents[2]
RECOGNISERS = (WhisperRecogniser, SherpaRecogniser)


@pytest.fixture(scope="module")
def listener(riverside, whisper_folder):
    return Listener(riverside, WhisperRecogniser(whisper_folder))


def heard_in(listener, sound):
    return list(listener.listen(np.array_split(sound, 7)))


def test_a_sentence_is_heard_with_its_times_and_language(listener):
    sound = said("sweep around the playground twice, please")
    [heard] = heard_in(listener, sound)
    assert canonical(heard.text).startswith("sweep around the playground twice")
    assert heard.language == "en"
    assert 0.2 < heard.start < 1.0 < heard.end < len(sound) / RATE
    assert not heard.doubted_as(
        lambda text: Understanding(intent=Intent.CLEAN, status=Status.READY)
    )


def noise(level):
    return level * np.random.default_rng(3).standard_normal(8 * RATE)


def music():
    times = np.arange(8 * RATE) / RATE
    chord = sum(np.sin(2 * np.pi * tone * times) for tone in (220, 277, 330, 440))
    return 0.1 * chord * np.exp(-2 * (times % 0.5))


@pytest.mark.parametrize(
    "sound",
    [np.zeros(5 * RATE), noise(0.001), noise(0.1), music()],
    ids=["silence", "quiet noise", "loud noise", "music"],
)
def test_what_is_no_speech_is_not_heard(listener, sound):
    assert heard_in(listener, sound.astype(np.float32)) == []


def test_a_voice_far_away_is_not_meant(listener):
    far = 0.002 * said("sweep the plaza twice") / 0.5
    room = 0.0005 * np.random.default_rng(4).standard_normal(len(far))
    assert heard_in(listener, (far + room).astype(np.float32)) == []


def test_two_sentences_are_two(listener):
    first, second = said("please sweep the playground"), said("go to the main gate")
    assert len(heard_in(listener, np.concatenate([first, second]))) == 2


def test_how_the_stream_is_cut_into_blocks_makes_no_difference():
    sound = said("sweep the plaza twice")
    whole = list(VoiceActivity().utterances([sound]))
    pieces = list(VoiceActivity().utterances(np.array_split(sound, 50)))
    assert [(u.start, u.end) for u in whole] == [(u.start, u.end) for u in pieces]
    assert np.array_equal(whole[0].samples, pieces[0].samples)


def test_a_talk_without_a_pause_is_cut_before_it_is_too_long(listener):
    sound = np.tile(said("sweep the plaza and the lane and the gate and the road", pad=0.05), 12)
    assert all(u.end - u.start < 29 for u in VoiceActivity().utterances([sound]))


@pytest.mark.parametrize("kind", RECOGNISERS)
def test_a_folder_without_weights_says_what_is_needed(kind, tmp_path):
    if kind is SherpaRecogniser:
        pytest.importorskip("sherpa_onnx")
    with pytest.raises(ModelError, match="needed") as error:
        kind(tmp_path).transcribe(np.zeros(RATE, np.float32))
    assert str(tmp_path) in str(error.value)


def test_an_unknown_recogniser_is_told(tmp_path):
    with pytest.raises(UnknownNameError, match="parrot"):
        open_recogniser("parrot", tmp_path)


def test_the_entry_points_name_what_there_is():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    points = project["entry-points"]["nl_planner.recognisers"]
    for target in points.values():
        module, name = target.split(":")
        assert getattr(import_module(module), name) in RECOGNISERS


@pytest.fixture
def planner(riverside, real_model):
    return Planner(riverside, real_model)


@pytest.mark.model
def test_what_was_hardly_heard_is_asked_about_and_yes_runs_it(planner):
    asked = planner.understand("sweep the plaza twice", doubted=True)
    assert asked.status is Status.ASK
    assert "sweep the plaza twice" in asked.question
    assert asked.tasks == ()
    done = planner.understand("yes")
    assert done.status is Status.READY
    assert (done.tasks[0].place.landmarks, done.tasks[0].passes) == (("plaza",), 2)


@pytest.mark.model
def test_a_yes_that_was_hardly_heard_moves_nothing(planner):
    planner.understand("把广场扫一扫", doubted=True)
    again = planner.understand("对", doubted=True)
    assert (again.status, again.tasks) == (Status.ASK, ())
    assert planner.understand("不对").tasks == ()


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "status"), [("停", "ready"), ("回去充电", "ask"), ("可以，开始吧", "ask")]
)
def test_a_stop_needs_no_yes_but_what_starts_something_does(planner, text, status):
    doubted = planner.understand(text, doubted=True)
    assert doubted.status == status
    if status == "ask":
        assert planner.understand("对").intent == doubted.intent


def test_what_else_may_have_been_said_is_asked_about_only_where_it_means_something_else():
    place = Place(relation=Relation.IN, landmarks=("plaza",))
    sweep, mop = (
        Understanding(
            intent=Intent.CLEAN, status=Status.READY, tasks=(Task(action=a, place=place),)
        )
        for a in (Action.SWEEP, Action.MOP)
    )
    unclear = Understanding(intent=Intent.CLEAN, status=Status.ASK, question="Where?")
    means = {
        "sweep the plaza": sweep,
        "please sweep the plaza": sweep,
        "mop the plaza": mop,
        "mop the placer": unclear,
    }

    def heard(confidence, **rivals):
        others = tuple((text.replace("_", " "), share) for text, share in rivals.items())
        return Heard("sweep the plaza", "", "en", confidence, 0.0, 1.0, others)

    assert not heard(0.8).doubted_as(means.__getitem__)
    assert not heard(0.8, please_sweep_the_plaza=0.4).doubted_as(means.__getitem__)
    assert not heard(0.8, mop_the_placer=0.4).doubted_as(means.__getitem__)
    assert heard(0.8, mop_the_plaza=0.3).doubted_as(means.__getitem__)
    assert not heard(0.8, mop_the_plaza=0.05).doubted_as(means.__getitem__)
    assert heard(0.2).doubted_as(means.__getitem__)

    def meaning(text):
        if text == "...":
            raise InstructionError("no words")
        return means[text]

    wordless = Heard("sweep the plaza", "...", "en", 0.8, 0.0, 1.0, (("...", 0.3),))
    assert not wordless.doubted_as(meaning)


@pytest.mark.parametrize(("written", "doubted"), [("Yes!", False), ("Nice.", True)])
def test_a_yes_that_only_a_repair_has_made_is_doubted(written, doubted):
    heard = Heard("yes", written, "en", 0.8, 0.0, 1.0, rivals=((written, 0.05),))
    said = {"yes": Understanding(intent=Intent.YES, status=Status.READY)}
    nothing = Understanding(intent=Intent.NONE, status=Status.READY)
    assert heard.certain is not doubted
    assert heard.doubted_as(lambda text: said.get(text, nothing)) is doubted


@pytest.mark.model
def test_a_hint_alone_makes_nothing_probable(whisper_folder):
    recogniser = WhisperRecogniser(whisper_folder)
    sound = said("sweep around the playground twice, please", pad=0)
    hint = "Sweep around the bay ground twice, please."
    _, heard = recogniser.transcribe(sound, "en", lambda *_: (hint,) * 4)
    named = [h.log_probability for h in heard if "bay ground" in h.text]
    said_so = max(h.log_probability for h in heard if "playground" in h.text)
    assert named
    assert max(named) < said_so - 3


@pytest.mark.model
def test_a_file_from_the_command_line(whisper_folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(
        "nl_planner.speech.open_recogniser", lambda *_: WhisperRecogniser(whisper_folder)
    )
    write_wav(tmp_path / "a.wav", said("sweep around the playground twice, please"))
    site = str(ROOT / "maps" / "riverside.site.yaml")
    assert main(["listen", str(tmp_path / "a.wav"), "--site", site, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["tasks"][0]["place"]["landmarks"] == ["playground"]
    assert document["heard"].startswith("sweep around")
    write_wav(tmp_path / "b.wav", noise(0.01).astype(np.float32))
    assert main(["listen", str(tmp_path / "b.wav"), "--site", site, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["heard"], document["intent"]) == (None, Intent.NONE)


def test_a_file_that_is_none_ends_with_2(whisper_folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(
        "nl_planner.speech.open_recogniser", lambda *_: WhisperRecogniser(whisper_folder)
    )
    (tmp_path / "a.wav").write_text("sweep the plaza")
    site = str(ROOT / "maps" / "riverside.site.yaml")
    assert main(["listen", str(tmp_path / "a.wav"), "--site", site]) == 2
    assert "not a sound file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "echo"), [("这就是普通话的句子。", True), ("把广场扫一扫", False), ("对", False)]
)
def test_what_stands_before_the_sound_is_not_heard_as_speech(text, echo):
    assert _echoes(text, _STYLE["zh"]) is echo
