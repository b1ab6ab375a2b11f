"""I-JEPA on a tiny ViT without class token: three steps with context, blocks, predictor and moving average.

The encoder is lightly's (MaskedVisionTransformerTIMM). The predictor here has the authors' names of
parameters, and is compared with lightly's (IJEPAPredictorTIMM). The fixture keeps the places of contexts and
blocks: 4 patches, and 4 blocks of 2 by 2.

Given a folder with facebookresearch/ijepa (commit 52c1ae9), the script first runs the three steps in the
authors' `main`, with its own encoder and predictor. It then compares loss, gradients, both networks and the
moving average of every step, and the positions:

    python scripts/make_method_ijepa.py [ijepa]
"""

import logging
import sys
from collections import defaultdict
from functools import partial
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from unittest import mock

import torch
from lightly.models import utils
from lightly.models.modules import IJEPAPredictorTIMM, MaskedVisionTransformerTIMM
from timm.models.vision_transformer import Block
from torch import nn

from authors_code import authors_module, give, gradients, hold, one_process, parameters
from method_reference import (
    BATCH, DECAY, SIZE, STEPS, TOTAL_STEPS, decays, fast_sgd, fill_at, follow, run, sincos_positions, tiny_vit, twin, view,
)

SIDE, CONTEXT, BLOCKS, AREA = 4, 4, 4, 4
WIDTH, DEPTH, HEADS = 16, 2, 2
#: Low enough to show in the moving average within three steps.
MOMENTUM = 0.5


class Predictor(nn.Module):
    def __init__(self):
        super().__init__()
        norm = partial(nn.LayerNorm, eps=1e-6)
        self.predictor_embed = nn.Linear(24, WIDTH)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.predictor_pos_embed = nn.Parameter(torch.zeros(1, SIDE**2, WIDTH), requires_grad=False)
        self.predictor_blocks = nn.ModuleList(Block(WIDTH, HEADS, qkv_bias=True, norm_layer=norm) for _ in range(DEPTH))
        self.predictor_norm = norm(WIDTH)
        self.predictor_proj = nn.Linear(WIDTH, 24)

    def forward(self, x, context, blocks):
        positions = self.predictor_pos_embed.expand(BATCH, -1, -1)
        x = self.predictor_embed(x) + utils.apply_masks(positions, context)
        asked = self.mask_token + utils.apply_masks(positions, blocks)
        x = torch.cat([x.repeat(len(blocks), 1, 1), asked], dim=1)
        for block in self.predictor_blocks:
            x = block(x)
        return self.predictor_proj(self.predictor_norm(x)[:, -AREA:])


def places() -> dict:
    """Draws places of 2 by 2 blocks and of the context. Overlaps are allowed: the step takes any places."""
    drawn = {}
    for step in range(STEPS):
        generator = torch.Generator().manual_seed(step)
        corner = torch.randint(0, SIDE - 1, (BATCH, BLOCKS, 2), generator=generator)
        start = corner[..., 0] * SIDE + corner[..., 1]
        blocks = start[..., None] + torch.tensor([0, 1, SIDE, SIDE + 1])
        context = torch.rand(BATCH, SIDE**2, generator=generator).argsort(1)[:, :CONTEXT]
        drawn[step] = {"blocks": torch.cat([context, blocks.flatten(1)], dim=1)}
    return drawn


def main() -> None:
    vit = fill_at("backbone", tiny_vit(class_token=False, global_pool="avg", fc_norm=False))
    vit.pos_embed.requires_grad_(False).copy_(sincos_positions(SIDE, 24)[:, 1:])
    predictor = fill_at("predictor", Predictor())
    predictor.predictor_pos_embed.copy_(sincos_positions(SIDE, WIDTH)[:, 1:])
    taught = twin(vit)
    skip = dict(weight_initialization="skip", pos_embed_initialization="skip")
    encoder, target_encoder = (MaskedVisionTransformerTIMM(each, **skip).double() for each in (vit, taught))
    draws = places()
    modules = {"backbone": vit, "predictor": predictor}
    theirs = authors_steps(modules, draws) if len(sys.argv) > 1 else None
    value = None

    def loss(step: int):
        nonlocal value
        pictures = view("picture", step, 1)
        context, *blocks = draws[step]["blocks"].split([CONTEXT] + [AREA] * BLOCKS, dim=1)
        seen = encoder.encode(pictures, idx_keep=context)
        foretold = predictor(seen, [context], blocks)
        check(seen, context, blocks, foretold)
        with torch.no_grad():
            whole = target_encoder.encode(pictures)
            target = utils.apply_masks(nn.functional.layer_norm(whole, (24,)), blocks)
        value = nn.functional.smooth_l1_loss(foretold, target)
        return value

    def check(seen, context, blocks, foretold):
        theirs = IJEPAPredictorTIMM(SIDE**2, DEPTH, 24, WIDTH, HEADS).double()
        theirs.load_state_dict(predictor.state_dict())
        assert torch.allclose(theirs(seen, [context], blocks), foretold), "lightly has another predictor"

    def after(step: int) -> None:
        follow(taught, vit, MOMENTUM + (1 - MOMENTUM) * step / TOTAL_STEPS)
        if theirs:
            hold(theirs[step], {"loss": value} | state(modules, taught))

    run(
        "i-jepa",
        modules,
        loss,
        after=after,
        teachers={"teacher.backbone": taught},
        draws=draws,
        optimizer=fast_sgd,
    )


def state(modules: dict, taught) -> dict:
    """Copies of the weights, gradients and teacher after a step."""
    own = parameters(modules)
    everything = own | gradients(own) | parameters({"teacher": taught})
    return {name: values.detach().clone() for name, values in everything.items()}


class Steps:
    """Replaces the authors' loader: three steps of an epoch that would have more."""

    def __init__(self, draws: dict):
        self.draws = draws

    def __len__(self):
        return TOTAL_STEPS

    def __iter__(self):
        for step in range(STEPS):
            context, *blocks = self.draws[step]["blocks"].split([CONTEXT] + [AREA] * BLOCKS, dim=1)
            yield (view("picture", step, 1),), [context], blocks


def authors_networks(modules: dict):
    """Their encoder and predictor with our weights, and a second encoder with the weights of the first."""
    vits = authors_module(sys.argv[1], "src.models.vision_transformer")
    norm = partial(nn.LayerNorm, eps=1e-6)
    encoder, target = (
        vits.VisionTransformer([SIZE], 4, embed_dim=24, depth=2, num_heads=3, norm_layer=norm) for _ in range(2)
    )
    predictor = vits.vit_predictor(
        num_patches=SIDE**2, embed_dim=24, predictor_embed_dim=WIDTH, depth=DEPTH, num_heads=HEADS
    )
    vit, foreteller = (parameters({"": modules[path]}) for path in ("backbone", "predictor"))
    fixed = {"encoder": encoder.pos_embed, "predictor": predictor.predictor_pos_embed}
    ours = {"encoder": vit["pos_embed"], "predictor": foreteller["predictor_pos_embed"]}
    hold(fixed, ours, rtol=0, atol=1e-7)  # theirs are rounded to float32
    return give(encoder, vit), give(predictor, foreteller), give(target, vit)


def authors_steps(modules: dict, draws: dict) -> list:
    """The state after each step of the authors' `main`, with our weights, views, places and optimiser."""
    one_process()
    encoder, predictor, target = authors_networks(modules)
    train = authors_module(sys.argv[1], "src.train")
    logging.disable(logging.INFO)
    theirs = {"backbone": encoder, "predictor": predictor}
    learned = {name: p for name, p in parameters(theirs).items() if p.requires_grad}
    groups = [{"params": [p], "weight_decay": DECAY if decays(name, p) else 0} for name, p in learned.items()]
    still = SimpleNamespace(step=lambda: 0.0)
    steps, before = [], {}

    class Log:
        def __init__(self, *_):
            pass

        def log(self, epoch, iteration, loss, *_):
            steps.append({"loss": loss} | before | state(theirs, target))

    with TemporaryDirectory() as folder, mock.patch.multiple(
        train,
        **{name: mock.DEFAULT for name in ("yaml", "MBMaskCollator", "make_transforms")},
        copy=SimpleNamespace(deepcopy=lambda _: target),
        init_model=lambda **_: (encoder, predictor),
        make_imagenet1k=lambda **_: (None, Steps(draws), mock.Mock()),
        init_opt=lambda **_: (fast_sgd(groups), None, still, still),
        # Called before gradients are cleared.
        grad_logger=lambda _: before.update(gradients(parameters(theirs))),
        CSVLogger=Log,
    ):
        settings = defaultdict(lambda: defaultdict(bool))
        settings["optimization"] |= {"ema": (MOMENTUM, 1), "ipe_scale": 1, "epochs": 1}
        settings["logging"] |= {"folder": folder, "write_tag": "steps"}
        train.main(settings)
    return steps


if __name__ == "__main__":
    main()
