//! Means with their errors, and correlation.
//!
//! ```text
//! plain        s / sqrt(n),  s^2 = sum (x - mean)^2 / (n - 1)
//! Newey-West   sqrt(g_0 + 2 sum_(j=1..L) (1 - j / (L + 1)) g_j) / sqrt(n),  g_j = sum_t e_t e_(t-j) / n,
//!              e = x - mean, L = floor(4 (n / 100)^(2/9)), no small-sample factor
//! ```

use crate::impact::newey_west_lags;

/// The mean; `None` of nothing.
pub(super) fn mean(x: &[f64]) -> Option<f64> {
    (!x.is_empty()).then(|| x.iter().sum::<f64>() / x.len() as f64)
}

/// Standard deviation with n - 1; `None` below two.
pub(super) fn deviation(x: &[f64]) -> Option<f64> {
    let mean = mean(x)?;
    let squares: f64 = x.iter().map(|x| (x - mean) * (x - mean)).sum();
    (x.len() > 1).then(|| (squares / (x.len() - 1) as f64).sqrt())
}

/// Error of the mean of independent draws; `None` below two.
pub(super) fn plain_error(x: &[f64]) -> Option<f64> {
    Some(deviation(x)? / (x.len() as f64).sqrt())
}

/// Newey-West error of the mean of a series in time order; `None` below two.
pub(super) fn hac_error(x: &[f64]) -> Option<f64> {
    let (mean, n) = (mean(x)?, x.len());
    if n < 2 {
        return None;
    }
    let e: Vec<f64> = x.iter().map(|x| x - mean).collect();
    let lags = newey_west_lags(n).min(n - 1);
    let product = |j: usize| e[j..].iter().zip(&e).map(|(now, before)| now * before).sum::<f64>();
    let weighted = |j: usize| 2.0 * (1.0 - j as f64 / (lags + 1) as f64) * product(j);
    let long_run = product(0) + (1..=lags).map(weighted).sum::<f64>();
    // The Bartlett kernel keeps this from being negative, short of rounding.
    Some(long_run.max(0.0).sqrt() / n as f64)
}

/// Pearson's correlation; `None` when either never varies.
pub(super) fn correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let (mx, my) = (mean(x)?, mean(y)?);
    let both = x.iter().zip(y);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in both {
        xx += (x - mx) * (x - mx);
        yy += (y - my) * (y - my);
        xy += (x - mx) * (y - my);
    }
    (xx > 0.0 && yy > 0.0).then(|| xy / (xx.sqrt() * yy.sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_by_hand() {
        let x = [1.0, 2.0, 4.0, 5.0];
        assert_eq!(mean(&x), Some(3.0));
        assert_eq!(plain_error(&x), Some((10.0_f64 / 3.0).sqrt() / 2.0));
        // e = -2 -1 1 2; g_0 = 10/4, g_1 = (2 - 1 + 2)/4; L = 1 at n = 4, weight 1/2: S = (10 + 3)/4.
        assert!((hac_error(&x).expect("an error") - (13.0_f64 / 4.0).sqrt() / 2.0).abs() < 1e-15);
        assert!((correlation(&x, &[2.0, 4.0, 8.0, 10.0]).expect("varies") - 1.0).abs() < 1e-15);
        assert_eq!((mean(&[]), hac_error(&[1.0]), correlation(&x, &[1.0; 4])), (None, None, None));
    }
}
