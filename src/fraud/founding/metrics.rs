//! The metrics that are compared, of one table of counts; absent where undefined.

use serde::Serialize;

use crate::fraud::judging::Counts;

/// Every threshold metric of the study.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Metrics {
    /// Share of rows judged rightly.
    pub accuracy: Option<f64>,
    /// TP / (TP + FP).
    pub precision: Option<f64>,
    /// TP / P.
    pub recall: Option<f64>,
    /// TN / N.
    pub specificity: Option<f64>,
    /// Harmonic mean of precision and recall.
    pub f1: Option<f64>,
    /// The same, recall counting fourfold.
    pub f2: Option<f64>,
    /// sqrt(recall x specificity).
    pub g_mean: Option<f64>,
    /// Matthews' correlation.
    pub mcc: Option<f64>,
    /// Cohen's kappa.
    pub kappa: Option<f64>,
    /// (recall + specificity) / 2.
    pub balanced_accuracy: Option<f64>,
    /// recall + specificity - 1.
    pub youden_j: Option<f64>,
}

impl Metrics {
    /// All metrics of the counts.
    pub(super) fn of(counts: &Counts) -> Self {
        Self {
            accuracy: counts.accuracy().ok(),
            precision: counts.precision().ok(),
            recall: counts.recall().ok(),
            specificity: counts.specificity().ok(),
            f1: counts.f1().ok(),
            f2: counts.f_beta(2.0).ok(),
            g_mean: counts.g_mean().ok(),
            mcc: counts.mcc().ok(),
            kappa: counts.kappa().ok(),
            balanced_accuracy: counts.balanced_accuracy().ok(),
            youden_j: counts.youden_j().ok(),
        }
    }
}
