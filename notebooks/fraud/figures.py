"""Figures of a card model: curves, the sweep of the threshold, calibration, treatments, label noise, robustness."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from oracle.figures import DOTS, INK, LINE, LOOK, closed

from . import metrics
from .metrics import Curve

WIDE = LOOK | {"figure.figsize": (8.6, 3.6)}
GREEN = "#4f8a5b"


def pr_and_roc(curves: dict[str, tuple[Curve, float]], prevalence: float) -> Figure:
    """{name: (curve, threshold)} of the test rows; a dot marks each threshold. FPR on a log scale."""
    with plt.rc_context(WIDE):
        figure, (left, right) = plt.subplots(1, 2)
        for (name, (curve, at)), colour in zip(curves.items(), (LINE, DOTS, GREEN)):
            recall, precision = curve.tp / curve.positives, curve.tp / (curve.tp + curve.fp)
            fpr = curve.fp / curve.negatives
            label = f"{name}: AP {metrics.average_precision(curve):.3f}"
            left.step(np.append(0, recall), np.append(precision[0], precision), where="pre", color=colour, lw=1.2,
                      label=label)  # fmt: skip
            right.plot(np.maximum(fpr, 1e-5), recall, drawstyle="steps-post", color=colour, lw=1.2,
                       label=f"{name}: AUROC {metrics.auroc(curve):.3f}")  # fmt: skip
            k = int((curve.score >= at).sum()) - 1
            left.plot(recall[k], precision[k], "o", color=colour, ms=6)
            right.plot(max(fpr[k], 1e-5), recall[k], "o", color=colour, ms=6)
        left.axhline(prevalence, color=INK, lw=0.6, ls=":")
        left.set(xlabel="recall", ylabel="precision", title="Precision against recall", ylim=(-0.02, 1.04))
        right.set(xlabel="false positive rate, log scale", ylabel="recall", xscale="log", xlim=(8e-6, 1.1),
                  ylim=(-0.02, 1.04), title="ROC")  # fmt: skip
        for axes in (left, right):
            axes.legend(frameon=False, fontsize=8, loc="lower left" if axes is left else "lower right")
        figure.tight_layout()
        return closed(figure)


def threshold_sweep(curve: Curve, at: float, title: str) -> Figure:
    """F1, G-mean and MCC at every distinct score, which is one share of rows flagged."""
    share = (curve.tp + curve.fp) / (curve.positives + curve.negatives)
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots()
        for name, values, colour in (("F1", curve.f1(), LINE), ("G-mean", curve.g_mean(), DOTS),
                                     ("MCC", curve.mcc(), GREEN)):  # fmt: skip
            axes.plot(share, values, color=colour, lw=1.3, label=name)
            axes.plot(share[values.argmax()], values.max(), "o", color=colour, ms=5)
        k = int((curve.score >= at).sum()) - 1
        axes.axvline(share[k], color=INK, lw=0.8, ls="--", label="threshold")
        axes.legend(frameon=False, fontsize=8)
        axes.set(xlabel="share of rows flagged, log scale", ylabel="measure", xscale="log", title=title,
                 ylim=(-0.02, 1.02))  # fmt: skip
        return closed(figure)


def calibration(maps: dict[str, np.ndarray], y: np.ndarray, w: np.ndarray, edges: np.ndarray) -> Figure:
    """Observed share against mean probability in the bins between edges, both on log scales; one line a map."""
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots()
        low, high = edges[edges > 0].min(), 1.0
        axes.plot([low, high], [low, high], color=INK, lw=0.6, ls=":")
        for (name, p), colour in zip(maps.items(), (INK, LINE, DOTS, GREEN)):
            place = np.digitize(p, edges)
            found = [(np.average(p[m], weights=w[m]), np.average(y[m], weights=w[m]))
                     for m in (place == b for b in np.unique(place)) if w[m & y].sum() > 0]  # fmt: skip
            axes.loglog(*zip(*found), "o-", color=colour, ms=4, lw=1, label=name)
        axes.legend(frameon=False, fontsize=8)
        axes.set(xlabel="mean probability in the bin", ylabel="observed share", title="Calibration on the test rows")
        return closed(figure)


def treatments(table: pd.DataFrame) -> Figure:
    """Dots a treatment: F1 at 0.5 and at the chosen threshold; average precision."""
    names, place = list(table.index), np.arange(len(table))[::-1]
    with plt.rc_context(LOOK | {"figure.figsize": (7.2, 3.8)}):
        figure, axes = plt.subplots()
        axes.hlines(place, table["f1_at_half"], table["f1"], color=INK, lw=0.6)
        for column, label, mark, colour in (("f1_at_half", "F1 at 0.5", "o", DOTS),
                                            ("f1", "F1 at the chosen threshold", "o", LINE),
                                            ("average_precision", "average precision", "D", GREEN)):  # fmt: skip
            axes.plot(table[column], place, mark, color=colour, ms=6, label=label, ls="none")
        axes.set_yticks(place, names)
        axes.legend(frameon=False, fontsize=8, loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=3)
        axes.set(xlabel="measure, mean of the forward folds", xlim=(-0.02, 1.02))
        figure.tight_layout()
        return closed(figure)


def label_noise(table: pd.DataFrame) -> Figure:
    """Clean, measured and corrected F1 and G-mean against the share of frauds hidden."""
    only = table[table.index.get_level_values("beta") == 0].reset_index("beta", drop=True)
    with plt.rc_context(WIDE):
        figure, axes = plt.subplots(1, 2, sharey=True)
        for one, key, title in zip(axes, ("f1", "g_mean"), ("F1", "G-mean")):
            for name, colour in (("clean", INK), ("measured", LINE), ("corrected", DOTS)):
                one.plot(only.index, only[f"{key}_{name}"], "o-", color=colour, ms=4, lw=1.2, label=name)
            one.set(xlabel="share of frauds without their label, α", title=title, ylim=(0, 1))
        axes[0].legend(frameon=False, fontsize=8)
        figure.tight_layout()
        return closed(figure)


def robustness(table: pd.DataFrame) -> Figure:
    """Recall and F1 against the bound of the perturbation."""
    with plt.rc_context(WIDE):
        figure, axes = plt.subplots(1, 2, sharey=True)
        for one, key in zip(axes, ("recall", "f1")):
            for prefix, name, colour in (("", "ensemble, worst direction", LINE), ("random_", "ensemble, random", DOTS),
                                         ("trees_", "trees, ensemble's worst", GREEN)):  # fmt: skip
                if f"{prefix}{key}" in table:
                    one.plot(table.index, table[f"{prefix}{key}"], "o-", color=colour, ms=4, lw=1.2, label=name)
            one.set(xlabel="bound, training spreads", title="F1" if key == "f1" else key, ylim=(0, 1.02))
        axes[0].legend(frameon=False, fontsize=8, loc="lower left")
        figure.tight_layout()
        return closed(figure)
