"""InvaSpread on a narrow ResNet: three steps with both terms.

The loss follows the authors' formula. Given a folder with mangye16/Unsupervised_Embedding_Learning (commit
29de398), the script compares each loss and its gradient by the embeddings with its BatchCriterion:

    python scripts/make_method_invaspread.py [Unsupervised_Embedding_Learning]
"""

import sys

import torch
from torch.nn.functional import normalize

from authors_code import authors_module
from method_reference import BATCH, NarrowResNet, fill_at, mlp, run, view

OUT, TEMPERATURE = 16, 0.1

backbone = fill_at("backbone", NarrowResNet())
head = fill_at("head", mlp([64, OUT], norm=False))


def formula(z: torch.Tensor) -> torch.Tensor:
    """The loss of one step; rows are compared with constants."""
    p = (z @ z.detach().T / TEMPERATURE).fill_diagonal_(-torch.inf).softmax(1)
    rows = torch.arange(len(z))
    other = rows.roll(len(z) // 2)
    rest = (1 - p).log().scatter(1, other[:, None], 0)
    return -(p[rows, other].log() + rest.sum(1)).mean()


def loss(step: int):
    z = normalize(head(backbone(view("pair", step, 2))), dim=1)
    value = formula(z)
    if len(sys.argv) > 1:
        hold_to_authors(value, z)
    return value


def hold_to_authors(value, z) -> None:
    criterion = authors_module(sys.argv[1], "BatchAverage").BatchCriterion(1, TEMPERATURE, BATCH)
    criterion.diag_mat = criterion.diag_mat.double()
    x = z.detach().requires_grad_()
    theirs = criterion(x, None)
    torch.testing.assert_close(theirs.squeeze(), value)
    torch.testing.assert_close(torch.autograd.grad(theirs.sum(), x), torch.autograd.grad(value, z, retain_graph=True))


run("invaspread", {"backbone": backbone, "head": head}, loss, decay_all=True)
