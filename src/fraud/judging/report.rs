//! Everything that is said of a score, in one place. In: rows to judge, rows to tune on where there are others, what is
//! wanted. Out: a report, which JSON, table and page tell alike.

use std::collections::BTreeMap;

use serde::Serialize;

use super::bins::{Bin, equal_mass, equal_width};
use super::bootstrap::{self, Bootstrap, BootstrapError, bootstrap};
use super::cautions;
use super::cost::{cost_at, savings};
use super::curves::Curves;
use super::metrics::{Metrics, ZeroDivision};
use super::noise::AnnotationError;
use super::report_groups::{GroupLine, group_lines};
use super::report_more::{Drift, Noise, Sweeps};
use super::report_words::{verdict, warnings};
use super::sample::Sample;
use super::steps::Steps;
use super::threshold::{Threshold, best_f1_then_g, best_g_then_f1, days};
use super::threshold_table::{AimLine, Aims, threshold_table};
use super::top::group_precision_per_day;

/// Points of a curve that are kept, beside its hull.
const CURVE_POINTS: usize = 1_000;
const BINS: usize = 10;

/// What is wanted of a report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// The threshold, where it is given.
    pub threshold: Option<f64>,
    /// Costs and alerts a day.
    pub aims: Aims,
    /// What stands in for 0/0.
    pub zero_division: ZeroDivision,
    /// Numbers of alerts whose precision and recall are told.
    pub at: Vec<usize>,
    /// Groups that are listed at most.
    pub groups_max: usize,
    /// How intervals are drawn; without, there are none.
    pub intervals: Option<bootstrap::Settings>,
    /// How often annotators err, where it is supposed to be known.
    pub annotation: Option<AnnotationError>,
}

/// Where the threshold is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdFrom {
    /// It was given.
    Given,
    /// It was tuned on other rows.
    OtherRows,
    /// It was tuned on the rows that are judged, which flatters.
    SameRows,
}

/// A threshold of an order of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Best {
    /// The score.
    pub threshold: f64,
    /// F1 there.
    pub f1: Option<f64>,
    /// G-mean there.
    pub g_mean: Option<f64>,
}

/// Costs at the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CostLine {
    /// Cost per row.
    pub expected_cost: f64,
    /// Share saved of the cheaper of flagging none and all.
    pub savings: Option<f64>,
}

/// Scores against rates.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Calibration {
    /// Bins of equal width.
    pub equal_width: Vec<Bin>,
    /// Bins of equal mass.
    pub equal_mass: Vec<Bin>,
}

/// Something that a reader should know before believing the figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// A short name.
    pub code: &'static str,
    /// A sentence.
    pub message: String,
}

/// All that is said of a score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The outcome in a sentence.
    pub verdict: String,
    /// The threshold: flagged is a score of at least this.
    pub threshold: Option<f64>,
    /// Where it is from.
    pub threshold_from: ThresholdFrom,
    /// Halfway from it to the next lower score, where it was tuned.
    pub threshold_midpoint_below: Option<f64>,
    /// Rows.
    pub n: usize,
    /// Rows that are positive.
    pub positives: usize,
    /// The weight of all rows.
    pub weight: f64,
    /// The share of the positives, weighted.
    pub prevalence: f64,
    /// All metrics by name.
    #[serde(flatten)]
    pub metrics: Metrics,
    /// The best threshold on these rows by F1, then G-mean.
    pub best_f1_then_g: Option<Best>,
    /// The best threshold on these rows by G-mean, then F1.
    pub best_g_then_f1: Option<Best>,
    /// Why what is null is so.
    pub undefined: BTreeMap<String, &'static str>,
    /// What stands in for 0/0; null when nothing does.
    pub zero_division: Option<f64>,
    /// How sure the figures are; null where no intervals are wanted.
    pub intervals: Option<Bootstrap>,
    /// What the figures would be if annotators erred; null without a threshold.
    pub noise: Option<Noise>,
    /// The score at other prevalences and under other labels.
    pub sweeps: Sweeps,
    /// How the rows move.
    pub drift: Drift,
    /// What other aims would choose.
    pub thresholds: Vec<AimLine>,
    /// What the threshold costs, where costs are known.
    pub cost: Option<CostLine>,
    /// Alerts a day at the threshold, where rows have times.
    pub alerts_a_day: Option<f64>,
    /// Card precision: groups by day, at each k; empty without groups and times.
    pub group_precision_per_day: BTreeMap<usize, f64>,
    /// Scores against rates; empty where the scores are no probabilities.
    pub calibration: Calibration,
    /// The groups of most weight.
    pub groups: Vec<GroupLine>,
    /// How many groups there are.
    pub group_count: usize,
    /// What to know before believing.
    pub warnings: Vec<Warning>,
    /// ROC and precision-recall curve.
    pub curves: Curves,
}

impl Report {
    /// Judges rows; a threshold that is not given is tuned, on other rows where there are any.
    ///
    /// # Errors
    /// When intervals are wanted that the rows do not allow.
    pub fn of(sample: &Sample, tuning: Option<&Sample>, wanted: &Wanted) -> Result<Self, BootstrapError> {
        let steps = Steps::of(sample);
        // Rows held against themselves are the same rows, whatever the file was called.
        let tuning = tuning.filter(|tuning| !tuning.is(sample));
        let tuned_steps = tuning.map(Steps::of);
        let (tuning_rows, tuning_steps) = (tuning.unwrap_or(sample), tuned_steps.as_ref().unwrap_or(&steps));
        let tuned = best_f1_then_g(tuning_steps);
        let (threshold, from) = match (wanted.threshold, tuning) {
            (Some(given), _) => (Some(given), ThresholdFrom::Given),
            (None, Some(_)) => (tuned.map(|at| at.score), ThresholdFrom::OtherRows),
            (None, None) => (tuned.map(|at| at.score), ThresholdFrom::SameRows),
        };
        let metrics = Metrics::of(sample, &steps, threshold, &wanted.at);
        let undefined = metrics.reasons();
        let intervals =
            wanted.intervals.map(|settings| bootstrap(sample, threshold, &settings)).transpose()?;
        let mut report = Self {
            verdict: String::new(),
            threshold,
            threshold_from: from,
            threshold_midpoint_below: tuned
                .filter(|_| from != ThresholdFrom::Given)
                .map(|at| at.midpoint_below),
            n: sample.len(),
            positives: sample.labels().iter().filter(|label| **label).count(),
            weight: steps.positives + steps.negatives,
            prevalence: steps.positives / (steps.positives + steps.negatives),
            metrics,
            best_f1_then_g: best_f1_then_g(&steps).map(Best::of),
            best_g_then_f1: best_g_then_f1(&steps).map(Best::of),
            undefined,
            zero_division: match wanted.zero_division {
                ZeroDivision::Null => None,
                ZeroDivision::Value(number) => Some(number),
            },
            intervals,
            noise: threshold.map(|at| Noise::of(&steps.counts_at(at), wanted.annotation)),
            sweeps: Sweeps::of(sample, threshold, wanted.intervals.unwrap_or_default().seed),
            drift: Drift::of(sample, tuning, threshold),
            thresholds: threshold_table((tuning_rows, tuning_steps), &steps, &wanted.aims),
            cost: cost_line(sample, threshold, wanted),
            alerts_a_day: alerts_a_day(sample, &steps, threshold),
            group_precision_per_day: by_day(sample, &wanted.at),
            calibration: Calibration {
                equal_width: equal_width(sample, BINS).unwrap_or_default(),
                equal_mass: equal_mass(sample, BINS).unwrap_or_default(),
            },
            groups: group_lines(sample, threshold, wanted.groups_max),
            group_count: sample.groups().map_or(0, |groups| groups.names.len()),
            warnings: Vec::new(),
            curves: Curves::of(&steps, CURVE_POINTS),
        };
        report.metrics.stand_in(wanted.zero_division);
        report.warnings = warnings(sample, &report);
        report.warnings.extend(cautions::alone(sample, &report));
        report.warnings.extend(tuning.map(|tuning| cautions::across(sample, tuning)).unwrap_or_default());
        report.verdict = verdict(&report, tuning_rows);
        Ok(report)
    }

    /// A metric, where it is defined.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<f64> {
        self.metrics.get(name)?.ok()
    }
}

impl Best {
    fn of(at: Threshold) -> Self {
        Self { threshold: at.score, f1: at.counts.f1().ok(), g_mean: at.counts.g_mean().ok() }
    }
}

fn cost_line(sample: &Sample, threshold: Option<f64>, wanted: &Wanted) -> Option<CostLine> {
    let (costs, threshold) = (wanted.aims.costs.as_ref()?, threshold?);
    let savings = savings(sample, threshold, costs).ok();
    Some(CostLine { expected_cost: cost_at(sample, threshold, costs), savings })
}

fn alerts_a_day(sample: &Sample, steps: &Steps, threshold: Option<f64>) -> Option<f64> {
    Some(steps.counts_at(threshold?).flagged() / days(sample)? as f64)
}

fn by_day(sample: &Sample, at: &[usize]) -> BTreeMap<usize, f64> {
    at.iter().filter_map(|k| Some((*k, group_precision_per_day(sample, *k).ok()?))).collect()
}
