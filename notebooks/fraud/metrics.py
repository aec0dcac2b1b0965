"""Labels, scores and weights -> the measures of a classifier, by plain numpy; ties are exact, undefined is None.

A row is positive iff score >= threshold. Formulas: Kulatilleke and Samarakoon 2022 for the order F1, then G-mean;
Davis and Goadrich 2006 for the area under the interpolated PR curve; McClish 1989 for the partial area under ROC.
"""

from dataclasses import dataclass

import numpy as np


def ratio(over: float, under: float) -> float | None:
    return float(over / under) if under > 0 else None


@dataclass(frozen=True)
class Counts:
    """Weighted confusion counts at a threshold."""

    tp: float
    fp: float
    fn: float
    tn: float

    def measures(self) -> dict[str, float | None]:
        tp, fp, fn, tn = self.tp, self.fp, self.fn, self.tn
        n, p, neg = tp + fp + fn + tn, tp + fn, fp + tn
        recall, specificity, precision = ratio(tp, p), ratio(tn, neg), ratio(tp, tp + fp)
        both = recall is not None and specificity is not None
        under = np.sqrt(tp + fp) * np.sqrt(p) * np.sqrt(neg) * np.sqrt(tn + fn)
        chance = ((tp + fp) * p + (tn + fn) * neg) / (n * n)
        return {
            "accuracy": ratio(tp + tn, n),
            "precision": precision,
            "recall": recall,
            "specificity": specificity,
            "f1": ratio(2 * tp, 2 * tp + fp + fn),
            "g_mean": float(np.sqrt(recall * specificity)) if both else None,
            "mcc": ratio(tp * tn - fp * fn, under),
            "kappa": ratio((tp + tn) / n - chance, 1 - chance),
            "balanced_accuracy": (recall + specificity) / 2 if both else None,
        }


def counts_at(y: np.ndarray, s: np.ndarray, w: np.ndarray, threshold: float) -> Counts:
    flag = s >= threshold
    return Counts(*(float(w[m].sum()) for m in (flag & y, flag & ~y, ~flag & y, ~flag & ~y)))


@dataclass(frozen=True)
class Curve:
    """Cumulative weighted positives and negatives at every distinct score, falling."""

    score: np.ndarray
    tp: np.ndarray
    fp: np.ndarray

    @classmethod
    def of(cls, y: np.ndarray, s: np.ndarray, w: np.ndarray) -> "Curve":
        order = np.argsort(-s, kind="stable")
        s, y, w = s[order], y[order], w[order]
        last = np.append(np.flatnonzero(np.diff(s)), len(s) - 1)
        return cls(s[last], np.cumsum(w * y)[last], np.cumsum(w * ~y)[last])

    @property
    def positives(self) -> float:
        return float(self.tp[-1])

    @property
    def negatives(self) -> float:
        return float(self.fp[-1])

    def f1(self) -> np.ndarray:
        return 2 * self.tp / (self.tp + self.fp + self.positives)

    def g_mean(self) -> np.ndarray:
        return np.sqrt(self.tp / self.positives * (1 - self.fp / self.negatives))

    def mcc(self) -> np.ndarray:
        tp, fp, fn, tn = self.tp, self.fp, self.positives - self.tp, self.negatives - self.fp
        under = np.sqrt(tp + fp) * np.sqrt(tp + fn) * np.sqrt(tn + fp) * np.sqrt(tn + fn)
        return np.divide(tp * tn - fp * fn, under, out=np.zeros_like(tp), where=under > 0)


def auroc(curve: Curve) -> float | None:
    """P(score of a positive > score of a negative) + half the ties."""
    if not (curve.positives and curve.negatives):
        return None
    fp, tp = np.append(0, curve.fp), np.append(0, curve.tp)
    return float(np.sum(np.diff(fp) * (tp[1:] + tp[:-1]) / 2) / (curve.positives * curve.negatives))


def average_precision(curve: Curve) -> float | None:
    """Sum over distinct scores of (R_k - R_(k-1)) P_k."""
    if not curve.positives:
        return None
    step = np.diff(np.append(0, curve.tp))
    flagged = curve.tp + curve.fp
    precision = np.divide(curve.tp, flagged, out=np.zeros_like(flagged), where=flagged > 0)
    return float(np.sum(step * precision) / curve.positives)


def davis(curve: Curve) -> float | None:
    """The area under the PR curve whose false positives rise linearly with true positives inside a step."""
    if not curve.positives:
        return None
    area, tp_a, fp_a = 0.0, 0.0, 0.0
    for tp_b, fp_b in zip(curve.tp, curve.fp):
        rise = tp_b - tp_a
        if rise > 0:
            a, b = 1 + (fp_b - fp_a) / rise, tp_a + fp_a
            area += rise / a if b == 0 else rise / a + (tp_a - b / a) / a * np.log((a * rise + b) / b)
        tp_a, fp_a = tp_b, fp_b
    return float(area / curve.positives)


def brier(y: np.ndarray, p: np.ndarray, w: np.ndarray) -> float:
    return float(np.average((p - y) ** 2, weights=w))


def log_loss(y: np.ndarray, p: np.ndarray, w: np.ndarray) -> float:
    """Natural log; p is clipped at 1e-15."""
    p = np.clip(p.astype(np.float64), 1e-15, 1 - 1e-15)
    return float(np.average(-np.where(y, np.log(p), np.log1p(-p)), weights=w))


def reliability(y: np.ndarray, p: np.ndarray, w: np.ndarray, bins: int = 10) -> list[dict]:
    """Bins of equal width, the last one closed: mean probability beside the observed share."""
    place = np.minimum((p * bins).astype(int), bins - 1)
    found = []
    for b in range(bins):
        m = place == b
        if w[m].sum() > 0:
            found.append({"bin": b, "weight": float(w[m].sum()), "positives": float(w[m & y].sum()),
                          "probability": float(np.average(p[m], weights=w[m])),
                          "observed": float(np.average(y[m], weights=w[m]))})  # fmt: skip
    return found


def ece(y: np.ndarray, p: np.ndarray, w: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error over bins of equal width."""
    table = reliability(y, p, w, bins)
    return sum(r["weight"] * abs(r["probability"] - r["observed"]) for r in table) / float(w.sum())


def all_measures(y: np.ndarray, s: np.ndarray, w: np.ndarray, threshold: float) -> dict[str, float | None]:
    """What a table of results shows."""
    curve = Curve.of(y, s, w)
    ranking = {"auroc": auroc(curve), "average_precision": average_precision(curve), "auprc_davis": davis(curve)}
    return counts_at(y, s, w, threshold).measures() | ranking
