//! Standard errors of least squares: classic, White's and Newey-West's.
//!
//! White, "A heteroskedasticity-consistent covariance matrix estimator", Econometrica 48 (1980); Newey and West,
//! "A simple, positive semi-definite, heteroskedasticity and autocorrelation consistent covariance matrix",
//! Econometrica 55 (1987).

/// The normal quantile of a 95 % interval, as statsmodels uses with a robust covariance.
pub const Z_95: f64 = 1.959_964;

/// Smallest pivot, against the largest, that still counts as a regressor of its own.
const PIVOT_MIN: f64 = 1e-13;

/// Standard errors of one coefficient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Errors {
    /// Classic.
    pub ols: f64,
    /// White, HC0.
    pub white: f64,
    /// Newey-West, Bartlett kernel.
    pub hac: f64,
}

impl Errors {
    pub(super) fn over(self, scale: f64) -> Self {
        Self { ols: self.ols / scale, white: self.white / scale, hac: self.hac / scale }
    }
}

/// L = floor(4 (n / 100)^(2/9)), decided in whole numbers: the largest L with 100² L⁹ <= 4⁹ n². A float's power
/// falls short of exact results such as 16 at n = 51,200.
#[must_use]
pub fn newey_west_lags(n: usize) -> usize {
    let bound = 4_u128.pow(9) * (n as u128) * (n as u128);
    let fits = |lags: &usize| 10_000 * (*lags as u128).pow(9) <= bound;
    (1..).take_while(fits).last().unwrap_or(0)
}

/// B = (X'X)⁻¹ from the n rows of X, intercept column included; `None` when it cannot be inverted.
pub(super) fn bread(rows: &[Vec<f64>]) -> Option<Matrix> {
    invert(outer_sum(rows, rows, rows.first()?.len()))
}

/// b <- b + B X'e: one Newton step on the normal equations.
pub(super) fn refine(coefficients: &mut [f64], bread: &Matrix, rows: &[Vec<f64>], residuals: &[f64]) {
    let score = |i: usize| rows.iter().zip(residuals).map(|(row, e)| row[i] * e).sum::<f64>();
    let scores: Vec<f64> = (0..coefficients.len()).map(score).collect();
    for (coefficient, row) in coefficients.iter_mut().zip(bread) {
        *coefficient += row.iter().zip(&scores).map(|(b, s)| b * s).sum::<f64>();
    }
}

/// Errors of every coefficient, from the rows of X, the bread B and the residuals.
///
/// With scores s_t = e_t x_t: classic s² B; White B (sum s_t s_t') B; Newey-West
/// B (G_0 + sum_l (1 - l/(L+1)) (G_l + G_l')) B, G_l = sum_t s_t s_{t-l}'.
pub(super) fn errors(rows: &[Vec<f64>], bread: &Matrix, residuals: &[f64], lags: usize) -> Vec<Errors> {
    let (n, k) = (rows.len(), bread.len());
    let scores: Vec<Vec<f64>> =
        rows.iter().zip(residuals).map(|(row, e)| row.iter().map(|x| x * e).collect()).collect();
    let white = outer_sum(&scores, &scores, k);
    let mut hac = white.clone();
    for lag in 1..=lags.min(n.saturating_sub(1)) {
        let weight = 1.0 - lag as f64 / (lags as f64 + 1.0);
        let gamma = outer_sum(&scores[lag..], &scores[..n - lag], k);
        for i in 0..k {
            for j in 0..k {
                hac[i][j] += weight * (gamma[i][j] + gamma[j][i]);
            }
        }
    }
    let rss: f64 = residuals.iter().map(|e| e * e).sum();
    let variance = rss / (n - k) as f64;
    let root = |v: f64| v.max(0.0).sqrt();
    let errors = (0..k).map(|i| Errors {
        ols: root(variance * bread[i][i]),
        white: root(sandwich(bread, &white, i)),
        hac: root(sandwich(bread, &hac, i)),
    });
    errors.collect()
}

pub(crate) type Matrix = Vec<Vec<f64>>;

/// sum_t a_t b_t', k by k.
fn outer_sum(a: &[Vec<f64>], b: &[Vec<f64>], k: usize) -> Matrix {
    let mut sum = vec![vec![0.0; k]; k];
    for (a, b) in a.iter().zip(b) {
        for (row, a) in sum.iter_mut().zip(a) {
            for (cell, b) in row.iter_mut().zip(b) {
                *cell += a * b;
            }
        }
    }
    sum
}

/// The i-th diagonal cell of B M B.
pub(super) fn sandwich(bread: &Matrix, meat: &Matrix, i: usize) -> f64 {
    let row = &bread[i];
    let columns = meat.iter().map(|m| m.iter().zip(row).map(|(m, b)| m * b).sum::<f64>());
    columns.zip(row).map(|(m, b)| m * b).sum()
}

/// Gauss-Jordan with partial pivoting, for a handful of regressors or a hundred lags; `None` without full rank.
pub(crate) fn invert(mut a: Matrix) -> Option<Matrix> {
    let k = a.len();
    let largest = a.iter().flatten().fold(0.0_f64, |m, v| m.max(v.abs()));
    for (i, row) in a.iter_mut().enumerate() {
        row.extend((0..k).map(|j| f64::from(u8::from(i == j))));
    }
    for column in 0..k {
        let size = |row: &usize| a[*row][column].abs();
        let pivot = (column..k).max_by(|x, y| size(x).total_cmp(&size(y)))?;
        let has_rank = size(&pivot) > PIVOT_MIN * largest;
        if !has_rank {
            return None;
        }
        a.swap(column, pivot);
        let divisor = a[column][column];
        a[column].iter_mut().for_each(|v| *v /= divisor);
        let base = a[column].clone();
        for (index, row) in a.iter_mut().enumerate() {
            if index != column {
                let factor = row[column];
                row.iter_mut().zip(&base).for_each(|(v, b)| *v -= factor * b);
            }
        }
    }
    Some(a.into_iter().map(|row| row[k..].to_vec()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lags_grow_slowly_with_the_sample() {
        assert_eq!([77, 389, 2339, 23_399, 51_200].map(newey_west_lags), [3, 5, 8, 13, 16]);
    }

    #[test]
    fn an_inverse_undoes_its_matrix() {
        let a = vec![vec![4.0, 2.0], vec![2.0, 3.0]];
        let inverse = invert(a).expect("regular");
        for (row, expected) in inverse.iter().zip([[0.375, -0.25], [-0.25, 0.5]]) {
            row.iter().zip(expected).for_each(|(x, e)| assert!((x - e).abs() < 1e-15));
        }
        assert!(invert(vec![vec![1.0, 2.0], vec![2.0, 4.0]]).is_none());
    }

    #[test]
    fn without_lags_newey_west_is_white() {
        let rows: Vec<Vec<f64>> = (0..20).map(|i| vec![1.0, f64::from(i * i % 7)]).collect();
        let residuals: Vec<f64> = (0..20).map(|i| f64::from(i % 5) - 2.0).collect();
        let bread = bread(&rows).expect("regular");
        let errors = errors(&rows, &bread, &residuals, 0);
        assert!(errors.iter().all(|e| e.white == e.hac));
    }
}
