"""Who took the initiative: +1 the buyer, -1 the seller, 0 not known. All comparisons in exact integers."""

import numpy as np

from .book import Day


def tick(price: np.ndarray) -> np.ndarray:
    """Sign of the last price change that was not zero, this trade's included; 0 before the first."""
    change = np.zeros(len(price), dtype=np.int64)
    change[1:] = np.sign(np.diff(price))
    last = np.maximum.accumulate(np.where(change != 0, np.arange(len(price)), 0))
    return change[last]


def all_signs(day: Day) -> dict[str, np.ndarray]:
    """Signs of the session's trades by four rules, with p the price, b and a the quote in force, s = a - b.

        tick        the tick test
        lee_ready   2p > a + b buy, 2p < a + b sell
        emo         p = a buy, p = b sell
        clnv        a - 0.3 s <= p <= a buy, b <= p <= b + 0.3 s sell

    The last three leave the rest to the tick test: prices they say nothing about, and trades whose quote in
    force (strictly before the trade) is missing, one-sided, locked or crossed.
    """
    p, ticks = day.trades.price, tick(day.trades.price)
    index = day.in_force(day.trades.ts)
    known = day.usable_at(index)
    b, a = (np.where(known, side[index], 0) if len(side) else 0 * p for side in (day.quotes.bid, day.quotes.ask))
    s = a - b
    rules = {
        "lee_ready": (2 * p > a + b, 2 * p < a + b),
        "emo": (p == a, p == b),
        "clnv": ((10 * p >= 10 * a - 3 * s) & (p <= a), (p >= b) & (10 * p <= 10 * b + 3 * s)),
    }
    signs = {"tick": ticks}
    for rule, (buy, sell) in rules.items():
        signs[rule] = np.select([known & buy, known & sell], [1, -1], ticks)
    return signs


def lee_ready(day: Day) -> np.ndarray:
    """The house rule."""
    return all_signs(day)["lee_ready"]
