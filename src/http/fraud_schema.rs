//! Rows of `fraud_alerts` and `fraud_scores` as `api.yaml` describes them.

use serde::Serialize;
use utoipa::ToSchema;

/// A stretch of tape that somebody should look at: what it resembles, how sure the model is, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertRow {
    /// `SYMBOL-` and the beginning in nanoseconds.
    #[schema(example = "IBM-1381159800000000000")]
    pub alert_id: String,
    /// As its tape spells it.
    #[schema(example = "IBM")]
    pub symbol: String,
    /// Beginning of the first bin that alarmed, UTC, nanoseconds.
    #[schema(format = DateTime, example = "2013-10-07T15:30:00.000000000Z")]
    pub ts_start: String,
    /// End of the last bin that alarmed; not inside.
    #[schema(format = DateTime, example = "2013-10-07T15:31:10.000000000Z")]
    pub ts_end: String,
    /// Beginning of the bin with the highest score.
    #[schema(format = DateTime, example = "2013-10-07T15:30:30.000000000Z")]
    pub ts_peak: String,
    /// What it resembles: the pattern whose own features did most to raise the score. A tape shows neither accounts nor
    /// intent: this accuses nobody.
    #[schema(example = "resembles pump_and_dump")]
    pub typology: String,
    /// The highest score.
    #[schema(example = 0.97)]
    pub score: f64,
    /// Bins alarm from this score on.
    #[schema(required)]
    pub threshold: Option<f64>,
    /// Share of alarms that were right at this threshold, where the model was measured.
    #[schema(required)]
    pub precision_at_threshold: Option<f64>,
    /// Share of labelled bins that were found at this threshold, where the model was measured.
    #[schema(required)]
    pub recall_at_threshold: Option<f64>,
    /// The rows on which these two were measured.
    pub measured_on: String,
    /// Bins that alarmed.
    pub alarms: i64,
    /// How unlike the training rows the highest bin is; null where the model does not tell.
    #[schema(required)]
    pub unusual: Option<f64>,
    /// What raised the highest score, largest first: feature, the drop of the score's log-odds when it alone is set to
    /// its usual value, and its value.
    #[schema(example = "return_60s +3.10 (14.20); rush_trades +1.02 (4.50)")]
    pub reasons: String,
    /// From where to replay the tape to judge for oneself.
    #[schema(format = DateTime, example = "2013-10-07T15:25:00.000000000Z")]
    pub replay_from: String,
    /// Until where.
    #[schema(format = DateTime, example = "2013-10-07T15:36:10.000000000Z")]
    pub replay_to: String,
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
