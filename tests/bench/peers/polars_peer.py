"""The benchmark's work in Polars: lazy scan, join_asof, two threads. One symbol-day in the default csv layout.

    polars_peer.py QUOTES.csv TRADES.csv --start-ns N --end-ns N [--bar-ns N]

Read, keep the session, match each trade to the quote strictly before it, Lee-Ready with the tick test,
OFI and trade imbalance by bar, two regressions; one line of JSON. Prices are integers at 1e-9 dollar.
"""

import argparse
import json
import os

os.environ["POLARS_MAX_THREADS"] = "2"
import polars as pl

col = pl.col


def exact(name: str) -> pl.Expr:
    """A decimal price read as a float -> the integer it stands for."""
    return (col(name) * 1e9).round().cast(pl.Int64)


def scan(path: str, start: int, end: int, prices: list[str], sizes: list[str]) -> pl.LazyFrame:
    """The session's rows and only the columns asked for."""
    types = {"ts": pl.Int64, **dict.fromkeys(prices, pl.Float64), **dict.fromkeys(sizes, pl.Int64)}
    rows = pl.scan_csv(path, schema_overrides=types).select("ts", *prices, *sizes)
    rows = rows.filter(col("ts").is_between(start, end, closed="left"))
    return rows.with_columns(exact(price) for price in prices)


def signed(trades: pl.LazyFrame, quotes: pl.LazyFrame) -> pl.LazyFrame:
    """Lee-Ready; the tick test where the mid says nothing or the quote in force is not usable."""
    tick = col("price").diff().sign().replace(0, None).forward_fill().fill_null(0)
    mid = pl.when("usable").then(col("mid2")).fill_null(2 * col("price"))
    side = (2 * col("price") - mid).sign()
    return (
        trades.filter(col("price") > 0, col("size") > 0)
        .with_columns(tick=tick)
        .set_sorted("ts")
        .join_asof(quotes.select("ts", "usable", "mid2").set_sorted("ts"), on="ts", allow_exact_matches=False)
        .select("ts", "size", sign=pl.when(side != 0).then(side).otherwise("tick"))
    )


def ofi() -> pl.Expr:
    """Cont-Kukanov-Stoikov, between consecutive usable quotes."""
    b, a, bs, sz = (col(c) for c in ("bid", "ask", "bid_size", "ask_size"))
    b0, a0, bs0, sz0 = (c.shift() for c in (b, a, bs, sz))
    return ((b >= b0) * bs - (b <= b0) * bs0 - (a <= a0) * sz + (a >= a0) * sz0).fill_null(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("quotes")
    parser.add_argument("trades")
    parser.add_argument("--start-ns", type=int, required=True)
    parser.add_argument("--end-ns", type=int, required=True)
    parser.add_argument("--bar-ns", type=int, default=10_000_000_000)
    args = parser.parse_args()
    span = args.start_ns, args.end_ns
    bar = ((col("ts") - args.start_ns) // args.bar_ns).alias("bar")

    b, a, bs, sz = (col(c) for c in ("bid", "ask", "bid_size", "ask_size"))
    quotes = scan(args.quotes, *span, ["bid", "ask"], ["bid_size", "ask_size"]).with_columns(
        usable=((b > 0) & (bs > 0) & (sz > 0) & (a > b)).fill_null(False), mid2=a + b
    )
    trades = signed(scan(args.trades, *span, ["price"], ["size"]), quotes)
    by_quotes = quotes.filter("usable").with_columns(e=ofi()).group_by(bar).agg(col("e").sum(), col("mid2").last())
    by_trades = trades.group_by(bar).agg(ti=(col("sign") * col("size")).sum(), signs=col("sign").sum())
    count = -(-(args.end_ns - args.start_ns) // args.bar_ns)
    bars, flow = pl.collect_all([by_quotes, by_trades])

    table = (
        pl.DataFrame({"bar": range(count)})
        .join(bars, "bar", how="left", maintain_order="left")
        .join(flow, "bar", how="left", maintain_order="left")
        .with_columns(col("e", "ti", "signs").fill_null(0), col("mid2").forward_fill())
        .with_columns(y=col("mid2").diff() / 2e7)
    )
    slope = lambda x: pl.cov(x, "y") / col(x).var()
    fit = table.drop_nulls("y").select(
        n=pl.len(), ofi=slope("e"), kyle=slope("ti"), r2=pl.corr("e", "y") ** 2
    ).row(0, named=True)  # fmt: skip
    print(json.dumps({
        "library": "polars", "version": pl.__version__, "n": fit["n"],
        "slope_ofi_cents_per_share": fit["ofi"], "r2": fit["r2"],
        "sum_sign": table["signs"].sum(), "ofi_shares": table["e"].sum(),
        "slope_kyle_cents_per_share": fit["kyle"],
    }))  # fmt: skip


if __name__ == "__main__":
    main()
