//! Slopes kept up to date bar by bar: recursive ridge regression, equal at every bar to the joint fit.
//!
//! After bar t, with z_i = (1, x_i) and y_i the mid's change of bar i,
//!
//! ```text
//! beta_t = (S_t + gamma I)^-1 b_t,   S_t = sum_i w_i z_i z_i',   b_t = sum_i w_i z_i y_i
//! ```
//!
//! where w_i is 1 for every bar ([`Memory::All`]), 1 for the last n and 0 before ([`Memory::Last`]), or
//! 2^(-(t - i) / h) ([`Memory::Fading`]). It is the recursive ridge of online continual learning (R and W of
//! AEF-OCL are (S + gamma I)^-1 and beta), kept as S and b instead of the inverse: flows and price changes are whole
//! numbers, so S and b are exact, bars leave a window without a trace, and no error builds up however long it runs.
//! Only the fading memory rounds, and forgets its rounding as it forgets its bars.

use std::collections::VecDeque;

use super::inference::{Matrix, invert};
use super::{FitError, Model};
use crate::flow::{Bar, BarRecord};
use crate::limits::ONLINE_BARS_MAX;

/// Nano-dollars, doubled, in a cent.
const DOUBLED_NANOS_PER_CENT: f64 = 2e7;
/// The intercept and two flows.
const TERMS_MAX: usize = 3;

/// Which bars count, and how much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Memory {
    /// All alike.
    All,
    /// The last so many, at most [`ONLINE_BARS_MAX`].
    Last(usize),
    /// All, each half as much as the one so many bars later.
    Fading {
        /// Half-life in bars, positive.
        half_life_bars: f64,
    },
}

/// What a bar adds: the change of the close mid and the flows, in exact units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Observation {
    /// Twice the mid's change, nano-dollars.
    pub change_doubled_nanos: i64,
    /// Order-flow imbalance, shares.
    pub ofi_shares: i64,
    /// Trade imbalance, shares.
    pub trade_imbalance_shares: i64,
}

impl Observation {
    /// A bar's; none without a price change.
    #[must_use]
    pub fn of(bar: &Bar) -> Option<Self> {
        bar.mid_change_doubled.map(|change_doubled_nanos| Self {
            change_doubled_nanos,
            // Live tape has whole shares, and sums of those fit.
            ofi_shares: bar.ofi as i64,
            trade_imbalance_shares: bar.trade_imbalance() as i64,
        })
    }

    /// A stored bar's, the same as the fresh one's.
    #[must_use]
    pub fn of_record(bar: &BarRecord) -> Option<Self> {
        bar.mid_change_cents.map(|cents| Self {
            change_doubled_nanos: (cents * DOUBLED_NANOS_PER_CENT).round() as i64,
            ofi_shares: bar.ofi_shares,
            trade_imbalance_shares: bar.trade_imbalance_shares(),
        })
    }

    /// 1, the model's flows, and the change: the row whose products are summed.
    fn row(&self, model: Model) -> [i64; TERMS_MAX + 1] {
        let y = self.change_doubled_nanos;
        match model {
            Model::Ofi => [1, self.ofi_shares, y, 0],
            Model::Kyle | Model::KyleRelative => [1, self.trade_imbalance_shares, y, 0],
            Model::OfiKyle => [1, self.ofi_shares, self.trade_imbalance_shares, y],
        }
    }
}

/// Sums of products of rows; the last filled column is y.
#[derive(Clone, Debug)]
enum Sums {
    Exact([[i128; TERMS_MAX + 1]; TERMS_MAX + 1]),
    Fading { keep: f64, sums: [[f64; TERMS_MAX + 1]; TERMS_MAX + 1] },
}

/// A regression that takes one bar after the other.
#[derive(Clone, Debug)]
pub struct Online {
    model: Model,
    ridge: f64,
    last: Option<usize>,
    window: VecDeque<Observation>,
    seen: usize,
    sums: Sums,
}

/// Coefficients after some bar.
#[derive(Clone, Debug, PartialEq)]
pub struct OnlineFit {
    /// Intercept (cents) first, then cents per share, in the order of [`Model::terms`].
    pub coefficients: Vec<f64>,
    /// Sum of the weights: how many bars this rests on.
    pub n: f64,
}

impl Online {
    /// Nothing seen yet. `ridge` is gamma, in observations for the intercept and shares² for slopes; 0 is plain
    /// least squares.
    ///
    /// [`Model::KyleRelative`] has no online form, since its units are not whole; it is taken as [`Model::Kyle`].
    #[must_use]
    pub fn new(model: Model, memory: Memory, ridge: f64) -> Self {
        let exact = Sums::Exact(Default::default());
        let (last, sums) = match memory {
            Memory::All => (None, exact),
            Memory::Last(bars) => (Some(bars.clamp(1, ONLINE_BARS_MAX)), exact),
            Memory::Fading { half_life_bars } => {
                let keep = (-1.0 / half_life_bars).exp2();
                (None, Sums::Fading { keep, sums: Default::default() })
            }
        };
        Self { model, ridge, last, window: VecDeque::new(), seen: 0, sums }
    }

    /// A bar arrives.
    pub fn observe(&mut self, observation: Observation) {
        let row = observation.row(self.model);
        self.seen += 1;
        match &mut self.sums {
            Sums::Exact(sums) => {
                add(sums, &row, 1);
                if let Some(last) = self.last {
                    self.window.push_back(observation);
                    if self.window.len() > last
                        && let Some(leaving) = self.window.pop_front()
                    {
                        add(sums, &leaving.row(self.model), -1);
                    }
                }
            }
            Sums::Fading { keep, sums } => {
                for (cells, left) in sums.iter_mut().zip(row) {
                    for (cell, right) in cells.iter_mut().zip(row) {
                        *cell = *keep * *cell + left as f64 * right as f64;
                    }
                }
            }
        }
    }

    /// The coefficients as they stand.
    ///
    /// # Errors
    /// [`FitError::TooFew`] before there are more bars than coefficients, [`FitError::Singular`] when a flow has not
    /// varied and no ridge holds it.
    pub fn fit(&self) -> Result<OnlineFit, FitError> {
        let k = self.model.terms().len();
        let cell = |i: usize, j: usize| match &self.sums {
            Sums::Exact(sums) => sums[i][j] as f64,
            Sums::Fading { sums, .. } => sums[i][j],
        };
        let n = cell(0, 0);
        if self.seen.min(self.last.unwrap_or(usize::MAX)) <= k {
            return Err(FitError::TooFew);
        }
        let diagonal = |i: usize| cell(i, i) + self.ridge;
        if (0..k).any(|i| diagonal(i) <= 0.0) {
            return Err(FitError::Singular);
        }
        // Unit diagonal first: shares squared beside a count would cost the inverse half its digits.
        let scales: Vec<f64> = (0..k).map(|i| diagonal(i).sqrt()).collect();
        let scaled =
            |i: usize, j: usize| (if i == j { diagonal(i) } else { cell(i, j) }) / (scales[i] * scales[j]);
        let matrix: Matrix = (0..k).map(|i| (0..k).map(|j| scaled(i, j)).collect()).collect();
        let inverse = invert(matrix.clone()).ok_or(FitError::Singular)?;
        let right: Vec<f64> = (0..k).map(|i| cell(i, k) / scales[i]).collect();
        let mut solution = times(&inverse, &right);
        // One step of refinement, as in the joint fit.
        let said = times(&matrix, &solution);
        let missing: Vec<f64> = right.iter().zip(said).map(|(r, s)| r - s).collect();
        solution.iter_mut().zip(times(&inverse, &missing)).for_each(|(b, step)| *b += step);
        let in_cents = solution.iter().zip(&scales).map(|(b, scale)| b / scale / DOUBLED_NANOS_PER_CENT);
        Ok(OnlineFit { coefficients: in_cents.collect(), n })
    }
}

/// Adds a row's products, or takes them away. Sums of believable bars are far from wrapping (see `limits`), and one
/// that wraps unwraps when its bars leave.
fn add(sums: &mut [[i128; TERMS_MAX + 1]; TERMS_MAX + 1], row: &[i64; TERMS_MAX + 1], sign: i128) {
    for (cells, left) in sums.iter_mut().zip(row) {
        for (cell, right) in cells.iter_mut().zip(row) {
            let product = i128::from(*left).wrapping_mul(i128::from(*right));
            *cell = cell.wrapping_add(sign.wrapping_mul(product));
        }
    }
}

fn times(matrix: &Matrix, vector: &[f64]) -> Vec<f64> {
    matrix.iter().map(|row| row.iter().zip(vector).map(|(m, v)| m * v).sum()).collect()
}

#[cfg(test)]
mod tests;
