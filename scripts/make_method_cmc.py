"""CMC with a network for each view of the colours: three steps, in three forms.

`cmc`: L and ab by the softmax over both banks, narrow ResNets. `cmc-nce`: the same by NCE, with a constant
for each direction, tiny ViTs. `cmc-batch`: Y, Cb and Cr, all pairs, with negatives from the batch, tiny ViTs.

The losses follow the authors' formulas. The colours use the constants of scikit-image, and are compared with
it if it is installed. Given a folder with HobbitLong/CMC (commit 7b227be), the script compares the losses of
`cmc-nce`, its constants and the banks with its NCEAverage and NCECriterion:

    python scripts/make_method_cmc.py [CMC]
"""

import itertools
import sys

import torch
from torch.nn.functional import cross_entropy, normalize

from authors_code import authors_module
from colours import normalized_view
from method_reference import BATCH, PICTURES, STEPS, NarrowResNet, fill_at, indices, memory, mlp, run, tiny_vit, view

OUT, NEGATIVES, TEMPERATURE, MOMENTUM = 16, 12, 0.1, 0.5


def pools(names) -> dict:
    """Rows drawn from the banks as negatives: the same rows of both banks, as in the authors' code."""
    drawn = {}
    for step in range(STEPS):
        rows = torch.randint(PICTURES, (NEGATIVES,), generator=torch.Generator().manual_seed(step))
        drawn[step] = {f"pool:{name}": rows for name in names}
    return drawn


def cmc(theme: str, space: str, views: dict, kind: str, network) -> None:
    """Writes one form. views: channels by the name of the view. kind: softmax, nce or batch."""
    modules = {f"backbone.{name}": fill_at(f"backbone.{name}", network(len(own))) for name, own in views.items()}
    width = 64 if network is NarrowResNet else 24
    modules |= {f"head.{name}": fill_at(f"head.{name}", mlp([width, OUT], norm=False)) for name in views}
    banks = {} if kind == "batch" else {name: memory(name, PICTURES, OUT) for name in views}
    draws = pools(views) if kind == "nce" else {}
    pairs = list(itertools.permutations(views, 2))
    constants, updated = {}, {}
    theirs = authors_contrast(banks) if kind == "nce" and len(sys.argv) > 1 else None

    def embed(step: int):
        channels = normalized_view(view("picture", step, 1), space)
        return {
            name: normalize(modules[f"head.{name}"](modules[f"backbone.{name}"](channels[:, own])), dim=1)
            for name, own in views.items()
        }

    def told(anchor, other, v, step):
        own = indices(step)
        if kind == "batch":
            return cross_entropy(v[anchor] @ v[other].T / TEMPERATURE, torch.arange(BATCH))
        if kind == "softmax":
            return cross_entropy(v[anchor] @ banks[other].T.clone() / TEMPERATURE, own)
        drawn = draws[step][f"pool:{other}"].expand(BATCH, -1)
        rows = banks[other][torch.cat([own[:, None], drawn], dim=1)]
        p = (torch.einsum("bkd,bd->bk", rows, v[anchor]) / TEMPERATURE).exp()
        constant = constants.setdefault((anchor, other), float(p.mean() * PICTURES))
        p, noise = p / constant, NEGATIVES / PICTURES
        return -((p[:, 0] / (p[:, 0] + noise)).log() + (noise / (p[:, 1:] + noise)).log().sum(1)).mean()

    def loss(step: int):
        v = embed(step)
        value = sum(told(anchor, other, v, step) for anchor, other in pairs)
        for name in banks:
            before = banks[name][indices(step)]
            updated[name] = normalize(MOMENTUM * before + (1 - MOMENTUM) * v[name].detach(), dim=1)
        if theirs:
            theirs(v, indices(step), draws[step], value, constants, updated)
        return value

    def after(step: int):
        for name in banks:
            banks[name][indices(step)] = updated[name]

    def states():
        rows = {f"memory.{name}": bank for name, bank in banks.items()}
        kept = {f"loss.{a}.{b}.normalizer": torch.tensor(z / PICTURES) for (a, b), z in constants.items()}
        return rows | kept

    run(theme, modules, loss, after, states=states, draws=draws, decay_all=True)


def authors_contrast(banks: dict):
    """Returns a check of one step against the authors' modules, which keep banks of their own."""
    contrast = authors_module(sys.argv[1], "NCE.NCEAverage").NCEAverage(OUT, PICTURES, NEGATIVES, TEMPERATURE, MOMENTUM)
    criterion = authors_module(sys.argv[1], "NCE.NCECriterion").NCECriterion(PICTURES)
    contrast.memory_l, contrast.memory_ab = banks["l"].clone(), banks["ab"].clone()

    def check(v, own, drawn, value, constants, updated):
        x = {name: embedding.detach().requires_grad_() for name, embedding in v.items()}
        idx = torch.cat([own[:, None], drawn["pool:l"].expand(BATCH, -1)], dim=1)
        out_l, out_ab = contrast(x["l"], x["ab"], own, idx)
        other = criterion(out_l) + criterion(out_ab)
        close(other.squeeze(), value)
        close(contrast.params[2], torch.tensor(constants["l", "ab"]))
        close(contrast.params[3], torch.tensor(constants["ab", "l"]))
        for name in ("l", "ab"):
            close(torch.autograd.grad(other.sum(), x[name], retain_graph=True)[0],
                  torch.autograd.grad(value, v[name], retain_graph=True)[0])  # fmt: skip
            close(getattr(contrast, f"memory_{name}")[own], updated[name])

    return check


def close(theirs, ours) -> None:
    """Asserts near equality: their settings are in float32, and they add 1e-7 to denominators."""
    torch.testing.assert_close(theirs.double(), ours.double(), rtol=2e-5, atol=1e-6)


def vit(inputs: int):
    return tiny_vit(in_chans=inputs)


LIGHT_AND_COLOUR = {"l": [0], "ab": [1, 2]}

cmc("cmc", "lab", LIGHT_AND_COLOUR, "softmax", NarrowResNet)
cmc("cmc-nce", "lab", LIGHT_AND_COLOUR, "nce", vit)
cmc("cmc-batch", "ycbcr", {"y": [0], "cb": [1], "cr": [2]}, "batch", vit)
