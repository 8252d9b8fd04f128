"""Where in a stream of sound somebody speaks to the robot.

Silero's voice activity network (MIT, in the wheel of faster-whisper) gives the probability of
speech every 32 ms. What it takes for speech is an utterance when it is long enough, and loud
enough against what lies about it: a voice across a hall hardly rises over the noise of the place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from nl_planner.errors import ModelMissingError
from nl_planner.speech.interface import RATE, Samples

_FRAME, _CONTEXT = 512, 64
_SECONDS = _FRAME / RATE
_BEGINS, _GOES_ON = 0.5, 0.35
"""Probability of speech with which an utterance begins, and above which it goes on."""
_PAUSE = 0.7
"""Seconds without speech that end an utterance."""
_SHORTEST, _LONGEST = 0.25, 28.0
_MARGIN = 0.2
"""Seconds kept before and after."""
_LEVEL = 10.0 ** (-45 / 20)
"""Root mean square of speech that is too soft to be meant for the robot: -45 dB of full scale."""
_OVER_NOISE = 10.0 ** (3 / 20)
"""Speech rises this much (3 dB) over the softer tenth of the sound before it."""
_NOISE_SECONDS = 10.0


@dataclass(frozen=True)
class Utterance:
    """Speech between two pauses. ``start`` and ``end`` are seconds from the beginning of the
    stream; ``speech`` is the mean probability that it is speech.
    """

    samples: Samples
    start: float
    end: float
    speech: float


class VoiceActivity:
    """Cuts a stream into utterances; one for each stream."""

    def utterances(self, blocks: Iterable[Samples]) -> Iterator[Utterance]:
        """The utterances of a stream, each as soon as it has ended."""
        heard: list[Samples] = []  # frames since the margin before the utterance
        odds: list[float] = []
        silent = speaking = 0  # frames
        levels: list[float] = []
        at = 0
        margin = int(_MARGIN / _SECONDS)
        for frame, probability in self._frames(blocks):
            at += 1
            heard.append(frame)
            odds.append(probability)
            if not speaking:
                if probability < _BEGINS:
                    levels = [*levels, _level(frame)][-int(_NOISE_SECONDS / _SECONDS) :]
                    del heard[:-margin], odds[:-margin]
                    continue
                speaking, silent = len(heard), 0
            silent = silent + 1 if probability < _GOES_ON else 0
            over = silent * _SECONDS >= _PAUSE
            if over or len(heard) * _SECONDS >= _LONGEST:
                found = self._utterance(heard, odds, at, silent - margin if over else 0, levels)
                if found:
                    yield found
                heard, odds, speaking = heard[-margin:], odds[-margin:], 0
        if speaking:
            found = self._utterance(heard, odds, at, 0, levels)
            if found:
                yield found

    def _utterance(
        self, heard: list[Samples], odds: list[float], at: int, tail: int, levels: list[float]
    ) -> Utterance | None:
        """What was heard up to frame ``at`` without its tail, if it is meant for the robot."""
        kept = len(heard) - max(0, tail)
        spoken = [
            (probability, _level(frame))
            for frame, probability in zip(heard[:kept], odds[:kept], strict=True)
            if probability >= _GOES_ON
        ]
        loudness = float(np.sqrt(np.mean([level**2 for _, level in spoken])))
        noise = float(np.quantile(levels, 0.1)) if levels else 0.0
        if len(spoken) * _SECONDS < _SHORTEST or loudness < max(_LEVEL, _OVER_NOISE * noise):
            return None
        end = (at - max(0, tail)) * _SECONDS
        return Utterance(
            np.concatenate(heard[:kept]),
            round(end - kept * _SECONDS, 3),
            round(end, 3),
            float(np.mean([probability for probability, _ in spoken])),
        )

    def _frames(self, blocks: Iterable[Samples]) -> Iterator[tuple[Samples, float]]:
        """Each frame of 32 ms, and how probably it is speech."""
        state = {"h": np.zeros((1, 1, 128), np.float32), "c": np.zeros((1, 1, 128), np.float32)}
        before = np.zeros(_CONTEXT, np.float32)
        rest = np.zeros(0, np.float32)
        for block in blocks:
            sound = np.concatenate([rest, block])
            whole = len(sound) // _FRAME * _FRAME
            rest = sound[whole:]
            if not whole:
                continue
            frames = sound[:whole].reshape(-1, _FRAME)
            joined = np.concatenate([before, sound[:whole]])
            starts = np.arange(len(frames)) * _FRAME
            windows = joined[starts[:, None] + np.arange(_FRAME + _CONTEXT)]
            before = joined[-_CONTEXT:]
            odds, state["h"], state["c"] = self._network.run(None, {"input": windows, **state})
            yield from zip(frames, map(float, np.ravel(odds)), strict=True)

    @cached_property
    def _network(self) -> Any:
        try:
            import faster_whisper
            import onnxruntime
        except ImportError as error:
            raise ModelMissingError(
                "finding speech needs faster-whisper and onnxruntime: "
                "pip install 'nl_planner[speech]'"
            ) from error
        [weights] = Path(faster_whisper.__file__).parent.glob("assets/silero_vad_v6.onnx")
        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        options.log_severity_level = 4
        return onnxruntime.InferenceSession(
            str(weights), options, providers=["CPUExecutionProvider"]
        )


def _level(frame: Samples) -> float:
    return float(np.sqrt(np.mean(frame**2)))
