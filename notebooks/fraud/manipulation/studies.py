"""A table and its split -> what is asked of the model: beside baselines, by pattern and strength, with parts left out.

Every scorer gets its own threshold on validation at the same budget of false alerts, and one look at test.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from .. import metrics, treatments, trees
from ..robust import attacked
from ..split import Split
from . import baselines, fits
from .events import Found, at_budget, difference, found, intervals, some, summary
from .fits import SMALL, Model
from .protocol import thinned, without_pattern, without_symbol
from .table import Table
from .worlds import PATTERNS

STRENGTHS = (0.1, 0.22, 0.46, 1.0, 2.2, 4.6, 10.001)


def judged(score: np.ndarray, held: np.ndarray, test: Table, validation: Table) -> tuple[Found, float]:
    """`score` on test and `held` on validation."""
    at = at_budget(validation, held)
    return found(test, score, at), at


def rows_measured(test: Table, score: np.ndarray, at: float) -> dict[str, float | None]:
    """Row-level measures at the same threshold, unweighted, at the tape's prevalence."""
    one = np.ones(len(score))
    values = metrics.all_measures(test.y, score, one, at)
    return {k: values[k] for k in ("precision", "recall", "f1", "g_mean", "mcc", "average_precision", "auroc")}


def scorers(table: Table, split: Split, model: Model, seed: int = 7) -> dict:
    """{name: scorer of a table}; the challenger and the baselines learn from the same part."""
    rows, w = thinned(table, split.train, fits.KEPT, seed)
    import lightgbm

    data = lightgbm.Dataset(fits.seeing(table)[rows], label=table.y[rows].astype(int), weight=w / w.mean())
    booster = lightgbm.train(trees.SETTINGS | {"seed": seed}, data, num_boost_round=trees.ROUNDS)
    return {
        "ensemble": model.score,
        "boosted trees (challenger)": lambda t: booster.predict(fits.seeing(t), raw_score=True, num_threads=1),
        "logistic regression": baselines.logistic(table, split.train, seed),
        "forest, La Morgia's features": baselines.forest(table, split.train, seed),
        "rule: volume z and return z": baselines.rule,
        "unusual (knows no labels)": lambda t: unusual(model, t),
    }  # fmt: skip


def unusual(model: Model, table: Table) -> np.ndarray:
    return np.concatenate([model.fitted.unusual(part) for part in np.array_split(table.x, 50)]).astype(float)


def beside(table: Table, split: Split, model: Model) -> tuple[dict, dict[str, Found]]:
    """Every scorer at its own threshold: events, rows, and the paired difference of recall to the ensemble's."""
    validation, test = table.rows(split.validation), table.rows(split.test)
    told, kept = {}, {}
    for name, scorer in scorers(table, split, model).items():
        score = scorer(test)
        one, at = judged(score, scorer(validation), test, validation)
        kept[name] = one
        told[name] = {"events": summary(one), "rows": rows_measured(test, score, at),
                      "patterns": by_pattern(test, one)}  # fmt: skip
        if name != "ensemble":
            told[name]["ensemble_gains"] = difference(kept["ensemble"], one)
    return told, kept


def by_pattern(test: Table, one: Found) -> dict:
    told = {}
    for pattern in PATTERNS:
        part = some(one, (test.episodes["pattern"] == pattern).to_numpy())
        if len(part.delay):
            told[pattern] = {k: v for k, v in summary(part).items() if k != "false_a_day"}
    return told


def by_strength(test: Table, one: Found) -> list[dict]:
    """Recall in bins even in the logarithm of strength, over all patterns and by pattern."""
    told, strength = [], test.episodes["strength"].to_numpy(float)
    for low, high in zip(STRENGTHS, STRENGTHS[1:]):
        inside = (strength >= low) & (strength < high)
        row = {"from": low, "to": min(high, 10.0), "episodes": int(inside.sum())}
        part = some(one, inside)
        row |= {"recall": part.recall(), "interval": intervals(part)["recall"] if inside.any() else None}
        for pattern in PATTERNS:
            which = inside & (test.episodes["pattern"] == pattern).to_numpy()
            row[pattern] = some(one, which).recall() if which.any() else None
        told.append(row)
    return told


def small(table: Table, split: Split, kinds: tuple[str, ...] = fits.BLIND) -> fits.Ensemble:
    return fits.learned(table, split, SMALL, kinds)[0]


def measured(table: Table, split: Split, kinds: tuple[str, ...] = fits.BLIND) -> tuple[Found, Table]:
    """A smaller ensemble trained, held to the budget on validation, and looked at on test."""
    ensemble = small(table, split, kinds)
    validation, test = table.rows(split.validation), table.rows(split.test)
    score = lambda t: fits.logits(ensemble, t.x)  # noqa: E731
    return judged(score(test), score(validation), test, validation)[0], test


def symbols_left_out(table: Table, split: Split, reference: Found, test: Table) -> list[dict]:
    """Each symbol scored by an ensemble that never saw it, beside the same size of ensemble that did."""
    told = []
    for symbol in np.unique(table.symbol):
        one, _ = measured(table, without_symbol(table, split, symbol))
        seen = some(reference, (test.episodes["symbol"] == symbol).to_numpy())
        told.append({"symbol": str(symbol), "seen_recall": seen.recall()} | summary(one))
    return told


def patterns_left_out(table: Table, split: Split, model: Model, reference: Found) -> list[dict]:
    """Each pattern found by an ensemble that never saw one, beside one that did and beside the guard."""
    told = []
    validation, test = table.rows(split.validation), table.rows(split.test)
    guard = judged(unusual(model, test), unusual(model, validation), test, validation)[0]
    for pattern in PATTERNS:
        which = (test.episodes["pattern"] == pattern).to_numpy()
        one, _ = measured(table, without_pattern(table, split, pattern))
        told.append({"pattern": pattern, "seen_recall": some(reference, which).recall(),
                     "unusual_recall": some(guard, which).recall()} | summary(some(one, which)))  # fmt: skip
    return told


def treated(table: Table, split: Split, kept: float = 0.03) -> pd.DataFrame:
    """The card model's treatments on thinned rows; forward folds inside training and validation."""
    from ..data import Rows

    part = np.concatenate([split.train, split.validation])
    part = part[np.lexsort((table.day[part], table.start[part]))]
    rows, w = thinned(table, part, kept, 3)
    blind = np.array([name not in fits.BLIND for name in table.names])
    names = tuple(np.array(table.names)[blind])
    x, when = table.x[rows][:, blind].astype(float), table.start[rows].astype(float)
    data = Rows(names, x, table.y[rows], w, when, "", "", ())
    halves = Split(np.arange(len(rows)), np.zeros(0, int), np.zeros(0, int), "all")
    return treatments.table(data, halves, replace(SMALL, least_steps=2_000))


def perturbed(table: Table, split: Split, model: Model, bounds: tuple[float, ...] = (0.0, 0.1, 0.2, 0.5)) -> list[dict]:
    """Bins of test episodes moved by at most a bound of training spreads, to lower the logit (projected gradient)."""
    test, told = table.rows(split.test), []
    for bound in bounds:
        x = test.x.copy()
        if bound:
            x[test.y] = attacked(model.fitted, test.x[test.y], bound)
        score = model.fitted.calibration.apply(fits.logits(model.fitted.ensemble, x))
        one = found(test, score, model.threshold)
        told.append({"bound_sd": bound, "recall": one.recall(), "interval": intervals(one)["recall"]})
    return told


def calibrated(test: Table, p: np.ndarray) -> dict:
    one = np.ones(len(p))
    base = np.full(len(p), test.y.mean())
    return {"brier": metrics.brier(test.y, p, one), "brier_of_prevalence": metrics.brier(test.y, base, one),
            "ece": metrics.ece(test.y, p, one), "log_loss": metrics.log_loss(test.y, p, one),
            "reliability": metrics.reliability(test.y, p, one)}  # fmt: skip




def by_symbol(test: Table, one: Found) -> dict:
    """Recall and false alerts of each symbol."""
    _, day = np.unique(test.day, return_index=True)
    of_day = test.symbol[day]
    told = {}
    for symbol in np.unique(test.symbol):
        part = some(one, (test.episodes["symbol"] == symbol).to_numpy())
        told[str(symbol)] = {"recall": part.recall(), "false_a_day": float(one.false[of_day == symbol].mean())}
    return told
