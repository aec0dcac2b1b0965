//! What the report says beyond the rows as they are: other prevalences, labels that err, rows that drift. In: the rows
//! judged, those tuned on, the threshold. Out: parts of the report.

use serde::Serialize;

use super::counts::Counts;
use super::drift::{LabelFree, PrequentialWindow, Shift, label_free, prequential, shift};
use super::noise::AnnotationError;
use super::noise_band::{ALPHAS, BETAS, NoiseBand, noise_band};
use super::probability::are_probabilities;
use super::sample::Sample;
use super::sweeps::{NoiseLine, PrevalenceLine, label_noise_sweep, prevalence_sweep};

/// Windows of time that rows are told by.
const WINDOWS: usize = 12;

/// What the figures would be if annotators erred.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Noise {
    /// Under the error rates given: a band of one cell.
    pub supposed: Option<NoiseBand>,
    /// Over the usual range of error rates.
    pub sensitivity: NoiseBand,
}

impl Noise {
    /// Of the counts at the threshold.
    #[must_use]
    pub fn of(counts: &Counts, annotation: Option<AnnotationError>) -> Self {
        let supposed = annotation.map(|error| noise_band(counts, &[error.alpha], &[error.beta]));
        Self { supposed, sensitivity: noise_band(counts, &ALPHAS, &BETAS) }
    }
}

/// The score under circumstances that are not those of the rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sweeps {
    /// By prevalence.
    pub prevalence: Vec<PrevalenceLine>,
    /// By annotation error, the labels as they are being taken as the truth.
    pub label_noise: Vec<NoiseLine>,
}

impl Sweeps {
    /// At a threshold, where there is one.
    #[must_use]
    pub fn of(sample: &Sample, threshold: Option<f64>, seed: u64) -> Self {
        let prevalence = prevalence_sweep(sample, threshold);
        Self { prevalence, label_noise: label_noise_sweep(sample, threshold, seed) }
    }
}

/// How the rows move.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Drift {
    /// The judged scores beside those tuned on, rows counting alike; null where none are tuned on.
    pub scores: Option<Shift>,
    /// Figures by window of time; empty without times or a threshold.
    pub windows: Vec<PrequentialWindow>,
    /// Figures that the scores promise, taken as probabilities and without a look at the labels; null where they are
    /// none, or rows have weights.
    pub label_free: Option<LabelFree>,
}

impl Drift {
    /// Of the rows judged beside those tuned on.
    #[must_use]
    pub fn of(sample: &Sample, tuning: Option<&Sample>, threshold: Option<f64>) -> Self {
        let windows = threshold.and_then(|at| prequential(sample, at, WINDOWS).ok());
        let unweighted = sample.weights().is_none() && are_probabilities(sample).is_ok();
        Self {
            scores: tuning.and_then(|tuning| shift(tuning.scores(), sample.scores())),
            windows: windows.unwrap_or_default(),
            label_free: threshold.filter(|_| unweighted).and_then(|at| label_free(sample.scores(), at).ok()),
        }
    }
}
