"""Language models: weights or servers by name, and runtimes that fill slots with them.

Runtimes are entry points of the group ``nl_planner.models``: a name → a callable that takes a
`ModelSpec` (``openai``: a `ServerSpec`) and gives a `LanguageModel`.
"""

from __future__ import annotations

from pathlib import Path

from nl_planner.errors import BadInputError, UnknownNameError
from nl_planner.models.interface import END, Filled, Grammar, LanguageModel, Prompt, Slot

DEFAULT_MODEL = "qwen2.5-coder-0.5b"
DEFAULT_RUNTIME, SERVER_RUNTIME = "transformers", "openai"

__all__ = [
    "DEFAULT_MODEL",
    "DEFAULT_RUNTIME",
    "END",
    "Filled",
    "Grammar",
    "LanguageModel",
    "Prompt",
    "Slot",
    "open_model",
]


def open_model(
    name: str = DEFAULT_MODEL, runtime: str | None = None, adapter: Path | None = None
) -> LanguageModel:
    """The language model of that name; nothing is loaded before it is asked something.

    Args:
        name: a name of the table of models.
        runtime: what runs local weights, else `DEFAULT_RUNTIME`. A model behind a server is asked
            there; then this is what runs its fallback.
        adapter: the folder of an adapter of local weights, instead of the one that comes with the
            package (`learning.versions` keeps those of a site).

    Raises:
        UnknownNameError: no such model or runtime; lists what there is.
        BadInputError: local weights and the runtime of servers, or a fallback behind a server.
    """
    from importlib.metadata import entry_points

    from nl_planner.models.registry import ServerSpec, find_entry, find_model

    runtimes = entry_points(group="nl_planner.models")
    if runtime and runtime not in runtimes.names:
        known = ", ".join(sorted(runtimes.names)) or "none: is nl_planner installed?"
        raise UnknownNameError(f"no model runtime is called {runtime!r}; there are: {known}")
    local = runtime if runtime != SERVER_RUNTIME else None
    spec = find_entry(name)
    model: LanguageModel
    if isinstance(spec, ServerSpec):
        model = runtimes[SERVER_RUNTIME].load()(spec)
        if spec.fallback:
            from nl_planner.models.fallback import WithFallback

            model = WithFallback(model, open_model(find_model(spec.fallback).name, local))
        return model
    if runtime == SERVER_RUNTIME:
        raise BadInputError(
            f"{name} is weights on this machine; a model behind a server needs an entry with "
            "`server` in the table of models (see docs/models.md)"
        )
    opened = runtimes[local or DEFAULT_RUNTIME].load()
    model = opened(spec, adapter=adapter) if adapter else opened(spec)
    return model
