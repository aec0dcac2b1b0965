//! Least squares with inference. linfa is called here and nowhere else.

use linfa::dataset::DatasetBase;
use linfa::traits::Fit as _;
use linfa_linear::LinearRegression;
use ndarray::{Array2, ArrayView1};

use super::inference::{self, Errors, Z_95, newey_west_lags};
use super::standard::{Line, Standard};
use crate::numeric::Sum;

/// A regression's data: n observations of one response and k regressors, the intercept not among them.
#[derive(Clone, Debug, Default)]
pub struct Design {
    /// The response, length n.
    pub y: Vec<f64>,
    /// The regressors, k columns of length n.
    pub x: Vec<Vec<f64>>,
}

/// Why there is no fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// Fewer than ten observations.
    #[error("fewer than {OBSERVATIONS_MIN} observations")]
    TooFew,
    /// A regressor never varies, or follows from the others.
    #[error("regressors that do not vary on their own")]
    Singular,
}

/// Fewest observations that make a fit.
pub const OBSERVATIONS_MIN: usize = 10;

/// One coefficient and its errors, in the units of y over x.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term {
    /// The estimate.
    pub coefficient: f64,
    /// Its standard errors.
    pub errors: Errors,
}

impl Term {
    /// The coefficient over its Newey-West error; `None` when that is zero.
    #[must_use]
    pub fn t_hac(&self) -> Option<f64> {
        (self.errors.hac > 0.0).then(|| self.coefficient / self.errors.hac)
    }

    /// coefficient ± 1.959964 Newey-West errors.
    #[must_use]
    pub fn interval_95(&self) -> (f64, f64) {
        let half = Z_95 * self.errors.hac;
        (self.coefficient - half, self.coefficient + half)
    }
}

/// A fitted line.
#[derive(Clone, Debug, PartialEq)]
pub struct Regression {
    /// Intercept first, then one term a regressor.
    pub terms: Vec<Term>,
    /// Observations.
    pub n: usize,
    /// Newey-West lags.
    pub hac_lags: usize,
    /// Share of the variance explained in the sample; `None` when y never varies.
    pub r2: Option<f64>,
}

/// Fits y = a + x b + e by least squares.
///
/// Errors: classic s² (X'X)⁻¹ with s² = RSS / (n - k - 1); White's HC0; Newey-West with a Bartlett kernel and
/// [`newey_west_lags`] lags, neither with a small-sample factor.
///
/// # Errors
/// [`FitError`] when there are too few observations or the regressors are collinear.
pub fn fit(design: &Design) -> Result<Regression, FitError> {
    let (n, k) = (design.y.len(), design.x.len());
    if n < OBSERVATIONS_MIN {
        return Err(FitError::TooFew);
    }
    // Regressors are brought to unit scale first: flows of millions of shares beside an intercept of one
    // would cost the normal equations half their digits.
    let scales: Vec<f64> = design.x.iter().map(|x| scale(x)).collect();
    if scales.contains(&0.0) {
        return Err(FitError::Singular);
    }
    let scaled = Array2::from_shape_fn((n, k), |(row, column)| design.x[column][row] / scales[column]);
    let dataset = DatasetBase::new(scaled, ArrayView1::from(&design.y).to_owned());
    let model = LinearRegression::new().fit(&dataset).map_err(|_| FitError::Singular)?;
    let mut coefficients: Vec<f64> =
        std::iter::once(model.intercept()).chain(model.params().iter().copied()).collect();
    let with_one = |row: ArrayView1<'_, f64>| std::iter::once(1.0).chain(row.iter().copied()).collect();
    let rows: Vec<Vec<f64>> = dataset.records.rows().into_iter().map(with_one).collect();
    let bread = inference::bread(&rows).ok_or(FitError::Singular)?;
    // One step of refinement takes the solver's rounding out of coefficients that nearly vanish.
    let unrefined = residuals(&rows, &design.y, &coefficients);
    inference::refine(&mut coefficients, &bread, &rows, &unrefined);
    let residuals = residuals(&rows, &design.y, &coefficients);
    let lags = newey_west_lags(n);
    let errors = inference::errors(&rows, &bread, &residuals, lags);
    let back = |index: usize| if index == 0 { 1.0 } else { scales[index - 1] };
    let terms = coefficients.iter().zip(errors).enumerate();
    Ok(Regression {
        terms: terms
            .map(|(i, (coefficient, errors))| Term {
                coefficient: coefficient / back(i),
                errors: errors.over(back(i)),
            })
            .collect(),
        n,
        hac_lags: lags,
        r2: r2(&design.y, &residuals),
    })
}

/// The weighted least-squares line, without inference: what forecasts ask for, block by block. A regressor that
/// never varies has no slope.
///
/// # Errors
/// [`FitError`] when there are too few observations or the regressors are collinear.
pub fn line(design: &Design, weights: &[f64]) -> Result<Line, FitError> {
    let (n, standard) = (design.y.len(), Standard::new(design, weights)?);
    let k = standard.columns.len();
    if n < OBSERVATIONS_MIN || n <= k {
        return Err(FitError::TooFew);
    }
    if k == 0 {
        return Ok(standard.line([]));
    }
    Ok(standard.line(through_origin(&standard.columns, &standard.y)?))
}

/// Least-squares slopes without an intercept.
///
/// # Errors
/// When the columns are collinear.
pub(super) fn through_origin(columns: &[Vec<f64>], y: &[f64]) -> Result<Vec<f64>, FitError> {
    let x = Array2::from_shape_fn((y.len(), columns.len()), |(row, column)| columns[column][row]);
    let dataset = DatasetBase::new(x, ArrayView1::from(y).to_owned());
    let model = LinearRegression::new().with_intercept(false).fit(&dataset);
    Ok(model.map_err(|_| FitError::Singular)?.params().to_vec())
}

impl Regression {
    /// 1 - sum (y - ŷ)² / sum (y - ȳ)² on another sample, ŷ from these coefficients and ȳ the sample's own
    /// mean; `None` when that sample is empty or its y never varies.
    #[must_use]
    pub fn r2_on(&self, other: &Design) -> Option<f64> {
        let intercept = self.terms[0].coefficient;
        let predict = |row: usize| {
            let slopes = self.terms[1..].iter().zip(&other.x);
            intercept + slopes.map(|(term, x)| term.coefficient * x[row]).sum::<f64>()
        };
        let residuals: Vec<f64> = (0..other.y.len()).map(|i| other.y[i] - predict(i)).collect();
        r2(&other.y, &residuals)
    }
}

/// A small R² is the difference of two nearly equal sums, and plain addition of thousands of terms would leave it a
/// third fewer digits.
pub(super) fn r2(y: &[f64], residuals: &[f64]) -> Option<f64> {
    let mean = Sum::of(y.iter().copied()) / y.len() as f64;
    let total = Sum::of(y.iter().map(|y| (y - mean) * (y - mean)));
    let left = Sum::of(residuals.iter().map(|e| e * e));
    (total > 0.0).then(|| 1.0 - left / total)
}

/// Root mean square about the mean, 0 when the column never varies.
fn scale(x: &[f64]) -> f64 {
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    let is_flat = x.iter().all(|v| *v == x[0]);
    let spread = x.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / x.len() as f64;
    if is_flat { 0.0 } else { spread.sqrt() }
}

fn residuals(rows: &[Vec<f64>], y: &[f64], coefficients: &[f64]) -> Vec<f64> {
    let fitted = |row: &Vec<f64>| row.iter().zip(coefficients).map(|(x, b)| x * b).sum::<f64>();
    rows.iter().zip(y).map(|(row, y)| y - fitted(row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weighted_line_counts_an_observation_as_often_as_it_weighs() {
        let x: Vec<f64> = (0..40).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|x| 3.0 + 0.5 * x + (x * 1.3).sin()).collect();
        let weights: Vec<f64> = (0..40).map(|i| f64::from(1 + i % 2)).collect();
        let twice =
            |v: &[f64]| v.iter().zip(&weights).flat_map(|(v, w)| vec![*v; *w as usize]).collect::<Vec<_>>();
        let repeated = Design { y: twice(&y), x: vec![twice(&x)] };
        let expected = fit(&repeated).expect("a fit");
        let flat = vec![7.0; 40];
        let found = line(&Design { y, x: vec![x, flat] }, &weights).expect("a line");
        assert!((found.slopes[0] - expected.terms[1].coefficient).abs() < 1e-12);
        assert!((found.intercept - expected.terms[0].coefficient).abs() < 1e-12);
        assert_eq!(found.slopes[1], 0.0);
        assert!((found.at(&[2.0, 7.0]) - found.intercept - 2.0 * found.slopes[0]).abs() < 1e-12);
    }
}
