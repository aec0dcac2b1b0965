"""Ordinary least squares with an intercept and three kinds of standard error, by statsmodels.

    OLS         s^2 (X'X)^-1,  s^2 = e'e / (n - k)
    White HC0   (X'X)^-1 [sum e_t^2 x_t x_t'] (X'X)^-1
    Newey-West  the same with S = sum_(|j| <= L) (1 - |j|/(L+1)) sum_t e_t e_(t-j) x_t x_(t-j)',
                L = floor(4 (n/100)^(2/9)), no small-sample factor

The 95 % interval is coefficient +- 1.959964 Newey-West errors (normal).
"""

from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm

NORMAL_95 = 1.959964
MINIMUM_OBSERVATIONS = 10


def hac_lags(n: int) -> int:
    """floor(4 (n/100)^(2/9)) in whole numbers: the largest L with L^9 100^2 <= 4^9 n^2.

    In floating point the formula is one too small where it should be whole, n = 51,200 for one.
    """
    lags = 0
    while (lags + 1) ** 9 * 100**2 <= 4**9 * n**2:
        lags += 1
    return lags


@dataclass(frozen=True)
class Fit:
    """Estimates in the order intercept, then the regressors."""

    coefficient: np.ndarray
    se_ols: np.ndarray
    se_white: np.ndarray
    se_hac: np.ndarray
    n: int
    hac_lags: int
    r2: float

    @property
    def t_hac(self) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.coefficient / self.se_hac

    @property
    def ci95(self) -> tuple[np.ndarray, np.ndarray]:
        half = NORMAL_95 * self.se_hac
        return self.coefficient - half, self.coefficient + half

    def score(self, y: np.ndarray, regressors: list[np.ndarray]) -> float:
        """Out-of-sample R2 on other rows: 1 - sum (y - yhat)^2 / sum (y - ybar)^2, ybar their own mean."""
        errors = y - _design(y, regressors) @ self.coefficient
        spread = np.sum((y - y.mean()) ** 2)
        return float(1 - np.sum(errors**2) / spread) if spread > 0 else np.nan


def least_squares(y: np.ndarray, regressors: list[np.ndarray], minimum: int = MINIMUM_OBSERVATIONS) -> Fit | None:
    """Fit y on an intercept and the regressors; None with too few rows or collinear regressors."""
    n, x = len(y), _design(y, regressors)
    if n < minimum or np.linalg.matrix_rank(x / np.maximum(np.abs(x).max(axis=0), 1e-300)) < x.shape[1]:
        return None
    lags, ols = hac_lags(n), sm.OLS(y, x).fit()
    robust = ols.get_robustcov_results
    hac = robust("HAC", maxlags=lags, use_correction=False)
    r2 = float(ols.rsquared) if np.ptp(y) > 0 else np.nan
    return Fit(ols.params, ols.bse, robust("HC0").bse, hac.bse, n, lags, r2)


def _design(y: np.ndarray, regressors: list[np.ndarray]) -> np.ndarray:
    return np.column_stack([np.ones(len(y)), *regressors])
