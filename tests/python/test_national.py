"""`--nbbo venues` against a national best that pandas makes of the venues' quotes: the results are the same."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

BINARY = os.environ["IMPACTD_BINARY"]
ROOT = Path(os.environ.get("IMPACTD_REAL_DATA", Path(__file__).parents[3] / "shared/data"))
RAW = ROOT / "nyse-2018" / "sampleQDataRaw.csv.gz"
TABLES = ("bars", "fits", "liquidity")


def national(quotes: pd.DataFrame) -> pd.DataFrame:
    """Highest bid and lowest ask over what each venue quoted last, sizes at them summed; a row for each change.

    A table with a column a venue, filled forward: another way than going through the rows one by one.
    """
    sides = {}
    for side, best in (("bid", "max"), ("ask", "min")):
        there = (quotes[side] > 0) & (quotes[f"{side}_size"] > 0)
        # What a venue does not quote is 0, not its last quote.
        spread = lambda name: quotes[name].where(there, 0).to_frame().set_index(quotes.venue, append=True)[name].unstack().ffill().fillna(0)
        price, size = spread(side), spread(f"{side}_size")
        top = getattr(price.where(price > 0), best)(axis=1)
        sides[side] = top.fillna(0)
        sides[f"{side}_size"] = size.where(price.eq(top, axis=0) & (price > 0), 0).sum(axis=1).astype(np.int64)
    told = quotes[["ts", "symbol"]].assign(**sides)
    state = told.drop(columns="ts")
    return told[(state != state.shift()).any(axis=1)]


def batch(folder: Path, name: str, *arguments: object) -> Path:
    out = folder / name
    subprocess.run([BINARY, "batch", *map(str, arguments), "--out", str(out), "--bar", "60s"], check=True, capture_output=True)
    return out


def agree(one: Path, other: Path) -> int:
    files = [path.relative_to(one) for table in TABLES for path in sorted((one / table).rglob("*.parquet"))]
    for path in files:
        pd.testing.assert_frame_equal(pd.read_parquet(one / path), pd.read_parquet(other / path), check_exact=True)
    return len(files)


@pytest.mark.parametrize("seed", range(3))
def test_drawn_quotes_of_five_venues(seed, tmp_path):
    draw = np.random.default_rng(seed)
    n, opened = 4_000, pd.Timestamp("2013-10-07 09:20", tz="America/New_York").value
    mid = 5_000 + np.cumsum(draw.integers(-1, 2, n))
    cents = {"bid": mid - draw.integers(1, 4, n), "ask": mid + draw.integers(1, 4, n)}
    quotes = pd.DataFrame({"ts": opened + np.sort(draw.integers(0, 3_600, n)) * 10**9, "symbol": "ABC"})
    for side, price in cents.items():
        quotes[side] = np.where(draw.random(n) < 0.05, 0, price) / 100
        quotes[f"{side}_size"] = draw.integers(0, 5, n) * 100
    quotes["venue"] = draw.choice(list("NPQZB"), n)
    trades = pd.DataFrame({"ts": opened + np.arange(900) * 4 * 10**9 + 1, "symbol": "ABC", "price": mid[:3_600:4] / 100, "size": 100})
    quotes.to_csv(tmp_path / "venues.csv", index=False)
    trades.to_csv(tmp_path / "trades.csv", index=False)
    national(quotes).to_csv(tmp_path / "national.csv", index=False)
    made = batch(tmp_path, "made", tmp_path / "venues.csv", tmp_path / "trades.csv", "--nbbo", "venues")
    given = batch(tmp_path, "given", tmp_path / "national.csv", tmp_path / "trades.csv", "--carry-open")
    carried = batch(tmp_path, "carried", tmp_path / "venues.csv", tmp_path / "trades.csv", "--nbbo", "venues", "--carry-open")
    assert agree(carried, given) == len(TABLES)
    assert (pd.read_parquet(made / "fits").n > 0).any()


def test_taq_of_venues_alone(tmp_path):
    """Daily TAQ without an NBBO file: as the same rows in the default layout, and refused without the option."""
    draw = np.random.default_rng(7)
    n, opened = 2_000, pd.Timestamp("2013-10-07 09:20", tz="America/New_York")
    at = opened + pd.to_timedelta(np.sort(draw.integers(0, 3_600, n)), unit="s")
    mid = 5_000 + np.cumsum(draw.integers(-1, 2, n))
    quotes = pd.DataFrame({"bid": (mid - draw.integers(1, 4, n)) / 100, "bid_size": draw.integers(1, 5, n) * 100,
                           "ask": (mid + draw.integers(1, 4, n)) / 100, "ask_size": draw.integers(1, 5, n) * 100,
                           "venue": draw.choice(list("NPQ"), n)})  # fmt: skip
    trades = pd.DataFrame({"price": mid[::2] / 100, "size": 100, "venue": "N"})
    quotes.assign(ts=at.as_unit("ns").astype("int64"), symbol="ABC").to_csv(tmp_path / "quotes.csv", index=False)
    trades.assign(ts=at[::2].as_unit("ns").astype("int64"), symbol="ABC").to_csv(tmp_path / "trades.csv", index=False)
    head = lambda rows, at: rows.assign(DATE=at.strftime("%Y-%m-%d"), TIME_M=at.strftime("%H:%M:%S.000000000"), SYM_ROOT="ABC", SYM_SUFFIX="")
    names = {"bid": "BID", "bid_size": "BIDSIZ", "ask": "ASK", "ask_size": "ASKSIZ", "venue": "EX", "price": "PRICE", "size": "SIZE"}
    taq = head(quotes.assign(bid_size=quotes.bid_size // 100, ask_size=quotes.ask_size // 100).rename(columns=names), at)
    taq.assign(QU_COND="R", QU_SEQNUM=range(n), NATBBO_IND="0", QU_CANCEL="", QU_SOURCE="C").to_csv(tmp_path / "cqm_20131007.csv", index=False)
    head(trades.rename(columns=names), at[::2]).assign(TR_SCOND="@", TR_CORR="00", TR_SEQNUM=range(n // 2)).to_csv(tmp_path / "ctm_20131007.csv", index=False)
    files = [tmp_path / "cqm_20131007.csv", tmp_path / "ctm_20131007.csv"]
    made = batch(tmp_path, "made", *files, "--nbbo", "venues", "--clean", "none")
    given = batch(tmp_path, "given", tmp_path / "quotes.csv", tmp_path / "trades.csv", "--nbbo", "venues")
    assert agree(given, made) == len(TABLES)
    refused = subprocess.run([BINARY, "batch", *files, "--out", tmp_path / "refused"], capture_output=True, text=True)
    assert refused.returncode == 2 and "--nbbo venues" in refused.stderr, refused.stderr


@pytest.mark.skipif(not RAW.is_file(), reason="the real tapes are absent; IMPACTD_REAL_DATA=FOLDER make test runs this")
def test_a_recorded_day_of_all_venues(tmp_path):
    names = {"SYMBOL": "symbol", "BID": "bid", "BIDSIZ": "bid_size", "OFR": "ask", "OFRSIZ": "ask_size", "EX": "venue", "PRICE": "price", "SIZE": "size"}
    raw, trades = (pd.read_csv(RAW.with_name(f"sample{kind}DataRaw.csv.gz")).rename(columns=names) for kind in "QT")
    for rows in (raw, trades):
        rows["ts"] = pd.to_datetime(rows.DT, format="ISO8601").dt.as_unit("ns").astype("int64")
    trades[["ts", "symbol", "price", "size", "venue"]].to_csv(tmp_path / "trades.csv", index=False)
    quotes = raw[["ts", "symbol", "bid", "bid_size", "ask", "ask_size", "venue"]]
    quotes.to_csv(tmp_path / "venues.csv", index=False)
    day = pd.to_datetime(quotes.ts, utc=True).dt.tz_convert("America/New_York").dt.date
    # Every day begins with nobody quoting.
    pd.concat([national(part.reset_index(drop=True)) for _, part in quotes.groupby([day, "symbol"])]).to_csv(tmp_path / "national.csv", index=False)
    made = batch(tmp_path, "made", tmp_path / "venues.csv", tmp_path / "trades.csv", "--nbbo", "venues")
    given = batch(tmp_path, "given", tmp_path / "national.csv", tmp_path / "trades.csv")
    assert agree(made, given) >= len(TABLES)
