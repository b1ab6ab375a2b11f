"""RotNet and Jigsaw on a narrow ResNet: three steps.

torch.rot90 rotates pictures. Slices cut out patches, and torchvision's grid puts them together.
"""

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torchvision.utils import make_grid

from method_reference import BATCH, SIZE, STEPS, Chain, NarrowResNet, fill_at, run, view


def rotnet() -> None:
    backbone = fill_at("backbone", NarrowResNet())
    head = fill_at("head", nn.Linear(64, 4))

    def loss(step: int):
        pictures = view("picture", step, 1)
        turned = torch.cat([torch.rot90(pictures, k, (2, 3)) for k in range(4)])
        return cross_entropy(head(backbone(turned)), torch.arange(4).repeat_interleave(BATCH))

    run("rotnet", {"backbone": backbone, "head": head}, loss, decay_all=True)


CELL, PATCH, ORDERS, TOWER = SIZE // 3, 4, 10, 12


def puzzle(step: int) -> torch.Tensor:
    """Corners of every picture's patches in their order in the puzzle, and a label: [BATCH, 19]."""
    random = torch.Generator().manual_seed(step)
    cells = torch.stack([torch.randperm(9, generator=random) for _ in range(BATCH)])
    gaps = torch.randint(0, CELL - PATCH + 1, (BATCH, 9, 2), generator=random)
    corners = torch.stack([cells // 3, cells % 3], dim=2) * CELL + gaps
    labels = torch.randint(0, ORDERS, (BATCH, 1), generator=random)
    return torch.cat([corners.flatten(1), labels], dim=1)


def normalized_patches(picture: torch.Tensor, row: torch.Tensor) -> torch.Tensor:
    """The nine patches of a picture, each normalised, [9, 3, PATCH, PATCH]."""
    cut = [picture[:, y : y + PATCH, x : x + PATCH] for y, x in row[:18].view(9, 2)]
    return torch.stack([(p - p.mean()) / (p.var(correction=0) + 1e-5).sqrt() for p in cut])


def jigsaw(name: str, assemble: bool) -> None:
    backbone = fill_at("backbone", NarrowResNet())
    tower = fill_at("head.tower", Chain({"linear": nn.Linear(64, TOWER, bias=False), "norm": nn.BatchNorm1d(TOWER)}))
    order = fill_at("head.order", nn.Linear((1 if assemble else 9) * TOWER, ORDERS))
    draws = {step: {"puzzle": puzzle(step)} for step in range(STEPS)}

    def loss(step: int):
        rows = draws[step]["puzzle"]
        patches = [normalized_patches(*pair) for pair in zip(view("picture", step, 1), rows)]
        if assemble:  # as in `JigsawDataset` of fmcarlucci/JigenDG
            kept = tower(backbone(torch.stack([make_grid(nine, 3, padding=0) for nine in patches]))).relu()
        else:  # the first patches of all pictures first
            towers = tower(backbone(torch.stack(patches, dim=1).flatten(0, 1))).relu().view(9, BATCH, TOWER)
            kept = towers.transpose(0, 1).flatten(1)
        return cross_entropy(order(kept), rows[:, 18])

    run(name, {"backbone": backbone, "head.tower": tower, "head.order": order}, loss, draws=draws)


rotnet()
jigsaw("jigsaw", assemble=False)
jigsaw("jigsaw-assembled", assemble=True)
