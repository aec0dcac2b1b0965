//! Counts and metrics corrected for annotation error: in, counts against noisy labels; out, counts against the truth.
//!
//! alpha = P(label 0 | fraud), the missed; beta = P(label 1 | genuine), the falsely accused; errors do not depend on
//! the score given the truth. With x frauds flagged and z genuine rows flagged, the labels show
//!
//! ```text
//! TP = (1-alpha) x + beta z        FP = alpha x + (1-beta) z          (and likewise FN, TN of those not flagged)
//! x  = ((1-beta) TP - beta FP) / (1-alpha-beta)       z = ((1-alpha) FP - alpha TP) / (1-alpha-beta)
//! pi = (q - beta) / (1-alpha-beta), q the share of rows labelled 1
//! ```
//!
//! which is the same as solving rho1 = a TPR + (1-a) FPR, rho0 = b TPR + (1-b) FPR with a = (1-alpha) pi / q and
//! b = alpha pi / (1-q). What falls outside [0, 1] is clamped and named. Nothing is said when alpha + beta >= 1 or
//! q <= beta. Source: the misclassification model of Kulatilleke and Samarakoon (2022, arXiv 2208.11904), its inverse
//! as in epidemiology (Rogan and Gladen 1978).

use serde::Serialize;

use super::{Counts, Measured, Undefined};

/// How often annotators err.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct AnnotationError {
    /// P(label 0 | fraud).
    pub alpha: f64,
    /// P(label 1 | genuine).
    pub beta: f64,
}

/// A classifier against the truth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Truth {
    /// Share of rows that are frauds.
    pub prevalence: f64,
    /// Share of frauds flagged.
    pub tpr: f64,
    /// Share of genuine rows flagged.
    pub fpr: f64,
}

impl Truth {
    /// Expected counts of n rows against the truth.
    #[must_use]
    pub fn counts(&self, n: f64) -> Counts {
        self.observed(AnnotationError::default(), n)
    }

    /// Expected counts of n rows against labels that err.
    #[must_use]
    pub fn observed(&self, error: AnnotationError, n: f64) -> Counts {
        let Self { prevalence: pi, tpr: t, fpr: f } = *self;
        let AnnotationError { alpha, beta } = error;
        let (fraud, genuine) = (n * pi, n * (1.0 - pi));
        Counts {
            tp: fraud * (1.0 - alpha) * t + genuine * beta * f,
            fp: fraud * alpha * t + genuine * (1.0 - beta) * f,
            fn_: fraud * (1.0 - alpha) * (1.0 - t) + genuine * beta * (1.0 - f),
            tn: fraud * alpha * (1.0 - t) + genuine * (1.0 - beta) * (1.0 - f),
        }
    }
}

/// What counts against noisy labels say of the truth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Corrected {
    /// Prevalence and rates, clamped to [0, 1].
    pub truth: Truth,
    /// Counts that go with them, of as many rows as were observed.
    #[serde(skip)]
    pub counts: Counts,
    /// What had to be clamped: the errors supposed do not fit the counts there, or the sample is small.
    pub clamped: Vec<&'static str>,
}

/// Undoes annotation error.
///
/// # Errors
/// When no truth gives such counts under these errors, or any would.
pub fn corrected(observed: &Counts, error: AnnotationError) -> Result<Corrected, Undefined> {
    let AnnotationError { alpha, beta } = error;
    let n = observed.tp + observed.fp + observed.fn_ + observed.tn;
    let det = determinant(error)?;
    if !(n > 0.0) {
        return Err(Undefined("no rows"));
    }
    let q = (observed.tp + observed.fn_) / n;
    if q <= beta {
        return Err(Undefined("no more rows are labelled 1 than false accusations alone would give"));
    }
    let fraud = |ones: f64, zeros: f64| ((1.0 - beta) * ones - beta * zeros) / det;
    let genuine = |ones: f64, zeros: f64| ((1.0 - alpha) * zeros - alpha * ones) / det;
    let (flagged_fraud, flagged_genuine) =
        (fraud(observed.tp, observed.fp), genuine(observed.tp, observed.fp));
    let (frauds, genuines) = (
        fraud(observed.tp + observed.fn_, observed.fp + observed.tn),
        genuine(observed.tp + observed.fn_, observed.fp + observed.tn),
    );
    let mut clamped = Vec::new();
    let mut unit = |name: &'static str, value: f64| {
        let within = value.clamp(0.0, 1.0);
        // A rounding error is no misfit.
        if (within - value).abs() > 1e-12 {
            clamped.push(name);
        }
        within
    };
    let prevalence = unit("prevalence", frauds / n);
    let tpr = unit("tpr", flagged_fraud / frauds);
    let fpr = if genuines > 0.0 { unit("fpr", flagged_genuine / genuines) } else { 0.0 };
    let truth = Truth { prevalence, tpr, fpr };
    Ok(Corrected { truth, counts: truth.counts(n), clamped })
}

/// AUROC against the truth, from AUROC against noisy labels of which the share q is 1: both classes are mixtures, so
/// AUROC - 1/2 shrinks by a - b.
///
/// # Errors
/// As `corrected`.
pub fn corrected_auroc(observed: f64, q: f64, error: AnnotationError) -> Measured {
    let shrink = auroc_shrink(q, error)?;
    Ok((0.5 + (observed - 0.5) / shrink).clamp(0.0, 1.0))
}

/// By how much AUROC - 1/2 shrinks under annotation error, q being the share of rows labelled 1.
///
/// # Errors
/// As `corrected`.
pub fn auroc_shrink(q: f64, error: AnnotationError) -> Measured {
    let det = determinant(error)?;
    if q <= error.beta || q >= 1.0 {
        return Err(Undefined("no truth gives this share of rows labelled 1 under these errors"));
    }
    let pi = ((q - error.beta) / det).min(1.0);
    Ok((1.0 - error.alpha) * pi / q - error.alpha * pi / (1.0 - q))
}

fn determinant(error: AnnotationError) -> Measured {
    let det = 1.0 - error.alpha - error.beta;
    let is_rate = |x: f64| (0.0..=1.0).contains(&x);
    if !is_rate(error.alpha) || !is_rate(error.beta) {
        return Err(Undefined("alpha and beta are shares, 0 to 1"));
    }
    if det <= 0.0 { Err(Undefined("alpha + beta >= 1: labels say nothing of the truth")) } else { Ok(det) }
}

#[cfg(test)]
#[path = "noise_tests.rs"]
mod tests;
