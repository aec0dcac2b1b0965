//! The study of metrics for a person at a terminal.

use crate::fraud::founding::{Agreement, CRITERIA, Metrics, RULES, Study};

/// The whole study, two screens.
pub fn render(study: &Study) -> String {
    let s = &study.settings;
    let mut out = format!(
        "{}\n{} frauds in {} rows; in expectation, measured against the labels\n\n",
        study.source, s.frauds, s.rows
    );
    out.push_str(&closed_form(study));
    out.push_str(&ranking(study));
    out.push_str("\nwhat follows\n");
    for claim in &study.conclusion {
        let word = if claim.holds { "holds" } else { "does not hold" };
        out.push_str(&format!("- {}: {word}\n  {}\n", claim.claim, claim.found));
    }
    out.push_str("\nnot repeated, as only the abstract was at hand\n");
    study.not_reproduced.iter().for_each(|what| out.push_str(&format!("- {what}\n")));
    out
}

fn closed_form(study: &Study) -> String {
    let mut out = format!(
        "{:>5} {:>7} {:>6} {:>7} {:>9} {:>9} {:>7} {:>7} {:>7} {:>7} {:>7}\n",
        "TPR", "FPR", "alpha", "beta", "accuracy", "precision", "recall", "F1", "G-mean", "MCC", "kappa"
    );
    for row in &study.closed_form {
        let Metrics { accuracy, precision, recall, f1, g_mean, mcc, kappa, .. } = row.measured;
        let [accuracy, precision, recall, f1, g_mean, mcc, kappa] =
            [accuracy, precision, recall, f1, g_mean, mcc, kappa].map(number);
        out.push_str(&format!(
            "{:>5} {:>7} {:>6} {:>7} {accuracy:>9} {precision:>9} {recall:>7} {f1:>7} {g_mean:>7} {mcc:>7} \
             {kappa:>7}\n",
            row.tpr, row.fpr, row.alpha, row.beta
        ));
    }
    out
}

fn ranking(study: &Study) -> String {
    let s = &study.settings;
    let mut out = format!(
        "\nshare of {} pairs of classifiers in their true order, %, over {} samples of {} rows, by what makes one \
         truly better\n",
        study.ranking.pairs, s.draws, s.ranking_rows
    );
    let shown = [[0.0, 0.0], [0.3, 0.0], [0.0, 1e-3], [0.3, 1e-3]];
    for [alpha, beta] in shown {
        out.push_str(&format!("\nmissed {alpha}, accused {beta:<6}      "));
        CRITERIA.iter().for_each(|criterion| out.push_str(&format!("{criterion:>9}")));
        out.push('\n');
        for rule in RULES {
            out.push_str(&format!("  {rule:<27}"));
            for criterion in CRITERIA {
                let is = |a: &&Agreement| {
                    a.alpha == alpha && a.beta == beta && a.rule == rule && a.criterion == criterion
                };
                let found = study.ranking.agreement.iter().find(is).map(|a| 100.0 * a.agreement);
                out.push_str(&found.map_or_else(|| format!("{:>9}", "-"), |share| format!("{share:>9.1}")));
            }
            out.push('\n');
        }
    }
    out
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"))
}
