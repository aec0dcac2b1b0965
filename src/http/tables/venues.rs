//! `venues`: where a symbol's day was traded, and at what spread.

use serde::Serialize;
use utoipa::ToSchema;

use super::columns::Shares;
use super::{Between, Resource, Table};
use crate::http::choices;

/// `GET /v1/venues/{symbol}`.
pub const VENUES: Resource = Resource {
    table: Table::Venues,
    path: "/v1/venues/{symbol}",
    tag: "results",
    summary: "Where it was traded and at what spread, session by session",
    about: "Rows of `venues` with their date, by date and venue: volume, odd lots, and the share-weighted effective\n\
            spread against the quote in force. 404 `no_table` where the tape tells no venues.",
    choices: &[choices::VENUE, choices::OFF_EXCHANGE],
    between: Between::Dates,
    made_by: Some("it is made where the tape tells the venue of trades"),
};

/// A venue's trades over a session.
#[derive(Debug, Serialize, ToSchema)]
pub struct VenueRow {
    /// As its tape spells it.
    #[schema(example = "IBM")]
    pub symbol: String,
    /// Session date.
    #[schema(format = Date, example = "2018-05-01")]
    pub date: String,
    /// The venue's letter on the tape.
    #[schema(example = "N")]
    pub venue: String,
    /// Whether FINRA's facilities report there: venue `D`.
    pub off_exchange: bool,
    /// Trades.
    pub trades: i64,
    /// Their size, shares.
    #[schema(inline, value_type = Shares)]
    pub shares: f64,
    /// Their value, US dollars.
    #[schema(required)]
    pub dollars: Option<f64>,
    /// Of all venues' trades.
    #[schema(required)]
    pub share_of_trades: Option<f64>,
    /// Of all venues' shares.
    #[schema(required)]
    pub share_of_shares: Option<f64>,
    /// Bought less sold, by the sign that counts, shares.
    #[schema(inline, value_type = Shares)]
    pub signed_shares: f64,
    /// Trades that the tape calls odd lots.
    pub odd_lots: i64,
    /// Of its trades.
    #[schema(required)]
    pub share_odd_lots: Option<f64>,
    /// Share-weighted 2 |P - M| over trades with a usable quote in force, cents.
    #[schema(required)]
    pub effective_spread_cents: Option<f64>,
    /// Share-weighted 2 |P - M| / M, basis points.
    #[schema(required)]
    pub effective_spread_bp: Option<f64>,
    /// Trades with a usable quote in force.
    pub n: i64,
    /// Their size, shares.
    #[schema(inline, value_type = Shares)]
    pub shares_with_quote: f64,
}
