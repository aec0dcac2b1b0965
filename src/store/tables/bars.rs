//! `bars`: what a stretch of a symbol's session held.

use polars::prelude::*;

use super::columns::{repeat, seconds, stamps};
use crate::flow::{Bar, BarRecord};
use crate::tape::{NANOS_PER_SECOND, Nanos, Symbol};

/// Bars of one width as rows of `bars`.
///
/// # Errors
/// When polars refuses the columns.
pub fn bars(symbol: &Symbol, width: i64, bars: &[Bar]) -> PolarsResult<DataFrame> {
    let records: Vec<BarRecord> = bars.iter().map(BarRecord::from).collect();
    let mut columns =
        vec![repeat("symbol", symbol.as_str(), records.len()), seconds("bar_seconds", width, records.len())];
    columns.extend(held(&records));
    DataFrame::new(records.len(), columns)
}

/// What a bar holds, and from when to when, on whatever clock.
pub(super) fn held(records: &[BarRecord]) -> Vec<Column> {
    let whole = |name: &str, of: fn(&BarRecord) -> i64| {
        let values: Vec<i64> = records.iter().map(of).collect();
        Column::new(name.into(), values)
    };
    let real = |name: &str, of: fn(&BarRecord) -> Option<f64>| {
        let values: Vec<Option<f64>> = records.iter().map(of).collect();
        Column::new(name.into(), values)
    };
    vec![
        stamps("ts_start", records.iter().map(|b| b.start)),
        stamps("ts_end", records.iter().map(|b| b.end)),
        whole("ofi_shares", |b| b.ofi_shares),
        whole("trade_imbalance_shares", BarRecord::trade_imbalance_shares),
        whole("buy_shares", |b| b.buy_shares),
        whole("sell_shares", |b| b.sell_shares),
        whole("unsigned_shares", |b| b.unsigned_shares),
        real("trade_imbalance_kusd", |b| Some(b.trade_imbalance_kusd)),
        whole("quote_count", |b| b.quote_count),
        whole("trade_count", |b| b.trade_count),
        real("mid_open_usd", |b| b.mid_open_usd),
        real("mid_close_usd", |b| b.mid_close_usd),
        real("mid_change_cents", |b| b.mid_change_cents),
        real("mid_change_bp", |b| b.mid_change_bp),
        real("depth_mean_shares", |b| b.depth_mean_shares),
        real("spread_tw_usd", |b| b.spread_tw_usd),
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
        };
        let empty = Bar { start: Nanos(2_000), end: Nanos(3_000), ..Bar::default() };
        let written = [full, empty];
        let mut rows = bars(&Symbol::new("IBM"), 1_000, &written).expect("rows");
        rows.vstack_mut_owned(bars(&Symbol::new("IBM"), 2_000, &written[..1]).expect("rows"))
            .expect("stacked");
        let expected: Vec<BarRecord> = written.iter().map(BarRecord::from).collect();
        assert_eq!(read_bars(&rows, 1_000).expect("read"), expected);
        assert_eq!(read_bars(&rows, 2_000).expect("read"), expected[..1]);
    }
}
