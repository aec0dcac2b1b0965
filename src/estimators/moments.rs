//! Least squares of a long series from its sums of products: one pass, no copy of the regressors.
//!
//! In: rows of K regressors (an intercept is a column of ones) and a response, at unit scale. Out: coefficients and
//! the sum of squared residuals, y'y - b'X'y. Where inference is asked for, `impact::fit` is the way.

use super::gmm::{Square, inverse};

/// X'X, X'y and y'y so far.
#[derive(Clone, Debug)]
pub(super) struct Moments<const K: usize> {
    products: Square<K>,
    across: [f64; K],
    squares: f64,
}

/// What solves the normal equations.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Solution<const K: usize> {
    pub coefficients: [f64; K],
    pub residual_squares: f64,
}

impl<const K: usize> Default for Moments<K> {
    fn default() -> Self {
        Self { products: [[0.0; K]; K], across: [0.0; K], squares: 0.0 }
    }
}

impl<const K: usize> Moments<K> {
    #[inline]
    pub fn add(&mut self, row: &[f64; K], y: f64) {
        for (i, x) in row.iter().enumerate() {
            // The lower triangle alone.
            for (cell, other) in self.products[i][..=i].iter_mut().zip(row) {
                *cell += x * other;
            }
            self.across[i] += x * y;
        }
        self.squares += y * y;
    }

    /// `None` where the regressors are collinear.
    pub fn solve(mut self) -> Option<Solution<K>> {
        for i in 0..K {
            for j in 0..i {
                self.products[j][i] = self.products[i][j];
            }
        }
        let dot = |a: &[f64; K], b: &[f64; K]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let coefficients = inverse(&self.products)?.map(|row| dot(&row, &self.across));
        let residual_squares = (self.squares - dot(&coefficients, &self.across)).max(0.0);
        Some(Solution { coefficients, residual_squares })
    }
}
