//! Flow and mid change over T market orders, in windows that do not overlap.
//!
//! ```text
//! dV_t(T) = sum_(k=0..T-1) eps_(t+k) v_(t+k)      shares
//! R       = m_(t+T) - m_t                         cents, not multiplied by a sign
//! ```
//!
//! Windows start at t = 0, T, 2T, ... of each day and need the order after their last: none straddles a day. The flow
//! is a signed traded volume in market-order time, not the quotes' order-flow imbalance. Both happen in the same
//! window, so that all that is fitted to them explains and does not forecast.

use serde::Serialize;

use super::response;
use crate::flow::MarketOrder;
use crate::tape::Nanos;

/// T market orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Window {
    /// Which day, counted from 0.
    pub day: usize,
    /// Stamp of the first order.
    #[serde(skip)]
    pub start: Nanos,
    /// dV.
    pub flow_shares: i64,
    /// Twice the mid's change, nano-dollars.
    pub mid_change_doubled: i64,
}

impl Window {
    /// The mid's change.
    #[must_use]
    pub fn change_cents(&self) -> f64 {
        self.mid_change_doubled as f64 / 2e7
    }
}

/// All windows of `orders_per_window` orders, in time order.
#[must_use]
pub fn windows(days: &[Vec<MarketOrder>], orders_per_window: usize) -> Vec<Window> {
    let length = orders_per_window.max(1);
    let of_day = |(day, orders): (usize, &Vec<MarketOrder>)| -> Vec<Window> {
        let starts = (0..orders.len().saturating_sub(length)).step_by(length);
        let window = |t: usize| Window {
            day,
            start: orders[t].ts,
            flow_shares: orders[t..t + length].iter().map(|o| o.sign.value() * o.shares).sum(),
            mid_change_doubled: orders[t + length].mid_doubled - orders[t].mid_doubled,
        };
        starts.map(window).collect()
    };
    days.iter().enumerate().flat_map(of_day).collect()
}

/// Windows in the units of Bouchaud et al. (2018, section 11.4), in which days of different liquidity compare: flow
/// over the day's traded shares, change over the day's R(1). Days whose R(1) is not positive have no such unit.
#[must_use]
pub fn rescaled(days: &[Vec<MarketOrder>], windows: &[Window]) -> (Vec<f64>, Vec<f64>) {
    let unit = |orders: &Vec<MarketOrder>| {
        let day = response::day(orders)?;
        day.r1_cents.filter(|r1| *r1 > 0.0).map(|r1| (day.shares as f64, r1))
    };
    let units: Vec<Option<(f64, f64)>> = days.iter().map(unit).collect();
    let one = |w: &Window| units[w.day].map(|(v, r1)| (w.flow_shares as f64 / v, w.change_cents() / r1));
    windows.iter().filter_map(one).unzip()
}

#[cfg(test)]
mod tests {
    use super::super::tests::order;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn windows_do_not_overlap_and_stop_at_the_night() {
        let first: Vec<MarketOrder> = (0..5).map(|i| order(i, 1, 100 + i, 1000 + i)).collect();
        let second = vec![order(90_000, -1, 10, 9000), order(90_001, 1, 30, 9001), order(90_002, 1, 1, 8990)];
        let days = [first, second];
        let told: Vec<(usize, i64, f64)> =
            windows(&days, 2).iter().map(|w| (w.day, w.flow_shares, w.change_cents())).collect();
        assert_eq!(told, [(0, 201, 2.0), (0, 205, 2.0), (1, 20, -10.0)]);
        assert!(windows(&days, 5).is_empty());
    }

    #[test]
    fn a_day_is_its_own_yardstick() {
        let first = vec![order(0, 1, 100, 1000), order(1, 1, 100, 1002), order(2, 1, 200, 1004)];
        let against = vec![order(90_000, -1, 10, 9000), order(90_001, -1, 30, 9001)];
        let days = [first, against];
        let (flow, change) = rescaled(&days, &windows(&days, 1));
        assert_eq!((flow, change), (vec![0.25, 0.25], vec![1.0, 1.0]));
    }

    proptest! {
        #[test]
        fn windows_add_up_to_the_days(
            signs in prop::collection::vec(prop::bool::ANY, 0..80), length in 1_usize..12,
        ) {
            let sign = |buys: bool| if buys { 1 } else { -1 };
            let steps = signs.iter().enumerate();
            let orders: Vec<MarketOrder> =
                steps.map(|(i, b)| order(i as i64, sign(*b), 10 * i as i64 + 1, 1000 + i as i64 % 7)).collect();
            let found = windows(std::slice::from_ref(&orders), length);
            prop_assert_eq!(found.len(), orders.len().saturating_sub(1) / length);
            let end = found.len() * length;
            let flow: i64 = orders[..end].iter().map(|o| o.sign.value() * o.shares).sum();
            prop_assert_eq!(found.iter().map(|w| w.flow_shares).sum::<i64>(), flow);
            if end > 0 {
                let change = orders[end].mid_doubled - orders[0].mid_doubled;
                prop_assert_eq!(found.iter().map(|w| w.mid_change_doubled).sum::<i64>(), change);
            }
        }
    }
}
