"""The founding study of metrics examined by an independent hand: closed forms, curves, how often metrics rank right.

In: prevalence, a classifier's true rates, annotators' error rates. Out: frames of every metric. A ranking draw makes
two classifiers of nearby quality measure against the same noisy labels, by Poisson counts of the four expected cells;
a metric is right when it puts them in the order of true F1 (or of true cost, a missed fraud costing 50 alarms).
"""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd

from .annotation import seen
from .metrics import Counts

N, FRAUDS = 284_807, 492
PI = FRAUDS / N
METRICS = ("accuracy", "precision", "recall", "specificity", "f1", "g_mean", "mcc", "kappa")
# TPR, FPR, alpha, beta, then the protocol's values of METRICS to four places; None where undefined.
PROTOCOL = (
    (1, 0, 0, 0, 1.0000, 1, 1, 1, 1, 1, 1, 1),
    (0, 0, 0, 0, 0.9983, None, 0, 1, 0, 0, None, 0),
    (1, 0, 0.1, 0, 0.9998, 0.9000, 1.0000, 0.9998, 0.9474, 0.9999, 0.9486, 0.9473),
    (1, 0, 0, 0.0001, 0.9999, 1, 0.9454, 1, 0.9719, 0.9723, 0.9723, 0.9719),
    (1, 0, 0, 0.001, 0.9990, 1, 0.6338, 1, 0.7758, 0.7961, 0.7957, 0.7754),
    (1, 0, 0, 0.01, 0.9900, 1, 0.1475, 1, 0.2571, 0.3841, 0.3822, 0.2549),
    (1, 0, 0.1, 0.001, 0.9988, 0.9000, 0.6090, 0.9998, 0.7264, 0.7803, 0.7398, 0.7259),
    (0.8, 0.0005, 0, 0, 0.9992, 0.7347, 0.8000, 0.9995, 0.7659, 0.8942, 0.7662, 0.7655),
    (0.8, 0.0005, 0.1, 0.001, 0.9981, 0.6615, 0.4874, 0.9994, 0.5612, 0.6979, 0.5669, 0.5603),
    (0.9, 0.02, 0, 0, 0.9799, 0.0722, 0.9000, 0.9800, 0.1338, 0.9391, 0.2518, 0.1310),
    (0.9, 0.001, 0, 0, 0.9988, 0.6090, 0.9000, 0.9990, 0.7264, 0.9482, 0.7398, 0.7259),
)
ERRORS = ((0.0, 0.0), (0.1, 0.0), (0.3, 0.0), (0.5, 0.0), (0.0, 1e-4), (0.0, 1e-3), (0.3, 1e-3))
COST_OF_MISS = 50


def closed_form() -> pd.DataFrame:
    """The eleven rows, computed."""
    found = []
    for t, f, alpha, beta, *_ in PROTOCOL:
        measures = seen(t, f, alpha, beta, PI, N).measures()
        found.append({"tpr": t, "fpr": f, "alpha": alpha, "beta": beta} | {m: measures[m] for m in METRICS})
    return pd.DataFrame(found)


def largest_difference(table: pd.DataFrame) -> float:
    """Between the computed rows and the protocol's, which are rounded to four places; undefined must meet undefined."""
    wanted = np.array([[np.nan if v is None else v for v in row[4:]] for row in PROTOCOL], float)
    found = table[list(METRICS)].to_numpy(float)
    assert (np.isnan(wanted) == np.isnan(found)).all(), "undefined in other places"
    return float(np.nanmax(np.abs(wanted - found)))


def along(values: np.ndarray, **how) -> pd.DataFrame:
    """Every metric along one thing: `how` holds t, f, alpha, beta, pi, one of them None."""
    (free,) = [key for key, value in how.items() if value is None]
    found = [seen(**(how | {free: float(v)}), n=N).measures() for v in values]
    return pd.DataFrame(found, index=pd.Index(values, name=free))[list(METRICS)]


def ranking(pairs: int = 4000, seed: int = 3) -> pd.DataFrame:
    """Share of pairs in their true order, by error rates, criterion and metric; ties count half."""
    found = []
    for alpha, beta in ERRORS:
        random = np.random.default_rng(seed)
        hits: dict[tuple[str, str], list[float]] = {}
        for _ in range(pairs):
            rates = [(random.uniform(0.5, 0.95), 10 ** random.uniform(-4.5, -2.5)) for _ in range(2)]
            truth = [seen(t, f, 0, 0, PI, N) for t, f in rates]
            shown = [drawn(seen(t, f, alpha, beta, PI, N), random).measures() for t, f in rates]
            better = {
                "true F1": np.sign(truth[0].measures()["f1"] - truth[1].measures()["f1"]),
                "true cost": -np.sign(cost(truth[0]) - cost(truth[1])),
            }
            for metric in METRICS:
                a, b = (measures[metric] for measures in shown)
                said = np.sign((a or 0) - (b or 0))
                for criterion, right in better.items():
                    hits.setdefault((criterion, metric), []).append(0.5 if said == 0 else float(said == right))
        found += [{"alpha": alpha, "beta": beta, "criterion": c, "metric": m, "agreement": np.mean(v)}
                  for (c, m), v in hits.items()]  # fmt: skip
    return pd.DataFrame(found)


def drawn(counts: Counts, random: np.random.Generator) -> Counts:
    return Counts(*(float(v) for v in random.poisson([counts.tp, counts.fp, counts.fn, counts.tn])))


def cost(counts: Counts) -> float:
    return counts.fp + COST_OF_MISS * counts.fn


def study_of_impactd() -> dict | None:
    """`impactd fraud study --json`, from IMPACTD_STUDY (a file) or the program; None where there is neither."""
    kept = os.environ.get("IMPACTD_STUDY")
    if kept:
        return json.loads(Path(kept).read_text())
    root = Path(__file__).resolve().parents[2]
    program = root / os.environ.get("IMPACTD_BINARY", "target/debug/impactd")
    if not program.is_file():
        return None
    done = subprocess.run([program, "fraud", "study", "--json"], capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def beside(study: dict) -> float:
    """The largest difference of any metric of the study's closed form and series from ours."""
    points = [(row["tpr"], row["fpr"], row["alpha"], row["beta"], PI, row["measured"]) for row in study["closed_form"]]
    for series in study["series"]:
        for p in series["points"]:
            points.append((p["truth"]["tpr"], p["truth"]["fpr"], p["error"]["alpha"], p["error"]["beta"],
                           p["truth"]["prevalence"], p["measured"]))  # fmt: skip
    worst = 0.0
    for *at, measured in points:
        ours = seen(*at, n=N).measures()
        for metric in METRICS:
            assert (ours[metric] is None) == (measured[metric] is None), (at, metric, ours[metric], measured[metric])
            if ours[metric] is not None:
                worst = max(worst, abs(ours[metric] - measured[metric]))
    return worst
