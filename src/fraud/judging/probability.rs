//! How well scores serve as probabilities. In: a sample whose scores lie in 0 to 1. Out: Brier score and log loss.
//!
//! Brier (1950): the mean of (p - y)^2. Over bins it is reliability - resolution + uncertainty (Murphy 1973), and what
//! varies inside the bins (Stephenson et al. 2008). Skill: 1 - B / (pi (1 - pi)). By class, since the many negatives
//! decide the whole (Wallace & Dahabreh 2012). Log loss in nats, p clipped to 1e-15 from either end.

use super::bins::{Bin, equal_mass};
use super::measured::{Measured, NO_NEGATIVES, NO_POSITIVES, Undefined};
use super::sample::Sample;
use crate::numeric::Sum;

/// How near to 0 and 1 the log loss lets a score come.
pub const LOG_LOSS_CLIP: f64 = 1e-15;

/// Says whether all scores lie in 0 to 1.
///
/// # Errors
/// When one does not.
pub fn are_probabilities(sample: &Sample) -> Result<(), Undefined> {
    let order = sample.order();
    let ends = [order.first(), order.last()].map(|row| row.map_or(0.5, |row| sample.scores()[*row as usize]));
    if ends[0] <= 1.0 && ends[1] >= 0.0 {
        Ok(())
    } else {
        Err(Undefined("a score lies outside 0 to 1, so the scores are no probabilities"))
    }
}

/// The weighted mean of a loss over the rows of some labels.
fn mean(sample: &Sample, only: Option<bool>, loss: impl Fn(f64, bool) -> f64) -> Measured {
    are_probabilities(sample)?;
    let (mut total, mut weights) = (Sum::default(), Sum::default());
    for (row, (score, label)) in sample.scores().iter().zip(sample.labels()).enumerate() {
        if only.is_none_or(|only| only == *label) {
            total.add(sample.weight(row) * loss(*score, *label));
            weights.add(sample.weight(row));
        }
    }
    if weights.value() == 0.0 {
        return Err(if only == Some(false) { NO_NEGATIVES } else { NO_POSITIVES });
    }
    Ok(total.value() / weights.value())
}

fn squared(score: f64, label: bool) -> f64 {
    (score - f64::from(label)).powi(2)
}

/// The Brier score.
///
/// # Errors
/// When the scores are no probabilities.
pub fn brier(sample: &Sample) -> Measured {
    mean(sample, None, squared)
}

/// The Brier score of one class alone.
///
/// # Errors
/// When the scores are no probabilities, or the class is absent.
pub fn brier_of(sample: &Sample, label: bool) -> Measured {
    mean(sample, Some(label), squared)
}

/// The mean of -ln of the probability that was given to what happened.
///
/// # Errors
/// When the scores are no probabilities.
pub fn log_loss(sample: &Sample) -> Measured {
    mean(sample, None, |score, label| {
        let p = score.clamp(LOG_LOSS_CLIP, 1.0 - LOG_LOSS_CLIP);
        if label { -p.ln() } else { -(-p).ln_1p() }
    })
}

/// The parts of the Brier score: it is reliability - resolution + uncertainty + within.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BrierParts {
    /// The Brier score itself.
    pub brier: f64,
    /// How far the bins' scores lie from their rates; less is better.
    pub reliability: f64,
    /// How far the bins' rates lie from the prevalence; more is better.
    pub resolution: f64,
    /// What the prevalence alone leaves open: pi (1 - pi).
    pub uncertainty: f64,
    /// What varies inside the bins.
    pub within: f64,
}

impl BrierParts {
    /// Over so many bins of equal mass.
    ///
    /// # Errors
    /// When the scores are no probabilities.
    pub fn of(sample: &Sample, bins: usize) -> Result<Self, Undefined> {
        let whole = brier(sample)?;
        let (positives, negatives) = sample.class_weights();
        let total = positives + negatives;
        let prevalence = positives / total;
        let bins = equal_mass(sample, bins)?;
        let over =
            |term: &dyn Fn(&Bin) -> f64| Sum::of(bins.iter().map(|bin| bin.weight * term(bin))) / total;
        let reliability = over(&|bin| (bin.mean_score - bin.rate).powi(2));
        let resolution = over(&|bin| (bin.rate - prevalence).powi(2));
        let uncertainty = prevalence * (1.0 - prevalence);
        let within = whole - reliability + resolution - uncertainty;
        Ok(Self { brier: whole, reliability, resolution, uncertainty, within })
    }

    /// 1 - B / uncertainty: 0 is what the prevalence as score gets.
    ///
    /// # Errors
    /// When a class is absent.
    pub fn skill(&self) -> Measured {
        if self.uncertainty == 0.0 {
            return Err(Undefined("only one class is there"));
        }
        Ok(1.0 - self.brier / self.uncertainty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_the_brier_score_add_up() {
        let labels: Vec<bool> = (0..40).map(|row| row % 3 == 0).collect();
        let scores: Vec<f64> = (0..40).map(|row| f64::from(row % 4) / 4.0).collect();
        let sample = Sample::new(labels, scores).expect("rows");
        let parts = BrierParts::of(&sample, 10).expect("probabilities");
        let sum = parts.reliability - parts.resolution + parts.uncertainty + parts.within;
        assert!((sum - parts.brier).abs() < 1e-15);
        // Each bin holds one score, so nothing varies inside.
        assert!(parts.within.abs() < 1e-15);
        let (positives, negatives) = sample.class_weights();
        let by_class = brier_of(&sample, true).expect("there") * positives
            + brier_of(&sample, false).expect("there") * negatives;
        assert!((by_class / 40.0 - parts.brier).abs() < 1e-15);
    }

    #[test]
    fn scores_that_are_no_probabilities_are_said_to_be_none() {
        let sample = Sample::new(vec![true, false], vec![1.5, 0.0]).expect("rows");
        assert!(
            brier(&sample).is_err() && log_loss(&sample).is_err() && BrierParts::of(&sample, 10).is_err()
        );
    }
}
