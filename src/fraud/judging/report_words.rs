//! The report in words: one sentence that says how the score did.

use super::report::{Report, ThresholdFrom};

/// A number of three places, or a dash.
#[must_use]
pub fn short(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
}

/// F1 and G-mean first, then what they are made of.
#[must_use]
pub fn verdict(report: &Report) -> String {
    let Some(threshold) = report.threshold else {
        let rows = report.n;
        return format!("no threshold could be tuned: the {rows} rows are all of one class");
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
