//! All metrics under the names they are reported by. In: a sample, its steps, a threshold. Out: names and figures, each
//! with its reason where it is undefined.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::bins::{ece_equal_mass, ece_equal_width};
use super::counts::Counts;
use super::measured::{Measured, Undefined};
use super::probability::{BrierParts, brier_of, log_loss};
use super::ranking::{
    auprc_davis, auprc_trapezoid, auroc, average_precision, ks, partial_auroc_mcclish, tpr_at_fpr,
};
use super::sample::Sample;
use super::slope::CalibrationLine;
use super::steps::Steps;
use super::top::{precision_at_expected, precision_at_stable, recall_at_expected, recall_at_stable};

/// Weight of the dominance in IBA, as imbalanced-learn has it.
pub const IBA_ALPHA: f64 = 0.1;
/// Bins of the Brier score's parts.
pub const BRIER_BINS: usize = 10;
const NO_THRESHOLD: Undefined = Undefined("there is no threshold: tuning one needs rows of both classes");

/// What stands in for 0/0, as scikit-learn's option of that name.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum ZeroDivision {
    /// Nothing: it is null, with a reason.
    #[default]
    Null,
    /// A number; MCC, and AP without positives, are then 0 whatever the number.
    Value(f64),
}

/// Names and figures, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics(Vec<(String, Measured)>);

impl Metrics {
    /// Every metric of a sample; without a threshold those that need one are undefined.
    #[must_use]
    pub fn of(sample: &Sample, steps: &Steps, threshold: Option<f64>, ks_at: &[usize]) -> Self {
        let mut metrics = Self::default();
        metrics.at_threshold(threshold.map(|threshold| steps.counts_at(threshold)));
        metrics.ranking(steps);
        metrics.probabilities(sample, steps);
        for k in ks_at {
            metrics.put(format!("precision_at_{k}_stable_order"), precision_at_stable(sample, *k));
            metrics.put(format!("precision_at_{k}_tie_expected"), precision_at_expected(steps, *k));
            metrics.put(format!("recall_at_{k}_stable_order"), recall_at_stable(sample, *k));
            metrics.put(format!("recall_at_{k}_tie_expected"), recall_at_expected(steps, *k));
        }
        metrics
    }

    fn put(&mut self, name: impl Into<String>, value: Measured) {
        self.0.push((name.into(), value));
    }

    fn at_threshold(&mut self, counts: Option<Counts>) {
        let mut put = |name: &str, value: fn(&Counts) -> Measured| {
            self.put(name, counts.as_ref().map_or(Err(NO_THRESHOLD), value));
        };
        put("tp", |c| Ok(c.tp));
        put("fp", |c| Ok(c.fp));
        put("fn", |c| Ok(c.fn_));
        put("tn", |c| Ok(c.tn));
        put("f1", Counts::f1);
        put("g_mean", Counts::g_mean);
        put("mcc", Counts::mcc);
        put("precision", Counts::precision);
        put("recall", Counts::recall);
        put("specificity", Counts::specificity);
        put("fpr", Counts::fpr);
        put("npv", Counts::npv);
        put("f05", |c| c.f_beta(0.5));
        put("f2", |c| c.f_beta(2.0));
        put("g_measure_fowlkes_mallows", Counts::g_measure);
        put("kappa", Counts::kappa);
        put("balanced_accuracy", Counts::balanced_accuracy);
        put("youden_j", Counts::youden_j);
        put("iba_alpha01", |c| c.iba(IBA_ALPHA));
        put("accuracy", Counts::accuracy);
    }

    fn ranking(&mut self, steps: &Steps) {
        self.put("auroc", auroc(steps));
        self.put("average_precision", average_precision(steps));
        self.put("auprc_davis", auprc_davis(steps));
        self.put("auprc_trapezoid", auprc_trapezoid(steps));
        self.put("pauc_fpr01_mcclish", partial_auroc_mcclish(steps, 0.01));
        self.put("ks", ks(steps));
        self.put("tpr_at_fpr_0001", tpr_at_fpr(steps, 0.001));
        self.put("tpr_at_fpr_001", tpr_at_fpr(steps, 0.01));
    }

    fn probabilities(&mut self, sample: &Sample, steps: &Steps) {
        let parts = BrierParts::of(sample, BRIER_BINS);
        let part = |of: fn(&BrierParts) -> f64| parts.map(|parts| of(&parts));
        self.put("brier", part(|parts| parts.brier));
        self.put("brier_skill", parts.and_then(|parts| parts.skill()));
        self.put("brier_reliability", part(|parts| parts.reliability));
        self.put("brier_resolution", part(|parts| parts.resolution));
        self.put("brier_uncertainty", part(|parts| parts.uncertainty));
        self.put("brier_within_bins", part(|parts| parts.within));
        self.put("brier_positives", brier_of(sample, true));
        self.put("brier_negatives", brier_of(sample, false));
        self.put("log_loss_eps1e-15", log_loss(sample));
        self.put("ece_equal_width_10", ece_equal_width(sample, 10));
        self.put("ece_equal_width_15", ece_equal_width(sample, 15));
        self.put("ece_equal_mass_10", ece_equal_mass(sample, 10));
        self.put("ece_equal_mass_15", ece_equal_mass(sample, 15));
        let line = CalibrationLine::fit(sample, steps);
        self.put("calibration_slope", line.map(|line| line.slope));
        self.put("calibration_intercept", line.map(|line| line.intercept));
        self.put("calibration_in_the_large", line.map(|line| line.in_the_large));
    }

    /// Puts something in the place of 0/0, where there is a threshold at all.
    pub fn stand_in(&mut self, rule: ZeroDivision) {
        const RATIOS: [&str; 11] = [
            "precision",
            "recall",
            "specificity",
            "fpr",
            "npv",
            "f1",
            "f05",
            "f2",
            "g_mean",
            "iba_alpha01",
            "g_measure_fowlkes_mallows",
        ];
        let ZeroDivision::Value(number) = rule else { return };
        for (name, value) in &mut self.0 {
            let stand_in = match name.as_str() {
                "mcc" | "average_precision" => Some(0.0),
                name if RATIOS.contains(&name) => Some(number),
                _ => None,
            };
            if let (Some(stand_in), true) = (stand_in, value.is_err_and(|why| why != NO_THRESHOLD)) {
                *value = Ok(stand_in);
            }
        }
    }

    /// A figure by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Measured> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }

    /// The names and figures.
    #[must_use]
    pub fn all(&self) -> &[(String, Measured)] {
        &self.0
    }

    /// Why what is undefined is so.
    #[must_use]
    pub fn reasons(&self) -> BTreeMap<String, &'static str> {
        let why = |(name, value): &(String, Measured)| value.err().map(|why| (name.clone(), why.0));
        self.0.iter().filter_map(why).collect()
    }
}

/// A map from name to number, null where undefined.
impl Serialize for Metrics {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, value)| (name, value.ok())))
    }
}
