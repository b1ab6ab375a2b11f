"""Metrics of predicted masks: scikit-learn's confusion matrix and recalls, torchmetrics' Jaccard index, and the
boundary IoU by scipy's erosion.

Three pictures of 9 by 7 pixels. Class 4 occurs in predictions only, 5 nowhere; the label 255 does not count.
"""

import numpy as np
import torch
from scipy.ndimage import binary_erosion
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support
from torchmetrics.functional.classification import multiclass_jaccard_index

from afterimage_fixtures import deterministic, write

SHAPE, CLASSES, IGNORED = (3, 9, 7), 6, 255

labels = np.array([0, 0, 0, 0, 0, 1, 1, 2, 3, IGNORED])[np.arange(np.prod(SHAPE)) * 7 % 10].reshape(SHAPE)
guess = np.floor((deterministic("masks.guess", SHAPE) + 1) * 2.5).astype(np.int64)  # 0 to 4
predictions = np.where(deterministic("masks.right", SHAPE) > -0.3, np.where(labels == IGNORED, 0, labels), guess)
counts = labels != IGNORED
y, p = labels[counts], predictions[counts]
assert 4 in p and 4 not in y and 5 not in p

confusion = confusion_matrix(y, p, labels=range(CLASSES))
_, recall, f1, support = precision_recall_fscore_support(y, p, labels=range(CLASSES), zero_division=np.nan)
present = np.array([c in y or c in p for c in range(CLASSES)])


def jaccard(average):
    target, guessed = torch.from_numpy(labels), torch.from_numpy(predictions)
    value = multiclass_jaccard_index(guessed, target, CLASSES, average=average, ignore_index=IGNORED)
    return value.double().numpy()


def boundary_iou(reach):
    """Cheng et al. 2021: masks without what is left of them when squares of 2 * reach + 1 erode them."""
    both, either = np.zeros(CLASSES), np.zeros(CLASSES)
    for target, guessed in zip(labels, np.where(labels == IGNORED, IGNORED, predictions), strict=True):
        for c in range(CLASSES):
            bands = [m & ~binary_erosion(m, np.ones((3, 3)), reach) for m in (target == c, guessed == c)]
            both[c] += (bands[0] & bands[1]).sum()
            either[c] += (bands[0] | bands[1]).sum()
    with np.errstate(invalid="ignore"):
        return both / either


iou = jaccard("none")
np.testing.assert_allclose(jaccard("macro"), iou[present].mean(), rtol=1e-6)
arrays = {
    "labels": labels,
    "predictions": predictions,
    "confusion": confusion,
    "pixels": support,
    "accuracy/pixels": (y == p).mean(),
    "accuracy/by_class": recall,
    "accuracy/mean": np.nanmean(recall),
    "iou/by_class": iou,
    "iou/mean": jaccard("macro"),
    "iou/by_frequency": jaccard("weighted"),
    "dice/by_class": f1,
    "dice/mean": np.nanmean(f1),
    "present": present.astype(np.int64),
    "boundary/by_class": boundary_iou(1),
}
write(
    "mask-metrics",
    {name: np.asarray(value) for name, value in arrays.items()},
    libraries=("torch", "torchmetrics", "scikit-learn", "numpy", "safetensors"),
)
