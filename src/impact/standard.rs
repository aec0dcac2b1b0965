//! Weighted, centred, unit-scaled columns: what penalties and solvers want to see.

use serde::{Deserialize, Serialize};

use super::{Design, FitError};

/// y = intercept + slopes · x.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// In the unit of y.
    pub intercept: f64,
    /// One a regressor, in the unit of y over that of x.
    pub slopes: Vec<f64>,
}

impl Line {
    /// The line's value.
    #[must_use]
    pub fn at(&self, x: &[f64]) -> f64 {
        self.intercept + self.slopes.iter().zip(x).map(|(slope, x)| slope * x).sum::<f64>()
    }
}

/// A design whose weighted means are taken out, whose varying columns have unit weighted variance, and whose rows
/// are multiplied by the roots of their weights (mean 1). Least squares on it, without an intercept and with or
/// without a penalty on slopes, is weighted least squares with an intercept on the design.
pub(super) struct Standard {
    pub y: Vec<f64>,
    pub columns: Vec<Vec<f64>>,
    /// Which columns of the design vary, and by how much.
    varying: Vec<(usize, f64)>,
    means: Vec<f64>,
    y_mean: f64,
}

impl Standard {
    pub fn new(design: &Design, weights: &[f64]) -> Result<Self, FitError> {
        let n = design.y.len();
        let total: f64 = weights.iter().sum();
        if n == 0 || weights.len() != n || total <= 0.0 || design.x.iter().any(|x| x.len() != n) {
            return Err(FitError::TooFew);
        }
        let weights: Vec<f64> = weights.iter().map(|w| w * n as f64 / total).collect();
        let mean = |v: &[f64]| v.iter().zip(&weights).map(|(v, w)| v * w).sum::<f64>() / n as f64;
        let (means, y_mean) = (design.x.iter().map(|x| mean(x)).collect::<Vec<f64>>(), mean(&design.y));
        let mut standard = Self { y: Vec::new(), columns: Vec::new(), varying: Vec::new(), means, y_mean };
        for (index, x) in design.x.iter().enumerate() {
            let square = |v: &f64| (v - standard.means[index]) * (v - standard.means[index]);
            let scale = mean(&x.iter().map(square).collect::<Vec<f64>>()).sqrt();
            if scale.is_finite() && scale > 0.0 && x.iter().any(|v| *v != x[0]) {
                let z = |(v, w): (&f64, &f64)| (v - standard.means[index]) / scale * w.sqrt();
                standard.columns.push(x.iter().zip(&weights).map(z).collect());
                standard.varying.push((index, scale));
            }
        }
        standard.y = design.y.iter().zip(&weights).map(|(y, w)| (y - y_mean) * w.sqrt()).collect();
        Ok(standard)
    }

    /// Slopes of the standardised columns, as a line through the design.
    pub fn line(&self, slopes: impl IntoIterator<Item = f64>) -> Line {
        let mut all = vec![0.0; self.means.len()];
        for ((index, scale), slope) in self.varying.iter().zip(slopes) {
            all[*index] = slope / scale;
        }
        let at_means: f64 = all.iter().zip(&self.means).map(|(slope, mean)| slope * mean).sum();
        Line { intercept: self.y_mean - at_means, slopes: all }
    }
}
