"""The benchmark's work in pandas: pyarrow csv, merge_asof, two threads. One symbol-day in the default csv layout.

    pandas_peer.py QUOTES.csv TRADES.csv --start-ns N --end-ns N [--bar-ns N]

Read, keep the session, match each trade to the quote strictly before it, Lee-Ready with the tick test,
OFI and trade imbalance by bar, two regressions; one line of JSON. Prices are integers at 1e-9 dollar.
"""

import argparse
import json

import numpy as np
import pandas as pd
import pyarrow as pa

pa.set_cpu_count(2)
pa.set_io_thread_count(2)


def read(path: str, start: int, end: int, prices: list[str], sizes: list[str]) -> pd.DataFrame:
    """The session's rows and only the columns asked for."""
    types = {"ts": np.int64, **dict.fromkeys(prices, np.float64), **dict.fromkeys(sizes, np.int64)}
    rows = pd.read_csv(path, engine="pyarrow", usecols=list(types), dtype=types)
    rows = rows[rows["ts"].between(start, end, inclusive="left")]
    return rows.assign(**{price: (rows[price] * 1e9).round().astype(np.int64) for price in prices})


def signed(trades: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """Lee-Ready; the tick test where the mid says nothing or the quote in force is not usable."""
    change = np.sign(trades["price"].diff())
    tick = change.where(change != 0).ffill().fillna(0).astype(np.int64).to_numpy()
    matched = pd.merge_asof(trades, states, on="ts", allow_exact_matches=False)
    mid2, known = matched["mid2"].fillna(0).astype(np.int64), matched["usable"].eq(True)
    side = np.sign(2 * matched["price"] - mid2) * known
    return matched.assign(sign=np.where(side != 0, side, tick))


def ofi(q: pd.DataFrame) -> np.ndarray:
    """Cont-Kukanov-Stoikov, between consecutive usable quotes."""
    b, a, bs, sz = (q[c].to_numpy() for c in ("bid", "ask", "bid_size", "ask_size"))
    e = np.zeros(len(q), dtype=np.int64)
    e[1:] = (
        (b[1:] >= b[:-1]) * bs[1:] - (b[1:] <= b[:-1]) * bs[:-1]
        - (a[1:] <= a[:-1]) * sz[1:] + (a[1:] >= a[:-1]) * sz[:-1]
    )  # fmt: skip
    return e


def slope(y: pd.Series, x: pd.Series) -> float:
    return float(x.cov(y) / x.var())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("quotes")
    parser.add_argument("trades")
    parser.add_argument("--start-ns", type=int, required=True)
    parser.add_argument("--end-ns", type=int, required=True)
    parser.add_argument("--bar-ns", type=int, default=10_000_000_000)
    args = parser.parse_args()
    span = args.start_ns, args.end_ns
    count = -(-(args.end_ns - args.start_ns) // args.bar_ns)

    q = read(args.quotes, *span, ["bid", "ask"], ["bid_size", "ask_size"])
    q["usable"] = (q["bid"] > 0) & (q["bid_size"] > 0) & (q["ask_size"] > 0) & (q["ask"] > q["bid"])
    q["mid2"] = q["bid"] + q["ask"]
    t = read(args.trades, *span, ["price"], ["size"])
    t = signed(t[(t["price"] > 0) & (t["size"] > 0)], q[["ts", "usable", "mid2"]])

    bar = lambda rows: (rows["ts"] - args.start_ns) // args.bar_ns
    q = q[q["usable"]]
    by_quotes = q.assign(e=ofi(q)).groupby(bar(q)).agg(e=("e", "sum"), mid2=("mid2", "last"))
    by_trades = t.assign(ti=t["sign"] * t["size"]).groupby(bar(t)).agg(ti=("ti", "sum"))
    table = by_quotes.reindex(range(count)).join(by_trades)
    table = table.assign(e=table["e"].fillna(0), ti=table["ti"].fillna(0), mid2=table["mid2"].ffill())
    e_total = int(table["e"].sum())
    table["y"] = table["mid2"].diff() / 2e7
    table = table.dropna(subset="y")
    print(json.dumps({
        "library": "pandas", "version": pd.__version__, "n": len(table),
        "slope_ofi_cents_per_share": slope(table["y"], table["e"]), "r2": float(table["e"].corr(table["y"]) ** 2),
        "sum_sign": int(t["sign"].sum()), "ofi_shares": e_total,
        "slope_kyle_cents_per_share": slope(table["y"], table["ti"]),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
