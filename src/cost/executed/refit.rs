//! The square-root law's Y from a desk's own executions, to be read beside the prior.
//!
//! Model: realised_i - spread_i = Y c_i + e_i, where c_i is the mean shortfall of the law with Y = 1 (two thirds of
//! sigma sqrt(Q/V), see [`SquareRoot`](crate::cost::SquareRoot)), spread_i the half spread of the estimate, and e_i the
//! market's own move, of the standard deviation r_i that the estimate stated as timing risk. Weighted least squares
//! through the origin (there is no impact without an order):
//!
//! ```text
//! Y = sum (c y / r^2) / sum (c^2 / r^2)      error = sqrt(s^2 / sum (c^2 / r^2))
//! s^2 = sum ((y - Y c) / r)^2 / (n - 1)      1 when timing risk is stated right
//! ```
//!
//! Costs in basis points, Y without unit.

use crate::impact::OBSERVATIONS_MIN;

/// What an order says of Y.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Witness {
    /// Mean shortfall of the law with Y = 1.
    pub unit_impact_bps: f64,
    /// Realised arrival cost less the half spread.
    pub impact_bps: f64,
    /// One s.d. of the market's own move.
    pub timing_risk_bps: f64,
}

/// Y and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RefittedY {
    /// The estimate.
    pub y: f64,
    /// Its standard error.
    pub error: f64,
    /// s^2: variance of what is left, in units of the stated risk.
    pub residual_variance: f64,
    /// Orders.
    pub n: usize,
}

/// Fits Y; `None` from fewer than ten orders with a size and a risk.
#[must_use]
pub fn refit_y(witnesses: &[Witness]) -> Option<RefittedY> {
    let usable =
        |w: &&Witness| w.timing_risk_bps > 0.0 && w.unit_impact_bps > 0.0 && w.impact_bps.is_finite();
    let scaled: Vec<(f64, f64)> = witnesses
        .iter()
        .filter(usable)
        .map(|w| (w.unit_impact_bps / w.timing_risk_bps, w.impact_bps / w.timing_risk_bps))
        .collect();
    let n = scaled.len();
    if n < OBSERVATIONS_MIN {
        return None;
    }
    let information: f64 = scaled.iter().map(|(c, _)| c * c).sum();
    let y = scaled.iter().map(|(c, y)| c * y).sum::<f64>() / information;
    let left: f64 = scaled.iter().map(|(c, seen)| (seen - y * c) * (seen - y * c)).sum();
    let residual_variance = left / (n - 1) as f64;
    Some(RefittedY { y, error: (residual_variance / information).sqrt(), residual_variance, n })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn witness(unit_impact_bps: f64, impact_bps: f64, timing_risk_bps: f64) -> Witness {
        Witness { unit_impact_bps, impact_bps, timing_risk_bps }
    }

    #[test]
    fn y_by_hand() {
        // Twelve orders: ten on Y = 2 to the point, two off it by 4 either way, of risk 2: they cancel in Y.
        let mut all = vec![witness(1.0, 2.0, 1.0); 10];
        all.extend([witness(4.0, 12.0, 2.0), witness(4.0, 4.0, 2.0)]);
        let fitted = refit_y(&all).expect("twelve orders");
        assert!((fitted.y - 2.0).abs() < 1e-12);
        // Left: twice (4 / 2)^2 over eleven; information: 10 + 2 * 4.
        assert!((fitted.residual_variance - 8.0 / 11.0).abs() < 1e-12);
        assert!((fitted.error - (8.0_f64 / 11.0 / 18.0).sqrt()).abs() < 1e-12);
        assert_eq!(fitted.n, 12);
    }

    #[test]
    fn orders_that_say_nothing_are_left_out() {
        let mut all = vec![witness(1.0, 2.0, 1.0); 9];
        all.extend([witness(0.0, 2.0, 1.0), witness(1.0, 2.0, 0.0), witness(1.0, f64::NAN, 1.0)]);
        assert!(refit_y(&all).is_none());
    }
}
