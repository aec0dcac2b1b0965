//! The same score by group. In: a sample with groups, a threshold. Out: a line a group, those of most weight first.
//!
//! The area under the precision-recall curve favours groups of high prevalence and the AUROC does not (McDermott et
//! al. 2024), hence both, beside the prevalence.

use serde::Serialize;

use super::ranking::{auroc, average_precision};
use super::sample::Sample;
use super::steps::Steps;
use super::threshold_table::Figures;

/// A group's figures; null where a class is absent from it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupLine {
    /// Its name.
    pub group: String,
    /// Its rows.
    pub n: usize,
    /// Its positive rows.
    pub positives: usize,
    /// The share of its positives, weighted; null without weight.
    pub prevalence: Option<f64>,
    /// The area under its ROC curve.
    pub auroc: Option<f64>,
    /// Its average precision.
    pub average_precision: Option<f64>,
    /// What the threshold does in it; nulls without a threshold.
    #[serde(flatten)]
    pub at_threshold: Figures,
}

/// The groups of most weight, at most so many.
#[must_use]
pub fn group_lines(sample: &Sample, threshold: Option<f64>, most: usize) -> Vec<GroupLine> {
    let Some(groups) = sample.groups() else { return Vec::new() };
    let mut rows: Vec<(f64, Vec<usize>)> = vec![(0.0, Vec::new()); groups.names.len()];
    for (row, group) in groups.of.iter().enumerate() {
        let (weight, rows) = &mut rows[*group as usize];
        *weight += sample.weight(row);
        rows.push(row);
    }
    let mut order: Vec<usize> = (0..rows.len()).filter(|group| !rows[*group].1.is_empty()).collect();
    let heavier = |one: &usize, other: &usize| rows[*other].0.total_cmp(&rows[*one].0);
    order.sort_by(|one, other| {
        heavier(one, other).then_with(|| groups.names[*one].cmp(&groups.names[*other]))
    });
    let line = |group: usize| -> Option<GroupLine> {
        let part = sample.rows(&rows[group].1).ok()?;
        let steps = Steps::of(&part);
        let weight = steps.positives + steps.negatives;
        Some(GroupLine {
            group: groups.names[group].clone(),
            n: part.len(),
            positives: part.labels().iter().filter(|label| **label).count(),
            prevalence: (weight > 0.0).then(|| steps.positives / weight),
            auroc: auroc(&steps).ok(),
            average_precision: average_precision(&steps).ok(),
            at_threshold: threshold.map(|at| Figures::of(&steps.counts_at(at))).unwrap_or_default(),
        })
    };
    order.into_iter().take(most).filter_map(line).collect()
}
