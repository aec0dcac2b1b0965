"""Write `fraud_card.ipynb`: a card model trained, judged and taken apart.

python build_fraud_card.py --execute [--out DIR]         (from notebooks/)
"""

from notebook import build

CELLS = [
    """# A card-fraud model, trained and judged

The steps of `python -m fraud train` one by one. `IMPACTD_CARD_DATA` names a labelled table (CSV or Parquet; label
`fraud`, time `time_s`, weight `weight` if there); without it a small table of known structure is generated, so that
its best possible score is known too. `IMPACTD_CARD_MEMBERS` is the number of networks.""",
    """>import os
>from dataclasses import replace
>
>import fraud  # first: it sets the number of threads
>import pandas as pd
>from fraud import calibrate, data, figures, generate, graph, intervals, judge, metrics, noise, robust, runtime
>from fraud import split as splitting
>from fraud import train, treatments, trees
>
>pd.options.display.float_format = "{:.4g}".format
>source = os.environ.get("IMPACTD_CARD_DATA")
>if source:
>    rows = data.read(source, "fraud", "time_s", "weight")
>else:
>    table, best_score = generate.table()
>    rows = data.from_table(table, "fraud", "time_s", None, source="generated")
>split = splitting.split(rows)
>config = replace(train.RECIPE, members=int(os.environ.get("IMPACTD_CARD_MEMBERS", "8" if source else "2")))
>pd.DataFrame({name: {"rows": len(part), "frauds": rows.y[part].sum(), "weight": rows.w[part].sum()}
>              for name, part in split.parts().items()}).T""",
    """## Train, choose, write

The training part decides standardiser and networks, the validation part calibration and threshold. Scores are those of
ONNX Runtime on the graph that is served.""",
    """>fitted = train.fit(rows.x, rows.y, rows.w, split, config)
>whole = graph.graph(fitted, rows.names, {})
>graph.checked(whole)
>scores = runtime.run(whole.SerializeToString(), rows.x)["probability"]
>assert abs(scores - fitted.probability(rows.x)).max() < 1e-5
>grown = trees.fit(rows.x, rows.y, rows.w, split)
>tree_scores = runtime.run(trees.graph(grown, rows.names, {}).SerializeToString(), rows.x)["probability"]
>sorted({node.op_type for node in whole.graph.node}), fitted.choice""",
    """## The test part, opened once""",
    """>net = judge.judged(scores, fitted.choice.midpoint, rows, split)
>forest = judge.judged(tree_scores, grown.choice.midpoint, rows, split)
>results = pd.DataFrame({"ensemble": net.test, "95 % interval": net.bounds, "boosted trees": forest.test,
>                        "95 % interval ": forest.bounds}).loc[list(intervals.SHOWN)]
>results.map(lambda v: [round(x, 3) for x in v] if isinstance(v, list) else v)""",
    """>test, held = split.test, split.validation
>curves = {"ensemble": (metrics.Curve.of(rows.y[test], scores[test], rows.w[test]), net.at),
>          "boosted trees": (metrics.Curve.of(rows.y[test], tree_scores[test], rows.w[test]), forest.at)}
>if not source:
>    best = metrics.Curve.of(rows.y[test], best_score[test], rows.w[test])
>    curves["likelihood ratio (best possible)"] = (best, best.score[best.f1().argmax()])
>figures.pr_and_roc(curves, float((rows.w * rows.y).sum() / rows.w.sum()))""",
    """Dots are the thresholds chosen on validation. The difference of the two models on the same bootstrap draws, with
its 95 % interval:""",
    """>both = (scores[test], net.at), (tree_scores[test], forest.at)
>pd.DataFrame(intervals.paired(rows.y[test], rows.w[test], *both),
>             index=["ensemble less trees", "low", "high"]).T""",
    """## F1 and G-mean choose different thresholds

On validation, against the share of rows flagged. G-mean's optimum flags more rows: its specificity hardly
feels false alarms that halve precision. Hence F1 first, and G-mean between equals.""",
    """>chosen_on = metrics.Curve.of(rows.y[held], scores[held], rows.w[held])
>figures.threshold_sweep(chosen_on, net.at, "Validation: every distinct score as threshold")""",
    """## Calibration

Maps fitted on validation, seen on test. The graph holds Platt's.""",
    """>z = {name: fitted.logit(rows.x[part]) for name, part in (("held", held), ("test", test))}
>fit_on = z["held"], rows.y[held], rows.w[held]
>maps = {"uncalibrated": calibrate.Calibration(1, 1, 0).apply(z["test"]), "Platt": fitted.calibration.apply(z["test"]),
>        "beta": calibrate.beta(*fit_on).apply(z["test"]), "isotonic": calibrate.isotonic(*fit_on).predict(z["test"])}
>judged_on = rows.y[test], rows.w[test]
>pd.DataFrame({name: {"Brier": metrics.brier(judged_on[0], p, judged_on[1]),
>                     "log loss": metrics.log_loss(judged_on[0], p, judged_on[1]),
>                     "ECE": metrics.ece(judged_on[0], p, judged_on[1])} for name, p in maps.items()}).T""",
    """>figures.calibration(maps, *judged_on, edges=pd.Series([1e-4, 1e-3, 1e-2, 0.1, 0.3, 0.6, 0.9]).to_numpy())""",
    """## Treatments of imbalance

Measured on two forward folds inside training and validation; the test part is not read. All take the same number of
training steps. Upsampling and upweighting by the same factor are the same loss in expectation.""",
    """>small = replace(config, members=max(1, config.members // 2), least_steps=2700 if source else 1200)
>treated = treatments.table(rows, split, small)
>treated""",
    """>figures.treatments(treated)""",
    """## Labels that miss frauds

Frauds lose their label at rate α in training and in choosing. *Measured* is against labels as noisy, *corrected* is
what the inverse of the error model makes of that, *clean* is the truth.""",
    """>noisy = noise.sweep(rows, split, small, seeds=1, rates=noise.RATES[:5:1 if source else 2])
>figures.label_noise(noisy)""",
    """## Bounded perturbation

Each fraud of the test part moved by at most the bound in every feature to lower its score. An upper bound on harm.""",
    """>moved = robust.table(fitted, rows.x[test], rows.y[test], rows.w[test],
>                     {"trees": (grown.probability, grown.choice.midpoint)})
>moved""",
    """>figures.robustness(moved)""",
]


if __name__ == "__main__":
    build("fraud_card", CELLS)
