"""Treatments of imbalance, one table: nothing, weights, sampling, SMOTE, Dice loss; each at 0.5 and at a threshold.

A treatment changes the training rows only (resampling before a split is the classical leak). Each is fitted and
measured on forward folds; the threshold comes from a stretch of its own. Columns: F1 and G-mean at 0.5 and at the
chosen threshold, average precision, AUROC, Brier score of the raw and of the prior-corrected probability. All
treatments take the same number of training steps, so that more rows are no longer training.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE

from . import metrics, threshold
from .data import Rows
from .ensemble import Config, Ensemble, Standard, train
from .folds import forward
from .metrics import Curve
from .mlp import sigmoid
from .split import Split

# x, y, w, random -> x, y, w of the rows trained on
Treatment = Callable[[np.ndarray, np.ndarray, np.ndarray, np.random.Generator], tuple]
FOLD = 10


def none(x, y, w, random):
    return x, y, w


def upweighted(x, y, w, random):
    """Each positive counts FOLD times."""
    return x, y, w * np.where(y, FOLD, 1)


def upsampled(x, y, w, random):
    """Each positive stands FOLD times among the rows: the same loss in expectation as `upweighted`."""
    rows = np.concatenate([np.arange(len(y)), np.repeat(np.flatnonzero(y), FOLD - 1)])
    return x[rows], y[rows], w[rows]


def class_weights(x, y, w, random):
    """Both classes weigh the same."""
    return x, y, w * np.where(y, w[~y].sum() / w[y].sum(), 1)


def over_sampling(x, y, w, random):
    """Positives are drawn with replacement until there are as many as negatives; all rows weigh the same."""
    negatives, drawn = np.flatnonzero(~y), random.choice(np.flatnonzero(y), (~y).sum())
    rows = np.concatenate([negatives, drawn])
    return x[rows], y[rows], np.ones(len(rows))


def under_sampling(x, y, w, random):
    """As many negatives as positives; all rows weigh the same."""
    rows = np.concatenate([np.flatnonzero(y), random.choice(np.flatnonzero(~y), y.sum(), replace=False)])
    return x[rows], y[rows], np.ones(len(rows))


def smote(x, y, w, random):
    """Synthetic positives between neighbours, to one for every ten negatives; in standardised features."""
    standard = Standard.of(x, w, np.inf)
    share = max(0.1, 1.01 * y.sum() / (~y).sum())
    made, label = SMOTE(sampling_strategy=share, random_state=int(random.integers(1 << 31))).fit_resample(
        standard.apply(x), y)  # fmt: skip
    back = made.astype(np.float64) / np.where(standard.inverse > 0, standard.inverse, 1) + standard.mean
    return back, label.astype(bool), np.ones(len(label))


TREATMENTS: dict[str, tuple[Treatment, str]] = {
    "none": (none, "cross_entropy"),
    f"upweighting x{FOLD}": (upweighted, "cross_entropy"),
    f"upsampling x{FOLD}": (upsampled, "cross_entropy"),
    "class weights, balanced": (class_weights, "cross_entropy"),
    "over-sampling, balanced": (over_sampling, "cross_entropy"),
    "under-sampling, balanced": (under_sampling, "cross_entropy"),
    "SMOTE to 1:10": (smote, "cross_entropy"),
    "Dice loss": (none, "dice"),
}


def table(rows: Rows, split: Split, config: Config, seed: int = 11) -> pd.DataFrame:
    """A row a treatment: means over the forward folds. Differences under one standard error are no findings."""
    found, config = [], replace(config, epochs=0)
    for name, (treat, loss) in TREATMENTS.items():
        measured = [one(rows, fold, treat, replace(config, loss=loss), seed) for fold in forward(rows, split)]
        mean = pd.DataFrame(measured).mean()
        found.append({"treatment": name} | mean.to_dict())
    return pd.DataFrame(found).set_index("treatment")


def one(rows: Rows, fold: Split, treat: Treatment, config: Config, seed: int) -> dict[str, float]:
    part, held, test = fold.train, fold.validation, fold.test
    x, y, w = treat(rows.x[part], rows.y[part], rows.w[part], np.random.default_rng(seed))
    standard = Standard.of(rows.x[part], rows.w[part], config.clip)
    ensemble = train(x, y, w, config, standard)
    # How much more a positive weighs in training than among the rows: what the prior's correction takes back.
    lift = float((w[y].sum() / w[~y].sum()) / (rows.w[part][rows.y[part]].sum() / rows.w[part][~rows.y[part]].sum()))
    return measures(rows, ensemble, held, test, lift)


def measures(rows: Rows, ensemble: Ensemble, held: np.ndarray, test: np.ndarray, lift: float) -> dict[str, float]:
    z_held, z = (ensemble.logit(rows.x[part]).astype(np.float64) for part in (held, test))
    chosen = threshold.f1_then_g(rows.y[held], z_held, rows.w[held])
    y, w = rows.y[test], rows.w[test]
    at_half = metrics.counts_at(y, z, w, 0.0).measures()
    at_chosen = metrics.counts_at(y, z, w, chosen.midpoint).measures()
    curve = Curve.of(y, z, w)
    return {
        "f1_at_half": at_half["f1"], "g_mean_at_half": at_half["g_mean"],
        "f1": at_chosen["f1"], "g_mean": at_chosen["g_mean"],
        "average_precision": metrics.average_precision(curve), "auroc": metrics.auroc(curve),
        "brier_1e4": 1e4 * metrics.brier(y, sigmoid(z), w),
        "brier_prior_corrected_1e4": 1e4 * metrics.brier(y, sigmoid(z - np.log(lift)), w),
    }  # fmt: skip
