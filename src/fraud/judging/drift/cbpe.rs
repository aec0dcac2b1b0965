//! Performance without labels, from calibrated scores (CBPE, as NannyML names it): a row with probability p is a
//! positive by p. Expected TP = sum of p over flagged rows, FP = sum of 1 - p over them, and so on; AUROC and average
//! precision with each row positive by p and negative by 1 - p.
//!
//! It is right only while p stays calibrated: it sees a change of the scores' mix, and nothing of a change of the rule
//! that makes a positive.

use serde::Serialize;

use crate::fraud::judging::walk::{Step, walk};
use crate::fraud::judging::{Counts, Undefined};

/// What to bear in mind.
const CAVEAT: &str = "supposes calibrated probabilities; a change of what makes a fraud is not seen";

/// Expected figures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LabelFree {
    /// Expected true positives.
    pub tp: f64,
    /// Expected false positives.
    pub fp: f64,
    /// Expected false negatives.
    #[serde(rename = "fn")]
    pub fn_: f64,
    /// Expected true negatives.
    pub tn: f64,
    /// Mean probability.
    pub prevalence: f64,
    /// Of the expected counts.
    pub precision: Option<f64>,
    /// Of the expected counts.
    pub recall: Option<f64>,
    /// Of the expected counts.
    pub f1: Option<f64>,
    /// Of the expected counts.
    pub g_mean: Option<f64>,
    /// Of the ranking.
    pub auroc: Option<f64>,
    /// Of the ranking.
    pub average_precision: Option<f64>,
    /// What to bear in mind.
    pub caveat: &'static str,
}

/// Figures of unlabelled rows with these probabilities, flagged from the threshold on.
///
/// # Errors
/// When there are no rows, or a score is no probability.
pub fn label_free(probabilities: &[f64], threshold: f64) -> Result<LabelFree, Undefined> {
    if probabilities.is_empty() {
        return Err(Undefined("there is no row"));
    }
    if probabilities.iter().any(|p| !(0.0..=1.0).contains(p)) {
        return Err(Undefined("a score lies outside 0 to 1, so it is no probability: calibrate first"));
    }
    let mut falling = probabilities.to_vec();
    falling.sort_by(|a, b| b.total_cmp(a));
    let (mut counts, mut steps) = (Counts::default(), Vec::new());
    for tie in falling.chunk_by(|a, b| a == b) {
        let (p, rows) = (tie[0], tie.len() as f64);
        let step = Step { positive: p * rows, negative: (1.0 - p) * rows };
        let (ones, zeros) =
            if p >= threshold { (&mut counts.tp, &mut counts.fp) } else { (&mut counts.fn_, &mut counts.tn) };
        *ones += step.positive;
        *zeros += step.negative;
        steps.push(step);
    }
    let walked = walk(&steps);
    Ok(LabelFree {
        tp: counts.tp,
        fp: counts.fp,
        fn_: counts.fn_,
        tn: counts.tn,
        prevalence: counts.positives() / counts.total(),
        precision: counts.precision().ok(),
        recall: counts.recall().ok(),
        f1: counts.f1().ok(),
        g_mean: counts.g_mean().ok(),
        auroc: walked.auroc,
        average_precision: walked.average_precision,
        caveat: CAVEAT,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fraud::judging::chance::Chance;

    #[test]
    fn hand_made_rows() {
        let found = label_free(&[0.9, 0.5, 0.1], 0.5).unwrap();
        assert!((found.tp - 1.4).abs() < 1e-15 && (found.fp - 0.6).abs() < 1e-15);
        assert!((found.fn_ - 0.1).abs() < 1e-15 && (found.tn - 0.9).abs() < 1e-15);
        assert!((found.f1.unwrap() - 2.8 / 3.5).abs() < 1e-12);
        assert!(label_free(&[1.2], 0.5).is_err() && label_free(&[], 0.5).is_err());
    }

    #[test]
    fn calibrated_scores_foretell_what_labels_will_show() {
        let mut chance = Chance::new(6, 6, 6);
        let p: Vec<f64> = (0..40_000).map(|_| chance.uniform().powi(6)).collect();
        let labels: Vec<bool> = p.iter().map(|p| chance.uniform() < *p).collect();
        let seen = Counts::at(&crate::fraud::judging::Sample::new(labels, p.clone()).unwrap(), 0.4);
        let foretold = label_free(&p, 0.4).unwrap();
        assert!((foretold.f1.unwrap() - seen.f1().unwrap()).abs() < 0.015);
        assert!((foretold.precision.unwrap() - seen.precision().unwrap()).abs() < 0.015);
    }
}
