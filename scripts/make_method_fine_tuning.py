"""Fine-tuning: three steps of AdamW with timm's groups of parameters by layer decay and its average of weights.

A ResNet and a ViT learn classes, several labels and numbers: with mixup and cutmix, label smoothing, class
weights, a frozen depth, and a layer of the projection head that stays. The fixture keeps the targets, how the
pictures are mixed, and the values after every step. Mixing is compared with timm's Mixup, whose partners are
the batch backwards.
"""

import copy
from unittest import mock

import timm.data.mixup
import torch
import torch.nn.functional as F
from timm.data import Mixup
from timm.loss import BinaryCrossEntropy
from timm.models.resnet import ResNet
from timm.optim import param_groups_layer_decay
from timm.utils import ModelEmaV3
from torch import nn

from afterimage_fixtures import tensor
from method_reference import BATCH, RATE, SIZE, STEPS, Chain, NarrowResNet, decays, fill_at, mlp, run, tiny_vit, view

#: So large that three steps show it.
DECAY = 0.3
#: Weight of the own picture, weight of its target, and the box from a partner: top, left, bottom, right.
MIXED = (0.7, 0.7, 0, 0, 0, 0)
CUT = (1, 1 - 7 * 9 / SIZE**2, 2, 5, 9, 14)
WHOLE = (1, 1, 0, 0, 0, 0)


def mixes(*kinds: tuple) -> dict:
    """The draws of three steps: the numbers of each, and the partners in a random order."""
    orders = [torch.randperm(BATCH, generator=torch.Generator().manual_seed(step)) for step in range(STEPS)]
    return {step: {"mix": torch.cat([torch.tensor(kind).float().double(), orders[step]])} for step, kind in enumerate(kinds)}


def mixed(pictures: torch.Tensor, rows: torch.Tensor, draw: torch.Tensor) -> tuple:
    """Pictures and targets, each with its partner's."""
    own, of_target = draw[:2]
    top, left, bottom, right = draw[2:6].int()
    partners = draw[6:].long()
    seen = own * pictures + (1 - own) * pictures[partners]
    seen[:, :, top:bottom, left:right] = pictures[partners][:, :, top:bottom, left:right]
    return seen, of_target * rows + (1 - of_target) * rows[partners]


def compare_with_timm(classes: int = 4, smoothing: float = 0.1) -> None:
    """Asserts that mixing is timm's, with its partners."""
    labels = torch.arange(BATCH) % classes
    backwards = torch.arange(BATCH).flip(0)
    for kind in (MIXED, CUT):
        draw = torch.cat([torch.tensor(kind).float().double(), backwards])
        seen, rows = mixed(view("picture", 0, 1), F.one_hot(labels, classes).double(), draw)
        theirs = Mixup(label_smoothing=smoothing, num_classes=classes)
        top, left, bottom, right = map(int, kind[2:])
        share = float(draw[1])
        with (
            mock.patch.object(theirs, "_params_per_batch", lambda: (share, kind is CUT)),
            mock.patch.object(timm.data.mixup, "cutmix_bbox_and_lam", lambda *_, **__: ((top, bottom, left, right), share)),
        ):
            pictures, targets = theirs(view("picture", 0, 1), labels)
        torch.testing.assert_close(pictures, seen)
        torch.testing.assert_close(targets.double(), rows * (1 - smoothing) + smoothing / classes, rtol=1e-6, atol=1e-7)


def layer_scales(backbone: nn.Module, above: nn.ModuleList, layer_decay: float) -> dict:
    """timm's factor of the learning rate by parameter. Asserts that its weight decay is the fixtures'."""
    whole = copy.copy(backbone)
    whole._modules = backbone._modules | {"fc" if isinstance(backbone, NarrowResNet) else "head": above}
    if isinstance(backbone, NarrowResNet):
        whole.group_matcher = lambda coarse: ResNet.group_matcher(whole, coarse)
    tokens = [] if isinstance(backbone, NarrowResNet) else whole.no_weight_decay()
    names = {parameter: name for name, parameter in whole.named_parameters()}
    scales = {}
    for group in param_groups_layer_decay(whole, DECAY, tokens, layer_decay=layer_decay):
        for parameter in group["params"]:
            assert group["weight_decay"] == DECAY * decays(names[parameter], parameter)
            scales[parameter] = group["lr_scale"]
    return scales


def freeze(*modules: nn.Module) -> None:
    """Nothing learns, and batch norm uses its running statistics, which stand still."""
    for module in modules:
        module.eval().requires_grad_(False)


def fine_tune(theme: str, modules: dict, loss_of, rows: list, layer_decay: float, average: float, targets=None,
              draws=None, backbone_rate: float = 1) -> None:
    """loss_of(logits, rows): the loss of a batch, of which `rows` has the targets of each step.

    The biases of attention are left out: those of keys have no gradient, and Adam makes whole steps of rounding.

    average: the largest momentum of the average. targets: what the fixture keeps, if that is not `rows`.
    """
    backbone, *above = modules.values()
    scales = layer_scales(backbone, nn.ModuleList(above), layer_decay)
    network = nn.ModuleDict(modules)
    averaged = ModelEmaV3(network)

    def loss(step: int):
        pictures, wanted = view("picture", step, 1), rows[step]
        if draws:
            pictures, wanted = mixed(pictures, wanted, draws[step]["mix"])
        x = backbone(pictures)
        for module in above:
            x = module(x)
        return loss_of(x, wanted)

    def after(step: int) -> None:
        averaged.decay = min(average, (1 + step) / (10 + step))
        averaged.update(network)

    def rate(step: int, name: str, decays: bool) -> float:
        path, _, rest = name.partition(".")
        return RATE * scales[modules[path].get_parameter(rest)] * (backbone_rate if path == "backbone" else 1)

    run(theme, modules, loss, after=after, draws=draws, rate=rate, decay=DECAY, optimizer=torch.optim.AdamW,
        teachers={f"teacher.{path}": module for path, module in averaged.module.items()}, every_step=True,
        leave_out="qkv.bias", targets=dict(enumerate(targets)))


def classes(theme: str, count: int, width: int, kept: list, frozen: int, loss_of, **options) -> None:
    """A ResNet and class labels, with the first layers of a projection head, of the widths `kept`."""
    backbone = fill_at("backbone", NarrowResNet())
    blocks = [block for layer in (backbone.layer1, backbone.layer2) for block in layer]
    if frozen:
        freeze(backbone.conv1, backbone.bn1, *blocks[: frozen - 1])
    head = {"head": nn.Sequential(*fill_at("head", mlp(kept)), nn.ReLU())} if kept else {}
    modules = {"backbone": backbone} | head | {"classifier": fill_at("classifier", nn.Linear(width, count))}
    labels = [(torch.arange(BATCH) * 3 + step) % count for step in range(STEPS)]
    rows = [F.one_hot(each, count).double() for each in labels]
    fine_tune(theme, modules, loss_of, rows, targets=[{"label": each} for each in labels], **options)


def transformer(theme: str, classifier: nn.Module, name: str, rows: list, loss_of, frozen: bool, **options) -> None:
    """A ViT and rows of targets; `frozen`: the patch embedding, the class token and the positions stand still."""
    backbone = fill_at("backbone", tiny_vit())
    if frozen:
        freeze(backbone.patch_embed)
        for parameter in (backbone.cls_token, backbone.pos_embed):
            parameter.requires_grad_(False)
    modules = {"backbone": backbone, "classifier": fill_at("classifier", classifier)}
    fine_tune(theme, modules, loss_of, rows, targets=[{name: each} for each in rows], **options)


def main() -> None:
    compare_with_timm()
    weights = torch.tensor([0.5, 1, 1.5, 2, 1]).double()
    classes("fine-tuning", 5, 64, [], 0, draws=mixes(MIXED, CUT, WHOLE), layer_decay=0.8, average=0.99,
            loss_of=lambda logits, rows: F.cross_entropy(logits, rows, weight=weights, label_smoothing=0.1))  # fmt: skip
    classes("fine-tuning-frozen", 4, 40, [64, 40], 3, layer_decay=0.7, average=0.15, loss_of=F.cross_entropy)

    labels = [(tensor(f"labels.{step}", (BATCH, 4)) > 0).double() for step in range(STEPS)]
    several = BinaryCrossEntropy(0.1, pos_weight=torch.tensor([2, 0.5, 1, 4]).double(), smooth_dense=True)
    transformer("fine-tuning-several", nn.Linear(24, 4), "labels", labels, several, False, draws=mixes(CUT, MIXED, CUT),
                layer_decay=0.75, average=0.99)  # fmt: skip
    numbers = [tensor(f"numbers.{step}", (BATCH, 2), 2) for step in range(STEPS)]
    layers = Chain({"0": nn.Linear(24, 20), "relu": nn.ReLU(), "1": nn.Linear(20, 2)})
    transformer("fine-tuning-numbers", layers, "numbers", numbers, F.mse_loss, True, layer_decay=0.6, average=0.99,
                backbone_rate=0.5)  # fmt: skip


if __name__ == "__main__":
    main()
