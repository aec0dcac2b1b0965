//! Two scores of the same rows: the difference of their metrics on the same resamples.
//!
//! Resampling the pair keeps what both find hard in common, so the difference is far surer than two intervals suggest.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use super::atoms::{Atoms, Ladder};
use super::measure::{FIXED, Measures, RANKING, TUNED};
use super::{BootstrapError, Interval, PURPOSE, Resample, Settings, affordable, checked};
use crate::fraud::judging::Sample;
use crate::fraud::judging::chance::Chance;

/// The first score's metrics less the second's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairedDifference {
    /// What was resampled.
    pub resample: Resample,
    /// Resamples drawn.
    pub draws: u32,
    /// At each score's own threshold, where both have one. BCa is not made of differences.
    pub fixed: BTreeMap<&'static str, Interval>,
    /// Of the rankings.
    pub ranking: BTreeMap<&'static str, Interval>,
    /// Where each resample sets both thresholds.
    pub tuned: BTreeMap<&'static str, Interval>,
}

/// Why two scores cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PairedError {
    /// Other rows.
    #[error(
        "row {0} differs in label or weight between the two; compare scores of the same rows in the same order"
    )]
    OtherRows(usize),
    /// No bootstrap.
    #[error(transparent)]
    Bootstrap(#[from] BootstrapError),
}

/// Bootstraps the difference between two scores of the same rows; each comes with its threshold, where it has one. Groups
/// are the first sample's.
///
/// # Errors
/// When the rows are not the same, or what is to be resampled is not there.
pub fn paired_difference(
    (first, first_threshold): (&Sample, Option<f64>),
    (second, second_threshold): (&Sample, Option<f64>),
    settings: &Settings,
) -> Result<PairedDifference, PairedError> {
    let rows = first.len().max(second.len());
    let is_same = |row: &usize| {
        first.labels().get(*row) == second.labels().get(*row) && first.weight(*row) == second.weight(*row)
    };
    if let Some(row) = (0..rows).find(|row| *row >= first.len().min(second.len()) || !is_same(row)) {
        return Err(PairedError::OtherRows(row));
    }
    checked(first, settings)?;
    let has_threshold = first_threshold.is_some() && second_threshold.is_some();
    let other = Ladder::new(second, second_threshold);
    let atoms = Atoms::joint(first, Ladder::new(first, first_threshold), Some(&other), settings.resample);
    let draws = affordable(settings.draws, atoms.work() + other.score.len());
    let difference = |drawn: &[u64]| {
        let mut steps = atoms.steps(drawn);
        let a = Measures::of(&steps, &atoms.ladder, has_threshold);
        atoms.steps_by(drawn, other.score.len(), |atom| atom.other_rung, &mut steps);
        minus(&a, &Measures::of(&steps, &other, has_threshold))
    };
    let whole = difference(&atoms.whole());
    let found: Vec<Measures> = (0..draws)
        .into_par_iter()
        .map(|draw| difference(&atoms.resampled(&mut Chance::new(settings.seed, PURPOSE, u64::from(draw)))))
        .collect();
    let intervals = |names: &[&'static str], get: fn(&Measures) -> &[Option<f64>]| {
        let one = |k: usize| {
            let values: Vec<Option<f64>> = found.iter().map(|m| get(m)[k]).collect();
            Interval::new(get(&whole)[k], &values, None, settings.level)
        };
        names.iter().enumerate().map(|(k, name)| (*name, one(k))).collect::<BTreeMap<_, _>>()
    };
    Ok(PairedDifference {
        resample: settings.resample,
        draws,
        fixed: if has_threshold { intervals(&FIXED, |m| &m.fixed) } else { BTreeMap::new() },
        ranking: intervals(&RANKING, |m| &m.ranking),
        tuned: intervals(&TUNED, |m| &m.tuned),
    })
}

fn minus(a: &Measures, b: &Measures) -> Measures {
    let less = |a: Option<f64>, b: Option<f64>| a.zip(b).map(|(a, b)| a - b);
    Measures {
        fixed: std::array::from_fn(|k| less(a.fixed[k], b.fixed[k])),
        ranking: std::array::from_fn(|k| less(a.ranking[k], b.ranking[k])),
        tuned: std::array::from_fn(|k| less(a.tuned[k], b.tuned[k])),
    }
}
