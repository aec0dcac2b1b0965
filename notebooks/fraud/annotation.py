"""Annotation errors: what a classifier looks like against labels that are wrong, and back again.

alpha = P(label genuine | fraud), beta = P(label fraud | genuine), independent of the score given the class; t and f are
the true and the false positive rate against the truth, pi the true prevalence (Kulatilleke and Samarakoon 2022 set the
question; the parametrisation is ours, the paper's own was not published in what we could read).
"""

import numpy as np

from .metrics import Counts


def seen(t: float, f: float, alpha: float, beta: float, pi: float, n: float = 1.0) -> Counts:
    """The counts measured against the labels."""
    fraud, genuine = n * pi, n * (1 - pi)
    return Counts(
        tp=fraud * (1 - alpha) * t + genuine * beta * f,
        fp=fraud * alpha * t + genuine * (1 - beta) * f,
        fn=fraud * (1 - alpha) * (1 - t) + genuine * beta * (1 - f),
        tn=fraud * alpha * (1 - t) + genuine * (1 - beta) * (1 - f),
    )


def corrected(counts: Counts, alpha: float, beta: float) -> Counts | None:
    """The counts against the truth, rates clamped to [0, 1]; None where labels carry nothing to invert."""
    n = counts.tp + counts.fp + counts.fn + counts.tn
    q = (counts.tp + counts.fn) / n
    if alpha + beta >= 1 or q <= beta or q >= 1:
        return None
    pi = (q - beta) / (1 - alpha - beta)
    a, b = (1 - alpha) * pi / q, alpha * pi / (1 - q)
    rho1, rho0 = counts.tp / (counts.tp + counts.fn), counts.fp / (counts.fp + counts.tn)
    t, f = np.linalg.solve([[a, 1 - a], [b, 1 - b]], [rho1, rho0])
    t, f = np.clip([t, f], 0, 1)
    return seen(float(t), float(f), 0, 0, float(np.clip(pi, 0, 1)), n)
