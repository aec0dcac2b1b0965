"""Mean logits of the validation rows -> a map to probabilities: Platt, beta or isotonic; and the prior's correction.

    Platt (1999)                 p = sigmoid(a z + c)
    beta (Kull et al. 2017)      p = sigmoid(a ln q - b ln(1 - q) + c), q = sigmoid(z), a >= 0, b >= 0
    isotonic                     a rising step function; ties make it unfit for ranking, so it is only compared
    prior (Dal Pozzolo 2015)     p' = p / (p + (1 - p) / kept), kept = share of negatives that training kept

Platt and beta are fitted by weighted maximum likelihood on validation rows alone, with Platt's smoothed targets, which
keep a handful of positives from driving the slope to infinity.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression

from .mlp import sigmoid


@dataclass(frozen=True)
class Calibration:
    """p = sigmoid(a ln q - b ln(1 - q) + c); Platt is a = b."""

    a: float
    b: float
    c: float

    def logit(self, z: np.ndarray) -> np.ndarray:
        z = z.astype(np.float64)
        return -self.a * np.logaddexp(0, -z) + self.b * np.logaddexp(0, z) + self.c

    def apply(self, z: np.ndarray) -> np.ndarray:
        return sigmoid(self.logit(z))


def targets(y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Platt's targets from the weight of either class."""
    positives, negatives = w[y].sum(), w[~y].sum()
    return np.where(y, (positives + 1) / (positives + 2), 1 / (negatives + 2))


def fitted(z: np.ndarray, y: np.ndarray, w: np.ndarray, free_b: bool) -> Calibration:
    z, t, w = z.astype(np.float64), targets(y, w), w / w.sum()
    low, high = -np.logaddexp(0, -z), np.logaddexp(0, z)

    def loss(v: np.ndarray) -> tuple[float, np.ndarray]:
        a, b = (v[0], v[1]) if free_b else (v[0], v[0])
        u = a * low + b * high + v[-1]
        value = float(np.sum(w * (np.logaddexp(0, u) - t * u)))
        g = w * (sigmoid(u) - t)
        da, db = np.sum(g * low), np.sum(g * high)
        return value, np.array([da, db, g.sum()] if free_b else [da + db, g.sum()])

    start, bounds = ([1.0, 1.0, 0.0], [(1e-3, None)] * 2) if free_b else ([1.0, 0.0], [(1e-3, None)])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)]).x
    a, b = (found[0], found[1]) if free_b else (found[0], found[0])
    return Calibration(float(np.float32(a)), float(np.float32(b)), float(np.float32(found[-1])))


def platt(z: np.ndarray, y: np.ndarray, w: np.ndarray) -> Calibration:
    return fitted(z, y, w, free_b=False)


def beta(z: np.ndarray, y: np.ndarray, w: np.ndarray) -> Calibration:
    return fitted(z, y, w, free_b=True)


def isotonic(z: np.ndarray, y: np.ndarray, w: np.ndarray) -> IsotonicRegression:
    return IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(z, y, sample_weight=w)


def prior_corrected(p: np.ndarray, kept: float) -> np.ndarray:
    """Probabilities of a model trained on all positives and on a share of the negatives, at the true prevalence."""
    return p / (p + (1 - p) / kept)
