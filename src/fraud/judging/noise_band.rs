//! How the verdict depends on how often annotators are supposed to err: counts corrected on a grid of (alpha, beta).
//!
//! Nobody knows alpha and beta; a band over what is plausible says more than one corrected number.

use std::collections::BTreeMap;

use serde::Serialize;

use super::noise::{AnnotationError, corrected};
use super::{Counts, Measured};

/// Missed frauds that the band supposes where nothing else is asked for.
pub const ALPHAS: [f64; 5] = [0.0, 0.1, 0.2, 0.3, 0.5];
/// False accusations likewise.
pub const BETAS: [f64; 3] = [0.0, 1e-4, 1e-3];

/// The counts corrected under one supposition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NoiseCell {
    /// P(label 0 | fraud) supposed.
    pub alpha: f64,
    /// P(label 1 | genuine) supposed.
    pub beta: f64,
    /// Share of frauds that follows.
    pub prevalence: Option<f64>,
    /// Precision against the truth.
    pub precision: Option<f64>,
    /// Recall against the truth.
    pub recall: Option<f64>,
    /// F1 against the truth.
    pub f1: Option<f64>,
    /// G-mean against the truth.
    pub g_mean: Option<f64>,
    /// MCC against the truth.
    pub mcc: Option<f64>,
    /// What had to be clamped to [0, 1]: the supposition does not fit the counts.
    pub clamped: Vec<&'static str>,
    /// Why there is no correction, where there is none.
    pub undefined: Option<&'static str>,
}

/// All cells, and the range of each metric over those that fit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NoiseBand {
    /// One cell for each alpha and beta, beta fastest.
    pub cells: Vec<NoiseCell>,
    /// Lowest and highest value over the cells that are defined and needed no clamping.
    pub band: BTreeMap<&'static str, [f64; 2]>,
    /// Cells without a correction.
    pub undefined: usize,
    /// Cells that were clamped.
    pub clamped: usize,
}

/// Corrects the counts under every pair of suppositions.
#[must_use]
pub fn noise_band(counts: &Counts, alphas: &[f64], betas: &[f64]) -> NoiseBand {
    let pairs = alphas.iter().flat_map(|alpha| betas.iter().map(|beta| (*alpha, *beta)));
    let cells: Vec<NoiseCell> =
        pairs.map(|(alpha, beta)| cell(counts, AnnotationError { alpha, beta })).collect();
    let mut band = BTreeMap::new();
    for cell in cells.iter().filter(|cell| cell.clamped.is_empty()) {
        for (name, value) in [
            ("prevalence", cell.prevalence),
            ("precision", cell.precision),
            ("recall", cell.recall),
            ("f1", cell.f1),
            ("g_mean", cell.g_mean),
            ("mcc", cell.mcc),
        ] {
            if let Some(value) = value {
                let range = band.entry(name).or_insert([value, value]);
                *range = [range[0].min(value), range[1].max(value)];
            }
        }
    }
    NoiseBand {
        undefined: cells.iter().filter(|cell| cell.undefined.is_some()).count(),
        clamped: cells.iter().filter(|cell| !cell.clamped.is_empty()).count(),
        cells,
        band,
    }
}

fn cell(counts: &Counts, error: AnnotationError) -> NoiseCell {
    let found = corrected(counts, error);
    let of = |metric: fn(&Counts) -> Measured| found.as_ref().ok().and_then(|c| metric(&c.counts).ok());
    NoiseCell {
        alpha: error.alpha,
        beta: error.beta,
        prevalence: found.as_ref().ok().map(|c| c.truth.prevalence),
        precision: of(Counts::precision),
        recall: of(Counts::recall),
        f1: of(Counts::f1),
        g_mean: of(Counts::g_mean),
        mcc: of(Counts::mcc),
        clamped: found.as_ref().map(|c| c.clamped.clone()).unwrap_or_default(),
        undefined: found.as_ref().err().map(|why| why.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_band_holds_the_measured_value_and_names_what_does_not_fit() {
        let counts = Counts { tp: 60.0, fp: 20.0, fn_: 30.0, tn: 49_890.0 };
        let found = noise_band(&counts, &ALPHAS, &[0.0, 1e-3, 1e-2]);
        assert_eq!(found.cells.len(), 15);
        // 90 of 50,000 rows are labelled 1: one accusation in a hundred would give more.
        assert_eq!(found.undefined, 5);
        let f1 = counts.f1().unwrap();
        assert!(found.band["f1"][0] <= f1 && f1 <= found.band["f1"][1]);
        assert_eq!(found.cells[0].f1, Some(f1));
        // Missed frauds are found among the false alarms: precision can only be better than it looks.
        assert!(found.cells[3].precision > found.cells[0].precision);
    }
}
