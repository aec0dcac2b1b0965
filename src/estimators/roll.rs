//! Roll's spread, from closes alone.
//!
//! ```text
//! r_t = c_t - c_(t-1) in log closes,  s² = -4 cov(r_t, r_(t-1)),  s = sign(s²) sqrt(|s²|), a share of the price
//! ```
//!
//! The covariance of the n - 1 pairs has n - 2 in its denominator. Roll, "A simple implicit measure of the
//! effective bid-ask spread in an efficient market", Journal of Finance 39 (1984). A negative value says that
//! closes trend more than they bounce: it is noise about a small spread, and averages need it.

use super::{Ohlc, signed_root};

/// The signed spread of bars in logs, a share of the price; `None` below four bars.
#[must_use]
pub fn roll(logs: &[Ohlc]) -> Option<f64> {
    let returns: Vec<f64> = logs.windows(2).map(|pair| pair[1].close - pair[0].close).collect();
    covariance_of_neighbours(&returns).map(|covariance| signed_root(-4.0 * covariance))
}

/// The sample covariance of r_t and r_(t-1); `None` below two pairs.
#[must_use]
pub fn covariance_of_neighbours(returns: &[f64]) -> Option<f64> {
    let pairs = returns.len().checked_sub(1).filter(|pairs| *pairs >= 2)?;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / pairs as f64;
    let (before, now) = (&returns[..pairs], &returns[1..]);
    let (mean_before, mean_now) = (mean(before), mean(now));
    let products = before.iter().zip(now).map(|(b, n)| (b - mean_before) * (n - mean_now));
    Some(products.sum::<f64>() / (pairs - 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimators::dice::Dice;

    #[test]
    fn a_price_that_bounces_between_bid_and_ask_gives_the_spread_back() {
        // A fixed mid and a fair coin for the side: the spread is 1 % of the price, its error about 1 %.
        let mut dice = Dice::new(7);
        let bars: Vec<Ohlc> = (0..40_000).map(|_| Ohlc::of(4.0 + 0.005 * dice.sign())).collect();
        let found = roll(&bars).expect("a spread");
        assert!((found - 0.01).abs() < 3e-4, "{found}");
    }

    #[test]
    fn a_trend_in_changes_makes_it_negative() {
        let logs = [0.0, 0.0, 0.01, 0.02, 0.02, 0.02];
        let bars = logs.map(Ohlc::of);
        // Returns 0, .01, .01, 0, 0; pairs (0,1), (1,1), (1,0), (0,0) have covariance 0 in hundredths, means 1/2.
        assert!(roll(&bars).expect("a spread").abs() < 1e-9);
        let trending = [0.0, 0.01, 0.02, 0.02, 0.02].map(Ohlc::of);
        // Returns .01, .01, 0, 0; pairs (1,1), (1,0), (0,0): covariance (1 - 2/3) / 2 = 1/6.
        let expected = -(4.0 * 1e-4 / 6.0_f64).sqrt();
        assert!((roll(&trending).expect("a spread") - expected).abs() < 1e-12);
        assert_eq!(roll(&trending[..3]), None);
    }
}
