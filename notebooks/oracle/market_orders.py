"""Fills -> market orders: consecutive fills of one stamp and one side, and the book strictly before them."""

from dataclasses import dataclass
from datetime import time

import numpy as np

from .book import Day
from .session import nanos
from .tapes import Columns

REASONS = ("no_quote", "outside_hours", "unknown_sign")


@dataclass(frozen=True)
class MarketOrders(Columns):
    """One row an order; mids doubled and spreads in 1e-9 dollar, all exact integers."""

    ts: np.ndarray
    sign: np.ndarray
    shares: np.ndarray
    fills: np.ndarray
    mid_doubled: np.ndarray
    opposite_shares: np.ndarray
    spread: np.ndarray


def hours_of(text: str, day) -> tuple[int, int]:
    """`10:30-15:00` of a date, ns UTC."""
    start, end = (time.fromisoformat(part) for part in text.split("-"))
    return nanos(day, start), nanos(day, end)


def market_orders(day: Day, sign: np.ndarray, hours: tuple[int, int]) -> tuple[MarketOrders, dict[str, int]]:
    """The orders of the hours, and how many fills were left out by reason."""
    t, q = day.trades, day.quotes
    index = day.in_force(t.ts)
    inside = (hours[0] <= t.ts) & (t.ts < hours[1])
    known, met = inside & (sign != 0), day.usable_at(index)
    kept = known & met
    dropped = dict(zip(REASONS, (int((known & ~met).sum()), int((~inside).sum()), int((inside & (sign == 0)).sum()))))
    ts, sign, size, index = t.ts[kept], sign[kept], t.size[kept], index[kept]
    first = np.ones(len(ts), dtype=bool)
    first[1:] = (ts[1:] != ts[:-1]) | (sign[1:] != sign[:-1])
    starts = np.flatnonzero(first)
    at, side = index[starts], sign[starts]
    orders = MarketOrders(
        ts[starts], side,
        np.add.reduceat(size, starts) if len(starts) else size,
        np.diff(np.append(starts, len(ts))),
        q.bid[at] + q.ask[at],
        np.where(side > 0, q.ask_size[at], q.bid_size[at]),
        q.ask[at] - q.bid[at],
    )  # fmt: skip
    return orders, {reason: count for reason, count in dropped.items() if count}
