"""The default runtime: torch and transformers, on the CPU.

The GGUF is unpacked once to bfloat16 safetensors beside it. On a CPU with AMX the weights stay so.
On others they are float32 for the prefix of the prompt and int8 for what follows it: weights per
output channel, activations per token. (Activation outliers of Qwen2.5 sit in the first tokens, and
those belong to the prefix.)

The prefix is read by the base weights, the adapter works on what follows: one cached prefix, in
memory and on disk, serves every site.

Decoding is `walk`: a forward pass where there is a choice, and with it goes what is expected to
follow; where that was right, the next choices cost nothing. Only the rows of the output matrix
that belong to allowed tokens are computed.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Callable
from functools import cached_property, lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Any

from nl_planner.errors import ModelError, ModelMissingError
from nl_planner.models.adapter import WithAdapter
from nl_planner.models.interface import Filled, Grammar, Prompt
from nl_planner.models.registry import ModelSpec
from nl_planner.models.store import cache_dir, find_weights
from nl_planner.models.walk import walk

log = logging.getLogger(__name__)


class TransformersModel(WithAdapter):
    """One language model in this process; see `LanguageModel` for the interface."""

    def __init__(self, spec: ModelSpec):
        super().__init__(spec)
        self._lock = threading.Lock()
        self._prefixes: dict[str, Any] = {}

    def fill(self, prompt: Prompt, grammar: Grammar) -> Filled:
        """See `LanguageModel.fill`."""
        # On a busy machine, threads that spin while they wait stall one another.
        os.environ.setdefault("GOMP_SPINCOUNT", "0")
        try:
            import torch
            import transformers  # noqa: F401
        except ImportError as error:
            raise ModelMissingError(
                f"the packages that run a language model are not installed ({error.name}); "
                "run `pip install nl_planner[llm]`"
            ) from error
        with self._lock, torch.inference_mode():
            try:
                cache = self._prefix_cache(prompt.prefix)
                reader = _Reader(self._net, cache)
                return walk(
                    grammar, self._encode(prompt.suffix), self._encoded, reader.probabilities
                )
            except (RuntimeError, OSError, ValueError) as error:
                raise ModelError(f"{self.name} failed: {error}") from error

    def _prefix_cache(self, prefix: str) -> Any:
        """Keys and values of the prefix: from memory, from disk, or computed and kept."""
        from transformers import DynamicCache

        if prefix not in self._prefixes:
            self._prefixes[prefix] = self._read_prefix(prefix) or self._compute_prefix(prefix)
        return DynamicCache(self._prefixes[prefix])

    def _prefix_file(self, prefix: str) -> Path:
        from nl_planner.models.network import working_dtype

        key = f"{self._spec.sha256}\n{working_dtype()}\n{prefix}"
        name = hashlib.sha256(key.encode()).hexdigest()[:24]
        return cache_dir() / "prefixes" / f"{name}.safetensors"

    def _read_prefix(self, prefix: str) -> Any:
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        file = self._prefix_file(prefix)
        try:
            tensors = load_file(file)
        except FileNotFoundError:
            return None
        except (OSError, SafetensorError) as error:
            log.warning("%s is damaged (%s); computing it again", file, error)
            return None
        return [(tensors[f"k{i}"], tensors[f"v{i}"]) for i in range(len(tensors) // 2)]

    def _compute_prefix(self, prefix: str) -> Any:
        from safetensors.torch import save_file
        from transformers import DynamicCache

        from nl_planner.models.network import hidden, read

        tokens = self._encode(prefix)
        log.info("%s reads its instructions (once, %d tokens)", self.name, len(tokens))
        cache = DynamicCache()
        hidden(read(self._folder), tokens, cache)
        pairs = [(layer.keys.contiguous(), layer.values.contiguous()) for layer in cache.layers]
        file = self._prefix_file(prefix)
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(".unfinished")
        named = {f"{n}{i}": t for i, kv in enumerate(pairs) for n, t in zip("kv", kv, strict=True)}
        save_file(named, unfinished)
        unfinished.replace(file)
        return pairs

    @cached_property
    def _net(self) -> Any:
        from nl_planner.models.network import read_adapted

        log.info("loading %s", self.name)
        return read_adapted(self._folder, self._adapter)

    @cached_property
    def _folder(self) -> Path:
        """The weights as bfloat16 safetensors; unpacked from the GGUF the first time."""
        folder = cache_dir() / "models" / self._spec.name / f"bfloat16-{self._spec.sha256[:12]}"
        if not folder.is_dir():
            from nl_planner.models.network import unpack

            unpack(find_weights(self._spec), folder)
        return folder

    def _encode(self, text: str) -> list[int]:
        return list(self._encoded(text))

    @lru_cache(maxsize=65536)  # noqa: B019 - a model lives as long as its process
    def _encoded(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(text, add_special_tokens=False).ids)

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self._folder / "tokenizer.json"))


class _Reader:
    """Reads tokens, and in the same pass those that are expected next.

    The cache holds what was read; ``_ahead`` are the last tokens of it, which may turn out wrong,
    and ``_states`` the last layer's states after each of them.
    """

    def __init__(self, net: Any, cache: Any):
        self._net, self._cache = net, cache
        self._ahead: list[int] = []
        self._states: Any = None

    def probabilities(
        self, tokens: list[int], allowed: list[int], expected: Callable[[], list[int]]
    ) -> list[float]:
        """Of each allowed token after these, among the allowed."""
        import torch

        state = self._after(tokens, expected)
        rows = self._net.lm_head.weight[torch.tensor(allowed)].float()
        return [float(p) for p in (rows @ state.float()).softmax(0)]

    def _after(self, tokens: list[int], expected: Callable[[], list[int]]) -> Any:
        """The state after these tokens."""
        from nl_planner.models.network import hidden

        known = sum(
            1
            for _ in takewhile(
                lambda pair: pair[0] == pair[1], zip(self._ahead, tokens, strict=False)
            )
        )
        if known == len(tokens):
            state = self._states[known - 1]
            self._ahead, self._states = self._ahead[known:], self._states[known:]
            return state
        if surplus := len(self._ahead) - known:
            self._cache.crop(-surplus)
        rest, self._ahead = tokens[known:], expected()
        states = hidden(self._net, rest + self._ahead, self._cache)
        self._states = states[len(rest) :]
        return states[len(rest) - 1]
