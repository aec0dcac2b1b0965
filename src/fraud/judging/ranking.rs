//! How well scores rank, over all thresholds. In: the steps of a sample. Out: plain numbers, 0 to 1.
//!
//! AUROC by mid-ranks (a tie counts half). Average precision: sum over distinct scores of (R_k - R_(k-1)) P_k, ties
//! being one step. Davis-Goadrich area (2006): inside a step FP is linear in TP, which integrates in closed form.
//! McClish (1989) rescales the partial area so that chance is 0.5. The trapezoid under the precision-recall curve is
//! too high, and is there to be compared with.

use super::measured::{Measured, NO_NEGATIVES, NO_POSITIVES, Undefined};
use super::steps::Steps;
use crate::numeric::Sum;

fn both_classes(steps: &Steps) -> Result<(f64, f64), Undefined> {
    match (steps.positives, steps.negatives) {
        (0.0, _) => Err(NO_POSITIVES),
        (_, 0.0) => Err(NO_NEGATIVES),
        both => Ok(both),
    }
}

fn some_positives(steps: &Steps) -> Result<f64, Undefined> {
    if steps.positives == 0.0 { Err(NO_POSITIVES) } else { Ok(steps.positives) }
}

/// Steps as pairs of (TP, FP), each with the one before it.
fn segments(steps: &Steps) -> impl Iterator<Item = ((f64, f64), (f64, f64))> + '_ {
    let ends = steps.tp.iter().copied().zip(steps.fp.iter().copied());
    let starts = std::iter::once((0.0, 0.0)).chain(ends.clone());
    starts.zip(ends)
}

/// The chance that a positive scores above a negative, a tie counting half.
///
/// # Errors
/// When a class is absent.
pub fn auroc(steps: &Steps) -> Measured {
    let (positives, negatives) = both_classes(steps)?;
    // Twice the area, so that unweighted counts stay whole numbers.
    let twice =
        Sum::of(segments(steps).map(|((tp, fp), (tp_next, fp_next))| (fp_next - fp) * (tp + tp_next)));
    Ok(twice / positives / negatives / 2.0)
}

/// Average precision; what a constant score gets is the prevalence.
///
/// # Errors
/// Without positives.
pub fn average_precision(steps: &Steps) -> Measured {
    let positives = some_positives(steps)?;
    let step = |((tp, _), (tp_next, fp_next)): ((f64, f64), (f64, f64))| {
        let gain = tp_next - tp;
        if gain == 0.0 { 0.0 } else { gain * (tp_next / (tp_next + fp_next)) }
    };
    Ok(Sum::of(segments(steps).map(step)) / positives)
}

/// The trapezoid under the precision-recall curve, from (0, 1).
///
/// # Errors
/// Without positives.
pub fn auprc_trapezoid(steps: &Steps) -> Measured {
    let positives = some_positives(steps)?;
    let precision = |tp: f64, fp: f64| if tp + fp == 0.0 { 1.0 } else { tp / (tp + fp) };
    let step = |((tp, fp), (tp_next, fp_next)): ((f64, f64), (f64, f64))| {
        (tp_next - tp) * (precision(tp, fp) + precision(tp_next, fp_next)) / 2.0
    };
    Ok(Sum::of(segments(steps).map(step)) / positives)
}

/// The area under the precision-recall curve as it can be reached by mixing thresholds.
///
/// # Errors
/// Without positives.
pub fn auprc_davis(steps: &Steps) -> Measured {
    let positives = some_positives(steps)?;
    let step = |((tp, fp), (tp_next, fp_next)): ((f64, f64), (f64, f64))| {
        let gain = tp_next - tp;
        if gain == 0.0 {
            return 0.0;
        }
        let (slope, before) = (1.0 + (fp_next - fp) / gain, tp + fp);
        if before == 0.0 {
            return gain / slope;
        }
        gain / slope + (tp - before / slope) / slope * (slope * gain / before).ln_1p()
    };
    Ok(Sum::of(segments(steps).map(step)) / positives)
}

/// The area under the ROC curve up to a false positive rate, rescaled so that chance is 0.5 and perfection 1.
///
/// # Errors
/// When a class is absent, or the rate is not in (0, 1].
pub fn partial_auroc_mcclish(steps: &Steps, max_fpr: f64) -> Measured {
    if !(max_fpr > 0.0 && max_fpr <= 1.0) {
        return Err(Undefined("the highest false positive rate is not above 0 and at most 1"));
    }
    let (positives, negatives) = both_classes(steps)?;
    let end = max_fpr * negatives;
    let step = |((tp, fp), (tp_next, fp_next)): ((f64, f64), (f64, f64))| {
        if fp_next <= end {
            return (fp_next - fp) * (tp + tp_next) / 2.0;
        }
        // The step that passes the end counts up to there.
        let width = end - fp;
        if width <= 0.0 {
            return 0.0;
        }
        let tp_end = tp + (tp_next - tp) * width / (fp_next - fp);
        width * (tp + tp_end) / 2.0
    };
    let area = Sum::of(segments(steps).map(step)) / positives / negatives;
    let least = max_fpr * max_fpr / 2.0;
    Ok((1.0 + (area - least) / (max_fpr - least)) / 2.0)
}

/// Kolmogorov and Smirnov's distance of the classes' scores: the greatest TPR - FPR.
///
/// # Errors
/// When a class is absent.
pub fn ks(steps: &Steps) -> Measured {
    let (positives, negatives) = both_classes(steps)?;
    Ok(segments(steps).map(|(_, (tp, fp))| tp / positives - fp / negatives).fold(0.0, f64::max))
}

/// The highest true positive rate whose false positive rate is at most so much.
///
/// # Errors
/// When a class is absent.
pub fn tpr_at_fpr(steps: &Steps, max_fpr: f64) -> Measured {
    let (positives, negatives) = both_classes(steps)?;
    let within = steps.fp.partition_point(|fp| fp / negatives <= max_fpr);
    Ok(if within == 0 { 0.0 } else { steps.tp[within - 1] / positives })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fraud::judging::Sample;

    fn constant(positives: usize, negatives: usize) -> Steps {
        let labels: Vec<bool> = (0..positives + negatives).map(|row| row < positives).collect();
        Steps::of(&Sample::new(labels, vec![0.5; positives + negatives]).expect("rows"))
    }

    #[test]
    fn a_constant_score_ranks_nothing() {
        let steps = constant(2, 6);
        assert_eq!((auroc(&steps), average_precision(&steps)), (Ok(0.5), Ok(0.25)));
        assert_eq!((auprc_trapezoid(&steps), auprc_davis(&steps)), (Ok(0.625), Ok(0.25)));
        assert_eq!((ks(&steps), tpr_at_fpr(&steps, 0.5)), (Ok(0.0), Ok(0.0)));
        assert!((partial_auroc_mcclish(&steps, 0.01).expect("both") - 0.5).abs() < 1e-12);
    }

    #[test]
    fn one_class_alone_cannot_be_ranked() {
        assert_eq!(auroc(&constant(0, 3)), Err(NO_POSITIVES));
        assert_eq!(auroc(&constant(3, 0)), Err(NO_NEGATIVES));
        assert_eq!(average_precision(&constant(3, 0)), Ok(1.0));
        assert_eq!(average_precision(&constant(0, 3)), Err(NO_POSITIVES));
    }

    /// The partial area up to 1 is the whole area.
    #[test]
    fn the_partial_area_grows_into_the_whole() {
        let labels = [0, 1, 0, 1, 1, 0, 0].map(|label| label == 1).to_vec();
        let steps = Steps::of(&Sample::new(labels, vec![0.1, 0.9, 0.5, 0.5, 0.3, 0.95, 0.2]).expect("rows"));
        let whole = partial_auroc_mcclish(&steps, 1.0).expect("both");
        assert!((whole - auroc(&steps).expect("both")).abs() < 1e-15);
    }
}
