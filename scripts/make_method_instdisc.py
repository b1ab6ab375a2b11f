"""InstDisc on a narrow ResNet: three steps with a memory bank, by the softmax over the whole bank and by NCE.

The losses follow the authors' formulas; NCE has a constant. Given folders with zhirongw/lemniscate.pytorch
(commit f7cfe29) and HobbitLong/CMC (commit 7b227be), the script compares each loss, the constant and the bank
after each step with their LinearAverage, NCEAverage, NCECriterion and MemoryInsDis. The last replaces the
backward pass of NCEAverage, which does not run in today's PyTorch:

    python scripts/make_method_instdisc.py [lemniscate.pytorch CMC]
"""

import sys

import torch
from torch.nn.functional import cross_entropy, normalize

from authors_code import authors_module
from method_reference import BATCH, PICTURES, STEPS, NarrowResNet, fill_at, indices, memory, mlp, run, view

OUT, NEGATIVES, TEMPERATURE, MOMENTUM, PROXIMAL = 16, 12, 0.1, 0.5, 3.0


def pools() -> dict:
    """Rows drawn from the bank as negatives of all pictures of a step."""
    generators = [torch.Generator().manual_seed(step) for step in range(STEPS)]
    return {step: {"pool:bank": torch.randint(PICTURES, (NEGATIVES,), generator=g)} for step, g in enumerate(generators)}


def instdisc(theme: str, negatives: int, proximal: float) -> None:
    backbone = fill_at("backbone", NarrowResNet())
    head = fill_at("head", mlp([64, OUT], norm=False))
    bank = memory("bank", PICTURES, OUT)
    draws = pools() if negatives else {}
    constant = None  # Z, set in the first step
    theirs = authors_bank(bank, negatives)
    updated = None

    def loss(step: int):
        nonlocal constant, updated
        own = indices(step)
        v = normalize(head(backbone(view("picture", step, 1))), dim=1)
        if negatives:
            drawn = draws[step]["pool:bank"].expand(BATCH, -1)
            rows = bank[torch.cat([own[:, None], drawn], dim=1)]  # [B, 1 + K, D]
            p = (torch.einsum("bkd,bd->bk", rows, v) / TEMPERATURE).exp()
            constant = constant or float(p.mean() * PICTURES)
            p, noise = p / constant, negatives / PICTURES
            value = -((p[:, 0] / (p[:, 0] + noise)).log() + (noise / (p[:, 1:] + noise)).log().sum(1)).mean()
        else:
            value = cross_entropy(v @ bank.T.clone() / TEMPERATURE, own)
        before = bank[own]
        updated = normalize(MOMENTUM * before + (1 - MOMENTUM) * v.detach(), dim=1)
        if theirs:
            theirs(v, own, draws.get(step), value, constant, updated)
        return value + proximal * (v - before).square().sum(1).mean()

    def after(step: int):
        bank[indices(step)] = updated

    def states():
        return {"memory.bank": bank} | ({"loss.normalizer": torch.tensor(constant / PICTURES)} if negatives else {})

    run(theme, {"backbone": backbone, "head": head}, loss, after, states=states, draws=draws, decay_all=True)


def authors_bank(bank: torch.Tensor, negatives: int):
    """Returns a check of one step against the authors' modules, which keep a bank of their own.

    Returns None without folders.
    """
    if len(sys.argv) < 3:
        return None
    lemniscate, cmc = sys.argv[1:]
    if negatives:
        nce = authors_module(lemniscate, "lib.NCEAverage").NCEAverage(OUT, PICTURES, negatives, TEMPERATURE, MOMENTUM)
        insdis = authors_module(cmc, "NCE.NCEAverage").MemoryInsDis(OUT, PICTURES, negatives, TEMPERATURE, MOMENTUM)
        criterion = authors_module(lemniscate, "lib.NCECriterion").NCECriterion(PICTURES)
        modules = [nce, insdis]
    else:
        linear = authors_module(lemniscate, "lib.LinearAverage").LinearAverage(OUT, PICTURES, TEMPERATURE, MOMENTUM)
        modules = [linear]
    for module in modules:
        module.memory = bank.clone()

    def gradient(value, v):
        return torch.autograd.grad(value, v, retain_graph=True)[0]

    def check(v, own, drawn, value, constant, updated):
        x = v.detach().requires_grad_()
        if negatives:
            idx = torch.cat([own[:, None], drawn["pool:bank"].expand(BATCH, -1)], dim=1)
            nce.multinomial.draw = lambda count: idx.clone().view(-1)
            with torch.no_grad():
                nce.memory.copy_(insdis.memory)
                first = criterion(nce(x.detach(), own), own)
            other = criterion(insdis(x, own, idx), own)
            close(first, value[None])
            close(nce.params[2], torch.tensor(constant))
            close(insdis.params[2], torch.tensor(constant))
            close(insdis.memory[own], updated)
        else:
            other = cross_entropy(linear(x, own), own)
        close(other.squeeze(), value)
        close(gradient(other.sum(), x), gradient(value, v))
        if not negatives:
            close(linear.memory[own], updated)  # written in their backward pass

    return check


def close(theirs, ours) -> None:
    """Asserts near equality: their settings are in float32, and they add 1e-7 to denominators."""
    torch.testing.assert_close(theirs.double(), ours.double(), rtol=2e-5, atol=1e-6)


instdisc("instdisc", 0, PROXIMAL)
instdisc("instdisc-nce", NEGATIVES, 0.0)
