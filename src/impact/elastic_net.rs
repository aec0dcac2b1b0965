//! Elastic net (Zou and Hastie 2005): least squares that shrinks slopes and drops idle ones. linfa-elasticnet is
//! called here and nowhere else.
//!
//! On standardised columns z with weights w of mean 1 it minimises
//!
//! ```text
//! 1/(2n) sum w (y - z b)² + penalty (ratio |b|_1 + (1 - ratio)/2 |b|_2²)
//! ```
//!
//! which is scikit-learn's `ElasticNet(alpha = penalty, l1_ratio = ratio)` on those columns.

use linfa::dataset::DatasetBase;
use linfa::traits::Fit as _;
use linfa_elasticnet::ElasticNet;
use ndarray::{Array2, ArrayView1, ShapeBuilder as _};

use super::standard::Standard;
use super::{Design, FitError, Line};

/// Share of the penalty that is on absolute slopes.
const L1_RATIO: f64 = 0.5;
/// Largest duality gap, as a share of the sum of squares of y.
const TOLERANCE: f64 = 1e-10;
const STEPS_MAX: u32 = 1_000;

/// Fits one net a penalty, in their order.
///
/// # Errors
/// [`FitError`] without observations or when a penalty is negative.
pub fn elastic_nets(design: &Design, weights: &[f64], penalties: &[f64]) -> Result<Vec<Line>, FitError> {
    nets(design, weights, penalties, L1_RATIO)
}

/// The same with equal weights and all of the penalty on absolute slopes: the LASSO (Tibshirani 1996), scikit-learn's
/// `Lasso(alpha = penalty)` on standardised columns.
///
/// # Errors
/// As [`elastic_nets`].
pub fn lassos(design: &Design, penalties: &[f64]) -> Result<Vec<Line>, FitError> {
    nets(design, &vec![1.0; design.y.len()], penalties, 1.0)
}

fn nets(design: &Design, weights: &[f64], penalties: &[f64], l1_ratio: f64) -> Result<Vec<Line>, FitError> {
    let standard = Standard::new(design, weights)?;
    let (n, k) = (standard.y.len(), standard.columns.len());
    // Without anything to explain the duality gap is no measure, and the descent would not end.
    if k == 0 || standard.y.iter().all(|y| *y == 0.0) {
        return Ok(vec![standard.line([]); penalties.len()]);
    }
    let z = Array2::from_shape_fn((n, k).f(), |(row, column)| standard.columns[column][row]);
    let dataset = DatasetBase::new(z, ArrayView1::from(&standard.y).to_owned());
    let net = |penalty: &f64| {
        let parameters = ElasticNet::params()
            .penalty(*penalty)
            .l1_ratio(l1_ratio)
            .with_intercept(false)
            .tolerance(TOLERANCE)
            .max_iterations(STEPS_MAX);
        let fitted = parameters.fit(&dataset).map_err(|_| FitError::Singular)?;
        Ok(standard.line(fitted.hyperplane().iter().copied()))
    };
    penalties.iter().map(net).collect()
}

/// The least penalty under which every slope is zero.
///
/// # Errors
/// [`FitError`] without observations.
pub fn penalty_max(design: &Design, weights: &[f64]) -> Result<f64, FitError> {
    Ok(lasso_bound(design, weights)? / L1_RATIO)
}

/// The least penalty under which the LASSO drops every slope.
///
/// # Errors
/// [`FitError`] without observations.
pub fn lasso_penalty_max(design: &Design) -> Result<f64, FitError> {
    lasso_bound(design, &vec![1.0; design.y.len()])
}

fn lasso_bound(design: &Design, weights: &[f64]) -> Result<f64, FitError> {
    let standard = Standard::new(design, weights)?;
    let across = |z: &Vec<f64>| z.iter().zip(&standard.y).map(|(z, y)| z * y).sum::<f64>().abs();
    let most = standard.columns.iter().map(across).fold(0.0, f64::max);
    Ok(most / standard.y.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three columns of sines, the third half made of the first.
    fn waves() -> Design {
        let of = |f: fn(f64) -> f64| (0..60).map(|i| f(f64::from(i))).collect::<Vec<f64>>();
        let (x1, x2) = (of(|i| i.sin() * 3.0), of(|i| (1.7 * i).cos() * 100.0));
        let x3: Vec<f64> = of(|i| (0.3 * i * i).sin()).iter().zip(&x1).map(|(v, x1)| x1 * 0.5 + v).collect();
        let noise = of(|i| (11.0 * i).sin());
        let y = (0..60).map(|i| 2.0 + 1.5 * x1[i] - 0.02 * x2[i] + noise[i]).collect();
        Design { y, x: vec![x1, x2, x3] }
    }

    /// scikit-learn 1.9.1: `ElasticNet(alpha=0.3, l1_ratio=0.5, tol=1e-14).fit(Z, y, sample_weight=w)` on columns
    /// standardised with `numpy.average(..., weights=w)`, slopes divided by the scales again.
    #[test]
    fn scikit_learn_finds_the_same() {
        let even = vec![1.0; 60];
        let uneven: Vec<f64> = (0..60).map(|i| f64::from(1 + i % 3)).collect();
        let oracle = [
            (
                even,
                6.410057172041994,
                [1.953846863892836, 1.0432422451720607, -0.014731618307750476, 0.42455771223112426],
            ),
            (
                uneven,
                6.362887802396995,
                [1.927292814183595, 1.0338278720693221, -0.014760330435578067, 0.42767567972191484],
            ),
        ];
        for (weights, most, [intercept, slopes @ ..]) in oracle {
            let nets = elastic_nets(&waves(), &weights, &[0.3, most * 1.000_001]).expect("fits");
            let found = penalty_max(&waves(), &weights).expect("a penalty");
            assert!((found - most).abs() < 1e-12 * most, "{found}");
            assert!((nets[0].intercept - intercept).abs() < 1e-8 * intercept, "{nets:?}");
            for (found, slope) in nets[0].slopes.iter().zip(slopes) {
                assert!((found - slope).abs() < 1e-8 * slope.abs(), "{nets:?}");
            }
            assert_eq!(nets[1].slopes, [0.0; 3]);
        }
    }

    /// scikit-learn 1.9.1: `Lasso(alpha=0.3, tol=1e-14).fit(Z, y)` on the same columns.
    #[test]
    fn scikit_learn_finds_the_same_lasso() {
        let most = lasso_penalty_max(&waves()).expect("a penalty");
        let found = lassos(&waves(), &[0.3, most * 1.000_001]).expect("fits");
        assert!((most - 0.5 * 6.410057172041994).abs() < 1e-12, "{most}");
        let expected = [1.3590480265938993, -0.01449377443800044, 0.0];
        assert!(expected.iter().zip(&found[0].slopes).all(|(e, f)| (e - f).abs() < 1e-8), "{found:?}");
        assert_eq!(found[1].slopes, [0.0; 3]);
    }

    #[test]
    fn without_a_penalty_it_is_least_squares() {
        let (design, even) = (waves(), vec![1.0; 60]);
        let net = &elastic_nets(&design, &even, &[0.0]).expect("fits")[0];
        let line = super::super::line(&design, &even).expect("a line");
        for (a, b) in net.slopes.iter().zip(&line.slopes) {
            assert!((a - b).abs() < 1e-8 * b.abs(), "{net:?} {line:?}");
        }
    }

    #[test]
    fn columns_that_never_vary_have_no_slope() {
        let design = Design { y: vec![1.0, 2.0, 3.0], x: vec![vec![5.0; 3]] };
        let net = &elastic_nets(&design, &[1.0; 3], &[0.1]).expect("fits")[0];
        assert_eq!((net.intercept, net.slopes[0]), (2.0, 0.0));
    }
}
