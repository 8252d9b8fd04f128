"""Sound files of any common kind, read a block at a time as one channel at `RATE`."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from nl_planner.errors import ModelMissingError, SoundError
from nl_planner.speech.interface import RATE, Samples

BLOCK = 10 * RATE
"""Samples of one block: ten seconds."""
_KINDS = "a wav, flac, mp3 or ogg file"


def read_sound(path: str | Path) -> Iterator[Samples]:
    """The sound of a file in blocks of at most `BLOCK` samples; channels are averaged.

    Hours are no more in memory than a block.

    Raises:
        SoundError: there is no such file, it holds no sound, or it cannot be read to its end.
        ModelMissingError: the library that reads it (PyAV) is not installed.
    """
    path = Path(path)
    if not path.is_file():
        raise SoundError(f"{path}: no such file; give {_KINDS}")
    if path.stat().st_size == 0:
        raise SoundError(f"{path}: the file is empty; give {_KINDS}")
    try:
        import av
    except ImportError as error:
        raise ModelMissingError(
            "reading sound needs PyAV: pip install 'nl_planner[speech]'"
        ) from error
    some = False
    try:
        with av.open(str(path), metadata_errors="ignore") as container:
            stream = next(iter(container.streams.audio), None)
            if stream is None:
                raise SoundError(f"{path}: there is no sound in it; give {_KINDS}")
            if not stream.codec_context.sample_rate:
                raise SoundError(f"{path}: its header says 0 samples a second; record it again")
            resampler = av.AudioResampler(format="flt", rate=RATE)
            kept: list[Samples] = []
            for frame in container.decode(stream):
                kept += map(_averaged, resampler.resample(frame))
                if sum(map(len, kept)) >= BLOCK:
                    some = True
                    yield np.concatenate(kept)
                    kept = []
            kept += map(_averaged, resampler.resample(None))
            if kept:
                some = True
                yield np.concatenate(kept)
    except av.FFmpegError as error:
        raise SoundError(
            f"{path}: {'broken' if some else 'not a sound file'} ({error.strerror}); give {_KINDS}"
        ) from error
    if not some:
        raise SoundError(f"{path}: it holds no sound, only a header; give {_KINDS}")


def _averaged(frame: Any) -> Samples:
    """The mean of the channels of PyAV's frame; in "flt" they lie sample by sample."""
    channels = frame.layout.nb_channels
    return np.asarray(frame.to_ndarray().reshape(-1, channels).mean(axis=1), np.float32)


def write_wav(path: str | Path, samples: Samples, rate: int = RATE) -> None:
    """Write one channel as a 16-bit wav file.

    Raises:
        SoundError: it cannot be written.
    """
    whole = (np.clip(samples, -1, 1) * 32767).astype("<i2")
    try:
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(whole.tobytes())
    except OSError as error:
        raise SoundError(f"{path}: cannot be written ({error.strerror})") from error
