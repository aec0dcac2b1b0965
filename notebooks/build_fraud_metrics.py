"""Write `fraud_metrics.ipynb`: which metric to judge a fraud classifier by when frauds are rare and labels err.

python build_fraud_metrics.py --execute [--out DIR]         (from notebooks/)
"""

from notebook import build

CELLS = [
    """# Metrics under massive imbalance and noisy labels

Kulatilleke and Samarakoon (2022, arXiv 2208.11904) conclude: judge by F1 and then G-mean, in that order. Only
the abstract was to be had, so the protocol is stated here and is ours: the prevalence of the ULB card data,
annotators who miss frauds (α) and accuse genuine rows (β) whatever the score, and metrics measured against
their labels. All of it is computed in numpy; where `impactd` is built, `impactd fraud study --json` is held
against it.""",
    """>import fraud  # first: it sets the number of threads
>import numpy as np
>import pandas as pd
>from fraud import annotation, metric_figures, metric_study
>
>pd.options.display.float_format = "{:.4f}".format
>table = metric_study.closed_form()
>assert metric_study.largest_difference(table) < 5.1e-5
>table""",
    """Undefined is NaN, never 0. Accuracy is 0.998 for a classifier that flags nothing. G-mean hardly sees twenty
times the false alarms (last two rows) while F1 falls from 0.73 to 0.13: F1 first. Rows 7 and 11 have one F1,
0.7264, and G-mean tells them apart: G-mean second. One false accusation in a thousand caps a perfect
classifier's F1 at 0.776.

## Every metric along one thing""",
    """>good, rare = {"t": 0.8, "f": 5e-4}, {"alpha": 0.0, "beta": 0.0, "pi": metric_study.PI}
>decades = np.logspace(-5, -2, 31)
>metric_figures.panels({
>    "perfect, frauds missed": metric_study.along(np.linspace(0, 0.6, 31), t=1.0, f=0.0, **rare | {"alpha": None}),
>    "perfect, genuine accused": metric_study.along(decades, t=1.0, f=0.0, **rare | {"beta": None}),
>    "good, frauds missed": metric_study.along(np.linspace(0, 0.6, 31), **good, **rare | {"alpha": None}),
>    "good, genuine accused": metric_study.along(decades, **good, **rare | {"beta": None}),
>    "false alarms": metric_study.along(np.logspace(-5, -1, 41), t=0.9, f=None, **rare),
>    "frauds found": metric_study.along(np.linspace(0, 1, 41), t=None, f=5e-4, **rare),
>    "prevalence": metric_study.along(np.logspace(-4, -0.4, 31), **good, **rare | {"pi": None}),
>}, {"perfect, genuine accused", "good, genuine accused", "false alarms", "prevalence"})""",
    """*Good* finds 80 % of frauds with 5 false alarms in 10,000. Missed frauds pull F1, MCC and precision down and
leave G-mean where it is; accusations pull F1, MCC and G-mean down, because false frauds cannot be found.
G-mean, recall and specificity do not depend on prevalence; F1, MCC, kappa and precision do and cannot be
compared across it.

## Back to the truth

With α and β known the counts can be inverted. From expected counts the inversion is exact:""",
    """>rates = [(0.1, 0.0), (0.3, 0.0), (0.5, 0.0), (0.0, 1e-3), (0.1, 1e-3)]
>found = []
>for alpha, beta in rates:
>    measured = annotation.seen(**good, alpha=alpha, beta=beta, pi=metric_study.PI, n=metric_study.N)
>    true = annotation.corrected(measured, alpha, beta)
>    found.append({"alpha": alpha, "beta": beta} | {f"{k} {name}": c.measures()[k] for k in ("f1", "g_mean")
>                 for name, c in (("measured", measured), ("corrected", true))})
>inverted = pd.DataFrame(found)
>truth = annotation.seen(**good, alpha=0, beta=0, pi=metric_study.PI).measures()
>assert np.allclose(inverted["f1 corrected"], truth["f1"], atol=1e-9)
>inverted""",
    """## Which metric ranks two classifiers rightly

Pairs of classifiers (TPR 0.5 to 0.95, FPR 10^-4.5 to 10^-2.5) measured against the same law of noisy labels,
with the chance of 284,807 rows. A metric is right when it orders the pair as the truth does: by true F1, or by
a cost at which a missed fraud is worth 50 false alarms.""",
    """>ranked = metric_study.ranking()
>metric_figures.agreement(ranked, ("f1", "mcc", "kappa", "g_mean", "precision", "recall", "accuracy"))""",
    """>ranked.pivot_table(index=["criterion", "alpha", "beta"], columns="metric", values="agreement")""",
    """If the truth is F1, measured F1, MCC and kappa rank alike, and far ahead of G-mean. As labels err MCC pulls a
few points ahead of F1: so far the conclusion does not hold against MCC. If a miss costs 50 alarms, G-mean
(and recall) is far ahead and F1 is no good judge: what a mistake costs decides more than the noise does.
Exact ties of F1
almost never occur, so that *F1, then G-mean* read strictly is F1 alone; within one standard error G-mean has
something to decide.

Later work disagrees in part. Gaudreault and Branco (2024, Machine Learning, doi 10.1007/s10994-023-06497-5)
advise against F1 and G-mean when labels are noisy and prefer MCC and the Davis-Goadrich area. McDermott et al.
show that the PR area is not superior to AUROC in general and favours groups of high prevalence. Report all of
them, with intervals.

## The same study by impactd""",
    """>study = metric_study.study_of_impactd()
>if study is None:
>    print("impactd fraud study is not at hand: build it (cargo build) or name its JSON in IMPACTD_STUDY")
>else:
>    worst = metric_study.beside(study)
>    assert worst < 1e-9, worst
>    print(f"closed form and {len(study['series'])} series, every point: largest difference from numpy {worst:.1e}")""",
    """>figure = None
>if study is not None:
>    agreed = pd.DataFrame(study["ranking"]["agreement"])
>    shown = ("f1_then_g", "f1_then_g_within_se", "mcc", "g_mean", "auroc", "average_precision", "auprc_davis")
>    figure = metric_figures.agreement(agreed, shown, key="rule")
>figure""",
    """>claims = [] if study is None else study["conclusion"]
>pd.options.display.max_colwidth = 160
>pd.DataFrame([{"claim": c["claim"], "holds here": c["holds"], "found": c["found"]} for c in claims])""",
]


if __name__ == "__main__":
    build("fraud_metrics", CELLS)
