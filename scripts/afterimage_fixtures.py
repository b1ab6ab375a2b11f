"""Code shared by all fixture scripts: deterministic weights, probes of gradients, and the writer of fixtures.

The weights and inputs of networks are not stored. Both sides compute them from the tensor's name by an
integer hash. The hash is the same, bit for bit, in test/support/deterministic.ts.
"""

import json
import math
import os
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save

torch.set_num_threads(1)

FOLDER = Path(__file__).resolve().parent.parent / "test" / "fixtures"
LIBRARIES = ("torch", "torchvision", "timm", "lightly", "scikit-learn", "numpy", "safetensors")
PROBE_ENTRIES = 32


def fnv1a(name: str) -> int:
    """FNV-1a, 32 bits, of the UTF-8 bytes of a tensor's name."""
    value = 0x811C9DC5
    for byte in name.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def deterministic(name: str, shape, scale: float = 1.0) -> np.ndarray:
    """float32 values in [-scale, scale), a function of (name, index, scale) only.

        h = i * 2654435761 + salt, then the finaliser of MurmurHash3 (32 bits)
        value = (h / 2^32 * 2 - 1) * scale
    """
    return uniform(name, shape, scale).astype(np.float32)


def uniform(name: str, shape, scale: float) -> np.ndarray:
    h = np.arange(math.prod(shape), dtype=np.uint32) * np.uint32(2654435761) + np.uint32(fnv1a(name))
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return ((h.astype(np.float64) / 2**32 * 2 - 1) * scale).reshape(shape)


def deterministic_weight(name: str, shape) -> np.ndarray:
    """Weights that keep activations in a usual range. Their kind depends on the name and the rank.

    The order of the cases is the same in TypeScript. running_mean ±0.1; running_var 1 ± 0.2; bias ±0.05;
    rank-1 or rank-0 weight (norms) 1 ± 0.1; class token and position embedding ±0.2; every other weight
    ±sqrt(3 / fan_in), fan_in = product(shape[1:]).
    """
    leaf = name.split(".")[-1]
    if leaf == "running_mean":
        return deterministic(name, shape, 0.1)
    if leaf == "running_var":
        return (1 + uniform(name, shape, 0.2)).astype(np.float32)
    if leaf == "bias":
        return deterministic(name, shape, 0.05)
    if len(shape) <= 1:
        return (1 + uniform(name, shape, 0.1)).astype(np.float32)
    if leaf in ("cls_token", "pos_embed"):
        return deterministic(name, shape, 0.2)
    return deterministic(name, shape, math.sqrt(3 / math.prod(shape[1:])))


def tensor(name: str, shape, scale: float = 1.0, dtype=torch.float64) -> torch.Tensor:
    """`deterministic` as a torch tensor: float32 values, cast to float64 for a reference in float64."""
    return torch.from_numpy(deterministic(name, shape, scale)).to(dtype)


def weight(name: str, shape, dtype=torch.float64) -> torch.Tensor:
    return torch.from_numpy(deterministic_weight(name, shape)).to(dtype)


def fill(module: torch.nn.Module, dtype=torch.float64) -> torch.nn.Module:
    """Gives every parameter and buffer of a module the deterministic value of its name in the state dict."""
    module = module.to(dtype)
    with torch.no_grad():
        for name, value in module.state_dict().items():
            if value.is_floating_point():
                value.copy_(weight(name, tuple(value.shape), dtype))
    return module


def probe_indices(length: int) -> list[int]:
    """At most 32 indices from 0 to length - 1, evenly spread: floor(k * (length - 1) / 31)."""
    if length <= PROBE_ENTRIES:
        return list(range(length))
    return [k * (length - 1) // (PROBE_ENTRIES - 1) for k in range(PROBE_ENTRIES)]


def probe(values) -> np.ndarray:
    """The stored summary of a large tensor: [L2 norm, largest magnitude, entries at probe_indices...]."""
    flat = as_numpy(values).astype(np.float64).ravel()
    return np.concatenate([[np.linalg.norm(flat), np.abs(flat).max()], flat[probe_indices(flat.size)]])


def probe_gradients(prefix: str, module: torch.nn.Module) -> dict:
    return {f"{prefix}/grad/{name}": probe(p.grad) for name, p in module.named_parameters() if p.grad is not None}


def as_numpy(value) -> np.ndarray:
    return value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)


def float32_error(exact: dict, single: dict) -> float:
    """The error of torch's float32 against the float64 result: largest |difference| / largest magnitude."""

    def error(a, b):
        return np.abs(a - b).max() / max(np.abs(a).max(), 1e-30)

    return max(float(error(as_numpy(exact[k]), as_numpy(single[k]))) for k in exact)


def write(theme: str, arrays: dict, keep_double: bool = False, libraries=LIBRARIES, **metadata: str) -> None:
    """Writes test/fixtures/<theme>.safetensors: floats as float32 (or float64 on request), integers as int32.

    `libraries`: the libraries that the metadata names with their versions.
    """
    narrow = {np.dtype(np.int64): np.int32} | ({} if keep_double else {np.dtype(np.float64): np.float32})
    stored = {}
    for name, value in arrays.items():
        array = as_numpy(value)
        stored[name] = array.astype(narrow.get(array.dtype, array.dtype), order="C")
    about = {
        "command": f"python scripts/{Path(sys.argv[0]).name}",
        "versions": ", ".join(f"{library} {version(library)}" for library in libraries),
        "seed": "none: every random number is a hash of its tensor's name",
        **metadata,
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{theme}.safetensors"
    path.write_bytes(sorted_header(save(stored, about)))
    print(f"{path.name}: {len(stored)} entries, {os.path.getsize(path)} bytes")


def sorted_header(data: bytes) -> bytes:
    """Sorts the metadata, which the library writes in random order: equal arrays give equal files."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data[8 + length :]
