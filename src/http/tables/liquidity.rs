//! `liquidity`: what trading costs, session by session.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Between, Resource, Table};
use crate::http::choices;

/// `GET /v1/liquidity/{symbol}`.
pub const LIQUIDITY: Resource = Resource {
    table: Table::Liquidity,
    path: "/v1/liquidity/{symbol}",
    tag: "results",
    summary: "What trading costs, session by session",
    about: "Rows of `liquidity` with their date, by date and measure. Each tells its unit, its weighting, its\n\
            horizon and how many trades or quotes are behind it.",
    choices: &[choices::MEASURE, choices::HORIZON, choices::WEIGHTING],
    between: Between::Dates,
    made_by: None,
};

/// A measure of what trading costs, over one session.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiquidityRow {
    /// As its tape spells it.
    #[schema(example = "IBM")]
    pub symbol: String,
    /// Session date, New York.
    #[schema(format = Date, example = "2013-10-07")]
    pub date: String,
    /// Which measure.
    #[schema(example = "effective_spread_share_weighted")]
    pub measure: String,
    /// The value, in `unit`; null where there was nothing to measure.
    #[schema(required)]
    pub value: Option<f64>,
    /// Unit of the value.
    #[schema(example = "usd")]
    pub unit: String,
    /// Trades or quotes behind it.
    pub n: i64,
    /// How they count: `simple`, `share`, `dollar`, `time`; null where the measure is no mean.
    #[schema(required, example = "share")]
    pub weighting: Option<String>,
    /// How long after a trade the mid was read again, seconds; null where it was not.
    #[schema(required)]
    pub horizon_seconds: Option<f64>,
}
