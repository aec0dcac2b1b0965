"""Figures of the study of metrics: every metric along one thing, and how often each ranks two classifiers rightly."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from oracle.figures import DOTS, INK, LINE, LOOK, closed

NAMES = {"alpha": "share of frauds missed, α", "beta": "share of genuine accused, β", "f": "false positive rate",
         "t": "true positive rate", "pi": "prevalence"}  # fmt: skip
STYLE = {
    "f1": (LINE, "-", "F1"), "g_mean": (DOTS, "-", "G-mean"), "mcc": ("#4f8a5b", "-", "MCC"),
    "kappa": ("#4f8a5b", ":", "kappa"), "precision": ("#b58a3c", "-", "precision"),
    "recall": (INK, "--", "recall"), "specificity": (INK, ":", "specificity"), "accuracy": (INK, "-", "accuracy"),
}  # fmt: skip


def panels(tables: dict[str, pd.DataFrame], logarithmic: set[str], columns: int = 3) -> Figure:
    """One panel a table: {title: metrics by one thing}; panels named in `logarithmic` have that axis in logs."""
    rows = -(-len(tables) // columns)
    with plt.rc_context(LOOK | {"figure.figsize": (3.1 * columns, 2.9 * rows)}):
        figure, grid = plt.subplots(rows, columns, sharey=True, squeeze=False)
        for axes, (title, table) in zip(grid.flat, tables.items()):
            for metric, (colour, style, name) in STYLE.items():
                axes.plot(table.index, table[metric].astype(float), style, color=colour, lw=1.3, label=name)
            axes.set(title=title, xlabel=NAMES[table.index.name], ylim=(-0.03, 1.05),
                     xscale="log" if title in logarithmic else "linear")  # fmt: skip
        for axes in grid.flat[len(tables):]:
            axes.axis("off")
        corner = grid.flat[-1] if len(tables) < grid.size else grid[0, 0]
        corner.legend(*grid[0, 0].get_legend_handles_labels(), frameon=False, fontsize=8, loc="center")
        figure.tight_layout()
        return closed(figure)


def agreement(table: pd.DataFrame, shown: tuple[str, ...], key: str = "metric") -> Figure:
    """Share of pairs in their true order, one panel a criterion, one group a pair of error rates."""
    criteria = list(dict.fromkeys(table["criterion"]))
    with plt.rc_context(LOOK | {"figure.figsize": (9.2, 2.6 * len(criteria) + 0.6)}):
        figure, grid = plt.subplots(len(criteria), 1, sharex=True, squeeze=False)
        for axes, criterion in zip(grid[:, 0], criteria):
            part = table[table["criterion"] == criterion]
            errors = list(dict.fromkeys(zip(part["alpha"], part["beta"])))
            for number, metric in enumerate(shown):
                of = part[part[key] == metric].set_index(["alpha", "beta"])["agreement"]
                place = np.arange(len(errors)) + 0.08 * (number - len(shown) / 2)
                axes.plot(place, [of[e] for e in errors], "o", ms=5, label=metric.replace("_", " "),
                          color=plt.cm.tab10(number))  # fmt: skip
            axes.axhline(0.5, color=INK, lw=0.6, ls=":")
            axes.set(title=f"better by {criterion}", ylabel="share in true order", ylim=(0.4, 1.02))
            axes.set_xticks(range(len(errors)), [f"α {a:g}\nβ {b:g}" for a, b in errors])
        grid[0, 0].legend(frameon=False, fontsize=8, ncols=len(shown), loc="lower left")
        figure.tight_layout()
        return closed(figure)
