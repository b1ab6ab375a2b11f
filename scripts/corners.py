"""Whether rounding could decide a gradient of a reference.

The gradient of a ReLU jumps at 0. Of a million activations some lie so near to it that float32 puts them on its other side, and which
ones do depends on the order in which a machine adds up. In networks as small as the fixtures' a single one moves a gradient by
percents. So a reference is computed three times more: with its layers in float32, which tells how far rounding moves what enters
each ReLU, and with every corner moved some times as far to either side. Results that hold still are fit for a fixture.
Other decisions that rounding could take (which neighbour is nearest) show in float32 alone.
"""

import multiprocessing
from collections.abc import Callable

import numpy as np
import torch
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from afterimage_fixtures import as_numpy

#: How far corners are moved, in deviations of what float32 rounds. Other machines round otherwise, but not that much worse.
DEVIATIONS = 5
RELUS = (F.relu, torch.relu, torch.relu_, torch.Tensor.relu, torch.Tensor.relu_)
LAYERS = (
    F.conv2d, F.linear, F.batch_norm, F.group_norm, F.layer_norm, F.gelu, F.scaled_dot_product_attention,
)  # fmt: skip
#: How far a value may be elsewhere in float32, and with moved corners: fifths of the bounds that most tests have, and of the
#: closest one.
ROUNDED, MOVED = 2e-5, 4e-7
#: How far a value's move from its start may be, of that move, or of this part of the value: smaller moves drown in float32.
ALLOWED_MOVE, SMALLEST_MOVE = 2e-4, 1e-3


def unsteady(start: dict, compute: Callable[[], dict]) -> str:
    """What of the probes that `compute` returns rounding could change most, and by how much; the empty string if nothing. Probes
    in `start` are of the same values before."""
    exact, single, moved = shaken(compute)
    found = excesses(start, exact, single, ROUNDED)
    for other in moved:
        found += excesses(start, exact, other, MOVED)
    excess, what = max((np.nan_to_num(excess, nan=np.inf), what) for excess, what in found)
    return f"{what} by {excess:.1f} times what is allowed" if excess > 1 else ""


def excesses(start: dict, exact: dict, other: dict, allowed: float) -> list:
    """How many times the allowed error each probe has, and each move from a known start."""
    found = []
    for path, value in exact.items():
        error, size = np.abs(other[path] - value).max(), np.abs(value).max() or 1
        found.append((error / size / allowed, path))
        if path in start:
            move = np.abs(value[2:] - start[path][2:]).max()
            found.append((error / max(move, SMALLEST_MOVE * size) / ALLOWED_MOVE, f"the move of {path}"))
    return found


def shaken(compute: Callable[[], dict]) -> tuple[dict, dict, list[dict]]:
    """What `compute` returns; what it returns with layers in float32; and with corners moved to both sides, if it has any. Each is
    computed in a copy of this process, for a reference changes the modules that it trains."""
    exact, entered = in_copy(lambda: recorded(compute))
    single, entered_single = in_copy(lambda: recorded(lambda: under(InFloat32(), compute)))
    rounding = [np.sqrt(np.square(a - b).mean()) for a, b in zip(entered, entered_single, strict=True)]
    sides = (DEVIATIONS, -DEVIATIONS) if rounding else ()
    moved = [in_copy(lambda side=side: under(MovedCorners([side * r for r in rounding]), compute)) for side in sides]
    return exact, single, moved


def in_copy(work: Callable):
    """What `work` returns in a copy of this process, which is left as it is."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=lambda: sender.send(work()))
    process.start()
    sender.close()
    result = receiver.recv()
    process.join()
    return result


def under(mode: TorchFunctionMode, compute: Callable):
    with mode:
        return compute()


def recorded(compute: Callable) -> tuple:
    """What `compute` returns, and what entered its ReLUs."""
    with Recorder() as recorder:
        return compute(), recorder.entered


class Recorder(TorchFunctionMode):
    def __init__(self):
        super().__init__()
        self.entered = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func in RELUS:
            self.entered.append(as_numpy(args[0]).copy())
        return func(*args, **(kwargs or {}))


class InFloat32(TorchFunctionMode):
    """Layers, and so their gradients, in float32 between results in float64."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if func is torch.allclose:
            return True  # Other implementations are told from ours where both are exact.
        if func not in LAYERS:
            return func(*args, **kwargs)
        if func is F.batch_norm:
            with torch.no_grad():
                func(*args, **kwargs)  # moves the running statistics, of which the casts below are copies
        result = func(*map(single, args), **{name: single(value) for name, value in kwargs.items()})
        return result.double()


def single(value):
    return value.float() if isinstance(value, torch.Tensor) and value.is_floating_point() else value


class MovedCorners(TorchFunctionMode):
    """The gradients of ReLUs jump elsewhere than at 0, each at its own place; what they return is as ever."""

    def __init__(self, places: list[float]):
        super().__init__()
        self.places = iter(places)

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func in RELUS:
            return MovedCorner.apply(args[0], next(self.places))
        return func(*args, **(kwargs or {}))


class MovedCorner(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, place):
        ctx.save_for_backward(x > place)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, gradient):
        (passes,) = ctx.saved_tensors
        return gradient * passes, None
