"""SenseVoice, Paraformer, Whisper and Zipformer, run by sherpa-onnx from a local folder.

Which it is shows in the folder's files, as sherpa-onnx's project publishes them, unpacked: encoder,
decoder and joiner (a Zipformer transducer), encoder and decoder (Whisper), else one model, which is
SenseVoice or Paraformer as its tokens or its own metadata say.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Any

from nl_planner.errors import ModelError, ModelMissingError
from nl_planner.language.normalise import language_of
from nl_planner.speech.interface import RATE, Hypothesis, Samples, Suggest

_THREADS = 2


class SherpaRecogniser:
    """A model of sherpa-onnx in a folder with .onnx files and tokens.txt.

    int8 networks are taken where both are there. These recognisers give one hypothesis and no
    probability, and are not biased: the repair by sound does what hints would.
    """

    def __init__(self, folder: Path):
        self.folder = folder

    name = "sherpa-onnx"

    def transcribe(
        self, samples: Samples, language: str | None = None, suggest: Suggest | None = None
    ) -> tuple[str, tuple[Hypothesis, ...]]:
        """See `Recogniser.transcribe`; ``suggest`` is not called."""
        try:
            stream = self._recogniser.create_stream()
            stream.accept_waveform(RATE, samples)
            self._recogniser.decode_stream(stream)
            text = _plain(stream.result.text)
        except RuntimeError as error:
            raise ModelError(f"{self.folder}: sherpa-onnx failed: {error}") from error
        found = (Hypothesis(text),) if text else ()
        return language or language_of(text), found

    @cached_property
    def _recogniser(self) -> Any:
        try:
            import sherpa_onnx
        except ImportError as error:
            raise ModelMissingError(
                "sherpa-onnx is not installed: pip install 'nl_planner[sherpa]'"
            ) from error
        tokens = next(iter(sorted(self.folder.glob("*tokens.txt"))), None)
        if tokens is None or not list(self.folder.glob("*.onnx")):
            raise ModelMissingError(
                f"{self.folder}: no .onnx file or no tokens.txt; a SenseVoice, Paraformer, Whisper "
                "or Zipformer of sherpa-onnx, unpacked, is needed"
            )
        common = {"tokens": str(tokens), "num_threads": _THREADS}
        of = sherpa_onnx.OfflineRecognizer
        encoder, decoder, joiner = map(self._network, ("encoder", "decoder", "joiner"))
        try:
            if encoder and decoder and joiner:
                return of.from_transducer(encoder=encoder, decoder=decoder, joiner=joiner, **common)
            if encoder and decoder:
                return of.from_whisper(encoder=encoder, decoder=decoder, **common)
            model = self._network("model")
            if not model:
                raise ModelMissingError(f"{self.folder}: no model.onnx and no encoder*.onnx")
            if "<|zh|>" in tokens.read_text("utf-8"):
                return of.from_sense_voice(model=model, use_itn=True, **common)
            return of.from_paraformer(paraformer=model, **common)
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"{self.folder}: sherpa-onnx cannot load it: {error}") from error

    def _network(self, part: str) -> str:
        """The file of a part, "" for none; int8 first."""
        files = [file for file in self.folder.glob("*.onnx") if part in file.name]
        files.sort(key=lambda file: ("int8" not in file.name, file.name))
        return str(files[0]) if files else ""


def _plain(text: str) -> str:
    """Without the marks of language and mood that SenseVoice writes."""
    return re.sub(r"<\|[^|]*\|>", "", text).strip()
