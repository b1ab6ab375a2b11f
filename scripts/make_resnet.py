"""torchvision's ResNet-18 and ResNet-50: features, gradients and the statistics of batch norm.

ResNet-18 has an ImageNet and a CIFAR stem. loss = sum(features * R). Computed in float64 from float32
weights; torch's own float32 error is in the metadata.

Two effects would make a comparison in float32 meaningless. A few stored weights (`<case>/weight/<name>`, to
be used instead of the hash) remove both:
- Among millions of activations, some lie near enough to ReLU's corner for rounding to put them on its other
  side. One such flip moves a gradient by a percent. The biases of the norms before a ReLU are shifted a
  little, to keep all channels away from zero (`relu_margin` in the metadata).
- Batch norm over 16 values, 50 layers deep, magnifies rounding a thousandfold. With a quarter of the weight
  in the last norm of each bottleneck (bn3), it is magnified only a few times.
"""

import torch
from torchvision.models import resnet18, resnet50

from afterimage_fixtures import fill, float32_error, probe, probe_gradients, tensor, weight, write

LARGEST_SHIFT = 0.2


def cifar_stem(model):
    model.conv1 = torch.nn.Conv2d(3, 64, 3, stride=1, padding=1, bias=False)
    model.maxpool = torch.nn.Identity()
    return model


CASES = {
    "resnet18": (resnet18, (2, 3, 64, 64)),
    "resnet18_cifar": (lambda: cifar_stem(resnet18()), (4, 3, 32, 32)),
    "resnet50": (resnet50, (4, 3, 64, 64)),
}


def build(case: str, dtype, stored: dict):
    model = CASES[case][0]()
    model.fc = torch.nn.Identity()
    fill(model, dtype)
    model.load_state_dict(stored, strict=False)
    return model


def clear_of_zero(values: torch.Tensor) -> torch.Tensor:
    """The small shift of each channel of [B, C, H, W] that puts zero in the middle of its widest gap."""
    ordered = values.transpose(0, 1).flatten(1).sort(dim=1).values
    middles = (ordered[:, 1:] + ordered[:, :-1]) / 2
    gaps = ordered.diff(dim=1).where(middles.abs() < LARGEST_SHIFT, 0)
    return -middles.gather(1, gaps.argmax(1, keepdim=True)).flatten()


def stored_weights(case: str) -> tuple[dict, float]:
    """Damps bn3, then shifts biases of norms before ReLUs in one forward pass; also returns the margin."""
    names = [(name, p.shape) for name, p in CASES[case][0]().named_parameters()]
    stored = {name: weight(name, shape, torch.float32) / 4 for name, shape in names if name.endswith("bn3.weight")}
    model, norms, margins = build(case, torch.float64, stored).train(), [], []

    def shift(_relu, args):
        name, norm = norms[-1]
        stored[f"{name}.bias"] = (norm.bias + clear_of_zero(args[0])).float()
        moved = args[0] + (stored[f"{name}.bias"].double() - norm.bias).view(1, -1, 1, 1)
        margins.append(moved.abs().min().item())
        return moved

    for name, module in model.named_modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.register_forward_hook(lambda norm, _args, _out, name=name: norms.append((name, norm)))
        if isinstance(module, torch.nn.ReLU):
            module.register_forward_pre_hook(shift)
    with torch.no_grad():
        model(tensor(f"{case}.input", CASES[case][1]))
    return stored, min(margins)


def reference(case: str, dtype, stored: dict) -> dict:
    model = build(case, dtype, stored)
    x = tensor(f"{case}.input", CASES[case][1], dtype=dtype)
    out = {f"{case}/features/eval": model.eval()(x)}
    features = model.train()(x)
    (features * tensor(f"{case}.R", tuple(features.shape), dtype=dtype)).sum().backward()
    out |= {f"{case}/features/train": features} | probe_gradients(case, model)
    for name, value in model.named_buffers():
        if value.is_floating_point():
            out[f"{case}/next/{name}"] = probe(value)
    return out


arrays, metadata = {}, {}
for case, (_, shape) in CASES.items():
    stored, margin = stored_weights(case)
    exact = reference(case, torch.float64, stored)
    arrays |= exact | {f"{case}/weight/{name}": value for name, value in stored.items()}
    metadata |= {
        f"{case}.shape": str(list(shape)),
        f"{case}.relu_margin": f"{margin:.1e}",
        f"{case}.float32_error": f"{float32_error(exact, reference(case, torch.float32, stored)):.1e}",
    }
write("resnet", arrays, **metadata)
