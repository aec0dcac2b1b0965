//! `bars`: what a stretch of a symbol's session held.

use polars::prelude::*;

use super::columns::{repeat, seconds, sizes, stamps};
use crate::flow::{Bar, BarRecord};
use crate::tape::{NANOS_PER_SECOND, Nanos, Scale, Symbol};

/// Bars of one width as rows of `bars`; `scale` is that of their sizes.
///
/// # Errors
/// When polars refuses the columns.
pub fn bars(symbol: &Symbol, width: i64, scale: Scale, bars: &[Bar]) -> PolarsResult<DataFrame> {
    let mut columns =
        vec![repeat("symbol", symbol.as_str(), bars.len()), seconds("bar_seconds", width, bars.len())];
    columns.extend(held(scale, bars));
    DataFrame::new(bars.len(), columns)
}

/// What a bar holds, and from when to when, on whatever clock.
pub(super) fn held(scale: Scale, bars: &[Bar]) -> Vec<Column> {
    let size = |name: &str, of: fn(&Bar) -> i128| sizes(name, scale, bars.iter().map(of));
    let whole =
        |name: &str, of: fn(&Bar) -> i64| Column::new(name.into(), bars.iter().map(of).collect::<Vec<i64>>());
    let real = |name: &str, of: fn(&Bar) -> Option<f64>| {
        Column::new(name.into(), bars.iter().map(of).collect::<Vec<Option<f64>>>())
    };
    vec![
        stamps("ts_start", bars.iter().map(|b| b.start)),
        stamps("ts_end", bars.iter().map(|b| b.end)),
        size("ofi_shares", |b| b.ofi),
        size("trade_imbalance_shares", Bar::trade_imbalance),
        size("buy_shares", |b| b.buy),
        size("sell_shares", |b| b.sell),
        size("unsigned_shares", |b| b.unsigned),
        real("trade_imbalance_kusd", |b| Some(b.signed_value_kusd())),
        whole("quote_count", |b| b.quotes),
        whole("trade_count", |b| b.trades),
        real("mid_open_usd", Bar::mid_open_usd),
        real("mid_close_usd", Bar::mid_close_usd),
        real("mid_change_cents", Bar::mid_change_cents),
        real("mid_change_bp", Bar::mid_change_bp),
        real("depth_mean_shares", Bar::depth_mean_shares),
        real("spread_tw_usd", Bar::spread_tw_usd),
    ]
}

/// The records of one width among rows of `bars`, in their order.
///
/// # Errors
/// When a column is missing or of another type.
pub fn read_bars(rows: &DataFrame, width: i64) -> PolarsResult<Vec<BarRecord>> {
    let bar_seconds = width as f64 / NANOS_PER_SECOND as f64;
    let rows = rows.filter(&rows.column("bar_seconds")?.f64()?.equal(bar_seconds))?;
    let stamp = |name: &str| Ok::<_, PolarsError>(rows.column(name)?.datetime()?.physical());
    let whole = |name: &str| rows.column(name)?.i64();
    let real = |name: &str| rows.column(name)?.f64();
    let (start, end) = (stamp("ts_start")?, stamp("ts_end")?);
    let [ofi, buy, sell] = [whole("ofi_shares")?, whole("buy_shares")?, whole("sell_shares")?];
    let [unsigned, quotes, trades] =
        [whole("unsigned_shares")?, whole("quote_count")?, whole("trade_count")?];
    let [open, close, cents, bp] =
        [real("mid_open_usd")?, real("mid_close_usd")?, real("mid_change_cents")?, real("mid_change_bp")?];
    let [value, depth, spread] =
        [real("trade_imbalance_kusd")?, real("depth_mean_shares")?, real("spread_tw_usd")?];
    let records = (0..rows.height()).map(|i| BarRecord {
        start: Nanos(start.get(i).unwrap_or_default()),
        end: Nanos(end.get(i).unwrap_or_default()),
        ofi_shares: ofi.get(i).unwrap_or_default(),
        buy_shares: buy.get(i).unwrap_or_default(),
        sell_shares: sell.get(i).unwrap_or_default(),
        unsigned_shares: unsigned.get(i).unwrap_or_default(),
        trade_imbalance_kusd: value.get(i).unwrap_or_default(),
        quote_count: quotes.get(i).unwrap_or_default(),
        trade_count: trades.get(i).unwrap_or_default(),
        mid_open_usd: open.get(i),
        mid_close_usd: close.get(i),
        mid_change_cents: cents.get(i),
        mid_change_bp: bp.get(i),
        depth_mean_shares: depth.get(i),
        spread_tw_usd: spread.get(i),
    });
    Ok(records.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let full = Bar {
            start: Nanos(1_000),
            end: Nanos(2_000),
            scale: Scale::WHOLE,
            ofi: -7,
            buy: 300,
            sell: 100,
            unsigned: 5,
            signed_value: 123_456_789_012,
            quotes: 4,
            trades: 3,
            mid_open_doubled: Some(200_000_000_001),
            mid_close_doubled: Some(200_010_000_003),
            mid_change_doubled: Some(10_000_002),
            depth_time: 1_234_567,
            spread_time: 9_876_543_210,
            usable_time: 777,
            is_halted: false,
        };
        let empty = Bar { start: Nanos(2_000), end: Nanos(3_000), ..Bar::default() };
        let written = [full, empty];
        let mut rows = bars(&Symbol::new("IBM"), 1_000, Scale::WHOLE, &written).expect("rows");
        rows.vstack_mut_owned(bars(&Symbol::new("IBM"), 2_000, Scale::WHOLE, &written[..1]).expect("rows"))
            .expect("stacked");
        let expected: Vec<BarRecord> = written.iter().map(BarRecord::from).collect();
        assert_eq!(read_bars(&rows, 1_000).expect("read"), expected);
        assert_eq!(read_bars(&rows, 2_000).expect("read"), expected[..1]);
    }

    #[test]
    fn fractional_sizes_are_divided_once_and_sums_beyond_64_bits_fit() {
        let scale = Scale::new(8);
        let huge = 3 * i128::from(i64::MAX);
        let bar = Bar { scale, ofi: -600_000, buy: huge, sell: 1, ..Bar::default() };
        let rows = bars(&Symbol::new("BTCUSDT"), 1_000, scale, &[bar]).expect("rows");
        let real =
            |name: &str| rows.column(name).expect(name).f64().expect("floats").get(0).expect("a value");
        assert_eq!(real("ofi_shares"), -0.006);
        assert_eq!(real("sell_shares"), 1e-8);
        assert_eq!(real("buy_shares"), huge as f64 / 1e8);
        assert!(read_bars(&rows, 1_000).is_err(), "no whole shares");
    }
}
