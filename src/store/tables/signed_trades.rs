//! `signed_trades`: every trade, its signs, and the quote it met.

use polars::prelude::*;

use super::columns::{repeat, sizes, some_sizes, stamps};
use crate::sign::{Rule, SignedTrade};
use crate::tape::{Quote, Scale, Sign, Size, Symbol};

/// Signed trades as rows of `signed_trades`; `sign` is the one that counted.
///
/// # Errors
/// When polars refuses the columns.
pub fn signed_trades(symbol: &Symbol, scale: Scale, trades: &[SignedTrade]) -> PolarsResult<DataFrame> {
    let sign = |name: &str, of: &dyn Fn(&SignedTrade) -> Sign| {
        let values: Vec<i64> = trades.iter().map(|t| of(t).value()).collect();
        Column::new(name.into(), values)
    };
    let by = |rule: Rule| sign(&format!("sign_{}", rule.name().replace('-', "_")), &|t| t.signs.by(rule));
    let whole = |name: &str, of: fn(&SignedTrade) -> Option<i64>| {
        let values: Vec<Option<i64>> = trades.iter().map(of).collect();
        Column::new(name.into(), values)
    };
    let real = |name: &str, of: fn(&SignedTrade) -> Option<f64>| {
        let values: Vec<Option<f64>> = trades.iter().map(of).collect();
        Column::new(name.into(), values)
    };
    let offered = |name: &str, of: fn(&Quote) -> Size| {
        let units = trades.iter().map(|t| t.quote.as_ref().map(|quote| i128::from(of(quote).0)));
        some_sizes(name, scale, units)
    };
    let known = |t: &SignedTrade| (t.signs.known != Sign::Unknown).then_some(t.signs.known.value());
    let known: Vec<Option<i64>> = trades.iter().map(known).collect();
    DataFrame::new(
        trades.len(),
        vec![
            repeat("symbol", symbol.as_str(), trades.len()),
            stamps("ts", trades.iter().map(|t| t.trade.ts)),
            real("price_usd", |t| Some(t.trade.price.usd())),
            sizes("size_shares", scale, trades.iter().map(|t| i128::from(t.trade.size.0))),
            sign("sign", &|t| t.sign),
            by(Rule::Tick),
            by(Rule::Quote),
            by(Rule::LeeReady),
            by(Rule::Emo),
            by(Rule::Clnv),
            whole("side_known", known),
            real("bid_usd", |t| t.quote.map(|q| q.bid.usd())),
            real("ask_usd", |t| t.quote.map(|q| q.ask.usd())),
            offered("bid_shares", |q| q.bid_size),
            offered("ask_shares", |q| q.ask_size),
            by(Rule::RevTick),
            by(Rule::RevLeeReady),
            by(Rule::RevEmo),
            by(Rule::RevClnv),
            by(Rule::TradeSize),
            by(Rule::Depth),
        ],
    )
}
