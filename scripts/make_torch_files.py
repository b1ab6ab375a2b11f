"""Files of torch.save in both forms, with every element type and kind of window, and the same tensors as safetensors.

`checkpoint.pth` and `checkpoint-legacy.pth` hold a training checkpoint as authors write them: ordered state dicts with
metadata, parameters, an optimiser's state, arguments, numbers of numpy. `protocol-4.pth` and `protocol-5.pth` are the
first in other protocols. With PyTorch 1.13 the script writes `torch-1.13.pth` and `torch-1.13-legacy.pth` alone.
"""

import argparse
import pathlib
from collections import OrderedDict, defaultdict

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

from afterimage_fixtures import FOLDER, tensor

FOLDER = FOLDER / "torch"


def values(name, shape, scale=1.0):
    return tensor(name, shape, scale, torch.float32)


def tensors() -> dict:
    base = values("base", (6, 8))
    whole = torch.arange(-20, 20)
    half = torch.tensor([0.0, -0.0, 1.0, -2.5, 6.1e-5, 5.96e-8, 65504.0, float("inf")])  # NaN's bits have changed
    found = {
        "float32": base,
        "float64": values("double", (3, 2)).double(),
        "float16": half.half(),
        "bfloat16": torch.cat([half, torch.tensor([1e38, 3.14159])]).bfloat16(),
        "int64": whole.reshape(5, 8),
        "int32": whole.int(),
        "int16": whole.short(),
        "int8": whole.char(),
        "uint8": (whole + 20).byte(),
        "bool": whole % 3 == 0,
        "scalar": torch.tensor(7),
        "empty": torch.zeros(0, 4),
        "transposed": base.t(),
        "part": base[1:4, 2:6],
        "step": base[::2, 1::3],
        "row": base[3],
        "permuted": values("cube", (2, 3, 4)).permute(2, 0, 1),
        "channels last": values("maps", (2, 3, 2, 2)).contiguous(memory_format=torch.channels_last),
        "parameter": nn.Parameter(values("parameter", (4, 4))),
    }
    if hasattr(torch, "uint16"):
        found["uint16"] = torch.tensor([0, 65535], dtype=torch.uint16)
    return found


def checkpoint() -> dict:
    named = tensors()
    layer = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    with torch.no_grad():
        for name, value in layer.state_dict().items():
            if value.is_floating_point():
                value.copy_(values(f"layer.{name}", tuple(value.shape)))
    optimizer = torch.optim.AdamW(layer.parameters(), lr=np.float64(1e-3))
    layer(values("batch", (4, 3))).sum().backward()
    optimizer.step()
    counts = defaultdict(dict)
    counts["seen"] = {"pictures": 12}
    return {
        "teacher": OrderedDict(named),
        "student": OrderedDict((f"module.{name}", value) for name, value in layer.state_dict().items()),
        "optimizer": optimizer.state_dict(),
        "epoch": 300,
        "large": 2**70,
        "negative": -5,
        "loss": 0.125,
        "best": np.float64(0.75),
        "count": np.int64(9),
        "array": np.arange(3),
        "args": argparse.Namespace(arch="vit_small", lr=1e-3, out=pathlib.PurePosixPath("runs"), crops=(2, 8), none=None),
        "size": torch.Size((2, 3)),
        "device": torch.device("cpu"),
        "type": torch.float32,
        "names": ["a", "b"],
        "unicode": "Zürich",
        "bytes": b"\x00\xff",
        "flags": {True, False},
        "counts": counts,
    }


FOLDER.mkdir(parents=True, exist_ok=True)
torch.manual_seed(0)
saved = checkpoint()
OLD = torch.__version__.startswith("1.13")
name = "torch-1.13" if OLD else "checkpoint"
torch.save(saved, FOLDER / f"{name}.pth")
torch.save(saved, FOLDER / f"{name}-legacy.pth", _use_new_zipfile_serialization=False)
if not OLD:
    for protocol in (4, 5):
        torch.save(saved, FOLDER / f"protocol-{protocol}.pth", pickle_protocol=protocol)
    torch.save(nn.Sequential(nn.Linear(2, 2)), FOLDER / "model.pth")
    plain = {f"{part}.{name}": value for part in ("teacher", "student") for name, value in saved[part].items()}
    about = {"command": "python scripts/make_torch_files.py", "versions": f"torch {torch.__version__.split('+')[0]}"}
    whole = {name: value.detach().clone().contiguous() for name, value in plain.items()}
    save_file(whole, FOLDER / "checkpoint.safetensors", about)
    for path in sorted(FOLDER.iterdir()):
        print(path.name, path.stat().st_size)
