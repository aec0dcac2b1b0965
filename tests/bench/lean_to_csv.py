"""A Lean pair of tick zips -> `quotes.csv` and `trades.csv` in the default layout, for the benchmark.

    lean_to_csv.py IN_quote.zip IN_trade.zip OUTDIR

One row a STATE of the best bid and offer (a bid row and the ask row of the same millisecond are one); a side
that is not there is written 0. Stamps are ns UTC, prices exact decimals.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "notebooks"))
from oracle.tapes import read_tape


def decimal(price: int) -> str:
    """An integer at 1e-9 as the shortest decimal: 181230000000 -> 181.23."""
    return f"{price // 10**9}.{price % 10**9:09d}".rstrip("0").rstrip(".")


def main(quotes_zip: str, trades_zip: str, out: str) -> None:
    tape, folder = read_tape(quotes_zip, trades_zip), Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    q, t = tape.quotes, tape.trades
    with (folder / "quotes.csv").open("w") as file:
        file.write("ts,symbol,bid,bid_size,ask,ask_size\n")
        for ts, b, bs, a, sz in zip(*(c.tolist() for c in (q.ts, q.bid, q.bid_size, q.ask, q.ask_size))):
            file.write(f"{ts},{tape.symbol},{decimal(b)},{bs},{decimal(a)},{sz}\n")
    with (folder / "trades.csv").open("w") as file:
        file.write("ts,symbol,price,size\n")
        for ts, p, sz in zip(*(c.tolist() for c in (t.ts, t.price, t.size))):
            file.write(f"{ts},{tape.symbol},{decimal(p)},{sz}\n")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
