//! The variance ratio: does the price of q periods vary q times as much as that of one?
//!
//! ```text
//! VR(q) = s_q² / s_1²,  z = (VR - 1) / sqrt(sum_(j=1..q-1) (2 (q - j) / q)² d_j)
//! s_1² = sum (r_k - m)² / (n - 1)
//! s_q² = sum_(k=q..n) (X_k - X_(k-q) - q m)² / (q (n - q + 1)(1 - q/n))
//! d_j  = sum_(k>j) (r_k - m)² (r_(k-j) - m)² / (sum (r_k - m)²)²
//! ```
//!
//! with log prices X_0, ..., X_n, returns r and their mean m. 1 is a random walk, less than 1 a price that comes back;
//! z is normal under a random walk whose variance may change. Lo and MacKinlay, "Stock market prices do not follow
//! random walks", Review of Financial Studies 1 (1988): overlapping, unbiased, heteroskedasticity-consistent.

/// The ratio and its statistic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VarianceRatio {
    /// VR(q).
    pub ratio: f64,
    /// The standardised difference from 1; `None` where nothing tells its error.
    pub z: Option<f64>,
    /// Returns of one period.
    pub n: usize,
}

/// Of log prices at equal distances; `None` where there are fewer than 2 q returns or they never vary.
#[must_use]
pub fn variance_ratio(log_prices: &[f64], q: usize) -> Option<VarianceRatio> {
    let n = log_prices.len().checked_sub(1).filter(|n| q >= 2 && *n >= 2 * q)?;
    let mean = (log_prices[n] - log_prices[0]) / n as f64;
    let squares: Vec<f64> = log_prices.windows(2).map(|x| (x[1] - x[0] - mean).powi(2)).collect();
    let all: f64 = squares.iter().sum();
    let one = all / (n - 1) as f64;
    let long =
        log_prices[q..].iter().zip(log_prices).map(|(x, before)| (x - before - q as f64 * mean).powi(2));
    let (q_, n_) = (q as f64, n as f64);
    let many = long.sum::<f64>() / (q_ * (n_ - q_ + 1.0) * (1.0 - q_ / n_));
    if one <= 0.0 {
        return None;
    }
    let ratio = many / one;
    let of_lag = |j: usize| {
        let weight = 2.0 * (q - j) as f64 / q_;
        let across: f64 = squares[j..].iter().zip(&squares).map(|(now, before)| now * before).sum();
        weight * weight * across / (all * all)
    };
    let variance: f64 = (1..q).map(of_lag).sum();
    Some(VarianceRatio { ratio, z: (variance > 0.0).then(|| (ratio - 1.0) / variance.sqrt()), n })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimators::dice::Dice;

    fn walk(seed: u64, autocorrelation: f64) -> Vec<f64> {
        let (mut dice, mut r, mut x) = (Dice::new(seed), 0.0, 0.0);
        let step = |_| {
            r = autocorrelation * r + dice.normal();
            x += r;
            x
        };
        (0..20_001).map(step).collect()
    }

    #[test]
    fn a_random_walk_has_one_and_an_autoregression_its_known_ratio() {
        let found = variance_ratio(&walk(1, 0.0), 5).expect("a ratio");
        assert!((found.ratio - 1.0).abs() < 0.06 && found.z.expect("z").abs() < 3.0, "{found:?}");
        // VR(q) = 1 + 2 sum (1 - j/q) rho^j.
        let rho: f64 = -0.3;
        let truth = 1.0 + 2.0 * (1..5).map(|j| (1.0 - f64::from(j) / 5.0) * rho.powi(j)).sum::<f64>();
        let found = variance_ratio(&walk(2, rho), 5).expect("a ratio");
        assert!((found.ratio - truth).abs() < 0.04 && found.z.expect("z") < -15.0, "{found:?} for {truth}");
    }

    #[test]
    fn short_and_flat_series_say_nothing() {
        assert_eq!(variance_ratio(&[1.0, 2.0, 1.0, 2.0], 2), None);
        assert_eq!(variance_ratio(&[3.0; 50], 5), None);
        assert_eq!(variance_ratio(&[], 5), None);
    }
}
