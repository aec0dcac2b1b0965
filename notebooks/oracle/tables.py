"""The tables of one symbol-day as csv: `bars.csv`, `fits.csv`, `depth_law.csv`.

Stamps are ns UTC; floats are written with the fewest digits that read back the same; nothing is an empty field.
"""

from pathlib import Path

import pandas as pd

from .bars import bars
from .book import Day
from .depth_law import depth_law
from .fits import fits
from .signs import lee_ready
from .tapes import Tape


def tables(tape: Tape, widths: list[int]) -> dict[str, pd.DataFrame]:
    """All tables for the given bar widths in seconds."""
    day = Day.of(tape)
    sign = lee_ready(day)
    parts = {"bars": [], "fits": [], "depth_law": []}
    for seconds in widths:
        table = bars(day, sign, seconds)
        estimates = fits(day, table)
        parts["bars"].append(table)
        parts["fits"].append(estimates)
        parts["depth_law"].append(depth_law(table, estimates))
    return {name: pd.concat([p for p in frames if len(p)] or frames, ignore_index=True)
            for name, frames in parts.items()}  # fmt: skip


def write(tape: Tape, widths: list[int], out: Path) -> None:
    """Write them into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    for name, table in tables(tape, widths).items():
        table.to_csv(out / f"{name}.csv", index=False, lineterminator="\n")
