"""A voice in a folder, run by sherpa-onnx: VITS (Piper among it), Matcha or Kokoro."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from nl_planner.errors import ModelError, ModelMissingError
from nl_planner.speech.espeak_voice import phonemes
from nl_planner.speech.interface import Samples


class SherpaVoice:
    """A folder as sherpa-onnx's project publishes them, unpacked.

    It holds model.onnx (or another .onnx) and tokens.txt; and what the kind of voice needs:
    lexicon.txt (without one the program espeak-ng gives the phonemes), a vocoder (vocos*.onnx,
    hifigan*.onnx: Matcha), voices.bin (Kokoro), *.fst for numbers.
    """

    def __init__(self, folder: Path):
        self.folder = folder

    def say(self, text: str, language: str) -> tuple[Samples, int]:
        """See `Voice.say`; the language is the folder's."""
        try:
            sound = self._generate(text, language)
        except RuntimeError as error:
            raise ModelError(f"{self.folder}: could not say {text!r}: {error}") from error
        if not len(sound.samples):
            raise ModelError(f"{self.folder}: this voice cannot say {text!r}")
        return np.asarray(sound.samples, np.float32), int(sound.sample_rate)

    def _generate(self, text: str, language: str) -> Any:
        if (self.folder / "lexicon.txt").exists():
            return self._synthesiser.generate(text)
        import sherpa_onnx

        # From version 2 on sherpa-onnx leaves it to its caller to ask espeak-ng.
        how = sherpa_onnx.GenerationConfig()
        how.phoneme_codepoints = [[ord(char) for char in phonemes(text, language)]]
        return self._synthesiser.generate(text, how)

    @cached_property
    def _synthesiser(self) -> Any:
        try:
            import sherpa_onnx
        except ImportError as error:
            raise ModelMissingError(
                "sherpa-onnx is not installed: pip install 'nl_planner[sherpa]'"
            ) from error
        configuration = sherpa_onnx.OfflineTtsConfig(
            model=self._model(sherpa_onnx),
            rule_fsts=",".join(map(str, sorted(self.folder.glob("*.fst")))),
        )
        if not configuration.validate():
            raise ModelError(f"{self.folder}: sherpa-onnx finds no voice in this folder")
        return sherpa_onnx.OfflineTts(configuration)

    def _model(self, sherpa_onnx: Any) -> Any:
        folder = self.folder
        networks = sorted(folder.glob("*.onnx"))
        vocoders = [n for n in networks if n.name.startswith(("vocos", "hifigan"))]
        acoustic = [n for n in networks if n not in vocoders]
        if not acoustic or not (folder / "tokens.txt").is_file():
            raise ModelMissingError(
                f"{folder}: no .onnx file or no tokens.txt; a voice of sherpa-onnx, unpacked, "
                "is needed"
            )

        def there(name: str) -> str:
            return str(folder / name) if (folder / name).exists() else ""

        common = {
            "lexicon": there("lexicon.txt"),
            "tokens": there("tokens.txt"),
        }
        if there("voices.bin"):
            kokoro = sherpa_onnx.OfflineTtsKokoroModelConfig(
                model=str(acoustic[0]), voices=there("voices.bin"), **common
            )
            return sherpa_onnx.OfflineTtsModelConfig(kokoro=kokoro)
        if vocoders:
            matcha = sherpa_onnx.OfflineTtsMatchaModelConfig(
                acoustic_model=str(acoustic[0]), vocoder=str(vocoders[0]), **common
            )
            return sherpa_onnx.OfflineTtsModelConfig(matcha=matcha)
        vits = sherpa_onnx.OfflineTtsVitsModelConfig(model=str(acoustic[0]), **common)
        return sherpa_onnx.OfflineTtsModelConfig(vits=vits)
