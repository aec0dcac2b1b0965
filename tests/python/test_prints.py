"""Kinds of prints and venues of a real day, counted once more with pandas."""

import json
import os
import subprocess
from pathlib import Path

import pandas as pd
import pytest

BINARY = os.environ["IMPACTD_BINARY"]
ROOT = Path(os.environ.get("IMPACTD_REAL_DATA", Path(__file__).parents[3] / "shared/data"))
FOLDER = ROOT / "nyse-2018"
MAP = (
    "ts=DT,symbol=SYMBOL,bid=BID,bid_size=BIDSIZ,ask=OFR,ask_size=OFRSIZ,venue=EX,"
    "price=PRICE,size=SIZE,conditions=COND,correction=CORR"
)

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the real tapes are absent; IMPACTD_REAL_DATA=FOLDER make test runs this")

# A trade's letters, as the specification of Daily TAQ describes them.
PATTERNS = {
    "opening_auction": "[OQ]",
    "closing_auction": "[6M9]",
    "reopening_auction": "5",
    "late": "[ZULPG23]",
    "odd_lot": "I",
    "extended_hours": "[TU]",
    "special_price": "[ABCDHKNPRVWX12347]",
}


def made(tmp_path_factory, *options: str) -> Path:
    out = tmp_path_factory.mktemp("prints") / "out"
    files = [str(FOLDER / f"sample{kind}DataRaw.csv.gz") for kind in "QT"]
    arguments = [BINARY, "batch", *files, "--map", MAP, "--bar", "60s", "--out", str(out), *options]
    subprocess.run(arguments, check=True, capture_output=True)
    return out


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Path:
    return made(tmp_path_factory)


@pytest.fixture(scope="module")
def tape() -> pd.DataFrame:
    trades = pd.read_csv(FOLDER / "sampleTDataRaw.csv.gz", dtype={"COND": str})
    trades["COND"] = trades.COND.fillna("")
    for kind, letters in PATTERNS.items():
        trades[kind] = trades.COND.str.contains(letters)
    trades["off_exchange"] = trades.EX == "D"
    trades["corrected"] = trades.CORR != 0
    when = pd.to_datetime(trades.DT).dt.tz_convert("America/New_York")
    trades["day"], clock = when.dt.date.astype(str), when.dt.hour * 60 + when.dt.minute
    trades["in_session"] = (clock >= 570) & (clock < 960)
    return trades


def table(out: Path, name: str) -> pd.DataFrame:
    frames = [
        pd.read_parquet(part).assign(day=part.parent.name.removeprefix("date="))
        for part in sorted((out / name).glob("date=*/*.parquet"))
    ]
    return pd.concat(frames, ignore_index=True)


def test_prints_of_every_kind_shares_and_dollars_are_those_of_pandas(plain, tape):
    prints = table(plain, "prints").set_index(["day", "kind"])
    for day, trades in tape.groupby("day"):
        kinds = {kind: trades[trades[kind]] for kind in [*PATTERNS, "off_exchange", "corrected"]}
        is_any = pd.concat([trades[kind] for kind in kinds], axis=1).any(axis=1)
        for kind, rows in {**kinds, "all": trades, "ordinary": trades[~is_any]}.items():
            mine = prints.loc[(day, kind)]
            assert mine.prints == len(rows), (day, kind)
            assert mine.shares == rows.SIZE.sum(), (day, kind)
            assert mine.dollars == pytest.approx((rows.SIZE * rows.PRICE).sum(), rel=1e-12), (day, kind)
            assert mine.share_of_prints == pytest.approx(len(rows) / len(trades), rel=1e-12)


def test_the_manifest_adds_the_days_up(plain, tape):
    (unit,) = json.loads((plain / "manifest.json").read_text())["units"]
    assert unit["prints"]["all"]["prints"] == len(tape)
    for kind in [*PATTERNS, "off_exchange", "corrected"]:
        assert unit["prints"].get(kind, {"prints": 0})["prints"] == tape[kind].sum(), kind


def test_venues_are_those_of_pandas(plain, tape):
    venues = table(plain, "venues").set_index(["day", "venue"])
    inside = tape[tape.in_session]
    assert len(venues) == len(inside.groupby(["day", "EX"]))
    for key, rows in inside.groupby(["day", "EX"]):
        mine = venues.loc[key]
        assert (mine.trades, mine.shares, mine.odd_lots) == (len(rows), rows.SIZE.sum(), rows.odd_lot.sum()), key


def test_what_is_left_out_is_what_pandas_leaves_out(tmp_path_factory, tape):
    out = made(tmp_path_factory, "--exclude", "late,odd_lot,off_exchange")
    inside = tape[tape.in_session & ~tape.late & ~tape.odd_lot & ~tape.off_exchange]
    (unit,) = json.loads((out / "manifest.json").read_text())["units"]
    assert unit["trades"]["kept"] == len(inside)
    assert table(out, "venues").trades.sum() == len(inside)
    assert "D" not in set(table(out, "venues").venue)
