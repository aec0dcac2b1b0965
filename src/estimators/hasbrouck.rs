//! Hasbrouck's vector autoregression of quote revisions and trades, in trade time.
//!
//! ```text
//! r_t = a0 + sum_(i=1..p) a_i r_(t-i) + sum_(i=0..p) b_i x_(t-i) + v1_t
//! x_t = c0 + sum_(i=1..p) c_i r_(t-i) + sum_(i=1..p) d_i x_(t-i) + v2_t
//! permanent impact   response of r_t + ... + r_(t+h) to v2_t = 1 above what was expected
//! information share  theta_x² V2 / (theta_x² V2 + theta_r² V1)
//!   with theta_x = B / D, theta_r = (1 - sum d) / D, D = (1 - sum a)(1 - sum d) - B sum c, B = sum b, V = var v
//! ```
//!
//! x_t is what the t-th order says (its side, its signed shares, or its signed root shares) and r_t the log change of
//! the mid that follows it, basis points: from just before it to just before the next order. theta are the responses
//! without end; the information share is the part of the variance of the efficient price that comes with trades.
//! Hasbrouck, "Measuring the information content of stock trades", Journal of Finance 46 (1991); the share: "The
//! summary informativeness of stock trades", Review of Financial Studies 4 (1991). An intercept in each equation takes
//! up drift. Lags never reach beyond the session: it begins with the order that has p before it.

use super::Order;
use super::moments::Moments;

/// Lags of both series.
pub const LAGS: usize = 5;
/// Orders after which the impact is read.
pub const HORIZON: usize = 20;
/// Regressors of the quote equation: the intercept, p lags of r, x and its p lags.
const WIDE: usize = 2 * LAGS + 2;
/// Regressors of the trade equation.
const NARROW: usize = WIDE - 1;

/// What an order says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// Its side.
    Sign,
    /// Its signed shares.
    Shares,
    /// Its side times the root of its shares.
    RootShares,
}

impl Says {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Sign, Self::Shares, Self::RootShares];

    fn of(self, order: &Order, shares_per_unit: f64) -> f64 {
        let shares = order.shares as f64 * shares_per_unit;
        match self {
            Self::Sign => order.sign,
            Self::Shares => order.sign * shares,
            Self::RootShares => order.sign * shares.sqrt(),
        }
    }
}

/// The fitted equations and what follows from them.
#[derive(Clone, Debug, PartialEq)]
pub struct Hasbrouck {
    /// a_1, ..., a_p.
    pub a: [f64; LAGS],
    /// b_0, ..., b_p, basis points for a unit of x.
    pub b: [f64; LAGS + 1],
    /// c_1, ..., c_p.
    pub c: [f64; LAGS],
    /// d_1, ..., d_p.
    pub d: [f64; LAGS],
    /// Variance of v1, square basis points.
    pub v1: f64,
    /// Variance of v2.
    pub v2: f64,
    /// Observations of each equation.
    pub n: usize,
}

/// One observation: what the order says, and the revision that follows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// x_t.
    pub x: f64,
    /// r_t, basis points.
    pub r: f64,
}

/// Orders as observations: those with a usable quote, the last one only to end the revision before it.
#[must_use]
pub fn steps(orders: &[Order], says: Says, shares_per_unit: f64) -> Vec<Step> {
    let quoted: Vec<&Order> = orders.iter().filter(|order| order.mid_doubled > 0).collect();
    let revision = |pair: &[&Order]| 1e4 * (pair[1].mid_doubled as f64 / pair[0].mid_doubled as f64).ln();
    quoted.windows(2).map(|pair| Step { x: says.of(pair[0], shares_per_unit), r: revision(pair) }).collect()
}

/// Fits both equations; `None` where there are fewer than two observations a coefficient, or a series never varies.
#[must_use]
pub fn hasbrouck(steps: &[Step]) -> Option<Hasbrouck> {
    let n = steps.len().checked_sub(LAGS).filter(|n| *n >= 2 * WIDE)?;
    // Both series at unit scale: shares beside revisions would cost the normal equations their digits.
    let root_mean_square =
        |of: fn(&Step) -> f64| (steps.iter().map(|s| of(s).powi(2)).sum::<f64>() / steps.len() as f64).sqrt();
    let (scale_r, scale_x) = (root_mean_square(|s| s.r), root_mean_square(|s| s.x));
    if scale_r == 0.0 || scale_x == 0.0 {
        return None;
    }
    let scaled: Vec<Step> = steps.iter().map(|s| Step { x: s.x / scale_x, r: s.r / scale_r }).collect();
    let (mut quotes, mut trades) = (Moments::<WIDE>::default(), Moments::<NARROW>::default());
    for window in scaled.windows(LAGS + 1) {
        let now = window[LAGS];
        // 1, r_(t-1) .. r_(t-p), x_(t-1) .. x_(t-p), and for quotes x_t.
        let mut row = [1.0; WIDE];
        for lag in 1..=LAGS {
            row[lag] = window[LAGS - lag].r;
            row[LAGS + lag] = window[LAGS - lag].x;
        }
        row[WIDE - 1] = now.x;
        quotes.add(&row, now.r);
        let mut narrow = [0.0; NARROW];
        narrow.copy_from_slice(&row[..NARROW]);
        trades.add(&narrow, now.x);
    }
    let (of_r, of_x) = (quotes.solve()?, trades.solve()?);
    let (r_by_x, x_by_r) = (scale_r / scale_x, scale_x / scale_r);
    let lagged = |from: &[f64], scale: f64| std::array::from_fn::<f64, LAGS, _>(|i| from[i] * scale);
    let mut b = [of_r.coefficients[WIDE - 1] * r_by_x; LAGS + 1];
    b[1..].copy_from_slice(&lagged(&of_r.coefficients[LAGS + 1..], r_by_x));
    Some(Hasbrouck {
        a: lagged(&of_r.coefficients[1..], 1.0),
        b,
        c: lagged(&of_x.coefficients[1..], x_by_r),
        d: lagged(&of_x.coefficients[LAGS + 1..], 1.0),
        v1: of_r.residual_squares / n as f64 * scale_r * scale_r,
        v2: of_x.residual_squares / n as f64 * scale_x * scale_x,
        n,
    })
}

impl Hasbrouck {
    /// The response of the log mid to an unexpected unit of x, after that order and `horizon` more, basis points.
    #[must_use]
    pub fn impact(&self, horizon: usize) -> f64 {
        let (mut r, mut x) = (vec![0.0; LAGS], vec![0.0; LAGS]);
        let mut total = 0.0;
        for step in 0..=horizon {
            // The newest stands last.
            let lagged = |values: &[f64], by: &[f64]| {
                by.iter().zip(values.iter().rev()).map(|(b, v)| b * v).sum::<f64>()
            };
            let shock = f64::from(u8::from(step == 0));
            let x_now = shock + lagged(&r, &self.c) + lagged(&x, &self.d);
            let r_now = lagged(&r, &self.a) + self.b[0] * x_now + lagged(&x, &self.b[1..]);
            r.push(r_now);
            x.push(x_now);
            total += r_now;
        }
        total
    }

    /// theta_x and theta_r: the responses without end to a unit of v2 and of v1; `None` where the sums say that
    /// the series explode.
    #[must_use]
    pub fn long_run(&self) -> Option<(f64, f64)> {
        let sum = |values: &[f64]| values.iter().sum::<f64>();
        let (a, b, c, d) = (sum(&self.a), sum(&self.b), sum(&self.c), sum(&self.d));
        let determinant = (1.0 - a) * (1.0 - d) - b * c;
        (determinant > 0.0 && d < 1.0).then(|| (b / determinant, (1.0 - d) / determinant))
    }

    /// The part of the efficient price's variance that comes with trades, between 0 and 1.
    #[must_use]
    pub fn information_share(&self) -> Option<f64> {
        let (by_trades, by_news) = self.long_run()?;
        let (with, without) = (by_trades.powi(2) * self.v2, by_news.powi(2) * self.v1);
        (with + without > 0.0).then(|| with / (with + without))
    }
}

#[cfg(test)]
mod tests;
