"""Market impact conditional on order flow, counted in market orders (Bugaenko 2020, arXiv 2004.08290).

    R(1)     mean of eps_t (m_(t+1) - m_t), cents          R(v,1)  the same by v_t / Vbar_best, bins [2^k, 2^(k+1))
    dV_t(T)  sum of eps v over T market orders, shares     R       m_(t+T) - m_t, cents

Windows do not overlap and none crosses a day. The linear region: the largest quantile c* of |dV| (100, 95, ..., 10 %)
on which the t of dV |dV| beside dV is at most 2.2414, and, unless that is the whole range, two fifths of it.
"""

from dataclasses import dataclass

import numpy as np

from .contest import contest
from .market_orders import MarketOrders
from .moments import correlation, hac_error, plain_error
from .regressions import Fit, least_squares
from .session import date_of

CENT = 10_000_000
WINDOWS_MIN, T_SEEN, BINS = 100, 2.2414, 20


@dataclass(frozen=True)
class Windows:
    day: np.ndarray
    flow_shares: np.ndarray
    mid_change_doubled: np.ndarray

    @property
    def change_cents(self) -> np.ndarray:
        return self.mid_change_doubled / (2 * CENT)


def responses(orders: MarketOrders) -> np.ndarray:
    """eps_t (m_(t+1) - m_t) of a day, cents."""
    return orders.sign[:-1] * np.diff(orders.mid_doubled) / (2 * CENT)


def day_row(orders: MarketOrders) -> dict:
    r = responses(orders)
    return {
        "date": date_of(int(orders.ts[0])).isoformat(),
        "market_orders": len(orders),
        "shares": int(orders.shares.sum()),
        "opposite_best_mean_shares": orders.opposite_shares.mean(),
        "r1_cents": r.mean() if len(r) else None,
        "spread_mean_cents": (orders.spread / CENT).mean(),
    }


def response(days: list[MarketOrders]) -> dict:
    r = np.concatenate([responses(orders) for orders in days])
    size = np.concatenate([orders.shares[:-1] / orders.opposite_shares.mean() for orders in days])
    octave = np.frexp(size)[1] - 1
    bins = []
    for k in np.unique(octave):
        there = octave == k
        bins.append({
            "volume_over_best_low": 2.0**k, "volume_over_best_high": 2.0 ** (k + 1),
            "volume_over_best_mean": size[there].mean(), "response_cents": r[there].mean(),
            "se_cents": plain_error(r[there]), "n": int(there.sum()),
        })  # fmt: skip
    spread = np.concatenate([orders.spread / CENT for orders in days])
    return {
        "r1_cents": r.mean() if len(r) else None, "r1_se_hac_cents": hac_error(r), "r1_n": len(r),
        "spread_mean_cents": spread.mean(), "by_volume": bins,
    }  # fmt: skip


def windows(days: list[MarketOrders], length: int) -> Windows:
    parts = []
    for number, orders in enumerate(days):
        starts = np.arange(0, max(len(orders) - length, 0), length)
        flow = np.append(0, np.cumsum(orders.sign * orders.shares))
        mid = orders.mid_doubled
        parts.append((np.full(len(starts), number), flow[starts + length] - flow[starts],
                      mid[starts + length] - mid[starts]))  # fmt: skip
    return Windows(*(np.concatenate(columns) for columns in zip(*parts)))


def curve(flow: np.ndarray, change: np.ndarray) -> list[dict]:
    """Bins of equal count by ascending flow."""
    order, bins = np.argsort(flow, kind="stable"), min(BINS, len(flow))
    members = (order[i * len(flow) // bins : (i + 1) * len(flow) // bins] for i in range(bins))
    return [{"n": len(m), "flow": flow[m].mean(), "change": change[m].mean(), "se": plain_error(change[m])}
            for m in members]  # fmt: skip


def agreement(flow, change, points) -> dict:
    raw = correlation(flow, change)
    binned = correlation(np.array([p["flow"] for p in points]), np.array([p["change"] for p in points]))
    named = {"raw": raw, "binned": binned}
    return {f"correlation_{k}": r for k, r in named.items()} | {f"r2_{k}": r and r * r for k, r in named.items()}


def slope(fit: Fit | None) -> dict | None:
    if fit is None:
        return None
    low, high = fit.ci95
    return {
        "cents_per_share": fit.coefficient[1], "se_hac_cents_per_share": fit.se_hac[1],
        "ci95_low_cents_per_share": low[1], "ci95_high_cents_per_share": high[1],
        "intercept_cents": fit.coefficient[0], "r2": fit.r2, "n": fit.n, "hac_lags": fit.hac_lags,
    }  # fmt: skip


def curvature_t(flow, change, radius) -> float | None:
    there = np.abs(flow) <= radius
    x = flow[there].astype(float)
    # Brought to scale, which leaves t as it is: a square of shares would cost half the digits.
    fit = least_squares(change[there], [x / radius, x * np.abs(x) / radius**2])
    return None if fit is None or fit.se_hac[2] == 0 else float(fit.t_hac[2])


def linear_region(flow: np.ndarray, change: np.ndarray) -> dict | None:
    n = len(flow)
    if n < WINDOWS_MIN or np.ptp(flow) == 0:
        return None
    radii = np.sort(np.abs(flow))
    full, least = int(radii[-1]), int(radii[WINDOWS_MIN - 1])
    tried = [int(radii[-(-q * n // 100) - 1]) for q in range(100, 5, -5)]
    tried = [radius for radius in tried if radius >= least]
    straight = next((c for c in tried if abs(curvature_t(flow, change, c) or 0) <= T_SEEN), None)
    found = tried[-1] if straight is None else straight
    radius = full if straight == full else max(found // 5 * 2, least)
    there = np.abs(flow) <= radius
    return {
        "radius_shares": radius, "is_full_range": radius == full, "is_curved_throughout": straight is None,
        "straight_within_shares": found, "curvature_t_full_range": curvature_t(flow, change, full),
        "share_of_windows": there.sum() / n,
        "lambda": slope(least_squares(change[there], [flow[there].astype(float)])),
    }  # fmt: skip


def aggregate(days: list[MarketOrders], length: int, seed: int, with_contests: bool = True) -> dict:
    w = windows(days, length)
    flow, change = w.flow_shares, w.change_cents
    points, region = curve(flow, change), linear_region(flow, change)

    def compete(radius):
        places = np.flatnonzero(np.abs(flow) <= radius)
        return contest(flow[places], change[places], places, seed) if len(places) >= WINDOWS_MIN else None

    made = {
        "orders_per_window": length, "windows": len(flow),
        "flow_sd_shares": np.std(flow, ddof=1), "change_sd_cents": np.std(change, ddof=1),
        **agreement(flow, change, points),
        "curve_cents_on_shares": points,
        "full_range": slope(least_squares(change, [flow.astype(float)])),
        "linear_region": region,
    }  # fmt: skip
    if with_contests:
        made["contest_full_range"] = compete(np.inf)
        made["contest_linear_region"] = region and compete(region["radius_shares"])
    return made


def study(days: list[MarketOrders], lengths: list[int], seed: int, with_contests: bool = True) -> dict:
    """What `impactd study --json` holds under `study`."""
    return {
        "days": [day_row(orders) for orders in days if len(orders)],
        "response": response(days),
        "aggregates": [aggregate(days, length, seed, with_contests) for length in lengths],
    }
