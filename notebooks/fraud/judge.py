"""A model's scores on validation and test -> its results: measures, intervals, both optima, calibration.

Scores are those of ONNX Runtime, the model as it is served. The test part is opened here, once, when all is chosen.
"""

from dataclasses import dataclass

import numpy as np

from . import intervals, metrics, threshold
from .data import Rows
from .split import Split


@dataclass(frozen=True)
class Results:
    """What a card and a manifest tell."""

    scores: np.ndarray
    at: float
    validation: dict[str, float | None]
    test: dict[str, float | None]
    bounds: dict[str, list[float]]
    g_best: dict[str, float | None]
    calibration: dict[str, float]


def judged(scores: np.ndarray, at: float, rows: Rows, split: Split) -> Results:
    """At the stored threshold; beside it what the threshold of the highest G-mean would give on test."""
    held, test = split.validation, split.test
    y, s, w = rows.y[test], scores[test], rows.w[test]
    g = threshold.g_then_f1(rows.y[held], scores[held], rows.w[held])
    calibration = {"brier": metrics.brier(y, s, w), "log_loss": metrics.log_loss(y, s, w), "ece": metrics.ece(y, s, w),
                   "brier_of_prevalence": metrics.brier(y, np.full(len(y), np.average(y, weights=w)), w)}  # fmt: skip
    return Results(
        scores=scores,
        at=at,
        validation=metrics.all_measures(rows.y[held], scores[held], rows.w[held], at),
        test=metrics.all_measures(y, s, w, at),
        bounds=intervals.stratified(y, s, w, at),
        g_best={"threshold": g.midpoint} | metrics.counts_at(y, s, w, g.midpoint).measures(),
        calibration=calibration,
    )
