"""Distillation of labels, SimCLR v2's third step: three steps of AdamW with a frozen teacher.

Both networks see the same views, made at the larger of their sizes. Some pictures have labels, which are mixed
in (equation 3 of arXiv 2006.10029); the others do not count there. The fixture keeps the labels, and the values
after every step, among them the teacher's, which stay.
"""

import torch
import torch.nn.functional as F
from timm.utils import ModelEmaV3
from torch import nn

from afterimage_fixtures import tensor
from method_reference import BATCH, SIZE, STEPS, NarrowResNet, adamw, fill_at, mlp, run, tiny_vit, view

#: Which pictures of a step have labels.
LABELLED = torch.tensor([1, 0, 1, 1, 0, 0, 1, 0]).double()


def resized(pictures: torch.Tensor, size: int) -> torch.Tensor:
    if pictures.shape[-1] == size:
        return pictures
    return F.interpolate(pictures, (size, size), mode="bilinear", antialias=True)


def classes(student, teacher, step: int, weight: float, temperature: float) -> torch.Tensor:
    """Equations 2 and 3: soft targets by PyTorch's cross-entropy, labels by its sum over the labelled pictures."""
    labels = class_labels(step, student.shape[1])
    hard = F.cross_entropy(student, labels, ignore_index=-1, reduction="sum") / BATCH
    soft = F.cross_entropy(student / temperature, (teacher / temperature).softmax(1))
    return weight * hard + (1 - weight) * soft


def class_labels(step: int, count: int) -> torch.Tensor:
    return torch.where(LABELLED > 0, (torch.arange(BATCH) * 3 + step) % count, -1)


def several(student, teacher, step: int, weight: float, temperature: float) -> torch.Tensor:
    """Each label is two classes, absent and present: equation 2 of these is a binary cross-entropy."""
    bce = F.binary_cross_entropy_with_logits
    hard = bce(student, label_rows(step, student.shape[1]), reduction="none").mean(1)[LABELLED > 0].sum() / BATCH
    soft = bce(student / temperature, (teacher / temperature).sigmoid())
    return weight * hard + (1 - weight) * soft


def label_rows(step: int, count: int) -> torch.Tensor:
    return (tensor(f"labels.{step}", (BATCH, count)) > 0).double()


def numbers(student, teacher, step: int, weight: float, temperature: float) -> torch.Tensor:
    wanted = tensor(f"numbers.{step}", tuple(student.shape), 2)
    hard = (student - wanted).square().mean(1)[LABELLED > 0].sum() / BATCH
    return weight * hard + (1 - weight) * F.mse_loss(student, teacher)


def distil(theme: str, student: dict, teacher: dict, sizes: tuple[int, int], loss_of, targets: list, weight: float,
           temperature: float = 1, average: float = 0.99) -> None:
    """student, teacher: modules one after another, by path. sizes: of what they see."""
    network = nn.ModuleDict({path: fill_at(path, module) for path, module in student.items()})
    given = {f"given.{path}": fill_at(f"given.{path}", module).eval() for path, module in teacher.items()}
    averaged = ModelEmaV3(network)

    def logits(modules, pictures):
        for module in modules:
            pictures = module(pictures)
        return pictures

    def loss(step: int) -> torch.Tensor:
        pictures = view("picture", step, 1, max(sizes))
        with torch.no_grad():
            taught = logits(given.values(), resized(pictures, sizes[1]))
        return loss_of(logits(network.values(), resized(pictures, sizes[0])), taught, step, weight, temperature)

    def after(step: int) -> None:
        averaged.decay = min(average, (1 + step) / (10 + step))
        averaged.update(network)

    run(theme, dict(network.items()), loss, after=after, optimizer=adamw, every_step=True, leave_out="qkv.bias",
        teachers={f"teacher.{path}": module for path, module in averaged.module.items()} | given,
        targets=dict(enumerate(targets)))  # fmt: skip


def main() -> None:
    steps = range(STEPS)
    distil("label-distillation", {"backbone": NarrowResNet(), "classifier": nn.Linear(64, 5)},
           {"backbone": tiny_vit(img_size=24), "classifier": nn.Linear(24, 5)}, (SIZE, 24), classes,
           [{"label": class_labels(step, 5)} for step in steps], weight=0.3, temperature=2)  # fmt: skip
    kept = nn.Sequential(*mlp([64, 40]), nn.ReLU())
    distil("label-distillation-several", {"backbone": tiny_vit(), "classifier": nn.Linear(24, 4)},
           {"backbone": NarrowResNet(), "head": kept, "classifier": nn.Linear(40, 4)}, (SIZE, SIZE), several,
           [{"labels": label_rows(step, 4), "labelled": LABELLED} for step in steps], weight=0.25,
           temperature=0.5)  # fmt: skip
    distil("label-distillation-numbers", {"backbone": tiny_vit(img_size=24), "classifier": nn.Linear(24, 2)},
           {"backbone": tiny_vit(), "classifier": nn.Linear(24, 2)}, (24, SIZE), numbers,
           [{"numbers": tensor(f"numbers.{step}", (BATCH, 2), 2), "labelled": LABELLED} for step in steps],
           weight=0.5, average=0.15)  # fmt: skip


if __name__ == "__main__":
    main()
