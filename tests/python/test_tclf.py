"""Every signing rule held against tclf, a scikit-learn-style package of its own, on random tapes through the program.

Prices lie on a grid of 1/64 dollar, so that tclf's floats are exact; its comparisons within 1e-4 + 1e-5 p never join
neighbours on that grid. Deliberate differences, each made visible below rather than left out:

* tclf guesses a random side where no rule can tell; here the sign is 0. Asked with `strategy="const"`, tclf agrees.
* A locked quote (bid = ask) has a mid for tclf. Here locked and crossed books are no quote at all, as Holden and Jacobsen
  (2014) have it, and rules fall back to the tick rule.
* Against a crossed quote tclf's EMO and CLNV ask its quote rule, which is silent, and do not fall back. Here they do.
* A quote without a size on one side is one-sided here and no quote; tclf does not look at sizes.

So tclf is given NaN for quotes that are not usable: then both agree in full. CLNV's bounds at three tenths of the spread
are compared exactly here and in floats by tclf: spreads of the tape are no multiples of ten ticks, and no price lies on a
bound. tclf's columns are named by their venue (`ex`, `best`); there is one book here.
"""

import os
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from tclf.classical_classifier import ClassicalClassifier

OPEN = 1_381_152_600_000_000_000  # 2013-10-07 09:30 New York
TICK = 1 / 64
RULES = {
    "tick": "tick", "rev_tick": "rev-tick", "quote": "quote", "lr": "lee-ready", "rev_lr": "rev-lee-ready",
    "emo": "emo", "rev_emo": "rev-emo", "clnv": "clnv", "rev_clnv": "rev-clnv", "trade_size": "trade-size",
    "depth": "depth",
}  # fmt: skip
STACKS = [
    ("quote", "depth", "tick"),
    ("trade_size", "quote", "depth", "rev_tick"),
    ("depth", "emo"),
    ("trade_size", "rev_clnv"),
    ("quote", "rev_tick", "tick"),
]


def tape(seed: int, rows: int = 3_000) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Quotes in force and the trades that meet them: ties, locked and crossed books, and sides that are missing."""
    random = np.random.default_rng(seed)
    bid = 6_400 + np.cumsum(random.integers(-1, 2, rows))
    spread = random.choice([-2, -1, 0, 1, 2, 3, 4, 7, 9, 13], rows, p=[.04, .04, .08, .2, .2, .14, .1, .1, .05, .05])
    size = random.integers(1, 6, (2, rows)) * 100
    size[:, random.random(rows) < 0.05] = 0
    kind = random.random(rows)
    ask = bid + spread
    price = np.select(
        [kind < 0.25, kind < 0.5, kind < 0.7], [bid, ask, (bid + ask) // 2], bid + random.integers(-3, 15, rows))
    at = OPEN + (1 + np.arange(rows)) * 1_000_000_000
    quotes = pd.DataFrame({
        "ts": at, "bid": bid * TICK, "bid_size": size[0], "ask": ask * TICK, "ask_size": size[1]})
    # No quote before the first trades.
    trades = pd.DataFrame({"ts": at + 1_000, "price": price * TICK, "size": random.integers(1, 7, rows) * 100})
    # A price that stands for a while, again and again.
    held = np.repeat(trades["price"].to_numpy()[::20], 20)[:rows]
    still = random.random(rows) < 0.3
    trades["price"] = np.where(still, held, trades["price"])
    return quotes.iloc[3:].reset_index(drop=True), trades


def write(folder: Path, quotes: pd.DataFrame, trades: pd.DataFrame) -> list[str]:
    paths = []
    for name, frame in (("quotes", quotes), ("trades", trades)):
        frame = frame.assign(symbol="SIM")
        for column in ("bid", "ask", "price"):
            if column in frame:
                frame[column] = frame[column].map(lambda dollars: f"{dollars:.6f}")
        path = folder / f"{name}.csv"
        frame.to_csv(path, index=False)
        paths.append(str(path))
    return paths


def signed(paths: list[str], out: Path, *more: str) -> pd.DataFrame:
    command = [os.environ["IMPACTD_BINARY"], "batch", *paths, "--out", str(out), "--bar", "60s", "--signed-trades", *more]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    (part,) = (out / "signed_trades").glob("date=*/*.parquet")
    return pq.ParquetFile(part).read().to_pandas()


def frame_for_tclf(quotes: pd.DataFrame, trades: pd.DataFrame) -> pd.DataFrame:
    """tclf's columns, by pandas alone: the quote strictly before, the last and the next price that differs."""
    frame = pd.merge_asof(trades, quotes, on="ts", allow_exact_matches=False)
    usable = (frame["ask"] > frame["bid"]) & (frame["bid_size"] > 0) & (frame["ask_size"] > 0)
    frame.loc[~usable, ["bid", "ask", "bid_size", "ask_size"]] = np.nan
    price = frame["price"]
    run = (price != price.shift()).cumsum()
    first = price.groupby(run).first()
    columns = {
        "trade_price": price, "trade_size": frame["size"], "bid_best": frame["bid"], "ask_best": frame["ask"],
        "bid_size_best": frame["bid_size"], "ask_size_best": frame["ask_size"],
        "price_best_lag": run.map(first.shift(1)), "price_best_lead": run.map(first.shift(-1)),
    }  # fmt: skip
    return pd.DataFrame(columns)


def asked(frame: pd.DataFrame, layers: list[str]) -> np.ndarray:
    classifier = ClassicalClassifier([(layer, "best") for layer in layers], strategy="const")
    return classifier.fit(frame).predict(frame).astype(int)


def test_the_tapes_hold_every_case():
    frames = [frame_for_tclf(*tape(seed)) for seed in range(3)]
    for frame in frames:
        mid, price = (frame["bid_best"] + frame["ask_best"]) / 2, frame["trade_price"]
        cases = {
            "at mid": price == mid, "at ask": price == frame["ask_best"], "at bid": price == frame["bid_best"],
            "outside": (price > frame["ask_best"]) | (price < frame["bid_best"]), "no quote": mid.isna(),
            "tie": price == price.shift(), "equal sizes": frame["bid_size_best"] == frame["ask_size_best"],
        }  # fmt: skip
        assert all(case.sum() > 50 for case in cases.values()), {name: case.sum() for name, case in cases.items()}


@pytest.mark.parametrize("seed", range(3))
def test_every_rule_and_stack_is_that_of_tclf(seed, tmp_path):
    quotes, trades = tape(seed)
    paths, frame = write(tmp_path, quotes, trades), frame_for_tclf(quotes, trades)
    found = signed(paths, tmp_path / "out")
    assert len(found) == len(frame) and (found["price_usd"] == frame["trade_price"]).all()
    for theirs, ours in RULES.items():
        said = found[f"sign_{ours.replace('-', '_')}"].to_numpy()
        expected = asked(frame, [theirs])
        assert (said == expected).all(), f"{ours}: {(said != expected).sum()} of {len(said)} differ"
        assert {-1, 1} <= set(said), ours
    for stack in STACKS:
        names = ",".join(RULES[layer] for layer in stack)
        said = signed(paths, tmp_path / names.replace(",", "-"), "--sign", names)["sign"].to_numpy()
        assert (said == asked(frame, list(stack))).all(), names


def test_the_differences_are_those_that_are_told(tmp_path):
    """One trade each: a locked book, a crossed one, one without a size."""
    at = OPEN + np.arange(1, 4) * 1_000_000_000
    quotes = pd.DataFrame({
        "ts": at, "bid": [100.0, 100.25, 100.0], "bid_size": [100, 100, 0], "ask": [100.0, 100.0, 100.5],
        "ask_size": [200, 200, 200]})  # fmt: skip
    trades = pd.DataFrame({"ts": at + 1, "price": [100.25, 100.0, 100.125], "size": [300, 300, 300]})
    found = signed(write(tmp_path, quotes, trades), tmp_path / "out")
    frame = frame_for_tclf(quotes, trades)
    as_it_comes = frame.assign(bid_best=quotes["bid"], ask_best=quotes["ask"], bid_size_best=quotes["bid_size"],
                               ask_size_best=quotes["ask_size"])  # fmt: skip
    assert list(asked(as_it_comes, ["lr"])) == [1, -1, -1], "locked: above the mid; crossed: tick; no size: below the mid"
    assert list(found["sign_lee_ready"]) == [0, -1, 1], "here all three are left to the tick rule"
    assert list(asked(as_it_comes, ["emo"])) == [0, 0, 1], "at one side of a crossed book tclf's EMO is silent"
    assert list(found["sign_emo"]) == [0, -1, 1]
    guessed = ClassicalClassifier([("quote", "best")]).fit(frame).predict(frame)
    assert set(guessed) <= {-1.0, 1.0} and list(found["sign_quote"]) == [0, 0, 0], "tclf guesses where it cannot tell"
