"""espeak-ng (the program of that name) as a voice: small, old and always at hand."""

from __future__ import annotations

import io
import shutil
import subprocess
import wave
from collections.abc import Sequence

import numpy as np

from nl_planner.errors import ModelError, ModelMissingError
from nl_planner.speech.interface import Samples

_SECONDS = 60
_VOICES = {"zh": "cmn-latn-pinyin", "en": "en"}


class EspeakVoice:
    """Speaks English as it is written and Chinese from its pinyin.

    ``options``: more of the program's own, such as ``-s 140`` words a minute.
    """

    def __init__(self, options: Sequence[str] = ()):
        self._options = tuple(options)

    def say(self, text: str, language: str) -> tuple[Samples, int]:
        """See `Voice.say`."""
        sound = _run([*self._options, "--stdout"], text, language)
        try:
            with wave.open(io.BytesIO(sound)) as file:
                rate = file.getframerate()
        except (wave.Error, EOFError) as error:
            raise ModelError(f"espeak-ng could not say {text!r}: {error}") from error
        # The header does not know the length, for it was written into a pipe.
        whole = np.frombuffer(sound[44 : 44 + (len(sound) - 44) // 2 * 2], "<i2")
        return (whole / 32768).astype(np.float32), rate


def phonemes(text: str, language: str) -> str:
    """A text as espeak-ng's phonemes (IPA), from which voices of Piper's kind speak."""
    american = ["-v", "en-us"] if language == "en" else []
    lines = _run([*american, "-q", "--ipa"], text, language).decode().splitlines()
    return " ".join(line.strip() for line in lines)


def _run(options: Sequence[str], text: str, language: str) -> bytes:
    program = shutil.which("espeak-ng")
    if not program:
        raise ModelMissingError(
            "espeak-ng is not installed (apt-get install espeak-ng); or give a folder with a voice "
            "of sherpa-onnx that needs none"
        )
    if language == "zh":
        from pypinyin import Style, lazy_pinyin

        text = " ".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True))
    command = [program, "-v", _VOICES[language], *options, "--stdin"]
    try:
        return subprocess.run(  # noqa: S603  the text goes through a pipe, not the command
            command, input=text.encode(), capture_output=True, timeout=_SECONDS, check=True
        ).stdout
    except (subprocess.SubprocessError, OSError) as error:
        raise ModelError(f"espeak-ng could not say {text!r}: {error}") from error
