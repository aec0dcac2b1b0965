//! The report of a score as a table for a person: the verdict first, then what to distrust, then the figures.

use crate::fraud::judging::{Report, short};

/// Metrics by heading; all others are in the JSON.
const SECTIONS: [(&str, &[&str]); 4] = [
    (
        "At the threshold",
        &[
            "f1",
            "g_mean",
            "mcc",
            "precision",
            "recall",
            "specificity",
            "f05",
            "f2",
            "kappa",
            "balanced_accuracy",
            "iba_alpha01",
            "accuracy",
        ],
    ),
    (
        "Ranking",
        &[
            "auroc",
            "average_precision",
            "auprc_davis",
            "pauc_fpr01_mcclish",
            "ks",
            "tpr_at_fpr_0001",
            "tpr_at_fpr_001",
        ],
    ),
    (
        "As probabilities",
        &[
            "brier",
            "brier_skill",
            "brier_positives",
            "brier_negatives",
            "log_loss_eps1e-15",
            "ece_equal_width_10",
            "ece_equal_mass_10",
            "calibration_slope",
            "calibration_intercept",
        ],
    ),
    (
        "The first k",
        &["precision_at_10_tie_expected", "precision_at_100_tie_expected", "precision_at_1000_tie_expected"],
    ),
];
/// Groups that are printed.
const GROUPS: usize = 20;

/// The table.
#[must_use]
pub fn table(report: &Report) -> String {
    let mut out = format!("{}\n", report.verdict);
    for warning in &report.warnings {
        out.push_str(&format!("warning: {}\n", warning.message));
    }
    let weighed =
        if report.weight == report.n as f64 { String::new() } else { format!(", weight {}", report.weight) };
    out.push_str(&format!(
        "\n{} rows{weighed}, {} positive, prevalence {:.6}\n",
        report.n, report.positives, report.prevalence
    ));
    for (heading, names) in SECTIONS {
        let known = names.iter().filter(|name| report.metrics.get(name).is_some());
        let lines: Vec<String> = known.map(|name| line(report, name)).collect();
        if !lines.is_empty() {
            out.push_str(&format!("\n{heading}\n{}", lines.concat()));
        }
    }
    out.push_str(&thresholds(report));
    if let Some(cost) = report.cost {
        let savings = short(cost.savings);
        out.push_str(&format!("\nCost per row {:.6}, savings {savings}\n", cost.expected_cost));
    }
    if let Some(alerts) = report.alerts_a_day {
        out.push_str(&format!("\nAlerts a day at the threshold: {alerts:.2}\n"));
    }
    out + &supposed(report) + &groups(report)
}

/// The figures as they would be if annotators erred as supposed.
fn supposed(report: &Report) -> String {
    let Some(cell) = report.noise.as_ref().and_then(|noise| noise.supposed.as_ref()?.cells.first()) else {
        return String::new();
    };
    let (alpha, beta) = (cell.alpha, cell.beta);
    let heading = format!("\nIf a share {alpha} of positives is labelled 0 and {beta} of negatives 1\n");
    if let Some(why) = cell.undefined {
        return format!("{heading}  nothing can be said: {why}\n");
    }
    let [f1, g_mean, precision, recall, mcc] =
        [cell.f1, cell.g_mean, cell.precision, cell.recall, cell.mcc].map(short);
    let clamped = match cell.clamped.is_empty() {
        true => String::new(),
        false => format!("; does not fit the counts: {} held within 0 to 1", cell.clamped.join(", ")),
    };
    format!(
        "{heading}  F1 {f1}, G-mean {g_mean}, precision {precision}, recall {recall}, MCC {mcc}{clamped}\n"
    )
}

fn line(report: &Report, name: &str) -> String {
    let draws = report.intervals.as_ref();
    let interval = draws.and_then(|drawn| drawn.fixed.get(name).or_else(|| drawn.ranking.get(name)));
    let interval = interval.and_then(|interval| interval.percentile);
    let interval = interval.map_or(String::new(), |[low, high]| format!("   [{low:.4}, {high:.4}]"));
    match report.metric(name) {
        Some(value) => format!("  {name:<32} {value:>12.6}{interval}\n"),
        None => format!("  {name:<32} {:>12}  {}\n", "-", report.undefined.get(name).unwrap_or(&"")),
    }
}

fn thresholds(report: &Report) -> String {
    let mut out = format!(
        "\n{:<16} {:>14} {:>7} {:>7} {:>7} {:>7} {:>7} {:>10}\n",
        "Thresholds", "score", "F1", "G-mean", "MCC", "prec.", "recall", "flagged"
    );
    for aim in &report.thresholds {
        let (Some(threshold), figures) = (aim.threshold, aim.figures) else {
            out.push_str(&format!("{:<16} {:>14}  {}\n", aim.aim, "-", aim.reason.unwrap_or_default()));
            continue;
        };
        let cells = [figures.f1, figures.g_mean, figures.mcc, figures.precision, figures.recall].map(short);
        out.push_str(&format!("{:<16} {threshold:>14.8}", aim.aim));
        for cell in cells {
            out.push_str(&format!(" {cell:>7}"));
        }
        out.push_str(&format!(" {:>10}\n", figures.flagged.unwrap_or_default()));
    }
    out
}

fn groups(report: &Report) -> String {
    if report.groups.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "\n{:<20} {:>9} {:>9} {:>10} {:>7} {:>7} {:>7} {:>7}\n",
        "Group", "rows", "positive", "prevalence", "AUROC", "AP", "F1", "G-mean"
    );
    for group in report.groups.iter().take(GROUPS) {
        let name: String = group.group.chars().take(20).collect();
        out.push_str(&format!(
            "{name:<20} {:>9} {:>9} {:>10} {:>7} {:>7} {:>7} {:>7}\n",
            group.n,
            group.positives,
            group.prevalence.map_or("-".to_owned(), |share| format!("{share:.6}")),
            short(group.auroc),
            short(group.average_precision),
            short(group.at_threshold.f1),
            short(group.at_threshold.g_mean)
        ));
    }
    if report.group_count > GROUPS.min(report.groups.len()) {
        out.push_str(&format!("{} groups in all\n", report.group_count));
    }
    out
}
