//! Platt and beta calibration: logistic regressions of the label on features of the score, by Newton's method.
//!
//! ```text
//! Platt (1999)  p = 1 / (1 + exp(-(slope s + offset))), labels shrunk to (P+1)/(P+2) and 1/(N+2)
//! beta (Kull, Silva Filho, Flach 2017)  p = 1 / (1 + exp(-(a ln s - b ln(1-s) + c))), a, b >= 0, s clipped to 1e-12
//! ```
//! A beta coefficient that comes out negative is dropped and the rest fitted again, as the authors do.

use serde::Serialize;

use crate::fraud::judging::Sample;

const STEPS_MAX: usize = 100;
const CLIP: f64 = 1e-12;

/// A logistic curve of the score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Platt {
    /// Log-odds for each unit of score.
    pub slope: f64,
    /// Log-odds at score 0.
    pub offset: f64,
}

impl Platt {
    /// From tuning rows of both classes with finite scores.
    #[must_use]
    pub fn fit(tuning: &Sample) -> Option<Self> {
        let (positives, negatives) = tuning.class_weights();
        let is_finite = tuning.scores().iter().all(|s| s.is_finite());
        if positives <= 0.0 || negatives <= 0.0 || !is_finite {
            return None;
        }
        let goals = [1.0 / (negatives + 2.0), (positives + 1.0) / (positives + 2.0)];
        let [slope, _, offset] = newton(tuning, |s| [s, 0.0], goals, [true, false])?;
        Some(Self { slope, offset })
    }

    /// The probability of a score.
    #[must_use]
    pub fn probability(&self, score: f64) -> f64 {
        logistic(self.slope * score + self.offset)
    }
}

/// Beta calibration of a score in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BetaCalibration {
    /// Log-odds for each unit of ln s.
    pub a: f64,
    /// Log-odds for each unit of -ln(1-s).
    pub b: f64,
    /// Constant.
    pub c: f64,
}

impl BetaCalibration {
    /// From tuning rows of both classes with scores in [0, 1].
    #[must_use]
    pub fn fit(tuning: &Sample) -> Option<Self> {
        let (positives, negatives) = tuning.class_weights();
        let are_shares = tuning.scores().iter().all(|s| (0.0..=1.0).contains(s));
        if positives <= 0.0 || negatives <= 0.0 || !are_shares {
            return None;
        }
        let fit = |used| newton(tuning, features, [0.0, 1.0], used);
        let [a, b, c] = match fit([true, true])? {
            [a, _, _] if a < 0.0 => fit([false, true])?,
            [_, b, _] if b < 0.0 => fit([true, false])?,
            whole => whole,
        };
        Some(Self { a, b, c })
    }

    /// The probability of a score in [0, 1].
    #[must_use]
    pub fn probability(&self, score: f64) -> f64 {
        let [log, log_rest] = features(score);
        logistic(self.a * log + self.b * log_rest + self.c)
    }
}

fn features(score: f64) -> [f64; 2] {
    let s = score.clamp(CLIP, 1.0 - CLIP);
    [s.ln(), -(-s).ln_1p()]
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The two slopes and the constant of greatest likelihood; a slope that is not used is 0. Absent where none is
/// greatest.
fn newton(
    sample: &Sample,
    features: impl Fn(f64) -> [f64; 2],
    goals: [f64; 2],
    used: [bool; 2],
) -> Option<[f64; 3]> {
    let mut at = [0.0_f64; 3];
    let mut loss = f64::INFINITY;
    let mut step = [0.0; 3];
    for _ in 0..STEPS_MAX {
        let tried: [f64; 3] = std::array::from_fn(|k| at[k] + step[k]);
        let (next_loss, gradient, hessian) = derivatives(sample, &features, goals, used, tried);
        if !next_loss.is_finite() || next_loss > loss + 1e-12 * loss.abs() {
            step = step.map(|s| s / 2.0);
            continue;
        }
        let done = loss - next_loss <= 1e-14 * next_loss.abs();
        (at, loss) = (tried, next_loss);
        if done {
            break;
        }
        step = solve(hessian, gradient.map(|g| -g))?;
    }
    at.iter().all(|x| x.is_finite()).then_some(at)
}

type Derivatives = (f64, [f64; 3], [[f64; 3]; 3]);

fn derivatives(
    sample: &Sample,
    features: &impl Fn(f64) -> [f64; 2],
    goals: [f64; 2],
    used: [bool; 2],
    at: [f64; 3],
) -> Derivatives {
    let (mut loss, mut gradient, mut hessian) = (0.0, [0.0; 3], [[0.0; 3]; 3]);
    for (row, (label, score)) in sample.labels().iter().zip(sample.scores()).enumerate() {
        let [x, y] = features(*score);
        let use_of = |k: usize, x: f64| if used[k] { x } else { 0.0 };
        let z = [use_of(0, x), use_of(1, y), 1.0];
        let eta = z[0] * at[0] + z[1] * at[1] + at[2];
        let (weight, goal, p) = (sample.weight(row), goals[usize::from(*label)], logistic(eta));
        // -goal ln p - (1-goal) ln(1-p), without overflow.
        loss += weight * (eta.max(0.0) + (-eta.abs()).exp().ln_1p() - goal * eta);
        for i in 0..3 {
            gradient[i] += weight * (p - goal) * z[i];
            for k in 0..3 {
                hessian[i][k] += weight * p * (1.0 - p) * z[i] * z[k];
            }
        }
    }
    // An unused slope, and a curve that runs off, stay solvable.
    let scale = (0..3).map(|i| hessian[i][i]).fold(1e-300, f64::max);
    for (i, row) in hessian.iter_mut().enumerate() {
        row[i] += if row[i] == 0.0 { 1.0 } else { 1e-13 * scale };
    }
    (loss, gradient, hessian)
}

/// Gaussian elimination with pivots.
fn solve(mut a: [[f64; 3]; 3], mut b: [f64; 3]) -> Option<[f64; 3]> {
    for k in 0..3 {
        let pivot = (k..3).max_by(|i, j| a[*i][k].abs().total_cmp(&a[*j][k].abs()))?;
        a.swap(k, pivot);
        b.swap(k, pivot);
        if a[k][k] == 0.0 {
            return None;
        }
        for i in k + 1..3 {
            let times = a[i][k] / a[k][k];
            let upper = a[k];
            (k..3).for_each(|j| a[i][j] -= times * upper[j]);
            b[i] -= times * b[k];
        }
    }
    let mut x = [0.0; 3];
    for k in (0..3).rev() {
        let known: f64 = (k + 1..3).map(|j| a[k][j] * x[j]).sum();
        x[k] = (b[k] - known) / a[k][k];
    }
    Some(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of two scores each, so many of so many positive: two unknowns, two shares, both met exactly.
    fn two_scores(low: f64, high: f64) -> Sample {
        let labels = (0..40).map(|k| if k < 20 { k < 5 } else { k < 35 }).collect();
        let scores = (0..40).map(|k| if k < 20 { low } else { high }).collect();
        Sample::new(labels, scores).unwrap()
    }

    #[test]
    fn platt_meets_shrunken_shares_of_two_scores() {
        let found = Platt::fit(&two_scores(-1.0, 2.0)).unwrap();
        let share = |positives: f64| (positives * 21.0 / 22.0 + (20.0 - positives) / 22.0) / 20.0;
        assert!((found.probability(-1.0) - share(5.0)).abs() < 1e-9);
        assert!((found.probability(2.0) - share(15.0)).abs() < 1e-9);
    }

    #[test]
    fn beta_finds_the_identity_and_a_stated_map() {
        // Scores that are probabilities already: a = b = 1, c = 0.
        let scores: Vec<f64> = (1..20).map(|k| f64::from(k) / 20.0).collect();
        let row = |map: fn(f64) -> f64| {
            let labels = scores.iter().flat_map(|_| [true, false]).collect();
            let weights = scores.iter().flat_map(|s| [map(*s), 1.0 - map(*s)]).collect();
            let all = scores.iter().flat_map(|s| [*s, *s]).collect();
            BetaCalibration::fit(&Sample::new(labels, all).unwrap().with_weights(weights).unwrap()).unwrap()
        };
        let same = row(|s| s);
        assert!(
            (same.a - 1.0).abs() < 1e-6 && (same.b - 1.0).abs() < 1e-6 && same.c.abs() < 1e-6,
            "{same:?}"
        );
        let bent = row(|s| logistic(0.5 * s.ln() - 2.0 * (1.0 - s).ln() - 1.0));
        assert!((bent.a - 0.5).abs() < 1e-6 && (bent.b - 2.0).abs() < 1e-6 && (bent.c + 1.0).abs() < 1e-6);
        // A falling score: no rising map does better than the prevalence.
        let falling = row(|s| 1.0 - s);
        assert!(falling.a >= 0.0 && falling.b <= 0.0 || falling.a == 0.0, "{falling:?}");
    }

    #[test]
    fn one_class_has_no_curve() {
        let one = Sample::new(vec![true, true], vec![0.1, 0.9]).unwrap();
        assert_eq!((Platt::fit(&one), BetaCalibration::fit(&one)), (None, None));
    }
}
