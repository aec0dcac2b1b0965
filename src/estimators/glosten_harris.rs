//! Glosten and Harris's split of the spread: what a trade tells for good, and what comes back.
//!
//! ```text
//! dP_t = a + c0 dQ_t + c1 d(Q_t V_t) + z0 Q_t + z1 Q_t V_t + e_t
//! ```
//!
//! price P, side Q, shares V of the t-th order; half the spread of an order of V shares is c0 + c1 V (order
//! processing, comes back) plus z0 + z1 V (adverse selection, stays). Glosten and Harris, "Estimating the components
//! of the bid/ask spread", Journal of Financial Economics 21 (1988), without their rounding of prices to the tick,
//! and with an intercept. Errors are Newey and West's, with [`newey_west_lags`] lags.

use super::gmm::{bread, covariance, error, least_squares, score};
use super::{Estimate, Order};
use crate::impact::newey_west_lags;

/// The split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GlostenHarris {
    /// Order processing: dollars, and dollars per share.
    pub c: [Estimate; 2],
    /// Adverse selection: dollars, and dollars per share.
    pub z: [Estimate; 2],
    /// Adverse selection's part of the spread of the mean order; `None` where that is not positive.
    pub adverse_share: Option<Estimate>,
    /// Price changes.
    pub n: usize,
}

/// Fits the orders of one session; `None` with fewer than ten changes, or where sides or sizes never vary.
#[must_use]
pub fn glosten_harris(orders: &[Order], shares_per_unit: f64) -> Option<GlostenHarris> {
    let n = orders.len().checked_sub(1).filter(|n| *n >= 10)?;
    let shares = |order: &Order| order.shares as f64 * shares_per_unit;
    // Sizes in mean orders, so that all regressors are of one scale.
    let mean = orders.iter().map(shares).sum::<f64>() / orders.len() as f64;
    let row = |pair: &[Order]| {
        let [before, now] = [0, 1].map(|i| pair[i].sign * shares(&pair[i]) / mean);
        [1.0, pair[1].sign - pair[0].sign, now - before, pair[1].sign, now]
    };
    let rows: Vec<[f64; 5]> = orders.windows(2).map(row).collect();
    let y: Vec<f64> = orders.windows(2).map(|pair| pair[1].price_usd - pair[0].price_usd).collect();
    let b @ [_, c0, c1, z0, z1] = least_squares(&rows, &y)?;
    let moments: Vec<[f64; 5]> = rows.iter().zip(&y).map(|(x, y)| score(x, *y, &b)).collect();
    let v = covariance(&moments, &bread(&rows), newey_west_lags(n))?;
    let estimate = |index: usize, scale: f64| Estimate {
        value: b[index] / scale,
        error: v[index][index].max(0.0).sqrt() / scale,
    };
    let (stays, spread) = (z0 + z1, c0 + c1 + z0 + z1);
    let share = stays / spread;
    let of_share = [0.0, -share / spread, -share / spread, (1.0 - share) / spread, (1.0 - share) / spread];
    Some(GlostenHarris {
        c: [estimate(1, 1.0), estimate(2, mean)],
        z: [estimate(3, 1.0), estimate(4, mean)],
        adverse_share: (spread > 0.0).then(|| Estimate { value: share, error: error(&v, &of_share) }),
        n,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimators::dice::Dice;

    #[test]
    fn a_simulated_world_comes_back() {
        let (c0, c1, z0, z1) = (0.01, -2e-6, 0.004, 1e-5);
        let (mut dice, mut value, mut orders) = (Dice::new(5), 50.0, Vec::new());
        for _ in 0..20_000 {
            let (sign, shares) = (dice.sign(), 100 * (1 + i128::from(dice.poisson(4.0))));
            let flow = sign * shares as f64;
            value += z0 * sign + z1 * flow + 0.01 * dice.normal();
            orders.push(Order { sign, shares, price_usd: value + c0 * sign + c1 * flow, mid_doubled: 0 });
        }
        let found = glosten_harris(&orders, 1.0).expect("a fit");
        let [found_c0, found_c1] = found.c;
        let [found_z0, found_z1] = found.z;
        let (stays, back) = (z0 + z1 * 500.0, c0 + c1 * 500.0);
        let share = found.adverse_share.expect("a share");
        for (estimate, truth) in
            [(found_c0, c0), (found_c1, c1), (found_z0, z0), (found_z1, z1), (share, stays / (stays + back))]
        {
            assert!(estimate.distance(truth) < 4.0, "{estimate:?} for {truth}");
        }
        assert!(found_c0.error < 3e-4 && found_z1.error < 1e-6 && share.error < 0.01, "{found:?}");
    }

    #[test]
    fn orders_of_one_size_cannot_tell_size_from_side() {
        let order = |i: i64| Order {
            sign: [1.0, -1.0][(i % 2) as usize],
            shares: 100,
            price_usd: 10.0 + (i % 3) as f64,
            mid_doubled: 0,
        };
        let orders: Vec<Order> = (0..30).map(order).collect();
        assert_eq!(glosten_harris(&orders, 1.0), None);
        assert_eq!(glosten_harris(&orders[..5], 1.0), None);
    }
}
