"""What a model must beat on the same rows: a rule, logistic regression, and a forest on La Morgia's twelve features.

rule       the smaller of the z of volume and |z| of the return: both must be large
logistic   all features, standardised; L2, weights that keep the tape's prior
forest     200 trees of depth 5 (La Morgia et al. 2020, 2023): moving means and spreads over five minutes of rush
           trades, trades, volume and price changes, the largest price change, hour and minute as sine and cosine.
           Theirs are of crypto pumps and of raw numbers; here of the features' values, which are stated by symbol.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from ..ensemble import Standard
from .protocol import thinned
from .table import NANOS, Table

Scorer = Callable[[Table], np.ndarray]
KEPT = 0.1
WINDOW_BINS = 30
TREES, DEPTH = 200, 5
NEW_YORK_NANOS = 5 * 3_600 * NANOS


def rule(table: Table) -> np.ndarray:
    return np.minimum(table.column("volume"), np.abs(table.column("return"))).astype(float)


def logistic(table: Table, train: np.ndarray, seed: int = 7) -> Scorer:
    rows, w = thinned(table, train, KEPT, seed)
    standard = Standard.of(table.x[rows], w, 10.0)
    fitted = LogisticRegression(C=1.0, max_iter=500).fit(standard.apply(table.x[rows]), table.y[rows], sample_weight=w)
    return lambda other: fitted.decision_function(standard.apply(other.x))


def forest(table: Table, train: np.ndarray, seed: int = 7) -> Scorer:
    rows, w = thinned(table, train, KEPT, seed)
    grown = RandomForestClassifier(TREES, max_depth=DEPTH, random_state=seed, n_jobs=1)
    grown.fit(la_morgia(table)[rows], table.y[rows], sample_weight=w)
    return lambda other: grown.predict_proba(la_morgia(other))[:, 1]


def la_morgia(table: Table) -> np.ndarray:
    """Twelve features; windows lie in one symbol-day and end with the row's bin."""
    frame = pd.DataFrame({name: table.column(name) for name in ("rush_trades", "trades", "volume", "return")})
    frame["away"] = frame["return"].abs()
    window = frame.groupby(table.day).rolling(WINDOW_BINS, min_periods=1)
    mean, spread, largest = window.mean(), window.std().fillna(0), window.max()
    turn = 2 * np.pi * ((table.start - NEW_YORK_NANOS) / NANOS % 86_400) / 3_600
    columns = [spread["rush_trades"], mean["rush_trades"], spread["trades"], spread["volume"], mean["volume"],
               spread["return"], mean["return"], largest["away"],
               np.sin(turn / 24), np.cos(turn / 24), np.sin(turn), np.cos(turn)]  # fmt: skip
    return np.column_stack([np.asarray(column) for column in columns]).astype(np.float32)
