"""Metrics of predictions against labels, by scikit-learn; the calibration error, by its formula in numpy."""

import json

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    mean_absolute_error,
    precision_score,
    r2_score,
    recall_score,
    root_mean_squared_error,
    top_k_accuracy_score,
)

from afterimage_fixtures import deterministic, write

ROWS, CLASSES = 160, 6
TOP = (1, 2, 5)
BINS = (15, 10)
TEMPERATURES = (0.5, 1, 3)


def logits():
    """Logits of uneven classes, overconfident except in every third row.

    Class 4 occurs only in predictions; class 5 occurs neither there nor in labels.
    """
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 3])[np.arange(ROWS) * 7 % 10]
    values = deterministic("metrics.logits", (ROWS, CLASSES), 6.0)
    values[np.arange(ROWS), labels] += np.float32(6)
    values[:, 5] -= np.float32(30)
    values[::3] *= np.float32(0.125)
    return values, labels


def classes(values, labels):
    predictions = values.argmax(1)
    present = set(labels) | set(predictions)
    assert 4 not in labels and 4 in predictions and 5 not in present
    out = {
        "classes/predictions": predictions,
        "classes/confusion": confusion_matrix(labels, predictions, labels=range(CLASSES)),
        "classes/accuracy": accuracy_score(labels, predictions),
        "classes/balanced_accuracy": balanced_accuracy_score(labels, predictions),
        "classes/macro_f1": f1_score(labels, predictions, average="macro"),
        # Without class 5, which has neither.
        "classes/recall": recall_score(labels, predictions, labels=range(4), average=None),
        "classes/precision": precision_score(labels, predictions, labels=range(5), average=None),
    }
    for k in TOP:
        out[f"classes/top{k}"] = top_k_accuracy_score(labels, values, k=k, labels=range(CLASSES))
    return out


def calibration_error(labels, probabilities, bins):
    """Guo et al. 2017, equation 3: sum over bins of |B| / n * |acc(B) - conf(B)|; bin m is ((m - 1) / M, m /
    M].
    """
    confidence, right = probabilities.max(1), probabilities.argmax(1) == labels
    bounds = np.linspace(0, 1, bins + 1)
    assert np.abs(confidence[:, None] - bounds[1:-1]).min() > 1e-6, "a bin would hang on rounding"
    total = 0.0
    for low, high in zip(bounds[:-1], bounds[1:], strict=True):
        own = (confidence > low) & (confidence <= high)
        if own.any():
            total += own.mean() * abs(right[own].mean() - confidence[own].mean())
    return total


def calibration(values, labels):
    exact = values.astype(np.float64)

    def nll(t):
        return -log_softmax(exact / t, axis=1)[np.arange(ROWS), labels].mean()

    best = minimize_scalar(lambda x: nll(np.exp(x)), bounds=np.log([0.05, 20]), options={"xatol": 1e-12})
    out = {"calibration/temperature": np.exp(best.x), "calibration/after": best.fun}
    probabilities = softmax(exact, axis=1).astype(np.float32).astype(np.float64)
    out["calibration/probabilities"] = probabilities
    for bins in BINS:
        out[f"calibration/error_{bins}"] = calibration_error(labels, probabilities, bins)
    assert abs(out["calibration/error_15"] - out["calibration/error_10"]) > 1e-3, "the bins would not matter"
    for t in TEMPERATURES:
        out[f"calibration/nll_t{t:g}"] = nll(t)
        np.testing.assert_allclose(nll(t), log_loss(labels, softmax(exact / t, axis=1), labels=range(CLASSES)))
    return out


def several_labels(rows=90, columns=7):
    """Scores on a grid, for many ties. No row has the last label; all rows have the one before it."""
    scores = np.round(deterministic("metrics.scores", (rows, columns), 6.0)).astype(np.float32)
    labels = (deterministic("metrics.labels", (rows, columns)) + scores / 8 > 0.4).astype(np.int64)
    labels[:, columns - 1], labels[:, columns - 2] = 0, 1
    by_class = np.array([average_precision_score(labels[:, c], scores[:, c]) for c in range(columns - 1)])
    return {
        "several/scores": scores,
        "several/labels": labels.astype(np.float32),
        "several/by_class": by_class,
        "several/macro": average_precision_score(labels[:, :-1], scores[:, :-1], average="macro"),
        "several/micro": average_precision_score(labels, scores, average="micro"),
        "several/f1_macro": f1_score(labels, scores > 0, average="macro"),
        "several/f1_micro": f1_score(labels, scores > 0, average="micro"),
    }


def numbers(count=50):
    targets = deterministic("metrics.targets", (count,), 20.0)
    predictions = (targets + deterministic("metrics.errors", (count,), 9.0)).astype(np.float32)
    exact, guessed = targets.astype(np.float64), predictions.astype(np.float64)
    return {
        "numbers/targets": targets,
        "numbers/predictions": predictions,
        "numbers/mae": mean_absolute_error(exact, guessed),
        "numbers/rmse": root_mean_squared_error(exact, guessed),
        "numbers/r2": r2_score(exact, guessed),
        "numbers/r2_backwards": r2_score(exact, -guessed),
    }


values, labels = logits()
arrays = {"logits": values, "labels": labels} | classes(values, labels) | calibration(values, labels)
arrays |= several_labels() | numbers()
write(
    "label-metrics",
    {name: np.asarray(value) for name, value in arrays.items()},
    libraries=("scikit-learn", "numpy", "safetensors"),
    top=json.dumps(TOP),
    bins=json.dumps(BINS),
    temperatures=json.dumps(TEMPERATURES),
)
