//! What follows from the error model without chance: every metric against one thing at a time.
//!
//! Expected counts of N rows (`judging::noise`), with AUROC and average precision of a scorer on its steps. A series'
//! `x` is what its name says; `corrected` is what the inverse of the model makes of the expected counts.

use serde::Serialize;

use super::Settings;
use super::metrics::Metrics;
use super::scorers::Scorer;
use crate::fraud::judging::noise::{AnnotationError, Truth, corrected};
use crate::fraud::judging::walk::{Step, walk};

/// The scorer whose ranking metrics stand beside the classifier of TPR 0.8 and FPR 0.0005, which lies on its curve.
const BESIDE: Scorer = Scorer { distance: 4.132_147, spread: 1.0 };

/// Metrics of one classifier under one error, in expectation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClosedForm {
    /// Share of frauds flagged.
    pub tpr: f64,
    /// Share of genuine rows flagged.
    pub fpr: f64,
    /// Share of frauds that annotators miss.
    pub alpha: f64,
    /// Share of genuine rows that they accuse.
    pub beta: f64,
    /// The metrics, measured against the labels.
    pub measured: Metrics,
}

/// Metrics along one thing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Series {
    /// Which series.
    pub name: &'static str,
    /// What x is.
    pub x: &'static str,
    /// The points, in order of x.
    pub points: Vec<SeriesPoint>,
}

/// One point of a series: who was measured, and what was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeriesPoint {
    /// Where on the series' axis.
    pub x: f64,
    /// The classifier and prevalence.
    pub truth: Truth,
    /// The annotators.
    pub error: AnnotationError,
    /// Metrics against the labels.
    pub measured: Metrics,
    /// Metrics against the truth, corrected with the errors known.
    pub corrected: Option<Metrics>,
    /// AUROC against the labels of the scorer beside.
    pub auroc: Option<f64>,
    /// Average precision likewise.
    pub average_precision: Option<f64>,
    /// Davis-Goadrich area likewise.
    pub auprc_davis: Option<f64>,
}

/// The eleven rows of the protocol.
pub(super) fn closed_form(settings: &Settings) -> Vec<ClosedForm> {
    let rows = [
        [1.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0],
        [1.0, 0.0, 0.1, 0.0],
        [1.0, 0.0, 0.0, 1e-4],
        [1.0, 0.0, 0.0, 1e-3],
        [1.0, 0.0, 0.0, 1e-2],
        [1.0, 0.0, 0.1, 1e-3],
        [0.8, 5e-4, 0.0, 0.0],
        [0.8, 5e-4, 0.1, 1e-3],
        [0.9, 2e-2, 0.0, 0.0],
        [0.9, 1e-3, 0.0, 0.0],
    ];
    let one = |[tpr, fpr, alpha, beta]: [f64; 4]| {
        let truth = Truth { prevalence: settings.prevalence(), tpr, fpr };
        let counts = truth.observed(AnnotationError { alpha, beta }, settings.rows as f64);
        ClosedForm { tpr, fpr, alpha, beta, measured: Metrics::of(&counts) }
    };
    rows.into_iter().map(one).collect()
}

/// All series.
pub(super) fn series(settings: &Settings) -> Vec<Series> {
    let n = settings.rows as f64;
    let prevalence = settings.prevalence();
    let good = Truth { prevalence, tpr: 0.8, fpr: 5e-4 };
    let perfect = Truth { prevalence, tpr: 1.0, fpr: 0.0 };
    let none = AnnotationError::default();
    let missed = |alpha| AnnotationError { alpha, beta: 0.0 };
    let accused = |beta| AnnotationError { alpha: 0.0, beta };
    let alphas = || (0..=10).map(|k| f64::from(k) * 0.05);
    let betas = || std::iter::once(0.0).chain(decades(-5, -2, 5));
    let along = |name, x, points: Vec<SeriesPoint>| Series { name, x, points };
    let of = |x: f64, truth: Truth, error: AnnotationError| point(x, truth, error, n);
    vec![
        along(
            "quality_fpr_at_tpr_0.9",
            "fpr",
            decades(-5, -1, 5).map(|fpr| of(fpr, Truth { prevalence, tpr: 0.9, fpr }, none)).collect(),
        ),
        along(
            "quality_tpr_at_fpr_0.0005",
            "tpr",
            (0..=20)
                .map(|k| f64::from(k) * 0.05)
                .map(|tpr| of(tpr, Truth { prevalence, tpr, fpr: 5e-4 }, none))
                .collect(),
        ),
        along("missed_perfect", "alpha", alphas().map(|a| of(a, perfect, missed(a))).collect()),
        along("missed_good", "alpha", alphas().map(|a| of(a, good, missed(a))).collect()),
        along("accused_perfect", "beta", betas().map(|b| of(b, perfect, accused(b))).collect()),
        along("accused_good", "beta", betas().map(|b| of(b, good, accused(b))).collect()),
        along(
            "both_good",
            "alpha, with beta = alpha / 100",
            alphas().map(|a| of(a, good, AnnotationError { alpha: a, beta: a / 100.0 })).collect(),
        ),
        along(
            "prevalence_good",
            "prevalence",
            decades(-4, -1, 5)
                .chain([0.5])
                .map(|prevalence| of(prevalence, Truth { prevalence, ..good }, none))
                .collect(),
        ),
    ]
}

/// 10^first ... 10^last, so many to a decade.
fn decades(first: i32, last: i32, each: i32) -> impl Iterator<Item = f64> {
    (0..=(last - first) * each).map(move |k| 10.0_f64.powf(f64::from(first) + f64::from(k) / f64::from(each)))
}

fn point(x: f64, truth: Truth, error: AnnotationError, n: f64) -> SeriesPoint {
    let counts = truth.observed(error, n);
    let corrected = corrected(&counts, error).ok().map(|found| Metrics::of(&found.counts));
    let is_beside = truth.tpr == 0.8 && truth.fpr == 5e-4;
    let walked = is_beside.then(|| walk(&expected_steps(BESIDE, truth.prevalence, error)));
    SeriesPoint {
        x,
        truth,
        error,
        measured: Metrics::of(&counts),
        corrected,
        auroc: walked.and_then(|w| w.auroc),
        average_precision: walked.and_then(|w| w.average_precision),
        auprc_davis: walked.and_then(|w| w.auprc_davis),
    }
}

/// A scorer's steps against labels that err, in expectation.
fn expected_steps(scorer: Scorer, prevalence: f64, error: AnnotationError) -> Vec<Step> {
    let shape = scorer.shape();
    let (pi, rest) = (prevalence, 1.0 - prevalence);
    let step = |(fraud, genuine): (&f64, &f64)| Step {
        positive: pi * (1.0 - error.alpha) * fraud + rest * error.beta * genuine,
        negative: pi * error.alpha * fraud + rest * (1.0 - error.beta) * genuine,
    };
    shape.fraud.iter().zip(&shape.genuine).map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scorer_beside_passes_through_its_classifier() {
        assert!((BESIDE.tpr_at(5e-4) - 0.8).abs() < 1e-6, "{}", BESIDE.tpr_at(5e-4));
    }

    #[test]
    fn with_the_errors_known_nothing_moves() {
        for series in series(&Settings::default()) {
            for point in &series.points {
                let clean = Metrics::of(&point.truth.counts(284_807.0));
                let found = point.corrected.and_then(|m| m.f1).zip(clean.f1);
                assert!(
                    found.is_none_or(|(found, f1)| (found - f1).abs() < 1e-9),
                    "{} {}",
                    series.name,
                    point.x
                );
            }
        }
    }
}
