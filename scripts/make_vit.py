"""timm's ViT (class token): features and gradients at its own size, and at others by interpolated positions.

Two ways to interpolate the grid of position embeddings are in use, and they differ:
- "dino" (facebookresearch/dino, vision_transformer.py, interpolate_pos_encoding): bicubic (a = -0.75), no
  antialiasing, and coordinates from the scale factor (new + 0.1) / old instead of new / old:
  source = (target + 0.5) / scale - 0.5. Used whenever the number of patches differs or the picture is not
  square.
- "timm" (resample_abs_pos_embed): bicubic with antialiasing (a = -0.5, support widened when shrinking), scale
  new / old.

loss = sum(features * R). Computed in float64 from float32 weights; torch's own float32 error is in the
metadata.
"""

import timm
import torch
import torch.nn.functional as F
from timm.layers import resample_abs_pos_embed

from afterimage_fixtures import fill, float32_error, probe_gradients, tensor, weight, write

MODELS = {
    "vit_tiny": dict(model_name="vit_tiny_patch16_224", img_size=32, patch_size=4),
    "vit_small": dict(model_name="vit_small_patch16_224", img_size=48, patch_size=8),
}
CASES = {  # model, height, width, interpolation
    "vit_tiny/32": ("vit_tiny", 32, 32, None),
    "vit_tiny/16_dino": ("vit_tiny", 16, 16, "dino"),
    "vit_tiny/16_timm": ("vit_tiny", 16, 16, "timm"),
    "vit_small/48": ("vit_small", 48, 48, None),
    "vit_small/32_dino": ("vit_small", 32, 32, "dino"),
    "vit_small/32_timm": ("vit_small", 32, 32, "timm"),
}
GRIDS = ((4, 4), (3, 3), (12, 12), (4, 6), (16, 4))  # rows, columns; from the 8 by 8 grid of vit_tiny


def interpolate(pos_embed, new, how):
    """[1, 1 + old * old, D] to [1, 1 + rows * columns, D]; the class token's row does not change."""
    token, patches = pos_embed[:, :1], pos_embed[:, 1:]
    old = int(patches.shape[1] ** 0.5)
    grid = patches.reshape(1, old, old, -1).permute(0, 3, 1, 2)
    if how == "dino":
        grid = F.interpolate(grid, scale_factor=tuple((n + 0.1) / old for n in new), mode="bicubic")
    else:
        grid = F.interpolate(grid, size=new, mode="bicubic", antialias=True)
    assert tuple(grid.shape[-2:]) == new
    return torch.cat([token, grid.permute(0, 2, 3, 1).flatten(1, 2)], dim=1)


def features(model, x, how):
    """timm's forward_features with the given interpolation of positions; returns the class token's row."""
    tokens = model.patch_embed(x)
    rows, columns = (n // model.patch_embed.patch_size[0] for n in x.shape[-2:])
    tokens = torch.cat([model.cls_token.expand(len(x), -1, -1), tokens.flatten(1, -2)], dim=1)
    pos = model.pos_embed if how is None else interpolate(model.pos_embed, (rows, columns), how)
    return model.norm(model.blocks(tokens + pos))[:, 0]


def reference(case: str, dtype) -> dict:
    name, height, width, how = CASES[case]
    model = timm.create_model(**MODELS[name], num_classes=0, global_pool="token", dynamic_img_size=True)
    fill(model, dtype).train()
    x = tensor(f"{case}.input", (2, 3, height, width), dtype=dtype)
    out = features(model, x, how)
    if how != "dino":  # timm itself interpolates in float32
        torch.testing.assert_close(out, model(x), rtol=0, atol=1e-5)
    (out * tensor(f"{case}.R", tuple(out.shape), dtype=dtype)).sum().backward()
    return {f"{case}/features": out} | probe_gradients(case, model)


arrays, metadata = {}, {}
for case in CASES:
    exact = reference(case, torch.float64)
    arrays |= exact
    metadata[f"{case}.float32_error"] = f"{float32_error(exact, reference(case, torch.float32)):.1e}"

pos_embed = weight("pos_embed", (1, 65, 192))[:, :, :24]
for grid in GRIDS:
    for how in ("dino", "timm"):
        arrays[f"pos_embed/{grid[0]}x{grid[1]}_{how}"] = interpolate(pos_embed, grid, how)
    timm_own = resample_abs_pos_embed(pos_embed.float(), list(grid))
    torch.testing.assert_close(arrays[f"pos_embed/{grid[0]}x{grid[1]}_timm"].float(), timm_own, rtol=0, atol=1e-6)
write("vit", arrays, **metadata)
