"""Labels, scores and weights -> 95 % intervals by a stratified bootstrap; the threshold stands still.

Each draw takes as many positives and as many negatives as there are, with replacement (percentile method). Draws on
which a measure is undefined are counted. A paired difference of two models uses the same draws for both.
"""

import numpy as np

from .metrics import Curve, counts_at

DRAWS = 2000
SHOWN = ("precision", "recall", "f1", "g_mean", "mcc", "average_precision", "auroc")


def multiples(y: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """How often each row is drawn, [draw, row]."""
    random = np.random.default_rng(seed)
    times = np.zeros((draws, len(y)))
    for label in (False, True):
        rows = np.flatnonzero(y == label)
        times[:, rows] = random.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=draws)
    return times


def draw_measures(y: np.ndarray, s: np.ndarray, w: np.ndarray, threshold: float, times: np.ndarray) -> dict:
    """Each measure of each draw; NaN where undefined."""
    order = np.argsort(-s, kind="stable")
    last = np.append(np.flatnonzero(np.diff(s[order])), len(s) - 1)
    flagged = int((s >= threshold).sum())
    found = {name: np.full(len(times), np.nan) for name in SHOWN}
    for k, row in enumerate(times):
        u = (w * row)[order]
        tp, fp = np.cumsum(u * y[order]), np.cumsum(u * ~y[order])
        curve = Curve(s[order][last], tp[last], fp[last])
        hit, false = (float(tp[flagged - 1]), float(fp[flagged - 1])) if flagged else (0.0, 0.0)
        p, n = curve.positives, curve.negatives
        recall, specificity = hit / p, 1 - false / n
        step, all_flagged = np.diff(np.append(0, curve.tp)), curve.tp + curve.fp
        safe = np.where(all_flagged > 0, all_flagged, 1)
        under = np.sqrt(hit + false) * np.sqrt(p) * np.sqrt(n) * np.sqrt(n - false + p - hit)
        found["recall"][k], found["g_mean"][k] = recall, np.sqrt(recall * specificity)
        found["f1"][k] = 2 * hit / (hit + false + p)
        found["average_precision"][k] = np.sum(step * curve.tp / safe) / p
        half = (curve.tp + np.append(0, curve.tp[:-1])) / 2
        found["auroc"][k] = np.sum(np.diff(np.append(0, curve.fp)) * half) / (p * n)
        if hit + false > 0:
            found["precision"][k] = hit / (hit + false)
            found["mcc"][k] = (hit * (n - false) - false * (p - hit)) / under if under > 0 else np.nan
    return found


def stratified(y: np.ndarray, s: np.ndarray, w: np.ndarray, threshold: float, draws: int = DRAWS,
               seed: int = 1) -> dict[str, list[float]]:  # fmt: skip
    """{measure: [low, high]} and, under `undefined`, the number of draws that lacked one."""
    found = draw_measures(y, s, w, threshold, multiples(y, draws, seed))
    bounds = {name: np.nanquantile(v, [0.025, 0.975]).tolist() for name, v in found.items() if np.isfinite(v).any()}
    return bounds | {"undefined": {name: int(np.isnan(v).sum()) for name, v in found.items() if np.isnan(v).any()}}


def paired(y: np.ndarray, w: np.ndarray, one: tuple, other: tuple, draws: int = DRAWS, seed: int = 1) -> dict:
    """Of one minus other, each (scores, threshold): {measure: [difference, low, high]}."""
    times = multiples(y, draws, seed)
    a, b = (draw_measures(y, s, w, t, times) for s, t in (one, other))
    whole = np.ones((1, len(y)))
    at_a, at_b = (draw_measures(y, s, w, t, whole) for s, t in (one, other))
    return {name: [float((at_a[name] - at_b[name])[0]), *np.nanquantile(a[name] - b[name], [0.025, 0.975]).tolist()]
            for name in ("f1", "g_mean", "average_precision")}  # fmt: skip


def standard_error_of_f1(y: np.ndarray, s: np.ndarray, w: np.ndarray, threshold: float, draws: int = DRAWS) -> float:
    """The bootstrap error by which two models' F1 may differ for no reason (the one-standard-error rule)."""
    return float(np.nanstd(draw_measures(y, s, w, threshold, multiples(y, draws, 1))["f1"]))


def check(y: np.ndarray, s: np.ndarray, w: np.ndarray, threshold: float) -> None:
    """The draws' own arithmetic on the rows as they are is that of `metrics`."""
    whole = draw_measures(y, s, w, threshold, np.ones((1, len(y))))
    measured = counts_at(y, s, w, threshold).measures()
    for name in ("f1", "g_mean", "mcc", "recall"):
        assert measured[name] is None or abs(whole[name][0] - measured[name]) < 1e-9, name
