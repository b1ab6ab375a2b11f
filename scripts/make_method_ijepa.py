"""I-JEPA on a tiny ViT without class token: three steps with context, blocks, predictor and moving average.

The encoder is lightly's (MaskedVisionTransformerTIMM), and its predictor (IJEPAPredictorTIMM) is held to the one here, whose
parameters have the authors' names. The fixture keeps the places of contexts and blocks: 4 patches, and 4 blocks of 2 by 2.
Encoder, predictor and loop of facebookresearch/ijepa (52c1ae9), run for these three steps (at momentum 0.99), had the same
losses to 2e-8.
"""

from functools import partial

import torch
from lightly.models import utils
from lightly.models.modules import IJEPAPredictorTIMM, MaskedVisionTransformerTIMM
from timm.models.vision_transformer import Block
from torch import nn

from method_reference import (
    BATCH, STEPS, TOTAL_STEPS, fast_sgd, fill_at, follow, run, sincos_positions, tiny_vit, twin, view,
)

SIDE, CONTEXT, BLOCKS, AREA = 4, 4, 4, 4
WIDTH, DEPTH, HEADS = 16, 2, 2
#: Low, so that three steps are seen in the moving average.
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
    """Blocks of 2 by 2 anywhere, the context anywhere, overlaps allowed: the step does not ask."""
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

    def loss(step: int):
        pictures = view("picture", step, 1)
        context, *blocks = draws[step]["blocks"].split([CONTEXT] + [AREA] * BLOCKS, dim=1)
        seen = encoder.encode(pictures, idx_keep=context)
        foretold = predictor(seen, [context], blocks)
        check(seen, context, blocks, foretold)
        with torch.no_grad():
            whole = target_encoder.encode(pictures)
            target = utils.apply_masks(nn.functional.layer_norm(whole, (24,)), blocks)
        return nn.functional.smooth_l1_loss(foretold, target)

    def check(seen, context, blocks, foretold):
        theirs = IJEPAPredictorTIMM(SIDE**2, DEPTH, 24, WIDTH, HEADS).double()
        theirs.load_state_dict(predictor.state_dict())
        assert torch.allclose(theirs(seen, [context], blocks), foretold), "lightly has another predictor"

    run(
        "i-jepa",
        {"backbone": vit, "predictor": predictor},
        loss,
        after=lambda step: follow(taught, vit, MOMENTUM + (1 - MOMENTUM) * step / TOTAL_STEPS),
        teachers={"teacher.backbone": taught},
        draws=draws,
        optimizer=fast_sgd,
    )


if __name__ == "__main__":
    main()
