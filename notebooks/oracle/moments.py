"""Errors of means: plain, and Newey-West's by statsmodels; nothing (None) below two values."""

import numpy as np

from .regressions import least_squares


def plain_error(x: np.ndarray) -> float | None:
    return float(np.std(x, ddof=1) / np.sqrt(len(x))) if len(x) > 1 else None


def hac_error(x: np.ndarray) -> float | None:
    """Of the mean of a series in time order: the error of a regression on a constant."""
    fit = least_squares(x, [], minimum=2)
    return None if fit is None else float(fit.se_hac[0])


def correlation(x: np.ndarray, y: np.ndarray) -> float | None:
    return float(np.corrcoef(x, y)[0, 1]) if len(x) > 1 and np.ptp(x) > 0 and np.ptp(y) > 0 else None
