"""A neural n-gram model in PyTorch: its network and the four objectives, values and gradients.

Losses are PyTorch's own: F.cross_entropy over all words and over the batch, and
F.binary_cross_entropy_with_logits of targets and noise.
"""

import json

import torch
import torch.nn.functional as F

from afterimage_fixtures import tensor, write

torch.set_default_dtype(torch.float64)

# Contexts, words before each, words, widths of the embedding and of the hidden layer.
B, N, V, D, H = 6, 2, 14, 5, 7
TARGETS = torch.tensor([3, 0, 11, 3, 7, 13])
NOISE = torch.tensor([0, 5, 3, 0, 9, 11, 0, 2])
CONTEXTS = torch.tensor([[14, 14], [14, 3], [3, 0], [7, 7], [0, 11], [5, 3]])
COUNTS = torch.tensor([40, 31, 22, 9, 8, 8, 5, 4, 3, 2, 1, 1, 1, 1], dtype=torch.float64)
POWER = 0.75


def parameters():
    return {
        "embedding.weight": tensor("word-losses.embedding", (V + 1, D)),
        "hidden.weight": tensor("word-losses.hidden.weight", (H, N * D)),
        "hidden.bias": tensor("word-losses.hidden.bias", (H,)),
        "output.weight": tensor("word-losses.output", (V, H + 1)),
    }


def log_q(power):
    return torch.log(COUNTS**power / (COUNTS**power).sum())


def scores(p, words):
    """Of the words in every context, [B, W]: r_w · h + b_w."""
    embedded = F.embedding(CONTEXTS, p["embedding.weight"]).flatten(1)
    h = torch.tanh(F.linear(embedded, p["hidden.weight"], p["hidden.bias"]))
    rows = p["output.weight"][words]
    return F.linear(h, rows[:, :-1], rows[:, -1])


def discriminate(positives, negatives):
    """Binary cross-entropy with logits: targets are 1 and noise is 0. Sums over noise, means over contexts."""
    wanted = F.binary_cross_entropy_with_logits(positives, torch.ones_like(positives), reduction="none")
    noise = F.binary_cross_entropy_with_logits(negatives, torch.zeros_like(negatives), reduction="none")
    return (wanted + noise.sum(1)).mean()


def softmax(p):
    return F.cross_entropy(scores(p, torch.arange(V)), TARGETS)


def nce(p):
    log_kq = log_q(POWER) + torch.log(torch.tensor(float(len(NOISE))))
    return discriminate(scores(p, TARGETS).diagonal() - log_kq[TARGETS], scores(p, NOISE) - log_kq[NOISE])


def negative_sampling(p):
    return discriminate(scores(p, TARGETS).diagonal(), scores(p, NOISE))


def info_nce(p):
    return F.cross_entropy(scores(p, TARGETS) - log_q(1)[TARGETS], torch.arange(B))


def case(loss_of):
    p = {name: value.requires_grad_() for name, value in parameters().items()}
    loss = loss_of(p)
    loss.backward()
    name = loss_of.__name__
    return {f"{name}/loss": loss, **{f"{name}/grad/{path}": value.grad for path, value in p.items()}}


def main():
    cases = [case(loss_of) for loss_of in (softmax, nce, negative_sampling, info_nce)]
    settings = {
        **{"width": D, "hidden": H, "power": POWER, "counts": COUNTS.tolist()},
        **{"targets": TARGETS.tolist(), "noise": NOISE.tolist(), "contexts": CONTEXTS.tolist()},
    }
    write("word-losses", {k: v for each in cases for k, v in each.items()}, libraries=("torch", "numpy"), settings=json.dumps(settings))


main()
