//! One walk down the scores: in, the positives and negatives at each distinct score, highest first; out, what depends
//! on the order of scores alone. Masses may be weights, resampled counts or expectations.
//!
//! ```text
//! AUROC = sum neg_k (TP_above + pos_k / 2) / (P N)       AP = sum pos_k / P  TP_k / (TP_k + FP_k)
//! Davis = the area where within a step FP is linear in TP (Davis and Goadrich 2006), exact integral
//! best  = the step with the highest F1, then G-mean, then the higher score
//! ```

use super::Counts;

/// Positives and negatives that share a score.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Step {
    /// Mass of the positives.
    pub positive: f64,
    /// Mass of the negatives.
    pub negative: f64,
}

/// What a walk finds. Absent where a class is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Walked {
    /// P(score of a positive > score of a negative) + P(tie)/2.
    pub auroc: Option<f64>,
    /// Average precision, ties one step.
    pub average_precision: Option<f64>,
    /// Davis-Goadrich area under precision and recall.
    pub auprc_davis: Option<f64>,
    /// The step that is best by F1, then G-mean, then the higher score, and its counts.
    pub best: Option<(usize, Counts)>,
}

/// Walks from the highest score to the lowest.
#[must_use]
pub fn walk(steps: &[Step]) -> Walked {
    let (positives, negatives) =
        steps.iter().fold((0.0, 0.0), |(p, n), step| (p + step.positive, n + step.negative));
    let (mut tp, mut fp) = (0.0, 0.0);
    let (mut pairs, mut precision, mut davis) = (0.0, 0.0, 0.0);
    let mut best = Best::default();
    for (index, step) in steps.iter().enumerate() {
        pairs += step.negative * (tp + step.positive / 2.0);
        if step.positive > 0.0 {
            davis += davis_segment(tp, fp, *step);
        }
        tp += step.positive;
        fp += step.negative;
        if step.positive > 0.0 {
            precision += step.positive * (tp / (tp + fp));
            best.try_step(index, (tp, fp), (positives, negatives));
        }
    }
    let both = positives > 0.0 && negatives > 0.0;
    let best = best.step.filter(|_| both).map(|(index, tp, fp)| {
        (index, Counts { tp, fp, fn_: (positives - tp).max(0.0), tn: (negatives - fp).max(0.0) })
    });
    Walked {
        auroc: both.then(|| pairs / (positives * negatives)),
        average_precision: (positives > 0.0).then(|| precision / positives),
        auprc_davis: (positives > 0.0).then(|| davis / positives),
        best,
    }
}

/// Precision integrated over the true positives of one step, false ones rising in proportion.
fn davis_segment(tp: f64, fp: f64, step: Step) -> f64 {
    let slope = step.negative / step.positive;
    let (a, b, d) = (1.0 + slope, tp + fp, step.positive);
    if b == 0.0 { d / a } else { d / a + (tp - b / a) / a * (a * d / b).ln_1p() }
}

/// The best step so far. A step that adds no positive has the F1 and G-mean of the one above at best, so only steps
/// with positives are tried.
#[derive(Default)]
struct Best {
    f1: f64,
    g_squared: f64,
    step: Option<(usize, f64, f64)>,
}

impl Best {
    fn try_step(&mut self, index: usize, (tp, fp): (f64, f64), (positives, negatives): (f64, f64)) {
        let f1 = 2.0 * tp / (tp + fp + positives);
        if self.step.is_some() && f1 < self.f1 {
            return;
        }
        let g_squared = if negatives > 0.0 { tp / positives * (1.0 - fp / negatives) } else { 0.0 };
        if self.step.is_none() || f1 > self.f1 || g_squared > self.g_squared {
            *self = Self { f1, g_squared, step: Some((index, tp, fp)) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fraud::judging::{Sample, Steps, auprc_davis, auroc, average_precision, best_f1_then_g};
    use proptest::prelude::*;

    fn steps(of: &[(f64, f64)]) -> Vec<Step> {
        of.iter().map(|(positive, negative)| Step { positive: *positive, negative: *negative }).collect()
    }

    #[test]
    fn a_hand_made_ranking() {
        // Falling scores: one fraud, one genuine row, a tie of one and one, two genuine rows.
        let found = walk(&steps(&[(1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.0, 2.0)]));
        assert_eq!(found.auroc, Some((1.0 + 1.5 + 2.0 + 2.0) / 8.0 + 0.0));
        assert_eq!(found.average_precision, Some((1.0 + 0.5) / 2.0));
        let (index, counts) = found.best.unwrap();
        assert_eq!((index, counts.tp, counts.fp, counts.fn_, counts.tn), (0, 1.0, 0.0, 1.0, 4.0));
    }

    #[test]
    fn one_class_gives_no_area() {
        let found = walk(&steps(&[(0.0, 2.0), (0.0, 1.0)]));
        assert_eq!((found.auroc, found.average_precision, found.best), (None, None, None));
        assert_eq!(walk(&steps(&[(2.0, 0.0)])).average_precision, Some(1.0));
        assert_eq!(walk(&[]).auroc, None);
    }

    #[test]
    fn one_score_for_all_is_worth_the_prevalence() {
        let found = walk(&steps(&[(2.0, 6.0)]));
        assert_eq!((found.auroc, found.average_precision), (Some(0.5), Some(0.25)));
        assert!((found.auprc_davis.unwrap() - 0.25).abs() < 1e-15);
    }

    proptest! {
        /// Reports walk compensated sums, resamples this: both say the same.
        #[test]
        fn it_finds_what_the_metrics_of_a_sample_find(
            rows in proptest::collection::vec((any::<bool>(), 0_u8..12), 2..60),
        ) {
            let (labels, scores) = rows.iter().map(|(label, score)| (*label, f64::from(*score))).unzip();
            let sample = Sample::new(labels, scores).unwrap();
            let whole = Steps::of(&sample);
            let gains: Vec<(f64, f64)> = whole.gains().collect();
            let found = walk(&steps(&gains));
            for (walked, told) in [
                (found.auroc, auroc(&whole)),
                (found.average_precision, average_precision(&whole)),
                (found.auprc_davis, auprc_davis(&whole)),
            ] {
                prop_assert_eq!(walked.is_some(), told.is_ok());
                prop_assert!((walked.unwrap_or(0.0) - told.unwrap_or(0.0)).abs() < 1e-12);
            }
            let best = best_f1_then_g(&whole).map(|best| best.counts);
            prop_assert_eq!(found.best.map(|(_, counts)| counts), best);
        }

        #[test]
        fn more_negatives_move_the_area_of_precision_only(
            rows in proptest::collection::vec((0_u8..4, 0_u8..9), 2..40), times in 2.0..50.0_f64,
        ) {
            let plain = steps(&rows.iter().map(|(p, n)| (f64::from(*p), f64::from(*n))).collect::<Vec<_>>());
            let more: Vec<Step> =
                plain.iter().map(|s| Step { positive: s.positive, negative: s.negative * times }).collect();
            let (a, b) = (walk(&plain), walk(&more));
            if let (Some(x), Some(y)) = (a.auroc, b.auroc) {
                prop_assert!((x - y).abs() < 1e-12);
                prop_assert!(b.average_precision <= a.average_precision.map(|x| x + 1e-12));
                prop_assert!(b.auprc_davis <= a.auprc_davis.map(|x| x + 1e-12));
            }
        }
    }
}
