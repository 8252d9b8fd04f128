"""LoRA adapters: small weights that teach a model our line, shipped with the package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path

from nl_planner.errors import WeightsError
from nl_planner.models.registry import ModelSpec

WEIGHTS, CARD = "adapter.safetensors", "adapter.json"
"""The two files of an adapter's folder."""


@dataclass(frozen=True)
class Adapter:
    """An adapter: its file, what its product is scaled by, and an id that changes with it.

    ``ask_below``: a reading less probable than this is asked about (see `learning.calibrate`).
    """

    weights: Path
    scale: float
    id: str
    ask_below: float


def find_adapter(model: str, base_sha256: str) -> Adapter | None:
    """The adapter that comes with the package for this model, None when there is none.

    Raises:
        WeightsError: it was made for other weights of that name.
    """
    folder = shipped_adapter(model)
    return read_adapter(folder, model, base_sha256) if (folder / CARD).exists() else None


def shipped_adapter(model: str) -> Path:
    """The folder of the adapter that comes with the package for this model, if any does."""
    return Path(str(resources.files("nl_planner.models"))) / "adapters" / model


def read_adapter(folder: Path, model: str, base_sha256: str) -> Adapter:
    """The adapter in a folder, made for this model.

    Raises:
        WeightsError: there is none, it is damaged, or it was made for other weights.
    """
    card = folder / CARD
    try:
        about = json.loads(card.read_text("utf-8"))
        if not (folder / WEIGHTS).is_file():
            raise FileNotFoundError(f"{WEIGHTS} is missing")
    except (OSError, ValueError) as error:
        raise WeightsError(f"{folder}: no adapter can be read there ({error})") from error
    if about["base_sha256"] != base_sha256:
        raise WeightsError(f"{card}: made for other weights of {model}; train it again")
    return Adapter(
        folder / WEIGHTS,
        about["alpha"] / about["rank"],
        about["id"],
        about.get("ask_below", 0.0),
    )


class WithAdapter:
    """What a `LanguageModel` with weights on this machine is called, and what its adapter says.

    ``adapter``: the folder of one to use instead of that which comes with the package.
    """

    def __init__(self, spec: ModelSpec, adapter: Path | None = None):
        self._spec, self._folder_of_adapter = spec, adapter

    @property
    def name(self) -> str:
        """The plain name of the weights."""
        return self._spec.name

    @cached_property
    def adapted(self) -> bool:
        """Whether an adapter that knows our line is part of it."""
        return self._adapter is not None

    @cached_property
    def ask_below(self) -> float:
        """Calibrated with the adapter; without one nothing is known, and nothing is asked."""
        return self._adapter.ask_below if self._adapter else 0.0

    @cached_property
    def _adapter(self) -> Adapter | None:
        if self._folder_of_adapter:
            return read_adapter(self._folder_of_adapter, self._spec.name, self._spec.sha256)
        return find_adapter(self._spec.name, self._spec.sha256)
