"""BYOL (with and without batch statistics), SimSiam, Barlow Twins and VICReg on a narrow ResNet: three steps.

But for `byol`, the ResNet has group norm and standardised filters, where float32 agrees with float64 to many digits.

Losses are lightly's NegativeCosineSimilarity, BarlowTwinsLoss and VICRegLoss; the heads with batch norm give what lightly's
heads give with the same weights. Every network sees one view after the other, as in the authors' code. So that three
steps show it, the target of BYOL moves by half, biases and norms of Barlow Twins have half the rate of the weights, and
the rate falls to a tenth in SimSiam's second step, but not for its predictor.
"""

import torch
from lightly.loss import BarlowTwinsLoss, NegativeCosineSimilarity, VICRegLoss
from lightly.models.modules import heads
from lightly.models.utils import update_momentum

from method_reference import (
    BATCH,
    NarrowResNet,
    cosine,
    fill_at,
    mlp,
    run,
    tensor,
    twin,
    view,
    without_batch_norm,
)

FEATURES, WIDTH, OUT = 64, 48, 24
BOTTLENECK = 12
MOMENTUM = 0.5
BIAS_RATE = 0.5
#: Rates that move what they move by up to some percent; losses that are sums, or have been through batch norm over few
#: values, are steep.
RATE = {"byol": 3e-4, "simsiam": 3e-3, "barlow-twins": 3e-5, "vicreg": 3e-4}
negative_cosine = NegativeCosineSimilarity()


def agree(head: torch.nn.Module, theirs: torch.nn.Module) -> torch.nn.Module:
    """Checks a head against lightly's of the same weights; a bias that only theirs has is 0."""
    with torch.no_grad():
        own = [p for p in head.parameters()]
        for parameter in theirs.double().parameters():
            parameter.copy_(own.pop(0) if own and own[0].shape == parameter.shape else torch.zeros(()))
        x = tensor("head.input", (BATCH, own_width(head)))
        # Running statistics are not to move.
        assert not own and torch.allclose(twin(head)(x), theirs.train()(x)), "lightly has another head"
    return head


def own_width(head: torch.nn.Module) -> int:
    return next(head.parameters()).shape[1]


def views(step: int):
    return view("pair", step, 2).split(BATCH)


def byol(theme: str, batch_norm: bool) -> None:
    change = (lambda module: module) if batch_norm else without_batch_norm
    backbone = fill_at("backbone", change(NarrowResNet()))
    head = fill_at("head", change(mlp([FEATURES, WIDTH, OUT], last_norm=False, last_bias=False)))
    predictor = fill_at("predictor", change(mlp([OUT, WIDTH, OUT], last_norm=False, last_bias=False)))
    if batch_norm:
        agree(head, heads.BYOLProjectionHead(FEATURES, WIDTH, OUT))
        agree(predictor, heads.BYOLPredictionHead(OUT, WIDTH, OUT))
    target_backbone, target_head = twin(backbone), twin(head)

    def loss(step: int):
        first, second = views(step)
        p1, p2 = (predictor(head(backbone(x))) for x in (first, second))
        with torch.no_grad():
            z1, z2 = (target_head(target_backbone(x)) for x in (first, second))
        # The authors sum squared distances of both directions; lightly gives a cosine.
        return 4 + 2 * (negative_cosine(p1, z2) + negative_cosine(p2, z1))

    def after(step: int):
        momentum = cosine(MOMENTUM, 1, step)
        update_momentum(backbone, target_backbone, momentum)
        update_momentum(head, target_head, momentum)

    modules = {"backbone": backbone, "head": head, "predictor": predictor}
    teachers = {"teacher.backbone": target_backbone, "teacher.head": target_head}
    run(theme, modules, loss, after, teachers=teachers, rate=lambda step, name, decays: RATE["byol"])


def simsiam(theme: str, stop_gradient: bool = True) -> None:
    backbone = fill_at("backbone", without_batch_norm(NarrowResNet()))
    head = fill_at("head", mlp([FEATURES, WIDTH, WIDTH, WIDTH], last_affine=False))
    predictor = fill_at("predictor", mlp([WIDTH, BOTTLENECK, WIDTH], last_norm=False))
    agree(head, heads.SimSiamProjectionHead(FEATURES, WIDTH, WIDTH))
    agree(predictor, heads.SimSiamPredictionHead(WIDTH, BOTTLENECK, WIDTH))

    def loss(step: int):
        z1, z2 = (head(backbone(x)) for x in views(step))
        p1, p2 = predictor(z1), predictor(z2)
        if stop_gradient:
            z1, z2 = z1.detach(), z2.detach()
        return 0.5 * (negative_cosine(p1, z2) + negative_cosine(p2, z1))

    def rate(step: int, name: str, decays: bool) -> float:
        return RATE["simsiam"] if step == 0 or name.startswith("predictor.") else RATE["simsiam"] / 10

    modules = {"backbone": backbone, "head": head, "predictor": predictor}
    run(theme, modules, loss, decay_all=True, rate=rate)


def regularized(theme: str, criterion, theirs, **options) -> None:
    """Barlow Twins and VICReg: one network, and a loss of both views over the batch."""
    backbone = fill_at("backbone", without_batch_norm(NarrowResNet()))
    head = fill_at("head", mlp([FEATURES, WIDTH, WIDTH, OUT], last_norm=False, last_bias=False))
    agree(head, theirs(FEATURES, WIDTH, OUT))

    def loss(step: int):
        first, second = (head(backbone(x)) for x in views(step))
        return criterion(first, second)

    run(theme, {"backbone": backbone, "head": head}, loss, **options)


byol("byol", batch_norm=True)
byol("byol-group", batch_norm=False)
simsiam("simsiam")
simsiam("simsiam-without-stop", stop_gradient=False)
regularized(
    "barlow-twins",
    BarlowTwinsLoss(lambda_param=0.0051),
    heads.BarlowTwinsProjectionHead,
    rate=lambda step, name, decays: RATE["barlow-twins"] * (1 if decays else BIAS_RATE),
)
regularized(
    "vicreg", VICRegLoss(), heads.VICRegProjectionHead, rate=lambda step, name, decays: RATE["vicreg"]
)
