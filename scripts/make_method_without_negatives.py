"""BYOL (with and without batch norm), SimSiam, Barlow Twins and VICReg on a narrow ResNet: three steps.

In all but `byol`, the ResNet has group norm and standardised filters, with which float32 agrees with float64
to many digits. Losses are lightly's NegativeCosineSimilarity, BarlowTwinsLoss and VICRegLoss. Heads with
batch norm are compared with lightly's heads with the same weights. Every network sees one view after the
other, as in the authors' code.

Three settings are chosen to show within three steps. BYOL's momentum is 0.5. Biases and norms of Barlow Twins
have half the learning rate of the weights. SimSiam's rate is a tenth from the second step on, but not for its
predictor.

The arguments are folders with facebookresearch/simsiam (commit a7bc177), facebookresearch/barlowtwins
(8e8d284) and facebookresearch/vicreg (4e12602). The script then runs the same steps in their `SimSiam` with
its `train`, `BarlowTwins` and `VICReg`, with their own heads and losses, and compares loss, gradients and
networks after each step. BYOL's authors published no code in PyTorch:

    python scripts/make_method_without_negatives.py [simsiam barlowtwins vicreg]
"""

import sys
from contextlib import nullcontext, redirect_stdout
from types import SimpleNamespace
from unittest import mock

import torch
from lightly.loss import BarlowTwinsLoss, NegativeCosineSimilarity, VICRegLoss
from lightly.models.modules import heads
from lightly.models.utils import update_momentum
from torch import nn

from authors_code import authors_module, give, gradients, hold, in_order, one_process, parameters
from method_reference import (
    BATCH,
    DECAY,
    NarrowResNet,
    cosine,
    decays,
    fill_at,
    mlp,
    run,
    sgd,
    tensor,
    twin,
    view,
    without_batch_norm,
)

FEATURES, WIDTH, OUT = 64, 48, 24
BOTTLENECK = 12
MOMENTUM = 0.5
BIAS_RATE = 0.5
LAMBDA = 0.0051
#: Learning rates that move weights by up to some percent. Losses are steep if they are sums, or if they pass
#: batch norm over few values.
RATE = {"byol": 3e-4, "simsiam": 3e-3, "barlow-twins": 3e-5, "vicreg": 3e-4}
negative_cosine = NegativeCosineSimilarity()


def agree(head: torch.nn.Module, theirs: torch.nn.Module) -> torch.nn.Module:
    """Compares a head with lightly's with the same weights; a bias that only theirs has is 0."""
    with torch.no_grad():
        own = [p for p in head.parameters()]
        for parameter in theirs.double().parameters():
            parameter.copy_(own.pop(0) if own and own[0].shape == parameter.shape else torch.zeros(()))
        x = tensor("head.input", (BATCH, own_width(head)))
        # A copy, because running statistics must not change.
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
        # The authors sum the squared distances of both directions; lightly returns a cosine.
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
    value = None

    def loss(step: int):
        nonlocal value
        z1, z2 = (head(backbone(x)) for x in views(step))
        p1, p2 = predictor(z1), predictor(z2)
        if stop_gradient:
            z1, z2 = z1.detach(), z2.detach()
        value = 0.5 * (negative_cosine(p1, z2) + negative_cosine(p2, z1))
        return value

    def rate(step: int, name: str, decays: bool) -> float:
        return RATE["simsiam"] if step == 0 or name.startswith("predictor.") else RATE["simsiam"] / 10

    modules = {"backbone": backbone, "head": head, "predictor": predictor}
    beside = train_beside(modules, *authors_simsiam(stop_gradient), rate, decay_all=True) if len(sys.argv) > 1 else None
    run(theme, modules, loss, lambda step: beside and beside(step, value), decay_all=True, rate=rate)


def regularized(theme: str, criterion, theirs, authors, rate) -> None:
    """Barlow Twins and VICReg: one network, and a loss of both views."""
    backbone = fill_at("backbone", without_batch_norm(NarrowResNet()))
    head = fill_at("head", mlp([FEATURES, WIDTH, WIDTH, OUT], last_norm=False, last_bias=False))
    agree(head, theirs(FEATURES, WIDTH, OUT))
    modules = {"backbone": backbone, "head": head}
    beside = train_beside(modules, *authors(), rate) if len(sys.argv) > 1 else None
    value = None

    def loss(step: int):
        nonlocal value
        first, second = (head(backbone(x)) for x in views(step))
        value = criterion(first, second)
        return value

    run(theme, modules, loss, lambda step: beside and beside(step, value), rate=rate)


def train_beside(modules: dict, model: nn.Module, train, rate, decay_all=False):
    """Returns a check of one step against the authors' model.

    train(optimizer, pair): their step, and its loss. In float64, they differ by the order of sums, which
    batch norm over few values magnifies.
    """
    ours = parameters(modules)
    own = in_order(model, ours)
    networks = parameters({"": give(model, own)})
    decayed = {name: DECAY if decay_all or decays(name, p) else 0 for name, p in ours.items()}
    optimizer = sgd([{"params": p, "weight_decay": decay} for p, decay in zip(networks.values(), decayed.values())])

    def check(step: int, value):
        for group, (name, p) in zip(optimizer.param_groups, ours.items()):
            group["lr"] = rate(step, name, decays(name, p))
        other = train(optimizer, list(views(step)))
        hold(networks | gradients(networks) | {"loss": other}, own | gradients(own) | {"loss": value})

    return check


def authors_simsiam(stop_gradient: bool):
    main = authors_module(sys.argv[1], "main_simsiam")

    def network(num_classes: int, zero_init_residual: bool):
        backbone = without_batch_norm(NarrowResNet())
        backbone.fc = nn.Linear(WIDTH, num_classes)
        return backbone

    model = main.simsiam.builder.SimSiam(network, WIDTH, BOTTLENECK)
    model.encoder.fc[0] = nn.Linear(FEATURES, WIDTH, bias=False)  # theirs is as wide as the features
    model.encoder.fc[6].bias = None  # before a norm, and not trained
    losses = []
    main.AverageMeter.update = lambda meter, value, count=1: losses.append(value) if meter.name == "Loss" else None

    def train(optimizer, pair):
        learns = nullcontext() if stop_gradient else mock.patch.object(torch.Tensor, "detach", lambda targets: targets)
        with learns, redirect_stdout(None):
            main.train([(pair, None)], model, nn.CosineSimilarity(dim=1), optimizer, 0, SimpleNamespace(gpu=None, print_freq=1))
        return losses.pop()

    return model, train


def authors_barlow_twins():
    settings = SimpleNamespace(projector=f"{WIDTH}-{WIDTH}-{OUT}", batch_size=BATCH, lambd=LAMBDA)
    with mock.patch("torchvision.models.resnet50", lambda **_: without_batch_norm(NarrowResNet())):
        model = authors_module(sys.argv[2], "main").BarlowTwins(settings)
    model.projector[0] = nn.Linear(FEATURES, WIDTH, bias=False)  # theirs takes 2,048 features of ResNet-50
    return model, step_of(model)


def authors_vicreg():
    main = authors_module(sys.argv[3], "main_vicreg")
    main.resnet.narrow = lambda **_: (without_batch_norm(NarrowResNet()), FEATURES)
    weights = dict(sim_coeff=25, std_coeff=25, cov_coeff=1)
    settings = SimpleNamespace(arch="narrow", mlp=f"{WIDTH}-{WIDTH}-{OUT}", batch_size=BATCH, **weights)
    model = main.VICReg(settings)
    for place in (0, 3):
        model.projector[place].bias = None  # has no effect before a norm
    return model, step_of(model)


def step_of(model: nn.Module):
    """A step with a model that returns its loss."""
    one_process()

    def train(optimizer, pair):
        value = model(*pair)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        return value

    return train


byol("byol", batch_norm=True)
byol("byol-group", batch_norm=False)
simsiam("simsiam")
simsiam("simsiam-without-stop", stop_gradient=False)
regularized(
    "barlow-twins",
    BarlowTwinsLoss(lambda_param=LAMBDA),
    heads.BarlowTwinsProjectionHead,
    authors_barlow_twins,
    rate=lambda step, name, decays: RATE["barlow-twins"] * (1 if decays else BIAS_RATE),
)
regularized(
    "vicreg", VICRegLoss(), heads.VICRegProjectionHead, authors_vicreg, rate=lambda step, name, decays: RATE["vicreg"]
)
