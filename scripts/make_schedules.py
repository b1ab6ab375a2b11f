"""Schedules, one value per step, in float64: DINO's (utils.py, main_dino.py) and SimCLR's (tf2/model.py)."""

import json
import math

import numpy as np

from afterimage_fixtures import write


def dino_cosine(base, final, epochs, steps_per_epoch, warmup_epochs=0, start=0.0):
    """Linear from start to base, both included, then half a cosine from base to just before final.

    base therefore occurs twice: as the last value of the warm-up and as the first of the cosine.
    """
    warmup, total = warmup_epochs * steps_per_epoch, epochs * steps_per_epoch
    steps = np.arange(total - warmup)
    cosine = final + 0.5 * (base - final) * (1 + np.cos(np.pi * steps / len(steps)))
    return np.concatenate([np.linspace(start, base, warmup), cosine])


def teacher_temperature(warmup_value, value, warmup_epochs, epochs):
    """One value per epoch."""
    return np.concatenate([np.linspace(warmup_value, value, warmup_epochs), np.full(epochs - warmup_epochs, value)])


def simclr_rate(base, scaling, examples, batch, epochs, warmup_epochs):
    """scaled = base * batch / 256, or base * sqrt(batch); step / warm-up * scaled; then cosine to 0.

    Warm-up starts at 0 and does not include scaled, which is the first value of the cosine.
    Steps: examples * epochs // batch + 1; warm-up steps: round(warmup_epochs * examples // batch).
    """
    scaled = base * batch / 256 if scaling == "linear" else base * math.sqrt(batch)
    total, warmup = examples * epochs // batch + 1, int(round(warmup_epochs * examples // batch))

    def at(step):
        if step < warmup:
            return step / warmup * scaled
        return scaled * 0.5 * (1 + math.cos(math.pi * min(step - warmup, total - warmup) / (total - warmup)))

    return np.array([at(step) for step in range(total)])


DINO = {
    "rate": dict(base=5e-4, final=1e-6, epochs=10, steps_per_epoch=7, warmup_epochs=3),
    "rate_without_warmup": dict(base=5e-4, final=1e-6, epochs=4, steps_per_epoch=5),
    "rate_from_start": dict(base=5e-4, final=1e-6, epochs=4, steps_per_epoch=5, warmup_epochs=1, start=1e-5),
    "weight_decay": dict(base=0.04, final=0.4, epochs=10, steps_per_epoch=7),
    "momentum": dict(base=0.996, final=1.0, epochs=10, steps_per_epoch=7),
}
TEMPERATURE = {
    "teacher_temperature": dict(warmup_value=0.04, value=0.07, warmup_epochs=5, epochs=8),
    "teacher_temperature_constant": dict(warmup_value=0.04, value=0.04, warmup_epochs=0, epochs=8),
}
SIMCLR = {
    "linear": dict(base=0.3, scaling="linear", examples=640, batch=64, epochs=5, warmup_epochs=2),
    "sqrt": dict(base=0.075, scaling="sqrt", examples=640, batch=64, epochs=5, warmup_epochs=2),
    "uneven": dict(base=0.3, scaling="linear", examples=650, batch=64, epochs=3, warmup_epochs=1),
    "without_warmup": dict(base=0.3, scaling="linear", examples=640, batch=64, epochs=3, warmup_epochs=0),
}

FAMILIES = (("dino", dino_cosine, DINO), ("dino", teacher_temperature, TEMPERATURE), ("simclr", simclr_rate, SIMCLR))

arrays, metadata = {}, {}
for folder, function, cases in FAMILIES:
    for name, settings in cases.items():
        arrays[f"{folder}/{name}"] = function(**settings)
        metadata[f"{folder}/{name}"] = json.dumps(settings)
write("schedules", arrays, keep_double=True, **metadata)
