//! Calibration by a line on the log-odds (Cox 1958): logit P(y = 1) = a + b logit p. In: a sample of probabilities.
//! Out: slope b (1 when the spread of the scores is right, below 1 when they are too extreme), intercept a, and the
//! intercept with the slope held at 1, calibration in the large. Newton's method on the likelihood over distinct
//! scores.

use super::measured::Undefined;
use super::probability::{LOG_LOSS_CLIP, are_probabilities};
use super::sample::Sample;
use super::steps::Steps;
use crate::numeric::Sum;

const ROUNDS: usize = 100;

/// A line on the log-odds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationLine {
    /// b.
    pub slope: f64,
    /// a.
    pub intercept: f64,
    /// a where b is held at 1.
    pub in_the_large: f64,
}

/// A distinct score: its log-odds, and the weights of its positives and negatives.
type Point = (f64, f64, f64);

impl CalibrationLine {
    /// Fits it.
    ///
    /// # Errors
    /// When a class is absent, the scores are no probabilities, all the same, or part the classes without overlap: the
    /// likelihood then has no highest point.
    pub fn fit(sample: &Sample, steps: &Steps) -> Result<Self, Undefined> {
        are_probabilities(sample)?;
        let logit = |score: f64| {
            let p = score.clamp(LOG_LOSS_CLIP, 1.0 - LOG_LOSS_CLIP);
            p.ln() - (-p).ln_1p()
        };
        let points: Vec<Point> = steps
            .scores
            .iter()
            .zip(steps.gains())
            .map(|(score, (pos, neg))| (logit(*score), pos, neg))
            .collect();
        overlap(&points)?;
        let [_, in_the_large] = newton(&points, [1.0, 0.0], false)?;
        let [slope, intercept] = newton(&points, [1.0, in_the_large], true)?;
        Ok(Self { slope, intercept, in_the_large })
    }
}

/// The likelihood has a highest point where the classes' log-odds overlap.
fn overlap(points: &[Point]) -> Result<(), Undefined> {
    let range = |of: fn(&Point) -> f64| {
        let there = || points.iter().filter(move |point| of(point) > 0.0).map(|point| point.0);
        (there().fold(f64::INFINITY, f64::min), there().fold(f64::NEG_INFINITY, f64::max))
    };
    let (positives, negatives) = (range(|point| point.1), range(|point| point.2));
    if positives.0 > positives.1 || negatives.0 > negatives.1 {
        return Err(Undefined("only one class is there"));
    }
    if positives.0 < negatives.1 && negatives.0 < positives.1 {
        Ok(())
    } else {
        Err(Undefined("the scores are all the same or part the classes without overlap"))
    }
}

/// The negative log-likelihood of a line.
fn loss(points: &[Point], [slope, intercept]: [f64; 2]) -> f64 {
    Sum::of(points.iter().map(|(x, pos, neg)| {
        let z = intercept + slope * x;
        // ln(1 + e^z) without overflow.
        let softplus = |z: f64| z.max(0.0) + (-z.abs()).exp().ln_1p();
        pos * softplus(-z) + neg * softplus(z)
    }))
}

/// Newton's method with halved steps; without `free` the slope stays.
fn newton(points: &[Point], start: [f64; 2], free: bool) -> Result<[f64; 2], Undefined> {
    let mut line = start;
    let mut best = loss(points, line);
    for _ in 0..ROUNDS {
        let [mut g0, mut g1, mut h00, mut h01, mut h11] = [Sum::default(); 5];
        for (x, pos, neg) in points {
            let p = 1.0 / (1.0 + (-(line[1] + line[0] * x)).exp());
            let (gradient, curve) = (pos - (pos + neg) * p, (pos + neg) * p * (1.0 - p));
            g0.add(gradient);
            g1.add(gradient * x);
            h00.add(curve);
            h01.add(curve * x);
            h11.add(curve * x * x);
        }
        let [g0, g1, h00, h01, h11] = [g0, g1, h00, h01, h11].map(Sum::value);
        let det = h00 * h11 - h01 * h01;
        let step =
            if free { [(h00 * g1 - h01 * g0) / det, (h11 * g0 - h01 * g1) / det] } else { [0.0, g0 / h00] };
        let mut share = 1.0;
        loop {
            let next = [line[0] + share * step[0], line[1] + share * step[1]];
            let found = loss(points, next);
            if found.is_finite() && found <= best {
                let moved = (next[0] - line[0]).abs() + (next[1] - line[1]).abs();
                (line, best) = (next, found);
                if moved <= 1e-12 * (1.0 + line[0].abs() + line[1].abs()) {
                    return Ok(line);
                }
                break;
            }
            share /= 2.0;
            if share < 1e-10 {
                // No step lowers the loss any more: as near as doubles come, unless the first one failed.
                let flat =
                    g0.abs() + g1.abs() <= 1e-6 * Sum::of(points.iter().map(|point| point.1 + point.2));
                return if flat { Ok(line) } else { Err(Undefined("the fit of the line does not settle")) };
            }
        }
    }
    Err(Undefined("the fit of the line does not settle"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rates that lie on a line of log-odds exactly: logit rate = 0.3 + 0.5 logit p.
    #[test]
    fn a_line_is_found_again() {
        let (mut labels, mut scores, mut weights) = (vec![], vec![], vec![]);
        for p in [0.01_f64, 0.1, 0.3, 0.5, 0.9] {
            let z = 0.3 + 0.5 * (p / (1.0 - p)).ln();
            let rate = 1.0 / (1.0 + (-z).exp());
            for (label, weight) in [(true, rate), (false, 1.0 - rate)] {
                labels.push(label);
                scores.push(p);
                weights.push(weight);
            }
        }
        let sample = Sample::new(labels, scores).expect("rows").with_weights(weights).expect("weights");
        let line = CalibrationLine::fit(&sample, &Steps::of(&sample)).expect("a line");
        assert!((line.slope - 0.5).abs() < 1e-9 && (line.intercept - 0.3).abs() < 1e-9, "{line:?}");
    }

    #[test]
    fn classes_that_do_not_overlap_have_no_line() {
        for scores in [vec![0.1, 0.2, 0.8], vec![0.5, 0.5, 0.5]] {
            let sample = Sample::new(vec![false, false, true], scores).expect("rows");
            assert!(CalibrationLine::fit(&sample, &Steps::of(&sample)).is_err());
        }
    }
}
