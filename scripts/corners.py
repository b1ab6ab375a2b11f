"""Checks whether rounding could change a gradient of a reference.

The gradient of a ReLU jumps at 0, its corner. Of a million activations, a few lie near enough to 0 for
float32 to put them on the other side. Which ones do so depends on the order of sums on a machine. In networks
as small as the fixtures', one such activation moves a gradient by percents.

A reference is therefore computed three more times. The first has its layers in float32 and measures the
rounding error of each ReLU's input. The other two have every corner moved by a multiple of that error, to
either side. A reference is fit for a fixture if its results hardly change. Other decisions that rounding
could change (the nearest neighbour, for example) show only in the results in float32.
"""

import multiprocessing
from collections.abc import Callable

import numpy as np
import torch
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from afterimage_fixtures import as_numpy

#: The distance by which corners are moved, in multiples of the measured rounding error (its root mean
#: square). Other machines round differently, but not that much worse.
DEVIATIONS = 5
RELUS = (F.relu, torch.relu, torch.relu_, torch.Tensor.relu, torch.Tensor.relu_)
LAYERS = (
    F.conv2d, F.linear, F.batch_norm, F.group_norm, F.layer_norm, F.gelu, F.scaled_dot_product_attention,
)  # fmt: skip
#: The relative error allowed in float32, and the one allowed with moved corners: a fifth of the bound that
#: most tests have, and a fifth of the tightest bound.
ROUNDED, MOVED = 2e-5, 4e-7
#: The error allowed in a value's move from its start, relative to that move, and the smallest move counted,
#: relative to the value: smaller moves drown in float32.
ALLOWED_MOVE, SMALLEST_MOVE = 2e-4, 1e-3


def unsteady(start: dict, compute: Callable[[], dict]) -> str:
    """Names the probe of `compute` that rounding could change most, and by how much; an empty string if none.

    `start` has probes of the same values before the steps.
    """
    exact, single, moved = shaken(compute)
    found = excesses(start, exact, single, ROUNDED)
    for other in moved:
        found += excesses(start, exact, other, MOVED)
    excess, what = max((np.nan_to_num(excess, nan=np.inf), what) for excess, what in found)
    return f"{what} by {excess:.1f} times what is allowed" if excess > 1 else ""


def excesses(start: dict, exact: dict, other: dict, allowed: float) -> list:
    """The error of each probe, and of each move from a known start, in multiples of the allowed error."""
    found = []
    for path, value in exact.items():
        error, size = np.abs(other[path] - value).max(), np.abs(value).max() or 1
        found.append((error / size / allowed, path))
        if path in start:
            move = np.abs(value[2:] - start[path][2:]).max()
            found.append((error / max(move, SMALLEST_MOVE * size) / ALLOWED_MOVE, f"the move of {path}"))
    return found


def shaken(compute: Callable[[], dict]) -> tuple[dict, dict, list[dict]]:
    """The results of `compute`: exact, with layers in float32, and with corners moved to both sides.

    Without a ReLU, there are no results with moved corners. Each result is computed in a copy of this
    process, because a reference changes the modules that it trains.
    """
    exact, entered = in_copy(lambda: recorded(compute))
    single, entered_single = in_copy(lambda: recorded(lambda: under(InFloat32(), compute)))
    rounding = [np.sqrt(np.square(a - b).mean()) for a, b in zip(entered, entered_single, strict=True)]
    sides = (DEVIATIONS, -DEVIATIONS) if rounding else ()
    moved = [in_copy(lambda side=side: under(MovedCorners([side * r for r in rounding]), compute)) for side in sides]
    return exact, single, moved


def in_copy(work: Callable):
    """The result of `work` in a copy of this process, which itself does not change."""
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
    """The result of `compute`, and the inputs of its ReLUs."""
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
    """Computes layers, and so their gradients, in float32; the values between layers are float64."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if func is torch.allclose:
            return True  # Comparisons with other implementations are made where both are exact.
        if func not in LAYERS:
            return func(*args, **kwargs)
        if func is F.batch_norm:
            with torch.no_grad():
                func(*args, **kwargs)  # updates the running statistics: the casts below are copies
        result = func(*map(single, args), **{name: single(value) for name, value in kwargs.items()})
        return result.double()


def single(value):
    return value.float() if isinstance(value, torch.Tensor) and value.is_floating_point() else value


class MovedCorners(TorchFunctionMode):
    """Moves the corner of each ReLU's gradient from 0 to a place of its own; outputs do not change."""

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
