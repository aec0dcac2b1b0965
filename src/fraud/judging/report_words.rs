//! The report in words: one sentence that says how the score did, and what to know before believing it.

use super::report::{Report, ThresholdFrom, Warning};
use super::sample::Sample;

/// A prevalence from which a sample looks balanced.
const BALANCED: f64 = 0.2;
/// Positives below which a figure hangs on single rows.
const FEW_POSITIVES: usize = 30;
const SECOND_NANOS: i64 = 1_000_000_000;

/// A number of three places, or a dash.
#[must_use]
pub fn short(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
}

/// F1 and G-mean first, then what they are made of.
#[must_use]
pub fn verdict(report: &Report, tuning: &Sample) -> String {
    let Some(threshold) = report.threshold else {
        let (rows, class) = (tuning.len(), u8::from(tuning.labels().first() == Some(&true)));
        return format!("no threshold could be tuned: all {rows} rows to tune it on have the label {class}");
    };
    let from = match report.threshold_from {
        ThresholdFrom::Given => "given",
        ThresholdFrom::OtherRows => "tuned on other rows",
        ThresholdFrom::SameRows => "tuned on these very rows, which flatters",
    };
    let metric = |name: &str| short(report.metric(name));
    let count = |name: &str| report.metric(name).unwrap_or(0.0);
    let (hits, flagged) = (count("tp"), count("tp") + count("fp"));
    let unit = if report.weight == report.n as f64 { "" } else { " (by weight)" };
    format!(
        "F1 {}, G-mean {} at threshold {threshold} ({from}): {hits} of {} positives found, {flagged} flagged{unit}; \
         precision {}, recall {}, average precision {}",
        metric("f1"),
        metric("g_mean"),
        hits + count("fn"),
        metric("precision"),
        metric("recall"),
        metric("average_precision"),
    )
}

/// What the report alone shows to be doubtful.
#[must_use]
pub fn warnings(sample: &Sample, report: &Report) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |code: &'static str, message: String| warnings.push(Warning { code, message });
    if report.threshold_from == ThresholdFrom::SameRows && report.threshold.is_some() {
        let advice = "give --threshold, or other rows to tune on";
        warn(
            "threshold_tuned_on_test",
            format!("the threshold is tuned on the rows it is judged on; {advice}"),
        );
    }
    if report.intervals.is_none() {
        warn("no_interval", "there are no intervals; ask for draws".to_owned());
    }
    if report.prevalence >= BALANCED && report.prevalence < 1.0 {
        let share = 100.0 * report.prevalence;
        warn(
            "balanced_sample",
            format!(
                "{share:.0} % of the rows are positive; precision, F1 and AP will be lower where fraud is rare"
            ),
        );
    }
    if report.positives < FEW_POSITIVES {
        let positives = report.positives;
        warn(
            "few_positives",
            format!("{positives} positive rows: one more hit or miss moves every figure much"),
        );
    }
    if let Some(times) = sample.times() {
        let span =
            times.iter().max().zip(times.iter().min()).map_or(0, |(last, first)| last.saturating_sub(*first));
        if span < SECOND_NANOS && sample.len() > 1 {
            warn("times_within_a_second", format!("the times span {span} ns; are they in another unit?"));
        }
    }
    warnings
}
