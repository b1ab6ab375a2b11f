"""Losses of masks: PyTorch's cross-entropy with an ignored label, and the focal and Dice losses by their formulas.

Logits are the hash of `<case>.logits`, scale 3. Labels are those of `labels`, where 255 counts nowhere; class 4 does not
occur.
"""

import json

import torch
import torch.nn.functional as F

from afterimage_fixtures import tensor, write

B, K, H, W = 2, 5, 4, 3
WEIGHTS = [0.5, 2, 1.5, 1, 3]
IGNORED = 255


def labels_of_pixels():
    values = torch.arange(B * H * W) * 7 % 4
    values[::5] = IGNORED
    return values.reshape(B, H, W)


def cross_entropy(logits, labels, weights=None, smoothing=0.0):
    weight = None if weights is None else torch.tensor(weights, dtype=logits.dtype)
    return F.cross_entropy(logits, labels, weight, ignore_index=IGNORED, label_smoothing=smoothing)


def focal(logits, labels, gamma, weights=None):
    """Lin et al. 2017, equation 5, with the mean over the weights of the labels."""
    terms = F.cross_entropy(logits, labels, ignore_index=IGNORED, reduction="none")[labels != IGNORED]
    alpha = torch.tensor([1.0] * K if weights is None else weights, dtype=logits.dtype)[labels[labels != IGNORED]]
    return (alpha * (1 - torch.exp(-terms)) ** gamma * terms).sum() / alpha.sum()


def dice(logits, labels, smooth):
    counts = labels != IGNORED
    p = F.softmax(logits, dim=1).permute(0, 2, 3, 1)[counts]
    t = F.one_hot(labels[counts], K).to(p.dtype)
    scores = (2 * (p * t).sum(0) + smooth) / (p.sum(0) + t.sum(0) + smooth)
    return 1 - scores[t.sum(0) > 0].mean()


CASES = {
    "cross_entropy": (cross_entropy, {}),
    "cross_entropy_weighted": (cross_entropy, {"weights": WEIGHTS}),
    "cross_entropy_smooth": (cross_entropy, {"weights": WEIGHTS, "smoothing": 0.2}),
    "focal": (focal, {"gamma": 2}),
    "focal_weighted": (focal, {"gamma": 1.5, "weights": WEIGHTS}),
    "dice": (dice, {"smooth": 1}),
    "dice_plain": (dice, {"smooth": 0}),
}
NAMES = {"weights": "classWeights"}

labels = labels_of_pixels()
arrays, metadata = {"labels": labels}, {"shape": [B, K, H, W], "cases": {}}
for case, (loss_of, settings) in CASES.items():
    logits = tensor(f"{case}.logits", (B, K, H, W), 3).requires_grad_()
    loss = loss_of(logits, labels, **settings)
    loss.backward()
    arrays |= {f"{case}/loss": loss, f"{case}/grad/logits": logits.grad}
    metadata["cases"][case] = {NAMES.get(name, name): value for name, value in settings.items()}
write(
    "mask-losses",
    arrays,
    libraries=("torch", "numpy", "safetensors"),
    **{name: json.dumps(value) for name, value in metadata.items()},
)
