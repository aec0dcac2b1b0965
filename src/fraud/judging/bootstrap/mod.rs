//! How sure a metric is: in, a sample and perhaps a threshold; out, intervals from resamples of its rows or groups.
//!
//! Rows are resampled with replacement within each class (stratified), or whole groups (cluster: events, days, symbols)
//! where rows of a group are not independent. Intervals are percentile (Efron 1979) and BCa (Efron 1987; acceleration
//! from the jackknife, by strata as in Davison and Hinkley 1997, eq. 5.37). A draw in which a metric is undefined is
//! counted and left out.
//!
//! A resample is a number for each atom: rows that nothing here can tell apart (same class, weight, group, and no
//! positive's score between them). Rows are sorted once; a draw is one walk over atoms, whose number is about twice that
//! of the positives. Where atoms are more than `BOOTSTRAP_ATOMS_MAX`, neighbouring scores are merged (`steps_merged`
//! says so), and where distinct weights or groups forbid it, draws are fewer, so that draws x atoms stays within
//! `BOOTSTRAP_WORK_MAX`. Each draw has a stream of random numbers of its own: workers do not change a byte.

mod atoms;
mod interval;
mod jackknife;
mod measure;
mod paired;

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

pub use interval::Interval;
pub use measure::{FIXED, RANKING, TUNED};
pub use paired::{PairedDifference, PairedError, paired_difference};

use self::atoms::Atoms;
use self::measure::Measures;
use super::Sample;
use super::chance::Chance;
use crate::limits::BOOTSTRAP_WORK_MAX;

/// What is resampled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resample {
    /// Rows, positives and negatives apart.
    #[default]
    StratifiedRows,
    /// Whole groups of the sample.
    Groups,
}

/// How to bootstrap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Resamples.
    pub draws: u32,
    /// Seed of all chance.
    pub seed: u64,
    /// Share of resamples that an interval holds, such as 0.95.
    pub level: f64,
    /// What is resampled.
    pub resample: Resample,
}

impl Default for Settings {
    fn default() -> Self {
        Self { draws: 2_000, seed: 1, level: 0.95, resample: Resample::StratifiedRows }
    }
}

/// What the resamples say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bootstrap {
    /// What was resampled.
    pub resample: Resample,
    /// Resamples drawn.
    pub draws: u32,
    /// Resamples asked for; fewer were drawn where the work would have passed its bound.
    pub draws_asked: u32,
    /// Seed of all chance.
    pub seed: u64,
    /// Share that an interval holds.
    pub level: f64,
    /// Groups that were resampled, where groups were.
    pub groups: Option<usize>,
    /// Whether neighbouring scores were taken together to bound the work.
    pub steps_merged: bool,
    /// Threshold metrics with the threshold as it is.
    pub fixed: BTreeMap<&'static str, Interval>,
    /// Metrics of the ranking.
    pub ranking: BTreeMap<&'static str, Interval>,
    /// Threshold metrics where each resample sets its own threshold (F1, then G-mean), and that threshold.
    pub tuned: BTreeMap<&'static str, Interval>,
}

impl Bootstrap {
    /// Standard error of F1 at the threshold, for the one-standard-error rule.
    #[must_use]
    pub fn f1_se(&self) -> Option<f64> {
        self.fixed.get("f1").or_else(|| self.tuned.get("f1")).and_then(|f1| f1.se)
    }

    /// Standard deviation of the threshold over resamples that set their own.
    #[must_use]
    pub fn threshold_sd(&self) -> Option<f64> {
        self.tuned.get("threshold").and_then(|t| t.se)
    }
}

/// Why there is no bootstrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BootstrapError {
    /// Groups were asked for and the sample has none.
    #[error("the rows have no groups to resample; give a column `group`, or resample rows")]
    NoGroups,
    /// One group cannot vary.
    #[error("all rows are of one group; resample rows, or give groups that differ")]
    OneGroup,
    /// An interval needs resamples.
    #[error("{0} draws; an interval needs at least 2")]
    TooFewDraws(u32),
    /// A level is a share.
    #[error("the level of an interval lies between 0 and 1")]
    Level,
}

/// Bootstraps a sample; `threshold` is the one in use, where there is one.
///
/// # Errors
/// When what is to be resampled is not there.
pub fn bootstrap(
    sample: &Sample,
    threshold: Option<f64>,
    settings: &Settings,
) -> Result<Bootstrap, BootstrapError> {
    checked(sample, settings)?;
    let atoms = Atoms::new(sample, threshold, settings.resample);
    let draws = affordable(settings.draws, atoms.work());
    let whole = Measures::of(&atoms.steps(&atoms.whole()), &atoms.ladder, threshold.is_some());
    let found: Vec<Measures> = (0..draws)
        .into_par_iter()
        .map_init(Vec::new, |steps, draw| {
            let mut chance = Chance::new(settings.seed, PURPOSE, u64::from(draw));
            atoms.steps_into(&atoms.resampled(&mut chance), steps);
            Measures::of(steps, &atoms.ladder, threshold.is_some())
        })
        .collect();
    let acceleration = jackknife::acceleration(&atoms, threshold.is_some());
    let intervals = |names: &[&'static str], get: fn(&Measures) -> &[Option<f64>]| {
        let one = |k: usize| {
            let values: Vec<Option<f64>> = found.iter().map(|m| get(m)[k]).collect();
            Interval::new(get(&whole)[k], &values, get(&acceleration)[k], settings.level)
        };
        names.iter().enumerate().map(|(k, name)| (*name, one(k))).collect::<BTreeMap<_, _>>()
    };
    Ok(Bootstrap {
        resample: settings.resample,
        draws,
        draws_asked: settings.draws,
        seed: settings.seed,
        level: settings.level,
        groups: (settings.resample == Resample::Groups).then(|| atoms.groups()),
        steps_merged: atoms.is_merged(),
        fixed: if threshold.is_some() { intervals(&FIXED, |m| &m.fixed) } else { BTreeMap::new() },
        ranking: intervals(&RANKING, |m| &m.ranking),
        tuned: intervals(&TUNED, |m| &m.tuned),
    })
}

/// Names this use of the seed.
const PURPOSE: u64 = 0xb007;

fn checked(sample: &Sample, settings: &Settings) -> Result<(), BootstrapError> {
    if settings.draws < 2 {
        return Err(BootstrapError::TooFewDraws(settings.draws));
    }
    if !(settings.level > 0.0 && settings.level < 1.0) {
        return Err(BootstrapError::Level);
    }
    if settings.resample == Resample::Groups {
        let groups = sample.groups().ok_or(BootstrapError::NoGroups)?;
        let first = groups.of.first();
        if groups.of.iter().all(|group| Some(group) == first) {
            return Err(BootstrapError::OneGroup);
        }
    }
    Ok(())
}

/// As many draws as were asked for, or as the bound on work allows.
fn affordable(asked: u32, work: usize) -> u32 {
    let most = (BOOTSTRAP_WORK_MAX / work.max(1) as u64).max(2);
    asked.min(u32::try_from(most).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
