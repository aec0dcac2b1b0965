"""A LOBSTER pair -> a tape and its aggressors.

    message    seconds after midnight, type, order id, size, price * 10000, direction of the RESTING order
    orderbook  row k is the book after message k: ask * 10000, ask size, bid * 10000, bid size a level

Executions are types 4 (visible) and 5 (hidden); the aggressor is the other side. Crosses (6) have no aggressor.
Since 14 July 2014 hidden executions tell nothing. A price of +-9999999999 is no side.
"""

from datetime import date, time
from pathlib import Path

import numpy as np
import pandas as pd

from .session import SECOND, nanos
from .tapes import Quotes, Tape, Trades

PRICE = 100_000  # one LOBSTER price unit, 1e-4 dollar, in 1e-9 dollar
NO_PRICE = 9_999_999_999
HIDDEN_SIDE_UNTOLD_FROM = date(2014, 7, 14)


def read_pair(message: str | Path, orderbook: str | Path) -> tuple[Tape, np.ndarray]:
    """The tape and the sign of each of its trades: +1 buyer, -1 seller, 0 not told."""
    symbol, day = Path(message).name.split("_")[:2]
    day = date.fromisoformat(day)
    rows = pd.read_csv(message, header=None, usecols=range(6), dtype={0: str, **dict.fromkeys(range(1, 6), np.int64)})
    ts = nanos(day, time()) + np.array([_seconds(text) for text in rows[0]])
    book = pd.read_csv(orderbook, header=None, usecols=range(4), dtype=np.int64)
    sides = []
    for price, size in ((2, 3), (0, 1)):
        there = np.abs(book[price].to_numpy()) != NO_PRICE
        sides += [np.where(there, book[price] * PRICE, 0), np.where(there, book[size], 0)]
    kind = rows[1].to_numpy()
    traded = (kind >= 4) & (kind <= 6)
    untold = (kind == 6) | ((kind == 5) & (day >= HIDDEN_SIDE_UNTOLD_FROM))
    sign = np.where(untold, 0, -rows[5].to_numpy())[traded]
    trades = Trades(ts[traded], rows[4].to_numpy()[traded] * PRICE, rows[3].to_numpy()[traded])
    return Tape(symbol, day, Quotes(ts, *sides), trades), sign


def _seconds(text: str) -> int:
    """`34200.18960767` -> nanoseconds, digit by digit."""
    whole, _, fraction = text.partition(".")
    return int(whole) * SECOND + int(fraction.ljust(9, "0"))
