"""Fraud rows moved by a bounded perturbation to lower their score: recall and F1 against the size of the bound.

The bound is L-infinity in training spreads. Projected gradient descent (Madry et al. 2018) lowers the mean logit of the
ensemble in 20 steps of an eighth of the bound; beside it stands a random sign of the same size. The steps find what an
adversary who knows the model and may set every feature could do: an upper bound on harm, since real orders cannot set
principal components. Other models are measured on the rows so moved (transfer).
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from . import metrics
from .mlp import forward, gradient
from .train import Fitted

BOUNDS = (0.0, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
STEPS = 20


def attacked(fitted: Fitted, x: np.ndarray, bound: float) -> np.ndarray:
    """The rows in their own units, moved by at most `bound` spreads a feature."""
    standard = fitted.ensemble.standard
    z = standard.apply(x)
    moved = z.copy()
    for _ in range(STEPS if bound else 0):
        layers = forward(fitted.ensemble.weights, moved)
        _, slope = gradient(fitted.ensemble.weights, layers, np.ones_like(layers[-1]))
        moved = moved - np.float32(bound / 8) * np.sign(slope.mean(axis=0))
        moved = np.clip(moved, z - np.float32(bound), z + np.float32(bound))
    return in_units(fitted, x, moved - z)


def shaken(fitted: Fitted, x: np.ndarray, bound: float, seed: int = 5) -> np.ndarray:
    """The rows moved by the bound in a random direction."""
    return in_units(fitted, x, bound * np.random.default_rng(seed).choice([-1.0, 1.0], size=x.shape))


def in_units(fitted: Fitted, x: np.ndarray, move: np.ndarray) -> np.ndarray:
    inverse = fitted.ensemble.standard.inverse
    return x + np.where(inverse > 0, move / np.where(inverse > 0, inverse, 1), 0)


def table(fitted: Fitted, x: np.ndarray, y: np.ndarray, w: np.ndarray,
          others: dict[str, tuple[Callable, float]]) -> pd.DataFrame:  # fmt: skip
    """A row a bound; `others` are {name: (probability of rows, threshold)}."""
    found = []
    for bound in BOUNDS:
        worst, random = x.copy(), x.copy()
        worst[y], random[y] = attacked(fitted, x[y], bound), shaken(fitted, x[y], bound)
        row = {"bound_sd": bound}
        for name, moved in (("", worst), ("random_", random)):
            row |= measured(fitted.probability(moved), y, w, fitted.choice.midpoint, name)
        for name, (probability, at) in others.items():
            row |= measured(probability(worst), y, w, at, f"{name}_")
        found.append(row)
    return pd.DataFrame(found).set_index("bound_sd")


def measured(p: np.ndarray, y: np.ndarray, w: np.ndarray, at: float, prefix: str) -> dict[str, float]:
    values = metrics.counts_at(y, p, w, at).measures()
    return {f"{prefix}recall": values["recall"], f"{prefix}f1": values["f1"]}
