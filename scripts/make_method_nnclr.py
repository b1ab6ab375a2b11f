"""NNCLR on a narrow ResNet: three steps, with the neighbours of lightly's NNMemoryBankModule.

The loss is the paper's equation 4 in both directions, by its remark on symmetry. Networks see one view after
the other, as in lightly's and solo-learn's training. The ResNet has group norm, because batch norm over few
values magnifies rounding.
"""

import torch
from lightly.models.modules import NNMemoryBankModule
from torch.nn.functional import cross_entropy, normalize

from method_reference import BATCH, NarrowResNet, fill_at, memory, mlp, run, slow_sgd, view, without_batch_norm

QUEUE, OUT, TEMPERATURE = 20, 16, 0.2
backbone = fill_at("backbone", without_batch_norm(NarrowResNet()))
head = fill_at("head", mlp([64, 32, 32, OUT]))
predictor = fill_at("predictor", mlp([OUT, 24, OUT], last_norm=False))
queue = memory("queue", QUEUE, OUT)
written = 0


def nearest(rows):
    bank = NNMemoryBankModule(size=(QUEUE, OUT))
    bank.bank = queue.clone()
    bank.bank_ptr = torch.zeros(1, dtype=torch.long)
    found = bank(rows.detach(), update=False)
    by_hand = queue[(rows.detach() @ queue.T).argmax(1)]
    assert torch.allclose(found, by_hand), "lightly finds other neighbours"
    return by_hand


def contrast(neighbours, predictions):
    logits = neighbours @ normalize(predictions, dim=1).T / TEMPERATURE
    labels = torch.arange(BATCH)
    return (cross_entropy(logits, labels) + cross_entropy(logits.T, labels)) / 2


def loss(step: int):
    global written
    pair = [head(backbone(pictures)) for pictures in view("pair", step, 2).split(BATCH)]
    p1, p2 = [predictor(z) for z in pair]
    z1, z2 = [normalize(z, dim=1) for z in pair]
    value = (contrast(nearest(z1), p2) + contrast(nearest(z2), p1)) / 2
    for row in z1.detach():
        queue[written % QUEUE] = row
        written += 1
    return value


modules = {"backbone": backbone, "head": head, "predictor": predictor}
run("nnclr", modules, loss, states=lambda: {"memory.queue": queue}, optimizer=slow_sgd)
