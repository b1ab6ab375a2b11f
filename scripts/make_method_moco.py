"""MoCo v1 and v2 on a narrow ResNet: three steps with a queue, a key encoder and shuffled sub-batches.

The loss is lightly's NTXentLoss with a memory bank of the same rows (`moco-v2`), and the authors' formula beside it. The
fixture keeps the order in which the keys are shuffled. So that three steps show it, the key encoder moves by half.
"""

import torch
from lightly.loss import NTXentLoss
from torch.nn.functional import cross_entropy, normalize

from method_reference import BATCH, STEPS, NarrowResNet, fill_at, follow, memory, mlp, run, twin, view

QUEUE, OUT, PARTS = 20, 16, 2
MOMENTUM = 0.5


def shuffles() -> dict:
    """Row 0: which key comes at each place; row 1: where each key has gone."""
    drawn = {}
    for step in range(STEPS):
        order = torch.randperm(BATCH, generator=torch.Generator().manual_seed(step))
        drawn[step] = {"shuffle": torch.stack([order, order.argsort()])}
    return drawn


def moco(theme: str, widths: list[int], temperature: float) -> None:
    backbone = fill_at("backbone", NarrowResNet())
    head = fill_at("head", mlp(widths, norm=False))
    teachers = {"teacher.backbone": twin(backbone), "teacher.head": twin(head)}
    queue = memory("queue", QUEUE, OUT)
    draws = shuffles()
    written = 0

    def encode(encoder, projection, pictures):
        return torch.cat([projection(encoder(part)) for part in pictures.chunk(PARTS)])

    def loss(step: int):
        nonlocal written
        first, second = view("pair", step, 2).split(BATCH)
        order, inverse = draws[step]["shuffle"]
        q = normalize(encode(backbone, head, first), dim=1)
        with torch.no_grad():
            k = normalize(encode(*teachers.values(), second[order])[inverse], dim=1)
        logits = torch.cat([(q * k).sum(1, keepdim=True), q @ queue.T.clone()], dim=1) / temperature
        value = cross_entropy(logits, torch.zeros(BATCH, dtype=torch.long))
        check(q, k, value)
        for row in k:
            queue[written % QUEUE] = row
            written += 1
        return value

    def check(q, k, value):
        criterion = NTXentLoss(temperature=temperature, memory_bank_size=(QUEUE, OUT))
        criterion.memory_bank.bank = queue.clone()
        criterion.memory_bank.bank_ptr = torch.zeros(1, dtype=torch.long)
        assert torch.allclose(criterion(q, k), value), "lightly has another loss"

    def after(step: int):
        for taught, learned in zip(teachers.values(), (backbone, head)):
            follow(taught, learned, MOMENTUM)

    run(
        theme,
        {"backbone": backbone, "head": head},
        loss,
        after,
        states=lambda: {"memory.queue": queue},
        teachers=teachers,
        draws=draws,
        decay_all=True,
    )


moco("moco-v1", [64, OUT], 0.07)
moco("moco-v2", [64, 64, OUT], 0.2)
