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
