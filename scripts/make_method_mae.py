"""MAE on a tiny ViT: three steps with lightly's encoder and decoder.

They are MaskedVisionTransformerTIMM and MAEDecoderTIMM. The loss is the authors' formula, with normalised
pixels. The fixture keeps the order of each picture's patches, of which the encoder sees the first quarter.

Given a folder with facebookresearch/mae (commit efb2a80), the script compares the loss and all gradients of
every step with its MaskedAutoencoderViT, built of timm's blocks, and the positions with its own:

    python scripts/make_method_mae.py [mae]
"""

import sys
from functools import partial
from unittest import mock

import numpy as np
import torch
from lightly.models.modules import MAEDecoderTIMM, MaskedVisionTransformerTIMM
from timm.models.vision_transformer import Block
from torch import nn

from authors_code import authors_module, give, gradients, hold, parameters
from method_reference import BATCH, SIZE, STEPS, fast_sgd, fill_at, run, sincos_positions, tiny_vit, view

PATCH, COUNT, SEEN = 4, 16, 4
WIDTH, DEPTH, HEADS = 16, 2, 2


def orders() -> dict:
    """The order of patches. Row 0: the patch at each place; row 1: the place of each patch."""
    drawn = {}
    for step in range(STEPS):
        order = torch.rand(BATCH, COUNT, generator=torch.Generator().manual_seed(step)).argsort(dim=1)
        drawn[step] = {"order": torch.stack([order, order.argsort(dim=1)], dim=1)}
    return drawn


def patchify(pictures: torch.Tensor) -> torch.Tensor:
    b, _, h, w = pictures.shape
    cut = pictures.reshape(b, 3, h // PATCH, PATCH, w // PATCH, PATCH)
    return cut.permute(0, 2, 4, 3, 5, 1).reshape(b, COUNT, -1)


def main() -> None:
    vit = fill_at("backbone", tiny_vit())
    vit.pos_embed.requires_grad_(False).copy_(sincos_positions(4, 24))
    encoder = MaskedVisionTransformerTIMM(vit, weight_initialization="skip", pos_embed_initialization="skip").double()
    decoder = MAEDecoderTIMM(
        num_patches=COUNT, patch_size=PATCH, embed_dim=24, decoder_embed_dim=WIDTH, decoder_depth=DEPTH, decoder_num_heads=HEADS
    )
    fill_at("decoder", decoder).decoder_pos_embed.copy_(sincos_positions(4, WIDTH))
    draws = orders()
    theirs = authors_check(vit, decoder, draws) if len(sys.argv) > 1 else None
    value = None

    def loss(step: int):
        nonlocal value
        pictures = view("picture", step, 1)
        order, places = draws[step]["order"].unbind(1)
        first = torch.zeros(BATCH, 1, dtype=torch.long)
        seen = decoder.embed(encoder.encode(pictures, idx_keep=torch.cat([first, order[:, :SEEN] + 1], dim=1)))
        full = torch.cat([seen, decoder.mask_token.expand(BATCH, COUNT - SEEN, -1)], dim=1)
        restored = full.gather(1, torch.cat([first, places + 1], dim=1)[:, :, None].expand(-1, -1, WIDTH))
        predicted = decoder.predict(decoder.decode(restored))[:, 1:]
        target = patchify(pictures)
        target = (target - target.mean(-1, keepdim=True)) / (target.var(-1, keepdim=True) + 1e-6).sqrt()
        hidden = (places >= SEEN).double()
        value = (((predicted - target) ** 2).mean(-1) * hidden).sum() / hidden.sum()
        return value

    def before(step: int) -> None:
        if theirs:
            theirs(step, value)

    run("mae", {"backbone": vit, "decoder": decoder}, loss, before=before, draws=draws, optimizer=fast_sgd)


def authors_check(vit, decoder, draws: dict):
    """Returns a check of one step against the authors' network with our weights."""
    models = authors_module(sys.argv[1], "models_mae")
    # Today's timm has no option `qk_scale`, and today's numpy has no name `float`.
    models.Block = lambda *sizes, qk_scale=None, **options: Block(*sizes, **options)
    np.float = float
    network = models.MaskedAutoencoderViT(
        SIZE, PATCH, embed_dim=24, depth=2, num_heads=3, decoder_embed_dim=WIDTH, decoder_depth=DEPTH, decoder_num_heads=HEADS,
        norm_layer=partial(nn.LayerNorm, eps=1e-6), norm_pix_loss=True,
    )  # fmt: skip
    own = parameters({"": vit}) | parameters({"": decoder})
    fixed = {"pos_embed": network.pos_embed, "decoder_pos_embed": network.decoder_pos_embed}
    hold(fixed, {name: own[name] for name in fixed}, rtol=0, atol=1e-7)  # theirs are rounded to float32

    def check(step: int, value):
        give(network, own).zero_grad()
        places = draws[step]["order"][:, 1]
        # The order of these values is the order of the patches.
        with mock.patch("torch.rand", lambda *_, **__: places):
            other, *_ = network(view("picture", step, 1), 1 - SEEN / COUNT)
        other.backward()
        hold({"loss": other} | gradients(parameters({"": network})), {"loss": value} | gradients(own))

    return check


if __name__ == "__main__":
    main()
