"""What every recogniser of speech does for us."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

RATE = 16000
"""Samples a second, of one channel, in everything between a file or microphone and a recogniser."""

Samples = NDArray[np.float32]
"""Sound of one channel at `RATE`, from -1 to 1."""


@dataclass(frozen=True)
class Hypothesis:
    """One way to write what was said. ``log_probability``: of the whole text, as the recogniser
    has it; 0 where it gives none. ``confidence`` (0..1): that of its mean unit. ``hinted``: found
    by listening for words that were suggested.
    """

    text: str
    log_probability: float = 0.0
    confidence: float = 1.0
    hinted: bool = False


Suggest = Callable[[str, Sequence[Hypothesis]], Sequence[str]]
"""Language and first hypotheses → words that may have been said, to listen for once more."""


class Recogniser(Protocol):
    """Turns one utterance into text. It is loaded at the first `transcribe`, once."""

    @property
    def name(self) -> str:
        """The plain name, such as ``faster-whisper``."""

    def transcribe(
        self, samples: Samples, language: str | None = None, suggest: Suggest | None = None
    ) -> tuple[str, tuple[Hypothesis, ...]]:
        """The language ("zh" or "en") and the hypotheses, the surest first; none for no words.

        Args:
            samples: one utterance, at most half a minute.
            language: the language that is spoken, None to find out.
            suggest: names words to listen for again. What is found then is added to what was
                found without; a recogniser that cannot be biased does not call it.

        Raises:
            ModelError: the recogniser cannot be loaded or run.
        """
