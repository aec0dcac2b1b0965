"""The `fits` table: three models of the mid's change, over the day and over each half hour.

    ofi        dm_k [cents] = a + b OFI_k [shares]
    kyle       dm_k [cents] = a + b TI_k  [shares]      TI the signed traded volume
    ofi+kyle   dm_k [cents] = a + b OFI_k + c TI_k
    kyle       dm_k [bp]    = a + b TI_k  [kUSD]        again, free of the price level and the share

A bar belongs to the half hour it starts in and keeps its change from the bar before. A half hour's fit is
scored on the next one (r2_oos); the day and the last half hour have no next.

Coefficients in ticks and basis points are regressions of their own here, of the same changes told as ticks of a
cent and as basis points of the mean close mid of the window's bars.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .book import Day
from .regressions import Fit, least_squares


@dataclass(frozen=True)
class Model:
    name: str
    y: str  # column of the bars
    x: dict[str, str]  # term -> column of the bars
    units: tuple[str, str]  # of the intercept, of the slopes


CENTS = ("cents", "cents_per_share")
OFI, IMBALANCE = {"ofi": "ofi_shares"}, {"trade_imbalance": "trade_imbalance_shares"}
MODELS = (
    Model("ofi", "mid_change_cents", OFI, CENTS),
    Model("kyle", "mid_change_cents", IMBALANCE, CENTS),
    Model("ofi+kyle", "mid_change_cents", OFI | IMBALANCE, CENTS),
    Model("kyle", "mid_change_bp", {"trade_imbalance": "trade_imbalance_kusd"}, ("bp", "bp_per_kusd")),
)


def sample(table: pd.DataFrame, model: Model) -> tuple[np.ndarray, list[np.ndarray]]:
    """y and the regressors over the bars that have a price change."""
    used = table[table[model.y].notna()]
    return used[model.y].to_numpy(float), [used[column].to_numpy(float) for column in model.x.values()]


TICK_USD = 0.01


def beside(table: pd.DataFrame, model: Model) -> tuple[np.ndarray, np.ndarray] | None:
    """The coefficients of a model in cents once more, in ticks and in basis points of the mean mid."""
    if model.units != CENTS:
        return None
    used = table[table[model.y].notna()]
    x = [used[column].to_numpy(float) for column in model.x.values()]
    change_usd, mid_usd = used[model.y].to_numpy(float) / 100, table["mid_close_usd"].mean()
    responses = (change_usd / TICK_USD, 1e4 * change_usd / mid_usd)
    ticks, bp = (fit and fit.coefficient for fit in (least_squares(y, x) for y in responses))
    return ticks, bp


def fits(day: Day, table: pd.DataFrame) -> pd.DataFrame:
    """All rows of one bar width, one a term."""
    rows = []
    for model in MODELS:
        whole = least_squares(*sample(table, model))
        session = ("day", day.session.start, day.session.end)
        rows += _rows(day, table, model, session, whole, np.nan, beside(table, model))
        windows = day.half_hours()
        samples = [sample(within(table, *window), model) for window in windows]
        estimates = [least_squares(*rows_in) for rows_in in samples]
        for i, (window, estimate) in enumerate(zip(windows, estimates)):
            follows = i + 1 < len(windows) and estimate is not None and len(samples[i + 1][0]) > 0
            score = estimate.score(*samples[i + 1]) if follows else np.nan
            others = beside(within(table, *window), model)
            rows += _rows(day, table, model, ("30m", *window), estimate, score, others)
    return pd.DataFrame(rows)


def within(table: pd.DataFrame, start: int, end: int) -> pd.DataFrame:
    """The bars that start in [start, end)."""
    return table[(start <= table["ts_start"]) & (table["ts_start"] < end)]


def _rows(day: Day, table: pd.DataFrame, model: Model, window, fit: Fit | None, score: float, others) -> list[dict]:
    if fit is None:
        return []
    ticks, bp = others or (np.full(len(fit.coefficient), np.nan),) * 2
    name, start, end = window
    low, high = fit.ci95
    return [
        {
            "symbol": day.symbol, "bar_seconds": int(table["bar_seconds"].iloc[0]),
            "window": name, "window_start": start, "window_end": end,
            "model": model.name, "term": term,
            "coefficient": fit.coefficient[i], "unit": model.units[min(i, 1)],
            "se_ols": fit.se_ols[i], "se_white": fit.se_white[i], "se_hac": fit.se_hac[i],
            "t_hac": fit.t_hac[i], "ci95_low": low[i], "ci95_high": high[i],
            "n": fit.n, "hac_lags": fit.hac_lags, "r2": fit.r2, "r2_oos": score,
            "coefficient_ticks": ticks[i], "coefficient_bp": bp[i],
        }
        for i, term in enumerate(["intercept", *model.x])
    ]  # fmt: skip
