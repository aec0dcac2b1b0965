"""Write `fraud_manipulation.ipynb`: what resembles manipulation on a tape, how it is found, and how far that goes.

python build_fraud_manipulation.py --execute   (from notebooks/; needs the program, see worlds.binary)
"""

from notebook import build

CELLS = [
    """# What resembles manipulation on a tape

Days are drawn from a law, with everyday acts that look like episodes; episodes of five patterns are injected message by
message; `impactd fraud features` makes a row of features of every ten seconds. A small world is drawn here and learned
from on the spot; below it stand the figures of the shipped model, `data/models/manipulation/1/results.json`.

A tape has no accounts and no orders. What is found resembles a pattern, and is proof of nothing.""",
    """>import json
>import tempfile
>from pathlib import Path
>
>import matplotlib.pyplot as plt
>import numpy as np
>import pandas as pd
>from IPython.display import Markdown
>
>import fraud
>from fraud.manipulation import events, fits, protocol, report, studies, worlds
>from fraud.manipulation.table import read
>
>plan = worlds.Plan(days=8, symbols=worlds.SYMBOLS[1:3], per_day=4, seed=3)
>with tempfile.TemporaryDirectory() as place:
>    table = read(worlds.draw(plan, Path(place)))
>split = protocol.by_day(table, protocol.cuts(table, (0.5, 0.7)))
>Markdown(report.parts_table(report.parts(table, split)))""",
    """## What an episode looks like

The strongest episode of each pattern in the training part: features in spreads, bin by bin, from three minutes before
its first message. Shaded: the bins that are labelled.""",
    """>shown = {"quote_stuffing": "quotes", "layering": "size_vanished", "pump_and_dump": "signed_volume_30s",
>         "wash_trades": "trades", "marking_the_close": "return_60s"}
>train = table.rows(split.train)
>figure, axes = plt.subplots(1, 5, figsize=(15, 2.6), constrained_layout=True)
>for axis, (pattern, feature) in zip(axes, shown.items()):
>    some = train.episodes[train.episodes.pattern == pattern]
>    one = some.loc[some.strength.idxmax()]
>    near = (train.day == one.day) & (train.start > one.start - 180e9) & (train.end < one.end + 180e9)
>    seconds = (train.start[near] - one.start) / 1e9
>    axis.fill_between(seconds, -30, 30, where=train.y[near], step="post", color="0.85")
>    axis.step(seconds, train.column(feature)[near], where="post")
>    axis.set(title=f"{report.SHORT[pattern]}, strength {one.strength:.1f}", xlabel="seconds", ylabel=feature)
>    axis.set(ylim=(-31, 31))
>plt.show()""",
    """## A small model, learned here

Whole days in order: training, validation, test, with a purge between. The threshold keeps false alerts on validation
within one a symbol-day. So few days say little: look at the intervals.""",
    """>model = fits.fit(table, split, fits.SMALL)
>validation, test = table.rows(split.validation), table.rows(split.test)
>p = model.fitted.calibration.apply(model.score(test))
>told = {"ensemble": events.summary(events.found(test, p, model.threshold))}
>rule = fraud.manipulation.baselines.rule
>told["rule: volume z and return z"] = events.summary(studies.judged(rule(test), rule(validation), test, validation)[0])
>Markdown(report.beside_table({name: {"events": one} for name, one in told.items()}))""",
    """## The shipped model

All that follows was measured on days and episodes that it has not seen. It is printed as it was found.""",
    """>results = json.loads(Path("../data/models/manipulation/1/results.json").read_text())
>sections = dict(report.sections(results))
>show = lambda title: Markdown(f"### {title}\\n\\n{sections[title]}")
>show("Days and episodes")""",
    """>show("Episodes found at one false alert a symbol-day")""",
    """>rows = [row for row in results["strengths"] if row["episodes"]]
>middle = [np.sqrt(row["from"] * row["to"]) for row in rows]
>figure, axis = plt.subplots(figsize=(7, 3.6), constrained_layout=True)
>for pattern in worlds.PATTERNS:
>    found = [np.nan if row[pattern] is None else row[pattern] for row in rows]
>    axis.plot(middle, found, ".-", alpha=0.6, label=report.SHORT[pattern])
>low, high = np.array([row["interval"] for row in rows]).T
>axis.fill_between(middle, low, high, color="0.8")
>axis.plot(middle, [row["recall"] for row in rows], "k.-", lw=2, label="all, with 95 %")
>axis.set(xscale="log", xlabel="strength", ylabel="share of episodes found", ylim=(-0.02, 1.02))
>axis.set_xticks([0.1, 0.2, 0.5, 1, 2, 5, 10], ["0.1", "0.2", "0.5", "1", "2", "5", "10"], minor=False)
>axis.set_xticks([], minor=True)
>axis.legend(fontsize=8, loc="upper left")
>plt.show()""",
    """>show("Against strength")""",
    """>show("Bins of ten seconds")""",
    """>show("What an alert resembles")""",
    """## What the tape gives away

Without everyday acts a drawn tape has no two quotes within 50 ms, no two trades within a millisecond and no print
inside the quotes, and what the injector does is told by that alone.""",
    """>show("What the tape gives away")""",
    """>show("One symbol left out")""",
    """>show("One pattern left out")""",
    """## Recorded days

Nobody knows what an untouched day holds: every alert there counts as false, an upper bound.""",
    """>show("Recorded days") if "Recorded days" in sections else "recorded days were absent when the model was made"
""",
    """>show("Hidden by going slower or in smaller parts")""",
    """>show("Features moved at will")""",
    """>show("Treatments of imbalance")""",
]

if __name__ == "__main__":
    build("fraud_manipulation", CELLS)
