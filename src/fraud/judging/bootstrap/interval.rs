//! Draws to an interval: percentile and BCa.
//!
//! ```text
//! z0 = Phi^-1(share of draws below the estimate, ties half)
//! end = quantile of the draws at Phi(z0 + (z0 + z) / (1 - a (z0 + z)))        z = Phi^-1((1 -+ level) / 2)
//! ```
//! Quantiles interpolate between order statistics at (n - 1) p, as NumPy's default does.

use serde::Serialize;

use crate::cost::normal_quantile;
use crate::numeric::normal_cdf;

/// A metric, how sure it is, and how many draws said so.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The metric of the sample itself.
    pub estimate: Option<f64>,
    /// Standard deviation over draws.
    pub se: Option<f64>,
    /// Percentile interval.
    pub percentile: Option<[f64; 2]>,
    /// BCa interval; absent where all draws lie on one side of the estimate.
    pub bca: Option<[f64; 2]>,
    /// Draws in which the metric was undefined; they are left out.
    pub undefined_draws: usize,
}

impl Interval {
    /// From the draws; `acceleration` is BCa's a.
    pub(super) fn new(
        estimate: Option<f64>,
        draws: &[Option<f64>],
        acceleration: Option<f64>,
        level: f64,
    ) -> Self {
        let mut known: Vec<f64> = draws.iter().flatten().copied().collect();
        let undefined_draws = draws.len() - known.len();
        known.sort_by(f64::total_cmp);
        let tail = (1.0 - level) / 2.0;
        let ends = |low: f64, high: f64| Some([quantile(&known, low)?, quantile(&known, high)?]);
        let percentile = ends(tail, 1.0 - tail);
        let bca = estimate.zip(acceleration).and_then(|(estimate, a)| {
            let z0 = bias(&known, estimate)?;
            let at = |z: f64| normal_cdf(z0 + (z0 + z) / (1.0 - a * (z0 + z)));
            ends(at(normal_quantile(tail)), at(normal_quantile(1.0 - tail)))
        });
        Self { estimate, se: deviation(&known), percentile, bca, undefined_draws }
    }
}

fn bias(sorted: &[f64], estimate: f64) -> Option<f64> {
    // An estimate summed in another order may differ from the same draw in its last bits.
    let slack = 1e-12 * estimate.abs();
    let below = sorted.partition_point(|x| *x < estimate - slack);
    let upto = sorted.partition_point(|x| *x <= estimate + slack);
    let share = (below + upto) as f64 / 2.0 / sorted.len() as f64;
    (share > 0.0 && share < 1.0).then(|| normal_quantile(share))
}

fn deviation(known: &[f64]) -> Option<f64> {
    let n = known.len() as f64;
    let mean = known.iter().sum::<f64>() / n;
    let squares = known.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
    (known.len() > 1).then(|| (squares / (n - 1.0)).sqrt())
}

/// The p-quantile of sorted values.
pub(super) fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let at = p.clamp(0.0, 1.0) * (sorted.len().checked_sub(1)?) as f64;
    let (low, high) = (sorted.get(at.floor() as usize)?, sorted.get(at.ceil() as usize)?);
    Some(low + (high - low) * at.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_bias_and_acceleration_bca_is_the_percentile() {
        let draws: Vec<Option<f64>> = (0..=200).map(|k| Some(f64::from(k) / 100.0 - 1.0)).collect();
        let found = Interval::new(Some(0.0), &draws, Some(0.0), 0.9);
        let (p, b) = (found.percentile.unwrap(), found.bca.unwrap());
        assert!((p[0] + 0.9).abs() < 1e-12 && (p[1] - 0.9).abs() < 1e-12);
        assert!((p[0] - b[0]).abs() < 1e-8 && (p[1] - b[1]).abs() < 1e-8);
        // A quarter of the draws below the estimate: both ends move down, by 2 Phi^-1(1/4).
        let moved = Interval::new(Some(-0.5), &draws, Some(0.0), 0.9).bca.unwrap();
        let expected = |z: f64| 2.0 * normal_cdf(2.0 * normal_quantile(0.25) + z) - 1.0;
        assert!((moved[0] - expected(normal_quantile(0.05))).abs() < 0.011, "{moved:?}");
        assert!((moved[1] - expected(normal_quantile(0.95))).abs() < 0.011, "{moved:?}");
    }

    #[test]
    fn undefined_draws_are_counted_and_left_out() {
        let found = Interval::new(Some(1.0), &[Some(1.0), None, Some(3.0)], None, 0.95);
        assert_eq!((found.undefined_draws, found.bca), (1, None));
        assert!((found.se.unwrap() - 2.0_f64.sqrt()).abs() < 1e-15);
        assert_eq!(Interval::new(None, &[None, None], None, 0.95).percentile, None);
    }
}
