//! The first principal component of some columns. linfa-linalg, whose decompositions are behind linfa's regressions,
//! is called here and nowhere else: linfa-reduction would bring random projections and kernels for one symmetric
//! eigenvector.

use linfa_linalg::eigh::{EigSort as _, Eigh as _};
use ndarray::Array2;

/// Weights that make one column of many.
#[derive(Clone, Debug, PartialEq)]
pub struct Principal {
    /// The first eigenvector of the covariance over the sum of its absolute parts; its sum is not negative.
    pub weights: Vec<f64>,
    /// The eigenvalue's share of all.
    pub explained_share: f64,
    /// Observations.
    pub n: usize,
}

impl Principal {
    /// The weighted sum of a row.
    #[must_use]
    pub fn of(&self, row: &[f64]) -> f64 {
        self.weights.iter().zip(row).map(|(weight, x)| weight * x).sum()
    }
}

/// The first principal component of rows, about their means; none where they do not vary.
#[must_use]
pub fn principal(rows: &[&[f64]]) -> Option<Principal> {
    let (n, k) = (rows.len(), rows.first()?.len());
    let means: Vec<f64> = (0..k).map(|at| rows.iter().map(|row| row[at]).sum::<f64>() / n as f64).collect();
    let covariance = Array2::from_shape_fn((k, k), |(a, b)| {
        rows.iter().map(|row| (row[a] - means[a]) * (row[b] - means[b])).sum::<f64>() / n as f64
    });
    let total: f64 = covariance.diag().sum();
    // Sorting panics on what is no number.
    if !(total > 0.0 && total.is_finite()) {
        return None;
    }
    let (values, vectors) = covariance.eigh().ok()?.sort_eig_desc();
    let first = vectors.column(0);
    let (sum, length) = (first.sum(), first.iter().map(|w| w.abs()).sum::<f64>());
    let scale = if sum < 0.0 { -length } else { length };
    let weights = first.iter().map(|weight| weight / scale).collect();
    Some(Principal { weights, explained_share: values[0] / total, n })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_ellipse_has_its_long_axis() {
        // Along (3, 4) ten units, across (-4, 3) one: variances 100 and 1 over two points each.
        let rows = [[6.0, 8.0], [-6.0, -8.0], [-0.8, 0.6], [0.8, -0.6]];
        let found = principal(&rows.each_ref().map(|row| &row[..])).expect("a component");
        let expected = [3.0 / 7.0, 4.0 / 7.0];
        assert!(found.weights.iter().zip(expected).all(|(w, e)| (w - e).abs() < 1e-12), "{found:?}");
        assert!((found.explained_share - 100.0 / 101.0).abs() < 1e-12, "{found:?}");
        assert!((found.of(&[7.0, 7.0]) - 7.0).abs() < 1e-12);
    }

    #[test]
    fn columns_that_do_not_vary_have_none() {
        let flat = [[1.0, 2.0], [1.0, 2.0]];
        assert_eq!(principal(&flat.each_ref().map(|row| &row[..])), None);
        assert_eq!(principal(&[]), None);
    }
}
