//! Many days fitted as one: a slope common to all, an intercept for each day, errors clustered by day.
//!
//! y_{d,t} = a_d + x_{d,t} b + e_{d,t}. The day's means are taken out of y and x (Frisch and Waugh 1933), and b is
//! least squares on what is left. Clustered errors (Liang and Zeger 1986; Cameron and Miller 2015) allow any
//! dependence within a day and none between days: B (sum_d s_d s_d') B · G/(G-1) · (N-1)/(N-K), with s_d = sum_t
//! e_{d,t} x_{d,t}, B = (X'X)⁻¹, G days, N observations and K = k + G coefficients, days counted; as statsmodels has
//! it for `y ~ x + C(day)`. The interval takes Student's t with G-1 degrees of freedom, since the normal's is too
//! narrow where days are few.

use super::inference::{self, Matrix};
use super::ols::through_origin;
use super::{Design, FitError, OBSERVATIONS_MIN};

/// One slope that days have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PooledTerm {
    /// The estimate, in the units of y over x.
    pub coefficient: f64,
    /// Its standard error, clustered by day.
    pub se_clustered: f64,
    /// The 95 % interval.
    pub interval_95: (f64, f64),
}

/// A fit over days.
#[derive(Clone, Debug, PartialEq)]
pub struct Pooled {
    /// One term a regressor.
    pub terms: Vec<PooledTerm>,
    /// Observations.
    pub n: usize,
    /// Days that hold them.
    pub days: usize,
    /// Share of the variance within days that the slopes explain; `None` when y never varies within one.
    pub r2_within: Option<f64>,
}

/// Fits the slopes that days have in common; days without observations are left out.
///
/// # Errors
/// [`FitError`] when fewer than two days or ten observations are left, or regressors do not vary on their own within
/// days.
pub fn fit_pooled(days: &[Design]) -> Result<Pooled, FitError> {
    let days: Vec<&Design> = days.iter().filter(|day| !day.y.is_empty()).collect();
    let (n, k) =
        (days.iter().map(|day| day.y.len()).sum::<usize>(), days.first().map_or(0, |day| day.x.len()));
    if days.len() < 2 || n < OBSERVATIONS_MIN || n <= k + days.len() {
        return Err(FitError::TooFew);
    }
    let y: Vec<f64> = days.iter().flat_map(|day| within(&day.y)).collect();
    let mut columns: Vec<Vec<f64>> =
        (0..k).map(|at| days.iter().flat_map(|day| within(&day.x[at])).collect()).collect();
    let root_mean_square = |x: &[f64]| (x.iter().map(|v| v * v).sum::<f64>() / n as f64).sqrt();
    let scales: Vec<f64> = columns.iter().map(|x| root_mean_square(x)).collect();
    for (at, (column, scale)) in columns.iter_mut().zip(&scales).enumerate() {
        let largest = days.iter().flat_map(|day| &day.x[at]).fold(0.0_f64, |most, v| most.max(v.abs()));
        // What is left of a regressor that is the same all day is rounding.
        if *scale <= 1e-12 * largest {
            return Err(FitError::Singular);
        }
        column.iter_mut().for_each(|v| *v /= scale);
    }
    let coefficients = through_origin(&columns, &y)?;
    let rows: Vec<Vec<f64>> = (0..n).map(|at| columns.iter().map(|x| x[at]).collect()).collect();
    let bread = inference::bread(&rows).ok_or(FitError::Singular)?;
    let fitted = |row: &Vec<f64>| row.iter().zip(&coefficients).map(|(x, b)| x * b).sum::<f64>();
    let residuals: Vec<f64> = rows.iter().zip(&y).map(|(row, y)| y - fitted(row)).collect();
    let lengths: Vec<usize> = days.iter().map(|day| day.y.len()).collect();
    let variances = clustered(&rows, &bread, &residuals, &lengths);
    let quantile = student_975(days.len() - 1);
    let term = |((coefficient, variance), scale): ((&f64, f64), &f64)| {
        let (coefficient, error) = (coefficient / scale, variance.max(0.0).sqrt() / scale);
        let interval_95 = (coefficient - quantile * error, coefficient + quantile * error);
        PooledTerm { coefficient, se_clustered: error, interval_95 }
    };
    let total: f64 = y.iter().map(|y| y * y).sum();
    let left: f64 = residuals.iter().map(|e| e * e).sum();
    Ok(Pooled {
        terms: coefficients.iter().zip(variances).zip(&scales).map(term).collect(),
        n,
        days: days.len(),
        r2_within: (total > 0.0).then(|| 1.0 - left / total),
    })
}

/// A day's values about their mean.
fn within(values: &[f64]) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|v| v - mean).collect()
}

/// Variances of the coefficients; `lengths` are those of the days, whose rows stand one day after the other.
fn clustered(rows: &[Vec<f64>], bread: &Matrix, residuals: &[f64], lengths: &[usize]) -> Vec<f64> {
    let k = bread.len();
    let (mut meat, mut at) = (vec![vec![0.0; k]; k], 0);
    for length in lengths {
        let day = at..at + length;
        let score = |i: usize| day.clone().map(|t| residuals[t] * rows[t][i]).sum::<f64>();
        let scores: Vec<f64> = (0..k).map(score).collect();
        for (row, a) in meat.iter_mut().zip(&scores) {
            row.iter_mut().zip(&scores).for_each(|(cell, b)| *cell += a * b);
        }
        at += length;
    }
    let (n, g) = (rows.len() as f64, lengths.len() as f64);
    let correction = g / (g - 1.0) * (n - 1.0) / (n - k as f64 - g);
    (0..k).map(|i| correction * inference::sandwich(bread, &meat, i)).collect()
}

/// The 97.5 % quantile of Student's t with one to nine degrees of freedom.
const STUDENT_975: [f64; 9] = [
    12.706_204_736,
    4.302_652_730,
    3.182_446_305,
    2.776_445_105,
    2.570_581_836,
    2.446_911_851,
    2.364_624_252,
    2.306_004_135,
    2.262_157_163,
];

/// The same for any; from ten on by the expansion about the normal's (Abramowitz and Stegun 26.7.5), right to 1e-5.
fn student_975(degrees: usize) -> f64 {
    let few = degrees.checked_sub(1).and_then(|at| STUDENT_975.get(at)).copied();
    few.unwrap_or_else(|| expansion(degrees.max(1) as f64))
}

fn expansion(v: f64) -> f64 {
    let z = inference::Z_95;
    let z3 = z.powi(3);
    z + (z3 + z) / (4.0 * v)
        + (5.0 * z.powi(5) + 16.0 * z3 + 3.0 * z) / (96.0 * v * v)
        + (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z3 - 15.0 * z) / (384.0 * v.powi(3))
        + (79.0 * z.powi(9) + 776.0 * z.powi(7) + 1482.0 * z.powi(5) - 1920.0 * z3 - 945.0 * z)
            / (92_160.0 * v.powi(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(intercept: f64, at: usize) -> Design {
        let x: Vec<f64> = (0..30).map(|i| f64::from((i * 7 + at as i32 * 13) % 31)).collect();
        let noise = |i: usize| (i as f64 * 1.7 + at as f64).sin();
        let y = x.iter().enumerate().map(|(i, x)| intercept + 0.25 * x + noise(i)).collect();
        Design { y, x: vec![x] }
    }

    #[test]
    fn an_intercept_of_each_day_changes_no_slope() {
        let days: Vec<Design> = (0..6).map(|at| day(0.0, at)).collect();
        let shifted: Vec<Design> = (0..6).map(|at| day(100.0 * at as f64, at)).collect();
        let (plain, moved) = (fit_pooled(&days).expect("a fit"), fit_pooled(&shifted).expect("a fit"));
        assert!((plain.terms[0].coefficient - moved.terms[0].coefficient).abs() < 1e-9);
        assert!((plain.terms[0].coefficient - 0.25).abs() < 0.05);
        assert_eq!((plain.n, plain.days), (180, 6));
    }

    /// A day that stands twice tells nothing new: as clusters they count twice, within one cluster once.
    #[test]
    fn errors_see_that_a_day_is_one_observation_of_its_shocks() {
        let days: Vec<Design> = (0..8).map(|at| day(0.0, at)).collect();
        let doubled = |day: &Design| Design {
            y: [day.y.clone(), day.y.clone()].concat(),
            x: day.x.iter().map(|x| [x.clone(), x.clone()].concat()).collect(),
        };
        let once = fit_pooled(&days).expect("a fit");
        let twice = fit_pooled(&days.iter().map(doubled).collect::<Vec<_>>()).expect("a fit");
        let ratio = twice.terms[0].se_clustered / once.terms[0].se_clustered;
        assert!((ratio - 1.0).abs() < 0.02, "{ratio}");
    }

    #[test]
    fn what_cannot_be_fitted_says_why() {
        assert_eq!(fit_pooled(&[day(0.0, 1)]), Err(FitError::TooFew));
        let flat = |level: f64| Design { y: day(0.0, 1).y, x: vec![vec![level; 30]] };
        assert_eq!(fit_pooled(&[flat(1.0), flat(2.0)]), Err(FitError::Singular));
    }

    #[test]
    fn students_quantile_joins_its_expansion() {
        assert!(
            (student_975(10) - 2.228_138_852).abs() < 1e-5 && (student_975(30) - 2.042_272_456).abs() < 1e-6
        );
        assert!((2..400).all(|v| student_975(v) < student_975(v - 1) && student_975(v) > inference::Z_95));
    }
}
