"""Clock bars: bar k covers [start + k w, start + (k+1) w) from the session's open.

Flow is summed over what happened in the bar; mids are the last usable ones before its two ends; depth and
spread are means over time, in which a state lasts until the next state of the session, usable or not, and
the time of unusable states does not count.
"""

import numpy as np
import pandas as pd

from .book import Day, order_flow_imbalance
from .session import SECOND
from .spreads import USD

CENT = USD // 100


def bars(day: Day, sign: np.ndarray, seconds: int) -> pd.DataFrame:
    """All bars of a session, empty ones too. Two columns beyond the contract serve the basis-point fits:

    mid_change_bp         1e4 (m_k - m_(k-1)) / m_(k-1)
    trade_imbalance_kusd  sum of sign * price * size, in thousands of dollars
    """
    width = seconds * SECOND
    starts = np.arange(day.session.start, day.session.end, width, dtype=np.int64)
    which = lambda ts: (ts - day.session.start) // width
    total = lambda ts, values: _totals(which(ts), values, len(starts))
    q, u, t = day.quotes, day.usable_quotes, day.trades
    value = total(t.ts, sign.astype(object) * t.price * t.size)
    return pd.DataFrame({
        "symbol": day.symbol,
        "bar_seconds": seconds,
        "ts_start": starts,
        "ts_end": starts + width,
        "ofi_shares": total(u.ts, order_flow_imbalance(u)).astype(np.int64),
        "trade_imbalance_shares": total(t.ts, sign * t.size).astype(np.int64),
        "buy_shares": total(t.ts, (sign > 0) * t.size).astype(np.int64),
        "sell_shares": total(t.ts, (sign < 0) * t.size).astype(np.int64),
        "unsigned_shares": total(t.ts, (sign == 0) * t.size).astype(np.int64),
        "quote_count": np.bincount(which(q.ts), minlength=len(starts)),
        "trade_count": np.bincount(which(t.ts), minlength=len(starts)),
        **_mids(u.ts, u.bid + u.ask, starts, width),
        **_means_over_time(day, starts, width),
        "trade_imbalance_kusd": (value / (1000 * USD)).astype(float),
    })  # fmt: skip


def _mids(ts, mid2, starts, width) -> dict[str, np.ndarray]:
    """Open and close mids and the change between closes, from twice the mid, an exact integer."""
    before = np.searchsorted(ts, starts, "left") - 1
    close = np.searchsorted(ts, starts + width, "left") - 1
    first = (before < 0) & (close >= 0)  # the bar of the session's first usable quote opens on that quote
    pick = lambda i: mid2[np.maximum(i, 0)] if len(mid2) else np.zeros(len(i), np.int64)
    opened, closed = pick(before), pick(close)
    change = closed - opened
    return {
        "mid_open_usd": np.where((before >= 0) | first, opened / (2 * USD), np.nan),
        "mid_close_usd": np.where(close >= 0, closed / (2 * USD), np.nan),
        "mid_change_cents": np.where(before >= 0, change / (2 * CENT), np.nan),
        "mid_change_bp": np.where(before >= 0, 10_000 * change / np.where(before >= 0, opened, 1), np.nan),
    }


def _means_over_time(day: Day, starts, width) -> dict[str, np.ndarray]:
    """sum(x dt) / sum(dt) a bar, over the stretches between consecutive states and bar bounds."""
    cuts = np.unique(np.concatenate([day.quotes.ts, starts, [day.session.end]]))
    state = day.in_force(cuts[:-1], at_or_before=True)
    held = day.usable_at(state)
    q, since = day.quotes.where(state[held]), cuts[:-1][held]
    lasting = np.diff(cuts)[held].astype(object)
    total = lambda values: _totals((since - starts[0]) // width, values, len(starts))
    time = total(lasting)
    return {
        "depth_mean_shares": _ratio(total((q.bid_size + q.ask_size) * lasting), 2 * time),
        "spread_tw_usd": _ratio(total((q.ask - q.bid) * lasting), USD * time),
    }


def _totals(which, values, count) -> np.ndarray:
    """Sums by bar in whole numbers of any length."""
    sums = np.zeros(count, dtype=object)
    np.add.at(sums, which, np.asarray(values).astype(object))
    return sums


def _ratio(above, below) -> np.ndarray:
    """Quotients of whole numbers, each correctly rounded; nan where there is nothing to divide by."""
    return np.array([float(a / b) if b else np.nan for a, b in zip(above, below)])
