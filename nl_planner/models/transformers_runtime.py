"""The default runtime: torch and transformers, on the CPU.

The GGUF is unpacked once to bfloat16 safetensors beside it. On a CPU that multiplies bfloat16
(AVX-512, AMX) the weights stay so. On others they are float32 for the prefix of the prompt and
int8 for what follows it: weights per output channel, activations per token (the scheme of
LLM.int8() without its outlier columns, Dettmers et al. 2022; the outliers of Qwen2.5 sit in the
first tokens, which belong to the prefix). Measured by `benchmarks/runtime.py`.

Decoding walks the grammar: one forward pass where there is a choice; what is forced goes along
with the next pass. Only the rows of the output matrix that belong to allowed tokens are computed.
"""

from __future__ import annotations

import gc
import hashlib
import logging
import shutil
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

from nl_planner.errors import ModelError, ModelMissingError
from nl_planner.models.interface import END, Filled, Grammar, Prompt, Slot
from nl_planner.models.registry import ModelSpec
from nl_planner.models.store import cache_dir, find_weights

log = logging.getLogger(__name__)


class TransformersModel:
    """One language model in this process; see `LanguageModel` for the interface."""

    def __init__(self, spec: ModelSpec):
        self._spec = spec
        self._lock = threading.Lock()
        self._net: Any = None
        self._prefixes: dict[str, Any] = {}

    @property
    def name(self) -> str:
        """The plain name of the weights."""
        return self._spec.name

    def fill(self, prompt: Prompt, grammar: Grammar) -> Filled:
        """See `LanguageModel.fill`."""
        try:
            import torch
        except ImportError as error:
            raise ModelMissingError(
                "the packages that run a language model are not installed; "
                "run `pip install nl_planner[llm]`"
            ) from error
        with self._lock, torch.inference_mode():
            try:
                cache = self._prefix_cache(prompt.prefix)
                return self._walk(cache, self._encode(prompt.suffix), grammar)
            except (RuntimeError, OSError, ValueError) as error:
                raise ModelError(f"{self.name} failed: {error}") from error

    def _walk(self, cache: Any, pending: list[int], grammar: Grammar) -> Filled:
        slots: list[Slot] = []
        state = grammar.start
        while state != END:
            choices = grammar.states[state]
            options = {text: self._encode(text) for text in choices}
            text, probability, second, second_probability = None, 1.0, None, 0.0
            depth = 0
            while text is None:
                allowed = sorted({tokens[depth] for tokens in options.values()})
                chosen = allowed[0]
                if len(allowed) > 1:
                    scores = self._forward(cache, pending, allowed)
                    pending = []
                    ranked = sorted(zip(scores, allowed, strict=True), reverse=True)
                    chosen = ranked[0][1]
                    other = probability * ranked[1][0]
                    if other > second_probability:
                        second_probability = other
                        second = next(t for t, k in options.items() if k[depth] == ranked[1][1])
                    probability *= ranked[0][0]
                pending = [*pending, chosen]
                options = {t: k for t, k in options.items() if k[depth] == chosen}
                depth += 1
                if len(options) == 1:
                    text, tokens = next(iter(options.items()))
                    pending = [*pending, *tokens[depth:]]
            slots.append(Slot(state, text, probability, second, second_probability))
            state = choices[text]
        return Filled(tuple(slots))

    def _forward(self, cache: Any, tokens: list[int], allowed: list[int]) -> list[float]:
        """Probabilities (among ``allowed``) of the token after ``tokens``."""
        import torch

        net = self._loaded()
        hidden = _hidden(net, tokens, cache)
        rows = net.lm_head.weight[torch.tensor(allowed)].float()
        return [float(p) for p in (rows @ hidden[-1].float()).softmax(0)]

    def _prefix_cache(self, prefix: str) -> Any:
        """Keys and values of the prefix: from memory, from disk, or computed and kept."""
        from transformers import DynamicCache

        if prefix not in self._prefixes:
            self._prefixes[prefix] = self._read_prefix(prefix) or self._compute_prefix(prefix)
        return DynamicCache(self._prefixes[prefix])

    def _prefix_file(self, prefix: str) -> Path:
        dtype = str(_dtype()).removeprefix("torch.")
        key = hashlib.sha256(f"{self._spec.sha256}\n{dtype}\n{prefix}".encode()).hexdigest()[:24]
        return cache_dir() / "prefixes" / f"{key}.safetensors"

    def _read_prefix(self, prefix: str) -> Any:
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            tensors = load_file(self._prefix_file(prefix))
        except FileNotFoundError:
            return None
        except (OSError, SafetensorError) as error:
            log.warning("%s is damaged (%s); computing it again", self._prefix_file(prefix), error)
            return None
        return [(tensors[f"k{i}"], tensors[f"v{i}"]) for i in range(len(tensors) // 2)]

    def _compute_prefix(self, prefix: str) -> Any:
        import torch
        from safetensors.torch import save_file
        from transformers import DynamicCache

        tokens = self._encode(prefix)
        log.info("%s: reading the instructions for the first time (%d tokens)", self.name, len(tokens))
        net = _read_net(self._unpacked())
        cache = DynamicCache()
        _hidden(net, tokens, cache)
        pairs = [(layer.keys.contiguous(), layer.values.contiguous()) for layer in cache.layers]
        file = self._prefix_file(prefix)
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(".unfinished")
        save_file({f"{n}{i}": t for i, kv in enumerate(pairs) for n, t in zip("kv", kv)}, unfinished)
        unfinished.replace(file)
        if self._net is None:
            self._net = _quick(net)
        return pairs

    def _loaded(self) -> Any:
        if self._net is None:
            log.info("loading %s", self.name)
            self._net = _quick(_read_net(self._unpacked()))
        return self._net

    def _unpacked(self) -> Path:
        """The weights as bfloat16 safetensors; unpacked from the GGUF at the first call."""
        folder = cache_dir() / "models" / self._spec.name / f"bfloat16-{self._spec.sha256[:12]}"
        if not folder.is_dir():
            _unpack(find_weights(self._spec), folder)
        return folder

    def _encode(self, text: str) -> list[int]:
        return list(self._encoded(text))

    @lru_cache(maxsize=65536)  # noqa: B019 - a model lives as long as its process
    def _encoded(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokenizer().encode(text, add_special_tokens=False).ids)

    @lru_cache(maxsize=1)  # noqa: B019
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._unpacked() / "tokenizer.json"))
        return tokenizer


def _dtype() -> Any:
    """What this CPU multiplies fast."""
    import torch

    bf16 = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.bfloat16 if bf16 else torch.float32


def _read_net(folder: Path) -> Any:
    """The network: layers in `_dtype`, the two big vocabulary tables in bfloat16."""
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    net = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16).eval()
    net.model.layers.to(_dtype())
    net.model.norm.to(_dtype())
    return net


def _quick(net: Any) -> Any:
    """The network as it decodes: int8 layers where the CPU does not multiply bfloat16."""
    import torch

    if _dtype() is torch.float32:
        from nl_planner.models.int8 import quantise

        for layer in net.model.layers:
            quantise(layer)
        gc.collect()
    return net


def _hidden(net: Any, tokens: list[int], cache: Any) -> Any:
    """The last layer's states (tokens, width) after these tokens; ``cache`` grows by them."""
    import torch

    embedded = net.model.embed_tokens(torch.tensor([tokens])).to(_dtype())
    return net.model(
        inputs_embeds=embedded, past_key_values=cache, use_cache=True
    ).last_hidden_state[0]


def _unpack(gguf: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    log.info("unpacking %s (once)", gguf.name)
    unfinished = folder.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    where = {"pretrained_model_name_or_path": gguf.parent, "gguf_file": gguf.name}
    AutoTokenizer.from_pretrained(**where).save_pretrained(unfinished)
    AutoModelForCausalLM.from_pretrained(
        **where, quantization_config=GgufConfig(dequantize=True), dtype=torch.bfloat16
    ).save_pretrained(unfinished)
    unfinished.rename(folder)
