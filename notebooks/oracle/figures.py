"""Three figures of one symbol-day: impact as a scatter, impact through the day, impact against depth."""

from datetime import datetime

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .session import NEW_YORK, SECOND

INK, DOTS, LINE = "#333333", "#7a9cc6", "#b3443c"
LOOK = {
    "figure.figsize": (6.4, 3.8), "figure.dpi": 80, "font.size": 9, "text.color": INK, "axes.labelcolor": INK,
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": INK, "axes.titlelocation": "left",
}  # fmt: skip


def impact_scatter(table: pd.DataFrame, fits: pd.DataFrame) -> Figure:
    """Mid change (cents) against OFI (shares), one dot a bar, with the day's fit."""
    day = fits[(fits["window"] == "day") & (fits["model"] == "ofi")].set_index("term")
    intercept, slope = day["coefficient"].loc[["intercept", "ofi"]]
    used = table.dropna(subset="mid_change_cents")
    x = np.array([used["ofi_shares"].min(), used["ofi_shares"].max()])
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots()
        axes.plot(used["ofi_shares"], used["mid_change_cents"], ".", color=DOTS, ms=3, alpha=0.6)
        axes.plot(x, intercept + slope * x, color=LINE)
        axes.set(xlabel="order-flow imbalance of the bar, shares", ylabel="mid change, cents",
                 title=f"{slope:.3g} ± {1.959964 * day['se_hac']['ofi']:.2g} cents per share, "
                       f"R² {day['r2']['ofi']:.2f}, n {day['n']['ofi']}")  # fmt: skip
        return closed(figure)


def impact_by_half_hour(points: pd.DataFrame) -> Figure:
    """beta (cents per share) of each half hour with its 95 % Newey-West interval."""
    clock = [datetime.fromtimestamp(t // SECOND, NEW_YORK).strftime("%H:%M") for t in points["window_start"]]
    half = points["ci95_high"] - points["beta"]
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots()
        axes.axhline(0, color=INK, lw=0.5)
        axes.errorbar(clock, points["beta"], half, fmt="o", color=LINE, ms=4, capsize=3, lw=1)
        axes.tick_params(axis="x", rotation=45)
        axes.set(xlabel="half hour from, New York", ylabel="β, cents per share", title="Impact through the day")
        return closed(figure)


def impact_against_depth(points: pd.DataFrame, law: pd.DataFrame) -> Figure:
    """ln beta against ln depth, one dot a half hour with beta > 0, with the depth law's line."""
    points = points[points["beta"] > 0]
    terms = law.set_index("term")
    intercept, slope = terms["coefficient"].loc[["intercept", "log_depth"]]
    x = np.array([points["depth_mean_shares"].min(), points["depth_mean_shares"].max()])
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots()
        axes.loglog(points["depth_mean_shares"], points["beta"], "o", color=DOTS, ms=5)
        axes.loglog(x, np.exp(intercept) * x**slope, color=LINE)
        axes.set(xlabel="average depth, shares", ylabel="β, cents per share",
                 title=f"β ~ depth^({slope:.2f} ± {1.959964 * terms['se_hac']['log_depth']:.2f}), "
                       f"R² {terms['r2']['log_depth']:.2f}")  # fmt: skip
        return closed(figure)


def closed(figure: Figure) -> Figure:
    """Laid out, and closed so that a notebook shows it once."""
    figure.tight_layout()
    plt.close(figure)
    return figure
