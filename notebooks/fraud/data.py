"""A labelled table, CSV or Parquet -> rows to learn from; what cannot be learned from is refused, saying where and why.

The label is 0 or 1. The weight says how many rows of the population a row stands for (1 when absent). The time, in
any unit, only orders rows. Every other column is a feature and must be a finite number.
Exact repeats (features, label, time) are dropped: a copy on both sides of a split is a leak.
"""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

# Columns as the full ULB file names them, in the words of its sample.
ULB = {"Time": "time_s", "Amount": "amount", "Class": "fraud"} | {f"V{k}": f"v{k}" for k in range(1, 29)}


class Refused(ValueError):
    """The data cannot be used as it is: says where, what was found and what to do."""


@dataclass(frozen=True)
class Rows:
    """Features (n x k, float64), labels, weights, and times where the data have them."""

    names: tuple[str, ...]
    x: np.ndarray
    y: np.ndarray
    w: np.ndarray
    time: np.ndarray | None
    source: str
    sha256: str
    notes: tuple[str, ...]

    def take(self, which: np.ndarray) -> "Rows":
        time = None if self.time is None else self.time[which]
        return replace(self, x=self.x[which], y=self.y[which], w=self.w[which], time=time)


def read(path: Path, label: str | None = None, time: str | None = None, weight: str | None = None,
         drop: tuple[str, ...] = ()) -> Rows:  # fmt: skip
    """The rows of a file; a file with the full ULB header needs no column names."""
    path = Path(path)
    if not path.is_file():
        raise Refused(f"{path}: no such file")
    table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    if {"Time", "V1", "V28", "Amount", "Class"} <= set(table.columns):
        table = table.rename(columns=ULB)
        label, time = ULB.get(label, label) or "fraud", ULB.get(time, time) or "time_s"
    elif label is None:
        raise Refused(f"{path}: name the label column (--label); its columns are {', '.join(table.columns)}")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return from_table(table, label, time, weight, drop, str(path.name), digest)


def from_table(table: pd.DataFrame, label: str, time: str | None, weight: str | None, drop: tuple[str, ...] = (),
               source: str = "table", digest: str = "") -> Rows:  # fmt: skip
    """The rows of a table already read."""
    for column in filter(None, (label, time, weight, *drop)):
        if column not in table:
            raise Refused(f"{source}: no column {column!r}; its columns are {', '.join(map(str, table.columns))}")
    table = table.drop(columns=list(drop))
    repeats = table.duplicated()
    table = table[~repeats].reset_index(drop=True)
    notes = [f"{repeats.sum()} exact repeats were dropped"] if repeats.any() else []
    if time is None:
        notes.append("no time column: the split is stratified at random and flatters whatever drifts with time")
    names = tuple(c for c in table.columns if c not in (label, time, weight))
    if not names:
        raise Refused(f"{source}: no feature column beside {label!r}")
    y = numbers(table, label, source)
    if not np.isin(y, (0, 1)).all():
        found = y[~np.isin(y, (0, 1))][0]
        raise Refused(f"{source}: column {label!r} holds {found:g}; a label is 0 or 1")
    w = numbers(table, weight, source) if weight else np.ones(len(table))
    if (w < 0).any() or not (w > 0).any():
        raise Refused(f"{source}: column {weight!r} must be >= 0, and somewhere > 0")
    x = np.column_stack([numbers(table, name, source) for name in names])
    told = [name for name, column in zip(names, x.T) if (column == y).all()]
    if told:
        raise Refused(f"{source}: column {told[0]!r} is the label itself; leave it out with --drop {told[0]}")
    still = [name for name, column in zip(names, x.T) if (column == column[0]).all()]
    if still:
        notes.append(f"constant and therefore without effect: {', '.join(still)}")
    when = numbers(table, time, source) if time else None
    return Rows(names, x, y.astype(bool), w, when, source, digest, tuple(notes))


def numbers(table: pd.DataFrame, name: str, source: str) -> np.ndarray:
    """A column as finite float64."""
    column = table[name]
    if pd.api.types.is_datetime64_any_dtype(column):
        column = column.astype("int64")
    try:
        values = column.astype("float64").to_numpy()
    except (TypeError, ValueError):
        raise Refused(f"{source}: column {name!r} holds {column.iloc[0]!r}, not numbers; leave it out with --drop "
                      f"{name} or encode it") from None  # fmt: skip
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise Refused(f"{source}: column {name!r}, row {bad[0]} of {len(values)} (counted from 0) is {values[bad[0]]}"
                      f", and {len(bad) - 1} more; fill or remove such rows first")  # fmt: skip
    return values
