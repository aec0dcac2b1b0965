"""Canonical ticks open in pandas, Polars and DuckDB with nanoseconds, sizes and prices whole."""

import os
import subprocess
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest

BINARY = os.environ["IMPACTD_BINARY"]

QUOTES = """ts,symbol,bid,bid_size,ask,ask_size,sequence,venue,ts_received
1381152600000000001,ABC,10.010000001,300,10.03,200,1,N,1381152600000000007
1381152600000000002,ABC,10.02,100,10.03,99999999999,2,,
1381152600123456789,ABC,0,0,10.03,200,3,P,1381152600123456790
"""
TRADES = """ts,symbol,price,size,side,conditions
1381152600000000003,ABC,10.03,7,buy, F I
1381152600999999999,ABC,10.02,9,,
"""


@pytest.fixture(scope="module")
def ticks(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("ticks")
    for name, text in [("quotes", QUOTES), ("trades", TRADES)]:
        (folder / f"{name}.csv").write_text(text)
    out = folder / "out"
    inputs = [str(folder / "quotes.csv"), str(folder / "trades.csv")]
    subprocess.run([BINARY, "convert", *inputs, "--out", str(out)], check=True)
    return out


def part(ticks: Path, table: str) -> str:
    (found,) = (ticks / table / "date=2013-10-07").glob("*.parquet")
    return str(found)


STAMPS = [1381152600000000001, 1381152600000000002, 1381152600123456789]
RECEIVED = [1381152600000000007, None, 1381152600123456790]


def test_pandas_reads_nanoseconds_and_sizes_whole(ticks):
    quotes = pd.read_parquet(part(ticks, "quotes"))
    assert quotes["ts"].astype("int64").tolist() == STAMPS
    assert [None if pd.isna(t) else t.value for t in quotes["ts_received"]] == RECEIVED
    assert quotes["ask_size"].tolist() == [200, 99999999999, 200]
    assert [Decimal(repr(p)) for p in quotes["bid"][:2]] == [Decimal("10.010000001"), Decimal("10.02")]
    assert [None if pd.isna(v) else v for v in quotes["venue"]] == ["N", None, "P"]


def test_polars_reads_the_same(ticks):
    quotes = pl.read_parquet(part(ticks, "quotes"))
    assert quotes["ts"].dtype == pl.Datetime("ns")
    assert quotes["ts"].to_physical().to_list() == STAMPS
    assert quotes["ts_received"].to_physical().to_list() == RECEIVED
    trades = pl.read_parquet(part(ticks, "trades"))
    assert trades["side"].to_list() == ["buy", None]
    assert trades["conditions"].to_list() == [" F I", None]
    whole = pl.scan_parquet(str(ticks / "trades"), hive_partitioning=True).collect()
    assert whole["date"].cast(pl.String).to_list() == ["2013-10-07"] * 2


def test_duckdb_reads_the_same(ticks):
    told = duckdb.sql(f"select epoch_ns(ts), epoch_ns(ts_received), ask_size from '{part(ticks, 'quotes')}'").fetchall()
    assert told == list(zip(STAMPS, RECEIVED, [200, 99999999999, 200]))
