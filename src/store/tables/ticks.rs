//! `quotes` and `trades`: raw ticks under the canonical names, as `ingest` reads them from Parquet files.

use polars::prelude::*;

use super::columns::{repeat, sizes, stamps};
use crate::ingest::{QuoteKind, RawQuote, RawTrade};
use crate::tape::{Nanos, Scale, Sign, Size, Symbol};

/// Rows of `quotes`. A side that is absent has price 0 and size 0; a code that the tape does not have is null. Fractional sizes are floats,
/// which stand for themselves up to 15 digits.
///
/// # Errors
/// When polars refuses the columns.
pub fn quotes(symbol: &Symbol, scale: Scale, rows: &[RawQuote]) -> PolarsResult<DataFrame> {
    let real = |name: &str, of: fn(&RawQuote) -> f64| {
        Column::new(name.into(), rows.iter().map(of).collect::<Vec<f64>>())
    };
    let whole = |name: &str, of: fn(&RawQuote) -> i64| {
        Column::new(name.into(), rows.iter().map(of).collect::<Vec<i64>>())
    };
    let size = |name: &str, of: fn(&RawQuote) -> Size| {
        sizes(name, scale, rows.iter().map(|row| i128::from(of(row).0)))
    };
    let code =
        |name: &str, of: fn(&RawQuote) -> &u8| codes(name, rows.iter().map(of).map(std::slice::from_ref));
    let book = |row: &RawQuote| if row.kind == QuoteKind::Venue { "venue" } else { "national" };
    DataFrame::new(
        rows.len(),
        vec![
            stamps("ts", rows.iter().map(|row| row.quote.ts)),
            received(rows.iter().map(|row| row.received)),
            repeat("symbol", symbol.as_str(), rows.len()),
            real("bid", |row| row.quote.bid.usd()),
            size("bid_size", |row| row.quote.bid_size),
            real("ask", |row| row.quote.ask.usd()),
            size("ask_size", |row| row.quote.ask_size),
            whole("sequence", |row| row.sequence.cast_signed()),
            Column::new("book".into(), rows.iter().map(book).collect::<Vec<_>>()),
            code("venue", |row| &row.venue),
            code("conditions", |row| &row.condition),
            code("cancel", |row| &row.cancel),
            code("source", |row| &row.source),
            code("national", |row| &row.national),
        ],
    )
}

/// Rows of `trades`; `side` is the aggressor where the tape tells it.
///
/// # Errors
/// When polars refuses the columns.
pub fn trades(symbol: &Symbol, scale: Scale, rows: &[RawTrade]) -> PolarsResult<DataFrame> {
    let whole = |name: &str, of: fn(&RawTrade) -> i64| {
        Column::new(name.into(), rows.iter().map(of).collect::<Vec<i64>>())
    };
    let side = |row: &RawTrade| match row.trade.known_side {
        Sign::Buy => Some("buy"),
        Sign::Sell => Some("sell"),
        Sign::Unknown => None,
    };
    DataFrame::new(
        rows.len(),
        vec![
            stamps("ts", rows.iter().map(|row| row.trade.ts)),
            received(rows.iter().map(|row| row.received)),
            repeat("symbol", symbol.as_str(), rows.len()),
            Column::new("price".into(), rows.iter().map(|row| row.trade.price.usd()).collect::<Vec<_>>()),
            sizes("size", scale, rows.iter().map(|row| i128::from(row.trade.size.0))),
            Column::new("side".into(), rows.iter().map(side).collect::<Vec<_>>()),
            whole("sequence", |row| row.sequence.cast_signed()),
            codes("venue", rows.iter().map(|row| std::slice::from_ref(&row.venue))),
            codes("conditions", rows.iter().map(|row| row.conditions.as_slice())),
            whole("correction", |row| i64::from(row.correction)),
        ],
    )
}

fn received(moments: impl Iterator<Item = Nanos>) -> Column {
    let values = moments.map(|moment| (moment.0 != 0).then_some(moment.0));
    let values = Int64Chunked::from_iter_options("ts_received".into(), values);
    values.into_datetime(TimeUnit::Nanoseconds, None).into_column()
}

/// Letters of a code in their places, blanks behind the last left out; null where the tape has none.
fn codes<'a>(name: &str, letters: impl Iterator<Item = &'a [u8]>) -> Column {
    let text = letters.map(|letters| {
        let told =
            letters.iter().rposition(|letter| !matches!(letter, 0 | b' ')).map(|last| &letters[..=last]);
        told.and_then(|told| std::str::from_utf8(told).ok())
    });
    Column::new(name.into(), text.collect::<Vec<_>>())
}
