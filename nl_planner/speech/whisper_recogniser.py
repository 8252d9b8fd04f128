"""Whisper (Radford et al. 2022) on CTranslate2, by the library faster-whisper.

Whisper was trained on half a minute at a time. Most of its time on a short utterance goes into the
silence behind it, so only a few seconds of that are given to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from math import exp
from pathlib import Path
from typing import Any

import numpy as np

from nl_planner.errors import ModelError, ModelMissingError
from nl_planner.speech.interface import RATE, Hypothesis, Samples, Suggest
from nl_planner.speech.whisper_adapter import adapt, find_adapter

Features = np.ndarray[Any, np.dtype[np.float32]]

LONGEST = 30.0
"""Seconds that Whisper hears at once."""
_SILENCE = 4.0
"""Seconds of silence behind the utterance; with less it begins to repeat itself."""
_BEAM = 5
_TOKENS_A_SECOND = 9
"""More are not spoken: beyond them Whisper repeats itself."""
_HINT_TOKENS = 100
_ECHO = 60.0
"""So alike (percent) to the text before it, what is heard is an echo of that."""
_CHINESE = ("<|zh|>", "<|yue|>")
_FILES = ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt")
_STYLE = {"zh": "以下是普通话的句子。", "en": ""}
"""Has Chinese written in simplified characters, most of the time."""


class WhisperRecogniser:
    """Whisper weights in a folder, as CTranslate2 has them, in int8.

    ``folder`` holds model.bin, config.json, tokenizer.json and vocabulary.txt. ``adapted``: with
    the adapter that comes with the package for just these weights, if one does. ``threads``: 0 for
    one on each core.
    """

    def __init__(self, folder: Path, adapted: bool = True, threads: int = 0):
        self.folder, self._adapted, self._threads = folder, adapted, threads

    name = "faster-whisper"

    def transcribe(
        self, samples: Samples, language: str | None = None, suggest: Suggest | None = None
    ) -> tuple[str, tuple[Hypothesis, ...]]:
        """See `Recogniser.transcribe`."""
        try:
            return self._transcribe(samples[: int(LONGEST * RATE)], language, suggest)
        except RuntimeError as error:  # CTranslate2's
            raise ModelError(f"{self.folder}: Whisper failed: {error}") from error

    def _transcribe(
        self, samples: Samples, language: str | None, suggest: Suggest | None
    ) -> tuple[str, tuple[Hypothesis, ...]]:
        encoded = self.encode(samples)
        if language is None:
            language = self._language(encoded)
        most = int(len(samples) / RATE * _TOKENS_A_SECOND) + 8
        found = self._decode(encoded, language, (), most)
        if found and suggest:
            names = suggest(language, found)
            if names:
                hinted = self._decode(encoded, language, names, most)
                found = (*found, *self._tempered(encoded, language, hinted))
        return language, found

    def encode(self, samples: Samples) -> Any:
        """The encoder's states (1, frames, width) of an utterance and the silence behind it."""
        features = self.features(samples, len(samples) / RATE + _SILENCE)
        return self._model.encode(features)

    def features(self, samples: Samples, seconds: float) -> Features:
        """Whisper's log mel spectrum (mels, hundredths of a second) of an utterance with silence
        behind it up to ``seconds`` in all.
        """
        length = min(LONGEST, seconds)
        padded = np.zeros(int(length * RATE), np.float32)
        padded[: len(samples)] = samples[: len(padded)]
        found = self._model.feature_extractor(padded)[:, : int(100 * length) // 2 * 2]
        return np.ascontiguousarray(found)

    def prompt(self, language: str, names: Sequence[str] = ()) -> list[int]:
        """The tokens before what is said; ``names`` may be said."""
        comma, stop = ("，", "。") if language == "zh" else (", ", ".")
        text = _STYLE[language] + (comma.join(names) + stop if names else "")
        tokenizer = self._tokenizers[language]
        before = tokenizer.encode(" " + text)[-_HINT_TOKENS:] if text else []
        tokens: list[int] = self._model.get_prompt(tokenizer, before, without_timestamps=True)
        return tokens

    def tokens(self, language: str, text: str) -> list[int]:
        """The tokens of what is said, with the end."""
        tokenizer = self._tokenizers[language]
        return [*tokenizer.encode(text if language == "zh" else f" {text}"), tokenizer.eot]

    def _decode(
        self, encoded: Any, language: str, names: Sequence[str], most: int
    ) -> tuple[Hypothesis, ...]:
        """The best hypotheses; ``names`` are listened for."""
        tokenizer, tokens = self._tokenizers[language], self.prompt(language, names)
        [result] = self._model.model.generate(
            encoded,
            [tokens],
            beam_size=_BEAM,
            num_hypotheses=_BEAM,
            max_length=len(tokens) + most,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=self._suppressed[language],
        )
        hypotheses: dict[str, Hypothesis] = {}
        for tokens, score in zip(result.sequences_ids, result.scores, strict=True):
            text = _once(self._simplified(tokenizer.decode(tokens).strip()))
            if text and "\ufffd" not in text and not _echoes(text, _STYLE[language]):
                confidence = exp(score) * (1 - result.no_speech_prob)
                hypotheses.setdefault(
                    text, Hypothesis(text, score * len(tokens), confidence, bool(names))
                )
        return tuple(hypotheses.values())

    def _tempered(
        self, encoded: Any, language: str, hinted: Sequence[Hypothesis]
    ) -> tuple[Hypothesis, ...]:
        """With the mean of the odds with the hint and without: it raises those of its names."""
        if not hinted:
            return ()
        texts = [self.tokens(language, h.text)[:-1] for h in hinted]
        states = np.repeat(np.array(encoded), len(texts), axis=0)
        without = self._model.model.align(
            type(encoded).from_array(states),
            self.prompt(language)[:-1],  # it puts the mark of no times there itself
            texts,
            [states.shape[1]] * len(texts),
        )
        return tuple(
            replace(h, log_probability=(h.log_probability + _log_odds(alone)) / 2)
            for h, alone in zip(hinted, without, strict=True)
        )

    def _language(self, encoded: Any) -> str:
        [odds] = self._model.model.detect_language(encoded)
        by_name = dict(odds)
        chinese = sum(by_name.get(name, 0.0) for name in _CHINESE)
        return "zh" if chinese > by_name.get("<|en|>", 0.0) else "en"

    @cached_property
    def _model(self) -> Any:
        try:
            from faster_whisper import WhisperModel
        except ImportError as error:
            raise ModelMissingError(
                "faster-whisper is not installed: pip install 'nl_planner[speech]'"
            ) from error
        missing = [file for file in _FILES if not (self.folder / file).is_file()]
        if missing:
            raise ModelMissingError(
                f"{self.folder}: no {', '.join(missing)}; a folder of Whisper weights for "
                "CTranslate2 is needed (`nl-planner models pull whisper-base` fetches one)"
            )
        adapter = find_adapter(self.folder / "model.bin") if self._adapted else None
        contents: dict[str, bytes] | None = None
        if adapter:
            contents = {file: (self.folder / file).read_bytes() for file in _FILES[1:]}
            contents["model.bin"] = adapt(self.folder / "model.bin", adapter)
        try:
            return WhisperModel(
                str(self.folder),
                files=contents,
                device="cpu",
                compute_type="int8",
                cpu_threads=self._threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(f"{self.folder}: these are no weights of Whisper: {error}") from error

    @cached_property
    def _tokenizers(self) -> dict[str, Any]:
        from faster_whisper.tokenizer import Tokenizer

        return {
            language: Tokenizer(
                self._model.hf_tokenizer, multilingual=True, task="transcribe", language=language
            )
            for language in _STYLE
        }

    @cached_property
    def _suppressed(self) -> dict[str, Sequence[int]]:
        """Tokens that are no speech: marks of music, brackets and the like."""
        from faster_whisper.transcribe import get_suppressed_tokens

        return {
            language: get_suppressed_tokens(tokenizer, [-1])
            for language, tokenizer in self._tokenizers.items()
        }

    @cached_property
    def _simplified(self) -> Any:
        """Traditional → simplified characters."""
        from opencc import OpenCC

        return OpenCC("t2s").convert


def _echoes(text: str, prompt: str) -> bool:
    """Whether a text is what stood before the sound, that Whisper repeats when it hears none."""
    from rapidfuzz import fuzz

    return bool(prompt) and fuzz.ratio(text, prompt) > _ECHO


def _log_odds(aligned: Any) -> float:
    """Of a text, from those of its tokens."""
    return float(np.log(np.maximum(aligned.text_token_probs, 1e-9)).sum())


def _once(text: str) -> str:
    """The text without what it says over again, whole or begun: "a b. a b. a" → "a b."."""
    for length in range(4, len(text) - 3):
        first, rest = text[:length].strip(), text[length:].strip()
        again = rest
        while first and again.startswith(first):
            again = again[len(first) :].strip()
        if first.startswith(again) and 3 * len(rest) > len(first):
            return first
    return text
