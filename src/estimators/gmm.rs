//! Errors of parameters that solve as many moment conditions: mean f_t(p) = 0.
//!
//! ```text
//! V = G⁻¹ S G⁻ᵀ / n,  G = mean df_t/dp
//! S = g_0 + sum_(l=1..L) (1 - l / (L + 1)) (g_l + g_lᵀ),  g_l = mean f_t f_(t-l)ᵀ
//! ```
//!
//! Hansen, "Large sample properties of generalized method of moments estimators", Econometrica 50 (1982), with
//! Newey and West's S. For least squares the moments are residual times regressor, and V is their usual error.

use crate::impact::invert;

/// K by K.
pub(super) type Square<const K: usize> = [[f64; K]; K];

/// V from the moments in time order and G; `None` without moments or where G has no inverse.
pub(super) fn covariance<const K: usize>(
    moments: &[[f64; K]],
    gradient: &Square<K>,
    lags: usize,
) -> Option<Square<K>> {
    let n = moments.len();
    if n == 0 {
        return None;
    }
    let s = bartlett(moments, lags.min(n - 1));
    let inverse = inverse(gradient)?;
    let right = times(&s, &transposed(&inverse));
    // s holds sums: one n makes it a mean, the other belongs to V.
    Some(times(&inverse, &right).map(|row| row.map(|cell| cell / (n as f64 * n as f64))))
}

/// n S. With the weights of Bartlett it is the mean over the L + 1 places of a window of its sums' products, since two
/// moments l apart share L + 1 - l windows: one pass whatever L is.
fn bartlett<const K: usize>(moments: &[[f64; K]], lags: usize) -> Square<K> {
    let mut sum = [[0.0; K]; K];
    let mut window = [0.0; K];
    for end in 0..moments.len() + lags {
        let entering = moments.get(end).copied().unwrap_or([0.0; K]);
        let leaving = end.checked_sub(lags + 1).map_or([0.0; K], |at| moments[at]);
        for (sum, (entering, leaving)) in window.iter_mut().zip(entering.iter().zip(leaving)) {
            *sum += entering - leaving;
        }
        add_outer(&mut sum, &window, &window);
    }
    sum.map(|row| row.map(|cell| cell / (lags as f64 + 1.0)))
}

/// The error of a smooth function of the parameters with this gradient (the delta method).
pub(super) fn error<const K: usize>(covariance: &Square<K>, gradient: &[f64; K]) -> f64 {
    let row = |i: usize| covariance[i].iter().zip(gradient).map(|(v, g)| v * g).sum::<f64>();
    (0..K).map(|i| gradient[i] * row(i)).sum::<f64>().max(0.0).sqrt()
}

/// b with X'X b = X'y, from rows of regressors; `None` where they are collinear.
pub(super) fn least_squares<const K: usize>(rows: &[[f64; K]], y: &[f64]) -> Option<[f64; K]> {
    let inverse = inverse(&products(rows, rows))?;
    let mut across = [0.0; K];
    for (row, y) in rows.iter().zip(y) {
        for (cell, x) in across.iter_mut().zip(row) {
            *cell += x * y;
        }
    }
    Some(inverse.map(|row| row.iter().zip(&across).map(|(a, b)| a * b).sum()))
}

/// Residual times regressors.
pub(super) fn score<const K: usize>(x: &[f64; K], y: f64, b: &[f64; K]) -> [f64; K] {
    let residual = y - x.iter().zip(b).map(|(x, b)| x * b).sum::<f64>();
    x.map(|x| x * residual)
}

/// The gradient of those moments: minus the mean products of regressors.
pub(super) fn bread<const K: usize>(rows: &[[f64; K]]) -> Square<K> {
    products(rows, rows).map(|row| row.map(|cell| -cell / rows.len() as f64))
}

/// sum_t a_t b_tᵀ.
pub(super) fn products<const K: usize>(a: &[[f64; K]], b: &[[f64; K]]) -> Square<K> {
    let mut sum = [[0.0; K]; K];
    a.iter().zip(b).for_each(|(a, b)| add_outer(&mut sum, a, b));
    sum
}

fn add_outer<const K: usize>(sum: &mut Square<K>, a: &[f64; K], b: &[f64; K]) {
    for (row, a) in sum.iter_mut().zip(a) {
        for (cell, b) in row.iter_mut().zip(b) {
            *cell += a * b;
        }
    }
}

pub(super) fn inverse<const K: usize>(matrix: &Square<K>) -> Option<Square<K>> {
    let rows = invert(matrix.iter().map(|row| row.to_vec()).collect())?;
    let mut found = [[0.0; K]; K];
    for (to, from) in found.iter_mut().zip(rows) {
        to.copy_from_slice(&from);
    }
    found.iter().flatten().all(|cell| cell.is_finite()).then_some(found)
}

fn transposed<const K: usize>(a: &Square<K>) -> Square<K> {
    let mut found = *a;
    for i in 0..K {
        for j in 0..K {
            found[i][j] = a[j][i];
        }
    }
    found
}

fn times<const K: usize>(a: &Square<K>, b: &Square<K>) -> Square<K> {
    let mut found = [[0.0; K]; K];
    for i in 0..K {
        for j in 0..K {
            found[i][j] = (0..K).map(|k| a[i][k] * b[k][j]).sum();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimators::dice::Dice;
    use crate::impact::{Design, fit};

    #[test]
    fn of_least_squares_they_are_newey_and_wests() {
        let mut dice = Dice::new(1);
        let x: Vec<f64> = (0..500).map(|_| dice.normal()).collect();
        let y: Vec<f64> = x.iter().map(|x| 1.0 + 2.0 * x + (1.0 + x.abs()) * dice.normal()).collect();
        let expected = fit(&Design { y: y.clone(), x: vec![x.clone()] }).expect("a fit");
        let rows: Vec<[f64; 2]> = x.iter().map(|x| [1.0, *x]).collect();
        let b = least_squares(&rows, &y).expect("a solution");
        let moments: Vec<[f64; 2]> = rows.iter().zip(&y).map(|(x, y)| score(x, *y, &b)).collect();
        let v = covariance(&moments, &bread(&rows), expected.hac_lags).expect("a covariance");
        for i in 0..2 {
            assert!((b[i] - expected.terms[i].coefficient).abs() < 1e-12);
            assert!((v[i][i].sqrt() - expected.terms[i].errors.hac).abs() < 1e-12);
        }
        assert!((error(&v, &[0.0, 2.0]) - 2.0 * v[1][1].sqrt()).abs() < 1e-15);
    }
}
