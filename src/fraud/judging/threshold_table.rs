//! The thresholds that different aims would choose, side by side. In: rows to tune on, the aims. Out: a line an aim,
//! with what the threshold does on the rows that are judged.

use serde::Serialize;

use super::cost::{Costs, best_cost};
use super::counts::Counts;
use super::sample::Sample;
use super::steps::Steps;
use super::threshold::{Threshold, at_alerts_a_day, at_fpr, best_f1_then_g, best_g_then_f1, best_mcc};

/// False positive rates whose thresholds are always listed.
const RATES: [(f64, &str); 2] = [(0.001, "fpr_0001"), (0.01, "fpr_001")];

/// What an aim chooses.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AimLine {
    /// The aim.
    pub aim: String,
    /// The lowest score that is flagged; null where the aim cannot be met by any.
    pub threshold: Option<f64>,
    /// Halfway to the next lower score, for rows yet to come.
    pub midpoint_below: Option<f64>,
    /// What the threshold does on the rows that are judged; nulls without one.
    #[serde(flatten)]
    pub figures: Figures,
    /// Why there is no threshold.
    pub reason: Option<&'static str>,
}

/// What a threshold does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// F1.
    pub f1: Option<f64>,
    /// G-mean.
    pub g_mean: Option<f64>,
    /// MCC.
    pub mcc: Option<f64>,
    /// Precision.
    pub precision: Option<f64>,
    /// Recall.
    pub recall: Option<f64>,
    /// False positive rate.
    pub fpr: Option<f64>,
    /// The weight that is flagged.
    pub flagged: Option<f64>,
}

impl Figures {
    /// Of counts.
    #[must_use]
    pub fn of(counts: &Counts) -> Self {
        Self {
            f1: counts.f1().ok(),
            g_mean: counts.g_mean().ok(),
            mcc: counts.mcc().ok(),
            precision: counts.precision().ok(),
            recall: counts.recall().ok(),
            fpr: counts.fpr().ok(),
            flagged: Some(counts.flagged()),
        }
    }
}

/// What the aims need to know.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Aims {
    /// What outcomes cost, where it is known.
    pub costs: Option<Costs>,
    /// Alerts a day that can be looked at, where it is known.
    pub alerts_a_day: Option<f64>,
}

/// A line an aim: tuned on one sample, told on another one, or on the same.
#[must_use]
pub fn threshold_table(tuning: (&Sample, &Steps), judged: &Steps, aims: &Aims) -> Vec<AimLine> {
    const ONE_CLASS: &str = "the rows are all of one class";
    let (sample, steps) = tuning;
    let line = |aim: &str, chosen: Option<Threshold>, reason: &'static str| AimLine {
        aim: aim.to_owned(),
        threshold: chosen.map(|at| at.score),
        midpoint_below: chosen.map(|at| at.midpoint_below),
        figures: chosen.map(|at| Figures::of(&judged.counts_at(at.score))).unwrap_or_default(),
        reason: if chosen.is_some() { None } else { Some(reason) },
    };
    let mut table = vec![
        line("f1_then_g_mean", best_f1_then_g(steps), ONE_CLASS),
        line("g_mean_then_f1", best_g_then_f1(steps), ONE_CLASS),
        line("mcc", best_mcc(steps), ONE_CLASS),
    ];
    for (rate, name) in RATES {
        table.push(line(
            name,
            at_fpr(steps, rate),
            "the highest score alone flags more, or nothing is negative",
        ));
    }
    if let Some(costs) = &aims.costs {
        table.push(line("cost", best_cost(sample, steps, costs), "flagging nothing costs least"));
        let elkan = costs.elkan();
        table.push(AimLine {
            aim: "elkan".to_owned(),
            threshold: elkan.ok(),
            midpoint_below: None,
            figures: elkan.ok().map(|at| Figures::of(&judged.counts_at(at))).unwrap_or_default(),
            reason: elkan.err().map(|why| why.0),
        });
    }
    if let Some(alerts) = aims.alerts_a_day {
        let reason = "the highest score alone flags more, or the rows have no time";
        table.push(line("alerts_a_day", at_alerts_a_day(sample, steps, alerts), reason));
    }
    table
}
