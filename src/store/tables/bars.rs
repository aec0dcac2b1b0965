//! `bars`: what a stretch of a symbol's session held.

use polars::prelude::*;

use super::columns::{repeat, seconds, stamps};
use crate::flow::Bar;
use crate::tape::Symbol;

/// Bars of one width as rows of `bars`.
///
/// # Errors
/// When polars refuses the columns.
pub fn bars(symbol: &Symbol, width: i64, bars: &[Bar]) -> PolarsResult<DataFrame> {
    let whole = |name: &str, of: fn(&Bar) -> i64| {
        let values: Vec<i64> = bars.iter().map(of).collect();
        Column::new(name.into(), values)
    };
    let real = |name: &str, of: fn(&Bar) -> Option<f64>| {
        let values: Vec<Option<f64>> = bars.iter().map(of).collect();
        Column::new(name.into(), values)
    };
    DataFrame::new(
        bars.len(),
        vec![
            repeat("symbol", symbol.as_str(), bars.len()),
            seconds("bar_seconds", width, bars.len()),
            stamps("ts_start", bars.iter().map(|b| b.start)),
            stamps("ts_end", bars.iter().map(|b| b.end)),
            whole("ofi_shares", |b| b.ofi),
            whole("trade_imbalance_shares", Bar::trade_imbalance),
            whole("buy_shares", |b| b.buy),
            whole("sell_shares", |b| b.sell),
            whole("unsigned_shares", |b| b.unsigned),
            real("trade_imbalance_kusd", |b| Some(b.signed_value_kusd())),
            whole("quote_count", |b| b.quotes),
            whole("trade_count", |b| b.trades),
            real("mid_open_usd", |b| b.mid_open_doubled.map(halved_usd)),
            real("mid_close_usd", |b| b.mid_close_doubled.map(halved_usd)),
            real("mid_change_cents", Bar::mid_change_cents),
            real("mid_change_bp", Bar::mid_change_bp),
            real("depth_mean_shares", Bar::depth_mean_shares),
            real("spread_tw_usd", Bar::spread_tw_usd),
        ],
    )
}

fn halved_usd(doubled_nanos: i64) -> f64 {
    doubled_nanos as f64 / 2e9
}
