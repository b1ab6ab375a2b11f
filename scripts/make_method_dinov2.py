"""DINOv2's recipe on a tiny ViT: three steps with two sizes of crops, hidden patches, one head or two, Sinkhorn–Knopp, KoLeo, a
teacher that follows, and learning rates that fall from block to block.

Written as the authors' `ssl_meta_arch.py`, `loss/` and `utils/param_groups.py` have it; KoLeo is lightly's KoLeoLoss.
"""

import torch
from lightly.loss import KoLeoLoss
from torch.nn.functional import log_softmax

from method_reference import (
    BATCH,
    RATE,
    STEPS,
    MaskToken,
    cosine,
    dino_head,
    fill_at,
    follow,
    hidden_patches,
    run,
    tiny_vit,
    twin,
    view,
    vit_tokens,
)

OUTPUTS, WIDTH, BOTTLENECK, LOCALS, PATCHES, MOST = 40, 32, 16, 2, 16, 8
MOMENTUM, TEMPERATURE, STUDENT_TEMPERATURE, KOLEO = 0.9, 0.05, 0.1, 0.1
LAYER_DECAY, PATCH_RATE, DEPTH = 0.9, 0.2, 2


def sinkhorn(logits: torch.Tensor) -> torch.Tensor:
    q = (logits / TEMPERATURE).exp().T
    q /= q.sum()
    prototypes, rows = q.shape
    for _ in range(3):
        q /= q.sum(dim=1, keepdim=True) * prototypes
        q /= q.sum(dim=0, keepdim=True) * rows
    return (q * rows).T


def cross_entropy(targets: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
    return -(targets * log_softmax(logits / STUDENT_TEMPERATURE, dim=-1)).sum(dim=-1)


def rate_of(name: str) -> float:
    """`get_vit_lr_decay_rate`, and the patch projection's own factor."""
    if name.startswith("backbone.blocks."):
        layer = int(name.split(".")[2]) + 1
    elif name == "mask_token" or name.startswith(("backbone.patch_embed", "backbone.cls_token", "backbone.pos_embed")):
        layer = 0
    else:
        layer = DEPTH + 1
    return LAYER_DECAY ** (DEPTH + 1 - layer) * (PATCH_RATE if "patch_embed" in name else 1)


def dinov2(theme: str, separate: bool) -> None:
    backbone, token = fill_at("backbone", tiny_vit()), fill_at("", MaskToken(24))
    sizes = (24, WIDTH, BOTTLENECK, OUTPUTS)
    names = ("head", "patch_head") if separate else ("head",)
    heads = {name: dino_head(name, *sizes, norm_last_layer=False) for name in names}
    modules = {"backbone": backbone, "": token} | heads
    teacher = {f"teacher.{name}": twin(modules[name]) for name in ("backbone", *names)}
    hidden = [hidden_patches(step, PATCHES, MOST) for step in range(STEPS)]
    spread = KoLeoLoss()

    def loss(step: int):
        mask = hidden[step][1]
        large, small = view("global", step, 2), view("local", step, LOCALS, 8)
        tokens = vit_tokens(backbone, large, mask, token.mask_token)
        with torch.no_grad():
            seen = vit_tokens(teacher["teacher.backbone"], large)
            class_targets = sinkhorn(teacher["teacher.head"](seen[:, 0])).split(BATCH)
            patch_targets = sinkhorn(teacher[f"teacher.{names[-1]}"](seen[:, 1:][mask]))
        crops = heads["head"](torch.cat([tokens[:, 0], vit_tokens(backbone, small)[:, 0]])).split(BATCH)
        pairs = [(t, c) for t in range(2) for c in range(len(crops)) if t != c]
        classes = sum(cross_entropy(class_targets[t], crops[c]).mean() for t, c in pairs) / len(pairs)
        weights = (1 / mask.sum(dim=1, keepdim=True).clamp(min=1)).expand_as(mask)[mask]
        patches = (cross_entropy(patch_targets, heads[names[-1]](tokens[:, 1:][mask])) * weights).sum() / len(mask)
        return classes + patches + KOLEO * sum(spread(part) for part in tokens[:, 0].split(BATCH))

    def after(step: int) -> None:
        for path, taught in teacher.items():
            follow(taught, modules[path.removeprefix("teacher.")], cosine(MOMENTUM, 1, step))

    draws = {step: draw for step, (draw, _) in enumerate(hidden)}
    run(theme, modules, loss, after=after, teachers=teacher, draws=draws,
        rate=lambda step, name, decays: RATE * rate_of(name))


dinov2("dinov2", separate=False)
dinov2("dinov2-two-heads", separate=True)
