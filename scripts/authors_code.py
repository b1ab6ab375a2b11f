"""Imports modules of the authors' repositories from folders outside this project, to compare references."""

import importlib
import sys
from types import ModuleType

import torch
from torch import distributed, nn


def authors_module(folder: str, name: str):
    """The module `name` of the repository in `folder`. Its calls of `cuda()` leave tensors on the CPU."""
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
    """Replaces a module that is not installed: the authors import it, but steps need only `contents`."""
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        module = sys.modules.setdefault(".".join(parts[:count]), ModuleType(parts[count - 1]))
    vars(module).update(contents)


def one_process() -> None:
    """A group of one process on the CPU, for losses summed over processes and loops that wait for the GPU."""
    torch.cuda.synchronize = lambda *_: None
    if not distributed.is_initialized():
        distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)


def parameters(modules: dict) -> dict:
    """All parameters of modules, by path."""
    return {f"{path}.{name}".lstrip("."): p for path, module in modules.items() for name, p in module.named_parameters()}


def in_order(theirs: nn.Module, ours: dict) -> dict:
    """Our parameters by the names in the authors' module. Both have the same order and shapes."""
    own = dict(theirs.named_parameters())
    assert [p.shape for p in own.values()] == [p.shape for p in ours.values()], "parameters of other shapes"
    return dict(zip(own, ours.values()))


def gradients(named: dict) -> dict:
    return {f"gradient of {name}": p.grad for name, p in named.items() if p.grad is not None}


@torch.no_grad()
def give(theirs: nn.Module, ours: dict) -> nn.Module:
    """The authors' module in float64 with our values. The names of its parameters must be those of ours."""
    own = dict(theirs.double().named_parameters())
    assert own.keys() == ours.keys(), f"parameters of one side only: {sorted(own.keys() ^ ours.keys())}"
    for name, p in own.items():
        p.copy_(ours[name].view_as(p))
    return theirs


def hold(theirs: dict, ours: dict, rtol: float = 1e-10, atol: float = 1e-12) -> None:
    """Asserts equal names and numbers; shapes may differ. In float64 only the order of sums differs."""

    def flat(named):
        return {name: torch.as_tensor(value, dtype=torch.float64).detach().flatten() for name, value in named.items()}

    torch.testing.assert_close(flat(theirs), flat(ours), rtol=rtol, atol=atol)
