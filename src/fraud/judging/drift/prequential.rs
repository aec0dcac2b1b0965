//! Metrics by window of time, oldest first, as labels come. A window with one class has null where a class is missing;
//! a last window of less than half the usual rows joins the one before. A window is out of control when its F1 lies
//! more than three standard errors (of its own counts) below that of the windows before it.

use serde::Serialize;

use crate::fraud::judging::walk::{Step, walk};
use crate::fraud::judging::{Sample, Steps, Undefined};

/// Standard errors below that are an alarm.
const FAR: f64 = 3.0;
/// Windows that are learned from before any can alarm.
const LEARNED: usize = 3;

/// One window's figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PrequentialWindow {
    /// Time of the first row.
    pub from: i64,
    /// Time of the last row.
    pub to: i64,
    /// Rows.
    pub rows: usize,
    /// Rows labelled 1.
    pub positives: usize,
    /// Share of weight that is flagged.
    pub alarm_rate: f64,
    /// At the threshold.
    pub precision: Option<f64>,
    /// At the threshold.
    pub recall: Option<f64>,
    /// At the threshold.
    pub f1: Option<f64>,
    /// At the threshold.
    pub g_mean: Option<f64>,
    /// At the threshold.
    pub mcc: Option<f64>,
    /// Of the ranking.
    pub auroc: Option<f64>,
    /// Of the ranking.
    pub average_precision: Option<f64>,
    /// Whether F1 is far below that of the windows before.
    pub alarm: bool,
}

/// Cuts a sample with times into so many windows of equal rows; equal times stay together.
///
/// # Errors
/// When the rows have no times, or no window is asked for.
pub fn prequential(
    sample: &Sample,
    threshold: f64,
    windows: usize,
) -> Result<Vec<PrequentialWindow>, Undefined> {
    let times = sample.times().ok_or(Undefined("the rows have no times"))?;
    if windows == 0 {
        return Err(Undefined("no window was asked for"));
    }
    let mut by_time: Vec<usize> = (0..sample.len()).collect();
    by_time.sort_by_key(|row| times[*row]);
    let mut found: Vec<PrequentialWindow> = Vec::new();
    let (mut hits, mut wrong) = (0.0, 0.0);
    for rows in cut(&by_time, times, sample.len().div_ceil(windows)) {
        // Rows without any weight are no window.
        let Ok(part) = sample.rows(rows) else { continue };
        let steps = Steps::of(&part);
        let counts = steps.counts_at(threshold);
        let gains: Vec<Step> =
            steps.gains().map(|(positive, negative)| Step { positive, negative }).collect();
        let walked = walk(&gains);
        let before =
            (hits + wrong > 0.0 && found.len() >= LEARNED).then(|| 2.0 * hits / (2.0 * hits + wrong));
        let f1 = counts.f1().ok().filter(|_| counts.positives() > 0.0);
        let (tp, off) = (counts.tp, counts.fp + counts.fn_);
        // As many rows at the rate before would vary by this much.
        let alarm = before.zip(f1).is_some_and(|(before, f1)| {
            let whole = 2.0 * tp + off;
            let (usual_tp, usual_off) = (before * whole / 2.0, (1.0 - before) * whole);
            let variance = usual_off * usual_off * usual_tp + usual_tp * usual_tp * usual_off;
            before - f1 > FAR * 2.0 * variance.sqrt() / (whole * whole)
        });
        if !alarm {
            (hits, wrong) = (hits + tp, wrong + off);
        }
        found.push(PrequentialWindow {
            from: rows.first().map_or(0, |row| times[*row]),
            to: rows.last().map_or(0, |row| times[*row]),
            rows: rows.len(),
            positives: part.labels().iter().filter(|label| **label).count(),
            alarm_rate: counts.flagged() / counts.total(),
            precision: counts.precision().ok(),
            recall: counts.recall().ok(),
            f1,
            g_mean: counts.g_mean().ok(),
            mcc: counts.mcc().ok(),
            auroc: walked.auroc,
            average_precision: walked.average_precision,
            alarm,
        });
    }
    Ok(found)
}

fn cut<'a>(by_time: &'a [usize], times: &[i64], each: usize) -> Vec<&'a [usize]> {
    let mut starts = vec![0];
    let mut at = each;
    while at < by_time.len() {
        while at < by_time.len() && times[by_time[at]] == times[by_time[at - 1]] {
            at += 1;
        }
        starts.push(at);
        at += each;
    }
    starts.retain(|start| *start < by_time.len());
    if starts.len() > 1 && by_time.len() - starts[starts.len() - 1] < each.div_ceil(2) {
        starts.pop();
    }
    let ends = starts.iter().skip(1).copied().chain([by_time.len()]);
    starts.iter().zip(ends).map(|(start, end)| &by_time[*start..end]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fraud::judging::chance::Chance;

    /// A stream whose frauds score high until `change`, and then like anybody.
    fn stream(rows: usize, change: usize, seed: u64) -> Sample {
        let mut chance = Chance::new(seed, 7, 7);
        let labels: Vec<bool> = (0..rows).map(|_| chance.uniform() < 0.05).collect();
        let scores = labels.iter().enumerate();
        let scores =
            scores.map(|(k, l)| chance.normal() + if *l && k < change { 3.0 } else { 0.0 }).collect();
        Sample::new(labels, scores).unwrap().with_times((0..rows as i64).collect()).unwrap()
    }

    #[test]
    fn a_changed_rule_is_found_within_a_window_and_a_steady_one_rarely_alarms() {
        let mut false_alarms = 0;
        for seed in 0..20 {
            let found = prequential(&stream(20_000, 15_000, seed), 2.0, 20).unwrap();
            assert_eq!(found.len(), 20);
            false_alarms += found[..15].iter().filter(|w| w.alarm).count();
            assert!(found[15].alarm, "{seed}");
        }
        assert!(false_alarms <= 3, "{false_alarms} of 300");
    }

    #[test]
    fn one_class_gives_null_and_a_tiny_end_is_merged() {
        let labels = (0..21).map(|k| k < 5).collect();
        let sample = Sample::new(labels, vec![0.5; 21]).unwrap().with_times((0..21).collect()).unwrap();
        let found = prequential(&sample, 0.5, 2).unwrap();
        assert_eq!(found.iter().map(|w| w.rows).collect::<Vec<_>>(), [11, 10]);
        assert_eq!((found[1].f1, found[1].g_mean, found[1].auroc), (None, None, None));
        let rows = cut(&(0..21).collect::<Vec<_>>(), &(0..21).collect::<Vec<_>>(), 10).len();
        assert_eq!(rows, 2);
        let untimed = Sample::new(vec![true], vec![0.1]).unwrap();
        assert!(prequential(&untimed, 0.5, 2).is_err());
    }
}
