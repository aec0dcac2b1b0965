"""Files -> exact integers.

Two layouts, told apart by the file name:

    .zip  QuantConnect Lean tick archives: New York ms since midnight, prices * 10000
    .csv  quotes `ts,symbol,bid,bid_size,ask,ask_size`, trades `ts,symbol,price,size[,...]`;
          ts in ns UTC (or RFC 3339), prices decimal, empty sides mean "no quote on that side"

Prices become integers at 1e-9 dollar, sizes whole shares, stamps ns since 1970 UTC; rows keep file order.
"""

import re
import zipfile
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from .session import date_of, nanos

LEAN_ENTRY = re.compile(r"(?P<day>\d{8})_(?P<symbol>.+)_(?:quote|trade)_tick\.csv", re.IGNORECASE)
LEAN_PRICE = 100_000  # one Lean price unit, 1e-4 dollar, in 1e-9 dollar
MILLISECOND = 1_000_000
EXACT = pa.decimal128(18, 9)  # a decimal at nine places IS an integer at 1e-9


class Columns:
    """A record of equally long int64 columns."""

    def __len__(self) -> int:
        return len(self.ts)

    def where(self, mask):
        """The rows under the mask, in order."""
        return type(self)(*(getattr(self, f.name)[mask] for f in fields(self)))


@dataclass(frozen=True)
class Quotes(Columns):
    """States of the best bid and offer; a side that is not there is 0."""

    ts: np.ndarray
    bid: np.ndarray
    bid_size: np.ndarray
    ask: np.ndarray
    ask_size: np.ndarray


@dataclass(frozen=True)
class Trades(Columns):
    ts: np.ndarray
    price: np.ndarray
    size: np.ndarray


@dataclass(frozen=True)
class Tape:
    """One symbol on one New York date, the whole file."""

    symbol: str
    day: date
    quotes: Quotes
    trades: Trades


def read_tape(quotes_path: str | Path, trades_path: str | Path) -> Tape:
    """Read a pair of files of one symbol-day; refuse pairs that do not belong together or run backwards."""
    read = _read_lean if str(quotes_path).endswith(".zip") else _read_csv
    symbol, day, quotes = read(quotes_path, Quotes)
    others, trades_day, trades = read(trades_path, Trades)
    if (symbol, day) != (others, trades_day):
        raise ValueError(f"quotes are {symbol} {day}, trades are {others} {trades_day}")
    for name, rows in (("quotes", quotes), ("trades", trades)):
        if np.any(np.diff(rows.ts) < 0):
            raise ValueError(f"{name}: time runs backwards at row {int(np.argmax(np.diff(rows.ts) < 0)) + 2}")
    return Tape(symbol, day, quotes, trades)


def _read_lean(path: str | Path, kind: type):
    with zipfile.ZipFile(path) as archive:
        (entry,) = archive.namelist()
        name = LEAN_ENTRY.fullmatch(entry)
        day = datetime.strptime(name["day"], "%Y%m%d").date()
        count = 5 if kind is Quotes else 3
        with archive.open(entry) as lines:
            rows = np.loadtxt(lines, dtype=np.int64, delimiter=",", usecols=range(count), ndmin=2)
    rows[:, 0] = rows[:, 0] * MILLISECOND + nanos(day, time())
    rows[:, 1] *= LEAN_PRICE
    if kind is Quotes:
        rows[:, 3] *= LEAN_PRICE
        return name["symbol"].upper(), day, _lean_states(*rows.T)
    return name["symbol"].upper(), day, Trades(*rows.T)


def _lean_states(ts, bid, bid_size, ask, ask_size) -> Quotes:
    """One-sided rows -> states: a running bid and a running ask over the whole file.

    A bid row directly followed by an ask row of the same millisecond is ONE change of state; every other
    row is a change of its own side only.
    """
    has_bid, has_ask = (bid != 0) | (bid_size != 0), (ask != 0) | (ask_size != 0)
    only_bid, only_ask = has_bid & ~has_ask, has_ask & ~has_bid
    pair_opens = np.zeros(len(ts), dtype=bool)
    pair_opens[:-1] = only_bid[:-1] & only_ask[1:] & (ts[:-1] == ts[1:])
    running = (_carry(bid, has_bid), _carry(bid_size, has_bid), _carry(ask, has_ask), _carry(ask_size, has_ask))
    return Quotes(ts, *running).where(~pair_opens)


def _carry(values, present):
    """Each row's last present value, 0 before the first."""
    last = np.maximum.accumulate(np.where(present, np.arange(len(values)), -1))
    return np.where(last >= 0, values[last], 0)


def _read_csv(path: str | Path, kind: type):
    prices = [f.name for f in fields(kind) if f.name in ("bid", "ask", "price")]
    sizes = [f.name for f in fields(kind) if f.name.endswith("size")]
    options = pyarrow.csv.ConvertOptions(
        include_columns=["symbol", *(f.name for f in fields(kind))],
        column_types={"symbol": pa.string(), **dict.fromkeys(prices, EXACT), **dict.fromkeys(sizes, pa.int64())},
    )
    table = pyarrow.csv.read_csv(path, convert_options=options).combine_chunks()
    symbols = pc.unique(table["symbol"]).to_pylist()
    rows = kind(*(_integers(table[f.name]) for f in fields(kind)))
    days = {date_of(int(ts)) for ts in rows.ts[[0, -1]]} if len(rows) else set()
    if len(symbols) != 1 or len(days) != 1:
        raise ValueError(f"{path}: one symbol on one date is wanted, not {symbols[:9]} on {sorted(map(str, days))}")
    return symbols[0], days.pop(), rows


def _integers(column: pa.ChunkedArray) -> np.ndarray:
    """int64 of a column: decimals at 1e-9, stamps in ns, nothing as 0."""
    array = column.combine_chunks()
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.timestamp("ns", array.type.tz)).cast(pa.int64())
    if pa.types.is_decimal(array.type):
        low_words = np.frombuffer(array.buffers()[1], dtype="<i8")[::2]
        words = low_words[array.offset : array.offset + len(array)]
        return np.where(array.is_valid().to_numpy(zero_copy_only=False), words, 0)
    return array.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
