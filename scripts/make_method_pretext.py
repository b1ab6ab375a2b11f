"""RotNet and Jigsaw on a narrow ResNet: three steps, rotations by torch.rot90, patches cut out by slices."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

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


def jigsaw() -> None:
    backbone = fill_at("backbone", NarrowResNet())
    tower = fill_at("head.tower", Chain({"linear": nn.Linear(64, TOWER, bias=False), "norm": nn.BatchNorm1d(TOWER)}))
    order = fill_at("head.order", nn.Linear(9 * TOWER, ORDERS))
    draws = {}
    for step in range(STEPS):
        random = torch.Generator().manual_seed(step)
        cells = torch.stack([torch.randperm(9, generator=random) for _ in range(BATCH)])
        gaps = torch.randint(0, CELL - PATCH + 1, (BATCH, 9, 2), generator=random)
        corners = torch.stack([cells // 3, cells % 3], dim=2) * CELL + gaps
        labels = torch.randint(0, ORDERS, (BATCH, 1), generator=random)
        draws[step] = {"puzzle": torch.cat([corners.flatten(1), labels], dim=1)}

    def loss(step: int):
        pictures, puzzle = view("picture", step, 1), draws[step]["puzzle"]
        rows = []
        for picture, row in zip(pictures, puzzle):
            cut = [picture[:, y : y + PATCH, x : x + PATCH] for y, x in row[:18].view(9, 2)]
            rows.append(torch.stack([(p - p.mean()) / (p.var(correction=0) + 1e-5).sqrt() for p in cut]))
        patches = torch.stack(rows, dim=1).flatten(0, 1)  # the first patches of all pictures first
        towers = tower(backbone(patches)).relu().view(9, BATCH, TOWER)
        return cross_entropy(order(towers.transpose(0, 1).flatten(1)), puzzle[:, 18])

    modules = {"backbone": backbone, "head.tower": tower, "head.order": order}
    run("jigsaw", modules, loss, draws=draws)


rotnet()
jigsaw()
