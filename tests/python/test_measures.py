"""The Python side's measures, thresholds, calibration and noise correction against scikit-learn and known answers."""

import sys
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
sys.path.insert(0, str(NOTEBOOKS))

import fraud  # noqa: E402, F401  first: it sets the number of threads
import numpy as np  # noqa: E402
import pytest  # noqa: E402
import sklearn.metrics as sk  # noqa: E402
from fraud import annotation, calibrate, intervals, metrics, mlp, threshold  # noqa: E402


def samples():
    random = np.random.default_rng(4)
    for n, ties in ((200, 8), (500, 1000), (60, 3)):
        y = random.random(n) < 0.2
        s = np.round(random.normal(y.astype(float)) * ties) / ties
        yield y, s, random.uniform(0.1, 5, n)


def test_metrics_are_those_of_scikit_learn():
    for y, s, w in samples():
        curve, flag = metrics.Curve.of(y, s, w), s >= 0.5
        found = metrics.all_measures(y, s, w, 0.5)
        expected = {
            "auroc": sk.roc_auc_score(y, s, sample_weight=w),
            "average_precision": sk.average_precision_score(y, s, sample_weight=w),
            "f1": sk.f1_score(y, flag, sample_weight=w), "precision": sk.precision_score(y, flag, sample_weight=w),
            "recall": sk.recall_score(y, flag, sample_weight=w), "mcc": sk.matthews_corrcoef(y, flag, sample_weight=w),
            "kappa": sk.cohen_kappa_score(y, flag, sample_weight=w),
            "balanced_accuracy": sk.balanced_accuracy_score(y, flag, sample_weight=w),
        }  # fmt: skip
        for name, value in expected.items():
            assert abs(found[name] - value) < 1e-12, name
        p = mlp.sigmoid(s)
        assert abs(metrics.brier(y, p, w) - sk.brier_score_loss(y, p, sample_weight=w)) < 1e-12
        assert abs(metrics.log_loss(y, p, w) - sk.log_loss(y, p, sample_weight=w)) < 1e-12
        assert len(curve.score) == len(np.unique(s))
        intervals.check(y, s, w, 0.5)


def test_metrics_that_do_not_exist_are_none():
    y, s, w = np.array([False, False]), np.array([0.1, 0.2]), np.ones(2)
    found = metrics.all_measures(y, s, w, 0.5)
    assert [found[k] for k in ("precision", "recall", "g_mean", "mcc", "auroc", "average_precision")] == [None] * 6


def test_threshold_is_the_best_and_lies_on_no_score():
    for y, s, w in samples():
        choice = threshold.f1_then_g(y, s, w)
        every = [(metrics.counts_at(y, s, w, t).measures()["f1"], t) for t in np.unique(s)]
        assert choice.f1 == pytest.approx(max(every)[0], abs=1e-12)
        assert choice.midpoint not in s and choice.midpoint < choice.score
        assert ((s >= choice.midpoint) == (s >= choice.score)).all()
    tie = threshold.f1_then_g(np.array([True, False, False, True]), np.array([4.0, 3.0, 2.0, 1.0]), np.ones(4))
    assert tie.score == 4.0, "equal F1 at 4 and 1; G-mean decides for 4"


def test_calibration_recovers_a_known_map():
    random = np.random.default_rng(2)
    z = random.normal(-2, 2, 200_000)
    y = random.random(len(z)) < mlp.sigmoid(0.7 * z - 0.5)
    for fit in (calibrate.platt, calibrate.beta):
        found = fit(z, y, np.ones(len(z)))
        assert np.allclose((found.a, found.b, found.c), (0.7, 0.7, -0.5), atol=0.05)
    p = np.array([0.2, 0.5])
    assert np.allclose(calibrate.prior_corrected(p, 0.1), p * 0.1 / (p * 0.1 + 1 - p))


def test_annotation_errors_are_undone():
    for t, f, alpha, beta in ((0.8, 5e-4, 0.3, 0.0), (0.6, 0.01, 0.1, 1e-3)):
        shown = annotation.seen(t, f, alpha, beta, 0.002, 1e5)
        truth = annotation.seen(t, f, 0, 0, 0.002, 1e5)
        found = annotation.corrected(shown, alpha, beta)
        assert np.allclose([found.tp, found.fp, found.fn, found.tn], [truth.tp, truth.fp, truth.fn, truth.tn])
    assert annotation.corrected(shown, 0.6, 0.4) is None
