//! `fraud_scores`: what the model says of every bin.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Between, Resource, Table};
use crate::http::choices;

/// `GET /v1/fraud/scores/{symbol}`.
pub const FRAUD_SCORES: Resource = Resource {
    table: Table::FraudScores,
    path: "/v1/fraud/scores/{symbol}",
    tag: "fraud",
    summary: "What the model says of every bin",
    about: "Rows of `fraud_scores`, by time, ten seconds each. A score rests on ticks before the bin's end alone.",
    choices: &[choices::MIN_SCORE],
    between: Between::Moments,
    made_by: None,
};

/// A bin of ten seconds and its score.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScoreRow {
    /// As its tape spells it.
    #[schema(example = "IBM")]
    pub symbol: String,
    /// Beginning, UTC, nanoseconds.
    #[schema(format = DateTime, example = "2013-10-07T15:30:00.000000000Z")]
    pub ts_start: String,
    /// End; not inside. The score rests on ticks before it alone.
    #[schema(format = DateTime, example = "2013-10-07T15:30:10.000000000Z")]
    pub ts_end: String,
    /// The score.
    pub score: f64,
    /// Bins alarm from this score on.
    #[schema(required)]
    pub threshold: Option<f64>,
    /// Whether this one does.
    pub alert: bool,
    /// How unlike the training rows the bin is; null where the model does not tell.
    #[schema(required)]
    pub unusual: Option<f64>,
    /// Name of the model.
    pub model: String,
    /// Its version.
    pub version: i64,
    /// SHA-256 of its graph.
    pub model_sha256: String,
    /// What ran it.
    #[schema(example = "CPUExecutionProvider")]
    pub provider: String,
}
