"""Golden values of the hash that gives weights and inputs, to check that both sides agree."""

import json

import numpy as np

from afterimage_fixtures import deterministic, deterministic_weight, fnv1a, probe, probe_indices, write

NAMES = ("", "a", "conv1.weight", "resnet18.input", "größe")
WEIGHTS = {
    "conv1.weight": (4, 3, 3, 3),
    "fc.weight": (5, 7),
    "fc.bias": (6,),
    "bn1.weight": (6,),
    "bn1.running_mean": (6,),
    "bn1.running_var": (6,),
    "cls_token": (1, 1, 6),
    "pos_embed": (1, 3, 6),
}
LONG = 4_000_000  # with so many entries, i * 2654435761 no longer fits the 53 bits of a double

arrays = {
    "salts": np.array([fnv1a(name) for name in NAMES], dtype=np.uint32),
    "values": deterministic("golden", (64,)),
    "scaled": deterministic("golden", (64,), 0.3),
    "long/probe": probe(deterministic("golden.long", (LONG,))),
}
for name, shape in WEIGHTS.items():
    arrays[f"weight/{name}"] = deterministic_weight(name, shape)
for length in (1, 31, 32, 33, 100, 36_864):
    arrays[f"indices/{length}"] = np.array(probe_indices(length), dtype=np.int64)

write("deterministic", arrays, names=json.dumps(NAMES))
