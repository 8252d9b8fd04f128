"""What every voice does for us, and which one speaks."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from nl_planner.speech.interface import Samples


class Voice(Protocol):
    """Turns text into sound."""

    def say(self, text: str, language: str) -> tuple[Samples, int]:
        """The sound of one channel, and its samples a second. ``language`` is "zh" or "en".

        Raises:
            ModelError: the voice cannot be loaded or run.
        """


def open_voice(folder: str | Path | None = None) -> Voice:
    """The voice of a sherpa-onnx folder, or espeak-ng when there is no folder.

    Raises:
        ModelMissingError: what it takes is not on this machine.
    """
    if folder:
        from nl_planner.speech.sherpa_voice import SherpaVoice

        return SherpaVoice(Path(folder))
    from nl_planner.speech.espeak_voice import EspeakVoice

    return EspeakVoice()
