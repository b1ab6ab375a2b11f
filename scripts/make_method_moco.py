"""MoCo v1 and v2 on a narrow ResNet: three steps with a queue, a key encoder and shuffled sub-batches.

The loss is the authors' formula, compared with lightly's NTXentLoss with a memory bank of the same rows. The
fixture keeps the order in which the keys are shuffled. The key encoder's momentum is 0.5, low enough to show
within three steps.

Given a folder with facebookresearch/moco (commit a419ef2; later ones have no code), the script runs the same
steps in its `MoCo`, with its own shuffling, key encoder and queue. It then compares loss, gradients, both
encoders, the queue and its pointer after each step:

    python scripts/make_method_moco.py [moco]
"""

import sys
from unittest import mock

import torch
from lightly.loss import NTXentLoss
from torch import nn
from torch.nn.functional import cross_entropy, normalize

from authors_code import authors_module, give, gradients, hold, in_order, one_process, parameters
from method_reference import BATCH, DECAY, STEPS, NarrowResNet, fill_at, follow, memory, mlp, run, sgd, twin, view

QUEUE, OUT, PARTS = 20, 16, 2
MOMENTUM = 0.5


def shuffles() -> dict:
    """The order of keys. Row 0: the key at each place; row 1: the place of each key."""
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
    modules = {"backbone": backbone, "head": head}
    theirs = authors_check(modules, teachers, queue, widths, temperature) if len(sys.argv) > 1 else None
    value = None

    def encode(encoder, projection, pictures):
        return torch.cat([projection(encoder(part)) for part in pictures.chunk(PARTS)])

    def loss(step: int):
        nonlocal written, value
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
        if theirs:
            theirs(step, draws[step]["shuffle"][0], value, written)
        for taught, learned in zip(teachers.values(), (backbone, head)):
            follow(taught, learned, MOMENTUM)

    run(
        theme,
        modules,
        loss,
        after,
        states=lambda: {"memory.queue": queue},
        teachers=teachers,
        draws=draws,
        decay_all=True,
    )


def authors_check(modules: dict, teachers: dict, queue: torch.Tensor, widths: list[int], temperature: float):
    """Returns a check of one step against the authors' model, made before our key encoder follows.

    Theirs follows at the start of a step. In float64, they differ only by the order of sums.
    """
    one_process()

    class Encoder(NarrowResNet):
        """Encodes one part of the batch at a time; in their code, each process encodes one."""

        def __init__(self, num_classes: int):
            super().__init__()
            self.fc = nn.Linear(widths[0], num_classes)

        def forward(self, x):
            return torch.cat([super(Encoder, self).forward(part) for part in x.chunk(PARTS)])

    authors = authors_module(sys.argv[1], "moco.builder").MoCo
    model = authors(Encoder, OUT, QUEUE, MOMENTUM, temperature, mlp=len(widths) > 2).double()
    # Their queue takes keys in parts whose size divides its own.
    model._dequeue_and_enqueue = lambda keys: [authors._dequeue_and_enqueue(model, part) for part in keys.split(BATCH // 2)]
    query, key = model.encoder_q, model.encoder_k
    own, own_key = in_order(query, parameters(modules)), in_order(key, parameters(teachers))
    model.queue.copy_(queue.T)
    give(query, own), give(key, own_key)
    networks = parameters({"": query})
    optimizer = sgd([{"params": query.parameters(), "weight_decay": DECAY}])

    def check(step: int, order: torch.Tensor, value, written: int):
        with mock.patch("torch.randperm", lambda count: order.clone()):
            logits, labels = model(*view("pair", step, 2).split(BATCH))
        other = cross_entropy(logits, labels)
        optimizer.zero_grad()
        other.backward()
        optimizer.step()
        kept = {"loss": other, "queue": model.queue.T, "pointer": model.queue_ptr}
        hold(
            networks | gradients(networks) | parameters({"keys": key}) | kept,
            own | gradients(own) | {f"keys.{name}": p for name, p in own_key.items()}
            | {"loss": value, "queue": queue, "pointer": written % QUEUE},
        )  # fmt: skip

    return check


moco("moco-v1", [64, OUT], 0.07)
moco("moco-v2", [64, 64, OUT], 0.2)
