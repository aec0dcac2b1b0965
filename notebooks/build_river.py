"""Write `river.ipynb`, the independent hand's walk from tape to regression.

python build_river.py --execute         (from notebooks/; without the flag the outputs stay empty)
"""

from notebook import build

CELLS = [
    """# From tape to regression, by an independent hand

The same numbers as `impactd batch`, computed with numpy and statsmodels. Prices and sizes are exact integers
until the first mean or regression; every estimate carries its Newey-West error.

`IMPACTD_TAPE` names the folder that holds the one pair to read, csv or Lean zips; by default the small
simulated day.""",
    """>import os
>from pathlib import Path
>
>import pandas as pd
>
>from oracle import figures
>from oracle.bars import bars
>from oracle.book import Day, order_flow_imbalance
>from oracle.depth_law import depth_law, half_hours
>from oracle.fits import fits
>from oracle.signs import all_signs
>from oracle.spreads import after_300s, effective
>from oracle.tapes import read_tape
>
>pd.options.display.float_format = "{:.6g}".format
>folder = Path(os.environ.get("IMPACTD_TAPE", "../data/tape/csv"))
>(quotes,), (trades,) = folder.glob("*quote*"), folder.glob("*trade*")
>tape = read_tape(quotes, trades)
>day = Day.of(tape)
>tape.symbol, tape.day.isoformat()""",
    """## What was read, what was kept

Clean profile `none`: the session, and trades with a positive price and size. A usable quote has two sides and
ask > bid; the others stay in force for trades but are skipped by mids and by order-flow imbalance.""",
    """>pd.Series({
>    "quotes in file": len(tape.quotes),
>    "quotes in session": len(day.quotes),
>    "usable quotes": day.usable.sum(),
>    "trades in file": len(tape.trades),
>    "trades in session": len(day.trades),
>    "shares traded": day.trades.size.sum(),
>}, name="count").to_frame()""",
    """## Who took the initiative

A trade is matched to the last quote strictly before it. Lee-Ready compares the price with the mid and asks the
tick test when they are equal. The sums of the signs say how far the rules agree.""",
    """>signs = all_signs(day)
>pd.DataFrame({"sum of signs": {rule: sign.sum() for rule, sign in signs.items()},
>              "signed shares": {rule: (sign * day.trades.size).sum() for rule, sign in signs.items()}})""",
    """## What trading cost

Dollars. The signed effective spread is what the trader paid, the realized spread what the supplier of liquidity
still had 300 s later, and the impact the difference.""",
    """>pd.Series(effective(day) | after_300s(day, signs["lee_ready"]), name="value").to_frame()""",
    """## Bars of ten seconds

$$e_n = 1_{b_n \\ge b_{n-1}}\\,q^b_n - 1_{b_n \\le b_{n-1}}\\,q^b_{n-1} - 1_{a_n \\le a_{n-1}}\\,q^a_n + 1_{a_n \\ge a_{n-1}}\\,q^a_{n-1}$$

summed over the quotes of a bar is its order-flow imbalance in shares.""",
    """>table = bars(day, signs["lee_ready"], 10)
>assert table["ofi_shares"].sum() == order_flow_imbalance(day.usable_quotes).sum()
>columns = ["ofi_shares", "trade_imbalance_shares", "mid_change_cents", "depth_mean_shares", "spread_tw_usd"]
>table[columns].describe().loc[["count", "mean", "std", "min", "max"]]""",
    """## Impact over the day

OLS with an intercept; beside each slope its OLS, White and Newey-West errors. Where the three differ, believe
the last: the variance of price changes moves through the day.""",
    """>estimates = fits(day, table)
>over_day = estimates[(estimates["window"] == "day") & (estimates["term"] != "intercept")]
>over_day[["model", "term", "coefficient", "unit", "se_ols", "se_white", "se_hac", "t_hac", "n", "r2"]]""",
    """>figures.impact_scatter(table, estimates)""",
    """## Impact through the day

One fit a half hour. `r2` is in-sample; `r2_oos` scores a half hour's coefficients on the next half hour and is
never to be confused with it.""",
    """>points = half_hours(table, estimates)
>figures.impact_by_half_hour(points)""",
    """>scores = estimates[(estimates["window"] == "30m") & (estimates["term"] != "intercept")]
>scores.groupby(["model", "unit"], sort=False)[["r2", "r2_oos"]].mean()""",
    """## Impact against depth

Cont, Kukanov and Stoikov: $\\beta_h = c / D_h^{\\lambda}$, with $\\lambda$ near one. Only half hours with a
positive slope can be put on a log scale.""",
    """>law = depth_law(table, estimates)
>law[["term", "coefficient", "se_ols", "se_white", "se_hac", "ci95_low", "ci95_high", "n", "r2"]]""",
    """>figures.impact_against_depth(points, law)""",
]


if __name__ == "__main__":
    build("river", CELLS)
