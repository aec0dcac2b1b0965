//! A symbol's days out of the results: 60 s bars, or finer ones put together.

use chrono::NaiveDate;

use crate::cost::Day;
use crate::flow::BarRecord;
use crate::limits::PRETRADE_DAYS;
use crate::store::{Archive, StoreError};
use crate::tape::{NANOS_PER_SECOND, NYSE, Nanos};

/// Width of the bars that the cost stage takes.
pub const BAR_NANOS: i64 = 60 * NANOS_PER_SECOND;

/// Days of a symbol.
#[derive(Clone, Debug, Default)]
pub struct Days {
    /// Ascending, the last ones up to a date.
    pub days: Vec<Day>,
    /// Width of the results' bars they were made of; `None` when there were none that fit.
    pub width: Option<i64>,
    /// Whether the results hold a part of each session only: what they say of a day is not of a whole one.
    pub narrowed: bool,
}

/// The last days of a symbol up to the date of a moment. Blocks on the disk.
///
/// # Errors
/// When a table is missing or damaged.
pub fn load(archive: &Archive, symbol: &str, as_of: Nanos) -> Result<Days, StoreError> {
    let Some(width) = width_of(archive.bar_widths()) else {
        return Ok(Days::default());
    };
    archive.check_is_of_new_york()?;
    let last = NYSE.date_of(as_of).to_string();
    let dates: Vec<&str> = archive.dates_of(symbol).filter(|date| *date <= last.as_str()).collect();
    let mut days = Vec::new();
    for name in &dates[dates.len().saturating_sub(PRETRADE_DAYS)..] {
        let Ok(date) = name.parse::<NaiveDate>() else { continue };
        let bars = archive.bars(name, symbol, width)?;
        let session = NYSE.session(date);
        days.push(Day { date, session, bars: together(&bars, width) });
    }
    Ok(Days { days, width: Some(width), narrowed: archive.calendar() != NYSE })
}

/// 60 s where there are such bars, else the widest that divides it.
pub fn width_of(widths: &[i64]) -> Option<i64> {
    widths.iter().copied().filter(|width| *width > 0 && BAR_NANOS % width == 0).max()
}

/// Bars of a minute out of finer ones. Sums and last mids are exact; means weigh each finer bar the same.
pub fn together(bars: &[BarRecord], width: i64) -> Vec<BarRecord> {
    if width == BAR_NANOS {
        return bars.to_vec();
    }
    bars.chunks((BAR_NANOS / width).max(1) as usize).filter_map(one).collect()
}

fn one(bars: &[BarRecord]) -> Option<BarRecord> {
    let (first, last) = (bars.first()?, bars.last()?);
    let sum = |of: fn(&BarRecord) -> i64| bars.iter().map(of).sum::<i64>();
    let mean = |of: fn(&BarRecord) -> Option<f64>| {
        let known: Vec<f64> = bars.iter().filter_map(of).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    };
    // A session's first bar with a quote has no change, and neither has the minute that holds it.
    let begins = bars.iter().any(|bar| bar.mid_close_usd.is_some() && bar.mid_change_cents.is_none());
    let changes: Vec<f64> = bars.iter().filter_map(|bar| bar.mid_change_cents).collect();
    let cents = (!begins && !changes.is_empty()).then(|| changes.iter().sum::<f64>());
    let close = bars.iter().rev().find_map(|bar| bar.mid_close_usd);
    let before = close.zip(cents).map(|(close, cents)| close - cents / 100.0);
    Some(BarRecord {
        start: first.start,
        end: last.end,
        ofi_shares: sum(|bar| bar.ofi_shares),
        buy_shares: sum(|bar| bar.buy_shares),
        sell_shares: sum(|bar| bar.sell_shares),
        unsigned_shares: sum(|bar| bar.unsigned_shares),
        trade_imbalance_kusd: bars.iter().map(|bar| bar.trade_imbalance_kusd).sum(),
        quote_count: sum(|bar| bar.quote_count),
        trade_count: sum(|bar| bar.trade_count),
        mid_open_usd: bars.iter().find_map(|bar| bar.mid_open_usd),
        mid_close_usd: close,
        mid_change_cents: cents,
        mid_change_bp: cents.zip(before).map(|(cents, before)| 100.0 * cents / before),
        depth_mean_shares: mean(|bar| bar.depth_mean_shares),
        spread_tw_usd: mean(|bar| bar.spread_tw_usd),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_bars_that_make_a_minute_are_taken() {
        let second = NANOS_PER_SECOND;
        assert_eq!(width_of(&[second, 10 * second, 60 * second, 300 * second]), Some(60 * second));
        assert_eq!(width_of(&[second, 10 * second, 300 * second]), Some(10 * second));
        assert_eq!(width_of(&[7 * second, 300 * second]), None);
    }

    #[test]
    fn a_minute_of_finer_bars_holds_their_sums() {
        let bar = |k: i64| BarRecord {
            start: Nanos(k * 10 * NANOS_PER_SECOND),
            end: Nanos((k + 1) * 10 * NANOS_PER_SECOND),
            buy_shares: 100 * k,
            mid_open_usd: Some(100.0),
            mid_close_usd: Some(100.0 + k as f64),
            mid_change_cents: Some(100.0),
            spread_tw_usd: (k > 2).then_some(0.02),
            ..BarRecord::default()
        };
        let bars: Vec<BarRecord> = (0..6).map(bar).collect();
        let minutes = together(&bars, 10 * NANOS_PER_SECOND);
        assert_eq!(minutes.len(), 1);
        let minute = minutes[0];
        assert_eq!((minute.start, minute.end), (Nanos(0), Nanos(BAR_NANOS)));
        assert_eq!((minute.buy_shares, minute.mid_close_usd), (1_500, Some(105.0)));
        assert_eq!(
            (minute.mid_change_cents, minute.mid_change_bp),
            (Some(600.0), Some(100.0 * 600.0 / 99.0))
        );
        assert_eq!(minute.spread_tw_usd, Some(0.02));
    }
}
