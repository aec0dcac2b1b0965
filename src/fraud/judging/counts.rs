//! The four counts of a threshold, weighted, and every metric that is made of them.
//!
//! P = TP + FN, N = FP + TN. G-mean = sqrt(TPR x TNR) (Kubat & Matwin 1997); MCC as Matthews 1975, its denominator as
//! a product of square roots, which cannot overflow; kappa as Cohen 1960; IBA as Garcia et al. 2009. Each is a plain
//! number without a unit.

use super::measured::{Measured, NO_NEGATIVES, NO_POSITIVES, Undefined, ratio};
use super::sample::Sample;
use crate::numeric::Sum;

const NONE_FLAGGED: Undefined = Undefined("nothing was flagged");
const ALL_FLAGGED: Undefined = Undefined("everything was flagged");

/// Weighted counts of a threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    /// Positives that were flagged.
    pub tp: f64,
    /// Negatives that were flagged.
    pub fp: f64,
    /// Positives that were not.
    pub fn_: f64,
    /// Negatives that were not.
    pub tn: f64,
}

impl Counts {
    /// The counts of a sample: flagged is a score of at least the threshold.
    #[must_use]
    pub fn at(sample: &Sample, threshold: f64) -> Self {
        let mut sums = [Sum::default(); 4];
        for (row, (positive, score)) in sample.labels().iter().zip(sample.scores()).enumerate() {
            let cell = match (*score >= threshold, *positive) {
                (true, true) => 0,
                (true, false) => 1,
                (false, true) => 2,
                (false, false) => 3,
            };
            sums[cell].add(sample.weight(row));
        }
        let [tp, fp, fn_, tn] = sums.map(Sum::value);
        Self { tp, fp, fn_, tn }
    }

    /// TP + FN.
    #[must_use]
    pub fn positives(&self) -> f64 {
        self.tp + self.fn_
    }

    /// FP + TN.
    #[must_use]
    pub fn negatives(&self) -> f64 {
        self.fp + self.tn
    }

    /// TP + FP.
    #[must_use]
    pub fn flagged(&self) -> f64 {
        self.tp + self.fp
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.positives() + self.negatives()
    }

    /// The same with the classes swapped: what was flagged is not, and what was a positive is a negative.
    #[must_use]
    pub fn swapped(&self) -> Self {
        Self { tp: self.tn, fp: self.fn_, fn_: self.fp, tn: self.tp }
    }

    /// TP / (TP + FP).
    ///
    /// # Errors
    /// When nothing was flagged.
    pub fn precision(&self) -> Measured {
        ratio(self.tp, self.flagged(), NONE_FLAGGED)
    }

    /// TP / P, the true positive rate.
    ///
    /// # Errors
    /// Without positives.
    pub fn recall(&self) -> Measured {
        ratio(self.tp, self.positives(), NO_POSITIVES)
    }

    /// TN / N, the true negative rate.
    ///
    /// # Errors
    /// Without negatives.
    pub fn specificity(&self) -> Measured {
        ratio(self.tn, self.negatives(), NO_NEGATIVES)
    }

    /// FP / N, the false positive rate.
    ///
    /// # Errors
    /// Without negatives.
    pub fn fpr(&self) -> Measured {
        ratio(self.fp, self.negatives(), NO_NEGATIVES)
    }

    /// TN / (TN + FN), the negative predictive value.
    ///
    /// # Errors
    /// When everything was flagged.
    pub fn npv(&self) -> Measured {
        ratio(self.tn, self.tn + self.fn_, ALL_FLAGGED)
    }

    /// (1 + b^2) TP / ((1 + b^2) TP + b^2 FN + FP).
    ///
    /// # Errors
    /// When nothing is positive and nothing was flagged. With no positives but false alarms it is a defined 0.
    pub fn f_beta(&self, b: f64) -> Measured {
        let hits = (1.0 + b * b) * self.tp;
        let nothing = Undefined("there is no positive row and nothing was flagged");
        ratio(hits, hits + b * b * self.fn_ + self.fp, nothing)
    }

    /// F with precision and recall of equal importance.
    ///
    /// # Errors
    /// As [`f_beta`](Self::f_beta).
    pub fn f1(&self) -> Measured {
        self.f_beta(1.0)
    }

    /// sqrt(TPR x TNR).
    ///
    /// # Errors
    /// When a class is absent.
    pub fn g_mean(&self) -> Measured {
        Ok((self.recall()? * self.specificity()?).sqrt())
    }

    /// sqrt(precision x recall), after Fowlkes and Mallows; not the G-mean.
    ///
    /// # Errors
    /// Without positives, or when nothing was flagged.
    pub fn g_measure(&self) -> Measured {
        let recall = self.recall()?;
        Ok((self.precision()? * recall).sqrt())
    }

    /// The correlation of flag and label.
    ///
    /// # Errors
    /// When a class is absent, or nothing or everything was flagged.
    pub fn mcc(&self) -> Measured {
        if self.positives() == 0.0 {
            return Err(NO_POSITIVES);
        }
        if self.negatives() == 0.0 {
            return Err(NO_NEGATIVES);
        }
        let passed = self.tn + self.fn_;
        if self.flagged() == 0.0 || passed == 0.0 {
            return Err(if passed == 0.0 { ALL_FLAGGED } else { NONE_FLAGGED });
        }
        let flags = self.flagged().sqrt() * passed.sqrt();
        let labels = self.positives().sqrt() * self.negatives().sqrt();
        Ok(((self.tp * self.tn - self.fp * self.fn_) / flags / labels).clamp(-1.0, 1.0))
    }

    /// (po - pe) / (1 - pe): agreement beyond chance.
    ///
    /// # Errors
    /// When chance alone agrees everywhere.
    pub fn kappa(&self) -> Measured {
        let passed = self.tn + self.fn_;
        // (po - pe) / (1 - pe), both times n^2 / 2.
        let top = 2.0 * (self.tp * self.tn - self.fp * self.fn_);
        let bottom = self.flagged() * self.negatives() + self.positives() * passed;
        ratio(top, bottom, Undefined("labels and flags are all of one and the same class"))
    }

    /// (TPR + TNR) / 2.
    ///
    /// # Errors
    /// When a class is absent.
    pub fn balanced_accuracy(&self) -> Measured {
        Ok((self.recall()? + self.specificity()?) / 2.0)
    }

    /// TPR + TNR - 1, after Youden.
    ///
    /// # Errors
    /// When a class is absent.
    pub fn youden_j(&self) -> Measured {
        Ok(self.recall()? + self.specificity()? - 1.0)
    }

    /// (TP + TN) / n: of little use where one class is rare.
    ///
    /// # Errors
    /// When there is no weight at all.
    pub fn accuracy(&self) -> Measured {
        ratio(self.tp + self.tn, self.total(), Undefined("there is no row"))
    }

    /// (1 + alpha (TPR - TNR)) TPR TNR: the index of balanced accuracy of the squared G-mean.
    ///
    /// # Errors
    /// When a class is absent.
    pub fn iba(&self, alpha: f64) -> Measured {
        let (tpr, tnr) = (self.recall()?, self.specificity()?);
        Ok((1.0 + alpha * (tpr - tnr)) * tpr * tnr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// imbalanced-learn's own test: 25 and 25 rows, sensitivity 0.68 and 0.88 by class.
    #[test]
    fn imbalanced_learns_example() {
        let counts = Counts { tp: 17.0, fp: 3.0, fn_: 8.0, tn: 22.0 };
        assert!((counts.g_mean().expect("both classes") - 0.7735).abs() < 1e-4);
        let mean = (counts.iba(0.1).expect("both") + counts.swapped().iba(0.1).expect("both")) / 2.0;
        assert!((mean - 0.68 * 0.88).abs() < 1e-12);
    }

    #[test]
    fn large_counts_do_not_overflow() {
        let counts = Counts { tp: 2e12, fp: 1e12, fn_: 1e12, tn: 4e15 };
        assert!((counts.mcc().expect("defined") - 2.0 / 3.0).abs() < 1e-3);
    }

    #[test]
    fn a_cell_that_is_empty_gives_a_reason_not_a_zero() {
        let none = Counts { tn: 3.0, ..Counts::default() };
        assert_eq!(none.f1(), Err(Undefined("there is no positive row and nothing was flagged")));
        assert_eq!(none.g_mean(), Err(NO_POSITIVES));
        assert_eq!(none.kappa(), Err(Undefined("labels and flags are all of one and the same class")));
        assert_eq!(Counts { fp: 1.0, ..none }.f1(), Ok(0.0));
    }
}
