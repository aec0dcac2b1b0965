"""The depth law of Cont, Kukanov and Stoikov: impact is the inverse of depth.

    beta_h = c / D_h^lambda        =>        ln beta_h = ln c - lambda ln D_h

beta_h is the slope of model `ofi` in half hour h (cents per share), D_h the mean over that half hour's bars
of `depth_mean_shares` (bars without a depth left out). Half hours with beta_h > 0 only; the slope is -lambda.
"""

import numpy as np
import pandas as pd

from .fits import within
from .regressions import least_squares

MINIMUM_HALF_HOURS = 3


def half_hours(table: pd.DataFrame, fits: pd.DataFrame) -> pd.DataFrame:
    """beta with its interval, and the average depth, one row a half hour."""
    slopes = fits[(fits["window"] == "30m") & (fits["model"] == "ofi") & (fits["term"] == "ofi")]
    points = slopes[["window_start", "window_end", "coefficient", "ci95_low", "ci95_high"]].copy()
    depths = [within(table, *window)["depth_mean_shares"].mean()
              for window in zip(points["window_start"], points["window_end"])]  # fmt: skip
    points["depth_mean_shares"] = np.array(depths, dtype=float)
    return points.rename(columns={"coefficient": "beta"}).reset_index(drop=True)


def depth_law(table: pd.DataFrame, fits: pd.DataFrame) -> pd.DataFrame:
    """The log-log regression, one row a term; no row with fewer than three half hours."""
    points = half_hours(table, fits)
    points = points[(points["beta"] > 0) & (points["depth_mean_shares"] > 0)]
    fit = least_squares(np.log(points["beta"]).to_numpy(), [np.log(points["depth_mean_shares"]).to_numpy()],
                        MINIMUM_HALF_HOURS)  # fmt: skip
    if fit is None:
        return pd.DataFrame()
    low, high = fit.ci95
    return pd.DataFrame({
        "symbol": table["symbol"].iloc[0], "bar_seconds": int(table["bar_seconds"].iloc[0]),
        "term": ["intercept", "log_depth"], "coefficient": fit.coefficient,
        "se_ols": fit.se_ols, "se_white": fit.se_white, "se_hac": fit.se_hac,
        "t_hac": fit.t_hac, "ci95_low": low, "ci95_high": high,
        "n": fit.n, "hac_lags": fit.hac_lags, "r2": fit.r2,
    })  # fmt: skip
