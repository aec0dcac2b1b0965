//! Schedules: how many shares in which slice of the window.
//!
//! Shares are whole, never negative, and sum to the quantity exactly: each slice gets the whole part of its due, and
//! what is left goes by one share to the largest remainders, the earlier slice first among equals.

use super::almgren_chriss::holdings;
use super::horizon::Horizon;
use super::market::Market;
use super::model::CostModel;
use super::risk::WHOLE_DAY_NANOS;
use crate::tape::Nanos;

/// Participation above which a slice is not told apart: a hundred times the expected volume.
const PARTICIPATION_MAX: f64 = 100.0;

/// A stretch of time with the shares to trade in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slice {
    /// First nanosecond inside.
    pub start: Nanos,
    /// First nanosecond outside again.
    pub end: Nanos,
    /// Shares to trade.
    pub shares: i64,
    /// Market volume expected meanwhile, shares.
    pub market_shares: f64,
}

impl Slice {
    /// Shares over the expected market volume; at most a hundred, also where no volume is expected.
    #[must_use]
    pub fn participation(&self) -> f64 {
        let shares = self.shares as f64;
        if shares >= PARTICIPATION_MAX * self.market_shares {
            return if self.shares == 0 { 0.0 } else { PARTICIPATION_MAX };
        }
        shares / self.market_shares
    }
}

/// What to trade when.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schedule {
    /// In order of time; some may hold no shares.
    pub slices: Vec<Slice>,
    /// What the participation cap leaves over at the end of the window, shares.
    pub unfilled_shares: i64,
}

/// Why there is no schedule.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ScheduleError {
    /// A stretch that ends before it starts, overlaps the one before it or leaves the window.
    #[error("slice {index} is not inside the window and after the slice before it")]
    Misplaced {
        /// Which, from 0.
        index: usize,
    },
    /// A weight that is negative or no number, or all of them zero.
    #[error("slice weights must be numbers of 0 or more, not all 0")]
    Weights,
}

impl Schedule {
    /// Shares scheduled.
    #[must_use]
    pub fn quantity(&self) -> i64 {
        self.slices.iter().map(|slice| slice.shares).sum()
    }

    /// Market volume expected over the slices that trade, shares.
    #[must_use]
    pub fn market_shares(&self) -> f64 {
        self.slices.iter().filter(|s| s.shares > 0).map(|slice| slice.market_shares).sum()
    }

    /// The sum over slices of their part of the quantity times f(participation); 0 of an empty schedule.
    #[must_use]
    pub fn mean_over_shares(&self, f: impl Fn(f64) -> f64) -> f64 {
        let quantity = self.quantity() as f64;
        if quantity <= 0.0 {
            return 0.0;
        }
        let trading = self.slices.iter().filter(|slice| slice.shares > 0);
        trading.map(|slice| slice.shares as f64 / quantity * f(slice.participation())).sum()
    }
}

/// Even in time.
#[must_use]
pub fn twap(quantity: i64, horizon: &Horizon<'_>) -> Schedule {
    let slices = horizon.slices();
    let weights: Vec<f64> = slices.iter().map(|(start, end)| (end.0 - start.0) as f64).collect();
    divide(quantity, &slices, &weights, horizon)
}

/// Even in expected volume.
#[must_use]
pub fn vwap(quantity: i64, horizon: &Horizon<'_>) -> Schedule {
    let slices = horizon.slices();
    let weights: Vec<f64> = slices.iter().map(|(start, end)| horizon.market_shares(*start, *end)).collect();
    if weights.iter().sum::<f64>() <= 0.0 {
        return twap(quantity, horizon);
    }
    divide(quantity, &slices, &weights, horizon)
}

/// A part `rate` of the expected volume from the window's start, until done or at the window's end; what is not
/// done by then is reported as unfilled.
#[must_use]
pub fn pov(quantity: i64, rate: f64, horizon: &Horizon<'_>) -> Schedule {
    let (mut slices, mut left, mut due) = (Vec::new(), quantity.max(0), 0.0);
    let rate = if rate.is_finite() { rate.max(0.0) } else { 0.0 };
    for (start, end) in horizon.slices() {
        if left == 0 {
            break;
        }
        let market_shares = horizon.market_shares(start, end);
        // Fractions of a share are carried on, so that a slow rate in a thin stock still trades.
        due += rate * market_shares;
        let shares = (due.floor() as i64).min(left);
        due -= shares as f64;
        left -= shares;
        slices.push(Slice { start, end, shares, market_shares });
    }
    Schedule { slices, unfilled_shares: left }
}

/// By the trader's own stretches and weights.
///
/// # Errors
/// [`ScheduleError`] when stretches are out of order or outside the window, or weights are no weights.
pub fn custom(
    quantity: i64,
    stretches: &[(Nanos, Nanos, f64)],
    horizon: &Horizon<'_>,
) -> Result<Schedule, ScheduleError> {
    let mut earliest = horizon.start;
    for (index, (start, end, weight)) in stretches.iter().enumerate() {
        if *start < earliest || end <= start || *end > horizon.end {
            return Err(ScheduleError::Misplaced { index });
        }
        if !(weight.is_finite() && *weight >= 0.0) {
            return Err(ScheduleError::Weights);
        }
        earliest = *end;
    }
    let weights: Vec<f64> = stretches.iter().map(|(_, _, weight)| *weight).collect();
    let total = weights.iter().sum::<f64>();
    if !(total > 0.0 && total.is_finite()) {
        return Err(ScheduleError::Weights);
    }
    let slices: Vec<(Nanos, Nanos)> = stretches.iter().map(|(start, end, _)| (*start, *end)).collect();
    Ok(divide(quantity, &slices, &weights, horizon))
}

/// Front-loaded as Almgren and Chriss do for a risk aversion, per basis point: least cost + aversion x risk².
///
/// The model is linearised at the TWAP rate: its temporary cost there, over the rate, is their eta. Its permanent
/// part is linear, so that no schedule changes it and it does not shape this one.
#[must_use]
pub fn shortfall(
    quantity: i64,
    risk_aversion: f64,
    market: &Market,
    model: &CostModel,
    horizon: &Horizon<'_>,
) -> Schedule {
    let even = twap(quantity, horizon);
    let bounds = horizon.slices();
    let days = horizon.length() as f64 / WHOLE_DAY_NANOS as f64;
    let eta = model.components(market, &even).temporary_bps * days;
    let urgency = risk_aversion.max(0.0) * market.volatility_daily_bps.powi(2);
    let tau = days / bounds.len() as f64;
    let held = holdings(bounds.len(), tau, if urgency > 0.0 { urgency / eta } else { 0.0 });
    let weights: Vec<f64> = held.windows(2).map(|pair| pair[0] - pair[1]).collect();
    divide(quantity, &bounds, &weights, horizon)
}

/// Whole shares by largest remainder.
fn divide(quantity: i64, slices: &[(Nanos, Nanos)], weights: &[f64], horizon: &Horizon<'_>) -> Schedule {
    let quantity = quantity.max(0);
    let total: f64 = weights.iter().sum();
    let dues: Vec<f64> = weights.iter().map(|weight| quantity as f64 * (weight / total)).collect();
    let mut shares: Vec<i64> = dues.iter().map(|due| due.floor() as i64).collect();
    let remainder = |index: usize| dues[index] - dues[index].floor();
    let mut order: Vec<usize> = (0..slices.len()).collect();
    order.sort_by(|a, b| remainder(*b).total_cmp(&remainder(*a)).then(a.cmp(b)));
    let mut left = quantity - shares.iter().sum::<i64>();
    // Rounding may have handed out a share too many of an enormous quantity, hence both directions.
    for index in order.iter().cycle().take(slices.len() * 2) {
        let step = left.signum().max(-shares[*index]);
        shares[*index] += step;
        left -= step;
    }
    if let Some(largest) = (0..shares.len()).max_by_key(|index| shares[*index]) {
        shares[largest] += left;
    }
    let cut = slices.iter().zip(shares);
    let slices = cut.map(|((start, end), shares)| Slice {
        start: *start,
        end: *end,
        shares,
        market_shares: horizon.market_shares(*start, *end),
    });
    Schedule { slices: slices.collect(), unfilled_shares: 0 }
}
