"""SwAV on a narrow ResNet with two sizes of crops: three steps, with a queue for each global crop that counts once it is
full, and prototypes that stand still in the first epoch or learn from the first step.

The loss is lightly's SwaVLoss, which takes the queue's scores too. Prototypes are normalised before every step, as in the
authors' `main_swav.py`, and once more at the end.
"""

import torch
from lightly.loss import SwaVLoss
from torch import nn
from torch.nn.functional import normalize

from method_reference import BATCH, STEPS_PER_EPOCH, NarrowResNet, fill_at, memory, mlp, run, view

PROTOTYPES, OUT, WIDTH, QUEUE, LOCALS = 20, 16, 32, 12, 2
FULL = -(-QUEUE // BATCH)  # the step from which on the queue counts


def swav(theme: str, frozen_epochs: int, queued: bool) -> None:
    backbone = fill_at("backbone", NarrowResNet())
    head = fill_at("head", mlp([64, WIDTH, OUT], last_norm=False))
    prototypes = fill_at("prototypes", nn.Linear(OUT, PROTOTYPES, bias=False))
    queues = [memory(f"queue_{i}", QUEUE, OUT) for i in (1, 2)]
    criterion = SwaVLoss(temperature=0.1, sinkhorn_epsilon=0.05, sinkhorn_iterations=3)
    written = 0

    @torch.no_grad()
    def to_length_one() -> None:
        prototypes.weight.copy_(normalize(prototypes.weight, dim=1))

    def loss(step: int):
        nonlocal written
        to_length_one()
        features = torch.cat([backbone(view("global", step, 2)), backbone(view("local", step, LOCALS, 8))])
        embedding = normalize(head(features), dim=1)
        scores = prototypes(embedding).split(BATCH)
        earlier = [prototypes(queue).detach() for queue in queues] if queued and step >= FULL else None
        value = criterion(scores[:2], scores[2:], earlier)[0]
        for row in range(BATCH):
            for crop, queue in enumerate(queues):
                queue[(written + row) % QUEUE] = embedding[crop * BATCH + row].detach()
        written += BATCH
        return value

    def before(step: int) -> None:
        if step < frozen_epochs * STEPS_PER_EPOCH:
            prototypes.weight.grad = None

    run(
        theme,
        {"backbone": backbone, "head": head, "prototypes": prototypes},
        loss,
        after=lambda step: to_length_one(),
        before=before,
        states=lambda: {f"memory.queue_{i}": queue for i, queue in zip((1, 2), queues)} if queued else {},
        decay_all=True,
    )


swav("swav-queue", frozen_epochs=0, queued=True)
swav("swav-frozen", frozen_epochs=1, queued=False)
