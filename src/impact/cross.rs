//! One symbol's price against its own flow and that of others.
//!
//! In: a window's returns of a symbol and the flows of all. Own impact (PI) is least squares on the symbol's own flow;
//! cross-impact (CI) on all flows by LASSO, which drops those that add nothing (Cont, Cucuringu and Zhang, Quantitative
//! Finance 23, 2023):
//!
//! ```text
//! r_i = a + sum_j b_j ofi_j + e        1/(2n) sum e² + penalty sum |b_j sd(ofi_j)|  least
//! ```
//!
//! The penalty is the one of a falling path that errs least over blocks of the window left out in turn, each a stretch
//! of time; nothing is shuffled, and the next window takes no part.

use super::elastic_net::{lasso_penalty_max, lassos};
use super::ols::r2;
use super::{Design, FitError, Line, OBSERVATIONS_MIN, fit};

/// Blocks of a window that are left out in turn.
const BLOCKS: usize = 5;
/// Penalties tried, from the least that drops every flow down to a thousandth of it, evenly by their logarithms.
const PENALTIES: usize = 30;
const LEAST_PENALTY: f64 = 1e-3;

/// How well a line explains.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Explained {
    /// Share of the window's variance.
    pub r2: Option<f64>,
    /// Share of the next window's.
    pub r2_oos: Option<f64>,
}

/// Own impact and cross-impact of one symbol in one window.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossFit {
    /// By the symbol's own flow.
    pub own: Explained,
    /// By all flows.
    pub all: Explained,
    /// The line through all flows.
    pub line: Line,
    /// Its penalty.
    pub penalty: f64,
}

/// Fits both on a window, the symbol's own flow being column `own` of the design, and scores them on the next.
///
/// # Errors
/// [`FitError`] when there are too few observations or the own flow does not vary.
pub fn fit_cross(now: &Design, next: Option<&Design>, own: usize) -> Result<CrossFit, FitError> {
    let alone = |design: &Design| Design { y: design.y.clone(), x: vec![design.x[own].clone()] };
    let regression = fit(&alone(now))?;
    let penalty = chosen_penalty(now)?;
    let line = lassos(now, &[penalty])?.pop().ok_or(FitError::Singular)?;
    let own = Explained { r2: regression.r2, r2_oos: next.and_then(|next| regression.r2_on(&alone(next))) };
    let all = Explained { r2: r2_of(&line, now), r2_oos: next.and_then(|next| r2_of(&line, next)) };
    Ok(CrossFit { own, all, line, penalty })
}

/// The penalty of the path with the least sum of squared errors on blocks left out; of equal ones the largest.
///
/// # Errors
/// [`FitError`] when there are too few observations.
fn chosen_penalty(design: &Design) -> Result<f64, FitError> {
    let n = design.y.len();
    if n < OBSERVATIONS_MIN {
        return Err(FitError::TooFew);
    }
    let most = lasso_penalty_max(design)?;
    let step = LEAST_PENALTY.ln() / (PENALTIES - 1) as f64;
    let path: Vec<f64> = (0..PENALTIES).map(|at| most * (step * at as f64).exp()).collect();
    let mut errors = vec![0.0; PENALTIES];
    for block in 0..BLOCKS {
        let left_out = block * n / BLOCKS..(block + 1) * n / BLOCKS;
        let lines = lassos(&rows(design, |row| !left_out.contains(&row)), &path)?;
        let apart = rows(design, |row| left_out.contains(&row));
        for (error, line) in errors.iter_mut().zip(&lines) {
            *error += residuals(line, &apart).iter().map(|e| e * e).sum::<f64>();
        }
    }
    let better = |best: usize, at: usize| if errors[at] < errors[best] { at } else { best };
    Ok(path[(0..PENALTIES).fold(0, better)])
}

/// The rows of a design that are asked for.
fn rows(design: &Design, is_in: impl Fn(usize) -> bool) -> Design {
    let of = |values: &Vec<f64>| (0..values.len()).filter(|row| is_in(*row)).map(|row| values[row]).collect();
    Design { y: of(&design.y), x: design.x.iter().map(of).collect() }
}

fn residuals(line: &Line, design: &Design) -> Vec<f64> {
    let row = |at: usize| design.x.iter().map(|x| x[at]).collect::<Vec<f64>>();
    design.y.iter().enumerate().map(|(at, y)| y - line.at(&row(at))).collect()
}

fn r2_of(line: &Line, design: &Design) -> Option<f64> {
    r2(&design.y, &residuals(line, design))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five flows of noise, and returns by `law`, which knows the row too.
    fn world(from: usize, law: fn(&[f64], f64) -> f64) -> Design {
        let noise = |at: usize, column: usize| {
            let x = (at * 37 + column * 101 + 11) as f64;
            (x * 12.9898 + (x * 0.37).sin() * 78.233).sin()
        };
        let row = |at: usize| (0..5).map(|column| noise(at, column)).collect::<Vec<f64>>();
        let all: Vec<Vec<f64>> = (from..from + 60).map(row).collect();
        let y = all.iter().enumerate().map(|(at, x)| law(x, noise(from + at, 9))).collect();
        Design { y, x: (0..5).map(|column| all.iter().map(|row| row[column]).collect()).collect() }
    }

    #[test]
    fn a_flow_of_another_symbol_that_moves_the_price_is_found_and_helps_next_time() {
        let law = |x: &[f64], e: f64| 2.0 * x[0] + 1.0 * x[3] + 0.2 * e;
        let (now, next) = (world(0, law), world(60, law));
        let found = fit_cross(&now, Some(&next), 0).expect("a fit");
        assert!((found.line.slopes[0] - 2.0).abs() < 0.15 && (found.line.slopes[3] - 1.0).abs() < 0.15);
        let oos = |explained: Explained| explained.r2_oos.expect("a next window");
        assert!(oos(found.all) > oos(found.own) + 0.05 && oos(found.all) > 0.9, "{found:?}");
    }

    #[test]
    fn where_only_the_own_flow_moves_the_price_others_stay_small() {
        let law = |x: &[f64], e: f64| 2.0 * x[0] + 0.5 * e;
        let (now, next) = (world(0, law), world(60, law));
        let found = fit_cross(&now, Some(&next), 0).expect("a fit");
        assert!(found.line.slopes[1..].iter().all(|slope| slope.abs() < 0.2), "{found:?}");
        let difference = found.all.r2_oos.zip(found.own.r2_oos).map(|(all, own)| (all - own).abs());
        assert!(difference.is_some_and(|d| d < 0.03), "{found:?}");
    }

    #[test]
    fn what_cannot_be_fitted_says_why() {
        let few = Design { y: vec![1.0; 3], x: vec![vec![1.0; 3]] };
        assert_eq!(fit_cross(&few, None, 0), Err(FitError::TooFew));
        let flat = Design { y: (0..20).map(f64::from).collect(), x: vec![vec![1.0; 20]] };
        assert_eq!(fit_cross(&flat, None, 0), Err(FitError::Singular));
    }
}
