//! What is in cents, in ticks and in basis points beside them.
//!
//! A regression is linear in its response, so that a coefficient in other units of price is the coefficient times a
//! number, and its errors, t and R² are the same. Ticks: over the tick in cents. Basis points: over the mean mid of the
//! window, as Brennan and Subrahmanyam (Journal of Financial Economics 41, 1996) divide Kyle's lambda by the mean
//! price to compare stocks; and not a second regression, on returns, whose R² would be another.

use super::Observed;
use crate::numeric::Sum;

/// The tick, cents: what US exchanges quote stocks of a dollar or more in (Rule 612 of Regulation NMS).
const TICK_CENTS: f64 = 1.0;

/// How much a cent is over some bars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriceUnits {
    /// Mean of the close mids, cents; none where no bar has one.
    mid_mean_cents: Option<f64>,
}

impl PriceUnits {
    /// Of a window's bars: each that has a close mid counts alike.
    #[must_use]
    pub fn of<'a, B: Observed + 'a>(bars: impl IntoIterator<Item = &'a B>) -> Self {
        Self::of_mids(bars.into_iter().filter_map(Observed::mid_close_usd))
    }

    /// The same of the close mids alone, dollars.
    #[must_use]
    pub(super) fn of_mids(mids_usd: impl Iterator<Item = f64>) -> Self {
        let mids: Vec<f64> = mids_usd.collect();
        let mean = 100.0 * Sum::of(mids.iter().copied()) / mids.len() as f64;
        Self { mid_mean_cents: Some(mean).filter(|mean| *mean > 0.0) }
    }

    /// Cents as ticks.
    #[must_use]
    pub fn ticks(self, cents: f64) -> f64 {
        cents / TICK_CENTS
    }

    /// Cents as basis points of the mean mid.
    #[must_use]
    pub fn bp(self, cents: f64) -> Option<f64> {
        self.mid_mean_cents.map(|mid| 1e4 * cents / mid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Bar;
    use crate::impact::{Fit, Model, fit_day};
    use crate::tape::NYSE;
    use proptest::prelude::*;

    fn fitted(moves: &[(i64, i64, i64)], factor: i64) -> Option<Fit> {
        let mut mid = 200_000_000_000;
        let bar = |(change, ofi, bought): &(i64, i64, i64)| {
            mid += change * 10_000_000;
            Bar {
                ofi: (*ofi).into(),
                buy: (*bought).into(),
                mid_change_doubled: Some(factor * change * 10_000_000),
                mid_close_doubled: Some(factor * mid),
                ..Bar::default()
            }
        };
        let bars: Vec<Bar> = moves.iter().map(bar).collect();
        fit_day(NYSE.session("2013-10-07".parse().ok()?), &bars, Model::OfiKyle).ok()
    }

    fn is_near(found: f64, expected: f64) -> bool {
        (found - expected).abs() <= 1e-9 * expected.abs().max(1e-9)
    }

    proptest! {
        /// Prices so many times as high: the slope is so many times as many cents and ticks, and as many basis points.
        #[test]
        fn ticks_follow_the_price_and_basis_points_do_not(
            moves in prop::collection::vec((-9_i64..10, -500_i64..500, 0_i64..900), 12..60),
            factor in 2_i64..50,
        ) {
            let (Some(one), Some(many)) = (fitted(&moves, 1), fitted(&moves, factor)) else { return Ok(()) };
            for (term, higher) in one.regression.terms.iter().zip(&many.regression.terms) {
                let (cents, higher) = (term.coefficient, higher.coefficient);
                let (ticks, bp) = (one.price_units.ticks(cents), one.price_units.bp(cents));
                prop_assert!(is_near(TICK_CENTS * ticks, cents));
                prop_assert!(is_near(many.price_units.ticks(higher), factor as f64 * ticks));
                let (bp, unchanged) = (bp.expect("a mid"), many.price_units.bp(higher).expect("a mid"));
                prop_assert!(is_near(unchanged, bp), "{unchanged} for {bp}");
            }
        }
    }

    #[test]
    fn a_cent_of_a_stock_of_fifty_dollars_is_two_basis_points_and_none_without_a_price() {
        let units = PriceUnits::of_mids([40.0, 60.0].into_iter());
        assert_eq!((units.ticks(1.0), units.bp(1.0)), (1.0, Some(2.0)));
        assert_eq!(PriceUnits::of_mids([].into_iter()).bp(1.0), None);
    }
}
