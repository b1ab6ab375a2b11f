"""Batch, group and layer norm: output, gradients of loss = sum(out * R), and batch norm's running statistics.

Parameters and buffers are the hash of `<case>.weight`, `<case>.bias`, `<case>.running_mean`,
`<case>.running_var`; input and R are the hash of `<case>.input` (scale 2) and `<case>.R`. Gradients are
stored in full.
"""

import json

import torch

from afterimage_fixtures import tensor, weight, write

CASES = {  # module (momentum 0.1 and eps 1e-5 unless stated), input shape
    "batch_2d": (torch.nn.BatchNorm2d(6), (4, 6, 5, 5)),
    "batch_1d": (torch.nn.BatchNorm1d(7), (8, 7)),
    "batch_1d_plain": (torch.nn.BatchNorm1d(7, affine=False), (8, 7)),
    "batch_2d_small": (torch.nn.BatchNorm2d(3), (2, 3, 1, 2)),
    "group_2": (torch.nn.GroupNorm(2, 8), (3, 8, 4, 4)),
    "group_8": (torch.nn.GroupNorm(8, 8), (3, 8, 4, 4)),
    "group_1": (torch.nn.GroupNorm(1, 8), (3, 8, 4, 4)),
    "layer": (torch.nn.LayerNorm(16, eps=1e-6), (4, 10, 16)),
    "layer_eps5": (torch.nn.LayerNorm(16, eps=1e-5), (6, 16)),
}
SETTINGS = ("eps", "momentum", "num_groups", "affine")


def fill_case(case: str, module) -> None:
    with torch.no_grad():
        for name, value in module.double().state_dict().items():
            if value.is_floating_point():
                value.copy_(weight(f"{case}.{name}", tuple(value.shape)))


arrays, metadata = {}, {}
for case, (module, shape) in CASES.items():
    fill_case(case, module)
    x = tensor(f"{case}.input", shape, 2.0).requires_grad_()
    if case.startswith("batch"):
        arrays[f"{case}/eval"] = module.eval()(x)
    out = module.train()(x)
    (out * tensor(f"{case}.R", shape)).sum().backward()
    arrays |= {f"{case}/train": out, f"{case}/grad/input": x.grad}
    arrays |= {f"{case}/grad/{name}": p.grad for name, p in module.named_parameters()}
    arrays |= {f"{case}/next/{name}": b for name, b in module.named_buffers() if b.is_floating_point()}
    settings = {key: getattr(module, key) for key in SETTINGS if hasattr(module, key)}
    metadata[case] = json.dumps({"shape": shape, **settings})
write("norms", arrays, **metadata)
