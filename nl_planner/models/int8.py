"""Linear layers in int8, for CPUs that are slow in bfloat16."""

from __future__ import annotations

import warnings

import torch
from torch import Tensor, nn


class RowScaledInt8(nn.Module):
    """``y = x Wᵀ + b`` with int8 weights per output channel and int8 activations per row.

    torch's dynamic kernel takes one scale for all rows; dividing each row by its largest value
    first gives every token a scale of its own.
    """

    def __init__(self, linear: nn.Linear):
        super().__init__()
        from torch.ao.nn.quantized.dynamic import Linear as DynamicLinear
        from torch.ao.quantization import per_channel_dynamic_qconfig

        linear.qconfig = per_channel_dynamic_qconfig
        self._bias = linear.bias
        linear.bias = None
        with warnings.catch_warnings():  # torch.ao is to move to torchao, which has no such kernel
            warnings.simplefilter("ignore")
            self._linear = DynamicLinear.from_float(linear)

    def forward(self, x: Tensor) -> Tensor:
        """``x``: (..., in) float32 → (..., out) float32."""
        scale = x.abs().amax(-1, keepdim=True).clamp_(min=1e-9)
        y: Tensor = self._linear(x / scale) * scale
        return y if self._bias is None else y + self._bias


def quantise(module: nn.Module) -> None:
    """Replace every `nn.Linear` below ``module`` by a `RowScaledInt8`, one at a time."""
    for name, child in list(module.named_children()):
        if isinstance(child, nn.Linear):
            setattr(module, name, RowScaledInt8(child))
        else:
            quantise(child)
