"""Linear layers in int8, for CPUs without AMX."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

_WEIGHT, _SCALE = "int8_weight", "int8_scale"
_REDUCE_RANGE = not torch.cpu._is_vnni_supported()
"""7-bit activations where the kernel adds pairs of products in 16 bits."""


class RowScaledInt8(nn.Module):  # type: ignore[misc]  # torch is not followed
    """``y = x Wᵀ + b`` with int8 weights per output channel and int8 activations per row.

    torch's dynamic kernel takes one scale for all rows; dividing each row by its largest value
    first gives every token a scale of its own.

    Args:
        weight: int8 (out, in).
        scale: float32 (out,), what a step of the weight is worth.
        bias: float32 (out,) or None.
    """

    def __init__(self, weight: Tensor, scale: Tensor, bias: Tensor | None):
        super().__init__()
        zero = torch.zeros(len(scale), dtype=torch.int64)
        with warnings.catch_warnings():  # "will be removed in a future release": torch is pinned
            warnings.simplefilter("ignore")
            quantised = torch._make_per_channel_quantized_tensor(weight, scale.double(), zero, 0)
        self._packed = torch.ops.quantized.linear_prepack(quantised, None)
        self._bias = bias

    def forward(self, x: Tensor) -> Tensor:
        """``x``: (..., in) float32 → (..., out) float32."""
        scale = x.abs().amax(-1, keepdim=True).clamp_(min=1e-9)
        y: Tensor = torch.ops.quantized.linear_dynamic(x / scale, self._packed, _REDUCE_RANGE)
        y = y * scale
        return y if self._bias is None else y + self._bias


def save_quantised(net: Any, file: Path) -> None:
    """Write a network with the linear layers of its ``model.layers`` in int8, the rest as it is."""
    linears = {
        f"model.layers.{name}": module
        for name, module in net.model.layers.named_modules()
        if isinstance(module, nn.Linear)
    }
    tensors: dict[str, Tensor] = {}
    for name, tensor in net.state_dict().items():
        owner, _, kind = name.rpartition(".")
        if owner in linears and kind == "weight":
            weight = tensor.float()
            scale = weight.abs().amax(1).clamp(min=1e-9) / 127
            tensors[f"{owner}.{_WEIGHT}"] = (weight / scale[:, None]).round().to(torch.int8)
            tensors[f"{owner}.{_SCALE}"] = scale
        else:
            tensors[name] = tensor.contiguous()
    unfinished = file.with_suffix(".unfinished")
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, unfinished)
    unfinished.replace(file)


def load_quantised(empty: Any, file: Path) -> Any:
    """Fill a network without weights (on the meta device) from what `save_quantised` wrote."""
    tensors = load_file(file)
    empty.load_state_dict(tensors, strict=False, assign=True)
    for name, module in list(empty.model.layers.named_modules()):
        for child_name, child in list(module.named_children()):
            if isinstance(child, nn.Linear):
                owner = f"model.layers.{name}.{child_name}"
                setattr(module, child_name, _take(tensors, owner))
    return empty


def _take(tensors: Mapping[str, Tensor], owner: str) -> RowScaledInt8:
    bias = tensors.get(f"{owner}.bias")
    return RowScaledInt8(
        tensors[f"{owner}.{_WEIGHT}"],
        tensors[f"{owner}.{_SCALE}"],
        None if bias is None else bias.float(),
    )
