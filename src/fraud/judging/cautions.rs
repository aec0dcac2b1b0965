//! What should make a reader doubt the figures: in, the rows that are judged, those that set the threshold, and the
//! report; out, warnings with what was found and what to do (section by section the traps of fraud evaluation: leakage
//! between splits, thresholds, samples unlike the field, scores taken for what they are not).

use std::collections::{BTreeSet, HashMap};

use super::report::{Report, ThresholdFrom, Warning};
use super::{Groups, Sample};

/// Repeated rows that are a sign of leakage: this many, and this share of the judged rows.
const COPIES: usize = 5;
const COPIES_SHARE: f64 = 0.005;
/// Factor by which the prevalence of two samples may differ.
const PREVALENCE_FACTOR: f64 = 1.5;
/// Mean score over prevalence beyond which scores are no probabilities.
const INFLATED: f64 = 3.0;
/// Names that a sentence lists.
const NAMED: usize = 3;

/// What two samples show beside each other.
#[must_use]
pub fn across(judged: &Sample, tuning: &Sample) -> Vec<Warning> {
    [
        copies(judged, tuning),
        interleaved(judged, tuning),
        common_groups(judged.groups(), tuning.groups()),
        other_prevalence(judged, tuning),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What the judged rows and the report show.
#[must_use]
pub fn alone(sample: &Sample, report: &Report) -> Vec<Warning> {
    [one_class(report), default_threshold(report), scores(sample, report)].into_iter().flatten().collect()
}

fn warning(code: &'static str, message: String) -> Option<Warning> {
    Some(Warning { code, message })
}

/// Rows with the same label, score, group and time in both.
fn copies(judged: &Sample, tuning: &Sample) -> Option<Warning> {
    let key = |sample: &Sample, row: usize| {
        let group = sample.groups().map(|g| g.names[g.of[row] as usize].clone());
        let time = sample.times().map(|times| times[row]);
        (sample.labels()[row], sample.scores()[row].to_bits(), group, time)
    };
    // Few distinct scores meet by chance: such a column cannot tell copies.
    let distinct: BTreeSet<u64> = tuning.scores().iter().map(|s| s.to_bits()).collect();
    let tells = judged.times().is_some() || distinct.len() * 2 > tuning.len();
    let mut seen: HashMap<_, usize> = HashMap::new();
    (0..tuning.len()).for_each(|row| *seen.entry(key(tuning, row)).or_default() += 1);
    let mut found = 0;
    for row in 0..judged.len() {
        if let Some(left) = seen.get_mut(&key(judged, row)).filter(|left| **left > 0) {
            (*left, found) = (*left - 1, found + 1);
        }
    }
    if !tells || found < COPIES || (found as f64) < COPIES_SHARE * judged.len() as f64 {
        return None;
    }
    let advice = "remove duplicates before splitting, and judge rows that nothing was tuned on";
    warning(
        "duplicates_across_splits",
        format!("{found} of the {} judged rows are also among the tuning rows; {advice}", judged.len()),
    )
}

/// Times of the judged rows that begin before the tuning rows end.
fn interleaved(judged: &Sample, tuning: &Sample) -> Option<Warning> {
    let tuned_until = tuning.times()?.iter().max()?;
    let times = judged.times()?;
    let early = times.iter().filter(|time| *time <= tuned_until).count();
    if early == 0 {
        return None;
    }
    let advice = "split by time: tune on what came before, judge what came after";
    warning(
        "split_not_by_time",
        format!(
            "{early} of the {} judged rows are not later than the last tuning row; {advice}",
            times.len()
        ),
    )
}

fn common_groups(judged: Option<&Groups>, tuning: Option<&Groups>) -> Option<Warning> {
    let names = |groups: &Groups| -> BTreeSet<String> {
        groups.of.iter().map(|group| groups.names[*group as usize].clone()).collect()
    };
    let (judged, tuning) = (names(judged?), names(tuning?));
    let common: Vec<&String> = judged.intersection(&tuning).collect();
    let first: Vec<&str> = common.iter().take(NAMED).map(|name| name.as_str()).collect();
    if first.is_empty() {
        return None;
    }
    let more = if common.len() > first.len() { ", .." } else { "" };
    let advice =
        "figures then say little of groups not yet seen; leave whole groups out, or bootstrap by group";
    warning(
        "groups_on_both_sides",
        format!(
            "{} of {} groups ({}{more}) are also among the tuning rows; {advice}",
            common.len(),
            judged.len(),
            first.join(", ")
        ),
    )
}

fn other_prevalence(judged: &Sample, tuning: &Sample) -> Option<Warning> {
    let share = |sample: &Sample| {
        let (positives, negatives) = sample.class_weights();
        (positives > 0.0 && negatives > 0.0).then(|| positives / (positives + negatives))
    };
    let (here, there) = (share(judged)?, share(tuning)?);
    let rows = |sample: &Sample| sample.labels().iter().filter(|l| **l).count() as f64;
    // Both counts are nearly Poisson: the log of their ratio errs by this.
    let error = (1.0 / rows(judged) + 1.0 / rows(tuning)).sqrt();
    let gap = (here / there).ln().abs();
    if gap < PREVALENCE_FACTOR.ln() || gap < 3.0 * error {
        return None;
    }
    let advice =
        "a threshold best for F1 there is not so here; tune at the prevalence of use, or give weights";
    warning(
        "prevalence_differs",
        format!(
            "{:.3} % of the judged rows are positive, {:.3} % of the tuning rows; {advice}",
            100.0 * here,
            100.0 * there
        ),
    )
}

fn one_class(report: &Report) -> Option<Warning> {
    let class = if report.positives == 0 {
        "negative"
    } else if report.positives == report.n {
        "positive"
    } else {
        return None;
    };
    let advice = "most figures are undefined; judge rows of both classes";
    warning("one_class", format!("all {} rows are {class}: {advice}", report.n))
}

fn default_threshold(report: &Report) -> Option<Warning> {
    if report.threshold_from != ThresholdFrom::Given
        || report.threshold != Some(0.5)
        || report.prevalence > 0.2
    {
        return None;
    }
    let best = report.best_f1_then_g?;
    let at = |f1: Option<f64>| f1.map_or_else(|| "undefined".to_owned(), |f1| format!("{f1:.3}"));
    let advice = "0.5 suits balanced classes; tune the threshold on other rows";
    warning(
        "default_threshold",
        format!(
            "the threshold is 0.5, where F1 is {}; the best on these rows is {} at {}; {advice}",
            at(report.metric("f1")),
            at(best.f1),
            best.threshold
        ),
    )
}

fn scores(sample: &Sample, report: &Report) -> Option<Warning> {
    let outside = sample.scores().iter().filter(|score| !(0.0..=1.0).contains(*score)).count();
    if outside > 0 {
        let advice = "Brier, ECE and log loss are undefined; calibrate on tuning rows to have them";
        return warning(
            "scores_outside_0_1",
            format!("{outside} of {} scores lie outside 0 to 1: {advice}", sample.len()),
        );
    }
    let sums = (0..sample.len()).map(|row| (sample.weight(row) * sample.scores()[row], sample.weight(row)));
    let (score, weight) = sums.fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
    let mean = score / weight;
    if report.prevalence <= 0.0 || mean < INFLATED * report.prevalence {
        return None;
    }
    let advice = "scores of a model trained with class weights or resampling are no probabilities; correct the \
                  prior or calibrate before reading them so";
    warning(
        "scores_not_probabilities",
        format!(
            "the mean score is {mean:.4} where {:.4} of the rows are positive; {advice}",
            report.prevalence
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fraud::judging::Wanted;
    use crate::fraud::judging::chance::Chance;

    fn sample(n: usize, share: f64, seed: u64) -> Sample {
        let mut chance = Chance::new(seed, 0, 1);
        let labels: Vec<bool> = (0..n).map(|_| chance.uniform() < share).collect();
        let scores = labels.iter().map(|l| (chance.uniform() + f64::from(u8::from(*l))) / 2.0).collect();
        Sample::new(labels, scores).unwrap()
    }

    fn codes(warnings: &[Warning]) -> Vec<&'static str> {
        warnings.iter().map(|w| w.code).collect()
    }

    #[test]
    fn sound_splits_are_silent() {
        let tuning = sample(4_000, 0.05, 1).with_times((0..4_000).collect()).unwrap();
        let judged = sample(4_000, 0.05, 2).with_times((4_000..8_000).collect()).unwrap();
        assert_eq!(across(&judged, &tuning), []);
    }

    #[test]
    fn every_leak_is_named_with_its_numbers() {
        let named = |from: usize, n: usize| {
            let names = (0..10).map(|k| format!("card{k}")).collect();
            Groups { names, of: (0..n).map(|k| (from + k % 5) as u32).collect() }
        };
        let rows: Vec<usize> = (0..1_000).collect();
        let tuning = sample(1_000, 0.05, 1).with_times((0..1_000).collect()).unwrap();
        let copied = tuning.rows(&rows[..500]).unwrap();
        assert_eq!(codes(&across(&copied, &tuning)), ["duplicates_across_splits", "split_not_by_time"]);
        assert!(across(&copied, &tuning)[0].message.starts_with("500 of the 500 judged rows"));
        let tuning = sample(1_000, 0.05, 1).with_groups(named(0, 1_000)).unwrap();
        let judged = sample(1_000, 0.3, 2).with_groups(named(4, 1_000)).unwrap();
        assert_eq!(codes(&across(&judged, &tuning)), ["groups_on_both_sides", "prevalence_differs"]);
        assert!(across(&judged, &tuning)[0].message.starts_with("1 of 5 groups (card4)"));
    }

    #[test]
    fn doubtful_scores_and_thresholds_are_named() {
        let report = |sample: &Sample, threshold| {
            Report::of(sample, None, &Wanted { threshold, ..Wanted::default() }).unwrap()
        };
        let rare = sample(2_000, 0.02, 3);
        let found = alone(&rare, &report(&rare, Some(0.5)));
        assert_eq!(codes(&found), ["default_threshold", "scores_not_probabilities"]);
        let wide = Sample::new(vec![true, false, false], vec![3.0, -1.0, 0.2]).unwrap();
        assert_eq!(codes(&alone(&wide, &report(&wide, Some(1.0)))), ["scores_outside_0_1"]);
        let one = Sample::new(vec![false, false], vec![0.0, 0.0]).unwrap();
        assert_eq!(codes(&alone(&one, &report(&one, Some(1.0)))), ["one_class"]);
    }
}
