//! Rules that say which of two classifiers is better, from what was measured, and criteria that say which is.
//!
//! Criteria are taken of the classifier's true rates. Cost is FP + c FN, for a missed fraud that costs c false alarms.
//! The F1 of counts has the standard error of independent Poisson counts (delta method):
//! var = 4 [(FP+FN)² TP + TP² (FP+FN)] / (2 TP + FP + FN)^4.

use std::cmp::Ordering;

use super::metrics::Metrics;
use crate::fraud::judging::Counts;
use crate::fraud::judging::noise::{AnnotationError, Truth, corrected};
use crate::fraud::judging::walk::Walked;

/// What a classifier was measured to be, on one sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    metrics: Metrics,
    f1_error: f64,
    f1_corrected: Option<f64>,
    walked: Walked,
}

impl Seen {
    /// From the counts at the classifier's threshold and the whole walk.
    pub(super) fn new(counts: &Counts, walked: Walked, error: AnnotationError) -> Self {
        let f1_corrected = corrected(counts, error).ok().and_then(|c| c.counts.f1().ok());
        Self { metrics: Metrics::of(counts), f1_error: f1_error(counts), f1_corrected, walked }
    }
}

/// Standard error of the F1 of counts.
pub(super) fn f1_error(counts: &Counts) -> f64 {
    let (tp, wrong) = (counts.tp, counts.fp + counts.fn_);
    let whole = 2.0 * tp + wrong;
    if whole > 0.0 { 2.0 * (wrong * wrong * tp + tp * tp * wrong).sqrt() / (whole * whole) } else { 0.0 }
}

/// The rules that are compared.
pub const RULES: [&str; 15] = [
    "f1_then_g",
    "f1_then_g_within_se",
    "f1",
    "g_mean",
    "mcc",
    "kappa",
    "f2",
    "precision",
    "recall",
    "accuracy",
    "balanced_accuracy",
    "auroc",
    "average_precision",
    "auprc_davis",
    "f1_corrected",
];

/// The order of two classifiers by a rule of `RULES`; equal where it cannot tell.
pub(super) fn order(rule: usize, a: &Seen, b: &Seen) -> Ordering {
    let by = |get: fn(&Seen) -> Option<f64>| compared(get(a), get(b));
    let by_g = || by(|s| s.metrics.g_mean).then(by(|s| s.metrics.recall));
    match RULES.get(rule).copied().unwrap_or_default() {
        "f1_then_g" => by(|s| s.metrics.f1).then_with(by_g),
        "f1_then_g_within_se" if is_f1_close(a, b) => by_g(),
        "f1_then_g_within_se" => by(|s| s.metrics.f1),
        "f1" => by(|s| s.metrics.f1),
        "g_mean" => by(|s| s.metrics.g_mean),
        "mcc" => by(|s| s.metrics.mcc),
        "kappa" => by(|s| s.metrics.kappa),
        "f2" => by(|s| s.metrics.f2),
        "precision" => by(|s| s.metrics.precision),
        "recall" => by(|s| s.metrics.recall),
        "accuracy" => by(|s| s.metrics.accuracy),
        "balanced_accuracy" => by(|s| s.metrics.balanced_accuracy),
        "auroc" => by(|s| s.walked.auroc),
        "average_precision" => by(|s| s.walked.average_precision),
        "auprc_davis" => by(|s| s.walked.auprc_davis),
        _ => by(|s| s.f1_corrected),
    }
}

/// Whether the lower F1 is within one standard error of the higher one.
pub(super) fn is_f1_close(a: &Seen, b: &Seen) -> bool {
    match (a.metrics.f1, b.metrics.f1) {
        (Some(x), Some(y)) => (x - y).abs() <= if x >= y { a.f1_error } else { b.f1_error },
        _ => false,
    }
}

/// Whether F1 is the same to the last bit.
pub(super) fn is_f1_tied(a: &Seen, b: &Seen) -> bool {
    a.metrics.f1.is_some() && a.metrics.f1 == b.metrics.f1
}

fn compared(a: Option<f64>, b: Option<f64>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => Ordering::Equal,
    }
}

/// The criteria of being better.
pub const CRITERIA: [&str; 5] = ["f1", "g_mean", "mcc", "cost_10", "cost_100"];

/// How good a classifier is by each criterion; more is better.
pub(super) fn worth(truth: &Truth) -> [f64; 5] {
    let counts = truth.counts(1.0);
    let known = |value: Result<f64, _>| value.unwrap_or(0.0);
    let cost = |missed: f64| counts.fp + missed * counts.fn_;
    [known(counts.f1()), known(counts.g_mean()), known(counts.mcc()), -cost(10.0), -cost(100.0)]
}
