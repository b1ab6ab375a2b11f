"""SimMIM on a tiny ViT: three steps with lightly's encoder, a linear layer and torch's PixelShuffle.

The encoder is MaskedVisionTransformerTIMM, with a mask token in place of hidden patches. The fixture keeps
the hidden patches, which are blocks of 2 by 2.

Given a folder with microsoft/SimMIM (commit d3e29bc), the script compares the loss and all gradients of every
step with its SimMIM around VisionTransformerForSimMIM, with absolute positions (theirs are not fixed) and a
last norm:

    python scripts/make_method_simmim.py [SimMIM]
"""

import sys
from functools import partial

import torch
from lightly.models.modules import MaskedVisionTransformerTIMM
from torch import nn

from authors_code import authors_module, give, gradients, hold, parameters
from method_reference import BATCH, SIZE, STEPS, fast_sgd, fill_at, run, sincos_positions, tiny_vit, view

SIDE, PATCH, UNIT, HIDDEN_BLOCKS = 4, 4, 2, 3


class Decoder(nn.Module):
    """The authors' names: `0` is the convolution before the shuffle. The decoder has the mask token."""

    def __init__(self):
        super().__init__()
        self.mask_token = nn.Parameter(torch.zeros(1, 1, 24))
        self.add_module("0", nn.Conv2d(24, PATCH**2 * 3, 1))


def masks() -> dict:
    drawn = {}
    for step in range(STEPS):
        generator = torch.Generator().manual_seed(step)
        blocks = torch.rand(BATCH, (SIDE // UNIT) ** 2, generator=generator).argsort(1).argsort(1) < HIDDEN_BLOCKS
        grid = blocks.reshape(BATCH, SIDE // UNIT, SIDE // UNIT)
        hidden = grid.repeat_interleave(UNIT, 1).repeat_interleave(UNIT, 2).flatten(1)
        drawn[step] = {"hidden": hidden.float()}
    return drawn


def main() -> None:
    vit = fill_at("backbone", tiny_vit())
    vit.pos_embed.requires_grad_(False).copy_(sincos_positions(SIDE, 24))
    decoder = fill_at("decoder", Decoder())
    encoder = MaskedVisionTransformerTIMM(
        vit, mask_token=decoder.mask_token, weight_initialization="skip", pos_embed_initialization="skip"
    )
    draws = masks()
    modules = {"backbone": vit, "decoder": decoder}
    theirs = authors_check(modules, draws) if len(sys.argv) > 1 else None
    value = None

    def loss(step: int):
        nonlocal value
        pictures = view("picture", step, 1)
        hidden = draws[step]["hidden"].bool()
        first = torch.zeros(BATCH, 1, dtype=torch.bool)
        tokens = encoder.encode(pictures, mask=torch.cat([first, hidden], dim=1))[:, 1:]
        grid = tokens.transpose(1, 2).reshape(BATCH, 24, SIDE, SIDE)
        rebuilt = nn.functional.pixel_shuffle(decoder.get_submodule("0")(grid), PATCH)
        mask = hidden.reshape(BATCH, 1, SIDE, SIDE).repeat_interleave(PATCH, 2).repeat_interleave(PATCH, 3).double()
        value = ((rebuilt - pictures).abs() * mask).sum() / (mask.sum() + 1e-5) / 3
        return value

    def before(step: int) -> None:
        if theirs:
            theirs(step, value)

    run("simmim", modules, loss, before=before, draws=draws, optimizer=fast_sgd)


def authors_check(modules: dict, draws: dict):
    """Returns a check of one step against the authors' network with our weights."""
    models = authors_module(sys.argv[1], "models.simmim")
    encoder = models.VisionTransformerForSimMIM(
        img_size=SIZE, patch_size=PATCH, num_classes=0, embed_dim=24, depth=2, num_heads=3, qkv_bias=True,
        norm_layer=partial(nn.LayerNorm, eps=1e-6), use_mean_pooling=False,
    )  # fmt: skip
    encoder.pos_embed.requires_grad_(False)
    network = models.SimMIM(encoder, PATCH)

    def theirs_of(named: dict) -> dict:
        """Renames ours to theirs, and leaves out the bias of keys.

        Theirs has none: that bias adds the same to all scores of a query, and its gradient is 0.
        """
        renamed = {}
        for name, values in named.items():
            name = name.replace("backbone.", "encoder.").replace("decoder.mask_token", "encoder.mask_token")
            if name.endswith("attn.qkv.bias"):
                queries, keys, values = values.chunk(3)
                renamed[name.replace("qkv.bias", "q_bias")] = queries
                name = name.replace("qkv.bias", "v_bias")
            renamed[name] = values
        return renamed

    def check(step: int, value):
        own = parameters(modules)
        give(network, theirs_of(own)).zero_grad()
        other = network(view("picture", step, 1), draws[step]["hidden"].double().reshape(BATCH, SIDE, SIDE))
        other.backward()
        hold({"loss": other} | gradients(parameters({"": network})), {"loss": value} | theirs_of(gradients(own)))

    return check


if __name__ == "__main__":
    main()
