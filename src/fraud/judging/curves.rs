//! The ROC and the precision-recall curve, from the same thresholds. In: the steps of a sample. Out: columns, one point
//! a threshold, from the one that flags nothing to the lowest score.
//!
//! A long curve is thinned: both ends and the upper convex hull of the ROC curve stay, which are the points that a mix of
//! thresholds cannot reach (Davis & Goadrich 2006: they are those of the precision-recall curve too); of the others, those
//! that lie evenly along the three columns' path.

use serde::Serialize;

use super::steps::Steps;

/// Both curves. The first point flags nothing: its threshold is infinite, which JSON writes as null.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Curves {
    /// The thresholds, falling.
    pub threshold: Vec<f64>,
    /// Recall, TP / P.
    pub tpr: Vec<Option<f64>>,
    /// FP / N.
    pub fpr: Vec<Option<f64>>,
    /// TP / (TP + FP); null where nothing is flagged.
    pub precision: Vec<Option<f64>>,
    /// The share of the sample that is flagged.
    pub flagged: Vec<f64>,
    /// Distinct scores, which is how many points there are without thinning.
    pub distinct_scores: usize,
}

impl Curves {
    /// Of so many points at most, hull and ends aside.
    #[must_use]
    pub fn of(steps: &Steps, most: usize) -> Self {
        let kept = if steps.len() < most { (0..steps.len()).collect() } else { thinned(steps, most) };
        let mut curves = Self { distinct_scores: steps.len(), ..Self::default() };
        curves.point(steps, f64::INFINITY, 0.0, 0.0);
        for step in kept {
            curves.point(steps, steps.scores[step], steps.tp[step], steps.fp[step]);
        }
        curves
    }

    fn point(&mut self, steps: &Steps, threshold: f64, tp: f64, fp: f64) {
        let share = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        self.threshold.push(threshold);
        self.tpr.push(share(tp, steps.positives));
        self.fpr.push(share(fp, steps.negatives));
        self.precision.push(share(tp, tp + fp));
        self.flagged.push((tp + fp) / (steps.positives + steps.negatives));
    }
}

/// The steps to keep, rising.
fn thinned(steps: &Steps, most: usize) -> Vec<usize> {
    let mut keep = hull(steps);
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    let place = |step: usize| {
        let (tp, fp) = (steps.tp[step], steps.fp[step]);
        [share(tp, steps.positives), share(fp, steps.negatives), share(tp, tp + fp)]
    };
    let mut path = vec![0.0];
    for step in 1..steps.len() {
        let (from, to) = (place(step - 1), place(step));
        let moved: f64 = from.iter().zip(to).map(|(from, to)| (from - to).abs()).sum();
        path.push(path[step - 1] + moved);
    }
    let length = path[path.len() - 1];
    for point in 0..most {
        let along = length * point as f64 / most as f64;
        keep.push(path.partition_point(|at| *at < along).min(steps.len() - 1));
    }
    keep.extend([0, steps.len() - 1]);
    keep.sort_unstable();
    keep.dedup();
    keep
}

/// The steps on the upper convex hull of the ROC curve (Andrew's monotone chain).
fn hull(steps: &Steps) -> Vec<usize> {
    let mut chain: Vec<usize> = Vec::new();
    let at = |step: usize| (steps.fp[step], steps.tp[step]);
    for step in 0..steps.len() {
        let (x, y) = at(step);
        while let Some(last) = chain.last() {
            let before = chain.len().checked_sub(2).map_or((0.0, 0.0), |place| at(chain[place]));
            let (middle_x, middle_y) = at(*last);
            let turn = (middle_x - before.0) * (y - before.1) - (middle_y - before.1) * (x - before.0);
            if turn < 0.0 {
                break;
            }
            chain.pop();
        }
        chain.push(step);
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fraud::judging::Sample;

    #[test]
    fn thinning_keeps_hull_and_ends() {
        let rows = 5_000_u32;
        let noise = |row: u32| f64::from(row.wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 24);
        let labels: Vec<bool> = (0..rows).map(|row| row % 17 == 0).collect();
        let scores = (0..rows).map(|row| noise(row) + if row % 17 == 0 { 0.4 } else { 0.0 }).collect();
        let steps = Steps::of(&Sample::new(labels, scores).expect("rows"));
        let (full, thin) = (Curves::of(&steps, usize::MAX), Curves::of(&steps, 100));
        assert_eq!(full.threshold.len(), steps.len() + 1);
        assert!(thin.threshold.len() < 250);
        for end in [0, steps.len() - 1].into_iter().chain(hull(&steps)) {
            assert!(thin.threshold.contains(&steps.scores[end]));
        }
        let last = |curves: &Curves| (curves.tpr.last().copied(), curves.fpr.last().copied());
        assert_eq!((last(&thin), thin.precision.last()), (last(&full), full.precision.last()));
        // No point lies above the hull of those that stay.
        for (fpr, tpr) in full.fpr.iter().zip(&full.tpr).map(|(x, y)| (x.expect("N"), y.expect("P"))) {
            let right = thin.fpr.iter().position(|x| x.expect("N") >= fpr).expect("the end");
            assert!(thin.tpr[right..].iter().any(|y| y.expect("P") >= tpr));
        }
    }
}
