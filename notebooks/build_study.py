"""Write `study.ipynb`: market impact conditional on order flow, by an independent hand.

python build_study.py --execute         (from notebooks/; without the flag the outputs stay empty)
"""

from notebook import build

CELLS = [
    """# Market impact conditional on order flow

The founding study (Bugaenko 2020, arXiv 2004.08290) recomputed with numpy, statsmodels and scikit-learn, and held
against `impactd study`. The clock counts market orders: consecutive fills of one stamp and one side are one order;
$m_t$ is the mid strictly before the $t$-th, $\\varepsilon_t$ its side, $v_t$ its shares.

$$R(1) = \\langle \\varepsilon_t (m_{t+1} - m_t) \\rangle, \\qquad
\\Delta V_t(T) = \\sum_{k<T} \\varepsilon_{t+k} v_{t+k}, \\qquad
R(\\Delta V, T) = E[m_{t+T} - m_t \\mid \\Delta V_t(T) = \\Delta V]$$

Windows do not overlap and none crosses a day; only 10:30 to 15:00 counts. Flow and change share their window: all of
this *explains* and nothing here forecasts. Slopes of different $T$ are different quantities.

The real tapes are read where they are (`IMPACTD_REAL_DATA`), the program where it is built (`IMPACTD`).""",
    """>import subprocess
>import tempfile
>from pathlib import Path
>
>import pandas as pd
>
>from oracle import study_figures as figures
>from oracle.study_tables import (agreement_with_impactd, binary, contests, impactd_study, lag_one, real_tapes,
>                                 responses)
>from oracle.study_tape import read_days, told
>
>pd.options.display.float_format = "{:.5g}".format
>pd.options.display.max_rows = 200
>tapes = {"SIM (data/tape)": sorted(Path("../data/tape/csv").glob("*.csv"))} | real_tapes()
>read = {name: read_days(files) for name, files in tapes.items()}
>found = {name: told(*parts) for name, parts in read.items()}
>pd.DataFrame({name: {**t["fills"], "dropped": str(t["fills"]["dropped"])} for name, t in found.items()}).T""",
    """## Held against impactd

Every number of the two hands: regrouped orders, responses, curves, linear regions, slopes with Newey-West errors, and
both cross-validations with their shuffles, purges and the tree chosen in every fold.""",
    """>if binary():
>    agreed = {name: agreement_with_impactd(found[name], impactd_study(files)) for name, files in tapes.items()}
>    table = pd.DataFrame(agreed).T
>    assert (table["differ"] == 0).all(), table
>    display(table)
>else:
>    print("impactd is not built; nothing was compared")""",
    """## One market order

The study finds R(1) positive for all stocks, and near proportional to the spread for small-tick ones (here AMZN). BAC
is a large-tick stock: the spread is one cent and an order is small beside the queue it meets.""",
    """>lag_one(found)""",
    """>shown = next((name for name in found if name.startswith("IBM")), "SIM (data/tape)")
>figures.response_by_volume(shown, found[shown]["study"]["response"])""",
    """## Aggregate response and Kyle's lambda

The linear region: the largest quantile $c^*$ of $|\\Delta V|$ on which a term $\\Delta V|\\Delta V|$ beside
$\\Delta V$ is not significant ($|t| \\le 2.2414$, Newey-West), and, unless that is the whole range, two fifths of it.
The factor is there because at $c^*$ curvature is only just invisible and still bends the slope by several errors.
R² of raw windows and of the binned curve are different things. Cents, shares, cents per share; the published lambda
names no unit.""",
    """>responses(found)""",
    """>figures.response_curve(shown, found[shown]["study"]["aggregates"][1])""",
    """## Line against tree

Ten folds, out of fold, MSE in cents². `shuffled` is the study's own cross-validation; `purged` keeps time in order and
leaves one window out on either side. `line - tree` is the mean difference of squared errors with its Newey-West error;
beyond two of them one of the two is better. The tree's depth and leaf are chosen inside each training part. The
published row is another stock, other years, and "dollar cents".""",
    """>contests(found)""",
    """>figures.line_and_tree(shown, read[shown][2], 10)""",
    """## A tape of known law

Concave impact, $\\lambda x / \\sqrt{1 + (x / V_0)^2}$ with $\\lambda$ = 0.002 cents per share and $V_0$ = 1,500
shares, ten orders a step. The tree must beat the line over the full range in both kinds of folds and tie on the linear
region, whose slope must hold lambda in its interval.""",
    """>if binary():
>    with tempfile.TemporaryDirectory() as folder:
>        law = ["--orders-first", "--trades", "10", "--lots", "3", "--lambda", "2e-5", "--noise", "0.004",
>               "--noise-per-share", "0", "--impact-scale", "1500"]
>        made = ["simulate", "--out", folder, "--seed", "3", *law]
>        subprocess.run([binary(), *made], capture_output=True, check=True)
>        parts = read_days(sorted(Path(folder).glob("csv/*.csv")), "09:30-16:00")
>    concave = {"concave": told(*parts, hours="09:30-16:00", lengths=(10,))}
>    display(responses(concave).iloc[:1], contests(concave).iloc[:4])""",
    """>figures.response_curve("concave", concave["concave"]["study"]["aggregates"][0]) if binary() else None""",
]

if __name__ == "__main__":
    build("study", CELLS)
