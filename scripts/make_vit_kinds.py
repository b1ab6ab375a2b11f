"""Vision transformers with what public weights need: layer scale, registers, SwiGLU, other epsilons, no bias of queries,
keys and values, an MLP of another width, and three ways to resample positions.

timm's modules with its names; `reg_token` follows the class token and has no positions, as in DINOv2. loss =
sum(features * R). Computed in float64 from float32 weights.
"""

from functools import partial

import torch
import torch.nn.functional as F
from timm.layers import SwiGLUPacked
from timm.models.vision_transformer import VisionTransformer
from torch import nn

from afterimage_fixtures import fill, float32_error, probe_gradients, tensor, write

SIZE, PATCH, WIDTH = 16, 4, 32
SIDE = SIZE // PATCH
NORM = partial(nn.LayerNorm, eps=1e-3)
BASE = dict(img_size=SIZE, patch_size=PATCH, embed_dim=WIDTH, depth=2, num_heads=2, num_classes=0, dynamic_img_size=True)
KINDS = {
    "scaled": dict(init_values=1e-5, reg_tokens=3, norm_layer=NORM),
    # timm counts both halves of SwiGLU's first layer in the ratio.
    "gated": dict(init_values=1e-5, mlp_layer=SwiGLUPacked, mlp_ratio=2 * 24 / WIDTH, act_layer=nn.SiLU, qkv_bias=False),
    "narrow": dict(reg_tokens=2, class_token=False, global_pool="avg", fc_norm=False, mlp_ratio=1.5),
}
CASES = {  # kind, height, width, how positions are resampled
    "scaled/16x16": ("scaled", 16, 16, None),
    "scaled/24x12_offset": ("scaled", 24, 12, "offset"),
    "scaled/24x12_plain": ("scaled", 24, 12, "plain"),
    "scaled/8x24_antialiased": ("scaled", 8, 24, "antialiased"),
    "gated/16x16": ("gated", 16, 16, None),
    "narrow/16x16": ("narrow", 16, 16, None),
    "narrow/12x12_antialiased": ("narrow", 12, 12, "antialiased"),
}


def positions(pos_embed, before, new, how):
    if how is None:
        return pos_embed
    grid = pos_embed[:, before:].reshape(1, SIDE, SIDE, WIDTH).permute(0, 3, 1, 2)
    if how == "offset":
        grid = F.interpolate(grid, scale_factor=tuple((n + 0.1) / SIDE for n in new), mode="bicubic")
    else:
        grid = F.interpolate(grid, size=new, mode="bicubic", antialias=how == "antialiased")
    assert tuple(grid.shape[-2:]) == new
    return torch.cat([pos_embed[:, :before], grid.permute(0, 2, 3, 1).flatten(1, 2)], dim=1)


def features(model, pos_embed, x, how):
    """Class token, registers, patches through the blocks; the class token, or the mean of the patches."""
    patches = model.patch_embed(x).flatten(1, 2)
    grid = tuple(side // PATCH for side in x.shape[-2:])
    before = 0 if model.cls_token is None else 1
    pos = positions(pos_embed, before, grid, how)
    tokens = [patches + pos[:, before:]]
    if model.reg_token is not None:
        tokens.insert(0, model.reg_token.expand(len(x), -1, -1))
    if before:
        tokens.insert(0, (model.cls_token + pos[:, :1]).expand(len(x), -1, -1))
    out = model.norm(model.blocks(torch.cat(tokens, dim=1)))
    return out[:, 0] if before else out[:, -patches.shape[1] :].mean(1)


def reference(case, dtype):
    kind, height, width, how = CASES[case]
    model = VisionTransformer(**BASE, **KINDS[kind], no_embed_class=True)
    before = 0 if model.cls_token is None else 1
    model.pos_embed = nn.Parameter(torch.zeros(1, before + SIDE * SIDE, WIDTH))
    fill(model, dtype).train()
    x = tensor(f"{case}.input", (2, 3, height, width), dtype=dtype)
    out = features(model, model.pos_embed, x, how)
    (out * tensor(f"{case}.R", tuple(out.shape), dtype=dtype)).sum().backward()
    return {f"{case}/features": out} | probe_gradients(case, model)


arrays, metadata = {}, {}
for case in CASES:
    exact = reference(case, torch.float64)
    arrays |= exact
    metadata[f"{case}.float32_error"] = f"{float32_error(exact, reference(case, torch.float32)):.1e}"
    print(case, metadata[f"{case}.float32_error"])
write("vit-kinds", arrays, libraries=("torch", "timm", "numpy", "safetensors"), **metadata)
