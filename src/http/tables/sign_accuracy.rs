//! `sign_accuracy`: how often each signing rule names the side that the feed itself knows.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Between, Resource, Table};
use crate::http::choices;

/// `GET /v1/sign-accuracy/{symbol}`.
pub const SIGN_ACCURACY: Resource = Resource {
    table: Table::SignAccuracy,
    path: "/v1/sign-accuracy/{symbol}",
    tag: "results",
    summary: "How often each signing rule is right",
    about: "Rows of `sign_accuracy` with their date, by date, rule and place. 404 `no_table` where the tape's feed\n\
            knows no aggressor.",
    choices: &[choices::RULE, choices::PLACE],
    between: Between::Dates,
    made_by: Some("it is made where the feed itself tells the aggressor"),
};

/// A signing rule against the known side, by where trades stood.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccuracyRow {
    /// As its tape spells it.
    #[schema(example = "AMZN")]
    pub symbol: String,
    /// Session date, New York.
    #[schema(format = Date, example = "2012-06-21")]
    pub date: String,
    /// The rule, or the layers that counted.
    #[schema(example = "lee-ready")]
    pub rule: String,
    /// `all`, `at_ask`, `at_bid`, `at_mid`, `inside`, `outside` or `no_quote`.
    #[schema(example = "at_ask")]
    pub place: String,
    /// Trades whose side the feed knows.
    pub n: i64,
    /// Those that the rule gave a side.
    pub classified: i64,
    /// Those that it gave the known side.
    pub right: i64,
    /// `classified / n`; null without trades.
    #[schema(required)]
    pub share_classified: Option<f64>,
    /// `right / classified`; null where it gave none a side.
    #[schema(required)]
    pub share_right: Option<f64>,
}
