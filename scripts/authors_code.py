"""Modules of authors' repositories, run from a folder outside of this project: references are held to them."""

import importlib
import sys
from types import ModuleType

import torch
from torch import distributed, nn


def authors_module(folder: str, name: str):
    """The module `name` of the repository in `folder`. What it would put on a GPU stays on the CPU."""
    package = name.split(".")[0]
    for known in [key for key in sys.modules if key.split(".")[0] == package]:
        del sys.modules[known]
    sys.path.insert(0, folder)
    try:
        module = importlib.import_module(name)
    finally:
        sys.path.remove(folder)
    torch.Tensor.cuda = lambda self, *_, **__: self
    return module


def stand_in(name: str, **contents) -> None:
    """A module that is not installed, with nothing in it but `contents`: for what authors import and no step asks for."""
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        module = sys.modules.setdefault(".".join(parts[:count]), ModuleType(parts[count - 1]))
    vars(module).update(contents)


def one_process() -> None:
    """A group of one, on the CPU, for losses that add up over processes and loops that wait for the GPU."""
    torch.cuda.synchronize = lambda *_: None
    if not distributed.is_initialized():
        distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)


def parameters(modules: dict) -> dict:
    """All parameters of modules, by path."""
    return {f"{path}.{name}".lstrip("."): p for path, module in modules.items() for name, p in module.named_parameters()}


def in_order(theirs: nn.Module, ours: dict) -> dict:
    """Our parameters by the names that a module of theirs has for them: the order is the same, and the shapes."""
    own = dict(theirs.named_parameters())
    assert [p.shape for p in own.values()] == [p.shape for p in ours.values()], "parameters of other shapes"
    return dict(zip(own, ours.values()))


def gradients(named: dict) -> dict:
    return {f"gradient of {name}": p.grad for name, p in named.items() if p.grad is not None}


@torch.no_grad()
def give(theirs: nn.Module, ours: dict) -> nn.Module:
    """A module of theirs, in float64, with our values: one for each of its parameters, by their names."""
    own = dict(theirs.double().named_parameters())
    assert own.keys() == ours.keys(), f"parameters of one side only: {sorted(own.keys() ^ ours.keys())}"
    for name, p in own.items():
        p.copy_(ours[name].view_as(p))
    return theirs


def hold(theirs: dict, ours: dict, rtol: float = 1e-10, atol: float = 1e-12) -> None:
    """The same names with the same numbers, whatever their shapes. In float64 they differ by the order of sums alone."""

    def flat(named):
        return {name: torch.as_tensor(value, dtype=torch.float64).detach().flatten() for name, value in named.items()}

    torch.testing.assert_close(flat(theirs), flat(ours), rtol=rtol, atol=atol)
