"""Metrics of `impactd fraud evaluate` against scikit-learn and imbalanced-learn, on random rows.

Each case is a file; the command runs once a case and all answers are kept, so that every test reads them.
"""

import json
import math
import os
import subprocess
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from imblearn.metrics import geometric_mean_score, make_index_balanced_accuracy, specificity_score
from sklearn import metrics as sk

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("IMPACTD_BINARY", ROOT / "target/debug/impactd"))
NEAR = dict(rel=1e-10, abs=1e-12)
THRESHOLD = 0.5


def cases():
    """Name, labels, scores, weights: ties, weights, extreme imbalance, one class only."""
    for seed in range(36):
        draw = np.random.default_rng(seed)
        rows = int(draw.integers(2, 400))
        rate = draw.choice([0.5, 0.2, 0.03])
        y = (draw.random(rows) < rate).astype(int)
        s = np.clip(0.25 * y + draw.random(rows) * 0.8, 0, 1)
        if seed % 3 == 0:
            s = np.round(s * 8) / 8
        w = draw.choice([0.5, 1.0, 11.5], rows) if seed % 2 else None
        yield f"random_{seed}", y, s, w
    draw = np.random.default_rng(99)
    y = np.zeros(5000, int)
    y[17] = 1
    yield "one_in_5000", y, draw.random(5000), None
    yield "no_positives", np.zeros(40, int), draw.random(40), None
    yield "no_negatives", np.ones(40, int), draw.random(40), None
    yield "none_flagged", np.array([0, 1, 0, 1]), np.array([0.1, 0.2, 0.3, 0.4]), None
    yield "nothing_at_all", np.zeros(4, int), np.array([0.1, 0.2, 0.3, 0.4]), None
    yield "all_right_of_one_class", np.ones(3, int), np.array([0.9, 0.8, 0.7]), None


CASES = {name: (y, s, w) for name, y, s, w in cases()}


def evaluate(path, *more):
    """The report of a file."""
    command = [BINARY, "fraud", "evaluate", path, "--json", "--draws", "0", "--threshold", str(THRESHOLD), *more]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A CSV file a case."""
    folder = tmp_path_factory.mktemp("cases")
    paths = {}
    for name, (y, s, w) in CASES.items():
        columns = [y, s] if w is None else [y, s, w]
        header = "label,score" + ("" if w is None else ",weight")
        lines = [",".join(repr(cell.item()) for cell in row) for row in zip(*columns, strict=True)]
        paths[name] = folder / f"{name}.csv"
        paths[name].write_text("\n".join([header, *lines]) + "\n")
    return paths


def of_all(files, *more):
    with ThreadPoolExecutor(4) as pool:
        return dict(zip(files, pool.map(lambda path: evaluate(path, *more), files.values()), strict=True))


@pytest.fixture(scope="module")
def reports(files):
    """Undefined is null."""
    return of_all(files)


@pytest.fixture(scope="module")
def zeros(files):
    """Undefined as scikit-learn's default has it."""
    return of_all(files, "--zero-division", "0")


def flags(s):
    return (s >= THRESHOLD).astype(int)


THRESHOLD_METRICS = {
    "precision": lambda y, p, w: sk.precision_score(y, p, sample_weight=w, zero_division=0),
    "recall": lambda y, p, w: sk.recall_score(y, p, sample_weight=w, zero_division=0),
    "f1": lambda y, p, w: sk.f1_score(y, p, sample_weight=w, zero_division=0),
    "f05": lambda y, p, w: sk.fbeta_score(y, p, beta=0.5, sample_weight=w, zero_division=0),
    "f2": lambda y, p, w: sk.fbeta_score(y, p, beta=2, sample_weight=w, zero_division=0),
    "mcc": lambda y, p, w: sk.matthews_corrcoef(y, p, sample_weight=w),
    "accuracy": lambda y, p, w: sk.accuracy_score(y, p, sample_weight=w),
    "specificity": lambda y, p, w: sk.recall_score(y, p, pos_label=0, sample_weight=w, zero_division=0),
    "npv": lambda y, p, w: sk.precision_score(y, p, pos_label=0, sample_weight=w, zero_division=0),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("metric", THRESHOLD_METRICS)
def test_threshold_metrics_with_scikit_learns_zero_division(zeros, name, metric):
    y, s, w = CASES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = THRESHOLD_METRICS[metric](y, flags(s), w)
    assert zeros[name][metric] == pytest.approx(expected, **NEAR)


@pytest.mark.parametrize("name", CASES)
def test_what_scikit_learn_calls_zero_is_null_with_a_reason(reports, name):
    report, (y, s, _) = reports[name], CASES[name]
    flagged, positives = flags(s).any(), y.any()
    assert (report["precision"] is None) == (not flagged)
    assert (report["recall"] is None) == (not positives)
    assert (report["f1"] is None) == (not flagged and not positives)
    one_class = positives == 0 or y.all()
    assert (report["mcc"] is None) == (one_class or not flagged or bool(flags(s).all()))
    for undefined, reason in report["undefined"].items():
        assert report[undefined] is None and len(reason) > 10


@pytest.mark.parametrize("name", CASES)
def test_kappa_and_balanced_accuracy(reports, name):
    y, s, w = CASES[name]
    p, report = flags(s), reports[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kappa = sk.cohen_kappa_score(y, p, labels=[0, 1], sample_weight=w)
    if math.isnan(kappa):
        assert report["kappa"] is None
    else:
        assert report["kappa"] == pytest.approx(kappa, **NEAR)
    if 0 < y.sum() < len(y):
        assert report["balanced_accuracy"] == pytest.approx(sk.balanced_accuracy_score(y, p, sample_weight=w), **NEAR)
    else:
        # scikit-learn averages over the classes that are there; here a class that is absent leaves it undefined.
        assert report["balanced_accuracy"] is None


@pytest.mark.parametrize("name", CASES)
def test_imbalanced_learn(reports, name):
    y, s, w = CASES[name]
    p, report = flags(s), reports[name]
    if not 0 < y.sum() < len(y):
        # imbalanced-learn gives 1.0 to one class that is all right; undefined here.
        assert report["g_mean"] is None and report["iba_alpha01"] is None
        return
    # Weighted, imbalanced-learn takes the negatives from the unweighted number of rows (see below); repeated rows do not.
    repeats = None if w is None else (2 * w).astype(int)
    y, p = (y, p) if w is None else (np.repeat(y, repeats), np.repeat(p, repeats))
    g_mean = geometric_mean_score(y, p, labels=[0, 1], pos_label=1, average="binary")
    assert report["g_mean"] == pytest.approx(g_mean, **NEAR)
    specificity = specificity_score(y, p, labels=[0, 1], pos_label=1, average="binary")
    assert report["specificity"] == pytest.approx(specificity, **NEAR)
    if 0 < p.sum() < len(p):
        weigh = make_index_balanced_accuracy(alpha=0.1, squared=True)
        iba = weigh(geometric_mean_score)(y, p, pos_label=1, average="binary")
        assert report["iba_alpha01"] == pytest.approx(iba, **NEAR)


def test_imbalanced_learns_weighted_g_mean_is_not_copied(reports):
    """It exceeds 1 there, or is NaN."""
    y, s, w = CASES["random_3"]
    with np.errstate(invalid="ignore"):
        theirs = geometric_mean_score(y, flags(s), labels=[0, 1], pos_label=1, average="binary", sample_weight=w)
    repeats = (2 * w).astype(int)
    repeated = geometric_mean_score(np.repeat(y, repeats), np.repeat(flags(s), repeats), average="binary")
    assert theirs != pytest.approx(repeated, rel=0.01)
    assert reports["random_3"]["g_mean"] == pytest.approx(repeated, **NEAR)


def test_imbalanced_learns_one_for_a_single_class_is_not_copied(reports):
    y, s, _ = CASES["all_right_of_one_class"]
    assert geometric_mean_score(y, flags(s), average="multiclass") == 1.0
    assert reports["all_right_of_one_class"]["g_mean"] is None


@pytest.mark.parametrize("name", CASES)
def test_ranking(reports, zeros, name):
    y, s, w = CASES[name]
    report = reports[name]
    if y.any():
        assert report["average_precision"] == pytest.approx(sk.average_precision_score(y, s, sample_weight=w), **NEAR)
        precision, recall, _ = sk.precision_recall_curve(y, s, sample_weight=w)
        assert report["auprc_trapezoid"] == pytest.approx(sk.auc(recall, precision), **NEAR)
    else:
        with pytest.warns(UserWarning, match="No positive class"):
            assert sk.average_precision_score(y, s) == 0.0
        assert report["average_precision"] is None and zeros[name]["average_precision"] == 0
    if 0 < y.sum() < len(y):
        assert report["auroc"] == pytest.approx(sk.roc_auc_score(y, s, sample_weight=w), **NEAR)
        partial = sk.roc_auc_score(y, s, sample_weight=w, max_fpr=0.01)
        assert report["pauc_fpr01_mcclish"] == pytest.approx(partial, **NEAR)
        fpr, tpr, _ = sk.roc_curve(y, s, sample_weight=w, drop_intermediate=False)
        assert report["ks"] == pytest.approx(max(tpr - fpr), **NEAR)
        for key, most in [("tpr_at_fpr_0001", 0.001), ("tpr_at_fpr_001", 0.01)]:
            assert report[key] == pytest.approx(max(tpr[fpr <= most]), **NEAR)
    else:
        assert report["auroc"] is None and report["ks"] is None


def ece(y, s, w, bins):
    w = np.ones(len(y)) if w is None else w
    which = np.minimum((s * bins).astype(int), bins - 1)
    gaps = [abs((w * (s - y))[which == b].sum()) for b in range(bins)]
    return sum(gaps) / w.sum()


@pytest.mark.parametrize("name", CASES)
def test_probabilities(reports, name):
    y, s, w = CASES[name]
    report = reports[name]
    # The clip of scikit-learn is eps of float64; ours is 1e-15, so scores are clipped alike beforehand.
    clipped = np.clip(s, 1e-15, 1 - 1e-15)
    log_loss = sk.log_loss(y, clipped, labels=[0, 1], sample_weight=w)
    assert report["log_loss_eps1e-15"] == pytest.approx(log_loss, rel=1e-9)
    assert report["brier"] == pytest.approx(np.average((s - y) ** 2, weights=w), **NEAR)
    if 0 < y.sum() < len(y):
        assert report["brier"] == pytest.approx(sk.brier_score_loss(y, s, sample_weight=w), **NEAR)
        rate = np.average(y, weights=w)
        assert report["brier_skill"] == pytest.approx(1 - report["brier"] / (rate * (1 - rate)), **NEAR)
    parts = [report[f"brier_{part}"] for part in ("reliability", "uncertainty", "within_bins")]
    assert report["brier"] == pytest.approx(sum(parts) - report["brier_resolution"], **NEAR)
    for bins in (10, 15):
        assert report[f"ece_equal_width_{bins}"] == pytest.approx(ece(y, s, w, bins), **NEAR)


@pytest.mark.parametrize("name", CASES)
def test_the_threshold_chosen_is_the_best_of_all_scores(reports, name):
    y, s, w = CASES[name]
    if not 0 < y.sum() < len(y):
        assert reports[name]["best_f1_then_g"] is None
        return
    w = np.ones(len(y)) if w is None else w

    def value(at):
        tp, tn = w[(s >= at) & (y == 1)].sum(), w[(s < at) & (y == 0)].sum()
        positives, negatives = w[y == 1].sum(), w[y == 0].sum()
        f1 = 2 * tp / (positives + w[s >= at].sum())
        return round(f1, 12), round(math.sqrt(tp / positives * tn / negatives), 12), at

    f1, g_mean, at = max(value(at) for at in np.unique(s))
    best = reports[name]["best_f1_then_g"]
    assert (best["threshold"], best["f1"]) == (at, pytest.approx(f1, abs=1e-11))
    assert best["g_mean"] == pytest.approx(g_mean, abs=1e-11)


def test_one_kept_constant_score(tmp_path):
    path = tmp_path / "constant.csv"
    path.write_text("label,score\n" + "\n".join(f"{int(row < 3)},0.5" for row in range(12)) + "\n")
    report = evaluate(path)
    # Linear interpolation once gave 0.5 and more here; the prevalence is right.
    assert (report["average_precision"], report["auprc_davis"], report["auroc"]) == (0.25, 0.25, 0.5)
    assert report["auprc_trapezoid"] == 0.625
