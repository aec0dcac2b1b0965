"""A table -> training, validation and test: whole days in order, with a purge between; one symbol or pattern left out.

The features of a row rest on its own session alone, on at most half an hour of it; parts are cut between days, and rows
that begin within PURGE_SECONDS of the part before are dropped, so that no window reaches across.
"""

from dataclasses import dataclass

import numpy as np

from ..data import Refused
from ..split import Split, checked, refuse_straddling
from .table import NANOS, Table

# The longest window: what is usual, and the slopes of impact, 180 bins of 10 s.
PURGE_SECONDS = 1_800
SHARES = (0.46, 0.67)


@dataclass(frozen=True)
class Cuts:
    """The first date of validation, and of test."""

    validation: str
    test: str


def cuts(table: Table, shares: tuple[float, float] = SHARES) -> Cuts:
    dates = np.unique(table.date)
    first, second = (int(round(share * len(dates))) for share in shares)
    if not 0 < first < second < len(dates):
        raise Refused(f"{len(dates)} days do not make training, validation and test; draw more days")
    return Cuts(str(dates[first]), str(dates[second]))


def by_day(table: Table, at: Cuts, purge_seconds: int = PURGE_SECONDS) -> Split:
    """Training before one date, validation before another, then test; each part of whole days, less the purge."""
    train, test = table.date < at.validation, table.date >= at.test
    held = ~train & ~test
    for before, after in ((train, held), (held, test)):
        after &= table.start >= (table.end[before].max() if before.any() else 0) + purge_seconds * NANOS
    how = f"by day: training before {at.validation}, validation before {at.test}, then test; purge {purge_seconds} s"
    made = checked(Split(*(np.flatnonzero(part) for part in (train, held, test)), how), table.y)
    refuse_straddling(made, table.day)
    return made


def without_symbol(table: Table, made: Split, symbol: str) -> Split:
    """Training and validation without a symbol; test of that symbol alone, later days than those trained on."""
    other = table.symbol != symbol
    keep = lambda part, which: part[which[part]]  # noqa: E731
    return Split(keep(made.train, other), keep(made.validation, other), keep(made.test, ~other),
                 f"{made.how}; {symbol} left out of training and validation")  # fmt: skip


def without_pattern(table: Table, made: Split, pattern: str, after_seconds: int = 600) -> Split:
    """Training and validation without the pattern's bins and the ten minutes after; test as it is."""
    gone = np.zeros(len(table.y), bool)
    for one in table.episodes[table.episodes["pattern"] == pattern].itertuples():
        low, high = np.searchsorted(table.day, [one.day, one.day + 1])
        inside = (table.end[low:high] > one.start) & (table.start[low:high] <= one.end + after_seconds * NANOS)
        gone[low:high] |= inside
    return Split(made.train[~gone[made.train]], made.validation[~gone[made.validation]], made.test,
                 f"{made.how}; {pattern} left out of training and validation")  # fmt: skip


def thinned(table: Table, part: np.ndarray, kept: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """All positives, and a share of the negatives that weigh the more: the prior stays that of the tape."""
    y = table.y[part]
    chosen = y | (np.random.default_rng(seed).random(len(part)) < kept)
    return part[chosen], np.where(y, 1.0, 1.0 / kept)[chosen]
