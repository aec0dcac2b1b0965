//! Abdi and Ranaldo's spread, from closes, highs and lows.
//!
//! ```text
//! logs, m = (h + l) / 2, primes for the earlier bar:  s² = 4 (c' - m') (c' - m)
//! whole sample    sign(x) sqrt(|x|) of the mean x of s²
//! pair by pair    the mean of sqrt(max(s², 0))
//! ```
//!
//! Abdi and Ranaldo, "A simple estimation of bid-ask spreads from daily close, high, and low prices", Review of
//! Financial Studies 30 (2017): their monthly and their two-day version, over the bars of any width.

use super::{Ohlc, signed_root};

/// The signed root of the mean over bars in logs, a share of the price; `None` below two bars.
#[must_use]
pub fn abdi_ranaldo(logs: &[Ohlc]) -> Option<f64> {
    mean(&squares(logs)).map(signed_root)
}

/// The mean of the roots over bars in logs, negative squares taken as zero; `None` below two bars.
#[must_use]
pub fn abdi_ranaldo_pairs(logs: &[Ohlc]) -> Option<f64> {
    mean(&squares(logs).iter().map(|square| square.max(0.0).sqrt()).collect::<Vec<_>>())
}

fn squares(logs: &[Ohlc]) -> Vec<f64> {
    let square = |pair: &[Ohlc]| {
        let close = pair[0].close;
        4.0 * (close - pair[0].mid()) * (close - pair[1].mid())
    };
    logs.windows(2).map(square).collect()
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_that_only_bounces_gives_the_spread() {
        let bar = |close| Ohlc { open: 99.0, high: 101.0, low: 99.0, close }.ln();
        let bars = [bar(101.0), bar(99.0), bar(99.0), bar(101.0)];
        let expected = (101.0_f64 / 99.0).ln();
        assert!((abdi_ranaldo(&bars).expect("a spread") - expected).abs() < 1e-14);
        assert!((abdi_ranaldo_pairs(&bars).expect("a spread") - expected).abs() < 1e-14);
        assert_eq!(abdi_ranaldo(&bars[..1]), None);
    }

    #[test]
    fn a_close_between_the_two_mids_counts_against_the_spread() {
        let bar = |low: f64, high: f64, close: f64| Ohlc { open: low, high, low, close };
        // m' = 0.1, c' = 0.2, m = 0.4: s² = 4 · 0.1 · -0.2.
        let bars = [bar(0.0, 0.2, 0.2), bar(0.3, 0.5, 0.3)];
        assert!((abdi_ranaldo(&bars).expect("a spread") + 0.08_f64.sqrt()).abs() < 1e-12);
        assert!(abdi_ranaldo_pairs(&bars).expect("a spread").abs() < 1e-12);
    }
}
