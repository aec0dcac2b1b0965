"""The 23 liquidity measures of the R package `highfrequency` as it documents them, those of Holden and Jacobsen (2014),
and the time-weighted book, over one session: 80-bit floats throughout, so that differences are the other side's.

P price, S size, D side, B A bid and ask with sizes BS AS, M mid in force strictly before the trade, M' the mid at or
before t + h. R's priceImpact and proportionalPriceImpact are half of those here: here, as in Huang and Stoll (1996), signed
effective spread = realized spread + price impact.
"""

import numpy as np

from .book import Day
from .session import SECOND

USD = np.longdouble(1_000_000_000)
SUFFIX = {"simple": "simple", "share": "share_weighted", "dollar": "dollar_weighted"}


def all_measures(day: Day, sign: np.ndarray, horizons: tuple[int, ...]) -> dict[str, tuple[float, int]]:
    """Every measure by its name in `liquidity`: value and n. Horizons in seconds."""
    found = {}
    size = day.trades.size.astype(np.longdouble)
    price = day.trades.price / USD

    def told(name: str, values: np.ndarray, kept: np.ndarray, horizon: int | None = None) -> None:
        kept = np.flatnonzero(kept)
        for weighting, weights in (("simple", np.ones_like(size)), ("share", size), ("dollar", size * price)):
            at, suffix = f"_{horizon}s" if horizon else "", f"_{SUFFIX[weighting]}"
            suffix = "" if horizon and weighting == "simple" else suffix
            w, v = weights[kept], values[kept]
            found[name + at + suffix] = (float((w * v).sum() / w.sum()), len(kept))

    every = np.ones(len(price), dtype=bool)
    told("trade_value", price * size, every)
    told("signed_trade_value", sign * price * size, every)
    told("signed_trade_size", sign * size, every)
    _returns(told, price, every, ("squared_log_return", "abs_log_return"))

    index = day.in_force(day.trades.ts)
    met = day.usable_at(index)
    bid, ask, bid_size, ask_size = (
        np.where(met, side[index], 1).astype(np.longdouble)
        for side in (day.quotes.bid / USD, day.quotes.ask / USD, day.quotes.bid_size, day.quotes.ask_size)
    )
    ask, mid = np.where(met, ask, 2), np.where(met, (bid + ask) / 2, 1)
    spread, log_size = ask - bid, np.log(ask_size) + np.log(bid_size)
    effective = 2 * (price - mid)
    told("effective_spread", abs(effective), met)
    told("signed_effective_spread", sign * effective, met)
    told("half_traded_spread", sign * effective / 2, met)
    told("proportional_effective_spread", abs(effective) / mid, met)
    told("signed_proportional_effective_spread", sign * effective / mid, met)
    told("proportional_half_traded_spread", sign * effective / 2 / mid, met)
    told("log_effective_spread", 2 * abs(np.log(price) - np.log(mid)), met)
    told("quoted_spread", spread, met)
    told("proportional_quoted_spread", spread / mid, met)
    told("log_quoted_spread", np.log(ask / bid), met)
    told("log_quoted_size", log_size, met)
    sloped = met & (log_size > 0)
    divisor = np.where(sloped, log_size, 1)
    told("quoted_slope", spread / divisor, sloped)
    told("log_quoted_slope", np.log(ask / bid) / divisor, sloped)
    told("depth_imbalance_difference", sign * (ask_size - bid_size) / (ask_size + bid_size), met)
    told("depth_imbalance_ratio", (ask_size / bid_size) ** sign, met)
    _returns(told, mid, met, ("mid_quote_squared_return", "mid_quote_abs_return"))
    for horizon in horizons:
        _parts(told, day, (sign, price, mid, met), horizon)
    return found | _book(day)


def _returns(told, level: np.ndarray, kept: np.ndarray, names: tuple[str, str]) -> None:
    """Returns between neighbours among the kept; the later one weighs."""
    rows = np.flatnonzero(kept)
    change, has = np.zeros_like(level), np.zeros(len(level), dtype=bool)
    change[rows[1:]], has[rows[1:]] = np.diff(np.log(level[rows])), True
    told(names[0], change**2, has)
    told(names[1], abs(change), has)


def _parts(told, day: Day, trades: tuple, horizon: int) -> None:
    """What is left of the spread after a while, and how far the mid has moved by then."""
    sign, price, mid, met = trades
    later = day.trades.ts + horizon * SECOND
    then = day.in_force(later, at_or_before=True)
    kept = met & day.usable_at(then) & (later < day.session.end)
    mid_then = np.where(kept, (day.quotes.bid[then] + day.quotes.ask[then]) / (2 * USD), 1)
    parts = {
        "signed_effective_spread": sign * 2 * (price - mid),
        "realized_spread": sign * 2 * (price - mid_then),
        "price_impact": sign * 2 * (mid_then - mid),
        "proportional_realized_spread": sign * 2 * (price - mid_then) / mid,
        "proportional_price_impact": sign * 2 * (mid_then - mid) / mid,
        "log_realized_spread": sign * 2 * (np.log(price) - np.log(mid_then)),
        "log_price_impact": sign * 2 * (np.log(mid_then) - np.log(mid)),
    }
    for name, values in parts.items():
        told(name, values, kept, horizon)


def _book(day: Day) -> dict[str, tuple[float, int]]:
    """States by how long they last: until the next one, the last until the close."""
    q, n = day.quotes, len(day.quotes)
    lasted = np.diff(np.append(q.ts, day.session.end)).astype(np.longdouble)
    whole = (q.bid > 0) & (q.ask > 0) & (q.bid_size > 0) & (q.ask_size > 0)
    usable = whole & (q.ask > q.bid)
    bid, ask = q.bid[usable] / USD, q.ask[usable] / USD
    states = {
        "proportional_quoted_spread": 2 * (ask - bid) / (ask + bid),
        "log_quoted_spread": np.log(ask / bid),
        "bid_depth": q.bid_size[usable], "ask_depth": q.ask_size[usable],
        "bid_dollar_depth": bid * q.bid_size[usable], "ask_dollar_depth": ask * q.ask_size[usable],
    }  # fmt: skip
    time = lasted[usable]
    found = {f"{name}_time_weighted": (float((v * time).sum() / time.sum()), n) for name, v in states.items()}
    shares = {"locked": whole & (q.ask == q.bid), "crossed": whole & (q.ask < q.bid), "one_sided": ~whole}
    return found | {
        f"{name}_time_share": (float(lasted[mask].sum() / lasted.sum()), n) for name, mask in shares.items()
    }
