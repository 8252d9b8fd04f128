"""An adapter added to the weights of a GGUF, for llama.cpp.

A merged file decodes as fast as the base; a LoRA loaded beside it makes every pass slower.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from gguf import (
    GGML_QUANT_SIZES,
    GGMLQuantizationType,
    GGUFReader,
    GGUFValueType,
    GGUFWriter,
    dequantize,
    get_tensor_name_map,
    quantize,
)
from gguf.constants import MODEL_ARCH_NAMES
from safetensors import deserialize

from nl_planner.errors import WeightsError
from nl_planner.models.adapter import Adapter

log = logging.getLogger(__name__)

_MERGED = GGMLQuantizationType.Q8_0
"""What the changed matrices are stored as: 8 bits lose next to nothing of what had 5."""


def merge(base: Path, adapter: Adapter, target: Path) -> None:
    """Write ``base`` with ``adapter`` added to its weights; done whole or not at all.

    Raises:
        WeightsError: the adapter changes matrices that the base does not have.
    """
    log.info("adding the adapter to %s (once, some seconds)", base.name)
    reader = GGUFReader(base)
    architecture = reader.fields["general.architecture"].contents()
    updates = _updates(adapter, architecture, reader.fields[f"{architecture}.block_count"])
    unknown = updates.keys() - {tensor.name for tensor in reader.tensors}
    if unknown:
        raise WeightsError(f"{adapter.weights}: {base} has no {min(unknown)}")
    unfinished = target.with_suffix(".unfinished")
    writer = GGUFWriter(unfinished, architecture)
    for field in reader.fields.values():
        if not field.name.startswith("GGUF.") and field.name != "general.architecture":
            array = field.types[0] is GGUFValueType.ARRAY
            writer.add_key_value(
                field.name,
                field.contents(),
                field.types[0],
                sub_type=field.types[-1] if array else None,
            )
    for tensor in reader.tensors:
        kind = _MERGED if tensor.name in updates else tensor.tensor_type
        shape = [int(size) for size in reversed(tensor.shape)]
        block, size = GGML_QUANT_SIZES[kind]
        count = prod(shape) // block * size
        writer.add_tensor_info(tensor.name, shape, np.dtype("f4"), count, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for tensor in reader.tensors:
        data = tensor.data
        if tensor.name in updates:
            up, down = updates[tensor.name]
            weight = dequantize(data, tensor.tensor_type) + adapter.scale * (up @ down)
            data = quantize(weight.astype(np.float32), _MERGED)
        writer.write_tensor_data(data)
    writer.close()
    unfinished.replace(target)


def _updates(
    adapter: Adapter, architecture: str, blocks: Any
) -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
    """GGUF name of a matrix → (B, A), of which the product times the scale is added to it."""
    arch = next(key for key, name in MODEL_ARCH_NAMES.items() if name == architecture)
    names = get_tensor_name_map(arch, blocks.contents())
    stored: Any = deserialize(adapter.weights.read_bytes())  # type: ignore[no-untyped-call]
    tensors = {key: _float32(about) for key, about in stored}
    modules = {key.rsplit(".", 1)[0] for key in tensors}
    return {
        f"{names.get_name(module)}.weight": (
            tensors[f"{module}.lora_B"],
            tensors[f"{module}.lora_A"],
        )
        for module in modules
    }


def _float32(about: Mapping[str, Any]) -> np.ndarray:
    """A tensor as safetensors describes it; numpy has no bfloat16, which is half a float32."""
    match about["dtype"]:
        case "BF16":
            flat = (np.frombuffer(about["data"], "<u2").astype("<u4") << 16).view("<f4")
        case "F16":
            flat = np.frombuffer(about["data"], "<f2").astype(np.float32)
        case _:
            flat = np.frombuffer(about["data"], "<f4")
    return flat.reshape(about["shape"])
