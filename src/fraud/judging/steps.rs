//! The sample as steps: one a distinct score, from the highest down. In: a sample. Out: what is flagged, by class, when
//! the threshold stands on each score. Everything that ranks is a walk over these.

use super::counts::Counts;
use super::sample::Sample;
use crate::numeric::Sum;

/// Steps from the highest score down; the three columns are of one length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Steps {
    /// The distinct scores, falling.
    pub scores: Vec<f64>,
    /// The weight of the positives at or above each.
    pub tp: Vec<f64>,
    /// The weight of the negatives at or above each.
    pub fp: Vec<f64>,
    /// Rows at or above each.
    pub rows: Vec<usize>,
    /// The weight of all positives.
    pub positives: f64,
    /// The weight of all negatives.
    pub negatives: f64,
}

impl Steps {
    /// The steps of a sample under its own weights.
    #[must_use]
    pub fn of(sample: &Sample) -> Self {
        Self::weighed(sample, |row| sample.weight(row))
    }

    /// The steps of a sample under other weights: those of a resample, say.
    #[must_use]
    pub fn weighed(sample: &Sample, weight: impl Fn(usize) -> f64) -> Self {
        let (scores, labels) = (sample.scores(), sample.labels());
        let mut steps = Self::default();
        let (mut tp, mut fp) = (Sum::default(), Sum::default());
        let order = sample.order();
        for (place, row) in order.iter().map(|row| *row as usize).enumerate() {
            (if labels[row] { &mut tp } else { &mut fp }).add(weight(row));
            if order.get(place + 1).is_none_or(|next| scores[*next as usize] != scores[row]) {
                steps.scores.push(scores[row]);
                steps.tp.push(tp.value());
                steps.fp.push(fp.value());
                steps.rows.push(place + 1);
            }
        }
        (steps.positives, steps.negatives) = (tp.value(), fp.value());
        steps
    }

    /// How many distinct scores.
    #[must_use]
    pub fn len(&self) -> usize {
        self.scores.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.scores.is_empty()
    }

    /// The counts when the threshold stands on a step's score.
    #[must_use]
    pub fn counts(&self, step: usize) -> Counts {
        self.counts_of(self.tp[step], self.fp[step])
    }

    /// The counts under any threshold.
    #[must_use]
    pub fn counts_at(&self, threshold: f64) -> Counts {
        match self.scores.partition_point(|score| *score >= threshold) {
            0 => self.counts_of(0.0, 0.0),
            flagged => self.counts(flagged - 1),
        }
    }

    fn counts_of(&self, tp: f64, fp: f64) -> Counts {
        Counts { tp, fp, fn_: self.positives - tp, tn: self.negatives - fp }
    }

    /// What each step adds: the weight of its positives and of its negatives.
    pub fn gains(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let before = |column: &[f64], step: usize| if step == 0 { 0.0 } else { column[step - 1] };
        (0..self.len())
            .map(move |step| (self.tp[step] - before(&self.tp, step), self.fp[step] - before(&self.fp, step)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_a_distinct_score() {
        let sample = Sample::new(vec![true, false, true, false], vec![0.5, 0.5, 0.9, 0.1]).expect("rows");
        let steps = Steps::of(&sample);
        assert_eq!((steps.scores.clone(), steps.tp.clone()), (vec![0.9, 0.5, 0.1], vec![1.0, 2.0, 2.0]));
        assert_eq!((steps.fp.clone(), steps.rows.clone()), (vec![0.0, 1.0, 2.0], vec![1, 3, 4]));
        assert_eq!(steps.counts_at(0.5), steps.counts(1));
        assert_eq!(steps.counts_at(0.51), steps.counts(0));
        assert_eq!(steps.counts_at(f64::INFINITY), Counts { tp: 0.0, fp: 0.0, fn_: 2.0, tn: 2.0 });
        let doubled = Steps::weighed(&sample, |row| if row == 1 { 2.0 } else { 0.0 });
        assert_eq!((doubled.positives, doubled.negatives), (0.0, 2.0));
    }
}
