//! Scores against rates, bin by bin. In: a sample whose scores lie in 0 to 1. Out: the reliability table and ECE, the
//! mean distance of mean score and rate, weighed by the bins (Naeini et al. 2015).
//!
//! Bins of equal width are closed below, the last one at both ends. Bins of equal mass hold equal weight; rows of one
//! score stay together, in the bin that their middle falls in. Intervals of rates: Wilson (1927), with the effective
//! number of rows (sum w)^2 / sum w^2 (Kish 1965).

use serde::Serialize;

use super::measured::{Measured, Undefined};
use super::probability::are_probabilities;
use super::sample::Sample;
use crate::numeric::Sum;

/// Two-sided 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// A bin of scores; only bins with weight are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Bin {
    /// The lowest score in it.
    pub lowest: f64,
    /// The highest score in it.
    pub highest: f64,
    /// Its weight.
    pub weight: f64,
    /// Its rows.
    pub rows: usize,
    /// The mean score.
    pub mean_score: f64,
    /// The share of positives.
    pub rate: f64,
    /// The 95 % interval of that share.
    pub interval: [f64; 2],
}

#[derive(Default)]
struct Filling {
    lowest: f64,
    highest: f64,
    rows: usize,
    weight: Sum,
    weight_squared: Sum,
    score: Sum,
    hits: Sum,
}

impl Filling {
    fn add(&mut self, score: f64, label: bool, weight: f64) {
        // Scores come falling.
        self.lowest = score;
        if self.rows == 0 {
            self.highest = score;
        }
        self.rows += 1;
        self.weight.add(weight);
        self.weight_squared.add(weight * weight);
        self.score.add(weight * score);
        self.hits.add(if label { weight } else { 0.0 });
    }

    fn bin(&self) -> Option<Bin> {
        let weight = self.weight.value();
        if weight == 0.0 {
            return None;
        }
        let rate = self.hits.value() / weight;
        let effective = weight * weight / self.weight_squared.value();
        Some(Bin {
            lowest: self.lowest,
            highest: self.highest,
            weight,
            rows: self.rows,
            mean_score: self.score.value() / weight,
            rate,
            interval: wilson(rate, effective),
        })
    }
}

/// Wilson's 95 % interval of a share among so many rows.
#[must_use]
pub fn wilson(share: f64, rows: f64) -> [f64; 2] {
    let z2 = Z * Z / rows;
    let middle = (share + z2 / 2.0) / (1.0 + z2);
    let half = Z / (1.0 + z2) * (share * (1.0 - share) / rows + z2 / rows / 4.0).sqrt();
    [(middle - half).max(0.0), (middle + half).min(1.0)]
}

fn fill(sample: &Sample, bins: usize, place: impl Fn(usize, f64) -> usize) -> Vec<Bin> {
    let mut fillings: Vec<Filling> = (0..bins).map(|_| Filling::default()).collect();
    for row in sample.order().iter().map(|row| *row as usize) {
        let score = sample.scores()[row];
        fillings[place(row, score).min(bins - 1)].add(score, sample.labels()[row], sample.weight(row));
    }
    fillings.iter().filter_map(Filling::bin).collect()
}

/// Bins of equal width over 0 to 1, rising.
///
/// # Errors
/// When the scores are no probabilities, or no bin is asked for.
pub fn equal_width(sample: &Sample, bins: usize) -> Result<Vec<Bin>, Undefined> {
    usable(sample, bins)?;
    Ok(fill(sample, bins, |_, score| (score * bins as f64) as usize))
}

/// Bins of equal mass, rising.
///
/// # Errors
/// When the scores are no probabilities, or no bin is asked for.
pub fn equal_mass(sample: &Sample, bins: usize) -> Result<Vec<Bin>, Undefined> {
    usable(sample, bins)?;
    let total = {
        let (positives, negatives) = sample.class_weights();
        positives + negatives
    };
    let (order, scores) = (sample.order(), sample.scores());
    let mut bin_of = vec![0_usize; sample.len()];
    let (mut below, mut end) = (Sum::default(), order.len());
    while end > 0 {
        let score = scores[order[end - 1] as usize];
        let start = order[..end].partition_point(|row| scores[*row as usize] > score);
        let tied = &order[start..end];
        let weight = Sum::of(tied.iter().map(|row| sample.weight(*row as usize)));
        let middle = below.value() + weight / 2.0;
        for row in tied {
            bin_of[*row as usize] = (bins as f64 * middle / total) as usize;
        }
        below.add(weight);
        end = start;
    }
    Ok(fill(sample, bins, |row, _| bin_of[row]))
}

fn usable(sample: &Sample, bins: usize) -> Result<(), Undefined> {
    if bins == 0 { Err(Undefined("no bin is asked for")) } else { are_probabilities(sample) }
}

/// The expected calibration error over some bins.
fn error(bins: &[Bin]) -> f64 {
    let distance = Sum::of(bins.iter().map(|bin| bin.weight * (bin.mean_score - bin.rate).abs()));
    distance / Sum::of(bins.iter().map(|bin| bin.weight))
}

/// The expected calibration error over bins of equal width.
///
/// # Errors
/// When the scores are no probabilities.
pub fn ece_equal_width(sample: &Sample, bins: usize) -> Measured {
    equal_width(sample, bins).map(|bins| error(&bins))
}

/// The expected calibration error over bins of equal mass.
///
/// # Errors
/// When the scores are no probabilities.
pub fn ece_equal_mass(sample: &Sample, bins: usize) -> Measured {
    equal_mass(sample, bins).map(|bins| error(&bins))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662.
    #[test]
    fn wilsons_interval() {
        let [low, high] = wilson(81.0 / 263.0, 263.0);
        assert!((low - 0.2553).abs() < 5e-5 && (high - 0.3662).abs() < 5e-5, "{low} {high}");
        assert_eq!(wilson(0.0, 10.0)[0], 0.0);
    }

    #[test]
    fn bins_of_equal_mass_do_not_part_what_ties() {
        let scores = vec![0.2, 0.2, 0.2, 0.2, 0.6, 0.9];
        let sample = Sample::new(vec![true, false, false, false, true, true], scores).expect("rows");
        let bins = equal_mass(&sample, 3).expect("probabilities");
        let rows: Vec<usize> = bins.iter().map(|bin| bin.rows).collect();
        assert_eq!(rows, [4, 2]);
        assert_eq!((bins[0].lowest, bins[1].lowest, bins[1].highest), (0.2, 0.6, 0.9));
        assert!((bins[0].rate - 0.25).abs() < 1e-15);
    }

    #[test]
    fn the_last_bin_of_equal_width_is_closed() {
        let sample = Sample::new(vec![true, true], vec![1.0, 0.95]).expect("rows");
        let bins = equal_width(&sample, 10).expect("probabilities");
        assert_eq!((bins.len(), bins[0].rows), (1, 2));
    }
}
