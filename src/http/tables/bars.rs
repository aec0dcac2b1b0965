//! `bars`: order flow and prices bar by bar.

use serde::Serialize;
use utoipa::ToSchema;

use super::columns::Shares;
use super::{Between, Resource, Table};
use crate::flow::BarRecord;
use crate::http::choices;
use crate::tape::NANOS_PER_SECOND;

/// `GET /v1/bars/{symbol}`.
pub const BARS: Resource = Resource {
    table: Table::Bars,
    path: "/v1/bars/{symbol}",
    tag: "results",
    summary: "Order flow and prices bar by bar",
    about: "Rows of `bars`, by date, bar width and time. Of a session under way, the bars that have closed.",
    choices: &[choices::BAR],
    between: Between::Moments,
    made_by: None,
};

/// A bar: order flow and prices between two moments, `ts_start <= t < ts_end`.
#[derive(Debug, Serialize, ToSchema)]
pub struct BarRow {
    /// As its tape spells it.
    #[schema(example = "IBM")]
    pub symbol: String,
    /// Width, seconds.
    #[schema(example = 10.0)]
    pub bar_seconds: f64,
    /// Beginning, UTC, nanoseconds.
    #[schema(format = DateTime, example = "2013-10-07T13:30:00.000000000Z")]
    pub ts_start: String,
    /// End, UTC, nanoseconds; not inside.
    #[schema(format = DateTime, example = "2013-10-07T13:30:10.000000000Z")]
    pub ts_end: String,
    /// Order-flow imbalance (Cont, Kukanov and Stoikov 2014), shares.
    #[schema(inline, value_type = Shares)]
    pub ofi_shares: i64,
    /// Buys minus sells, shares.
    #[schema(inline, value_type = Shares)]
    pub trade_imbalance_shares: i64,
    /// Buyer-initiated volume, shares.
    #[schema(inline, value_type = Shares)]
    pub buy_shares: i64,
    /// Seller-initiated volume, shares.
    #[schema(inline, value_type = Shares)]
    pub sell_shares: i64,
    /// Volume that no rule could sign, shares.
    #[schema(inline, value_type = Shares)]
    pub unsigned_shares: i64,
    /// Buys minus sells, thousands of US dollars.
    pub trade_imbalance_kusd: f64,
    /// Quotes.
    pub quote_count: i64,
    /// Trades.
    pub trade_count: i64,
    /// Last usable mid before the bar, or its first if there is none before, US dollars.
    #[schema(required)]
    pub mid_open_usd: Option<f64>,
    /// Last usable mid before the end, US dollars.
    #[schema(required)]
    pub mid_close_usd: Option<f64>,
    /// Close mid minus that of the bar before, cents.
    #[schema(required)]
    pub mid_change_cents: Option<f64>,
    /// The same, basis points of the mid before.
    #[schema(required)]
    pub mid_change_bp: Option<f64>,
    /// Time-weighted mean of (bid size + ask size) / 2 over usable states, shares.
    #[schema(required)]
    pub depth_mean_shares: Option<f64>,
    /// Time-weighted mean spread over usable states, US dollars.
    #[schema(required)]
    pub spread_tw_usd: Option<f64>,
}

impl BarRow {
    /// A bar as a row of its table.
    #[must_use]
    pub fn of(symbol: &str, width: i64, bar: &BarRecord) -> Self {
        Self {
            symbol: symbol.to_owned(),
            bar_seconds: width as f64 / NANOS_PER_SECOND as f64,
            ts_start: bar.start.to_string(),
            ts_end: bar.end.to_string(),
            ofi_shares: bar.ofi_shares,
            trade_imbalance_shares: bar.trade_imbalance_shares(),
            buy_shares: bar.buy_shares,
            sell_shares: bar.sell_shares,
            unsigned_shares: bar.unsigned_shares,
            trade_imbalance_kusd: bar.trade_imbalance_kusd,
            quote_count: bar.quote_count,
            trade_count: bar.trade_count,
            mid_open_usd: bar.mid_open_usd,
            mid_close_usd: bar.mid_close_usd,
            mid_change_cents: bar.mid_change_cents,
            mid_change_bp: bar.mid_change_bp,
            depth_mean_shares: bar.depth_mean_shares,
            spread_tw_usd: bar.spread_tw_usd,
        }
    }
}
