//! What the market did while an order was worked, from bars: mids at moments, and prices to hold fills against.
//!
//! In: the finest [`BarRecord`]s of a symbol's day. Out: the mid just before a moment; interval VWAP, TWAP and close.
//! Bars know mids and volumes but not what trades paid: the VWAP here weights each bar's mid, the mean of its
//! opening and closing one, with the volume traded in it. It misses the half spreads that trades paid, to either side.

use crate::flow::BarRecord;
use crate::tape::{Nanos, Price};

/// The mid in force just before a moment: the close of the last bar that had ended, at most one bar's width ago.
///
/// `None` outside the bars, and where no usable quote had come yet: a mid is never carried across a gap.
#[must_use]
pub fn mid_before(bars: &[BarRecord], moment: Nanos) -> Option<Price> {
    let ended = bars.partition_point(|bar| bar.end <= moment);
    let bar = bars[..ended].last()?;
    let fresh = moment.0 - bar.end.0 < bar.end.0 - bar.start.0;
    // Mids are halves of nano-dollars at the finest; a float of dollars holds them to the nearest one.
    bar.mid_close_usd.filter(|_| fresh).map(|usd| Price((usd * 1e9).round() as i64))
}

/// Prices to hold the mean fill price against, US dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Benchmarks {
    /// Mids weighted by traded volume, over the bars wholly between arrival and end.
    pub vwap_usd: Option<f64>,
    /// Mids weighted by time, over the same bars.
    pub twap_usd: Option<f64>,
    /// The last mid of the day.
    pub close_usd: Option<f64>,
    /// Bars between arrival and end.
    pub bars: usize,
}

impl Benchmarks {
    /// Over the bars of a day between two moments.
    #[must_use]
    pub fn of(bars: &[BarRecord], from: Nanos, to: Nanos) -> Self {
        let first = bars.partition_point(|bar| bar.start < from);
        let behind = bars.partition_point(|bar| bar.end <= to).max(first);
        let inside = &bars[first..behind];
        Self {
            vwap_usd: mean(inside, |bar| bar.volume_shares() as f64),
            twap_usd: mean(inside, |bar| (bar.end.0 - bar.start.0) as f64),
            close_usd: bars.iter().rev().find_map(|bar| bar.mid_close_usd),
            bars: inside.len(),
        }
    }
}

/// Mean mid of some bars; `None` when nothing has weight. Bars without a mid have none.
fn mean(bars: &[BarRecord], weight: impl Fn(&BarRecord) -> f64) -> Option<f64> {
    let (mut sum, mut weights) = (0.0, 0.0);
    for bar in bars {
        if let (Some(open), Some(close)) = (bar.mid_open_usd, bar.mid_close_usd) {
            sum += weight(bar) * (open + close) / 2.0;
            weights += weight(bar);
        }
    }
    (weights > 0.0).then(|| sum / weights)
}

/// What fills cost against a benchmark, basis points of it; positive hurts.
#[must_use]
pub fn slippage_bps(sign: i64, mean_price_usd: f64, benchmark_usd: f64) -> f64 {
    sign as f64 * (mean_price_usd - benchmark_usd) / benchmark_usd * 1e4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars() -> Vec<BarRecord> {
        let bar = |(index, (open, close, volume)): (usize, &(Option<f64>, Option<f64>, i64))| BarRecord {
            start: Nanos(10 * index as i64),
            end: Nanos(10 * (index as i64 + 1)),
            mid_open_usd: *open,
            mid_close_usd: *close,
            buy_shares: *volume,
            ..BarRecord::default()
        };
        let some = |open, close, volume| (Some(open), Some(close), volume);
        let rows = [(None, None, 5), some(10.0, 10.02, 100), some(10.02, 10.05, 0), some(10.05, 10.01, 300)];
        rows.iter().enumerate().map(bar).collect()
    }

    #[test]
    fn a_mid_is_what_was_known_just_before() {
        let bars = bars();
        for (moment, mid) in [(0, None), (9, None), (19, None), (25, Some(10.02)), (30, Some(10.05))] {
            assert_eq!(mid_before(&bars, Nanos(moment)).map(Price::usd), mid, "{moment}");
        }
        // The last bar ended at 40 and speaks for one width of its own, no further.
        assert_eq!(mid_before(&bars, Nanos(49)).map(Price::usd), Some(10.01));
        assert_eq!(mid_before(&bars, Nanos(50)), None);
        assert_eq!(mid_before(&[], Nanos(50)), None);
    }

    #[test]
    fn nothing_after_a_moment_changes_its_mid() {
        let (before, mut after) = (bars(), bars());
        for bar in &mut after[3..] {
            bar.mid_close_usd = Some(99.0);
        }
        for moment in 0..40 {
            assert_eq!(mid_before(&before, Nanos(moment)), mid_before(&after, Nanos(moment)));
        }
    }

    #[test]
    fn benchmarks_weigh_whole_bars_between_two_moments() {
        let marks = Benchmarks::of(&bars(), Nanos(5), Nanos(40));
        assert_eq!(marks.bars, 3);
        assert_eq!(marks.close_usd, Some(10.01));
        let near = |left: Option<f64>, right: f64| assert!((left.expect("known") - right).abs() < 1e-12);
        near(marks.vwap_usd, (100.0 * 10.01 + 300.0 * 10.03) / 400.0);
        near(marks.twap_usd, (10.01 + 10.035 + 10.03) / 3.0);
        let none = Benchmarks::of(&bars(), Nanos(12), Nanos(18));
        assert_eq!((none.vwap_usd, none.twap_usd, none.bars), (None, None, 0));
        assert!((slippage_bps(-1, 9.99, 10.0) - 10.0).abs() < 1e-9);
    }
}
