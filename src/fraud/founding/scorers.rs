//! Hypothetical classifiers: genuine rows score N(0, 1), frauds N(distance, spread²).
//!
//! Scores are told apart on 181 steps, evenly spaced in the logarithm of the share of genuine rows above them from 1e-6
//! to 1: in out, two vectors of the probability that a row of a class falls on a step, highest score first.
//!
//! TPR at a false-positive rate u is Phi((distance + Phi^-1(u)) / spread).

use serde::Serialize;

use crate::cost::normal_quantile;
use crate::numeric::normal_cdf;

const DECADES: i32 = 6;
const STEPS_PER_DECADE: i32 = 30;

/// A classifier's law.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Scorer {
    /// Mean score of frauds, in standard deviations of genuine scores.
    pub distance: f64,
    /// Standard deviation of frauds' scores, in the same.
    pub spread: f64,
}

/// The two laws on steps.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// P(step | fraud).
    pub fraud: Vec<f64>,
    /// P(step | genuine).
    pub genuine: Vec<f64>,
}

impl Scorer {
    /// Share of frauds above the score that the share `fpr` of genuine rows is above.
    pub(super) fn tpr_at(self, fpr: f64) -> f64 {
        normal_cdf((self.distance + normal_quantile(fpr)) / self.spread)
    }

    /// The law on steps.
    pub(super) fn shape(self) -> Shape {
        let edges: Vec<f64> = (0..=DECADES * STEPS_PER_DECADE).map(edge).collect();
        let between = |shares: Vec<f64>| {
            let mut above = 0.0;
            shares.into_iter().map(|share| share - std::mem::replace(&mut above, share)).collect()
        };
        let caught = edges.iter().map(|u| if *u >= 1.0 { 1.0 } else { self.tpr_at(*u) }).collect();
        Shape { fraud: between(caught), genuine: between(edges) }
    }
}

/// Share of genuine rows above the k-th step's lower end.
fn edge(k: i32) -> f64 {
    10.0_f64.powf(f64::from(k) / f64::from(STEPS_PER_DECADE) - f64::from(DECADES))
}

/// The classifiers that are ranked: from poor to very good, with ROC curves that cross.
pub(super) fn pool() -> Vec<Scorer> {
    let distances = [1.5, 2.0, 2.5, 3.0, 3.5, 4.0];
    let of = |distance| [0.6, 0.8, 1.0, 1.3].map(|spread| Scorer { distance, spread });
    distances.into_iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fraud::judging::walk::{Step, walk};

    #[test]
    fn the_area_is_the_one_of_two_normals() {
        for scorer in pool() {
            let shape = scorer.shape();
            assert!((shape.fraud.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let steps: Vec<Step> = shape
                .fraud
                .iter()
                .zip(&shape.genuine)
                .map(|(positive, negative)| Step { positive: *positive, negative: *negative })
                .collect();
            let exact = normal_cdf(scorer.distance / (1.0 + scorer.spread * scorer.spread).sqrt());
            // Steps of 8 % lose little of the area.
            assert!((walk(&steps).auroc.unwrap() - exact).abs() < 2e-3, "{scorer:?}");
        }
    }
}
