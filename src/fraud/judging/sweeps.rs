//! The same score where frauds are rarer, and where labels err: in, a sample and a threshold; out, metrics by
//! prevalence and by annotation error.
//!
//! Prevalence pi' is had by weighing positives by pi' (1 - pi) / ((1 - pi') pi): F1 and average precision fall with it,
//! G-mean and AUROC stay. Label noise is swept twice: in expectation, each row counting as (1 - alpha) positive and
//! alpha negative (beta likewise), and by seeded flips; each is measured, and corrected with alpha and beta known. The
//! sample's labels are taken as the truth.

use serde::Serialize;

use super::chance::Chance;
use super::noise::{AnnotationError, corrected, corrected_auroc};
use super::noise_band::{ALPHAS, BETAS};
use super::walk::{Step, walk};
use super::{Counts, Sample, Steps};

/// Prevalences that are swept.
pub const PREVALENCES: [f64; 4] = [0.1, 0.01, 0.001, 0.0001];

/// Metrics at one prevalence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PrevalenceLine {
    /// Share of rows that are positive.
    pub prevalence: f64,
    /// Whether it is the sample's own.
    pub is_own: bool,
    /// At the threshold.
    pub precision: Option<f64>,
    /// At the threshold.
    pub f1: Option<f64>,
    /// At the threshold.
    pub g_mean: Option<f64>,
    /// At the threshold.
    pub mcc: Option<f64>,
    /// Of the ranking.
    pub auroc: Option<f64>,
    /// Of the ranking.
    pub average_precision: Option<f64>,
}

/// Metrics by prevalence, the sample's own first; only that where a class is absent.
#[must_use]
pub fn prevalence_sweep(sample: &Sample, threshold: Option<f64>) -> Vec<PrevalenceLine> {
    let steps = Steps::of(sample);
    let gains: Vec<Step> = steps.gains().map(|(positive, negative)| Step { positive, negative }).collect();
    let counts = threshold.map(|t| steps.counts_at(t));
    let own = steps.positives / (steps.positives + steps.negatives);
    let line = |prevalence: f64, is_own: bool| {
        let times = if is_own { 1.0 } else { prevalence * (1.0 - own) / ((1.0 - prevalence) * own) };
        let counts = counts.map(|c| Counts { tp: c.tp * times, fn_: c.fn_ * times, ..c });
        let rarer: Vec<Step> =
            gains.iter().map(|s| Step { positive: s.positive * times, negative: s.negative }).collect();
        let walked = walk(&rarer);
        PrevalenceLine {
            prevalence,
            is_own,
            precision: counts.and_then(|c| c.precision().ok()),
            f1: counts.and_then(|c| c.f1().ok()),
            g_mean: counts.and_then(|c| c.g_mean().ok()),
            mcc: counts.and_then(|c| c.mcc().ok()),
            auroc: walked.auroc,
            average_precision: walked.average_precision,
        }
    };
    let others: &[f64] = if own > 0.0 && own < 1.0 { &PREVALENCES } else { &[] };
    std::iter::once(line(own, true)).chain(others.iter().map(|p| line(*p, false))).collect()
}

/// Metrics under one annotation error.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NoiseLine {
    /// P(label 0 | positive).
    pub alpha: f64,
    /// P(label 1 | negative).
    pub beta: f64,
    /// In expectation.
    pub expected: NoiseFigures,
    /// Of one seeded set of flips.
    pub flipped: NoiseFigures,
}

/// Measured against noisy labels, and corrected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct NoiseFigures {
    /// Measured.
    pub f1: Option<f64>,
    /// Measured.
    pub g_mean: Option<f64>,
    /// Measured.
    pub mcc: Option<f64>,
    /// Measured.
    pub auroc: Option<f64>,
    /// Measured.
    pub average_precision: Option<f64>,
    /// Corrected.
    pub f1_corrected: Option<f64>,
    /// Corrected.
    pub g_mean_corrected: Option<f64>,
    /// Corrected.
    pub mcc_corrected: Option<f64>,
    /// Corrected.
    pub auroc_corrected: Option<f64>,
}

/// Metrics by annotation error over `ALPHAS` and `BETAS`.
#[must_use]
pub fn label_noise_sweep(sample: &Sample, threshold: Option<f64>, seed: u64) -> Vec<NoiseLine> {
    let pairs = ALPHAS.into_iter().flat_map(|alpha| BETAS.map(|beta| AnnotationError { alpha, beta }));
    let line = |(place, error): (usize, AnnotationError)| {
        let label = |row: usize| f64::from(u8::from(sample.labels()[row]));
        let expected = |row: usize| label(row) * (1.0 - error.alpha) + (1.0 - label(row)) * error.beta;
        let mut chance = Chance::new(seed, 0xf11b, place as u64);
        let flips: Vec<bool> = sample
            .labels()
            .iter()
            .map(|l| *l != (chance.uniform() < if *l { error.alpha } else { error.beta }))
            .collect();
        NoiseLine {
            alpha: error.alpha,
            beta: error.beta,
            expected: figures(sample, threshold, error, expected),
            flipped: figures(sample, threshold, error, |row| f64::from(u8::from(flips[row]))),
        }
    };
    pairs.enumerate().map(line).collect()
}

/// The figures where each row is positive by so much.
fn figures(
    sample: &Sample,
    threshold: Option<f64>,
    error: AnnotationError,
    positive: impl Fn(usize) -> f64,
) -> NoiseFigures {
    let mut steps = Vec::<Step>::new();
    let (mut last, mut counts) = (None, Counts::default());
    for row in sample.order().iter().map(|row| *row as usize) {
        let (score, weight, share) = (sample.scores()[row], sample.weight(row), positive(row));
        if last != Some(score) {
            steps.push(Step::default());
            last = Some(score);
        }
        let (ones, zeros) = (weight * share, weight * (1.0 - share));
        if let Some(step) = steps.last_mut() {
            step.positive += ones;
            step.negative += zeros;
        }
        let is_flagged = threshold.is_some_and(|t| score >= t);
        let (to, from) =
            if is_flagged { (&mut counts.tp, &mut counts.fp) } else { (&mut counts.fn_, &mut counts.tn) };
        *to += ones;
        *from += zeros;
    }
    let walked = walk(&steps);
    let q = counts.positives() / counts.total();
    let mut found = NoiseFigures {
        auroc: walked.auroc,
        average_precision: walked.average_precision,
        auroc_corrected: walked.auroc.and_then(|auroc| corrected_auroc(auroc, q, error).ok()),
        ..NoiseFigures::default()
    };
    if threshold.is_some() {
        let true_counts = corrected(&counts, error).ok().map(|c| c.counts);
        (found.f1, found.g_mean, found.mcc) = (counts.f1().ok(), counts.g_mean().ok(), counts.mcc().ok());
        found.f1_corrected = true_counts.and_then(|c| c.f1().ok());
        found.g_mean_corrected = true_counts.and_then(|c| c.g_mean().ok());
        found.mcc_corrected = true_counts.and_then(|c| c.mcc().ok());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Sample {
        let mut chance = Chance::new(5, 5, 5);
        let labels: Vec<bool> = (0..4_200).map(|k| k < 200).collect();
        let scores = labels.iter().map(|l| chance.normal() + if *l { 3.0 } else { 0.0 }).collect();
        Sample::new(labels, scores).unwrap()
    }

    #[test]
    fn rarer_positives_move_f1_and_precision_areas_only() {
        let lines = prevalence_sweep(&sample(), Some(2.0));
        assert_eq!(lines.len(), 5);
        for pair in lines[1..].windows(2) {
            assert!(pair[1].f1 < pair[0].f1 && pair[1].average_precision < pair[0].average_precision);
            let same = |a: Option<f64>, b: Option<f64>| (a.unwrap() - b.unwrap()).abs() < 1e-12;
            assert!(same(pair[0].g_mean, pair[1].g_mean) && same(pair[0].auroc, pair[1].auroc));
        }
        let one_class = Sample::new(vec![false, false], vec![0.1, 0.2]).unwrap();
        assert_eq!(prevalence_sweep(&one_class, None).len(), 1);
    }

    #[test]
    fn expected_noise_is_undone_and_flips_nearly_so() {
        let lines = label_noise_sweep(&sample(), Some(2.0), 1);
        assert_eq!(lines.len(), 15);
        let clean = lines[0].expected;
        for line in &lines {
            let back = |a: Option<f64>, b: Option<f64>| (a.unwrap() - b.unwrap()).abs();
            assert!(back(line.expected.f1_corrected, clean.f1) < 1e-9, "{line:?}");
            assert!(back(line.expected.auroc_corrected, clean.auroc) < 1e-9, "{line:?}");
            assert!(back(line.flipped.f1_corrected, clean.f1) < 0.1, "{line:?}");
            assert!(line.alpha + line.beta == 0.0 || line.expected.f1 < clean.f1);
        }
        assert_eq!(lines, label_noise_sweep(&sample(), Some(2.0), 1));
    }
}
