//! What is measured in every resample.

use super::atoms::Ladder;
use crate::fraud::judging::Counts;
use crate::fraud::judging::walk::{Step, walk};

/// Metrics at the threshold in use.
pub const FIXED: [&str; 10] =
    ["precision", "recall", "specificity", "fpr", "f1", "f2", "g_mean", "mcc", "kappa", "balanced_accuracy"];
/// Metrics of the ranking.
pub const RANKING: [&str; 3] = ["auroc", "average_precision", "auprc_davis"];
/// Metrics at a resample's own best threshold, and that threshold.
pub const TUNED: [&str; 6] = ["threshold", "precision", "recall", "f1", "g_mean", "mcc"];

/// The metrics of one resample; absent where undefined.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measures {
    pub fixed: [Option<f64>; FIXED.len()],
    pub ranking: [Option<f64>; RANKING.len()],
    pub tuned: [Option<f64>; TUNED.len()],
}

impl Measures {
    pub fn of(steps: &[Step], ladder: &Ladder, has_threshold: bool) -> Self {
        let walked = walk(steps);
        let tuned = walked.best.map_or([None; TUNED.len()], |(rung, counts)| {
            [
                ladder.score.get(rung).copied().filter(|score| score.is_finite()),
                counts.precision().ok(),
                counts.recall().ok(),
                counts.f1().ok(),
                counts.g_mean().ok(),
                counts.mcc().ok(),
            ]
        });
        Self {
            fixed: if has_threshold { fixed(&counts_at(steps, ladder.flagged)) } else { [None; FIXED.len()] },
            ranking: [walked.auroc, walked.average_precision, walked.auprc_davis],
            tuned,
        }
    }
}

fn fixed(counts: &Counts) -> [Option<f64>; FIXED.len()] {
    [
        counts.precision().ok(),
        counts.recall().ok(),
        counts.specificity().ok(),
        counts.fpr().ok(),
        counts.f1().ok(),
        counts.f_beta(2.0).ok(),
        counts.g_mean().ok(),
        counts.mcc().ok(),
        counts.kappa().ok(),
        counts.balanced_accuracy().ok(),
    ]
}

/// The counts where the first so many steps are flagged.
pub(super) fn counts_at(steps: &[Step], flagged: usize) -> Counts {
    let mass = |steps: &[Step]| steps.iter().fold((0.0, 0.0), |(p, n), s| (p + s.positive, n + s.negative));
    let (above, below) = steps.split_at(flagged.min(steps.len()));
    let ((tp, fp), (fn_, tn)) = (mass(above), mass(below));
    Counts { tp, fp, fn_, tn }
}
