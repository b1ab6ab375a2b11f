"""Upsampling in every mode, (transposed) convolution and unpooling of PyTorch: values, and gradients for sum(y * R).

Inputs are the hash of `<case>.input`, weights of `<case>.weight`, biases of `<case>.bias` (all scale 1), R of `<case>.R`.
Interpolation is computed in float64, but for nearest neighbours: which sample is nearest is decided in float32, and the
reference is what PyTorch does with float32 maps.
"""

import json

import torch
import torch.nn.functional as F

from afterimage_fixtures import tensor, write

MAPS, LINES = (2, 3, 5, 7), (2, 3, 7)
TARGETS_2D = [
    {"size": [9, 4]},
    {"size": [5, 7]},
    {"size": [1, 1]},
    {"scale_factor": 2},
    {"scale_factor": [1.5, 2.7]},
    {"scale_factor": [1.3, 0.6]},
    {"scale_factor": [1.3, 0.6], "recompute_scale_factor": True},
]
TARGETS_1D = [{"size": 12}, {"size": 3}, {"scale_factor": 1.7}, {"scale_factor": 1.7, "recompute_scale_factor": True}]
NAMES = {
    "scale_factor": "scaleFactor",
    "recompute_scale_factor": "recomputeScaleFactor",
    "align_corners": "alignCorners",
    "output_padding": "outputPadding",
}


def interpolations():
    for mode in ("nearest", "nearest-exact"):
        yield from ((MAPS, {"mode": mode, **target}) for target in TARGETS_2D)
        yield from ((LINES, {"mode": mode, **target}) for target in TARGETS_1D)
        yield (1, 1, 5, 7), {"mode": mode, "size": [97, 83]}
    for align_corners in (False, True):
        yield from ((LINES, {"mode": "linear", "align_corners": align_corners, **target}) for target in TARGETS_1D)
        for mode in ("bilinear", "bicubic"):
            for antialias in (False, True):
                flags = {"mode": mode, "align_corners": align_corners, "antialias": antialias}
                yield from ((MAPS, {**flags, **target}) for target in TARGETS_2D)


def differentiated(case, y, leaves):
    """The value, and the gradient of sum(y * R) by each leaf."""
    r = tensor(f"{case}.R", tuple(y.shape), dtype=y.dtype)
    grads = torch.autograd.grad((y * r).sum(), list(leaves.values()))
    return {f"{case}/y": y, **{f"{case}/grad/{name}": g for name, g in zip(leaves, grads, strict=True)}}


def in_typescript(settings):
    return {NAMES.get(name, name): value for name, value in settings.items()}


arrays, cases = {}, {"interpolate": {}, "convolution": {}, "unpool": {}}
for i, (shape, settings) in enumerate(interpolations()):
    case = f"interpolate.{i}"
    dtype = torch.float32 if settings["mode"].startswith("nearest") else torch.float64
    x = tensor(f"{case}.input", shape, dtype=dtype).requires_grad_()
    arrays |= differentiated(case, F.interpolate(x, **settings), {"x": x})
    cases["interpolate"][case] = {"shape": shape, "options": in_typescript(settings)}

CONVOLUTIONS = {  # name, input, filters, settings
    "conv1d": ("conv1d", (2, 4, 11), (6, 2, 3), {"stride": 2, "padding": 3, "dilation": 3, "groups": 2}),
    "conv2d": ("conv2d", (2, 3, 9, 8), (4, 3, 3, 2), {"padding": [4, 2], "dilation": [4, 3]}),
    "transposed1d": ("conv_transpose1d", (2, 4, 5), (4, 3, 3), {"stride": 3, "padding": 1, "output_padding": 2}),
    "transposed1d_dilated": ("conv_transpose1d", (2, 4, 5), (4, 3, 3), {"stride": 2, "dilation": 3, "groups": 2}),
    "transposed2d": (
        "conv_transpose2d",
        (2, 4, 5, 3),
        (4, 3, 3, 4),
        {"stride": [2, 3], "padding": [1, 2], "output_padding": [1, 0], "dilation": [2, 1], "groups": 2},
    ),
    "transposed2d_plain": ("conv_transpose2d", (2, 4, 5, 3), (4, 3, 2, 2), {"stride": 2}),
    "transposed2d_dense": ("conv_transpose2d", (2, 4, 5, 3), (4, 3, 3, 3), {"padding": 1}),
}
for case, (function, shape, filters, settings) in CONVOLUTIONS.items():
    out = filters[0] if function.startswith("conv1") or function == "conv2d" else filters[1] * settings.get("groups", 1)
    leaves = {
        "x": tensor(f"{case}.input", shape).requires_grad_(),
        "weight": tensor(f"{case}.weight", filters).requires_grad_(),
        "bias": tensor(f"{case}.bias", (out,)).requires_grad_(),
    }
    arrays |= differentiated(case, getattr(F, function)(*leaves.values(), **settings), leaves)
    cases["convolution"][case] = {
        "layer": function,
        "shape": shape,
        "options": {"out": out, "kernel": filters[2] if len(filters) == 3 else filters[2:], **in_typescript(settings)},
    }

UNPOOLS = {  # input, settings of the pooling, size of the result
    "unpool": ((2, 3, 6, 8), {"kernel_size": 2}, None),
    "unpool_odd": ((2, 3, 7, 9), {"kernel_size": [2, 3], "stride": [3, 4]}, [7, 9]),
    "unpool_padded": ((2, 3, 7, 8), {"kernel_size": 3, "padding": 1}, [7, 8]),
}
for case, (shape, settings, size) in UNPOOLS.items():
    x = tensor(f"{case}.input", shape).requires_grad_()
    values, indices = F.max_pool2d(x, return_indices=True, **settings)
    arrays |= differentiated(case, F.max_unpool2d(values * 2, indices, output_size=size, **settings), {"x": x})
    arrays |= {f"{case}/values": values, f"{case}/indices": indices}
    options = {"kernel" if name == "kernel_size" else name: value for name, value in settings.items()}
    cases["unpool"][case] = {"shape": shape, "options": options, **({} if size is None else {"size": size})}

write("upsampling", arrays, libraries=("torch", "numpy", "safetensors"), **{kind: json.dumps(of_kind) for kind, of_kind in cases.items()})
