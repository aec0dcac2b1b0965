//! `venues`: where a symbol's day was traded and at what spread, a row a venue.

use polars::prelude::*;

use super::columns::{repeat, sizes};
use crate::liquidity::Venue;
use crate::tape::{Scale, Symbol};

/// Venue under which FINRA's facilities report.
const OFF_EXCHANGE: u8 = b'D';

/// Rows of `venues`.
///
/// # Errors
/// When polars refuses the columns.
pub fn venues(symbol: &Symbol, scale: Scale, rows: &[Venue]) -> PolarsResult<DataFrame> {
    let real = |name: &str, of: &dyn Fn(&Venue) -> Option<f64>| {
        Column::new(name.into(), rows.iter().map(of).collect::<Vec<_>>())
    };
    let whole = |name: &str, of: fn(&Venue) -> u64| {
        Column::new(name.into(), rows.iter().map(|row| of(row) as i64).collect::<Vec<_>>())
    };
    let size = |name: &str, of: fn(&Venue) -> i128| {
        sizes(name, scale, rows.iter().map(of).collect::<Vec<_>>().into_iter())
    };
    let units: i128 = rows.iter().map(|row| row.units).sum();
    let trades: u64 = rows.iter().map(|row| row.trades).sum();
    let letters = rows.iter().map(|row| char::from(row.letter).to_string()).collect::<Vec<_>>();
    let is_off = rows.iter().map(|row| row.letter == OFF_EXCHANGE).collect::<Vec<_>>();
    DataFrame::new(
        rows.len(),
        vec![
            repeat("symbol", symbol.as_str(), rows.len()),
            Column::new("venue".into(), letters),
            Column::new("off_exchange".into(), is_off),
            whole("trades", |row| row.trades),
            size("shares", |row| row.units),
            real("dollars", &|row| Some(scale.shares(row.value) / 1e9)),
            real("share_of_trades", &|row| (trades > 0).then(|| row.trades as f64 / trades as f64)),
            real("share_of_shares", &|row| (units > 0).then(|| row.units as f64 / units as f64)),
            size("signed_shares", |row| row.signed_units),
            whole("odd_lots", |row| row.odd_lots),
            real("share_odd_lots", &|row| (row.trades > 0).then(|| row.odd_lots as f64 / row.trades as f64)),
            real("effective_spread_cents", &Venue::effective_spread_cents),
            real("effective_spread_bp", &Venue::effective_spread_bp),
            whole("n", |row| row.with_quote),
            size("shares_with_quote", |row| row.units_with_quote),
        ],
    )
}
