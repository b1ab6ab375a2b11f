"""Deep InfoMax on a narrow ResNet: three steps with all three objectives, by each of the three bounds; and by InfoNCE over two views.

The bounds are the paper's (arXiv 1808.06670, equations 2, 4 and 5); scripts/README.md says how they, the network in front of the
scores and the matching of the prior compare with the authors' code. The fixture keeps the samples of the prior.
"""

import math

import torch
from torch import nn
from torch.func import functional_call
from torch.nn.functional import softplus

from method_reference import BATCH, STEPS, Chain, NarrowResNet, fill_at, run, view

UNITS, OUTPUTS, HIDDEN = 24, 8, (12, 10)
GLOBAL, LOCAL, PRIOR = 0.5, 1.0, 0.3


class MiNetwork(nn.Module):
    """`MI1x1ConvNet`, with rows for places."""

    def __init__(self, inputs: int):
        super().__init__()
        self.hidden = nn.Linear(inputs, UNITS, bias=False)
        self.hidden_norm = nn.BatchNorm1d(UNITS)
        self.out = nn.Linear(UNITS, UNITS)
        self.shortcut = nn.Linear(inputs, UNITS, bias=False)
        self.norm = nn.LayerNorm(UNITS)

    def forward(self, rows):
        return self.norm(self.out(self.hidden_norm(self.hidden(rows)).relu()) + self.shortcut(rows))


class Encoder(NarrowResNet):
    """Features, and the map of 8 × 8 places after the second stage as [B, 64, 16]."""

    def forward(self, x):
        x = self.layer2(self.layer1(self.relu(self.bn1(self.conv1(x)))))
        return self.layer4(self.layer3(x)).mean((2, 3)), x.flatten(2).transpose(1, 2)


def jsd(u):
    own = torch.eye(len(u), dtype=torch.bool)
    return (math.log(2) - softplus(-u[own])).mean() - (softplus(u[~own]) - math.log(2)).mean()


def dv(u):
    own = torch.eye(len(u), dtype=torch.bool)
    return u[own].mean() - u[~own].exp().mean().log()


def nce(u):
    count, _, places = u.shape
    terms = []
    for i in range(count):
        others = u[i, torch.arange(count) != i].exp().sum()
        terms.append((u[i, i].exp() / (u[i, i].exp() + others)).log())
    return torch.stack(terms).mean() + math.log(1 + (count - 1) * places)


def discriminator() -> nn.Module:
    widths = (OUTPUTS, *HIDDEN)
    layers = {str(i): nn.Linear(a, b) for i, (a, b) in enumerate(zip(widths, HIDDEN))}
    return nn.ModuleDict(layers | {"2": nn.Linear(HIDDEN[-1], 1)})


class Judge(Chain):
    def __init__(self, layers: nn.ModuleDict):
        super().__init__(layers)

    def forward(self, x):
        for module in list(self.values())[:-1]:
            x = module(x).relu()
        return self["2"](x)


def dim(theme: str, bound, views: int = 1, temperature: float = 1) -> None:
    modules = {
        "backbone": fill_at("backbone", Encoder()),
        "head": fill_at("head", nn.Linear(64, OUTPUTS)),
        "global.summary": fill_at("global.summary", MiNetwork(OUTPUTS)),
        "global.map": fill_at("global.map", MiNetwork(64 * 16)),
        "local.summary": fill_at("local.summary", MiNetwork(OUTPUTS)),
        "local.map": fill_at("local.map", MiNetwork(16)),
        "discriminator": fill_at("discriminator", Judge(discriminator())),
    }
    judge = modules["discriminator"]
    generator = torch.Generator().manual_seed(7)
    draws = {step: {"prior": torch.rand(BATCH, views, OUTPUTS, generator=generator)} for step in range(STEPS)}

    def share(name: str, summary, places):
        # AMDIM's costs.py divides by √units, and scores each view's summary with the other view's map.
        summaries = [modules[f"{name}.summary"](x) / temperature for x in summary.split(BATCH)]
        maps = [modules[f"{name}.map"](x.flatten(0, 1)).unflatten(0, x.shape[:2]) for x in places.split(BATCH)]
        scores = [torch.einsum("iu,jmu->ijm", *pair) for pair in zip(summaries, reversed(maps))]
        return torch.stack([bound(u) for u in scores]).mean()

    def loss(step: int):
        encoded = [modules["backbone"](x) for x in view("picture", step, views).split(BATCH)]
        features, places = [torch.cat(parts) for parts in zip(*encoded)]
        summary = modules["head"](features)
        squashed = summary.sigmoid()
        prior = draws[step]["prior"].double().flatten(0, 1)
        told = softplus(-judge(prior)).mean() + softplus(judge(squashed.detach())).mean()
        still = {name: p.detach() for name, p in judge.named_parameters()}
        deceived = softplus(-functional_call(judge, still, squashed)).mean()
        information = GLOBAL * share("global", summary, places.flatten(1)[:, None]) + LOCAL * share("local", summary, places)
        return -information + PRIOR * deceived + told - told.detach()

    run(theme, modules, loss, draws=draws)


dim("dim-jsd", jsd)
dim("dim-nce", nce)
dim("dim-dv", dv)
dim("dim-two-views", nce, views=2, temperature=math.sqrt(UNITS))
