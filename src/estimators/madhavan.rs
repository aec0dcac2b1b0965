//! Madhavan, Richardson and Roomans's model: asymmetric information, costs, and sides that follow each other.
//!
//! ```text
//! dp_t = a + (phi + theta) x_t - (phi + rho theta) x_(t-1) + e_t,   rho = E[x_t x_(t-1)] / E[x_t²]
//! ```
//!
//! price p and side x of the t-th order; theta is what an unexpected side tells about the value, phi the cost of
//! supplying liquidity, rho the autocorrelation of sides: the implied spread is 2 (phi + theta). Madhavan, Richardson
//! and Roomans, "Why do security prices change? A transaction-level analysis of NYSE stocks", Review of Financial
//! Studies 10 (1997), by their moments, which hold exactly; errors are Newey and West's, with [`newey_west_lags`] lags.

use super::gmm::{self, Square, bread, covariance, least_squares, score};
use super::{Estimate, Order};
use crate::impact::newey_west_lags;

/// What the model says of a session.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Madhavan {
    /// Asymmetric information, dollars a share.
    pub theta_usd: Estimate,
    /// Cost of supplying liquidity, dollars a share.
    pub phi_usd: Estimate,
    /// Autocorrelation of sides.
    pub rho: Estimate,
    /// The implied spread 2 (phi + theta), dollars.
    pub spread_usd: Estimate,
    /// theta / (phi + theta).
    pub adverse_share: Option<Estimate>,
    /// Price changes.
    pub n: usize,
}

/// Fits the orders of one session; `None` with fewer than ten changes, or sides that never vary.
#[must_use]
pub fn madhavan(orders: &[Order]) -> Option<Madhavan> {
    let y: Vec<f64> = orders.windows(2).map(|o| o[1].price_usd - o[0].price_usd).collect();
    let rows: Vec<[f64; 3]> = orders.windows(2).map(|o| [1.0, o[1].sign, o[0].sign]).collect();
    let n = y.len();
    if n < 10 {
        return None;
    }
    // now = phi + theta, before = -(phi + rho theta): theta = (now + before) / (1 - rho).
    let b @ [_, now, before] = least_squares(&rows, &y)?;
    let squares: f64 = rows.iter().map(|x| x[1] * x[1]).sum();
    let rho = rows.iter().map(|x| x[1] * x[2]).sum::<f64>() / squares;
    if rho >= 1.0 {
        return None;
    }
    let v = errors(&rows, &y, &b, rho)?;
    let theta = (now + before) / (1.0 - rho);
    let of_theta = [0.0, 1.0 / (1.0 - rho), 1.0 / (1.0 - rho), theta / (1.0 - rho)];
    let of_phi = [0.0, 1.0 - of_theta[1], -of_theta[2], -of_theta[3]];
    let of_share = [0.0, of_theta[1] / now - theta / (now * now), of_theta[2] / now, of_theta[3] / now];
    let estimate = |value, of: [f64; 4]| Estimate { value, error: gmm::error(&v, &of) };
    Some(Madhavan {
        theta_usd: estimate(theta, of_theta),
        phi_usd: estimate(now - theta, of_phi),
        rho: estimate(rho, [0.0, 0.0, 0.0, 1.0]),
        spread_usd: estimate(2.0 * now, [0.0, 2.0, 0.0, 0.0]),
        adverse_share: (now > 0.0).then(|| estimate(theta / now, of_share)),
        n,
    })
}

/// The covariance of intercept, both slopes and rho.
fn errors(rows: &[[f64; 3]], y: &[f64], b: &[f64; 3], rho: f64) -> Option<Square<4>> {
    let moments = rows.iter().zip(y).map(|(x, y)| {
        let [one, now, before] = score(x, *y, b);
        [one, now, before, x[1] * x[2] - rho * x[1] * x[1]]
    });
    let moments: Vec<[f64; 4]> = moments.collect();
    let mut gradient: Square<4> = [[0.0; 4]; 4];
    for (to, from) in gradient.iter_mut().zip(bread(rows)) {
        to[..3].copy_from_slice(&from);
    }
    gradient[3][3] = gradient[1][1];
    covariance(&moments, &gradient, newey_west_lags(y.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimators::dice::Dice;

    #[test]
    fn a_simulated_world_comes_back() {
        let (theta, phi, rho) = (0.035, 0.02, 0.4);
        let (mut dice, mut value, mut side, mut orders) = (Dice::new(9), 60.0, 1.0, Vec::new());
        for _ in 0..40_000 {
            let before = side;
            // E[x x'] = rho: the side stays with probability (1 + rho) / 2.
            side = if dice.uniform() < (1.0 + rho) / 2.0 { before } else { -before };
            value += theta * (side - rho * before) + 0.02 * dice.normal();
            let price_usd = value + phi * side + 0.005 * dice.normal();
            orders.push(Order { sign: side, shares: 100, price_usd, mid_doubled: 0 });
        }
        let found = madhavan(&orders).expect("a fit");
        let share = found.adverse_share.expect("a share");
        let distances = [
            found.theta_usd.distance(theta),
            found.phi_usd.distance(phi),
            found.rho.distance(rho),
            found.spread_usd.distance(2.0 * (theta + phi)),
            share.distance(theta / (theta + phi)),
        ];
        assert!(distances.iter().all(|errors| *errors < 4.0), "{found:?}");
        assert!(found.theta_usd.error < 1e-3 && share.error < 0.01, "{found:?}");
    }

    #[test]
    fn one_side_alone_says_nothing() {
        let orders = vec![Order { sign: -1.0, shares: 1, price_usd: 1.0, mid_doubled: 0 }; 50];
        assert_eq!(madhavan(&orders), None);
    }
}
