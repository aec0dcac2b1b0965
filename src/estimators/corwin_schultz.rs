//! Corwin and Schultz's spread, from highs and lows.
//!
//! ```text
//! logs of high H and low L; a gap against the close before is taken out of H and L of the later bar:
//!   gap = max(0, C' - H) + min(0, C' - L)
//! b = (H - L)² + (H' - L')²,  g = (max(H, H') - min(L, L'))²
//! a = (sqrt(2 b) - sqrt(b)) / (3 - 2 sqrt(2)) - sqrt(g / (3 - 2 sqrt(2)))
//! S = 2 (e^a - 1) / (1 + e^a),  averaged over neighbouring bars
//! ```
//!
//! with primes for the earlier bar. Corwin and Schultz, "A simple way to estimate bid-ask spreads from daily high
//! and low prices", Journal of Finance 67 (2012). Two means: of S as it is, and with negative S taken as 0, which
//! the paper prefers for ranks of stocks and which is biased upwards where spreads are small.

use super::Ohlc;

/// The mean over neighbouring bars in logs, a share of the price; `floored` takes negative values as zero.
#[must_use]
pub fn corwin_schultz(logs: &[Ohlc], floored: bool) -> Option<f64> {
    let spreads = logs.windows(2).map(|pair| {
        let spread = of_pair(&pair[0], &pair[1]);
        if floored { spread.max(0.0) } else { spread }
    });
    let pairs = logs.len().checked_sub(1).filter(|pairs| *pairs > 0)?;
    Some(spreads.sum::<f64>() / pairs as f64)
}

fn of_pair(before: &Ohlc, now: &Ohlc) -> f64 {
    let gap = (before.close - now.high).max(0.0) + (before.close - now.low).min(0.0);
    let (high, low) = (now.high + gap, now.low + gap);
    let square = |x: f64| x * x;
    let b = square(high - low) + square(before.high - before.low);
    let g = square(high.max(before.high) - low.min(before.low));
    let k = 3.0 - 2.0 * std::f64::consts::SQRT_2;
    let a = ((2.0 * b).sqrt() - b.sqrt()) / k - (g / k).sqrt();
    // 2 (e^a - 1) / (1 + e^a), without the loss of digits near zero.
    2.0 * (a / 2.0).tanh()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_that_only_bounces_gives_the_spread() {
        // Every bar touches bid and ask of a fixed mid, so that H - L = ln(ask / bid) in every bar and pair.
        let (bid, ask) = (99.0, 101.0);
        let bar = Ohlc { open: bid, high: ask, low: bid, close: ask }.ln();
        let found = corwin_schultz(&[bar; 5], false).expect("a spread");
        assert!((found - 2.0 * (ask - bid) / (ask + bid)).abs() < 1e-14, "{found}");
    }

    #[test]
    fn a_gap_between_bars_is_taken_out() {
        let bar = |shift: f64| {
            let (bid, ask) = (99.0 * shift, 101.0 * shift);
            Ohlc { open: bid, high: ask, low: bid, close: ask }.ln()
        };
        // The later bar lies wholly above the earlier close: moved down until its low is that close.
        let found = corwin_schultz(&[bar(1.0), bar(1.5)], false).expect("a spread");
        let w = (101.0_f64 / 99.0).ln();
        let k = 3.0 - 8.0_f64.sqrt();
        let a = (2.0 * w - 2.0_f64.sqrt() * w) / k - 2.0 * w / k.sqrt();
        assert!((found - 2.0 * (a.exp() - 1.0) / (1.0 + a.exp())).abs() < 1e-14);
        assert!(found < 0.0);
        assert_eq!(corwin_schultz(&[bar(1.0), bar(1.5)], true), Some(0.0));
        assert_eq!(corwin_schultz(&[bar(1.0)], true), None);
    }
}
