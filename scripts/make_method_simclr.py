"""SimCLR and SimCLR v2 on a narrow ResNet: three steps with lightly's NTXentLoss."""

from lightly.loss import NTXentLoss

from method_reference import BATCH, NarrowResNet, fill_at, mlp, run, slow_sgd, view

criterion = NTXentLoss(temperature=0.2)


def simclr(theme: str, widths: list[int]) -> None:
    backbone = fill_at("backbone", NarrowResNet())
    head = fill_at("head", mlp(widths, last_affine="scale"))

    def loss(step: int):
        return criterion(*head(backbone(view("pair", step, 2))).split(BATCH))

    run(theme, {"backbone": backbone, "head": head}, loss, optimizer=slow_sgd)


simclr("simclr", [64, 48, 16])
simclr("simclr-v2", [64, 40, 40, 16])
