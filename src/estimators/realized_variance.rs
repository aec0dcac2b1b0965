//! Variance within a day from returns of one sampling, and how much of it is jumps.
//!
//! ```text
//! realised   RV = sum r_k²                                 its error: sqrt(2/3 sum r_k⁴)
//! bipower    BV = pi/2 · n/(n - 1) sum |r_k| |r_(k-1)|     what remains when jumps are rare
//! jumps      max(0, 1 - BV / RV)                           their share
//! ```
//!
//! Andersen, Bollerslev, Diebold and Labys, "Modeling and forecasting realized volatility", Econometrica 71 (2003);
//! Barndorff-Nielsen and Shephard, "Econometric analysis of realized volatility", Journal of the Royal Statistical
//! Society B 64 (2002), for the error, and "Power and bipower variation with stochastic volatility and jumps", Journal
//! of Financial Econometrics 2 (2004). Variances are in squares of the unit of the prices given: logs, or basis points.

use super::Estimate;

/// What one sampling says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RealizedVariance {
    /// RV with its error.
    pub variance: Estimate,
    /// BV; `None` below two returns.
    pub bipower: Option<f64>,
    /// Returns.
    pub n: usize,
}

impl RealizedVariance {
    /// The share of jumps; `None` where nothing varies.
    #[must_use]
    pub fn jump_share(&self) -> Option<f64> {
        let bipower = self.bipower.filter(|_| self.variance.value > 0.0)?;
        Some((1.0 - bipower / self.variance.value).max(0.0))
    }
}

/// Of log prices at equal distances; `None` without a return.
#[must_use]
pub fn realized_variance(log_prices: &[f64]) -> Option<RealizedVariance> {
    let returns: Vec<f64> = log_prices.windows(2).map(|x| x[1] - x[0]).collect();
    let n = returns.len();
    if n == 0 {
        return None;
    }
    let fourth: f64 = returns.iter().map(|r| r.powi(4)).sum();
    let neighbours: f64 = returns.windows(2).map(|r| (r[0] * r[1]).abs()).sum();
    let of_two = std::f64::consts::FRAC_PI_2 * n as f64 / (n as f64 - 1.0);
    Some(RealizedVariance {
        variance: Estimate { value: returns.iter().map(|r| r * r).sum(), error: (2.0 / 3.0 * fourth).sqrt() },
        bipower: (n > 1).then_some(of_two * neighbours),
        n,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimators::dice::Dice;

    #[test]
    fn a_simulated_variance_comes_back_and_a_jump_is_told_from_it() {
        let (mut dice, n, variance) = (Dice::new(6), 40_000, 4e-4);
        let mut x = vec![0.0_f64];
        for k in 0..n {
            // Variance that doubles over the day, of mean `variance`.
            let here = variance * (2.0 / 3.0) * (1.0 + k as f64 / n as f64);
            x.push(x[k] + (here / n as f64).sqrt() * dice.normal());
        }
        let found = realized_variance(&x).expect("a variance");
        assert!(
            found.variance.distance(variance) < 4.0 && found.variance.error < 0.01 * variance,
            "{found:?}"
        );
        assert!((found.bipower.expect("two returns") / variance - 1.0).abs() < 0.03, "{found:?}");
        x[n / 2..].iter_mut().for_each(|x| *x += 0.02);
        let jumped = realized_variance(&x).expect("a variance");
        // The jump adds its square, 4e-4: half of all.
        assert!((jumped.jump_share().expect("a share") - 0.5).abs() < 0.03, "{jumped:?}");
    }

    #[test]
    fn too_few_prices_say_nothing() {
        assert_eq!(realized_variance(&[1.0]), None);
        assert_eq!(realized_variance(&[1.0, 1.0]).and_then(|v| v.jump_share()), None);
    }
}
