"""SimMIM on a tiny ViT: three steps with the encoder of lightly (MaskedVisionTransformerTIMM), whose mask token stands in for
patches, a linear layer and torch's PixelShuffle. The fixture keeps which patches are hidden: blocks of 2 by 2.
`SimMIM` of microsoft/SimMIM (d3e29bc) around `VisionTransformerForSimMIM` with absolute positions and a last norm, trained for
these three steps, had the same losses to 2e-8."""

import torch
from lightly.models.modules import MaskedVisionTransformerTIMM
from torch import nn

from method_reference import BATCH, STEPS, fast_sgd, fill_at, run, sincos_positions, tiny_vit, view

SIDE, PATCH, UNIT, HIDDEN_BLOCKS = 4, 4, 2, 3


class Decoder(nn.Module):
    """The authors' names: `0` is the convolution before the shuffle. The token stands here, not in the encoder."""

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

    def loss(step: int):
        pictures = view("picture", step, 1)
        hidden = draws[step]["hidden"].bool()
        first = torch.zeros(BATCH, 1, dtype=torch.bool)
        tokens = encoder.encode(pictures, mask=torch.cat([first, hidden], dim=1))[:, 1:]
        grid = tokens.transpose(1, 2).reshape(BATCH, 24, SIDE, SIDE)
        rebuilt = nn.functional.pixel_shuffle(decoder.get_submodule("0")(grid), PATCH)
        mask = hidden.reshape(BATCH, 1, SIDE, SIDE).repeat_interleave(PATCH, 2).repeat_interleave(PATCH, 3).double()
        return ((rebuilt - pictures).abs() * mask).sum() / (mask.sum() + 1e-5) / 3

    run("simmim", {"backbone": vit, "decoder": decoder}, loss, draws=draws, optimizer=fast_sgd)


if __name__ == "__main__":
    main()
