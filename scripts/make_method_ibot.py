"""iBOT on a tiny ViT: three steps with two sizes of crops, hidden patches, one head and two centres.

The code follows the authors' `main_ibot.py`: the head sees all patches, the loss is masked, and a teacher
follows. The losses are lightly's DINOLoss and IBOTPatchLoss. The latter gets the centre of all patches;
lightly's own would be that of the hidden ones.

Given a folder with bytedance/ibot (commit da316d8), the script runs the same steps in the authors'
`train_one_epoch`, with its own vision transformer, head, iBOTLoss, MultiCropWrapper and clipping. It then
compares loss, gradients, student, teacher and both centres after each step:

    python scripts/make_method_ibot.py [ibot]
"""

import sys
from contextlib import redirect_stdout
from types import SimpleNamespace

import torch
from lightly.loss import DINOLoss, IBOTPatchLoss
from torch import nn

from authors_code import authors_module, give, gradients, hold, one_process, parameters, stand_in
from method_reference import (
    BATCH,
    DECAY,
    RATE,
    SIZE,
    STEPS,
    STEPS_PER_EPOCH,
    TOTAL_STEPS,
    MaskToken,
    clip_each,
    cosine,
    decays,
    dino_head,
    fill_at,
    follow,
    hidden_patches,
    run,
    sgd,
    tiny_vit,
    twin,
    view,
    vit_tokens,
)

OUTPUTS, WIDTH, BOTTLENECK, LOCALS, PATCHES, MOST = 40, 32, 16, 2, 16, 8
MOMENTUM, CLIP, CENTRE_MOMENTUM = 0.9, 1, 0.9
CLASS_TEMPERATURE, PATCH_TEMPERATURE, STUDENT_TEMPERATURE = 0.05, 0.06, 0.1

backbone = fill_at("backbone", tiny_vit())
head = dino_head("head", 24, WIDTH, BOTTLENECK, OUTPUTS, norm_last_layer=False)
token = fill_at("", MaskToken(24))
teacher = {"teacher.backbone": twin(backbone), "teacher.head": twin(head)}
of_classes = DINOLoss(OUTPUTS, student_temp=STUDENT_TEMPERATURE, center_momentum=CENTRE_MOMENTUM).double()
of_patches = IBOTPatchLoss(OUTPUTS, student_temp=STUDENT_TEMPERATURE).double()
patch_centre = torch.zeros(OUTPUTS, dtype=torch.float64)
hidden = [hidden_patches(step, PATCHES, MOST) for step in range(STEPS)]
value = None


def loss(step: int):
    global patch_centre, value
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
    patch_centre = CENTRE_MOMENTUM * patch_centre + (1 - CENTRE_MOMENTUM) * taught[:, 1:].mean(dim=(0, 1))
    return value


def after(step: int) -> None:
    for taught, learned in zip(teacher.values(), (backbone, head)):
        follow(taught, learned, cosine(MOMENTUM, 1, step))
    if theirs:
        theirs(step, value)


def authors_check():
    """Returns a check of one step against the authors' loop, which has networks of its own.

    Their tokens and positions decay, ours do not: the groups of the optimiser are ours.
    """
    one_process()
    stand_in("tensorboardX", SummaryWriter=None)
    stand_in("munkres", Munkres=None)
    main = authors_module(sys.argv[1], "main_ibot")
    main.utils.SmoothedValue.synchronize_between_processes = lambda self: None  # needs a GPU
    trained = parameters({"backbone": backbone, "head": head})
    own = trained | {"backbone.masked_embed": token.mask_token}

    def network(values: dict):
        masked = "backbone.masked_embed" in values
        vit = main.models.VisionTransformer([SIZE], 4, embed_dim=24, depth=2, num_heads=3, qkv_bias=True,
                                            return_all_tokens=True, masked_im_modeling=masked)  # fmt: skip
        projection = main.iBOTHead(24, OUTPUTS, patch_out_dim=OUTPUTS, hidden_dim=WIDTH, bottleneck_dim=BOTTLENECK,
                                   norm_last_layer=False, shared_head=True)  # fmt: skip
        return give(main.utils.MultiCropWrapper(vit, projection), values)

    student, taught = nn.parallel.DistributedDataParallel(network(own)), network(trained)
    networks = parameters({"": student.module})
    decaying = [name for name, p in networks.items() if decays(name, p) and name != "backbone.masked_embed"]
    groups = [[p for name, p in networks.items() if (name in decaying) is wanted] for wanted in (True, False)]
    optimizer = sgd([{"params": group} for group in groups])
    # Rounded to float32, as in lightly.
    cold, warm = (float(torch.tensor(t)) for t in (CLASS_TEMPERATURE, PATCH_TEMPERATURE))
    other = main.iBOTLoss(OUTPUTS, OUTPUTS, 2, LOCALS, cold, cold, warm, warm, 0, STEPS, STUDENT_TEMPERATURE,
                          CENTRE_MOMENTUM, CENTRE_MOMENTUM).double()  # fmt: skip
    momenta = main.utils.cosine_scheduler(MOMENTUM, 1, TOTAL_STEPS // STEPS_PER_EPOCH, STEPS_PER_EPOCH)
    settings = SimpleNamespace(
        epochs=STEPS, global_crops_number=2, use_masked_im_modeling=True, clip_grad=CLIP, freeze_last_layer=0
    )

    def check(step: int, value):
        """Runs an epoch of one step: the epoch's number is the step's.

        The tolerance is wider because lightly's weights of hidden patches are float32.
        """
        crops = [*view("global", step, 2).split(BATCH), *view("local", step, LOCALS, 8).split(BATCH)]
        batch = crops, torch.zeros(BATCH), list(hidden[step][1].reshape(2, BATCH, 4, 4))
        with redirect_stdout(None):
            stats = main.train_one_epoch(student, taught, taught, other, [batch], optimizer, [RATE] * STEPS, [DECAY] * STEPS,
                                         momenta, step, None, settings)  # fmt: skip
        of_theirs = {"loss": stats["loss"], "class centre": other.center, "patch centre": other.center2}
        of_ours = {"loss": value, "class centre": of_classes.center, "patch centre": patch_centre}
        hold(
            networks | gradients(networks) | parameters({"teacher": taught}) | of_theirs,
            own | gradients(own) | parameters(teacher) | of_ours,
            rtol=1e-7,
            atol=1e-8,
        )

    return check


theirs = authors_check() if len(sys.argv) > 1 else None
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
