"""Liquidity measures held against `oracle.measures`, which computes them apart in 80-bit floats."""

import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "notebooks"))

from oracle.book import Day  # noqa: E402
from oracle.measures import all_measures  # noqa: E402
from oracle.signs import all_signs  # noqa: E402
from oracle.tapes import read_tape  # noqa: E402
from test_tclf import tape, write  # noqa: E402

HORIZONS = (1, 5, 30, 60, 300)
TOLERANCE = 1e-12


def sample(_: Path) -> list[str]:
    return [str(ROOT / f"data/tape/csv/{kind}_20131007.csv") for kind in ("quotes", "trades")]


def wild(folder: Path) -> list[str]:
    """Locked and crossed books, sides that are missing, trades outside the quotes."""
    return write(folder, *tape(7))


@pytest.mark.parametrize("made", [sample, wild])
@pytest.mark.parametrize("rule", ["lee-ready", "clnv"])
def test_every_measure_is_that_of_the_independent_hand(made, rule, tmp_path):
    paths, out = made(tmp_path), tmp_path / "out"
    horizons = ",".join(f"{horizon}s" for horizon in HORIZONS)
    command = [os.environ["IMPACTD_BINARY"], "batch", *paths, "--out", str(out), "--bar", "60s", "--measures", "spot",
               "--clean", "none", "--horizon", horizons, "--sign", rule]  # fmt: skip
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    (part,) = (out / "liquidity").glob("date=*/*.parquet")
    found = pq.ParquetFile(part).read().to_pandas().set_index("measure")
    day = Day.of(read_tape(*paths))
    expected = all_measures(day, all_signs(day)[rule.replace("-", "_")], HORIZONS)
    assert set(expected) == set(found.index) - {"quoted_spread_time_weighted"}
    for name, (value, n) in expected.items():
        row = found.loc[name]
        assert row["n"] == n, name
        assert abs(row["value"] - value) <= TOLERANCE * abs(value), f"{name}: {row['value']} for {value}"
    for horizon in HORIZONS:
        at = found[found["horizon_seconds"] == horizon]["value"]
        for suffix in ("", "_share_weighted", "_dollar_weighted"):
            whole, kept, moved = (
                at[f"{name}_{horizon}s{suffix}"] for name in ("signed_effective_spread", "realized_spread", "price_impact")
            )
            assert abs(whole - kept - moved) <= 1e-15
