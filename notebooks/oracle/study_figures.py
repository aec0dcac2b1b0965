"""Three figures of a study: the response curve, R(v,1), and line against tree."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .contest import choose, grown
from .figures import DOTS, INK, LINE, LOOK, closed
from .study import windows


def response_curve(symbol: str, aggregate: dict) -> Figure:
    """R(dV, T) in bins of equal count, with the linear region and Kyle's lambda on it."""
    points, region = aggregate["curve_cents_on_shares"], aggregate["linear_region"]
    flow, change, se = (np.array([p[key] for p in points], float) for key in ("flow", "change", "se"))
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots()
        axes.errorbar(flow, change, 1.96 * se, fmt="o", color=DOTS, ms=4, capsize=2, lw=1)
        whole = aggregate["full_range"]
        axes.plot(flow, whole["intercept_cents"] + whole["cents_per_share"] * flow, color=INK, lw=0.8, ls=":",
                  label="line through all windows")  # fmt: skip
        if region:
            x, fit = np.array([-1, 1]) * region["radius_shares"], region["lambda"]
            axes.axvspan(*x, color=LINE, alpha=0.08, lw=0)
            axes.plot(x, fit["intercept_cents"] + fit["cents_per_share"] * x, color=LINE,
                      label=f"λ = {fit['cents_per_share']:.2e} cents per share, linear region")  # fmt: skip
        axes.legend(frameon=False, fontsize=8)
        axes.set(xlabel=f"signed flow of {aggregate['orders_per_window']} market orders, shares",
                 ylabel="mid change, cents", title=f"{symbol}: R(ΔV, {aggregate['orders_per_window']})")  # fmt: skip
        return closed(figure)


def response_by_volume(symbol: str, response: dict) -> Figure:
    """R(v,1) against v over the mean opposite best quote; bins of fewer than ten orders are left out."""
    bins = [b for b in response["by_volume"] if b["n"] >= 10]
    size, r, se = (np.array([b[key] for b in bins], float)
                   for key in ("volume_over_best_mean", "response_cents", "se_cents"))  # fmt: skip
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots()
        axes.axhline(response["r1_cents"], color=LINE, lw=1, label="R(1)")
        axes.errorbar(size, r, 1.96 * se, fmt="o", color=DOTS, ms=4, capsize=2, lw=1, label="R(v,1)")
        axes.set_xscale("log", base=2)
        axes.legend(frameon=False, fontsize=8)
        axes.set(xlabel="market order over mean opposite best quote", ylabel="response, cents",
                 title=f"{symbol}: one order, R(1) = {response['r1_cents']:.4f} cents")  # fmt: skip
        return closed(figure)


def line_and_tree(symbol: str, days: list, length: int) -> Figure:
    """Both models grown on all windows of a length, over a cloud of the middle 99 %."""
    w = windows(days, length)
    x, y = w.flow_shares.astype(float)[:, None], w.change_cents
    depth, leaf = choose(x, y, np.arange(len(x)))
    tree, slope = grown(depth, leaf).fit(x, y), np.polyfit(x[:, 0], y, 1)
    low, high = np.quantile(x, [0.005, 0.995])
    shown, grid = (x[:, 0] >= low) & (x[:, 0] <= high), np.linspace(low, high, 500)
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots()
        axes.plot(x[shown, 0], y[shown], ".", color=DOTS, ms=2, alpha=0.25, rasterized=True)
        axes.plot(grid, np.polyval(slope, grid), color=INK, lw=1, label="line")
        axes.plot(grid, tree.predict(grid[:, None]), color=LINE, lw=1.5, label=f"tree, depth {depth}, leaf {leaf}")
        axes.set_ylim(*np.quantile(y, [0.002, 0.998]))
        axes.legend(frameon=False, fontsize=8)
        axes.set(xlabel=f"signed flow of {length} market orders, shares", ylabel="mid change, cents",
                 title=f"{symbol}: line and tree")  # fmt: skip
        return closed(figure)
