//! `prints`: how much of a symbol's day is not ordinary trading.

use serde::Serialize;
use utoipa::ToSchema;

use super::columns::Shares;
use super::{Between, Resource, Table};
use crate::http::choices;

/// `GET /v1/prints/{symbol}`.
pub const PRINTS: Resource = Resource {
    table: Table::Prints,
    path: "/v1/prints/{symbol}",
    tag: "results",
    summary: "Kinds of prints, session by session",
    about: "Rows of `prints` with their date, by date and kind: auctions, late and special prints, odd lots, halts.\n\
            A print of several kinds is in each of them. 404 `no_table` where all prints are ordinary and trading\n\
            never halted.",
    choices: &[choices::KIND],
    between: Between::Dates,
    made_by: Some("it is made of days with prints that are not ordinary, or a trading halt"),
};

/// A kind of print over a session.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrintRow {
    /// As its tape spells it.
    #[schema(example = "IBM")]
    pub symbol: String,
    /// Session date.
    #[schema(format = Date, example = "2018-05-01")]
    pub date: String,
    /// Which kind; `all` is every print, `ordinary` those of no kind.
    #[schema(example = "odd_lot")]
    pub kind: String,
    /// Prints.
    pub prints: i64,
    /// Their size, shares.
    #[schema(inline, value_type = Shares)]
    pub shares: f64,
    /// Their value, US dollars.
    #[schema(required)]
    pub dollars: Option<f64>,
    /// Of all prints; null where there are none.
    #[schema(required)]
    pub share_of_prints: Option<f64>,
    /// Of all prints' shares.
    #[schema(required)]
    pub share_of_shares: Option<f64>,
    /// Of all prints' value.
    #[schema(required)]
    pub share_of_dollars: Option<f64>,
    /// Whether the batch left the kind out of everything else (`--exclude`).
    pub excluded: bool,
    /// Trading halts; only in the row `halted`.
    #[schema(required)]
    pub halts: Option<f64>,
    /// How long they were, seconds of the session; only in the row `halted`.
    #[schema(required)]
    pub halted_seconds: Option<f64>,
    /// Quotes while they were; only in the row `halted`.
    #[schema(required)]
    pub halted_quotes: Option<f64>,
}
