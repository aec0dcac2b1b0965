//! Amihud's illiquidity: how far the price moves for a dollar traded.
//!
//! ```text
//! mean over periods of |R_t| / dollars_t · 10^6,  R_t = close_t / close_(t-1) - 1
//! ```
//!
//! a share of the price per million dollars; periods without volume are left out. Amihud, "Illiquidity and stock
//! returns: cross-section and time-series effects", Journal of Financial Markets 5 (2002), over days; the same over
//! bars within a day.

use super::Mean;

/// A period: its last price, and what was traded in it, dollars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Period {
    /// Last price, dollars.
    pub close_usd: f64,
    /// Value of all trades, dollars.
    pub traded_usd: f64,
}

/// The mean, its error and how many periods it rests on. `before` is the price from which the first period moved;
/// without one it only starts the second.
#[must_use]
pub fn amihud(before: Option<f64>, periods: &[Period]) -> Mean {
    let mut last = before;
    let mut ratios = Vec::with_capacity(periods.len());
    for period in periods.iter().filter(|period| period.traded_usd > 0.0) {
        if let Some(last) = last {
            ratios.push(1e6 * (period.close_usd / last - 1.0).abs() / period.traded_usd);
        }
        last = Some(period.close_usd);
    }
    Mean::of(&ratios)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_move_for_a_dollar_is_averaged_over_periods_with_volume() {
        let period = |close_usd, traded_usd| Period { close_usd, traded_usd };
        let periods = [period(101.0, 1e6), period(999.0, 0.0), period(100.495, 2e6)];
        let found = amihud(Some(100.0), &periods);
        // 1 % for a million, half a percent for two.
        assert!((found.value.expect("a mean") - (0.01 + 0.0025) / 2.0).abs() < 1e-12);
        assert_eq!((found.n, amihud(None, &periods).n, amihud(None, &[]).value), (2, 1, None));
        // s of two numbers is their distance over root two.
        assert!((found.error.expect("an error") - 0.0075 / 2.0).abs() < 1e-12);
    }
}
