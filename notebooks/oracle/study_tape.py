"""Files of one symbol, any number of days -> what `impactd study --json` tells of them."""

import json
from collections import Counter
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd

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


def told(symbol: str, sign: str, days: list[MarketOrders], fills: dict, hours: str = HOURS, lengths=LENGTHS) -> dict:
    """The document of `impactd study --json`."""
    found = study(days, list(lengths), SEED)
    return {"symbol": symbol, "hours": hours, "sign": sign, "seed": SEED, "fills": fills, "study": found}


def brief(document):
    """Without curves, bins and trees."""
    if isinstance(document, dict):
        left_out = ("curve_cents_on_shares", "by_volume", "trees")
        return {key: brief(value) for key, value in document.items() if key not in left_out}
    return [brief(value) for value in document] if isinstance(document, list) else document


def write_orders(days: list[MarketOrders], path: Path) -> None:
    """One line an order."""
    names = [f.name for f in fields(MarketOrders)]
    tables = [pd.DataFrame({name: getattr(orders, name) for name in names}) for orders in days]
    pd.concat(tables).to_csv(path, index=False, lineterminator="\n")


def to_json(document: dict) -> str:
    return json.dumps(document, indent=1, default=_plain) + "\n"


def _plain(value):
    """numpy's numbers as Python's."""
    return value.item() if isinstance(value, np.generic) else str(value)
