"""llama.cpp by its prebuilt wheel: the GGUF as it is, in about 0.8 GB for a 0.5B model.

The adapter is added to the weights once and the sum kept beside them. As in the default runtime
the prefix is read by the base weights; what they made of it is kept on disk and loaded into the
memory of the adapted ones, so one prefix serves every site.

llama.cpp's server runs inside this process. It opens a port on this machine only, which takes
nothing without a key made anew for each process. Each question to it raises the allowed tokens
far above all others, so that the probabilities which come back are those among the allowed.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import threading
import weakref
from collections.abc import Callable
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nl_planner.errors import ModelError, ModelMissingError, WeightsError
from nl_planner.models.adapter import WithAdapter
from nl_planner.models.interface import Filled, Grammar, Prompt
from nl_planner.models.registry import ModelSpec
from nl_planner.models.store import cache_dir, find_weights, keep_newest, sha256
from nl_planner.models.walk import walk

log = logging.getLogger(__name__)

_CONTEXT = 4096
"""Tokens of prompt and line together; 12 kB each in a 0.5B model."""
_RAISE = 100.0
"""Added to the logits of allowed tokens; the others never reach them."""
_MOST_THREADS = 8


class LlamaCppModel(WithAdapter):
    """One language model in this process; see `LanguageModel` for the interface."""

    def __init__(self, spec: ModelSpec, adapter: Path | None = None):
        super().__init__(spec, adapter)
        self._lock = threading.Lock()
        self._read: str | None = None
        """The prefix that lies in the engine's memory."""

    def fill(self, prompt: Prompt, grammar: Grammar) -> Filled:
        """See `LanguageModel.fill`."""
        with self._lock:
            try:
                tokens = self._prefix_read(prompt.prefix)

                def probabilities(
                    pending: list[int], allowed: list[int], _: Callable[[], list[int]]
                ) -> list[float]:
                    tokens.extend(pending)
                    return self._engine.probabilities(tokens, allowed)

                return walk(grammar, self._encode(prompt.suffix), self._encode, probabilities)
            except ModelError:
                self._read = None
                raise
            except OSError as error:
                raise ModelError(f"{self.name} failed: {error}") from error

    def _prefix_read(self, prefix: str) -> list[int]:
        """The tokens of the prefix, once the engine has read them with the base weights."""
        if self._read != prefix:
            file = self._kept(prefix) or self._read_prefix(prefix)
            if not self._engine.restore(file.name):
                raise ModelError(f"{file}: llama.cpp cannot read it; remove it and try again")
            self._read = prefix
        return list(self._encode(prefix))

    def _kept(self, prefix: str) -> Path | None:
        """The file of a prefix that was read before; llama.cpp would die of a damaged one."""
        for file in _prefixes().glob(f"{self._key(prefix)}-*.llamacpp"):
            if file.stem.endswith(f"-{sha256(file)}"):
                return file
            log.warning("%s is damaged; computing it again", file)
            file.unlink()
        return None

    def _read_prefix(self, prefix: str) -> Path:
        log.info("%s reads its instructions (once)", self.name)
        _prefixes().mkdir(parents=True, exist_ok=True)
        base = _Engine(find_weights(self._spec)) if self.adapted else self._engine
        base.read(base.encode(prefix))
        unfinished = _prefixes() / f"{self._key(prefix)}.unfinished"
        base.save(unfinished.name)
        file = unfinished.with_name(f"{unfinished.stem}-{sha256(unfinished)}.llamacpp")
        unfinished.replace(file)
        return file

    def _key(self, prefix: str) -> str:
        """What the file of a prefix depends on."""
        key = f"{self._spec.sha256}\nllama.cpp {version('xllamacpp')}\n{prefix}"
        return hashlib.sha256(key.encode()).hexdigest()[:24]

    @cached_property
    def _engine(self) -> _Engine:
        log.info("loading %s", self.name)
        return _Engine(self._weights())

    def _weights(self) -> Path:
        """The weights to decode with: the base, or a file beside it with the adapter added."""
        base = find_weights(self._spec)
        if self._adapter is None:
            return base
        merged = base.with_name(f"merged-{self._spec.sha256[:12]}-{self._adapter.id}.gguf")
        if not merged.exists():
            try:
                from nl_planner.models.merge import merge
            except ImportError as error:
                raise _missing(error) from error
            merge(base, self._adapter, merged)
        merged.touch()
        keep_newest(base.parent, "merged-*.gguf")
        return merged

    @lru_cache(maxsize=65536)  # noqa: B019 - a model lives as long as its process
    def _encode(self, text: str) -> tuple[int, ...]:
        return self._engine.encode(text)


class _Engine:
    """llama.cpp's server with one set of weights and room for one conversation.

    Raises:
        ModelMissingError: xllamacpp is not installed.
        WeightsError: it cannot load the weights.
        ModelError: later, it cannot do what it is asked.
    """

    def __init__(self, weights: Path):
        # Threads that wait spin for a moment only: on a busy machine they stall one another for
        # seconds.
        os.environ.setdefault("GOMP_SPINCOUNT", "300")
        try:
            import httpx2
            import xllamacpp
        except ImportError as error:
            raise _missing(error) from error
        self._weights = weights
        key = secrets.token_hex()
        settings = xllamacpp.CommonParams()
        settings.model.path = str(weights)
        settings.n_ctx = _CONTEXT
        settings.n_parallel = 1
        settings.cache_ram_mib = 0
        settings.verbosity = -1
        settings.ui = False
        settings.api_keys = [key]
        settings.slot_save_path = f"{_prefixes()}{os.sep}"
        threads = min(len(os.sched_getaffinity(0)), _MOST_THREADS)
        settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
        try:
            self._server = xllamacpp.Server(settings)
        except RuntimeError as error:
            raise WeightsError(
                f"{weights}: llama.cpp cannot load it ({error}); a merged file can be removed, it "
                "is made again"
            ) from error
        self._client = httpx2.Client(
            base_url=self._server.listening_address,
            headers={"Authorization": f"Bearer {key}"},
            timeout=60,
            trust_env=False,
        )
        weakref.finalize(self, self._client.close)

    def encode(self, text: str) -> tuple[int, ...]:
        """Text → tokens."""
        question = {"content": text, "add_special": False, "parse_special": True}
        return tuple(self._checked(self._post("/tokenize", question))["tokens"])

    def probabilities(self, tokens: list[int], allowed: list[int]) -> list[float]:
        """Of each allowed token after these, among the allowed."""
        answer = self.read(
            tokens,
            logit_bias=[[token, _RAISE] for token in allowed],
            samplers=["top_k"],
            top_k=len(allowed),
            temperature=1.0,
            n_probs=len(allowed),
            post_sampling_probs=True,
        )
        (written,) = answer["choices"][0]["logprobs"]["content"]
        found = {entry["id"]: entry["prob"] for entry in written["top_probs"]}
        return [found.get(token, 0.0) for token in allowed]

    def read(self, tokens: list[int] | tuple[int, ...], **how: Any) -> Any:
        """Read these tokens; those that were read before are not read again."""
        question = {"prompt": list(tokens), "n_predict": 1, "cache_prompt": True, "id_slot": 0}
        return self._checked(self._server.handle_completions(question | how))

    def save(self, file: str) -> None:
        """Keep what was read in a file of that name."""
        self._checked(self._post("/slots/0?action=save", {"filename": file}))

    def restore(self, file: str) -> bool:
        """Go back to what was read when that file was made; False if it is no such file."""
        return "error" not in self._post("/slots/0?action=restore", {"filename": file})

    def _post(self, path: str, question: Any) -> Any:
        import httpx2

        try:
            return self._client.post(path, json=question).json()
        except (httpx2.HTTPError, ValueError) as error:
            raise ModelError(
                f"llama.cpp ({self._weights.name}) gives no answer: {error}"
            ) from error

    def _checked(self, answer: Any) -> Any:
        if "error" in answer:
            message = answer["error"].get("message", answer["error"])
            raise ModelError(f"llama.cpp ({self._weights.name}): {message}")
        return answer


def _prefixes() -> Path:
    return cache_dir() / "prefixes"


def _missing(error: ImportError) -> ModelMissingError:
    return ModelMissingError(
        f"the packages that run llama.cpp are not installed ({error.name}); "
        "run `pip install nl_planner[gguf]`"
    )
