"""A microphone and a loudspeaker, through PortAudio (the package sounddevice)."""

from __future__ import annotations

import queue
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nl_planner.errors import ModelMissingError, SoundError
from nl_planner.speech.interface import RATE, Samples

_BLOCK = RATE // 5


def record(device: str | None, until: Callable[[], bool]) -> Iterator[Samples]:
    """What the microphone hears, a fifth of a second at a time, until ``until()`` is true.

    ``device``: its number, or a part of its name ("ReSpeaker"); None is the system's own. Of an
    array of microphones the first channel is taken: a ReSpeaker puts there the direction it has
    turned to, without echo.

    Raises:
        SoundError: there is no such microphone, or it cannot be used.
        ModelMissingError: sounddevice or PortAudio is not installed.
    """
    sounddevice = _sounddevice()
    blocks: queue.Queue[Samples] = queue.Queue()

    def put(block: Any, frames: int, time: Any, status: Any) -> None:
        blocks.put(np.array(block[:, 0], np.float32))

    try:
        with sounddevice.InputStream(
            samplerate=RATE, channels=1, blocksize=_BLOCK, device=_chosen(device), callback=put
        ):
            while not until():
                try:
                    yield blocks.get(timeout=0.2)
                except queue.Empty:
                    continue
            while not blocks.empty():
                yield blocks.get()
    except (sounddevice.PortAudioError, ValueError) as error:
        raise SoundError(
            f"the microphone cannot be used: {error}; {_there(sounddevice)}"
        ) from error


def play(sound: Samples, rate: int) -> None:
    """Play a sound to its end.

    Raises:
        SoundError, ModelMissingError: as `record`, of the loudspeaker.
    """
    sounddevice = _sounddevice()
    try:
        sounddevice.play(sound, rate, blocking=True)
    except (sounddevice.PortAudioError, ValueError) as error:
        raise SoundError(f"the loudspeaker cannot be used: {error}") from error


def _chosen(device: str | None) -> int | str | None:
    return int(device) if device and re.fullmatch(r"\d+", device) else device or None


def _there(sounddevice: Any) -> str:
    inputs = [
        f"{number}: {one['name']}"
        for number, one in enumerate(sounddevice.query_devices())
        if one["max_input_channels"]
    ]
    return f"there are: {'; '.join(inputs)}" if inputs else "this machine has none"


def _sounddevice() -> Any:
    try:
        import sounddevice
    except (ImportError, OSError) as error:  # OSError: the package is here, PortAudio is not
        raise ModelMissingError(
            "a microphone needs sounddevice and PortAudio: pip install 'nl_planner[microphone]' "
            "and apt-get install libportaudio2"
        ) from error
    return sounddevice
