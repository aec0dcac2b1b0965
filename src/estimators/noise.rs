//! Noise on a price seen trade by trade, and the variance beneath it.
//!
//! ```text
//! Y_i = X_i + e_i, the log price of trade i; r_i = Y_i - Y_(i-1), n of them
//! noise          w² = RV / (2 n)                       what the densest sampling is made of
//! autocovariance w² = -cov(r_i, r_(i-1))               Roll's: unbiased for any n where noise is independent
//! two scales     (RV_K - n_K/n RV) / (1 - n_K/n)       RV_K the mean over K interleaved grids of every K-th trade,
//!                                                      n_K = (n - K + 1) / K
//! kernel         g_0 + 2 sum_(h=1..H) k(h / (H + 1)) g_h,  g_h = sum r_i r_(i-h), k Parzen's
//! ```
//!
//! Zhang, Mykland and Ait-Sahalia, "A tale of two time scales", Journal of the American Statistical Association 100
//! (2005), with their correction for small samples; Barndorff-Nielsen, Hansen, Lunde and Shephard, "Realized kernels
//! in practice: trades and quotes", Econometrics Journal 12 (2009): H = 3.5134 (w²/IV)^(2/5) n^(3/5), w² and IV told
//! by RV/(2n) and by the mean RV of grids of twenty minutes; ends are means of two prices.

use super::covariance_of_neighbours;

/// Parzen's constant.
const PARZEN: f64 = 3.5134;
/// The most autocovariances that a kernel takes: what bounds its cost.
const BANDWIDTH_MAX: usize = 512;

/// Noise and variance of one day's trades, in squares of the unit of the prices given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// RV of every trade.
    pub dense: f64,
    /// w² = RV / (2 n).
    pub dense_noise: f64,
    /// w² by the first autocovariance; negative where returns trend.
    pub autocovariance_noise: f64,
    /// The variance by two scales.
    pub two_scales: f64,
    /// The variance by Parzen's kernel.
    pub kernel: f64,
    /// Returns.
    pub n: usize,
}

/// Of log prices trade by trade. `sparse` is the number of trades in five minutes: the slow scale K; four times as
/// many are the grids that choose the kernel's width. `None` where K is below 2 or fewer than 4 K trades.
#[must_use]
pub fn noise(log_prices: &[f64], sparse: usize) -> Option<Noise> {
    let n = log_prices.len().checked_sub(1).filter(|n| sparse >= 2 && *n >= 4 * sparse)?;
    let returns: Vec<f64> = log_prices.windows(2).map(|x| x[1] - x[0]).collect();
    let dense: f64 = returns.iter().map(|r| r * r).sum();
    let dense_noise = dense / (2.0 * n as f64);
    let few = (n - sparse + 1) as f64 / sparse as f64 / n as f64;
    let two_scales = (averaged(log_prices, sparse) - few * dense) / (1.0 - few);
    let iv = averaged(log_prices, 4 * sparse);
    Some(Noise {
        dense,
        dense_noise,
        autocovariance_noise: -covariance_of_neighbours(&returns)?,
        two_scales,
        kernel: kernel(log_prices, bandwidth(dense_noise, iv, n)),
        n,
    })
}

/// The mean over the `step` interleaved grids of the sum of squared changes along each.
fn averaged(log_prices: &[f64], step: usize) -> f64 {
    let changes = log_prices[step..].iter().zip(log_prices).map(|(now, before)| (now - before).powi(2));
    changes.sum::<f64>() / step as f64
}

fn bandwidth(noise: f64, iv: f64, n: usize) -> usize {
    if iv <= 0.0 {
        return 0;
    }
    let wide = PARZEN * (noise / iv).powf(0.4) * (n as f64).powf(0.6);
    (wide.ceil() as usize).min(BANDWIDTH_MAX).min(n / 2)
}

/// The realised kernel with ends that are means of the first and of the last two prices.
fn kernel(log_prices: &[f64], bandwidth: usize) -> f64 {
    let inner = &log_prices[1..log_prices.len() - 1];
    let ends =
        ((log_prices[0] + inner[0]) / 2.0, (inner[inner.len() - 1] + log_prices[log_prices.len() - 1]) / 2.0);
    let mut jittered = Vec::with_capacity(inner.len());
    jittered.push(ends.0);
    jittered.extend_from_slice(&inner[1..inner.len() - 1]);
    jittered.push(ends.1);
    let returns: Vec<f64> = jittered.windows(2).map(|x| x[1] - x[0]).collect();
    let autocovariance =
        |h: usize| returns[h..].iter().zip(&returns).map(|(now, before)| now * before).sum::<f64>();
    let weighted = |h: usize| parzen(h as f64 / (bandwidth as f64 + 1.0)) * autocovariance(h);
    autocovariance(0) + 2.0 * (1..=bandwidth).map(weighted).sum::<f64>()
}

fn parzen(x: f64) -> f64 {
    if x <= 0.5 { 1.0 - 6.0 * x * x * (1.0 - x) } else { 2.0 * (1.0 - x).powi(3) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimators::dice::Dice;

    #[test]
    fn variance_and_noise_of_a_simulated_day_come_back() {
        let (variance, noise_variance, n) = (4e-4_f64, 2.5e-7_f64, 23_400);
        let mut dice = Dice::new(4);
        let mut x = 0.0;
        let price = |_| {
            x += (variance / f64::from(n)).sqrt() * dice.normal();
            x + noise_variance.sqrt() * dice.normal()
        };
        let y: Vec<f64> = (0..=n).map(price).collect();
        let found = noise(&y, 300).expect("enough trades");
        // Without correction it is all noise: 2 n w² = 0.0117 beside 0.0004.
        assert!((found.dense / (variance + 2.0 * f64::from(n) * noise_variance) - 1.0).abs() < 0.05);
        assert!((found.dense_noise / noise_variance - 1.0).abs() < 0.1, "{found:?}");
        assert!((found.autocovariance_noise / noise_variance - 1.0).abs() < 0.05, "{found:?}");
        // Grids of five minutes err by about sqrt(4/3 · 300/23400) = 13 %; the kernel by less.
        assert!((found.two_scales / variance - 1.0).abs() < 0.4, "{found:?}");
        assert!((found.kernel / variance - 1.0).abs() < 0.25, "{found:?}");
    }

    #[test]
    fn without_noise_every_way_gives_the_variance() {
        let mut dice = Dice::new(5);
        let mut x = 0.0;
        let y: Vec<f64> = (0..=20_000)
            .map(|_| {
                x += 1e-4 * dice.normal();
                x
            })
            .collect();
        let found = noise(&y, 20).expect("enough trades");
        for value in [found.dense, found.two_scales, found.kernel] {
            assert!((value / 2e-4 - 1.0).abs() < 0.12, "{found:?}");
        }
        assert!(found.autocovariance_noise.abs() < 4e-10, "{found:?}");
    }

    #[test]
    fn a_price_that_alternates_is_all_noise() {
        let y: Vec<f64> = (0..=400).map(|i| f64::from(i % 2)).collect();
        let found = noise(&y, 10).expect("enough trades");
        assert_eq!((found.dense, found.dense_noise), (400.0, 0.5));
        // Every tenth trade is on the same side: the slow scale sees nothing.
        assert!(found.two_scales < 0.0);
        assert_eq!((noise(&y, 1), noise(&y[..30], 10)), (None, None));
    }
}
