"""Alerts that found an episode -> which pattern each resembles, by the rule of src/fraud/watching/resemblance.rs.

What each feature adds to the log-odds at the alert's highest bin, when it alone is set to its usual value; a pattern's
weight is the mean of the three largest additions among its features. Written here by an independent hand.
"""

import numpy as np

from .events import spans
from .fits import Model
from .table import NANOS, Table
from .worlds import CLOSE, PATTERNS

SHOWING = {
    "quote_stuffing": ("quotes", "quotes_max_1s", "quotes_max_10ms", "quotes_per_trade", "short_lived_share",
                       "flicker_share"),
    "layering": ("size_imbalance", "imbalance_reversal", "size_spike", "size_vanished", "flow_with_weight",
                 "ofi_max_1s"),
    "pump_and_dump": ("rush_trades", "longest_run", "signed_volume", "signed_volume_max_1s", "signed_volume_30s",
                      "signed_volume_300s", "ofi", "ofi_30s", "ofi_300s",
                      "impact_10s", "return", "volatility", "return_60s", "return_300s", "reversal_600s"),
    "wash_trades": ("equal_print_share", "alternating_print_share", "inside_spread_share", "effective_spread",
                    "trades", "trades_max_1s"),
}  # fmt: skip
CLOSE_SECONDS, HEAVIEST = 300, 3


def additions(model: Model, x: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """[row, feature]: the drop of the calibrated log-odds."""
    whole = model.fitted.calibration.logit(model.fitted.logit(x))
    found = np.zeros(x.shape)
    for feature in range(x.shape[1]):
        without = x.copy()
        without[:, feature] = usual[feature]
        found[:, feature] = whole - model.fitted.calibration.logit(model.fitted.logit(without))
    return found


def named(names: tuple[str, ...], added: np.ndarray, to_close_s: np.ndarray) -> list[str]:
    weights = []
    for features in SHOWING.values():
        part = np.maximum(added[:, [names.index(name) for name in features]], 0)
        weights.append(np.sort(part, axis=1)[:, -HEAVIEST:].mean(axis=1))
    heaviest = np.array(list(SHOWING))[np.argmax(weights, axis=0)]
    closing = (heaviest == "pump_and_dump") & (to_close_s <= CLOSE_SECONDS)
    return list(np.where(closing, CLOSE, heaviest))


def told(model: Model, test: Table, score: np.ndarray, usual: np.ndarray) -> dict:
    """{pattern: {resembled: episodes}} of the episodes found, at the highest bin of each."""
    finds, _ = spans(test)
    rows = np.flatnonzero((score >= model.threshold) & (finds >= 0))
    rows = rows[np.lexsort((score[rows], finds[rows]))]
    peaks = rows[np.append(np.diff(finds[rows]) > 0, True)] if len(rows) else rows
    # The highest bin begins so long before the close.
    to_close = test.column("hours_to_close")[peaks] * 3_600 + (test.end - test.start)[peaks] / NANOS
    found = named(test.names, additions(model, test.x[peaks], usual), to_close)
    truth = test.episodes["pattern"].to_numpy()[finds[peaks]]
    table = {a: {b: int(np.sum((truth == a) & (np.array(found) == b))) for b in PATTERNS} for a in PATTERNS}
    right = float(np.mean(np.array(found) == truth)) if len(peaks) else None
    return {"found": len(peaks), "right": right, "table": table}
