"""Scores of clusters by classes, k-means and the best matching, by scikit-learn and scipy.

Scores are stored in float64, since they are compared to twelve digits.
"""

import json

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.stats import entropy as shannon
from sklearn.cluster import KMeans
from sklearn.metrics import (
    adjusted_mutual_info_score,
    adjusted_rand_score,
    mutual_info_score,
    normalized_mutual_info_score,
)
from sklearn.metrics.cluster import contingency_matrix, entropy

from afterimage_fixtures import deterministic, uniform, write

ROWS = 300
AVERAGES = ("arithmetic", "geometric", "min", "max")
POINTS, WIDTH, CENTRES = 240, 4, 5


def divisions():
    """Labels of uneven classes, and clusters that agree with them in part, hardly, too finely, or not at all."""
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 4])[np.arange(ROWS) * 7 % 10]
    noise = uniform("clusters.noise", (ROWS,), 1.0)
    other = ((uniform("clusters.other", (ROWS,), 1.0) + 1) * 3.5).astype(np.int64)
    return {
        "in_part": (labels, np.where(noise < 0.2, 6 - labels, other)),
        "hardly": (labels, np.where(noise < -0.8, labels, other)),
        "finely": (labels, labels * 40 + ((noise + 1) * 20).astype(np.int64)),
        "by_chance": (labels, other),
        "pairs": (np.arange(ROWS) // 2, np.roll(np.arange(ROWS) // 3, 1)),
        "equal": (labels, 9 - labels),
        "one_cluster": (labels, np.zeros(ROWS, np.int64)),
    }


def scores(name, labels, clusters):
    counts = contingency_matrix(labels, clusters)
    matched = linear_sum_assignment(counts, maximize=True)
    out = {
        f"{name}/labels": labels,
        f"{name}/clusters": clusters,
        f"{name}/counts": counts,
        f"{name}/entropies": np.array([entropy(labels), entropy(clusters)]),
        f"{name}/mutual_information": mutual_info_score(labels, clusters),
        f"{name}/adjusted_rand_index": adjusted_rand_score(labels, clusters),
        f"{name}/accuracy": counts[matched].sum() / len(labels),
    }
    for average in AVERAGES:
        # scikit-learn divides rounding by rounding there.
        if name == "one_cluster" and average in ("geometric", "min"):
            continue
        out[f"{name}/normalized/{average}"] = normalized_mutual_info_score(labels, clusters, average_method=average)
        out[f"{name}/adjusted/{average}"] = adjusted_mutual_info_score(labels, clusters, average_method=average)
    return out


def joint():
    """A joint distribution with a zero, and weights of any sign for the matching shifted above 0."""
    table = uniform("joint", (4, 6), 1.0) ** 2
    table[1, 2] = 0
    table /= table.sum()
    weights = uniform("matching", (12, 9), 1.0) + 1
    return {
        "joint/table": table,
        # scikit-learn's takes counts only.
        "joint/mutual_information": shannon(table.sum(1)) + shannon(table.sum(0)) - shannon(table.ravel()),
        "matching/weights": weights,
        "matching/total": weights[linear_sum_assignment(weights, maximize=True)].sum(),
    }


def k_means():
    """Overlapping heaps of points: Lloyd's algorithm from five points of one heap, and the best of 100 starts."""
    heaps = deterministic("k-means.heaps", (CENTRES, WIDTH), 1.8)
    points = heaps[np.arange(POINTS) % CENTRES] + deterministic("k-means.points", (POINTS, WIDTH))
    exact = points.astype(np.float64)
    settings = {"n_clusters": CENTRES, "algorithm": "lloyd", "tol": 0, "random_state": 0}
    plain = KMeans(init=exact[: CENTRES * CENTRES : CENTRES], n_init=1, **settings).fit(exact)
    best = KMeans(n_init=100, **settings).fit(exact)
    assert (best.labels_ == KMeans(n_init=30, **settings).fit(exact).labels_).all(), "the best would hang on luck"
    distances = np.sort(plain.transform(exact), axis=1)
    assert (distances[:, 1] - distances[:, 0]).min() > 1e-5, "a cluster would hang on rounding"
    assert plain.n_iter_ > 5, "too few iterations to compare"
    return {
        "k_means/points": points,
        "k_means/from_one_heap/clusters": plain.labels_,
        "k_means/from_one_heap/centres": plain.cluster_centers_,
        "k_means/from_one_heap/inertia": plain.inertia_,
        "k_means/best/inertia": best.inertia_,
        "k_means/best/clusters": best.labels_,
    }


arrays = joint() | k_means()
for name, (labels, clusters) in divisions().items():
    arrays |= scores(name, labels, clusters)
write(
    "cluster-scores",
    {name: np.asarray(value) for name, value in arrays.items()},
    keep_double=True,
    libraries=("scikit-learn", "scipy", "numpy", "safetensors"),
    divisions=json.dumps(list(divisions())),
    averages=json.dumps(AVERAGES),
)
