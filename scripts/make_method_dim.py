"""Deep InfoMax on a narrow ResNet: three steps with all three objectives, in four forms.

Three forms have one of the three bounds each; the fourth has InfoNCE over two views. The bounds are the
paper's (arXiv 1808.06670, equations 2, 4 and 5). scripts/README.md compares with the authors' code the
bounds, the network in front of the scores, and the matching of the prior. The fixture keeps the samples of
the prior.

The arguments are folders with rdevon/DIM (commit bac4765), the same at 91f46d3 (where the bound of Donsker
and Varadhan runs) and Philip-Bachman/amdim-public (8754ae1). The script then compares each loss and its
gradients by the encoder's outputs and by all networks after it. Theirs are MI1x1ConvNet, fenchel_dual_loss,
infonce_loss, donsker_varadhan_loss, gan_losses and, for two views, NCE_MI_MULTI:

    python scripts/make_method_dim.py [DIM DIM-91f46d3 amdim-public]
"""

import math
import sys
from unittest import mock

import torch
from torch import nn
from torch.func import functional_call
from torch.nn.functional import log_softmax, softplus

from authors_code import authors_module, give, hold, parameters
from method_reference import BATCH, STEPS, Chain, NarrowResNet, fill_at, run, view

UNITS, OUTPUTS, HIDDEN = 24, 8, (12, 10)
GLOBAL, LOCAL, PRIOR = 0.5, 1.0, 0.3


class MiNetwork(nn.Module):
    """`MI1x1ConvNet`, with places as rows."""

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
    theirs = authors_check(modules, bound, views) if len(sys.argv) > 1 else None

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
        value = -information + PRIOR * deceived + told - told.detach()
        if theirs:
            theirs(value, summary, places, prior)
        return value

    run(theme, modules, loss, draws=draws)


#: The authors' names of the layers of MiNetwork.
LAYERS = {
    "hidden": "block_nonlinear.0", "hidden_norm": "block_nonlinear.1", "out": "block_nonlinear.3", "norm": "block_ln.1",
    "shortcut": "linear_shortcut",
}  # fmt: skip


def authors_check(modules: dict, bound, views: int):
    """Returns a check of one step's loss and gradients against the authors' code.

    Their code starts from our encoder's outputs and uses our discriminator's layers.
    """
    information_of, tolerance = authors_information(bound, views)
    gan = authors_module(sys.argv[1], "cortex_DIM.functions.gan_losses")
    mi_networks = authors_module(sys.argv[1], "cortex_DIM.nn_modules.mi_networks")
    paths = [path for path in modules if path.startswith(("global.", "local."))]
    with mock.patch("numpy.uint8", bool):  # the type of masks in today's PyTorch
        theirs = {path: mi_networks.MI1x1ConvNet(modules[path].hidden.in_features, UNITS).double() for path in paths}
    judge = modules["discriminator"]

    def learned(path: str) -> dict:
        named = [(*name.split("."), p) for name, p in modules[path].named_parameters()]
        return {f"{LAYERS[layer]}.{kind}": p for layer, kind, p in named}

    own = {f"{path}.{name}": p for path in paths for name, p in learned(path).items()} | parameters({"": judge})
    others = parameters(theirs | {"": judge})

    def share(name: str, summary, places):
        summaries = [theirs[f"{name}.summary"](x[..., None, None]).flatten(2) for x in summary.split(BATCH)]
        maps = [theirs[f"{name}.map"](x.transpose(1, 2)[..., None]).flatten(2) for x in places.split(BATCH)]
        return information_of(maps, summaries)

    def gradients_of(value, named: dict) -> dict:
        return dict(zip(named, torch.autograd.grad(value, list(named.values()), retain_graph=True)))

    def check(value, summary, places, prior):
        for path in paths:
            give(theirs[path], learned(path))
        ours = {"summary": summary, "places": places}
        x = {name: output.detach().requires_grad_() for name, output in ours.items()}
        squashed = x["summary"].sigmoid()
        real = gan.get_positive_expectation(judge(prior), "GAN")
        fake = gan.get_negative_expectation(judge(squashed.detach()), "GAN")
        still = {name: p.detach() for name, p in judge.named_parameters()}
        deceived = gan.generator_loss(functional_call(judge, still, squashed), "GAN", "non-saturating")
        information = GLOBAL * share("global", x["summary"], x["places"].flatten(1)[:, None]) + LOCAL * share("local", *x.values())
        other = -information + PRIOR * deceived + fake - real - (fake - real).detach()
        hold(
            {"loss": other} | gradients_of(other, x | others), {"loss": value} | gradients_of(value, ours | own), **tolerance
        )

    return check


def authors_information(bound, views: int):
    """The authors' bound and the tolerances of its comparison with ours.

    The bound is a function of the maps and summaries of each view, [B, units, places] and [B, units, 1].
    Without other tolerances, the two differ only by the order of sums in float64.
    """
    dim, dim_before, amdim = sys.argv[1:]

    def most(maps) -> float:
        return math.log(1 + (BATCH - 1) * maps[0].shape[2])

    def of_views(maps, summaries):
        targets = [x.transpose(0, 1).flatten(1)[None] for x in maps]
        sources = [x.flatten(1) for x in summaries]
        pairs = [x for pair in (sources, targets) for one in pair for x in (one, one)]
        with mock.patch.object(torch.Tensor, "float", torch.Tensor.double):
            return most(maps) - costs(*pairs, torch.eye(BATCH), mode="train")[0]

    if views == 2:
        costs = authors_module(amdim, "costs").NCE_MI_MULTI(tclip=1e8)  # wide enough to limit no score
        return of_views, {}
    losses = authors_module(dim_before if bound is dv else dim, "cortex_DIM.functions.dim_losses")
    if bound is jsd:
        return lambda maps, summaries: -losses.fenchel_dual_loss(maps[0], summaries[0], "JSD"), {}
    if bound is dv:
        # Their logarithm adds 1e-6 to a sum of 1 or more. Their mean over pictures is of sums over places.
        return (
            lambda maps, summaries: math.log(maps[0].shape[2]) - losses.donsker_varadhan_loss(maps[0], summaries[0].flatten(1)),
            {"rtol": 1e-6, "atol": 2e-6},
        )

    def of_others(maps, summaries):
        """Removes the scores of -10 that their bound has for a picture's own places among the others.

        Our bound has none of them, and our scores can be below -10.
        """
        with mock.patch.object(losses.F, "log_softmax", lambda u, dim: log_softmax(u.masked_fill(u == -10, -math.inf), dim)):
            return most(maps) - losses.infonce_loss(maps[0], summaries[0])

    return of_others, {}


dim("dim-jsd", jsd)
dim("dim-nce", nce)
dim("dim-dv", dv)
dim("dim-two-views", nce, views=2, temperature=math.sqrt(UNITS))
