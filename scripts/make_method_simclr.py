"""SimCLR on a narrow ResNet: three steps, the loss by lightly's NTXentLoss."""

from lightly.loss import NTXentLoss

from method_reference import BATCH, NarrowResNet, fill_at, mlp, run, view

backbone = fill_at("backbone", NarrowResNet())
head = fill_at("head", mlp([64, 64, 16]))
criterion = NTXentLoss(temperature=0.2)


def loss(step: int):
    first, second = head(backbone(view("pair", step, 2))).split(BATCH)
    return criterion(first, second)


run("simclr", {"backbone": backbone, "head": head}, loss)
