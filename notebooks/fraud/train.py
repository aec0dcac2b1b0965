"""Rows, a split and a recipe -> a fitted model: standardise, clip, ensemble, calibration, threshold, guard.

The training part decides the standardiser, the networks and the guard; the validation part the calibration and the
threshold; the test part nothing. `fit` is the one door for every kind of rows: cards, bars of a tape, others.
"""

from dataclasses import dataclass

import numpy as np

from . import calibrate, threshold
from .calibrate import Calibration
from .ensemble import Config, Ensemble, train
from .metrics import Curve, average_precision
from .split import Split, checked
from .threshold import Choice

# The recipe of the shipped models. The other candidates, and where they were compared, stand in the model's card.
RECIPE = Config(hidden=(64, 32), members=8, epochs=40, batch=256, rate=1e-3, decay=1e-2, clip=10.0, seed=7)


@dataclass(frozen=True)
class Guard:
    """Squared Mahalanobis distance of a clipped standardised row over the number of features: `unusual`.

    About 1 on the training rows; it knows no labels, and is never mixed into the probability.
    """

    turn: np.ndarray
    shift: np.ndarray

    @classmethod
    def of(cls, z: np.ndarray, w: np.ndarray) -> "Guard":
        z = z.astype(np.float64)
        mean = np.average(z, axis=0, weights=w)
        spread = ((z - mean) * w[:, None]).T @ (z - mean) / w.sum() + 1e-3 * np.eye(z.shape[1])
        turn = np.linalg.inv(np.linalg.cholesky(spread)).T
        return cls(turn.astype(np.float32), (-mean @ turn).astype(np.float32))

    def apply(self, z: np.ndarray) -> np.ndarray:
        u = z @ self.turn + self.shift
        return (u * u).mean(axis=1)


@dataclass(frozen=True)
class Fitted:
    """A model and what was chosen for it on validation rows."""

    config: Config
    ensemble: Ensemble
    calibration: Calibration
    choice: Choice
    guard: Guard

    def logit(self, x: np.ndarray) -> np.ndarray:
        return self.ensemble.logit(x)

    def probability(self, x: np.ndarray) -> np.ndarray:
        return self.calibration.apply(self.logit(x)).astype(np.float32)

    def unusual(self, x: np.ndarray) -> np.ndarray:
        return self.guard.apply(self.ensemble.standard.apply(x))


def fit(x: np.ndarray, y: np.ndarray, w: np.ndarray, split: Split, config: Config = RECIPE) -> Fitted:
    """Learns from the training part and chooses on the validation part; the test part is not read."""
    checked(split, y)
    part, held = split.train, split.validation
    ensemble = train(x[part], y[part], w[part], config)
    z = ensemble.logit(x[held])
    calibration = calibrate.platt(z, y[held], w[held])
    p = calibration.apply(z).astype(np.float32)
    choice = threshold.f1_then_g(y[held], p, w[held])
    return Fitted(config, ensemble, calibration, choice, Guard.of(ensemble.standard.apply(x[part]), w[part]))


def validation_precision(fitted: Fitted, x: np.ndarray, y: np.ndarray, w: np.ndarray, split: Split) -> float:
    """Average precision on the validation part: what recipes are compared by."""
    held = split.validation
    return average_precision(Curve.of(y[held], fitted.logit(x[held]), w[held]))
