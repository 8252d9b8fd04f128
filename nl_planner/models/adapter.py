"""LoRA adapters: small weights that teach a model our line, shipped with the package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from nl_planner.errors import WeightsError


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
    folder = Path(str(resources.files("nl_planner.models"))) / "adapters" / model
    card = folder / "adapter.json"
    if not card.exists():
        return None
    about = json.loads(card.read_text("utf-8"))
    if about["base_sha256"] != base_sha256:
        raise WeightsError(f"{card}: made for other weights of {model}; train it again")
    return Adapter(
        folder / "adapter.safetensors",
        about["alpha"] / about["rank"],
        about["id"],
        about.get("ask_below", 0.0),
    )
