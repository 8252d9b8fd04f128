"""The network behind `transformers_runtime`: unpacked once, adapted, read again quickly."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from nl_planner.models.adapter import Adapter

log = logging.getLogger(__name__)


def working_dtype() -> torch.dtype:
    """bfloat16 where this CPU has tiles for it (AMX), else float32."""
    return torch.bfloat16 if torch.cpu._is_amx_tile_supported() else torch.float32


def unpack(gguf: Path, folder: Path) -> None:
    """GGUF → bfloat16 safetensors and tokenizer in ``folder``; done whole or not at all."""
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    log.info("unpacking %s (once, under a minute)", gguf.name)
    unfinished = folder.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    where = {"pretrained_model_name_or_path": gguf.parent, "gguf_file": gguf.name}
    AutoTokenizer.from_pretrained(**where).save_pretrained(unfinished)
    AutoModelForCausalLM.from_pretrained(
        **where, quantization_config=GgufConfig(dequantize=True), dtype=torch.bfloat16
    ).save_pretrained(unfinished)
    unfinished.rename(folder)


def read(folder: Path) -> Any:
    """The base network: layers in `working_dtype`, the two vocabulary tables in bfloat16."""
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    net = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16).eval()
    net.model.layers.to(working_dtype())
    net.model.norm.to(working_dtype())
    return net


def read_adapted(folder: Path, adapter: Adapter | None) -> Any:
    """The network that decodes: with its adapter, in int8 where there is no AMX.

    The int8 form is kept beside the weights.
    """
    if working_dtype() is torch.bfloat16:
        return _merged(read(folder), adapter)
    from transformers import AutoConfig, AutoModelForCausalLM

    from nl_planner.models.int8 import load_quantised, save_quantised

    file = folder / f"int8-{adapter.id if adapter else 'base'}.safetensors"
    if not file.exists():
        log.info("preparing int8 weights (once)")
        save_quantised(_merged(read(folder), adapter), file)
    config = AutoConfig.from_pretrained(folder)
    with torch.device("meta"):
        empty = AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
    # Buffers (rotary frequencies) are computed, not stored.
    empty.model.rotary_emb = type(empty.model.rotary_emb)(config=config)
    return load_quantised(empty, file)


def hidden(net: Any, tokens: list[int], cache: Any) -> torch.Tensor:
    """The last layer's states (tokens, width) after these tokens; ``cache`` grows by them."""
    embedded = net.model.embed_tokens(torch.tensor([tokens])).to(working_dtype())
    states: torch.Tensor = net.model(
        inputs_embeds=embedded, past_key_values=cache, use_cache=True
    ).last_hidden_state[0]
    return states


def _merged(net: Any, adapter: Adapter | None) -> Any:
    """Add the adapter to the weights: W + alpha / rank · B A (LoRA, Hu et al. 2021)."""
    if adapter is None:
        return net
    tensors = load_file(adapter.weights)
    modules = dict(net.named_modules())
    for name in {key.rsplit(".", 1)[0] for key in tensors}:
        update = tensors[f"{name}.lora_B"].float() @ tensors[f"{name}.lora_A"].float()
        weight = modules[name].weight.data
        weight += (adapter.scale * update).to(weight.dtype)
    return net
