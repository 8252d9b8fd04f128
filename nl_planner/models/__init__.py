"""Local language models: weights by name, and runtimes that fill slots with them.

Runtimes are entry points of the group ``nl_planner.models``: a name → a callable that takes a
`ModelSpec` and gives a `LanguageModel`.
"""

from __future__ import annotations

from nl_planner.errors import UnknownNameError
from nl_planner.models.interface import END, Filled, Grammar, LanguageModel, Prompt, Slot

DEFAULT_MODEL = "qwen2.5-coder-0.5b"

__all__ = [
    "DEFAULT_MODEL",
    "END",
    "Filled",
    "Grammar",
    "LanguageModel",
    "Prompt",
    "Slot",
    "open_model",
]


def open_model(name: str = DEFAULT_MODEL, runtime: str = "transformers") -> LanguageModel:
    """The language model of that name; nothing is loaded before it is asked something.

    Raises:
        UnknownNameError: no such model or runtime; lists what there is.
    """
    from importlib.metadata import entry_points

    from nl_planner.models.registry import find_model

    spec = find_model(name)
    runtimes = entry_points(group="nl_planner.models")
    if runtime not in runtimes.names:
        known = ", ".join(sorted(runtimes.names)) or "none: is nl_planner installed?"
        raise UnknownNameError(f"no model runtime is called {runtime!r}; there are: {known}")
    model: LanguageModel = runtimes[runtime].load()(spec)
    return model
