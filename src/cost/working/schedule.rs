//! Schedules: how many shares in which slice of the window.
//!
//! Shares are whole, never negative, and sum to the quantity exactly: each slice gets the whole part of its due, and
//! what is left goes by one share to the largest remainders, the earlier slice first among equals.

use super::almgren_chriss::holdings;
use super::risk::WHOLE_DAY_NANOS;
use crate::cost::known::horizon::Horizon;
use crate::cost::known::market::Market;
use crate::cost::models::model::CostModel;
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
    /// Part of a whole day's variance expected meanwhile; clock time over 6.5 hours where the curve is flat.
    pub variance_days: f64,
}

impl Slice {
    /// Shares over the expected market volume; at most a hundred, also where no volume is expected.
    #[must_use]
    pub fn participation(&self) -> f64 {
        participation(self.shares, self.market_shares)
    }
}

/// Shares over the expected market volume, 0 to 100.
pub(in crate::cost) fn participation(shares: i64, market_shares: f64) -> f64 {
    if shares <= 0 {
        0.0
    } else if shares as f64 >= PARTICIPATION_MAX * market_shares {
        PARTICIPATION_MAX
    } else {
        shares as f64 / market_shares
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
        // Fractions of a share are carried on, so that a slow rate in a thin stock still trades; a millionth of a
        // share is rounding.
        due += rate * market_shares;
        let shares = ((due + 1e-6).floor() as i64).min(left);
        due -= shares as f64;
        left -= shares;
        slices.push(horizon.slice(start, end, shares));
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
/// part is linear, so that no schedule changes it and it does not shape this one. Holdings are those at the slices'
/// own ends, so that a shorter last slice gets its own length's shares and no more.
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
    let days = |nanos: i64| nanos as f64 / WHOLE_DAY_NANOS as f64;
    let eta = model.components(market, &even).temporary_bps * days(horizon.length());
    let urgency = risk_aversion.max(0.0) * market.volatility_daily_bps.powi(2);
    let tau = days(horizon.slice_nanos.min(horizon.length()));
    let ends = bounds.iter().map(|(_, end)| days(end.0 - horizon.start.0));
    let moments: Vec<f64> = std::iter::once(0.0).chain(ends).collect();
    let held = holdings(&moments, tau, if urgency > 0.0 { urgency / eta } else { 0.0 });
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
    let slices = cut.map(|((start, end), shares)| horizon.slice(*start, *end, shares));
    Schedule { slices: slices.collect(), unfilled_shares: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::VolumeCurve;
    use crate::cost::fixture::{ADV, market, session};
    use crate::cost::{Almgren2005, SquareRoot};
    use crate::tape::NANOS_PER_SECOND;
    use proptest::prelude::*;

    fn window(curve: &VolumeCurve, from: i64, to: i64) -> Horizon<'_> {
        let open = session(0).open.0;
        let at = |minutes: i64| Nanos(open + minutes * 60 * NANOS_PER_SECOND);
        Horizon::new(session(0), at(from), at(to), curve, ADV as f64).expect("inside the session")
    }

    fn shares(schedule: &Schedule) -> Vec<i64> {
        schedule.slices.iter().map(|slice| slice.shares).collect()
    }

    #[test]
    fn remainders_go_to_the_largest_and_then_the_earliest() {
        let curve = VolumeCurve::flat();
        assert_eq!(shares(&twap(10, &window(&curve, 0, 4))), [3, 3, 2, 2]);
        let at = |minutes: i64| Nanos(session(0).open.0 + minutes * 60 * NANOS_PER_SECOND);
        let weights = [(at(0), at(1), 0.5), (at(1), at(2), 0.3), (at(2), at(3), 0.2)];
        assert_eq!(shares(&custom(7, &weights, &window(&curve, 0, 4)).expect("in order")), [4, 2, 1]);
    }

    #[test]
    fn a_participation_rate_stops_at_the_window_and_says_what_is_left() {
        let curve = VolumeCurve::flat();
        // 10,000 shares a minute are expected.
        let schedule = pov(50_000, 0.1, &window(&curve, 0, 30));
        assert_eq!((schedule.quantity(), schedule.unfilled_shares), (30_000, 20_000));
        assert!(schedule.slices.iter().all(|s| (s.participation() - 0.1).abs() < 2e-4));
        let short = pov(2_500, 0.1, &window(&curve, 0, 30));
        assert_eq!((short.slices.len(), short.unfilled_shares), (3, 0));
        assert_eq!(pov(10, f64::NAN, &window(&curve, 0, 30)).unfilled_shares, 10);
    }

    #[test]
    fn windows_are_cut_to_the_session_and_into_few_slices() {
        let curve = VolumeCurve::flat();
        let day = window(&curve, -100, 1_000);
        assert_eq!((day.length(), day.slices().len()), (WHOLE_DAY_NANOS, 39));
        assert_eq!(window(&curve, 0, 60).slices().len(), 60);
        let close = session(0).close;
        assert!(Horizon::new(session(0), close, Nanos(close.0 + 1), &curve, 1.0).is_none());
    }

    #[test]
    fn custom_stretches_are_checked() {
        let curve = VolumeCurve::flat();
        let window = window(&curve, 0, 10);
        let at = |minutes: i64| Nanos(session(0).open.0 + minutes * 60 * NANOS_PER_SECOND);
        let misplaced = |index| Err(ScheduleError::Misplaced { index });
        assert_eq!(custom(5, &[(at(0), at(2), 1.0), (at(1), at(3), 1.0)], &window), misplaced(1));
        assert_eq!(custom(5, &[(at(-1), at(2), 1.0)], &window), misplaced(0));
        assert_eq!(custom(5, &[(at(3), at(11), 1.0)], &window), misplaced(0));
        for weight in [f64::NAN, -1.0, f64::INFINITY, 0.0] {
            assert_eq!(custom(5, &[(at(0), at(2), weight)], &window), Err(ScheduleError::Weights));
        }
    }

    #[test]
    fn shortfall_runs_from_even_to_at_once() {
        let curve = VolumeCurve::flat();
        let window = window(&curve, 0, 60);
        let model = CostModel::Almgren2005(Almgren2005::new(&market()).expect("shares are known"));
        let by = |aversion| shares(&shortfall(60_000, aversion, &market(), &model, &window));
        assert_eq!(by(0.0), vec![1_000; 60]);
        let urgent = by(0.05);
        assert!(urgent.windows(2).all(|pair| pair[0] >= pair[1]) && urgent[0] > 1_500, "{urgent:?}");
        assert_eq!(by(1e12)[0], 60_000);
        let root = CostModel::SquareRoot(SquareRoot);
        assert_eq!(shortfall(999, 1.0, &market(), &root, &window).quantity(), 999);
    }

    #[test]
    fn a_short_last_slice_gets_the_shares_of_its_length() {
        let curve = VolumeCurve::flat();
        let open = session(0).open;
        let end = Nanos(open.0 + 3_605 * NANOS_PER_SECOND);
        let window = Horizon::new(session(0), open, end, &curve, ADV as f64).expect("inside the session");
        let model = CostModel::SquareRoot(SquareRoot);
        let of = |aversion| shortfall(36_050, aversion, &market(), &model, &window);
        assert_eq!(of(0.0), twap(36_050, &window), "without aversion it is even in time");
        for aversion in [1e-6, 1e-3, 0.1] {
            let last_two = of(aversion).slices.split_off(of(aversion).slices.len() - 2);
            // Both fall like the same decline; a share is rounding.
            let rate = |s: &Slice| (s.shares as f64 - 1.0) / (s.end.0 - s.start.0) as f64;
            assert!(rate(&last_two[1]) <= rate(&last_two[0]) * 1.01, "{aversion}: {last_two:?}");
        }
    }

    proptest! {
        #[test]
        fn schedules_sum_to_the_quantity(
            quantity in 0_i64..2_000_000_000, from in 0_i64..380, length in 1_i64..400,
            rate in 0.0..2.0, aversion in 0.0..10.0,
        ) {
            let curve = VolumeCurve::flat();
            let window = window(&curve, from, from + length);
            let model = CostModel::SquareRoot(SquareRoot);
            let even = twap(quantity, &window);
            for schedule in [
                vwap(quantity, &window), pov(quantity, rate, &window),
                shortfall(quantity, aversion, &market(), &model, &window), even,
            ] {
                prop_assert_eq!(schedule.quantity() + schedule.unfilled_shares, quantity);
                prop_assert!(schedule.unfilled_shares >= 0);
                prop_assert!(schedule.slices.iter().all(|s| s.shares >= 0 && s.start < s.end));
                let slices = &schedule.slices;
                prop_assert!(slices.windows(2).all(|pair| pair[0].end <= pair[1].start));
                prop_assert!(slices.iter().all(|s| s.participation().is_finite()));
            }
        }
    }
}
