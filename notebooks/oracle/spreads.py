"""What trading cost, in dollars, over trades with a usable quote in force.

With p the price, m the mid in force, m' the mid in force 300 s later, D the Lee-Ready sign, v the size:

    effective         2 |p - m|            mean, and weighted by v
    signed effective  2 D (p - m)
    realized          2 D (p - m')         what the liquidity supplier kept
    price impact      2 D (m' - m)         = signed effective - realized

All sums are exact: 2|p - m| = |2p - (a + b)| is an integer at 1e-9 dollar.
"""

import numpy as np

from .book import Day
from .session import SECOND

USD = 1_000_000_000  # one dollar
HORIZON = 300 * SECOND


def effective(day: Day) -> dict[str, float]:
    """Mean effective spread, one trade one vote and one share one vote."""
    index = day.in_force(day.trades.ts)
    known = day.usable_at(index)
    t, q = day.trades.where(known), day.quotes.where(index[known])
    spread = np.abs(2 * t.price - (q.bid + q.ask))
    paid = _total(spread.astype(object) * t.size)
    return {"simple_mean": _total(spread) / (len(t) * USD), "share_weighted": paid / (_total(t.size) * USD)}


def after_300s(day: Day, sign: np.ndarray) -> dict[str, float]:
    """Signed effective, realized and impact, over the trades whose horizon ends strictly inside the session
    and whose state in force then (at or before) is usable."""
    later = day.trades.ts + HORIZON
    now, then = day.in_force(day.trades.ts), day.in_force(later, at_or_before=True)
    kept = day.usable_at(now) & day.usable_at(then) & (later < day.session.end)
    d, p2 = sign[kept], 2 * day.trades.price[kept]
    mid2_now, mid2_then = ((day.quotes.bid + day.quotes.ask)[i[kept]] for i in (now, then))
    n = len(d)
    return {
        "trades": n,
        "signed_effective": _total(d * (p2 - mid2_now)) / (n * USD),
        "realized_spread": _total(d * (p2 - mid2_then)) / (n * USD),
        "price_impact": _total(d * (mid2_then - mid2_now)) / (n * USD),
    }


def _total(values: np.ndarray) -> int:
    """A sum that cannot overflow."""
    return int(values.astype(object).sum())
