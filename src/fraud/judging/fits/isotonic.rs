//! Isotonic regression by pooling adjacent violators (Ayer et al. 1955): the rising step function nearest to the
//! labels.

use serde::Serialize;

use crate::fraud::judging::{Sample, Steps};

/// A rising step function of the score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Isotonic {
    /// Lowest score of each step, rising.
    pub from: Vec<f64>,
    /// Share of positives on it, rising.
    pub probability: Vec<f64>,
}

impl Isotonic {
    /// From tuning rows; absent without weight.
    #[must_use]
    pub fn fit(tuning: &Sample) -> Option<Self> {
        let steps = Steps::of(tuning);
        let mut rising: Vec<(f64, f64, f64)> =
            steps.scores.iter().zip(steps.gains()).map(|(score, (p, n))| (*score, p, p + n)).collect();
        rising.reverse();
        // Blocks of (lowest score, positives, weight); the last absorbs the one before while it is not above it.
        let mut blocks = Vec::<(f64, f64, f64)>::new();
        for (score, positive, weight) in rising.into_iter().filter(|(_, _, weight)| *weight > 0.0) {
            let mut block = (score, positive, weight);
            while let Some(last) = blocks.last().filter(|last| last.1 * block.2 >= block.1 * last.2) {
                block = (last.0, last.1 + block.1, last.2 + block.2);
                blocks.pop();
            }
            blocks.push(block);
        }
        let (from, probability): (Vec<f64>, Vec<f64>) =
            blocks.into_iter().map(|(score, positive, weight)| (score, positive / weight)).unzip();
        (!from.is_empty()).then_some(Self { from, probability })
    }

    /// The probability of a score; below the lowest that was fitted, the lowest step's.
    #[must_use]
    pub fn probability(&self, score: f64) -> f64 {
        let step = self.from.partition_point(|from| *from <= score).saturating_sub(1);
        self.probability.get(step).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violators_are_pooled() {
        // By rising score the labels are 0 1 0 1 1, weights 1: the 1 and 0 in the middle pool to 1/2.
        let sample =
            Sample::new(vec![false, true, false, true, true], vec![0.1, 0.2, 0.3, 0.4, 0.5]).unwrap();
        let found = Isotonic::fit(&sample).unwrap();
        assert_eq!(found.from, [0.1, 0.2, 0.4]);
        assert_eq!(found.probability, [0.0, 0.5, 1.0]);
        assert_eq!([0.0, 0.25, 0.39, 9.0].map(|s| found.probability(s)), [0.0, 0.5, 0.5, 1.0]);
    }
}
