"""A LoRA adapter for Whisper's weights as CTranslate2 keeps them.

``model.bin`` is a list of named arrays. The adapter, a safetensors file, holds for some of them two
thin matrices, whose product is added before CTranslate2 sees the file (W + B A, Hu et al. 2021):
what runs is as fast as without. `benchmarks/speech_training.py` trains one.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nl_planner.errors import WeightsError

A, B = ".lora_A", ".lora_B"
"""Ends of the names of the two matrices: (rank, inputs) and (outputs, rank)."""
BASE = "base_sha256"
"""In an adapter's metadata: the weights that it was trained for."""
ADAPTERS = Path(__file__).parent / "adapters"
_TYPES = tuple(np.dtype(name) for name in ("<f4", "i1", "<i2", "<i4", "<f2"))
"""In the order of CTranslate2's own numbers for them."""
_VERSION = 6

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Weights:
    """What a ``model.bin`` holds. ``spec`` and ``revision`` name the kind of network, ``aliases``
    are second names of arrays.
    """

    spec: str
    revision: int
    arrays: Arrays
    aliases: tuple[tuple[str, str], ...]


def read_weights(file: Path) -> Weights:
    """The arrays of a ``model.bin``.

    Raises:
        WeightsError: it cannot be read, or is not of version 6 of that format.
    """
    try:
        return _read(BytesIO(file.read_bytes()))
    except (OSError, ValueError, IndexError, UnicodeError, struct.error) as error:
        raise WeightsError(f"{file}: no weights of CTranslate2 ({error})") from error


def find_adapter(file: Path) -> Path | None:
    """The adapter that comes with the package for just this ``model.bin``, None when none does."""
    from safetensors import safe_open

    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    for adapter in sorted(ADAPTERS.glob("*.safetensors")):
        with safe_open(adapter, "numpy") as about:
            if about.metadata()[BASE] == digest:
                return adapter
    return None


def adapt(file: Path, adapter: Path) -> bytes:
    """A ``model.bin`` with an adapter in it.

    Raises:
        WeightsError: one of the two cannot be read, or they do not belong together.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    weights = read_weights(file)
    try:
        tensors = load_file(adapter)
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{adapter}: no adapter can be read there ({error})") from error
    arrays = dict(weights.arrays)
    for name in sorted({key.rsplit(".", 1)[0] for key in tensors}):
        try:
            update = tensors[name + B].astype(np.float32) @ tensors[name + A].astype(np.float32)
            arrays[name] = (arrays[name].astype(np.float32) + update).astype(arrays[name].dtype)
        except (KeyError, ValueError) as error:
            raise WeightsError(f"{adapter}: made for other weights than {file} ({name})") from error
    return _written(weights, arrays)


def _read(source: BytesIO) -> Weights:
    def number(code: str) -> int:
        size = struct.calcsize(code)
        return int(struct.unpack("<" + code, source.read(size))[0])

    def text() -> str:
        return source.read(number("H"))[:-1].decode()

    version = number("I")
    if version != _VERSION:
        raise ValueError(f"version {version} of the format, {_VERSION} is needed")
    spec, revision = text(), number("I")
    arrays: Arrays = {}
    for _ in range(number("I")):
        name = text()
        shape = [number("I") for _ in range(number("B"))]
        kind = _TYPES[number("B")]
        arrays[name] = np.frombuffer(source.read(number("I")), kind).reshape(shape)
    aliases = tuple((text(), text()) for _ in range(number("I")))
    return Weights(spec, revision, arrays, aliases)


def _written(weights: Weights, arrays: Mapping[str, NDArray[Any]]) -> bytes:
    def text(value: str) -> bytes:
        return struct.pack("<H", len(value.encode()) + 1) + value.encode() + b"\0"

    parts = [struct.pack("<I", _VERSION), text(weights.spec)]
    parts.append(struct.pack("<II", weights.revision, len(arrays)))
    for name, array in arrays.items():
        parts.append(text(name))
        parts.append(struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape))
        parts.append(struct.pack("<BI", _TYPES.index(array.dtype), array.nbytes))
        parts.append(array.tobytes())
    parts.append(struct.pack("<I", len(weights.aliases)))
    parts += [text(name) for pair in weights.aliases for name in pair]
    return b"".join(parts)
