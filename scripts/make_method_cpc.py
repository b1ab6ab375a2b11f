"""CPC on pictures with a narrow ResNet with layer norm over 4 × 4 patches: three steps, in two forms.

One form has masked convolutions and dot products, the other PyTorch's own GRU and cosines. The authors
published no code. The context network and the loss follow the pseudocode in CPC v2 (arXiv 1905.09272,
appendix A.2), but the loss is the mean over the distances. The fixture keeps the values drawn for each patch.
"""

import math

import torch
from torch import nn
from torch.nn.functional import cross_entropy, normalize

from method_reference import BATCH, SIZE, STEPS, NarrowResNet, fill_at, run, view

GRID, PATCH, WIDTH, CONTEXT = 4, 8, 16, 20
DISTANCES = (1, 2, 3)


def with_layer_norm(module: nn.Module) -> nn.Module:
    """Replaces every batch norm by a group norm of one group, under the same name."""
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm2d):
            setattr(module, name, nn.GroupNorm(1, child.num_features))
        else:
            with_layer_norm(child)
    return module


class Block(nn.Module):
    def __init__(self, features: int, width: int):
        super().__init__()
        self.conv1 = nn.Conv2d(features, width, 1)
        self.conv2 = nn.Conv2d(width, width, (1, 3), padding=(0, 1))
        self.conv3 = nn.Conv2d(width, width, (2, 1))
        self.conv4 = nn.Conv2d(width, features, 1)

    def forward(self, x):
        y = self.conv2(self.conv1(x).relu())
        y = self.conv3(nn.functional.pad(y, (0, 0, 1, 0))).relu()
        return x + self.conv4(y)


class Rows(nn.Sequential):
    def forward(self, grid):
        return super().forward(grid.permute(0, 3, 1, 2)).relu().permute(0, 2, 3, 1)


class Columns(nn.GRU):
    """A GRU that runs down each column of a grid [B, rows, columns, D]."""

    def forward(self, grid):
        down = grid.transpose(1, 2).flatten(0, 1)
        return super().forward(down)[0].unflatten(0, (grid.shape[0], GRID)).transpose(1, 2)


def patches(pictures: torch.Tensor) -> torch.Tensor:
    """The patches of pictures, [B, GRID, GRID, 3, PATCH, PATCH], from border to border."""
    starts = [math.floor(i * (SIZE - PATCH) / (GRID - 1) + 0.5) for i in range(GRID)]
    rows = [[pictures[:, :, y : y + PATCH, x : x + PATCH] for x in starts] for y in starts]
    return torch.stack([torch.stack(row, dim=1) for row in rows], dim=1)


def noise() -> dict:
    """Draws, for each patch, the factors of its colours, and whether it is mirrored.

    In half of the patches, on average, only one colour is kept.
    """
    drawn = {}
    for step in range(STEPS):
        generator = torch.Generator().manual_seed(step)
        kept = torch.randint(6, (BATCH, GRID**2, 1), generator=generator)
        factors = ((kept == torch.arange(3)) | (kept > 2)).float()
        mirrored = torch.randint(2, (BATCH, GRID**2, 1), generator=generator).float()
        drawn[step] = {"patches": torch.cat([factors, mirrored], dim=2)}
    return drawn


def noisy(cut: torch.Tensor, drawn: torch.Tensor) -> torch.Tensor:
    factors, mirrored = drawn.double()[..., None, None].split([3, 1], dim=2)
    coloured = cut.flatten(1, 2) * factors
    return torch.where(mirrored == 1, coloured.flip(-1), coloured).flatten(0, 1)


def cpc(theme: str, context: nn.Module, width: int, compare, temperature: float) -> None:
    modules = {
        "backbone": fill_at("backbone", with_layer_norm(NarrowResNet())),
        "context": fill_at("context", context),
        "target": fill_at("target", nn.Linear(64, WIDTH, bias=False)),
        "predictor": fill_at("predictor", nn.ModuleDict({str(k): nn.Linear(width, WIDTH) for k in DISTANCES})),
    }
    draws = noise()

    def loss(step: int):
        cut = noisy(patches(view("picture", step, 1)), draws[step]["patches"])
        grid = modules["backbone"](cut).unflatten(0, (BATCH, GRID, GRID))
        targets = compare(modules["target"](grid))
        contexts = modules["context"](grid)
        everywhere = torch.arange(BATCH * GRID**2).view(BATCH, GRID, GRID)
        terms = []
        for k in DISTANCES:
            predictions = compare(modules["predictor"][str(k)](contexts[:, :-k]))
            logits = predictions.flatten(0, 2) @ targets.flatten(0, 2).T / temperature
            terms.append(cross_entropy(logits, everywhere[:, k:].flatten()))
        return torch.stack(terms).mean()

    run(theme, modules, loss, draws=draws)


cpc("cpc-rows", Rows(Block(64, CONTEXT), Block(64, CONTEXT)), 64, lambda rows: rows, temperature=2)
cpc("cpc-gru", Columns(64, CONTEXT, batch_first=True), CONTEXT, lambda rows: normalize(rows, dim=-1), temperature=0.1)
