"""Scores of the validation rows -> a threshold: highest F1, then highest G-mean, then the higher score.

Every distinct score is a candidate. What is stored is the midpoint to the next lower score, which lies on no score, so
that the last bit of an arithmetic cannot turn a decision.
"""

from dataclasses import dataclass

import numpy as np

from .metrics import Curve


@dataclass(frozen=True)
class Choice:
    """The score chosen, the midpoint to the next lower one, and what was reached there."""

    score: float
    midpoint: float
    f1: float
    g_mean: float


def best(curve: Curve, *keys: np.ndarray) -> Choice:
    """The candidate with the highest first key; ties go to the next key, and at last to the higher score."""
    at = max(range(len(curve.score)), key=lambda k: (*(key[k] for key in keys), -k))
    score = float(curve.score[at])
    lower = float(curve.score[at + 1]) if at + 1 < len(curve.score) else min(0.0, score - 1.0)
    middle = float(np.float32((score + lower) / 2))
    if not lower < middle < score:
        middle = (score + lower) / 2
    return Choice(score, middle, float(curve.f1()[at]), float(curve.g_mean()[at]))


def f1_then_g(y: np.ndarray, s: np.ndarray, w: np.ndarray) -> Choice:
    curve = Curve.of(y, s.astype(np.float64), w)
    return best(curve, curve.f1(), curve.g_mean())


def g_then_f1(y: np.ndarray, s: np.ndarray, w: np.ndarray) -> Choice:
    curve = Curve.of(y, s.astype(np.float64), w)
    return best(curve, curve.g_mean(), curve.f1())
