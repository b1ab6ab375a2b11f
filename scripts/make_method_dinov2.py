"""DINOv2's recipe on a tiny ViT: three steps, with one head or two.

The steps have two sizes of crops, hidden patches, Sinkhorn–Knopp, KoLeo, a teacher that follows, and learning
rates that fall from block to block. The code follows the authors' `ssl_meta_arch.py`, `loss/` and
`utils/param_groups.py`; KoLeo is lightly's KoLeoLoss.

Given a folder with facebookresearch/dinov2 (commit b8931f7), the script runs the same steps in the authors'
`SSLMetaArch`, with its own vision transformer, heads, DINOLoss, iBOTPatchLoss, KoLeoLoss, Sinkhorn–Knopp,
learning rates of layers and moving average. It then compares loss, gradients, student and teacher after each
step:

    python scripts/make_method_dinov2.py [dinov2]
"""

import sys
from types import SimpleNamespace
from unittest import mock

import torch
from lightly.loss import KoLeoLoss
from torch import nn
from torch.nn.functional import log_softmax

from authors_code import authors_module, give, gradients, hold, one_process, parameters, stand_in
from method_reference import (
    BATCH,
    DECAY,
    RATE,
    SIZE,
    STEPS,
    TOTAL_STEPS,
    MaskToken,
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
    """`get_vit_lr_decay_rate` times the patch projection's own factor."""
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
    theirs = authors_check(modules, teacher, hidden) if len(sys.argv) > 1 else None
    value = None

    def loss(step: int):
        nonlocal value
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
        value = classes + patches + KOLEO * sum(spread(part) for part in tokens[:, 0].split(BATCH))
        return value

    def after(step: int) -> None:
        for path, taught in teacher.items():
            follow(taught, modules[path.removeprefix("teacher.")], cosine(MOMENTUM, 1, step))
        if theirs:
            theirs(step, value)

    draws = {step: draw for step, (draw, _) in enumerate(hidden)}
    run(theme, modules, loss, after=after, teachers=teacher, draws=draws,
        rate=lambda step, name, decays: RATE * rate_of(name))


class SideBySide:
    """xformers' BlockDiagonalMask, as far as the authors' heads use it: joins parts and splits them again."""

    def __init__(self, parts):
        self.lengths = [part.shape[1] for part in parts]

    @classmethod
    def from_tensor_list(cls, parts):
        return cls(parts), torch.cat(parts, dim=1)

    def split(self, x):
        return list(x.split(self.lengths, dim=1))


def authors_check(modules: dict, teacher: dict, hidden: list):
    """Returns a check of one step against the authors' networks.

    They cast Sinkhorn–Knopp and the positions of small crops to float32; here both stay in float64. Their
    tokens and positions decay, ours do not.
    """
    one_process()
    stand_in("xformers.ops", fmha=SimpleNamespace(BlockDiagonalMask=SideBySide))
    stand_in("fvcore.common.checkpoint", Checkpointer=object, PeriodicCheckpointer=object)
    meta = authors_module(sys.argv[1], "dinov2.train.ssl_meta_arch")
    train, vits, utils = (sys.modules[f"dinov2.{name}"] for name in ("train.train", "models.vision_transformer", "utils.utils"))

    def network():
        vit = vits.DinoVisionTransformer(SIZE, 4, embed_dim=24, depth=DEPTH, num_heads=3, block_chunks=0)
        # Runs crops of two sizes one after the other; xformers would take them in one pass.
        vit.forward_features_list = lambda crops, masks: [vit.forward_features(*pair) for pair in zip(crops, masks)]
        return vit

    meta.build_model_from_cfg = lambda settings: (network(), network(), 24)
    meta.get_fsdp_modules = lambda module: [SimpleNamespace(params=list(module.parameters()))]
    arch = meta.SSLMetaArch(authors_settings("patch_head" in modules))
    arch.need_to_synchronize_fsdp_streams = False  # needs a GPU
    losses = []
    arch.backprop_loss = lambda loss: (losses.append(loss), loss.backward())

    paths = {"backbone": "backbone", "dino_head": "head", "ibot_head": "patch_head"}
    paths = {path: name for path, name in paths.items() if name in modules}
    own = parameters({path: modules[name] for path, name in paths.items()})
    own["backbone.mask_token"] = modules[""].mask_token
    own_teacher = parameters({f"teacher.{path}": teacher[f"teacher.{name}"] for path, name in paths.items()})
    networks, taught = (parameters({"": give(each, own)}) for each in (arch.student, arch.teacher))
    del taught["backbone.mask_token"]  # never used
    rates = arch.cfg.optim.layerwise_decay, arch.cfg.optim.patch_embed_lr_mult
    groups = [group for each in arch.student.values() for group in meta.get_params_groups_with_decay(each, *rates)]
    for group in groups:
        group["wd_multiplier"] *= decays(group["name"], group["params"])
    optimizer = sgd(groups)
    momenta = utils.CosineScheduler(MOMENTUM, 1, TOTAL_STEPS)

    def check(step: int, value):
        mask = hidden[step][1]
        places = mask.flatten().nonzero().flatten()
        images = {
            "collated_global_crops": view("global", step, 2),
            "collated_local_crops": view("local", step, LOCALS, 8),
            "collated_masks": mask,
            "mask_indices_list": places,
            "n_masked_patches": torch.tensor([len(places)]),
            "upperbound": len(places) + 3,
            "masks_weight": SimpleNamespace(cuda=lambda **_: None),  # makes the loss compute its weights
        }
        train.apply_optim_scheduler(optimizer, RATE, DECAY, RATE)
        optimizer.zero_grad()
        with mock.patch.object(torch.Tensor, "float", torch.Tensor.double):
            arch.forward_backward(images, TEMPERATURE)
        optimizer.step()
        arch.update_teacher(momenta[step])
        of_teacher = {f"teacher.{name}": p for name, p in taught.items()}
        hold(
            networks | gradients(networks) | of_teacher | {"loss": losses[-1]},
            own | gradients(own) | own_teacher | {"loss": value},
        )

    return check


def authors_settings(separate: bool):
    """Their default settings (among them the weights of losses and the rates of layers), with our heads."""
    from omegaconf import OmegaConf

    head = dict(head_n_prototypes=OUTPUTS, head_hidden_dim=WIDTH, head_bottleneck_dim=BOTTLENECK)
    ours = {
        "dino": head,
        "ibot": head | {"separate_head": separate},
        "train": {"centering": "sinkhorn_knopp"},
        "crops": {"local_crops_number": LOCALS},
        "compute_precision": {"grad_scaler": False},
    }
    return OmegaConf.merge(OmegaConf.load(f"{sys.argv[1]}/dinov2/configs/ssl_default_config.yaml"), ours)


dinov2("dinov2", separate=False)
dinov2("dinov2-two-heads", separate=True)
