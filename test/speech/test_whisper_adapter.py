"""The adapter in Whisper's weights: what it changes, and what it does not belong to."""

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from spoken import said

from nl_planner.errors import WeightsError
from nl_planner.speech.whisper_adapter import ADAPTERS, adapt, find_adapter, read_weights
from nl_planner.speech.whisper_recogniser import WhisperRecogniser

ADAPTER = ADAPTERS / "whisper-base.safetensors"


@pytest.fixture(scope="module")
def model(whisper_folder):
    return whisper_folder / "model.bin"


def test_an_adapter_of_nothing_changes_nothing(model, tmp_path):
    empty = {name: 0 * array for name, array in load_file(ADAPTER).items()}
    save_file(empty, tmp_path / "empty.safetensors")
    (tmp_path / "model.bin").write_bytes(adapt(model, tmp_path / "empty.safetensors"))
    before, after = read_weights(model), read_weights(tmp_path / "model.bin")
    assert (before.spec, before.revision, before.aliases) == (
        after.spec, after.revision, after.aliases,
    )  # fmt: skip
    assert list(before.arrays) == list(after.arrays)
    assert all(np.array_equal(before.arrays[name], after.arrays[name]) for name in before.arrays)


def test_only_the_linear_layers_are_changed(model, tmp_path):
    (tmp_path / "model.bin").write_bytes(adapt(model, ADAPTER))
    before, after = read_weights(model).arrays, read_weights(tmp_path / "model.bin").arrays
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    assert changed == {name.rsplit(".", 1)[0] for name in load_file(ADAPTER)}
    assert all("/layer_" in name and "/linear_" in name for name in changed)
    assert find_adapter(model) == ADAPTER
    assert find_adapter(tmp_path / "model.bin") is None, "it is not put in twice"


def test_what_does_not_belong_together_is_named(model, tmp_path):
    (tmp_path / "other.bin").write_bytes(b"no weights")
    with pytest.raises(WeightsError, match=r"other\.bin"):
        adapt(tmp_path / "other.bin", ADAPTER)
    (tmp_path / "torn.bin").write_bytes(model.read_bytes()[:1000])
    with pytest.raises(WeightsError, match=r"torn\.bin"):
        adapt(tmp_path / "torn.bin", ADAPTER)
    save_file({"decoder/x/weight.lora_A": np.ones((1, 2), np.float16)}, tmp_path / "a.safetensors")
    with pytest.raises(WeightsError, match="other weights"):
        adapt(model, tmp_path / "a.safetensors")
    with pytest.raises(WeightsError, match=r"nowhere\.safetensors"):
        adapt(model, tmp_path / "nowhere.safetensors")


def test_speech_about_other_things_is_still_written_as_it_is(whisper_folder):
    text = "The museum opens at nine in the morning, and children go in for free."
    _, found = WhisperRecogniser(whisper_folder).transcribe(said(text)[: 16000 * 8], "en")
    words = set(found[0].text.lower().replace(",", "").replace(".", "").split())
    assert len(words & {"museum", "opens", "nine", "morning", "children", "free"}) >= 4
