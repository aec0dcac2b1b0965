//! A control chart of the share of rows that are flagged, window by window.
//!
//! Limits are those that a binomial of the window's rows passes once in `1 / level` windows on each side, by exact
//! sums; the centre is the reference period's share. Runs too are told: `RUN` windows on one side of the centre.

use serde::Serialize;

/// Chance that a window without change lies beyond a limit, on each side.
const LEVEL: f64 = 0.001;
/// Windows in a row on one side of the centre that are an alarm: 2^-11 each way.
const RUN: usize = 12;

/// The chart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AlarmChart {
    /// Share that was flagged in the reference period.
    pub centre: f64,
    /// The windows.
    pub points: Vec<ChartPoint>,
    /// First window that was out of control.
    pub first_alarm: Option<usize>,
}

/// One window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ChartPoint {
    /// Its rows.
    pub rows: u64,
    /// Rows that were flagged.
    pub flagged: u64,
    /// Fewest that are usual.
    pub lower: u64,
    /// Most that are usual.
    pub upper: u64,
    /// Whether it lies beyond, or ends a run on one side.
    pub alarm: bool,
}

/// Charts windows of (rows, flagged) against the reference's share.
#[must_use]
pub fn alarm_chart(centre: f64, windows: &[(u64, u64)]) -> AlarmChart {
    let (mut run, mut side) = (0, 0.0);
    let mut points = Vec::new();
    for (rows, flagged) in windows.iter().copied() {
        let (lower, upper) = usual(rows, centre);
        let now = (flagged as f64 - centre * rows as f64).signum() * f64::from(u8::from(rows > 0));
        run = if now == side && now != 0.0 { run + 1 } else { 1 };
        side = now;
        let alarm = rows > 0 && (flagged < lower || flagged > upper || run >= RUN);
        points.push(ChartPoint { rows, flagged, lower, upper, alarm });
    }
    let first_alarm = points.iter().position(|point| point.alarm);
    AlarmChart { centre, points, first_alarm }
}

/// Fewest and most of n rows that a share p flags, all but `LEVEL` on each side.
fn usual(n: u64, p: f64) -> (u64, u64) {
    if n == 0 || p <= 0.0 {
        return (0, 0);
    }
    if p >= 1.0 {
        return (n, n);
    }
    // From the mode outward no term underflows that matters; masses are relative to it.
    let mode = (((n + 1) as f64 * p).floor() as u64).min(n);
    let odds = p / (1.0 - p);
    let (mut left, mut right) = (vec![1.0_f64], vec![]);
    let mut term = 1.0;
    for k in (1..=mode).rev() {
        term *= k as f64 / ((n - k + 1) as f64 * odds);
        if term < 1e-18 {
            break;
        }
        left.push(term);
    }
    term = 1.0;
    for k in mode..n {
        term *= (n - k) as f64 * odds / (k + 1) as f64;
        if term < 1e-18 {
            break;
        }
        right.push(term);
    }
    let tail = LEVEL * (left.iter().sum::<f64>() + right.iter().sum::<f64>());
    // How many of the outermost terms fit into the tail.
    let outer = |terms: &[f64]| {
        let mut sum = 0.0;
        terms
            .iter()
            .rev()
            .take_while(|term| {
                sum += **term;
                sum <= tail
            })
            .count() as u64
    };
    let lower = mode - (left.len() as u64 - 1) + outer(&left);
    let upper = mode + right.len() as u64 - outer(&right);
    (lower, upper)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fraud::judging::chance::Chance;

    #[test]
    fn limits_are_the_binomials() {
        // P(X <= 3) of 20 at 1/2 is 0.00129, of <= 2 0.0002.
        assert_eq!(usual(20, 0.5), (3, 17));
        assert_eq!((usual(0, 0.5), usual(5, 0.0), usual(5, 1.0)), ((0, 0), (0, 0), (5, 5)));
    }

    #[test]
    fn a_doubled_rate_is_found_within_three_windows_and_a_steady_one_rarely_alarms() {
        let mut chance = Chance::new(4, 4, 4);
        let mut late = 0;
        let mut false_alarms = 0;
        for _ in 0..50 {
            let windows: Vec<(u64, u64)> =
                (0..40).map(|w| (5_000, chance.binomial(5_000, if w < 30 { 0.01 } else { 0.02 }))).collect();
            let chart = alarm_chart(0.01, &windows);
            false_alarms += chart.points[..30].iter().filter(|p| p.alarm).count();
            late += usize::from(!chart.points[30..33].iter().any(|p| p.alarm));
        }
        // 1,500 steady windows: at most 0.2 % beyond limits and 0.1 % at the end of runs.
        assert_eq!(late, 0);
        assert!(false_alarms <= 12, "{false_alarms}");
    }
}
