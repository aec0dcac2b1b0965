"""The benchmark's work in DuckDB: read_csv, ASOF JOIN, two threads. One symbol-day in the default csv layout.

    duckdb_peer.py QUOTES.csv TRADES.csv --start-ns N --end-ns N [--bar-ns N]

Read, keep the session, match each trade to the quote strictly before it, Lee-Ready with the tick test,
OFI and trade imbalance by bar, two regressions; one line of JSON. Prices are integers at 1e-9 dollar.

The csv is read in parallel into temporary tables, which keep file order; windows over () then run in that
order without a sort. Of states with one stamp only the last can be in force, so the others leave the join.
"""

import argparse
import json

import duckdb

READ = """
CREATE TEMP TABLE quotes AS
SELECT ts, bid, ask, bid_size, ask_size,
       coalesce(bid > 0 AND bid_size > 0 AND ask_size > 0 AND ask > bid, false) AS usable
FROM (SELECT ts, round(bid * 1e9)::BIGINT AS bid, round(ask * 1e9)::BIGINT AS ask, bid_size, ask_size
      FROM read_csv($quotes, header = true, delim = ',', auto_detect = false, columns = {
          'ts': 'BIGINT', 'symbol': 'VARCHAR', 'bid': 'DOUBLE', 'bid_size': 'BIGINT',
          'ask': 'DOUBLE', 'ask_size': 'BIGINT'})
      WHERE ts >= $start AND ts < $end);
"""
READ_TRADES = """
CREATE TEMP TABLE trades AS
SELECT ts, round(price * 1e9)::BIGINT AS price, size
FROM read_csv($trades, header = true, delim = ',', types = {
    'ts': 'BIGINT', 'price': 'DOUBLE', 'size': 'BIGINT'})
WHERE ts >= $start AND ts < $end AND price > 0 AND size > 0;
"""
FLOW = """
CREATE TEMP TABLE flow AS
WITH changes AS (
    SELECT ts, price, size, sign(price - lag(price) OVER (ORDER BY rowid)) AS change, rowid AS row_no FROM trades
), ticks AS (
    SELECT ts, price, size,
           coalesce(last_value(nullif(change, 0) IGNORE NULLS) OVER (ORDER BY row_no), 0) AS tick
    FROM changes
), states AS (
    SELECT ts, CASE WHEN usable THEN bid + ask END AS mid2
    FROM (SELECT *, lead(ts) OVER () AS next FROM quotes) WHERE next IS DISTINCT FROM ts
), signed AS (
    SELECT t.ts, t.size, coalesce(nullif(sign(2 * t.price - s.mid2), 0), t.tick)::BIGINT AS sign
    FROM ticks t ASOF LEFT JOIN states s ON t.ts > s.ts
)
SELECT (ts - $start) // $bar AS bar, sum(sign * size) AS ti, sum(sign) AS signs FROM signed GROUP BY bar;
"""
BARS = """
CREATE TEMP TABLE bars AS
WITH steps AS (
    SELECT *, lag(bid) OVER () AS bid0, lag(ask) OVER () AS ask0,
           lag(bid_size) OVER () AS bid_size0, lag(ask_size) OVER () AS ask_size0
    FROM quotes WHERE usable
), by_bar AS (
    SELECT (ts - $start) // $bar AS bar, last(bid + ask) AS mid2,
           sum(CASE WHEN bid >= bid0 THEN bid_size ELSE 0 END - CASE WHEN bid <= bid0 THEN bid_size0 ELSE 0 END
             - CASE WHEN ask <= ask0 THEN ask_size ELSE 0 END + CASE WHEN ask >= ask0 THEN ask_size0 ELSE 0 END
           ) AS e
    FROM steps GROUP BY bar
), filled AS (
    SELECT g.bar, coalesce(e, 0) AS e, coalesce(ti, 0) AS ti, coalesce(signs, 0) AS signs,
           last_value(mid2 IGNORE NULLS) OVER (ORDER BY g.bar) AS mid2
    FROM range(0, $count) g(bar) LEFT JOIN by_bar USING (bar) LEFT JOIN flow USING (bar)
)
SELECT *, (mid2 - lag(mid2) OVER (ORDER BY bar)) / 2e7 AS y FROM filled;
"""
FIT = """
SELECT count(y), regr_slope(y, e), regr_r2(y, e), sum(signs)::BIGINT, sum(e)::BIGINT, regr_slope(y, ti) FROM bars;
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("quotes")
    parser.add_argument("trades")
    parser.add_argument("--start-ns", type=int, required=True)
    parser.add_argument("--end-ns", type=int, required=True)
    parser.add_argument("--bar-ns", type=int, default=10_000_000_000)
    args = parser.parse_args()
    span = {"start": args.start_ns, "end": args.end_ns}
    cut = {"start": args.start_ns, "bar": args.bar_ns}
    count = -(-(args.end_ns - args.start_ns) // args.bar_ns)

    db = duckdb.connect(config={"threads": 2})
    db.execute(READ, {"quotes": args.quotes, **span})
    db.execute(READ_TRADES, {"trades": args.trades, **span})
    db.execute(FLOW, cut)
    db.execute(BARS, {"count": count, **cut})
    n, ofi, r2, signs, e, kyle = db.execute(FIT).fetchone()
    print(json.dumps({
        "library": "duckdb", "version": duckdb.__version__, "n": n,
        "slope_ofi_cents_per_share": ofi, "r2": r2, "sum_sign": signs, "ofi_shares": e,
        "slope_kyle_cents_per_share": kyle,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
