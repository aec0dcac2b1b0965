//! What one market order does to the mid: the lag-1 response, whole and by the order's size.
//!
//! In: days of [`MarketOrder`]s. With t counting market orders, m_t the mid just before order t, eps_t its side and
//! v_t its shares:
//!
//! ```text
//! R(1)    = < eps_t (m_(t+1) - m_t) >                                    cents
//! R(v,1)  = < eps_t (m_(t+1) - m_t) | v_t / Vbar_best in bin >           cents
//! Vbar_best = mean shares at the opposite best quote just before, of the day
//! ```
//!
//! A day's last order has no successor and no response: nothing crosses a day. Bins are [2^k, 2^(k+1)). The error of
//! R(1) is Newey-West's over the orders in time, that of a bin the plain one. Source: Bugaenko (2020, arXiv
//! 2004.08290); Bouchaud, Bonart, Donier and Gould (2018), section 11.3.

use std::collections::BTreeMap;

use serde::Serialize;

use super::moments::{hac_error, mean, plain_error};
use crate::flow::MarketOrder;
use crate::tape::NYSE;

/// Nano-dollars in a cent.
const CENT: f64 = 1e7;

/// The lag-1 response of all days.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Response {
    /// R(1).
    pub r1_cents: Option<f64>,
    /// Its Newey-West error.
    pub r1_se_hac_cents: Option<f64>,
    /// Market orders with a successor on their day.
    pub r1_n: usize,
    /// Mean spread just before the market orders.
    pub spread_mean_cents: Option<f64>,
    /// R(v,1), by ascending size.
    pub by_volume: Vec<VolumeBin>,
}

/// R(v,1) of orders of about one size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct VolumeBin {
    /// Least v / Vbar_best.
    pub volume_over_best_low: f64,
    /// Up to below this.
    pub volume_over_best_high: f64,
    /// Its mean in the bin.
    pub volume_over_best_mean: f64,
    /// Mean signed change of the mid.
    pub response_cents: f64,
    /// Its error; `None` for one order alone.
    pub se_cents: Option<f64>,
    /// Orders.
    pub n: usize,
}

/// A day's own numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Day {
    /// The New York date, `YYYY-MM-DD`.
    pub date: String,
    /// Market orders.
    pub market_orders: usize,
    /// What they traded.
    pub shares: i64,
    /// Vbar_best.
    pub opposite_best_mean_shares: f64,
    /// R(1) of the day.
    pub r1_cents: Option<f64>,
    /// Mean spread just before them.
    pub spread_mean_cents: f64,
}

/// A day's own numbers; `None` of a day without orders.
#[must_use]
pub fn day(orders: &[MarketOrder]) -> Option<Day> {
    let of = |f: fn(&MarketOrder) -> f64| mean(&orders.iter().map(f).collect::<Vec<_>>());
    Some(Day {
        date: NYSE.date_of(orders.first()?.ts).to_string(),
        market_orders: orders.len(),
        shares: orders.iter().map(|o| o.shares).sum(),
        opposite_best_mean_shares: of(|o| o.opposite_shares as f64)?,
        r1_cents: mean(&responses(orders)),
        spread_mean_cents: of(|o| o.spread as f64 / CENT)?,
    })
}

/// The lag-1 response.
#[must_use]
pub fn response(days: &[Vec<MarketOrder>]) -> Response {
    let all: Vec<f64> = days.iter().flat_map(|orders| responses(orders)).collect();
    let spreads: Vec<f64> = days.iter().flatten().map(|o| o.spread as f64 / CENT).collect();
    Response {
        r1_cents: mean(&all),
        r1_se_hac_cents: hac_error(&all),
        r1_n: all.len(),
        spread_mean_cents: mean(&spreads),
        by_volume: by_volume(days),
    }
}

/// eps_t (m_(t+1) - m_t) of a day, cents.
fn responses(orders: &[MarketOrder]) -> Vec<f64> {
    let one = |pair: &[MarketOrder]| {
        let change = pair[1].mid_doubled - pair[0].mid_doubled;
        (pair[0].sign.value() * change) as f64 / (2.0 * CENT)
    };
    orders.windows(2).map(one).collect()
}

fn by_volume(days: &[Vec<MarketOrder>]) -> Vec<VolumeBin> {
    let mut bins: BTreeMap<i32, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for orders in days {
        let Some(best) = day(orders).map(|d| d.opposite_best_mean_shares) else { continue };
        for (order, response) in orders.iter().zip(responses(orders)) {
            let size = order.shares as f64 / best;
            let (sizes, responses) = bins.entry(octave(size)).or_default();
            sizes.push(size);
            responses.push(response);
        }
    }
    let bin = |(k, (sizes, responses)): (i32, (Vec<f64>, Vec<f64>))| {
        Some(VolumeBin {
            volume_over_best_low: 2.0_f64.powi(k),
            volume_over_best_high: 2.0_f64.powi(k + 1),
            volume_over_best_mean: mean(&sizes)?,
            response_cents: mean(&responses)?,
            se_cents: plain_error(&responses),
            n: sizes.len(),
        })
    };
    bins.into_iter().filter_map(bin).collect()
}

/// k with 2^k <= x < 2^(k+1), for positive x: the exponent of the float itself.
fn octave(x: f64) -> i32 {
    ((x.to_bits() >> 52) & 0x7ff) as i32 - 1023
}

#[cfg(test)]
mod tests {
    use super::super::tests::order;
    use super::*;

    #[test]
    fn the_response_is_signed_and_stops_at_the_night() {
        // Mids in cents: +1 after a buy, -2 after a sell, and a gap over the night that nobody sees.
        let first = vec![order(0, 1, 100, 1000), order(1, -1, 300, 1001), order(2, 1, 100, 999)];
        let second = vec![order(86_400, 1, 100, 5000), order(86_401, 1, 100, 5003)];
        let found = response(&[first.clone(), second]);
        assert_eq!((found.r1_cents, found.r1_n), (Some(2.0), 3));
        let day = day(&first).expect("a day");
        assert_eq!((day.shares, day.opposite_best_mean_shares, day.r1_cents), (500, 200.0, Some(1.5)));
        let bins: Vec<(f64, f64, usize)> =
            found.by_volume.iter().map(|b| (b.volume_over_best_low, b.response_cents, b.n)).collect();
        assert_eq!(bins, [(0.5, 2.0, 2), (1.0, 2.0, 1)]);
        assert_eq!(found.spread_mean_cents, Some(2.0));
    }

    #[test]
    fn octaves_are_half_open() {
        assert_eq!([0.25, 0.49, 0.5, 1.0, 1.99, 2.0].map(octave), [-2, -2, -1, 0, 0, 1]);
    }
}
