"""Contrastive losses by the authors' formulas: values and gradients, compared with lightly's.

lightly has InfoNCE with a queue (NTXentLoss with a memory bank). With one query at a time, and all other
candidates as its queue, this also gives InfoNCE within a batch and the softmax over a bank. scripts/README.md
lists the other losses that were compared with their authors' code.

The arguments are folders with facebookresearch/moco-v3 (commit c349e6e), zhirongw/lemniscate.pytorch
(f7cfe29) and adambielski/siamese-triplet (0c719f9). The script then compares InfoNCE, the softmax over a bank
and the contrastive loss of pairs with theirs. The last repository is not by the paper's authors, who
published no code:

    python scripts/make_contrastive_losses.py [moco-v3 lemniscate.pytorch siamese-triplet]
"""

import json
import math
import sys
from types import SimpleNamespace

import torch
import torch.nn.functional as F
from lightly.loss import NTXentLoss

from afterimage_fixtures import tensor, write
from authors_code import authors_module

torch.set_default_dtype(torch.float64)

TEMPERATURES = (0.05, 0.5)
BANK_SIZE = 1000
MARGINS = (0.5, 2.0)
PROXIMAL_WEIGHT = 30.0


def unit(name, rows, width):
    """Rows of unit length, rounded to float32 like those that the tests read."""
    return F.normalize(tensor(name, (rows, width)), dim=1).float().double()


def case(name, inputs, learning, formula):
    """Value and gradients of `formula(**inputs)`, with gradients only of the inputs named in `learning`."""
    leaves = {key: value.clone().requires_grad_(key in learning) for key, value in inputs.items()}
    loss = formula(**leaves)
    loss.backward()
    return {f"{name}/loss": loss} | {f"{name}/grad/{key}": leaves[key].grad for key in learning}


def query_by_query(queries, candidates, own, temperature):
    """The mean of lightly's loss of each query: its own candidate is the key, the others are the queue.

    lightly compares by cosine.
    """
    terms = []
    for query, positive in zip(queries, own.tolist(), strict=True):
        others = torch.cat([candidates[:positive], candidates[positive + 1 :]])
        lightly = NTXentLoss(temperature, memory_bank_size=tuple(others.shape))
        lightly.memory_bank.bank = F.normalize(others, dim=1)
        terms.append(lightly(query[None], candidates[positive][None]))
    return torch.stack(terms).mean()


def margin_contrastive(first, second, same, margin):
    """Hadsell et al. 2006, equation 4, times two, with y = 1 for pairs that belong together."""
    distance = (first - second).norm(dim=1)
    return (same * distance**2 + (1 - same) * (margin - distance).clamp(min=0) ** 2).mean()


def margin_cases():
    same = (torch.arange(8) % 2).double()
    inputs = {key: tensor(f"margin_contrastive.{key}", (8, 5), 0.5) for key in ("first", "second")}
    inputs["second"][0] = inputs["first"][0]  # two equal points that should differ: no gradient
    inputs["second"][1] = inputs["first"][1]
    return {
        key: value
        for margin in MARGINS
        for key, value in case(
            f"margin_contrastive/m{margin:g}",
            inputs,
            ("first", "second"),
            lambda first, second, margin=margin: margin_contrastive(first, second, same, margin),
        ).items()
    }


def nce(positives, negatives, temperature, normalizer):
    """InstDisc, equations 6 and 7, with noise 1 / N."""
    noise = negatives.shape[1] / BANK_SIZE
    positive, negative = ((s / temperature).exp() / normalizer for s in (positives, negatives))
    h = positive / (positive + noise)
    return -(h.log() + (noise / (negative + noise)).log().sum(1)).mean()


def nce_case(temperature):
    name = f"nce/t{temperature}"
    inputs = {"positives": tensor("nce.positives", (6,)), "negatives": tensor("nce.negatives", (6, 40))}
    everything = torch.cat([inputs["positives"][:, None], inputs["negatives"]], dim=1)
    normalizer = (everything / temperature).exp().mean() * BANK_SIZE  # equation 8
    return {f"{name}/normalizer": normalizer} | case(
        name, inputs, tuple(inputs), lambda **similarities: nce(**similarities, temperature=temperature, normalizer=normalizer)
    )  # fmt: skip


def non_parametric_softmax(embeddings, bank, indices, temperature):
    """InstDisc, equations 2 and 3."""
    return F.cross_entropy(embeddings @ bank.T / temperature, indices)


def bank_cases(temperature):
    bank = unit("bank", 20, 8)
    indices = torch.tensor([3, 0, 19, 7, 7, 12])
    inputs = {"embeddings": unit("bank.embeddings", 6, 8)}
    softmax = case(
        f"non_parametric_softmax/t{temperature}", inputs, ("embeddings",),
        lambda embeddings: non_parametric_softmax(embeddings, bank, indices, temperature),
    )  # fmt: skip
    proximal = case(
        "proximal", inputs, ("embeddings",),
        lambda embeddings: PROXIMAL_WEIGHT * (embeddings - bank[indices]).square().sum(1).mean(),
    )  # fmt: skip
    squares = F.mse_loss(inputs["embeddings"], bank[indices], reduction="sum") / len(indices)
    torch.testing.assert_close(proximal["proximal/loss"], PROXIMAL_WEIGHT * squares)
    other = query_by_query(inputs["embeddings"], bank, indices, temperature)
    torch.testing.assert_close(softmax[f"non_parametric_softmax/t{temperature}/loss"], other)
    return {"bank": bank, "bank/embeddings": inputs["embeddings"], "bank/indices": indices} | softmax | proximal


def invariant_spread(z, temperature):
    """BatchCriterion: rows are compared with constants; z is of unit length and in views."""
    p = (z @ z.detach().T / temperature).fill_diagonal_(-torch.inf).softmax(1)
    rows = torch.arange(len(z))
    other = rows.roll(len(z) // 2)
    rest = (1 - p).log().scatter(1, other[:, None], 0)
    return -p[rows, other].log().mean(), -rest.sum(1).mean()


def invariant_spread_case(temperature):
    name = f"invariant_spread/t{temperature}"
    inputs = {"z": tensor("invariant_spread.z", (12, 8))}
    terms = invariant_spread(F.normalize(inputs["z"], dim=1), temperature)
    return {f"{name}/invariance": terms[0], f"{name}/spread": terms[1]} | case(
        name, inputs, ("z",), lambda z: sum(invariant_spread(F.normalize(z, dim=1), temperature))
    )


def info_nce(queries, candidates, temperature, cosine=True):
    """CPC, equation 4: row i of the candidates belongs to query i."""
    if cosine:
        queries, candidates = F.normalize(queries, dim=1), F.normalize(candidates, dim=1)
    return F.cross_entropy(queries @ candidates.T / temperature, torch.arange(len(queries)))


def queue_info_nce(queries, keys, queue, temperature):
    """MoCo, algorithm 1."""
    queries, keys = F.normalize(queries, dim=1), F.normalize(keys, dim=1)
    logits = torch.cat([(queries * keys).sum(1, keepdim=True), queries @ queue.T], dim=1) / temperature
    return F.cross_entropy(logits, torch.zeros(len(queries), dtype=torch.long))


def info_nce_cases(temperature):
    queries, candidates = tensor("info_nce.queries", (6, 8)), tensor("info_nce.candidates", (10, 8))
    pair = {"queries": queries, "candidates": candidates[:6].clone()}
    both = ("queries", "candidates")
    many = {"queries": queries, "candidates": candidates}
    arrays = case(
        f"info_nce/cosine_t{temperature}", many, both, lambda queries, candidates: info_nce(queries, candidates, temperature)
    )
    arrays |= case(
        f"info_nce/dot_t{temperature}", many, both, lambda queries, candidates: info_nce(queries, candidates, temperature, False)
    )
    arrays |= case(
        f"symmetric_info_nce/t{temperature}", pair, both,
        lambda queries, candidates: (info_nce(queries, candidates, temperature) + info_nce(candidates, queries, temperature)) / 2,
    )  # fmt: skip
    own = torch.arange(6)
    other = query_by_query(queries, candidates, own, temperature)
    torch.testing.assert_close(arrays[f"info_nce/cosine_t{temperature}/loss"], other)
    there = query_by_query(queries, pair["candidates"], own, temperature)
    back = query_by_query(pair["candidates"], queries, own, temperature)
    torch.testing.assert_close(arrays[f"symmetric_info_nce/t{temperature}/loss"], (there + back) / 2)
    return arrays


def queue_case(temperature):
    keys, queue = tensor("queue_info_nce.keys", (6, 8)), unit("queue_info_nce.queue", 32, 8)
    inputs = {"queries": tensor("queue_info_nce.queries", (6, 8))}
    arrays = case(
        f"queue_info_nce/t{temperature}", inputs, ("queries",), lambda queries: queue_info_nce(queries, keys, queue, temperature)
    )
    other = NTXentLoss(temperature, memory_bank_size=(32, 8))
    other.memory_bank.bank = queue
    torch.testing.assert_close(arrays[f"queue_info_nce/t{temperature}/loss"], other(inputs["queries"], keys))
    return arrays | {"queue_info_nce/queue": queue}


def moco_v3_case(temperature):
    keys = [tensor(f"moco_v3.keys{view}", (6, 8)) for view in (0, 1)]
    inputs = {f"queries{view}": tensor(f"moco_v3.queries{view}", (6, 8)) for view in (0, 1)}

    def formula(queries0, queries1):
        """MoCo v3, algorithm 1 and contrastive_loss."""
        return 2 * temperature * (info_nce(queries0, keys[1], temperature) + info_nce(queries1, keys[0], temperature))

    return case(f"moco_v3/t{temperature}", inputs, tuple(inputs), formula)


def jensen_shannon(scores):
    """Deep InfoMax, equation 4, with the shift of the authors' code."""
    mask = torch.eye(len(scores), dtype=torch.bool)
    return (math.log(2) - F.softplus(-scores[mask])).mean() - (F.softplus(scores[~mask]) - math.log(2)).mean()


def donsker_varadhan(scores):
    """Deep InfoMax, equation 2."""
    mask = torch.eye(len(scores), dtype=torch.bool)
    return scores[mask].mean() - scores[~mask].exp().mean().log()


def info_nce_bound(scores):
    """Deep InfoMax, equation 5: negatives of [i, i, m] are all places of other pictures, [i, j, n]."""
    count = len(scores)
    terms = []
    for i in range(count):
        negatives = torch.cat([scores[i, j].reshape(-1) for j in range(count) if j != i])
        for positive in scores[i, i].reshape(-1):
            terms.append(positive - torch.cat([positive[None], negatives]).logsumexp(0))
    return math.log(1 + len(negatives)) + torch.stack(terms).mean()


BOUNDS = {"jensen_shannon": jensen_shannon, "donsker_varadhan": donsker_varadhan, "info_nce_bound": info_nce_bound}


def bound_cases():
    arrays = {}
    for name, formula in BOUNDS.items():
        for case_name, shape in {"global": (6, 6), "local": (4, 4, 5)}.items():
            inputs = {"scores": tensor(f"scores.{case_name}", shape, 4)}
            arrays |= case(f"{name}/{case_name}", inputs, ("scores",), formula)
    return arrays


def prior_cases():
    """Deep InfoMax, equation 7, with the encoder's non-saturating loss."""
    inputs = {key: tensor(f"prior_matching.{key}", (9, 1), 3) for key in ("prior", "representations")}
    discriminator = case(
        "prior_matching/discriminator", inputs, tuple(inputs),
        lambda prior, representations: -(prior.sigmoid().log().mean() + (1 - representations.sigmoid()).log().mean()),
    )  # fmt: skip
    encoder = case(
        "prior_matching/encoder", {"representations": inputs["representations"]}, ("representations",),
        lambda representations: -representations.sigmoid().log().mean(),
    )  # fmt: skip
    return discriminator | encoder


def hold_to_authors(folders):
    """Compares values and gradients of the formulas above with those of the authors' modules.

    Gradients are by the inputs that learn in the authors' code.
    """
    moco, lemniscate, siamese = folders
    hold_to_moco_v3(authors_module(moco, "moco.builder").MoCo.contrastive_loss)
    hold_to_lemniscate(authors_module(lemniscate, "lib.LinearAverage").LinearAverage)
    hold_to_siamese(authors_module(siamese, "losses").ContrastiveLoss)


def hold_to_moco_v3(contrastive_loss):
    """MoCo v3 gathers keys from all devices without a gradient; its factor is 2τ."""
    torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
    queries, keys = tensor("info_nce.queries", (6, 8)), tensor("info_nce.candidates", (10, 8))[:6]
    for temperature in TEMPERATURES:
        theirs = case("", {"q": queries, "k": keys}, ("q",), lambda q, k: contrastive_loss(SimpleNamespace(T=temperature), q, k))
        own = case("", {"q": queries, "k": keys}, ("q",), lambda q, k: 2 * temperature * info_nce(q, k, temperature))
        report(f"info_nce t{temperature}, MoCo v3's contrastive_loss", own, theirs)


def hold_to_lemniscate(linear_average):
    bank, indices = unit("bank", 20, 8), torch.tensor([3, 0, 19, 7, 7, 12])
    for temperature in TEMPERATURES:
        module = linear_average(8, 20, temperature, 0.5)
        module.memory.copy_(bank)
        inputs = {"v": unit("bank.embeddings", 6, 8)}
        theirs = case("", inputs, ("v",), lambda v: F.cross_entropy(module(v, indices), indices))
        own = case("", inputs, ("v",), lambda v: non_parametric_softmax(v, bank, indices, temperature))
        report(f"non_parametric_softmax t{temperature}, LinearAverage", own, theirs)


def hold_to_siamese(contrastive_loss):
    """Their loss is half of ours, as in the paper, with 1e-9 under the root.

    Equal points are left out: only 1e-9 under the root gives them a gradient.
    """
    first, second = (tensor(f"margin_contrastive.{key}", (8, 5), 0.5)[2:] for key in ("first", "second"))
    labels = (torch.arange(8) % 2).double()[2:]
    for margin in MARGINS:
        inputs = {"a": first, "b": second}
        theirs = case("", inputs, ("a", "b"), lambda a, b: 2 * contrastive_loss(margin)(a, b, labels))
        own = case("", inputs, ("a", "b"), lambda a, b: margin_contrastive(a, b, labels, margin))
        report(f"margin_contrastive m{margin:g}, ContrastiveLoss", own, theirs, 1e-8)


def report(name, own, theirs, tolerance=1e-12):
    """Raises an error when the relative error is above the tolerance; otherwise prints it."""
    errors = [float((own[key] - theirs[key]).abs().max() / own[key].abs().max()) for key in own]
    if not max(errors) < tolerance:
        raise ValueError(f"{name}: {errors}")
    print(f"{name}: within {max(errors):.0e}")


def main():
    if len(sys.argv) > 1:
        hold_to_authors(sys.argv[1:])
    arrays = margin_cases() | bound_cases() | prior_cases()
    for temperature in TEMPERATURES:
        arrays |= nce_case(temperature) | bank_cases(temperature) | invariant_spread_case(temperature)
        arrays |= info_nce_cases(temperature) | queue_case(temperature) | moco_v3_case(temperature)
    settings = {
        "temperatures": TEMPERATURES,
        "bank_size": BANK_SIZE,
        "margins": MARGINS,
        "proximal_weight": PROXIMAL_WEIGHT,
    }
    write("contrastive-losses", arrays, settings=json.dumps(settings))


if __name__ == "__main__":
    main()
