//! The k rows of the highest scores: what a desk that looks at k alerts would find.
//!
//! With ties at the cut, the stable order takes the rows as they came; the expectation takes the share (k - above) /
//! size of the tie group, so that it does not depend on the order of the rows. Rows count, weights weigh what is found.

use std::collections::{BTreeMap, BTreeSet};

use super::measured::{Measured, NO_POSITIVES, Undefined, ratio};
use super::sample::Sample;
use super::steps::Steps;
use crate::numeric::Sum;

const TOO_FEW: Undefined = Undefined("there are fewer than k rows, or k is 0");
const NO_WEIGHT: Undefined = Undefined("the k rows have no weight");
const DAY_NANOS: i64 = 86_400_000_000_000;

/// The weight of the positives, and of all, among the k rows of the highest scores, as they came where they tie.
fn first(sample: &Sample, k: usize) -> Result<(f64, f64), Undefined> {
    let rows = sample.order().get(..k).filter(|rows| !rows.is_empty()).ok_or(TOO_FEW)?;
    let (mut hits, mut all) = (Sum::default(), Sum::default());
    for row in rows.iter().map(|row| *row as usize) {
        all.add(sample.weight(row));
        hits.add(if sample.labels()[row] { sample.weight(row) } else { 0.0 });
    }
    Ok((hits.value(), all.value()))
}

/// The same, expected over all orders of the rows that tie at the cut.
fn expected(steps: &Steps, k: usize) -> Result<(f64, f64), Undefined> {
    if k == 0 || steps.rows.last().is_none_or(|rows| *rows < k) {
        return Err(TOO_FEW);
    }
    let cut = steps.rows.partition_point(|rows| *rows < k);
    let before = cut.checked_sub(1).map_or((0, 0.0, 0.0), |b| (steps.rows[b], steps.tp[b], steps.fp[b]));
    let share = (k - before.0) as f64 / (steps.rows[cut] - before.0) as f64;
    let hits = before.1 + share * (steps.tp[cut] - before.1);
    let alarms = before.2 + share * (steps.fp[cut] - before.2);
    Ok((hits, hits + alarms))
}

/// The share of positives among the first k rows.
///
/// # Errors
/// When there are fewer rows.
pub fn precision_at_stable(sample: &Sample, k: usize) -> Measured {
    let (hits, all) = first(sample, k)?;
    ratio(hits, all, NO_WEIGHT)
}

/// The share of all positives that are among the first k rows.
///
/// # Errors
/// When there are fewer rows, or no positives.
pub fn recall_at_stable(sample: &Sample, k: usize) -> Measured {
    ratio(first(sample, k)?.0, sample.class_weights().0, NO_POSITIVES)
}

/// The expected share of positives among the first k rows.
///
/// # Errors
/// When there are fewer rows.
pub fn precision_at_expected(steps: &Steps, k: usize) -> Measured {
    let (hits, all) = expected(steps, k)?;
    ratio(hits, all, NO_WEIGHT)
}

/// The expected share of all positives that are among the first k rows.
///
/// # Errors
/// When there are fewer rows, or no positives.
pub fn recall_at_expected(steps: &Steps, k: usize) -> Measured {
    ratio(expected(steps, k)?.0, steps.positives, NO_POSITIVES)
}

/// Precision at k per day, over groups (cards, accounts, symbols): each day a group has its highest score and label; a
/// group that was caught on an earlier day is out; hits among the k highest / k, mean over days (the Fraud Detection
/// Handbook's card precision). Ties at the cut count in expectation; weights do not enter.
///
/// # Errors
/// Without groups or times, or when k is 0.
pub fn group_precision_per_day(sample: &Sample, k: usize) -> Measured {
    let groups = sample.groups().ok_or(Undefined("there are no groups"))?;
    let times = sample.times().ok_or(Undefined("there are no times"))?;
    if k == 0 {
        return Err(TOO_FEW);
    }
    let mut days: BTreeMap<i64, BTreeMap<u32, (f64, bool)>> = BTreeMap::new();
    for (row, time) in times.iter().enumerate() {
        let day = days.entry(time.div_euclid(DAY_NANOS)).or_default();
        let best = day.entry(groups.of[row]).or_insert((f64::NEG_INFINITY, false));
        *best = (best.0.max(sample.scores()[row]), best.1 | sample.labels()[row]);
    }
    let mut caught: BTreeSet<u32> = BTreeSet::new();
    let mut found = Sum::default();
    for day in days.values() {
        let mut open: Vec<(u32, f64, bool)> = day
            .iter()
            .filter(|(group, _)| !caught.contains(*group))
            .map(|(group, (score, label))| (*group, *score, *label))
            .collect();
        open.sort_by(|one, other| other.1.total_cmp(&one.1));
        let cut = open.get(k - 1).map_or(f64::NEG_INFINITY, |at| at.1);
        let count = |tied: bool| open.iter().filter(move |at| (at.1 == cut) == tied && at.1 >= cut);
        let (above, tied) = (count(false).count(), count(true).count());
        let seats = (k - above.min(k)).min(tied) as f64;
        let hits = |tied: bool| count(tied).filter(|at| at.2).count() as f64;
        found.add((hits(false) + if tied == 0 { 0.0 } else { hits(true) * seats / tied as f64 }) / k as f64);
        // Whoever was looked at and was a positive is known from now on.
        caught.extend(open.iter().take(k).filter(|at| at.2).map(|at| at.0));
    }
    Ok(found.value() / days.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fraud::judging::Groups;

    #[test]
    fn ties_at_the_cut_count_by_share() {
        let sample = Sample::new(vec![false, true, true, false], vec![0.5, 0.5, 0.9, 0.5]).expect("rows");
        let steps = Steps::of(&sample);
        assert_eq!(precision_at_stable(&sample, 2), Ok(0.5));
        assert_eq!(precision_at_expected(&steps, 2), Ok((1.0 + 1.0 / 3.0) / 2.0));
        assert_eq!(recall_at_expected(&steps, 4), Ok(1.0));
        assert_eq!(
            (precision_at_expected(&steps, 5), precision_at_stable(&sample, 5)),
            (Err(TOO_FEW), Err(TOO_FEW))
        );
        assert_eq!(precision_at_stable(&sample, 0), Err(TOO_FEW));
    }

    #[test]
    fn a_card_that_was_caught_is_out_the_next_day() {
        let names = vec!["a".to_owned(), "b".to_owned()];
        let sample = Sample::new(vec![true, false, true, true], vec![0.9, 0.2, 0.9, 0.1]).expect("rows");
        let sample = sample.with_groups(Groups { names, of: vec![0, 1, 0, 1] }).expect("groups");
        let sample = sample.with_times(vec![0, 1, DAY_NANOS, DAY_NANOS]).expect("times");
        // Day one: a, a hit. Day two: a is out, so b is looked at, a hit.
        assert_eq!(group_precision_per_day(&sample, 1), Ok(1.0));
    }
}
