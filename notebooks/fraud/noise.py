"""Label noise in training: frauds hidden at rate alpha, genuine rows accused at rate beta, on forward folds.

The noise falls on the rows trained on and on those the threshold is chosen on. The model is then measured against the
true labels (clean), against labels as noisy as it was trained on (measured), and by the correction of `annotation`.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from . import metrics, threshold
from .annotation import corrected
from .data import Rows
from .ensemble import Config, train
from .folds import forward
from .metrics import Curve
from .split import Split

RATES = ((0.0, 0.0), (0.1, 0.0), (0.2, 0.0), (0.3, 0.0), (0.5, 0.0), (0.0, 1e-4), (0.0, 1e-3))


def noisy(y: np.ndarray, alpha: float, beta: float, random: np.random.Generator) -> np.ndarray:
    """Labels with errors; the same draws at every rate, so that rates are compared on nested sets of errors."""
    u = random.random(len(y))
    return np.where(y, u >= alpha, u < beta)


def sweep(rows: Rows, split: Split, config: Config, seeds: int = 2, rates: tuple = RATES) -> pd.DataFrame:
    """Means over folds and seeds, one row a pair of rates."""
    found = []
    for alpha, beta in rates:
        runs = [one(rows, fold, replace(config, seed=config.seed + seed), alpha, beta, seed)
                for fold in forward(rows, split) for seed in range(seeds)]  # fmt: skip
        found.append({"alpha": alpha, "beta": beta} | pd.DataFrame(runs).mean().to_dict())
    return pd.DataFrame(found).set_index(["alpha", "beta"])


def one(rows: Rows, fold: Split, config: Config, alpha: float, beta: float, seed: int) -> dict[str, float]:
    labels = noisy(rows.y, alpha, beta, np.random.default_rng(seed + 100))
    part, held, test = fold.train, fold.validation, fold.test
    ensemble = train(rows.x[part], labels[part], rows.w[part], config)
    z_held, z = (ensemble.logit(rows.x[p]).astype(np.float64) for p in (held, test))
    at = threshold.f1_then_g(labels[held], z_held, rows.w[held]).midpoint
    clean = metrics.counts_at(rows.y[test], z, rows.w[test], at)
    measured = metrics.counts_at(labels[test], z, rows.w[test], at)
    fixed = corrected(measured, alpha, beta)
    found = {"average_precision_clean": metrics.average_precision(Curve.of(rows.y[test], z, rows.w[test]))}
    for name, counts in (("clean", clean), ("measured", measured), ("corrected", fixed)):
        values = counts.measures() if counts else {}
        found |= {f"{key}_{name}": values.get(key, np.nan) for key in ("f1", "g_mean")}
    return found
