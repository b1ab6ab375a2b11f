"""MoCo v3 on a narrow ResNet and on a tiny ViT: three steps with the predictor and the momentum encoder.

The ViT also has a frozen patch projection, fixed positions and weight decay of all parameters. The loss is
the authors' formula: 2T times the cross-entropy, in both directions. Every network sees one view after the
other, as in the authors' `moco/builder.py`. The ResNet has group norm and standardised filters, because batch
norm over few values magnifies rounding. The momentum starts at 0.5, low enough to show within three steps.

Given a folder with facebookresearch/moco-v3 (commit c349e6e), the script runs the same steps in its
`MoCo_ResNet` and `MoCo_ViT`, with their own projectors, predictors, loss and momentum encoders; the latter
has its own vision transformer. It then compares loss, gradients and all networks after each step, and the
fixed positions:

    python scripts/make_method_moco_v3.py [moco-v3]
"""

import sys
from functools import partial
from types import SimpleNamespace
from unittest import mock

import timm
import torch
from torch import nn
from torch.nn.functional import cross_entropy, normalize

from authors_code import authors_module, give, gradients, hold, in_order, one_process, parameters, stand_in
from method_reference import (
    BATCH, DECAY, SIZE, TOTAL_STEPS, NarrowResNet, cosine, decays, fill_at, follow, mlp, run, sgd, sincos_positions, tiny_vit, twin,
    view, without_batch_norm,
)  # fmt: skip

OUT, WIDTH = 16, 32
MOMENTUM = 0.5


def contrast(q, k, temperature):
    logits = normalize(q, dim=1) @ normalize(k, dim=1).T / temperature
    return cross_entropy(logits, torch.arange(BATCH)) * 2 * temperature


def moco_v3(theme: str, backbone, head, predictor, temperature: float, **options) -> None:
    teachers = {"teacher.backbone": twin(backbone), "teacher.head": twin(head)}
    modules = {"backbone": backbone, "head": head, "predictor": predictor}
    theirs = authors_check(modules, teachers, temperature, **options) if len(sys.argv) > 1 else None
    value = None

    def loss(step: int):
        nonlocal value
        pair = view("pair", step, 2).split(BATCH)
        q1, q2 = [predictor(head(backbone(pictures))) for pictures in pair]
        with torch.no_grad():
            k1, k2 = [teachers["teacher.head"](teachers["teacher.backbone"](pictures)) for pictures in pair]
        value = contrast(q1, k2, temperature) + contrast(q2, k1, temperature)
        return value

    def after(step: int):
        if theirs:
            theirs(step, value)
        for taught, learned in zip(teachers.values(), (backbone, head)):
            follow(taught, learned, cosine(MOMENTUM, 1, step + 1))

    run(theme, modules, loss, after, teachers=teachers, **options)


def authors_check(modules: dict, teachers: dict, temperature: float, decay_all=False):
    """Returns a check of one step against the authors' model, made before our teacher follows.

    Theirs follows at the start of a step. In float64, they differ only by the order of sums.
    """
    one_process()
    stand_in("torch.utils.tensorboard", SummaryWriter=None)
    stand_in("timm.models.layers.helpers", to_2tuple=None)  # their place in the timm of that time
    stand_in("timm.models.layers", PatchEmbed=timm.layers.PatchEmbed)
    main = authors_module(sys.argv[1], "main_moco")

    def narrow_resnet(num_classes: int):
        network = without_batch_norm(NarrowResNet())
        network.fc = nn.Linear(64, num_classes)
        return network

    def vit(num_classes: int):
        # Today's timm calls this num_prefix_tokens.
        with mock.patch.object(main.vits.VisionTransformer, "num_tokens", 1, create=True):
            network = main.vits.VisionTransformerMoCo(
                stop_grad_conv1=True, img_size=SIZE, patch_size=4, embed_dim=24, depth=2, num_heads=3, qkv_bias=True,
                norm_layer=partial(nn.LayerNorm, eps=1e-6), num_classes=num_classes,
            )  # fmt: skip
        # Theirs are float32, and have the sines and cosines of the row before those of the column.
        hold({"positions": network.pos_embed.roll(12, 2)}, {"positions": modules["backbone"].pos_embed}, atol=1e-7)
        return network

    if isinstance(modules["backbone"], NarrowResNet):
        model = main.moco.builder.MoCo_ResNet(narrow_resnet, OUT, WIDTH, temperature)
    else:
        model = main.moco.builder.MoCo_ViT(vit, OUT, WIDTH, temperature)
    paths = ("backbone", "head", "teacher.backbone", "teacher.head", "predictor")
    own = in_order(model, parameters({path: (modules | teachers)[path] for path in paths}))
    networks = parameters({"": give(model, own)})
    decayed = {name: DECAY if decay_all or decays(name, p) else 0 for name, p in networks.items()}
    optimizer = sgd([{"params": p, "weight_decay": decayed[name]} for name, p in networks.items()])

    def check(step: int, value):
        momentum = main.adjust_moco_momentum(step, SimpleNamespace(epochs=TOTAL_STEPS, moco_m=MOMENTUM))
        other = model(*view("pair", step, 2).split(BATCH), momentum)
        optimizer.zero_grad()
        other.backward()
        optimizer.step()
        hold(networks | gradients(networks) | {"loss": other}, own | gradients(own) | {"loss": value})

    return check


def no_bias(widths, **options):
    return mlp(widths, last_bias=False, last_affine=False, **options)


moco_v3(
    "moco-v3-resnet",
    fill_at("backbone", without_batch_norm(NarrowResNet())),
    fill_at("head", no_bias([64, WIDTH, OUT])),
    fill_at("predictor", no_bias([OUT, WIDTH, OUT], last_norm=False)),
    1.0,
)

vit = fill_at("backbone", tiny_vit())
vit.pos_embed.requires_grad_(False).copy_(sincos_positions(4, 24))
for parameter in vit.patch_embed.parameters():
    parameter.requires_grad_(False)
moco_v3(
    "moco-v3-vit",
    vit,
    fill_at("head", no_bias([24, WIDTH, WIDTH, OUT])),
    fill_at("predictor", no_bias([OUT, WIDTH, OUT])),
    0.2,
    decay_all=True,
)
