//! Where to put the threshold. In: the steps of a sample. Out: a score of the sample, so that scores from it on are
//! flagged, and the midpoint to the next lower score, for rows that are yet to come.
//!
//! Candidates are the distinct scores, all of them, and no grid. The order of Kulatilleke & Samarakoon (2022) is strict:
//! the highest F1; of those that tie, the highest G-mean; of those, the higher threshold.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::compare::{by_f1, by_g_mean, nearly};
use super::counts::Counts;
use super::sample::Sample;
use super::steps::Steps;

const DAY_NANOS: i64 = 86_400_000_000_000;

/// A threshold on a score of the sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// The lowest score that is flagged.
    pub score: f64,
    /// Halfway to the next lower score: the same rows are flagged, and no score sits on it.
    pub midpoint_below: f64,
    /// What it flags in the sample.
    pub counts: Counts,
}

impl Threshold {
    /// The threshold on a step.
    #[must_use]
    pub fn on(steps: &Steps, step: usize) -> Self {
        let score = steps.scores[step];
        Self { score, midpoint_below: midpoint_below(&steps.scores, step), counts: steps.counts(step) }
    }
}

/// Halfway from a score to the next lower one of falling scores. Below the lowest score it is as far as the next higher
/// one is above it, halved (half of the score's size, or 0.5, where there is none); where doubles hold nothing between
/// the two, it is the score itself.
#[must_use]
pub fn midpoint_below(falling: &[f64], step: usize) -> f64 {
    let score = falling[step];
    let middle = match falling.get(step + 1) {
        Some(next) => f64::midpoint(score, *next),
        None => {
            let above = step.checked_sub(1).map(|higher| falling[higher] - score);
            let gap =
                above.filter(|gap| gap.is_finite()).unwrap_or(if score == 0.0 { 1.0 } else { score.abs() });
            score - gap / 2.0
        }
    };
    let between = middle < score && falling.get(step + 1).is_none_or(|next| middle > *next);
    if between { middle } else { score }
}

/// The best step in an order; of steps that tie, the one of the highest score.
fn best(steps: &Steps, order: impl Fn(&Counts, &Counts) -> Ordering) -> Option<Threshold> {
    if steps.positives == 0.0 || steps.negatives == 0.0 {
        return None;
    }
    let mut best = 0;
    for step in 1..steps.len() {
        if order(&steps.counts(step), &steps.counts(best)) == Ordering::Greater {
            best = step;
        }
    }
    Some(Threshold::on(steps, best))
}

/// The highest F1, then the highest G-mean, then the higher threshold. None where a class is absent.
#[must_use]
pub fn best_f1_then_g(steps: &Steps) -> Option<Threshold> {
    best(steps, |one, other| by_f1(one, other).then_with(|| by_g_mean(one, other)))
}

/// The highest G-mean, then the highest F1, then the higher threshold. None where a class is absent.
#[must_use]
pub fn best_g_then_f1(steps: &Steps) -> Option<Threshold> {
    best(steps, |one, other| by_g_mean(one, other).then_with(|| by_f1(one, other)))
}

/// The highest MCC, then the higher threshold. None where a class is absent.
#[must_use]
pub fn best_mcc(steps: &Steps) -> Option<Threshold> {
    best(steps, |one, other| nearly(one.mcc().unwrap_or(-1.0), other.mcc().unwrap_or(-1.0)))
}

/// The lowest threshold that flags at most so much of the negatives. None where even the highest score flags more, or
/// there are no negatives.
#[must_use]
pub fn at_fpr(steps: &Steps, max_fpr: f64) -> Option<Threshold> {
    if steps.negatives == 0.0 {
        return None;
    }
    lowest(steps, |counts| counts.fp / steps.negatives <= max_fpr)
}

/// The lowest threshold that flags at most so many rows a day, on the average of the days that have rows. None where
/// even the highest score flags more, or rows have no time.
#[must_use]
pub fn at_alerts_a_day(sample: &Sample, steps: &Steps, alerts: f64) -> Option<Threshold> {
    let days = days(sample)? as f64;
    lowest(steps, |counts| counts.flagged() <= alerts * days)
}

/// How many UTC days have rows; times are nanoseconds since 1970.
#[must_use]
pub fn days(sample: &Sample) -> Option<usize> {
    let days: BTreeSet<i64> = sample.times()?.iter().map(|time| time.div_euclid(DAY_NANOS)).collect();
    Some(days.len())
}

/// What is flagged grows from step to step, so the steps that are allowed come first.
fn lowest(steps: &Steps, allowed: impl Fn(&Counts) -> bool) -> Option<Threshold> {
    let last = (0..steps.len()).take_while(|step| allowed(&steps.counts(*step))).last()?;
    Some(Threshold::on(steps, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(labels: &[u8], scores: &[f64]) -> Steps {
        let labels = labels.iter().map(|label| *label == 1).collect();
        Steps::of(&Sample::new(labels, scores.to_vec()).expect("rows"))
    }

    /// At 0.9: TP 1, FP 0, FN 2, F1 = 1/2. At 0.3: TP 3, FP 6, F1 = 1/2; G is higher at 0.9 (sqrt(1/3) over 0).
    #[test]
    fn ties_of_f1_go_to_the_higher_g_mean_and_then_to_the_higher_threshold() {
        let mut labels = vec![1, 1, 1];
        labels.extend([0; 6]);
        let mut scores = vec![0.9, 0.3, 0.3];
        scores.extend([0.3; 6]);
        let chosen = best_f1_then_g(&steps(&labels, &scores)).expect("both classes");
        assert_eq!((chosen.score, chosen.counts.f1()), (0.9, Ok(0.5)));
        assert!((chosen.midpoint_below - 0.6).abs() < 1e-15);
        // F1 and G-mean are 0 until the last score, and both tie at every score before.
        let worst = best_g_then_f1(&steps(&[0, 0, 0, 1], &[0.4, 0.3, 0.2, 0.1])).expect("both classes");
        assert_eq!(worst.score, 0.1);
        assert_eq!(best_f1_then_g(&steps(&[0, 0], &[0.4, 0.3])), None);
    }

    #[test]
    fn the_midpoint_flags_the_same_rows() {
        let falling = [f64::INFINITY, 3.0, 1.0, 1.0_f64.next_down(), 0.0, -2.0, f64::NEG_INFINITY];
        for step in 0..falling.len() {
            let middle = midpoint_below(&falling, step);
            assert!(middle <= falling[step], "{step}");
            assert!(falling.get(step + 1).is_none_or(|next| middle > *next), "{step}: {middle}");
        }
        assert_eq!(midpoint_below(&falling, 1), 2.0);
        assert_eq!(midpoint_below(&[0.5], 0), 0.25);
    }

    #[test]
    fn fixed_rates_are_kept() {
        let steps = steps(&[1, 0, 1, 0, 0, 0], &[0.9, 0.8, 0.7, 0.6, 0.5, 0.4]);
        assert_eq!(at_fpr(&steps, 0.25).map(|at| at.score), Some(0.7));
        assert_eq!(at_fpr(&steps, 1.0).map(|at| at.score), Some(0.4));
        assert_eq!(at_fpr(&steps, 0.0).map(|at| at.score), Some(0.9));
        let sample = Sample::new(vec![true, false, false], vec![0.9, 0.8, 0.1]).expect("rows");
        let sample = sample.with_times(vec![0, DAY_NANOS, DAY_NANOS]).expect("times");
        let steps = Steps::of(&sample);
        assert_eq!(at_alerts_a_day(&sample, &steps, 1.0).map(|at| at.score), Some(0.8));
        assert_eq!(at_alerts_a_day(&sample, &steps, 0.1), None);
        assert_eq!(best_mcc(&steps).map(|at| at.score), Some(0.9));
    }
}
