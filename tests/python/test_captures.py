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
# Recorded tapes may not be handed on: where they are not, nothing here can be compared.
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the captures are absent; IMPACTD_REAL_DATA=FOLDER make test runs this")
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


class Levels:
    """A book kept as Binance says how: a snapshot, and the changes that follow it. States of one level, by time."""

    def __init__(self, path: Path, has_exchange: bool):
        self.sides, self.states, waiting, last = {"b": {}, "a": {}}, [], [], None
        with gzip.open(path, "rt") as lines:
            for line in lines:
                stamp, text = line.split(" ", 1)
                message = json.loads(text)
                if "lastUpdateId" in message:
                    last = message["lastUpdateId"]
                    self.change({"b": message["bids"], "a": message["asks"]})
                    waiting = [change for change in waiting if change["u"] > last]
                elif "@depth" in message.get("stream", ""):
                    waiting.append(message["data"])
                if last is None or not waiting:
                    continue
                for change in waiting:
                    assert change["U"] <= last + 1 or change.get("pu") == last
                    last = change["u"]
                    self.change(change)
                ts = waiting[-1]["T"] * 1_000_000 if has_exchange else int(stamp)
                waiting = []
                bids, asks = sorted(self.sides["b"].items())[::-1][:5], sorted(self.sides["a"].items())[:5]
                self.states.append((ts, *(number for rung in zip(bids, asks) for level in rung for number in level)))

    def change(self, change: dict) -> None:
        for side, levels in self.sides.items():
            for price, size in change[side]:
                price, size = units(price, 10**9), units(size, COIN)
                if size:
                    levels[price] = size
                else:
                    levels.pop(price, None)

    def level(self, number: int) -> pd.DataFrame:
        frame = pd.DataFrame(self.states).sort_values(0, kind="stable").iloc[:, [0, *range(4 * number - 3, 4 * number + 1)]]
        return frame.set_axis(["ts", "bid", "bid_size", "ask", "ask_size"], axis=1)


def depth_by_hand(states: pd.DataFrame) -> pd.Series:
    """Mean over time of (bid size + ask size) / 2 in each second of the day, where the level is told."""
    first = pd.Timestamp(DATE, tz="UTC").value
    edges = first + np.arange(86_401) * SECOND
    states = states[states.ts < edges[-1]]
    ts = np.append(states.ts, edges[-1])
    coins = (states.bid_size + states.ask_size).to_numpy() / (2 * COIN)
    upto = np.append(0.0, np.cumsum(np.diff(ts) * coins))
    at = np.clip(np.searchsorted(ts, edges, side="right") - 1, 0, len(coins) - 1)
    held = np.maximum(edges - ts[0], 0)
    area = np.where(held > 0, upto[at] + (edges - ts[at]) * coins[at], 0.0)
    with np.errstate(invalid="ignore"):
        return pd.Series(np.diff(area) / np.diff(held))


@pytest.mark.parametrize("name", ["usdm_btcusdt_20240808.gz", "spot_btcusdt_20240808.gz"])
def test_levels_behind_the_best_are_those_of_a_book_kept_by_hand(name, tmp_path):
    arguments = ["--calendar", "24x7", "--bar", "1s", "--levels", "5", "--measures", "spot", "--out", str(tmp_path)]
    subprocess.run([BINARY, "batch", str(DATA / name), *arguments], check=True)
    (part,) = (tmp_path / f"bars_levels/date={DATE}").glob("*.parquet")
    found = pd.read_parquet(part)
    quotes, trades = read(DATA / name)
    book = Levels(DATA / name, quotes.exchange.notna().all())
    best = found[found.level == 1].ofi_shares.to_numpy()
    assert np.array_equal(best, bars_by_hand(quotes, trades).ofi / COIN)
    for level in range(2, 6):
        own, states = found[found.level == level].reset_index(drop=True), book.level(level)
        ofi = bars_by_hand(states, trades).ofi / COIN
        assert len(own) == 86_400 and (ofi != 0).sum() > 200
        np.testing.assert_array_equal(own.ofi_shares, ofi)
        np.testing.assert_allclose(own.depth_mean_shares.astype(float), depth_by_hand(states), rtol=1e-9)
        print(name, "level", level, "sum of ofi", ofi.sum(), "mean depth", own.depth_mean_shares.mean())


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
