"""Forward folds over the training and validation parts: what every comparison is measured on, so that test stays shut.

Fold k fits on the first part of the rows in time, chooses its threshold on the next stretch, and is measured on the
stretch after that. Rows without times are taken in a seeded random order. The test part is not read.
"""

import numpy as np

from .data import Rows
from .split import Split, checked

# Shares of the cumulative weight of training and validation: fit up to, threshold up to, measured up to.
STRETCHES = ((0.55, 0.70, 0.85), (0.70, 0.85, 1.0))


def forward(rows: Rows, split: Split, seed: int = 0) -> list[Split]:
    """Two splits whose `test` lies inside the training and validation parts."""
    open_rows = np.sort(np.concatenate([split.train, split.validation]))
    if rows.time is None:
        order = np.random.default_rng(seed).permutation(open_rows)
    else:
        order = open_rows[np.argsort(rows.time[open_rows], kind="stable")]
    share = np.cumsum(rows.w[order]) / rows.w[order].sum()
    made = []
    for stretch in STRETCHES:
        a, b, c = np.searchsorted(share, stretch, side="right")
        parts = np.sort(order[:a]), np.sort(order[a:b]), np.sort(order[b:c])
        made.append(checked(Split(*parts, f"forward fold {stretch}"), rows.y))
    return made
