"""Three steps of a method in PyTorch, for test/support/method-steps.ts, with the same weights, views and
draws.

A script defines a method by its modules by path, a function from a step's number to its loss, and a function
that runs after the optimiser. Weights are `weight(path)`, views `view(group, step, shape)`; the fixture keeps
the draws. Computed in float64.
"""

import copy
import math
import sys
from types import SimpleNamespace

import torch
import torchvision
from lightly.models.modules import DINOProjectionHead
from timm.models.vision_transformer import VisionTransformer
from torch import nn

from afterimage_fixtures import as_numpy, probe, tensor, weight, write
from corners import unsteady

STEPS = 3
BATCH = 8
SIZE = 16
PICTURES = 40
#: 40 pictures in batches of 8 for 10 epochs.
TOTAL_STEPS = 50
STEPS_PER_EPOCH = 5
RATE = 0.003
DECAY = 1e-3
#: The number of the first step's views, for methods in which views from 0 give an activation too near to a
#: ReLU's corner (corners.py).
FIRST_VIEWS = {
    "byol": 21, "byol-group": 24, "cmc": 30, "cpc-gru": 12, "cpc-rows": 15, "dim-dv": 420, "dim-jsd": 60, "dim-nce": 42,
    "dim-two-views": 18, "dino-resnet": 9, "instdisc": 6, "instdisc-nce": 18, "invaspread": 21, "label-distillation": 57,
    "moco-v2": 3, "moco-v3-resnet": 36, "nnclr": 390, "rotnet": 27, "simclr": 75, "simclr-v2": 30, "simsiam": 15,
    "simsiam-without-stop": 18, "swav-frozen": 3, "swav-queue": 129, "vicreg": 375,
}  # fmt: skip
#: The number of the first step's views in the current run.
views = SimpleNamespace(first=0)


class NarrowResNet(torchvision.models.ResNet):
    """ResNet-18 in its CIFAR form with an eighth of the channels: 64 features."""

    def __init__(self, inputs: int = 3):
        super().__init__(torchvision.models.resnet.BasicBlock, [2, 2, 2, 2])
        self.conv1 = nn.Conv2d(inputs, 8, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.maxpool = nn.Identity()
        self.fc = nn.Identity()

    def _make_layer(self, block, planes, blocks, stride=1, dilate=False):
        if planes == 64:
            self.inplanes = 8
        return super()._make_layer(block, planes // 8, blocks, stride, dilate)


def tiny_vit(**options) -> VisionTransformer:
    """Two blocks of 24 features in 3 heads, patches of 4 pixels; features are the class token."""
    settings = dict(img_size=SIZE, patch_size=4, embed_dim=24, depth=2, num_heads=3, num_classes=0, global_pool="token")
    return VisionTransformer(**(settings | options))


def vit_tokens(vit: VisionTransformer, pictures: torch.Tensor, mask=None, token=None) -> torch.Tensor:
    """All tokens after the last norm, class token first, [B, 1 + N, D].

    Pictures of another size have their positions resampled as in DINO's `interpolate_pos_encoding`. Where
    `mask` [B, N] is 1, `token` replaces the patch before positions are added.
    """
    patches = vit.patch_embed.proj(pictures)
    grid = patches.shape[-2:]
    x = patches.flatten(2).transpose(1, 2)
    if mask is not None:
        x = torch.where(mask[..., None] > 0, token, x)
    x = torch.cat([vit.cls_token.expand(len(x), -1, -1), x], dim=1) + positions(vit.pos_embed, grid)
    for block in vit.blocks:
        x = block(x)
    x = vit.norm(x)
    if mask is None and pictures.shape[-1] == SIZE:
        assert torch.allclose(x, vit.forward_features(pictures)), "timm has other tokens"
    return x


class MaskToken(nn.Module):
    """The token that replaces hidden patches."""

    def __init__(self, width: int):
        super().__init__()
        self.mask_token = nn.Parameter(torch.zeros(1, 1, width))


def hidden_patches(step: int, patches: int, most: int) -> tuple[dict, torch.Tensor]:
    """Hides patches of one crop of each picture, in numbers from 1 to `most`.

    Returns the draw and the mask. The draw, [BATCH, 2, most], holds the places, padded with -1. The mask,
    [2 · BATCH, patches], is view-major.
    """
    generator = torch.Generator().manual_seed(step)
    drawn = torch.full((BATCH, 2, most), -1)
    mask = torch.zeros(2, BATCH, patches, dtype=torch.bool)
    for picture in range(BATCH):
        crop, count = (picture + step) % 2, 1 + picture % most
        places = torch.randperm(patches, generator=generator)[:count].sort().values
        drawn[picture, crop, :count] = places
        mask[crop, picture, places] = True
    return {"hidden": drawn}, mask.flatten(0, 1)


def positions(pos_embed: torch.Tensor, grid) -> torch.Tensor:
    side = math.isqrt(pos_embed.shape[1] - 1)
    if tuple(grid) == (side, side):
        return pos_embed
    known = pos_embed[:, 1:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
    scale = tuple((extent + 0.1) / side for extent in grid)
    resampled = nn.functional.interpolate(known, scale_factor=scale, mode="bicubic")
    return torch.cat([pos_embed[:, :1], resampled.flatten(2).transpose(1, 2)], dim=1)


class DinoHead(nn.Module):
    """DINO's head: three layers to a bottleneck of length 1, and a last layer with rows of length `weight_g`.

    It is written out because PyTorch's weight norm cannot be copied for a teacher. Each call is compared with
    lightly's head.
    """

    def __init__(self, inputs: int, width: int, bottleneck: int, outputs: int, norm_last_layer=True):
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(inputs, width), nn.GELU(), nn.Linear(width, width), nn.GELU(), nn.Linear(width, bottleneck)
        )
        self.last_layer = nn.Module()
        self.last_layer.weight_g = nn.Parameter(torch.ones(outputs, 1), requires_grad=not norm_last_layer)
        self.last_layer.weight_v = nn.Parameter(torch.empty(outputs, bottleneck))

    def bottleneck(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.normalize(self.mlp(x), dim=-1)

    def last(self, z: torch.Tensor) -> torch.Tensor:
        g, v = self.last_layer.weight_g, self.last_layer.weight_v
        return z @ (g * v / v.norm(dim=1, keepdim=True)).T

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.last(self.bottleneck(x))
        assert torch.allclose(y, self.of_lightly()(x)), "lightly has another head"
        return y

    @torch.no_grad()
    def of_lightly(self) -> nn.Module:
        first, *_, final = self.mlp
        sizes = first.in_features, first.out_features, final.out_features, len(self.last_layer.weight_v)
        other = DINOProjectionHead(*sizes, norm_last_layer=False).double()
        other.load_state_dict({name.replace("mlp.", "layers."): value for name, value in self.state_dict().items()})
        return other


def dino_head(path: str, *sizes: int, norm_last_layer=True) -> DinoHead:
    """A head at `path`; if the lengths of its last layer's rows are not learned, they are 1."""
    head = fill_at(path, DinoHead(*sizes, norm_last_layer=norm_last_layer))
    if norm_last_layer:
        head.last_layer.weight_g.data.fill_(1)
    return head


def clip_each(modules, limit: float) -> None:
    """`clip_gradients` of DINO's `utils.py`: each gradient by its own norm. Asserts that some are clipped."""
    gradients = [p.grad for module in modules for p in module.parameters() if p.grad is not None]
    factors = [limit / (gradient.norm() + 1e-6) for gradient in gradients]
    assert min(factors) < 1 < max(factors), "nothing, or everything, is clipped"
    for gradient, factor in zip(gradients, factors):
        gradient.mul_(min(factor, 1))


def mlp(widths: list[int], norm: bool = True, last_norm: bool = True, last_affine: bool | str = True,
        last_bias: bool = True) -> nn.Module:
    """The projection head: linear layers (no bias before batch norm) with ReLUs; `i.linear`, `i.norm`.

    The last norm has only a scale if `last_affine` is "scale".
    """
    layers = []
    for index, (before, after) in enumerate(zip(widths, widths[1:])):
        last = index == len(widths) - 2
        normed = norm and (not last or last_norm)
        parts = {"linear": nn.Linear(before, after, bias=not normed and (not last or last_bias))}
        if normed:
            parts["norm"] = nn.BatchNorm1d(after, affine=not last or bool(last_affine))
            if last and last_affine == "scale":
                parts["norm"].register_parameter("bias", None)
        if not last:
            parts["relu"] = nn.ReLU()
        layers.append(Chain(parts))
    return nn.Sequential(*layers)


def sincos_positions(side: int, width: int) -> torch.Tensor:
    """MAE's fixed positions, [1, 1 + side², width]: sines and cosines of columns, then rows; 0 for the class."""
    rates = 1 / 10_000 ** (torch.arange(width // 4, dtype=torch.float64) / (width / 4))
    rows, columns = torch.meshgrid(*[torch.arange(side, dtype=torch.float64)] * 2, indexing="ij")
    angles = [axis.flatten()[:, None] * rates for axis in (columns, rows)]
    grid = torch.cat([part for angle in angles for part in (angle.sin(), angle.cos())], dim=1)
    return torch.cat([torch.zeros(1, width, dtype=torch.float64), grid])[None]


def without_batch_norm(module: nn.Module) -> nn.Module:
    """Replaces batch norm by group norm, and standardises the weights of all layers (arXiv 2010.10241)."""
    for name, child in module.named_children():
        if isinstance(child, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module._modules[name] = nn.GroupNorm(group_count(child.num_features), child.num_features)
        elif isinstance(child, nn.Conv2d):
            child.__class__ = StandardizedConv
        elif isinstance(child, nn.Linear):
            child.__class__ = StandardizedLinear
        else:
            without_batch_norm(child)
    return module


def group_count(channels: int) -> int:
    """16 groups, or fewer, to keep two channels or more in each."""
    return next((n for n in (16, 8, 4, 2) if channels % n == 0 and channels > n), 1)


def standardized(weights: torch.Tensor) -> torch.Tensor:
    """Scales the weights of each output to mean 0 and variance 1 / fan-in."""
    rows = weights.flatten(1)
    variance, mean = torch.var_mean(rows, dim=1, correction=0, keepdim=True)
    return ((rows - mean) / ((variance + 1e-4) * rows.shape[1]).sqrt()).view_as(weights)


class StandardizedConv(nn.Conv2d):
    def forward(self, x):
        return self._conv_forward(x, standardized(self.weight), self.bias)


class StandardizedLinear(nn.Linear):
    def forward(self, x):
        return nn.functional.linear(x, standardized(self.weight), self.bias)


class Chain(nn.ModuleDict):
    """Modules one after another, under names of their own."""

    def forward(self, x):
        for module in self.values():
            x = module(x)
        return x


def fill_at(path: str, module: nn.Module) -> nn.Module:
    """Fills a module with the weights of `path`, in float64."""
    module.double()
    with torch.no_grad():
        for name, value in module.state_dict().items():
            if value.is_floating_point():
                value.copy_(weight(join(path, name), tuple(value.shape)))
    return module.train()


def twin(module: nn.Module) -> nn.Module:
    """A moving average of a module: a copy without gradients."""
    copied = copy.deepcopy(module)
    for parameter in copied.parameters():
        parameter.requires_grad_(False)
    return copied


@torch.no_grad()
def follow(teacher: nn.Module, student: nn.Module, momentum: float) -> None:
    for taught, learned in zip(teacher.parameters(), student.parameters()):
        taught.mul_(momentum).add_(learned, alpha=1 - momentum)


def view(group: str, step: int, count: int, size: int = SIZE) -> torch.Tensor:
    """All views of a group, one after another: [count · batch, 3, size, size]."""
    return tensor(f"{group}.{views.first + step}", (count * BATCH, 3, size, size), 2)


def memory(name: str, rows: int, width: int) -> torch.Tensor:
    """The initial values of a bank or queue: rows of length 1."""
    return nn.functional.normalize(tensor(f"memory.{name}", (rows, width)), dim=1)


def indices(step: int) -> torch.Tensor:
    """The pictures of a step."""
    return torch.arange(step * BATCH, (step + 1) * BATCH) % PICTURES


def cosine(start: float, end: float, step: int, total: int = TOTAL_STEPS) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * step / total)) / 2


def sgd(parameters, rate: float = RATE) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=rate, momentum=0.9)


def fast_sgd(parameters) -> torch.optim.Optimizer:
    """For networks without ReLUs, which allow large steps: every part moves by some percent."""
    return sgd(parameters, 0.3)


def slow_sgd(parameters) -> torch.optim.Optimizer:
    """For steep losses: with `RATE`, steps would magnify rounding."""
    return sgd(parameters, 0.001)


def adamw(parameters) -> torch.optim.Optimizer:
    return torch.optim.AdamW(parameters, lr=RATE)


def run(theme: str, modules: dict, loss, after=lambda step: None, states=dict, teachers=None, draws=None, optimizer=sgd,
        decay_all=False, rate=None, before=lambda step: None, decay=DECAY, targets=None, every_step=False, leave_out="/", **metadata) -> None:
    """Trains three steps and writes test/fixtures/methods/<theme>.safetensors.

    modules: the trained modules by path. loss(step): the loss. before(step): runs between the gradient and
    the optimiser. after(step): runs after the optimiser. states(): other tensors by path. teachers: moving
    averages by path, with `teacher.` in front. draws, targets: {step: {name: values}}. rate(step, name, decays):
    the learning rate of a parameter; without it, the optimiser keeps its own. decay: the weight decay.
    every_step: whether the fixture keeps the values after each step, instead of those after the last. leave_out: the
    ending of paths that it does not keep.

    Views with which rounding could change the steps are refused (corners.py). Given the authors' code, they
    are not: those comparisons are in float64.
    """
    named = [(join(path, name), p) for path, module in modules.items() for name, p in module.named_parameters()]
    learned = [(name, p) for name, p in named if p.requires_grad]
    groups = [{"params": [p], "weight_decay": decay if decays(name, p) or decay_all else 0} for name, p in learned]
    steps = optimizer(groups)

    def weights() -> dict:
        values = {}
        for path, module in (modules | (teachers or {})).items():
            values |= {join(path, name): value for name, value in module.state_dict().items() if value.is_floating_point()}
        return values

    def probes(values: dict, folder: str = "after") -> dict:
        return {f"{folder}/{path}": probe(value) for path, value in values.items() if not path.endswith(leave_out)}

    def take() -> dict:
        losses, passed = [], {}
        for step in range(STEPS):
            value = loss(step)
            steps.zero_grad()
            value.backward()
            before(step)
            for group, (name, p) in zip(steps.param_groups, learned):
                if rate:
                    group["lr"] = rate(step, name, decays(name, p))
            steps.step()
            after(step)
            losses.append(value.detach())
            if every_step and step < STEPS - 1:
                passed |= probes(weights() | states(), f"after step {step + 1}")
        return {"loss": as_numpy(torch.stack(losses))} | passed | probes(weights() | states())

    views.first = FIRST_VIEWS.get(theme, 0)
    if len(sys.argv) == 1:
        refuse_unsteady(theme, probes(weights()), take)
    arrays = take()
    for kind, fed in (("draw", draws), ("target", targets)):
        for step, named_values in (fed or {}).items():
            for name, values in named_values.items():
                arrays[f"{kind}/{step}/{name}"] = values
    write(f"methods/{theme}", arrays, first_views=str(views.first), **metadata)


def refuse_unsteady(theme: str, start: dict, take) -> None:
    """Ends the script if rounding could change the steps, and names views with which it could not."""
    wrong = unsteady(start, take)
    if not wrong:
        return
    refused = f"methods/{theme}: rounding could change {wrong} with views from {views.first}"
    while wrong:
        views.first += STEPS
        wrong = unsteady(start, take)
    raise SystemExit(f"{refused}; FIRST_VIEWS should be {views.first}, with which it changes nothing")


def join(path: str, name: str) -> str:
    """A name below a path; the empty path is the root."""
    return f"{path}.{name}" if path else name


def decays(name: str, parameter: torch.Tensor) -> bool:
    """Whether weight decay applies: not to biases, norms and tokens."""
    return parameter.ndim > 1 and not name.endswith(("cls_token", "pos_embed", "mask_token"))
