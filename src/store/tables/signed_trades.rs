//! `signed_trades`: every trade, its signs, and the quote it met.

use polars::prelude::*;

use super::columns::{repeat, sizes, some_sizes, stamps};
use crate::sign::{Rule, SignedTrade};
use crate::tape::{Scale, Sign, Symbol};

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
    let real = |name: &str, of: fn(&SignedTrade) -> Option<f64>| {
        let values: Vec<Option<f64>> = trades.iter().map(of).collect();
        Column::new(name.into(), values)
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
            Column::new("side_known".into(), known),
            real("bid_usd", |t| t.quote.map(|q| q.bid.usd())),
            real("ask_usd", |t| t.quote.map(|q| q.ask.usd())),
            some_sizes("bid_shares", scale, trades.iter().map(|t| t.quote.map(|q| q.bid_size.0))),
            some_sizes("ask_shares", scale, trades.iter().map(|t| t.quote.map(|q| q.ask_size.0))),
            by(Rule::RevTick),
            by(Rule::RevLeeReady),
            by(Rule::RevEmo),
            by(Rule::RevClnv),
            by(Rule::TradeSize),
            by(Rule::Depth),
        ],
    )
}
