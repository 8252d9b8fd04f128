"""Sound → text and text → sound, on the robot's own computer.

Recognisers are entry points of the group ``nl_planner.recognisers``: a name → a callable that
takes the folder of its weights and gives a `Recogniser`.
"""

from __future__ import annotations

from pathlib import Path

from nl_planner.errors import UnknownNameError
from nl_planner.speech.interface import RATE, Hypothesis, Recogniser, Samples
from nl_planner.speech.listener import Heard, Listener
from nl_planner.speech.sound_file import read_sound

DEFAULT_RECOGNISER = "faster-whisper"
DEFAULT_WEIGHTS = "whisper-base"

__all__ = [
    "DEFAULT_RECOGNISER",
    "DEFAULT_WEIGHTS",
    "RATE",
    "Heard",
    "Hypothesis",
    "Listener",
    "Recogniser",
    "Samples",
    "open_recogniser",
    "read_sound",
]


def open_recogniser(name: str = DEFAULT_RECOGNISER, folder: str | Path | None = None) -> Recogniser:
    """The recogniser of that name; nothing is loaded before it hears something.

    Args:
        name: what runs the weights.
        folder: the weights; None takes `DEFAULT_WEIGHTS` of the table of models.

    Raises:
        UnknownNameError: no such recogniser; lists what there is.
        ModelError: no folder is given and the default weights are not here, or not right.
    """
    from importlib.metadata import entry_points

    from nl_planner.models.registry import find_model
    from nl_planner.models.store import find_weights

    recognisers = entry_points(group="nl_planner.recognisers")
    if name not in recognisers.names:
        known = ", ".join(sorted(recognisers.names)) or "none: is nl_planner installed?"
        raise UnknownNameError(f"no recogniser is called {name!r}; there are: {known}")
    weights = Path(folder) if folder else find_weights(find_model(DEFAULT_WEIGHTS)).parent
    recogniser: Recogniser = recognisers[name].load()(weights)
    return recogniser
