//! Huang and Stoll's split of the spread, two ways and three ways.
//!
//! ```text
//! two    dP_t = (S/2) dQ_t + lambda (S/2) Q_(t-1) + e_t
//! three  dP_t = (S/2) Q_t + (alpha + beta - 1) (S/2) Q_(t-1) - alpha (S/2) (1 - 2 pi) Q_(t-2) + e_t
//!        Q_(t-1) = (1 - 2 pi) Q_(t-2) + w_(t-1)
//! ```
//!
//! traded spread S, price P and side Q of the t-th order; lambda = alpha + beta is what is not order processing:
//! adverse selection alpha and inventory holding beta; pi is the chance that the next order takes the other side.
//! Huang and Stoll, "The components of the bid-ask spread: a general approach", Review of Financial Studies 10 (1997),
//! equations 5, 25 and 26, by their moments (as many as parameters, so that they hold exactly); errors are Newey and
//! West's, with [`newey_west_lags`] lags. Three ways make sense where sides reverse more often than not (pi above
//! one half).

use super::gmm::{self, Square, bread, covariance, least_squares, score};
use super::{Estimate, Order};
use crate::impact::newey_west_lags;

/// Two ways.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoWays {
    /// The traded spread S, dollars.
    pub spread_usd: Estimate,
    /// The share lambda that is adverse selection or inventory holding.
    pub lambda: Estimate,
    /// Price changes.
    pub n: usize,
}

/// Three ways.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThreeWays {
    /// The traded spread S, dollars.
    pub spread_usd: Estimate,
    /// The share of adverse selection.
    pub alpha: Estimate,
    /// The share of inventory holding.
    pub beta: Estimate,
    /// The chance that the next order takes the other side.
    pub pi: Estimate,
    /// Price changes.
    pub n: usize,
}

/// Splits the spread two ways; `None` with fewer than ten changes, without both sides, or a spread of nothing.
#[must_use]
pub fn two_ways(orders: &[Order]) -> Option<TwoWays> {
    let change = |pair: &[Order]| pair[1].price_usd - pair[0].price_usd;
    let y: Vec<f64> = orders.windows(2).map(change).collect();
    let rows: Vec<[f64; 2]> = orders.windows(2).map(|o| [o[1].sign - o[0].sign, o[0].sign]).collect();
    let n = y.len();
    if n < 10 {
        return None;
    }
    let b @ [half, rest] = least_squares(&rows, &y)?;
    let moments: Vec<[f64; 2]> = rows.iter().zip(&y).map(|(x, y)| score(x, *y, &b)).collect();
    let v = covariance(&moments, &bread(&rows), newey_west_lags(n))?;
    let lambda = rest / half;
    (half != 0.0).then(|| TwoWays {
        spread_usd: Estimate { value: 2.0 * half, error: gmm::error(&v, &[2.0, 0.0]) },
        lambda: Estimate { value: lambda, error: gmm::error(&v, &[-lambda / half, 1.0 / half]) },
        n,
    })
}

/// Splits the spread three ways; `None` with fewer than ten changes, or where sides tell nothing of the next.
#[must_use]
pub fn three_ways(orders: &[Order]) -> Option<ThreeWays> {
    let y: Vec<f64> = orders.windows(3).map(|o| o[2].price_usd - o[1].price_usd).collect();
    let rows: Vec<[f64; 3]> = orders.windows(3).map(|o| [o[2].sign, o[1].sign, o[0].sign]).collect();
    let n = y.len();
    if n < 10 {
        return None;
    }
    let b @ [half, first, second] = least_squares(&rows, &y)?;
    let squares: f64 = rows.iter().map(|q| q[2] * q[2]).sum();
    let persistence = rows.iter().map(|q| q[1] * q[2]).sum::<f64>() / squares;
    if half == 0.0 || persistence == 0.0 {
        return None;
    }
    let moments: Vec<[f64; 4]> = rows
        .iter()
        .zip(&y)
        .map(|(q, y)| {
            let [s0, s1, s2] = score(q, *y, &b);
            [s0, s1, s2, (q[1] - persistence * q[2]) * q[2]]
        })
        .collect();
    let mut gradient: Square<4> = [[0.0; 4]; 4];
    for (to, from) in gradient.iter_mut().zip(bread(&rows)) {
        to[..3].copy_from_slice(&from);
    }
    gradient[3][3] = -squares / n as f64;
    let v = covariance(&moments, &gradient, newey_west_lags(n))?;
    // Of half, first, second and persistence.
    let alpha = -second / (half * persistence);
    let of_alpha = [-alpha / half, 0.0, -1.0 / (half * persistence), -alpha / persistence];
    let beta = 1.0 + first / half - alpha;
    let of_beta = [-first / (half * half) - of_alpha[0], 1.0 / half, -of_alpha[2], -of_alpha[3]];
    let estimate = |value, of: [f64; 4]| Estimate { value, error: gmm::error(&v, &of) };
    Some(ThreeWays {
        spread_usd: estimate(2.0 * half, [2.0, 0.0, 0.0, 0.0]),
        alpha: estimate(alpha, of_alpha),
        beta: estimate(beta, of_beta),
        pi: estimate((1.0 - persistence) / 2.0, [0.0, 0.0, 0.0, -0.5]),
        n,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimators::dice::Dice;

    /// Orders of a world with this spread, alpha, beta and chance of reversal; noise of a cent.
    fn world(seed: u64, [spread, alpha, beta, pi]: [f64; 4]) -> Vec<Order> {
        let mut dice = Dice::new(seed);
        let (mut value, mut inventory, mut sign, mut surprise) = (40.0, 0.0, 1.0, 0.0);
        let mut orders = Vec::new();
        for _ in 0..40_000 {
            // The value learns from the surprise in the order before; the mid leans against inventory.
            value += alpha * spread / 2.0 * surprise + 0.01 * dice.normal();
            inventory += beta * spread / 2.0 * sign;
            let before = sign;
            sign = if dice.uniform() < pi { -before } else { before };
            surprise = sign - (1.0 - 2.0 * pi) * before;
            let price_usd = value + inventory + spread / 2.0 * sign;
            orders.push(Order { sign, shares: 100, price_usd, mid_doubled: 0 });
        }
        orders
    }

    #[test]
    fn two_ways_come_back() {
        // With pi of one half a side is all surprise: adverse selection and inventory look alike.
        let found = two_ways(&world(2, [0.125, 0.08, 0.12, 0.5])).expect("a fit");
        assert!(found.spread_usd.distance(0.125) < 4.0, "{found:?}");
        assert!(found.lambda.distance(0.2) < 4.0, "{found:?}");
        assert!(found.spread_usd.error < 5e-4 && found.lambda.error < 5e-3, "{found:?}");
    }

    #[test]
    fn three_ways_come_back() {
        for (seed, pi) in [(3, 0.87), (4, 0.3)] {
            let found = three_ways(&world(seed, [0.125, 0.1, 0.29, pi])).expect("a fit");
            let distances = [
                found.spread_usd.distance(0.125),
                found.alpha.distance(0.1),
                found.beta.distance(0.29),
                found.pi.distance(pi),
            ];
            assert!(distances.iter().all(|errors| *errors < 4.0), "{found:?}");
            assert!(found.alpha.error < 0.02 && found.pi.error < 0.01, "{found:?}");
        }
    }

    #[test]
    fn one_side_alone_says_nothing() {
        let orders = vec![Order { sign: 1.0, shares: 1, price_usd: 1.0, mid_doubled: 0 }; 50];
        assert_eq!((two_ways(&orders), three_ways(&orders)), (None, None));
        assert_eq!(two_ways(&orders[..3]), None);
    }
}
