//! Intervals that say how often they hold: split conformal prediction (Vovk, Gammerman and Shafer 2005; Lei et al.
//! 2018) of residuals over a scale.
//!
//! ```text
//! scale      s = max(trailing volatility, floor)                      basis points, known at the bar's start
//! residual   r_i = |y_i - yhat_i| / s_i                               of forecasts made before y_i was known
//! quantile   R = the ceil((n + 1) level)-th smallest of the last n residuals
//! excess     e = max over features of (distance outside [low, high]) / (high - low),  the training range
//! interval   yhat ± R s (1 + e)
//! ```
//!
//! Were residuals exchangeable, it would hold with probability `level` at least; they are not quite, so the share
//! that did hold is kept beside the claim. There is no interval before [`RESIDUALS_MIN`] residuals, nor at a level
//! so high that no residual marks it. The floor is a quarter of the root mean square of the trailing volatility over
//! the training rows, and [`SCALE_MIN_BP`] at least: a price that has just stood still is not sure to go on so.

use serde::{Deserialize, Serialize};

use crate::limits::CALIBRATION_RESIDUALS_MAX;

/// Least scale, basis points; for prices that never moved yet.
pub const SCALE_MIN_BP: f64 = 1e-3;
/// Residuals that an interval needs.
pub const RESIDUALS_MIN: usize = 30;

/// Lowest and highest value of a feature in training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// Lowest.
    pub low: f64,
    /// Highest.
    pub high: f64,
}

impl Range {
    /// How far outside a value lies, over the range's width; 0 inside. Outside a range without width it is 1.
    #[must_use]
    pub fn excess(&self, value: f64) -> f64 {
        let outside = (self.low - value).max(value - self.high).max(0.0);
        let width = self.high - self.low;
        if outside == 0.0 {
            0.0
        } else if width > 0.0 {
            outside / width
        } else {
            1.0
        }
    }
}

/// What residuals allow one to claim.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Residuals over their scales, ascending.
    residuals: Vec<f64>,
}

impl Calibration {
    /// Takes the latest of residuals in order of time, `CALIBRATION_RESIDUALS_MAX` at most.
    #[must_use]
    pub fn new(in_time: &[f64]) -> Self {
        let mut residuals = in_time[in_time.len().saturating_sub(CALIBRATION_RESIDUALS_MAX)..].to_vec();
        residuals.sort_by(f64::total_cmp);
        Self { residuals }
    }

    /// How many residuals there are.
    #[must_use]
    pub fn n(&self) -> usize {
        self.residuals.len()
    }

    /// R; `None` before [`RESIDUALS_MIN`] residuals, or where the level asks for more of them than there are.
    #[must_use]
    pub fn quantile(&self, level: f64) -> Option<f64> {
        // A hair less, so that 0.9 of 10 is the ninth in floats too.
        let rank = ((self.n() + 1) as f64 * level - 1e-9).ceil().max(1.0) as usize;
        let known = (self.n() >= RESIDUALS_MIN).then_some(&self.residuals)?;
        known.get(rank - 1).copied()
    }
}

/// The share of intervals that held, beside what was claimed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// Claimed.
    pub level: f64,
    /// Held.
    pub realised: f64,
    /// Intervals.
    pub n: usize,
    /// Start of the first interval's bar, nanoseconds since 1970 UTC.
    pub from_ns: i64,
    /// End of the last one's.
    pub to_ns: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantile_is_the_one_of_the_formula() {
        let residuals: Vec<f64> = (1..=39).rev().map(f64::from).collect();
        let calibration = Calibration::new(&residuals);
        // ceil(40 * 0.9) = 36; ceil(40 * 0.5) = 20; ceil(40 * 0.99) = 40 > 39.
        assert_eq!(calibration.quantile(0.9), Some(36.0));
        assert_eq!(calibration.quantile(0.5), Some(20.0));
        assert_eq!(calibration.quantile(0.99), None);
        assert_eq!(Calibration::new(&residuals[..29]).quantile(0.5), None);
    }

    #[test]
    fn only_the_latest_residuals_count() {
        let mut residuals = vec![1e9; 50];
        residuals.extend(vec![1.0; CALIBRATION_RESIDUALS_MAX]);
        let calibration = Calibration::new(&residuals);
        assert_eq!((calibration.n(), calibration.quantile(0.999)), (CALIBRATION_RESIDUALS_MAX, Some(1.0)));
    }

    #[test]
    fn distance_outside_is_counted_in_widths() {
        let range = Range { low: 10.0, high: 20.0 };
        assert_eq!([10.0, 15.0, 20.0, 25.0, 0.0].map(|v| range.excess(v)), [0.0, 0.0, 0.0, 0.5, 1.0]);
        assert_eq!(Range { low: 5.0, high: 5.0 }.excess(6.0), 1.0);
    }
}
