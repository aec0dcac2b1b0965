"""Files of one symbol, any number of days -> what `impactd study --json` tells of them."""

import json
from collections import Counter
from pathlib import Path

import numpy as np

from .book import Day
from .lobster import read_pair
from .market_orders import MarketOrders, hours_of, market_orders
from .signs import lee_ready
from .study import study
from .tapes import read_tape

HOURS, LENGTHS, SEED = "10:30-15:00", (5, 10, 20, 50), 1


def read_days(paths: list[Path], hours: str = HOURS) -> tuple[str, str, list[MarketOrders], dict]:
    """Symbol, signing rule, each day's market orders, and what became of the fills."""
    pairs, sign_rule = _pairs(paths)
    days, fills, dropped = [], Counter(seen=0, kept=0), Counter()
    for pair in pairs:
        tape, told = read_pair(*pair) if sign_rule == "known" else (read_tape(*pair), None)
        day = Day.of(tape)
        sign = lee_ready(day) if told is None else told[_in_session(tape, day)]
        orders, left_out = market_orders(day, sign, hours_of(hours, tape.day))
        days.append(orders)
        fills.update(seen=len(day.trades), kept=int(orders.fills.sum()))
        dropped.update(left_out)
    return tape.symbol, sign_rule, days, {**fills, "dropped": dict(sorted(dropped.items()))}


def _in_session(tape, day) -> np.ndarray:
    t = tape.trades
    return day.session.covers(t.ts) & (t.price > 0) & (t.size > 0)


def _pairs(paths: list[Path]) -> tuple[list[tuple[Path, Path]], str]:
    """Files sorted by name pair up; a LOBSTER message file goes before its orderbook, a quote file before its trades."""
    names = sorted(Path(path) for path in paths)
    pairs = list(zip(names[::2], names[1::2]))
    return pairs, "known" if "_message_" in names[0].name else "lee-ready"


def told(paths: list[Path], hours: str = HOURS, lengths=LENGTHS, seed: int = SEED, with_contests: bool = True) -> dict:
    symbol, sign, days, fills = read_days(paths, hours)
    found = study(days, list(lengths), seed, with_contests)
    return {"symbol": symbol, "hours": hours, "sign": sign, "seed": seed, "fills": fills, "study": found}


def to_json(document: dict) -> str:
    return json.dumps(document, indent=1, default=_plain) + "\n"


def _plain(value):
    """numpy's numbers as Python's."""
    return value.item() if isinstance(value, np.generic) else str(value)
