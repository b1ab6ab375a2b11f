"""MoCo v3 on a narrow ResNet and on a tiny ViT: three steps with the predictor, the momentum and, on the ViT, a frozen
patch projection, fixed positions and decay of everything. The loss is the authors' formula: 2T times the cross-entropy, both
ways. Every network sees one view after the other, as in the authors' `moco/builder.py`. The ResNet has group norm and
standardised filters, since batch norm over few values magnifies rounding; the momentum starts at a half, so that three
steps show it."""

import torch
from torch.nn.functional import cross_entropy, normalize

from method_reference import (
    BATCH, NarrowResNet, cosine, fill_at, follow, mlp, run, sincos_positions, tiny_vit, twin, view, without_batch_norm,
)

OUT, WIDTH = 16, 32


def contrast(q, k, temperature):
    logits = normalize(q, dim=1) @ normalize(k, dim=1).T / temperature
    return cross_entropy(logits, torch.arange(BATCH)) * 2 * temperature


def moco_v3(theme: str, backbone, head, predictor, temperature: float, **options) -> None:
    teachers = {"teacher.backbone": twin(backbone), "teacher.head": twin(head)}

    def loss(step: int):
        pair = view("pair", step, 2).split(BATCH)
        q1, q2 = [predictor(head(backbone(pictures))) for pictures in pair]
        with torch.no_grad():
            k1, k2 = [teachers["teacher.head"](teachers["teacher.backbone"](pictures)) for pictures in pair]
        return contrast(q1, k2, temperature) + contrast(q2, k1, temperature)

    def after(step: int):
        for taught, learned in zip(teachers.values(), (backbone, head)):
            follow(taught, learned, cosine(0.5, 1, step))

    modules = {"backbone": backbone, "head": head, "predictor": predictor}
    run(theme, modules, loss, after, teachers=teachers, **options)


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
