"""DINO with two sizes of crops, on a narrow ResNet and on a tiny ViT whose positions are resampled for the local ones: three
steps with a centre, a teacher that follows, clipped gradients, and a last layer that stands still in the first step.

Loss and centre are lightly's DINOLoss; the head is compared with lightly's DINOProjectionHead.
"""

import torch
from lightly.loss import DINOLoss

from method_reference import (
    BATCH,
    NarrowResNet,
    clip_each,
    cosine,
    dino_head,
    fill_at,
    follow,
    run,
    tiny_vit,
    twin,
    view,
    vit_tokens,
)

OUTPUTS, WIDTH, BOTTLENECK, LOCALS = 40, 32, 16, 2
MOMENTUM, CLIP, FROZEN_STEPS = 0.9, 1, 1


def dino(theme: str, backbone, inputs: int, encode) -> None:
    head = dino_head("head", inputs, WIDTH, BOTTLENECK, OUTPUTS)
    teacher = {"teacher.backbone": twin(backbone), "teacher.head": twin(head)}
    criterion = DINOLoss(OUTPUTS, student_temp=0.1, center_momentum=0.9).double()

    def loss(step: int):
        large, small = view("global", step, 2), view("local", step, LOCALS, 8)
        learned = head(torch.cat([encode(backbone, large), encode(backbone, small)]))
        with torch.no_grad():
            taught = teacher["teacher.head"](encode(teacher["teacher.backbone"], large))
        return criterion(taught.split(BATCH), learned.split(BATCH), teacher_temp=0.04)

    def before(step: int) -> None:
        clip_each([backbone, head], CLIP)
        if step < FROZEN_STEPS:
            head.last_layer.weight_v.grad = None

    def after(step: int) -> None:
        for taught, learned in zip(teacher.values(), (backbone, head)):
            follow(taught, learned, cosine(MOMENTUM, 1, step))

    run(
        theme,
        {"backbone": backbone, "head": head},
        loss,
        after=after,
        before=before,
        states=lambda: {"loss.centre": criterion.center},
        teachers=teacher,
    )


dino("dino-resnet", fill_at("backbone", NarrowResNet()), 64, lambda backbone, pictures: backbone(pictures))
dino("dino-vit", fill_at("backbone", tiny_vit()), 24, lambda backbone, pictures: vit_tokens(backbone, pictures)[:, 0])
