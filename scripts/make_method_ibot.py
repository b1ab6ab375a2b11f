"""iBOT on a tiny ViT: three steps with two sizes of crops, hidden patches, one head, two centres and a teacher that follows.

Written as the authors' `main_ibot.py` has it: the head on all patches, the loss under a mask. The parts are lightly's DINOLoss and
IBOTPatchLoss, the latter with the centre of all patches, where lightly would take the hidden ones.
"""

import torch
from lightly.loss import DINOLoss, IBOTPatchLoss

from method_reference import (
    BATCH,
    STEPS,
    MaskToken,
    clip_each,
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
MOMENTUM, CLIP = 0.9, 1
CLASS_TEMPERATURE, PATCH_TEMPERATURE = 0.05, 0.06

backbone = fill_at("backbone", tiny_vit())
head = dino_head("head", 24, WIDTH, BOTTLENECK, OUTPUTS, norm_last_layer=False)
token = fill_at("", MaskToken(24))
teacher = {"teacher.backbone": twin(backbone), "teacher.head": twin(head)}
of_classes = DINOLoss(OUTPUTS, student_temp=0.1, center_momentum=0.9).double()
of_patches = IBOTPatchLoss(OUTPUTS, student_temp=0.1).double()
patch_centre = torch.zeros(OUTPUTS, dtype=torch.float64)
hidden = [hidden_patches(step, PATCHES, MOST) for step in range(STEPS)]


def loss(step: int):
    global patch_centre
    mask = hidden[step][1]
    large, small = view("global", step, 2), view("local", step, LOCALS, 8)
    learned = head(vit_tokens(backbone, large, mask, token.mask_token))
    local = head(vit_tokens(backbone, small)[:, 0])
    with torch.no_grad():
        taught = teacher["teacher.head"](vit_tokens(teacher["teacher.backbone"], large))
    classes = torch.cat([learned[:, 0], local]).split(BATCH)
    value = of_classes(taught[:, 0].split(BATCH), classes, teacher_temp=CLASS_TEMPERATURE)
    of_patches.center.value.copy_(patch_centre)
    grid = mask.reshape(2 * BATCH, 4, 4)
    value = value + of_patches(taught[:, 1:][mask], learned[:, 1:][mask], grid, teacher_temp=PATCH_TEMPERATURE)
    patch_centre = 0.9 * patch_centre + 0.1 * taught[:, 1:].mean(dim=(0, 1))
    return value


def after(step: int) -> None:
    for taught, learned in zip(teacher.values(), (backbone, head)):
        follow(taught, learned, cosine(MOMENTUM, 1, step))


run(
    "ibot",
    {"backbone": backbone, "head": head, "": token},
    loss,
    after=after,
    before=lambda step: clip_each([backbone, head, token], CLIP),
    states=lambda: {"loss.class_centre": of_classes.center, "loss.patch_centre": patch_centre},
    teachers=teacher,
    draws={step: draw for step, (draw, _) in enumerate(hidden)},
)
