"""Recorded days, where they are: untouched, and with episodes injected at message level (`impactd simulate --onto`).

No drawn law stands behind them and no model was trained on them. What an untouched day holds is not known: an alert
there is counted as false, which is an upper bound. The injector measures strength by the day's own lambda, volume and
trade size.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from .table import Table, joined, read
from .worlds import ROOT, impactd

SEEDS = (1, 2, 3)
PER_DAY = 5


@dataclass(frozen=True)
class Recorded:
    """A symbol's recorded files."""

    name: str
    told: str
    pattern: str


RECORDED = (
    Recorded("ibm", "IBM, 5 days of 2013", "equity-nbbo/ibm/*.zip"),
    Recorded("bac", "Bank of America, 1 day of 2013", "equity-nbbo/bac/*.zip"),
    Recorded("amzn", "Amazon, 1 day of 2012, NASDAQ only", "lobster/AMZN_*.csv"),
)


def folder() -> Path:
    return Path(os.environ.get("IMPACTD_REAL_DATA", ROOT.parent / "shared" / "data"))


def files(which: Recorded) -> list[Path]:
    return sorted(folder().glob(which.pattern))


def features(inputs: list[Path], place: Path, episodes: Path | None = None) -> None:
    told = ("--episodes", episodes) if episodes else ()
    impactd("fraud", "features", *inputs, "--out", place, "--sign", "lee-ready", "--jobs", 1, *told)


def untouched(which: Recorded, out: Path) -> Table:
    place = out / which.name / "untouched"
    if not (place / "done").is_file():
        features(files(which), place)
        (place / "done").touch()
    return read([place])


def injected(which: Recorded, out: Path, seeds: tuple[int, ...] = SEEDS) -> Table:
    """The days once for every seed."""
    tables = []
    for seed in seeds:
        place = out / which.name / f"seed-{seed}"
        if not (place / "done").is_file():
            shutil.rmtree(place, ignore_errors=True)
            impactd("simulate", "--onto", *files(which), "--seed", seed, "--episodes", PER_DAY, "--out", place)
            features(sorted((place / "csv").glob("*.csv")), place, place / "episodes.json")
            shutil.rmtree(place / "csv")
            (place / "done").touch()
        tables.append(read([place]))
    return joined(tables)
