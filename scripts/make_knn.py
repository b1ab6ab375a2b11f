"""kNN, linear probe, retrieval and embedding health, by scikit-learn and by formulas in numpy.

200 labelled bank rows and 50 queries of width 16 in 5 overlapping classes. Rows are not normalised.
"""

import json

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.neighbors import KNeighborsClassifier

from afterimage_fixtures import deterministic, write

CLASSES, WIDTH = 5, 16
NEIGHBOURS, TEMPERATURES = (5, 20, 200), (0.07, 0.1)
RECALL_AT = (1, 5, 10)
EPSILON = 1e-7  # from RankMe
ROUNDING = 1e-6  # well above float32's error in a cosine: neighbours differ by more where order matters


def features(name, rows):
    labels = (np.arange(rows) * 7 + 3) % CLASSES
    centres = deterministic("centres", (CLASSES, WIDTH))
    return centres[labels] * np.float32(0.5) + deterministic(name, (rows, WIDTH)), labels


def unit(rows):
    return rows / np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)


def knn(bank, bank_labels, queries):
    """Votes weighted by exp(cosine / T); `votes` are normalised to sum to one."""
    out = {}
    for k in NEIGHBOURS:
        for temperature in TEMPERATURES:
            model = KNeighborsClassifier(
                k, weights=lambda d: np.exp((1 - d) / temperature), metric="cosine", algorithm="brute"
            ).fit(bank.astype(np.float64), bank_labels)
            votes = model.predict_proba(queries.astype(np.float64))
            best = np.sort(votes, axis=1)
            assert (best[:, -1] - best[:, -2]).min() > 1e-4, "a prediction would hang on rounding"
            out[f"knn/k{k}_t{temperature:g}/predictions"] = model.predict(queries.astype(np.float64))
            out[f"knn/k{k}_t{temperature:g}/votes"] = votes
    distances, indices = model.kneighbors(queries.astype(np.float64), 20)
    assert np.diff(distances, axis=1).min() > ROUNDING, "an order would hang on rounding"
    return out | {"knn/neighbours": indices, "knn/similarities": 1 - distances}


def linear_probe(bank, bank_labels, queries, query_labels, c=1.0):
    """Minimises c * (sum of cross-entropies) + |W|^2 / 2; the bias is not penalised, and its mean is zero."""
    model = LogisticRegression(C=c, tol=1e-10, max_iter=10_000).fit(bank.astype(np.float64), bank_labels)
    scores = model.predict_log_proba(bank.astype(np.float64))
    entropy = -scores[np.arange(len(bank)), bank_labels].sum()
    return {
        "linear/weight": model.coef_,
        "linear/bias": model.intercept_,
        "linear/predictions": model.predict(queries.astype(np.float64)),
        "linear/accuracy": np.float64(model.score(queries.astype(np.float64), query_labels)),
        "linear/objective": np.float64(c * entropy + (model.coef_**2).sum() / 2),
    }


def retrieval(prefix, similarities, relevant):
    """recall@k: share of queries with a relevant row among the first k. mAP: mean of average precision.

    Rows at similarity -inf are left out of a query's ranking (the query itself, in leave-one-out).
    """
    precisions, recalls = [], []
    for scores, truth in zip(similarities, relevant, strict=True):
        order = np.argsort(-scores, kind="stable")[: np.isfinite(scores).sum()]
        hits = truth[order]
        gaps = -np.diff(scores[order])[np.diff(hits)]
        assert gaps.min() > ROUNDING, "an average precision would hang on rounding"
        precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
        precisions.append(precision[hits].mean())
        recalls.append([hits[:k].any() for k in RECALL_AT])
        np.testing.assert_allclose(precisions[-1], average_precision_score(hits, scores[order]))
    return {
        f"{prefix}/average_precision": np.array(precisions),
        f"{prefix}/mean_average_precision": np.float64(np.mean(precisions)),
        f"{prefix}/recall": np.mean(recalls, axis=0),
    }


def rankme(rows):
    """RankMe (Garrido et al. 2023), equation 1: exp(-sum p log p), p = sigma / |sigma|_1 + 1e-7.

    The rows are neither centred nor normalised.
    """
    sigma = np.linalg.svd(rows.astype(np.float64), compute_uv=False)
    p = sigma / sigma.sum() + EPSILON
    return np.float64(np.exp(-(p * np.log(p)).sum()))


def health(bank):
    collapsed = deterministic("thin.left", (64, 3)) @ deterministic("thin.right", (3, WIDTH))
    return {
        "health/rankme": rankme(bank),
        "health/rankme_thin": rankme(collapsed),
        "health/thin": collapsed,
        "health/deviation_population": unit(bank).std(axis=0),
        "health/deviation_sample": unit(bank).std(axis=0, ddof=1),
    }


bank, bank_labels = features("bank.2", 200)
queries, query_labels = features("queries.2", 50)
few, few_labels = bank[:60], bank_labels[:60]
across, within = unit(queries) @ unit(bank).T, unit(few) @ unit(few).T
np.fill_diagonal(within, -np.inf)
arrays = {"bank": bank, "bank_labels": bank_labels, "queries": queries, "query_labels": query_labels}
arrays |= knn(bank, bank_labels, queries) | linear_probe(bank, bank_labels, queries, query_labels) | health(bank)
arrays |= retrieval("retrieval/queries", across, query_labels[:, None] == bank_labels[None])
arrays |= retrieval("retrieval/leave_one_out", within, few_labels[:, None] == few_labels[None])
write(
    "knn",
    arrays,
    knn=json.dumps({"k": NEIGHBOURS, "temperature": TEMPERATURES}),
    recall_at=json.dumps(RECALL_AT),
    linear=json.dumps({"C": 1.0}),
)
