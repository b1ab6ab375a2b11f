"""MAE on a tiny ViT: three steps with the encoder and the decoder of lightly (MaskedVisionTransformerTIMM, MAEDecoderTIMM).

The loss is the authors' formula, with normalised pixels. The fixture keeps the order of each picture's patches, of which
the first quarter is seen. `MaskedAutoencoderViT` of facebookresearch/mae (efb2a80), trained for these three steps, had the same
losses to 2e-8: its positions are rounded to float32.
"""

import torch
from lightly.models.modules import MAEDecoderTIMM, MaskedVisionTransformerTIMM

from method_reference import BATCH, STEPS, fast_sgd, fill_at, run, sincos_positions, tiny_vit, view

PATCH, COUNT, SEEN = 4, 16, 4
WIDTH, DEPTH, HEADS = 16, 2, 2


def orders() -> dict:
    """Row 0: which patch comes at each place; row 1: where each patch has gone."""
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

    def loss(step: int):
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
        return (((predicted - target) ** 2).mean(-1) * hidden).sum() / hidden.sum()

    run("mae", {"backbone": vit, "decoder": decoder}, loss, draws=draws, optimizer=fast_sgd)


if __name__ == "__main__":
    main()
