"""Captured Binance streams: sums of flow, sides and a fit, against an independent hand in pandas and statsmodels."""

import gzip
import json
import os
import subprocess
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

BINARY = os.environ["IMPACTD_BINARY"]
DATA = Path(os.environ.get("IMPACTD_REAL_DATA", Path(__file__).parents[3] / "shared/data")) / "crypto"
DATE = "2024-08-08"
SECOND = 1_000_000_000
COIN = 10**8


def units(text: str, per: int) -> int:
    """A decimal in whole units, exactly."""
    scaled = Decimal(text) * per
    assert scaled == int(scaled)
    return int(scaled)


def read(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Quotes and trades; times are the exchange's where quotes have them, else local ones."""
    quotes, trades = [], []
    with gzip.open(path, "rt") as lines:
        for line in lines:
            stamp, text = line.split(" ", 1)
            message = json.loads(text)
            data, stream = message.get("data", {}), message.get("stream", "")
            if stream.endswith("@bookTicker"):
                sizes = [units(data[key], COIN) for key in "BA"]
                prices = [units(data[key], 10**9) for key in "ba"]
                quotes.append((int(stamp), data.get("T"), *prices, *sizes))
            elif stream.endswith("@trade"):
                sign = -1 if data["m"] else 1
                trades.append((int(stamp), data["T"], units(data["q"], COIN), sign))
    quotes = pd.DataFrame(quotes, columns=["local", "exchange", "bid", "ask", "bid_size", "ask_size"])
    trades = pd.DataFrame(trades, columns=["local", "exchange", "size", "sign"])
    has_exchange = quotes.exchange.notna().all()
    for frame in (quotes, trades):
        frame["ts"] = frame.exchange.astype("int64") * 1_000_000 if has_exchange else frame.local
    return quotes.sort_values("ts", kind="stable"), trades


def bars_by_hand(quotes: pd.DataFrame, trades: pd.DataFrame) -> pd.DataFrame:
    """One-second bars of a day of UTC."""
    first = pd.Timestamp(DATE, tz="UTC").value
    last = first + 86_400 * SECOND
    quotes = quotes[(quotes.ts < last) & (quotes.bid > 0) & (quotes.ask > quotes.bid)]
    quotes = quotes[(quotes.bid_size > 0) & (quotes.ask_size > 0)]
    before = quotes.shift()
    flow = (
        np.where(quotes.bid >= before.bid, quotes.bid_size, 0)
        - np.where(quotes.bid <= before.bid, before.bid_size, 0)
        - np.where(quotes.ask <= before.ask, quotes.ask_size, 0)
        + np.where(quotes.ask >= before.ask, before.ask_size, 0)
    )
    flow[0] = 0
    bars = pd.DataFrame(index=np.arange(86_400))
    second = (quotes.ts - first) // SECOND
    bars["ofi"] = pd.Series(flow.astype("int64"), index=second.values).groupby(level=0).sum()
    bars["mid_doubled"] = pd.Series((quotes.bid + quotes.ask).values, index=second.values).groupby(level=0).last()
    inside = trades[trades.ts < last]
    signed = (inside["size"] * inside.sign).values
    second = ((inside.ts - first) // SECOND).values
    bars["imbalance"] = pd.Series(signed, index=second).groupby(level=0).sum()
    bars[["ofi", "imbalance"]] = bars[["ofi", "imbalance"]].fillna(0).astype("int64")
    bars["change_cents"] = bars.mid_doubled.ffill().diff() / 2e7
    return bars


@pytest.mark.skipif(not DATA.is_dir(), reason="the captures are absent; IMPACTD_REAL_DATA names the folder of real tapes")
@pytest.mark.parametrize("name", ["usdm_btcusdt_20240808.gz", "spot_btcusdt_20240808.gz"])
def test_flow_and_a_fit_are_those_of_another_hand(name, tmp_path):
    arguments = ["--calendar", "24x7", "--bar", "1s", "--measures", "spot", "--out", str(tmp_path)]
    subprocess.run([BINARY, "batch", str(DATA / name), *arguments], check=True)
    (part,) = (tmp_path / f"bars/date={DATE}").glob("*.parquet")
    bars = pd.read_parquet(part)
    by_hand = bars_by_hand(*read(DATA / name))
    assert len(bars) == 86_400
    assert np.array_equal(bars.ofi_shares, by_hand.ofi / COIN)
    assert np.array_equal(bars.trade_imbalance_shares, by_hand.imbalance / COIN)
    observed = by_hand[by_hand.change_cents.notna()]
    fit = sm.OLS(observed.change_cents, sm.add_constant(observed.ofi / COIN)).fit()
    (part,) = (tmp_path / f"fits/date={DATE}").glob("*.parquet")
    fits = pd.read_parquet(part)
    (row,) = fits[(fits.model == "ofi") & (fits.term == "ofi") & (fits.window == "day")].to_dict("records")
    print(name, "sum of ofi", by_hand.ofi.sum() / COIN, "n", row["n"], "slope", row["coefficient"], "r2", row["r2"])
    assert row["unit"] == "cents_per_share" and row["n"] == len(observed)
    assert row["coefficient"] == pytest.approx(fit.params.iloc[1], rel=1e-9)
    assert row["r2"] == pytest.approx(fit.rsquared, rel=1e-9)
