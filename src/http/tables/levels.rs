//! `bars_levels` and `ofi_weights`: flow and depth of each level of the book, and how much each level weighs.

use serde::Serialize;
use utoipa::ToSchema;

use super::columns::Shares;
use super::{Between, Resource, Table};
use crate::http::choices;

/// `GET /v1/bars-levels/{symbol}`.
pub const BARS_LEVELS: Resource = Resource {
    table: Table::BarsLevels,
    path: "/v1/bars-levels/{symbol}",
    tag: "results",
    summary: "Order flow at each level of the book, bar by bar",
    about: "Rows of `bars_levels`, by date, bar width, time and level; level 1 is the best quotes. 404 `no_table`\n\
            where the batch read the best alone.",
    choices: &[choices::BAR, choices::LEVEL],
    between: Between::Moments,
    made_by: Some("it is made by impactd batch --levels N"),
};

/// `GET /v1/ofi-weights/{symbol}`.
pub const OFI_WEIGHTS: Resource = Resource {
    table: Table::OfiWeights,
    path: "/v1/ofi-weights/{symbol}",
    tag: "results",
    summary: "How much each level weighs in the integrated flow",
    about: "Rows of `ofi_weights`, by date, bar width, window and level: the first principal component of the\n\
            levels' scaled flows, over the sum of its absolute parts. 404 `no_table` where the batch read the best\n\
            alone.",
    choices: &[choices::BAR, choices::WINDOW, choices::LEVEL],
    between: Between::Dates,
    made_by: Some("it is made by impactd batch --levels N, of windows with bars enough for a fit"),
};

/// A level of the book during a bar.
#[derive(Debug, Serialize, ToSchema)]
pub struct LevelRow {
    /// As its tape spells it.
    #[schema(example = "AMZN")]
    pub symbol: String,
    /// Width, seconds.
    #[schema(example = 10.0)]
    pub bar_seconds: f64,
    /// Beginning, UTC, nanoseconds.
    #[schema(format = DateTime, example = "2012-06-21T13:30:00.000000000Z")]
    pub ts_start: String,
    /// Which level; 1 is the best.
    #[schema(example = 1)]
    pub level: i64,
    /// Order-flow imbalance of the level (Cont, Cucuringu and Zhang 2023), shares.
    #[schema(inline, value_type = Shares)]
    pub ofi_shares: f64,
    /// Time-weighted mean of (bid size + ask size) / 2 while the level is usable, shares.
    #[schema(required)]
    pub depth_mean_shares: Option<f64>,
}

/// A level's weight in a window.
#[derive(Debug, Serialize, ToSchema)]
pub struct WeightRow {
    /// As its tape spells it.
    #[schema(example = "AMZN")]
    pub symbol: String,
    /// Width of the bars, seconds.
    #[schema(example = 10.0)]
    pub bar_seconds: f64,
    /// Kind of window: `day` or `30m`.
    #[schema(example = "day")]
    pub window: String,
    /// Beginning, UTC, nanoseconds.
    #[schema(format = DateTime, example = "2012-06-21T13:30:00.000000000Z")]
    pub window_start: String,
    /// End, UTC, nanoseconds; not inside.
    #[schema(format = DateTime, example = "2012-06-21T20:00:00.000000000Z")]
    pub window_end: String,
    /// Which level; 1 is the best.
    #[schema(example = 1)]
    pub level: i64,
    /// Its weight; a window's absolute weights add up to one, and the weights to more than nothing.
    pub weight: f64,
    /// Share of the variance of all levels' flows that the weighted one has; the same for all levels of a window.
    pub explained_share: f64,
    /// Bars behind it.
    pub n: i64,
}
