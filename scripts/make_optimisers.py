"""Ten steps of SGD, AdamW and LARS, gradient clipping, and the moving average of a teacher.

Parameters start at the hash of their names (`zero.weight` at zero). The gradient of step t is the hash of
`grad.<t>.<name>`, with scale GRADIENT_SCALE, but 1e-8 for `tiny.weight`, where AdamW's epsilon decides.
Learning rate and weight decay change with the step, to distinguish the two places they can have in a
momentum. The stored arrays are the parameters after each step, [10, ...shape].
"""

import functools
import json

import numpy as np
import torch
from timm.optim.lars import Lars

from afterimage_fixtures import deterministic, deterministic_weight, write

STEPS = 10
SHAPES = {
    "fc.weight": (4, 6),
    "conv.weight": (3, 2, 3, 3),
    "zero.weight": (3, 4),
    "tiny.weight": (5, 2),
    "fc.bias": (6,),
    "norm.weight": (6,),
}
GRADIENT_SCALE = {"sgd": 1.0, "adamw": 1.0, "lars": 0.01, "clip": 1.0, "ema": 1.0}
FALLING = 1 - np.arange(STEPS) / (2 * STEPS)  # 1, .95, ... .55
RISING = 2 - FALLING
CLIP_LIMIT, CLIP_SCALE = 3.0, {"fc.weight": 10, "conv.weight": 0.1}
EXCLUDED = ("fc.bias", "norm.weight")


def start(name):
    value = deterministic_weight(name, SHAPES[name]).astype(np.float64)
    return np.zeros_like(value) if name == "zero.weight" else value


def gradient(step, name, optimiser):
    scale = 1e-8 if name == "tiny.weight" else GRADIENT_SCALE[optimiser]
    return deterministic(f"grad.{step}.{name}", SHAPES[name], scale).astype(np.float64)


def run_torch(case, kind, make, rates, decays, excluded=()):
    """Trains; `excluded` parameters have a group without decay, as in DINO's get_params_groups."""
    params = {name: torch.nn.Parameter(torch.from_numpy(start(name))) for name in SHAPES}
    groups = [{"params": [p for n, p in params.items() if n not in excluded], "decays": True}]
    if excluded:
        groups.append({"params": [params[n] for n in excluded], "decays": False})
    optimiser, trace = make(groups), {name: [] for name in SHAPES}
    for step in range(STEPS):
        for group in optimiser.param_groups:
            group["lr"], group["weight_decay"] = rates[step], decays[step] * group["decays"]
        for name, p in params.items():
            p.grad = torch.from_numpy(gradient(step, name, kind))
        optimiser.step()
        for name, p in params.items():
            trace[name].append(p.detach().numpy().copy())
    return {f"{case}/{name}": np.stack(values) for name, values in trace.items()} | schedule(case, rates, decays)


def schedule(case, rates, decays):
    return {f"{case}/lr": np.asarray(rates), f"{case}/weight_decay": np.asarray(decays)}


def lars_step(p, g, v, rate, decay, adapts, momentum=0.9, eeta=1e-3, nesterov=False, outside=False):
    """A step of lars_optimizer.py of SimCLR, with classic momentum and the learning rate inside the momentum.

    `outside`: the learning rate multiplies the momentum instead.

        g += decay * p; trust = eeta |p| / |g|, or 1 where either norm is 0 or the parameter is excluded;
        v = momentum * v + rate * trust * g; p -= v.
    """
    if not adapts:
        decay, trust = 0, 1.0
    g = g + decay * p
    if adapts:
        sizes = np.linalg.norm(p), np.linalg.norm(g)
        trust = eeta * sizes[0] / sizes[1] if min(sizes) > 0 else 1.0
    if outside:
        v = momentum * v + trust * g
        return p - rate * v, v
    v = momentum * v + rate * trust * g
    return p - (momentum * v + rate * trust * g if nesterov else v), v


def run_lars(case, rates, decays, **form):
    out = schedule(case, rates, decays)
    for name in SHAPES:
        p, v, trace = start(name), np.zeros(SHAPES[name]), []
        for step in range(STEPS):
            g = gradient(step, name, "lars")
            p, v = lars_step(p, g, v, rates[step], decays[step], name not in EXCLUDED, **form)
            trace.append(p)
        out[f"{case}/{name}"] = np.stack(trace)
    return out


def check_lars_against_timm():
    """Compares LARS without decay with timm's, where the trust ratios are equal.

    timm's rate is outside the momentum; at a constant rate, inside and outside are the same.
    """
    for rates, form in (np.full(STEPS, 10.0), {}), (10 * FALLING, {"outside": True}):
        check_lars_run(rates, np.zeros(STEPS), form)


def check_lars_run(rates, decays, form):
    own = run_lars("lars", rates, decays, **form)

    def make(groups):
        groups = [{**g, "always_adapt": g["decays"]} for g in groups]
        return Lars(groups, lr=1, momentum=0.9, trust_coeff=1e-3, eps=0)

    other = run_torch("lars", "lars", make, rates, decays, EXCLUDED)
    for name in SHAPES:
        np.testing.assert_allclose(own[f"lars/{name}"], other[f"lars/{name}"], rtol=1e-9, err_msg=name)


def clip(limit=CLIP_LIMIT):
    """Clips gradients. `each`: DINO's clip_gradients, each by its own norm. `all`: by their common norm."""
    g = {n: gradient(0, n, "clip") * CLIP_SCALE.get(n, 1) for n in SHAPES}
    norms = {n: np.linalg.norm(v) for n, v in g.items()}
    total = np.sqrt(sum(v**2 for v in norms.values()))
    params = {n: torch.nn.Parameter(torch.zeros(SHAPES[n], dtype=torch.float64)) for n in SHAPES}
    for n, p in params.items():
        p.grad = torch.from_numpy(g[n].copy())
    torch.nn.utils.clip_grad_norm_(list(params.values()), limit)
    out = {"clip/norms": np.array([norms[n] for n in SHAPES]), "clip/total_norm": np.array(total)}
    for n in SHAPES:
        out[f"clip/each/{n}"] = g[n] * min(1, limit / (norms[n] + 1e-6))
        out[f"clip/all/{n}"] = params[n].grad
    return out


def moving_average():
    """teacher = m * teacher + (1 - m) * student; step t's student is the hash `student.<t>.fc.weight`."""
    momentum = 1 - (1 - 0.9) * (np.cos(np.pi * np.arange(STEPS) / STEPS) + 1) / 2
    teacher, trace = start("fc.weight"), []
    for step in range(STEPS):
        student = deterministic(f"student.{step}.fc.weight", SHAPES["fc.weight"]).astype(np.float64)
        teacher = momentum[step] * teacher + (1 - momentum[step]) * student
        trace.append(teacher)
    return {"ema/fc.weight": np.stack(trace), "ema/momentum": momentum}


check_lars_against_timm()
sgd = {"plain": dict(), "momentum": dict(momentum=0.9), "nesterov": dict(momentum=0.9, nesterov=True)}
arrays = clip() | moving_average()
for name, options in sgd.items():
    for suffix, decay in {"": 0.0, "_decay": 0.05}.items():
        make = functools.partial(torch.optim.SGD, lr=1, **options)
        arrays |= run_torch(f"sgd/{name}{suffix}", "sgd", make, 0.1 * FALLING, np.full(STEPS, decay))
for name, excluded in {"all": (), "excluded": EXCLUDED}.items():
    arrays |= run_torch(f"adamw/{name}", "adamw", torch.optim.AdamW, 0.05 * FALLING, 0.2 * RISING, excluded)
arrays |= run_lars("lars/momentum", 10 * FALLING, np.full(STEPS, 0.01))
arrays |= run_lars("lars/nesterov", 10 * FALLING, np.full(STEPS, 0.01), nesterov=True)
arrays |= run_lars("lars/outside", 10 * FALLING, np.full(STEPS, 0.01), outside=True)
write(
    "optimisers",
    arrays,
    parameters=json.dumps(SHAPES),
    gradient_scale=json.dumps(GRADIENT_SCALE | {"tiny.weight": 1e-8}),
    excluded=json.dumps(EXCLUDED),
    settings=json.dumps({"momentum": 0.9, "betas": [0.9, 0.999], "eps": 1e-8, "eeta": 1e-3}),
    clip=json.dumps({"limit": CLIP_LIMIT, "gradient_scale": CLIP_SCALE}),
)
