"""Conv1d, GRU and causal attention of torch, and CPC over sequences: values and gradients.

The loss is sum(out * R) for the layers, and the InfoNCE loss of the whole network for `cpc/<context>`.
Computed in float64.
"""

from functools import partial

import torch
from timm.models.vision_transformer import Attention, Block
from torch import nn
from torch.nn.functional import cross_entropy, scaled_dot_product_attention

from afterimage_fixtures import fill, probe_gradients, tensor, write

B, T = 3, 24
DISTANCES, TARGET, TEMPERATURE = (1, 3), 6, 0.5


class CausalAttention(Attention):
    def forward(self, x, **_):
        qkv = self.qkv(x).unflatten(2, (3, self.num_heads, self.head_dim)).permute(2, 0, 3, 1, 4)
        return self.proj(scaled_dot_product_attention(*qkv, is_causal=True).transpose(1, 2).flatten(2))


class CausalBlock(Block):
    def __init__(self, width: int, heads: int):
        super().__init__(width, heads, qkv_bias=True, norm_layer=partial(nn.LayerNorm, eps=1e-6))
        self.attn = CausalAttention(width, heads, qkv_bias=True)


class AttentionContext(nn.Module):
    def __init__(self, latents: int, width: int, depth: int, heads: int):
        super().__init__()
        self.project = nn.Linear(latents, width)
        self.blocks = nn.Sequential(*[CausalBlock(width, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(width, eps=1e-6)

    def forward(self, x):
        length, width = x.shape[1], self.norm.normalized_shape[0]
        angles = torch.arange(length)[:, None] / 10_000 ** (torch.arange(0, width, 2, dtype=torch.float64) / width)
        positions = torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)
        return self.norm(self.blocks(self.project(x) + positions))


class GruContext(nn.GRU):
    def forward(self, x):
        return super().forward(x)[0]


class Cpc(nn.Module):
    def __init__(self, context: nn.Module, width: int):
        super().__init__()
        self.encoder = nn.ModuleList([nn.Conv1d(2, 8, 4, stride=2), nn.Conv1d(8, 10, 3, stride=1)])
        self.context = context
        self.target = nn.Linear(10, TARGET, bias=False)
        self.predictor = nn.ModuleDict({str(k): nn.Linear(width, TARGET) for k in DISTANCES})

    def forward(self, x):
        for layer in self.encoder:
            x = layer(x).relu()
        latents = x.transpose(1, 2)
        return latents, self.context(latents)

    def loss(self, x):
        latents, contexts = self(x)
        targets = self.target(latents)
        everywhere = torch.arange(targets[..., 0].numel()).view(targets.shape[:2])
        terms = []
        for k in DISTANCES:
            predictions = self.predictor[str(k)](contexts[:, :-k]).flatten(0, 1)
            logits = predictions @ targets.flatten(0, 1).T / TEMPERATURE
            terms.append(cross_entropy(logits, everywhere[:, k:].flatten()))
        return torch.stack(terms).mean()


def layer_case(name: str, module: nn.Module, shape: tuple) -> dict:
    fill(module)
    x = tensor(f"{name}.input", shape).requires_grad_()
    out = module(x)
    (out * tensor(f"{name}.R", tuple(out.shape))).sum().backward()
    return {f"{name}/out": out, f"{name}/grad/input": x.grad} | probe_gradients(name, module)


def cpc_case(name: str, context: nn.Module, width: int) -> dict:
    module = fill(Cpc(context, width))
    x = tensor("cpc.input", (B, 2, T))
    loss = module.loss(x)
    loss.backward()
    latents, contexts = module(x)
    values = {f"{name}/loss": loss, f"{name}/latents": latents, f"{name}/contexts": contexts}
    return values | probe_gradients(name, module)


write(
    "sequences",
    layer_case("conv1d", nn.Conv1d(5, 7, 4, stride=3, padding=2), (B, 5, 17))
    | layer_case("gru", GruContext(6, 9, batch_first=True), (B, 8, 6))
    | layer_case("causal_attention", CausalAttention(12, 3, qkv_bias=True), (B, 7, 12))
    | cpc_case("cpc/gru", GruContext(10, 9, batch_first=True), 9)
    | cpc_case("cpc/attention", AttentionContext(10, 12, 2, 3), 12),
)
