//! Glosten and Harris's split of the spread: what a trade tells for good, and what comes back.
//!
//! ```text
//! dP_t = a + c0 dQ_t + c1 d(Q_t V_t) + z0 Q_t + z1 Q_t V_t + e_t
//! ```
//!
//! price P, side Q, shares V of the t-th order; half the spread of an order of V shares is c0 + c1 V (order
//! processing, comes back) plus z0 + z1 V (adverse selection, stays). Glosten and Harris, "Estimating the components
//! of the bid/ask spread", Journal of Financial Economics 21 (1988), without their rounding of prices to the tick,
//! and with an intercept. Errors are Newey and West's.

use super::Order;
use crate::impact::{Design, FitError, Regression, fit};

/// The fit, and the mean order at which its spread is read.
#[derive(Clone, Debug, PartialEq)]
pub struct GlostenHarris {
    /// Terms: intercept, c0, c1, z0, z1; dollars, and dollars per share.
    pub regression: Regression,
    /// Mean shares of an order.
    pub shares_mean: f64,
}

impl GlostenHarris {
    /// Adverse selection's share of the spread at the mean order; `None` where the spread is not positive.
    #[must_use]
    pub fn adverse_share(&self) -> Option<f64> {
        let term = |i: usize| self.regression.terms[i].coefficient;
        let stays = term(3) + term(4) * self.shares_mean;
        let spread = stays + term(1) + term(2) * self.shares_mean;
        (spread > 0.0).then_some(stays / spread)
    }
}

/// Fits the orders of one session.
///
/// # Errors
/// When there are fewer than eleven orders, or sides or sizes never vary.
pub fn glosten_harris(orders: &[Order], shares_per_unit: f64) -> Result<GlostenHarris, FitError> {
    let n = orders.len().saturating_sub(1);
    let mut design = Design { y: Vec::with_capacity(n), x: vec![Vec::with_capacity(n); 4] };
    let shares = |order: &Order| order.shares as f64 * shares_per_unit;
    for pair in orders.windows(2) {
        let (before, now) = (&pair[0], &pair[1]);
        let (flow_before, flow) = (before.sign * shares(before), now.sign * shares(now));
        design.y.push(now.price_usd - before.price_usd);
        for (column, x) in
            design.x.iter_mut().zip([now.sign - before.sign, flow - flow_before, now.sign, flow])
        {
            column.push(x);
        }
    }
    let shares_mean = orders.iter().map(shares).sum::<f64>() / orders.len().max(1) as f64;
    Ok(GlostenHarris { regression: fit(&design)?, shares_mean })
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
            let (sign, shares) = (dice.sign(), 100 * (1 + dice.poisson(4.0) as i64));
            let flow = sign * shares as f64;
            value += z0 * sign + z1 * flow + 0.01 * dice.normal();
            orders.push(Order { sign, shares, price_usd: value + c0 * sign + c1 * flow, mid_doubled: 0 });
        }
        let found = glosten_harris(&orders, 1.0).expect("a fit");
        for (term, truth) in found.regression.terms.iter().zip([0.0, c0, c1, z0, z1]) {
            let errors = (term.coefficient - truth).abs() / term.errors.hac;
            assert!(errors < 4.0, "{truth}: {term:?}");
        }
        let (stays, back) = (z0 + z1 * 500.0, c0 + c1 * 500.0);
        let share = found.adverse_share().expect("a share");
        assert!((share - stays / (stays + back)).abs() < 0.01, "{share}");
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
        assert_eq!(glosten_harris(&orders, 1.0).err(), Some(FitError::Singular));
        assert_eq!(glosten_harris(&orders[..5], 1.0).err(), Some(FitError::TooFew));
    }
}
