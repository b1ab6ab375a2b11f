"""DINO with two sizes of crops: three steps, on a narrow ResNet and on a tiny ViT.

The steps have a centre, a teacher that follows, clipped gradients, and a last layer that is frozen in the
first step. The ViT resamples its positions for local crops. Loss and centre are lightly's DINOLoss; the head
is compared with lightly's DINOProjectionHead.

Given a folder with facebookresearch/dino (commit 7c446df), the script runs the same steps in the authors'
`train_one_epoch`, with its own vision transformer, head, DINOLoss, MultiCropWrapper and clipping. It then
compares loss, gradients, student, teacher and centre after each step:

    python scripts/make_method_dino.py [dino]
"""

import sys
from contextlib import redirect_stdout
from functools import partial
from types import SimpleNamespace

import torch
from lightly.loss import DINOLoss
from torch import nn

from authors_code import authors_module, give, gradients, hold, one_process, parameters
from method_reference import (
    BATCH,
    DECAY,
    RATE,
    SIZE,
    STEPS,
    STEPS_PER_EPOCH,
    TOTAL_STEPS,
    NarrowResNet,
    clip_each,
    cosine,
    decays,
    dino_head,
    fill_at,
    follow,
    run,
    sgd,
    tiny_vit,
    twin,
    view,
    vit_tokens,
)

OUTPUTS, WIDTH, BOTTLENECK, LOCALS = 40, 32, 16, 2
MOMENTUM, CLIP, FROZEN_STEPS = 0.9, 1, 1
TEMPERATURE, STUDENT_TEMPERATURE, CENTRE_MOMENTUM = 0.04, 0.1, 0.9


def dino(theme: str, backbone, inputs: int, encode) -> None:
    head = dino_head("head", inputs, WIDTH, BOTTLENECK, OUTPUTS)
    teacher = {"teacher.backbone": twin(backbone), "teacher.head": twin(head)}
    criterion = DINOLoss(OUTPUTS, student_temp=STUDENT_TEMPERATURE, center_momentum=CENTRE_MOMENTUM).double()
    modules = {"backbone": backbone, "head": head}
    theirs = authors_check(modules, teacher, criterion, inputs) if len(sys.argv) > 1 else None
    value = None

    def loss(step: int):
        nonlocal value
        large, small = view("global", step, 2), view("local", step, LOCALS, 8)
        learned = head(torch.cat([encode(backbone, large), encode(backbone, small)]))
        with torch.no_grad():
            taught = teacher["teacher.head"](encode(teacher["teacher.backbone"], large))
        value = criterion(taught.split(BATCH), learned.split(BATCH), teacher_temp=TEMPERATURE)
        return value

    def before(step: int) -> None:
        clip_each([backbone, head], CLIP)
        if step < FROZEN_STEPS:
            head.last_layer.weight_v.grad = None

    def after(step: int) -> None:
        for taught, learned in zip(teacher.values(), (backbone, head)):
            follow(taught, learned, cosine(MOMENTUM, 1, step))
        if theirs:
            theirs(step, value)

    run(
        theme,
        modules,
        loss,
        after=after,
        before=before,
        states=lambda: {"loss.centre": criterion.center},
        teachers=teacher,
    )


def authors_check(modules: dict, teacher: dict, criterion, inputs: int):
    """Returns a check of one step against the authors' loop, which has networks of its own.

    Their class token and positions decay, ours do not: the groups of the optimiser are ours.
    """
    one_process()
    main = authors_module(sys.argv[1], "main_dino")
    main.utils.SmoothedValue.synchronize_between_processes = lambda self: None  # needs a GPU

    def network():
        if isinstance(modules["backbone"], NarrowResNet):
            backbone = NarrowResNet()
        else:
            norm = partial(nn.LayerNorm, eps=1e-6)
            backbone = main.vits.VisionTransformer([SIZE], 4, embed_dim=24, depth=2, num_heads=3, qkv_bias=True, norm_layer=norm)
        head = main.DINOHead(inputs, OUTPUTS, hidden_dim=WIDTH, bottleneck_dim=BOTTLENECK)
        return give(main.utils.MultiCropWrapper(backbone, head), parameters(modules))

    student, taught = nn.parallel.DistributedDataParallel(network()), network()
    networks, own = parameters({"": student.module}), parameters(modules)
    learned = {name: p for name, p in networks.items() if p.requires_grad}
    groups = [[p for name, p in learned.items() if decays(name, p) is wanted] for wanted in (True, False)]
    optimizer = sgd([{"params": group} for group in groups])
    cold = float(torch.tensor(TEMPERATURE))  # rounded to float32, as in lightly
    other = main.DINOLoss(OUTPUTS, 2 + LOCALS, cold, cold, 0, STEPS, STUDENT_TEMPERATURE, CENTRE_MOMENTUM).double()
    momenta = main.utils.cosine_scheduler(MOMENTUM, 1, TOTAL_STEPS // STEPS_PER_EPOCH, STEPS_PER_EPOCH)
    settings = SimpleNamespace(epochs=STEPS, clip_grad=CLIP, freeze_last_layer=FROZEN_STEPS)

    def check(step: int, value):
        """Runs an epoch of one step: the epoch's number is the step's."""
        crops = [*view("global", step, 2).split(BATCH), *view("local", step, LOCALS, 8).split(BATCH)]
        with redirect_stdout(None):
            stats = main.train_one_epoch(student, taught, taught, other, [(crops, None)], optimizer, [RATE] * STEPS,
                                         [DECAY] * STEPS, momenta, step, None, settings)  # fmt: skip
        hold(
            networks | gradients(networks) | parameters({"teacher": taught}) | {"loss": stats["loss"], "centre": other.center},
            own | gradients(own) | parameters(teacher) | {"loss": value, "centre": criterion.center},
        )

    return check


dino("dino-resnet", fill_at("backbone", NarrowResNet()), 64, lambda backbone, pictures: backbone(pictures))
dino("dino-vit", fill_at("backbone", tiny_vit()), 24, lambda backbone, pictures: vit_tokens(backbone, pictures)[:, 0])
