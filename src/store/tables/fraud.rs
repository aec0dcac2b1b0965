//! `fraud_scores` and `fraud_alerts`: what a model says of each bin, and the stretches somebody should look at.

use polars::prelude::*;

use super::columns::{repeat, stamps};
use crate::scoring::Manifest;
use crate::surveillance::{Alert, ScoreRow};
use crate::tape::Symbol;

/// Which model said so, as rows name it, and what its threshold gave where it was measured.
#[derive(Clone, Debug, Default)]
pub struct Said {
    model: String,
    version: i64,
    model_sha256: String,
    provider: String,
    threshold: Option<f64>,
    precision: Option<f64>,
    recall: Option<f64>,
    measured_on: String,
}

impl Said {
    /// A model's word, on what ran it.
    #[must_use]
    pub fn of(manifest: &Manifest, provider: &str) -> Self {
        let threshold = manifest.threshold.as_ref();
        let at = threshold.map(|threshold| &threshold.at_threshold);
        Self {
            model: manifest.name.clone(),
            version: i64::try_from(manifest.version).unwrap_or(i64::MAX),
            model_sha256: manifest.model.sha256.clone(),
            provider: provider.to_owned(),
            threshold: threshold.map(|threshold| threshold.value),
            precision: at.and_then(|at| at.precision),
            recall: at.and_then(|at| at.recall),
            measured_on: at.map(|at| at.sample.clone()).unwrap_or_default(),
        }
    }

    fn columns(&self, rows: usize) -> [Column; 4] {
        [
            repeat("model", &self.model, rows),
            Column::new("version".into(), vec![self.version; rows]),
            repeat("model_sha256", &self.model_sha256, rows),
            repeat("provider", &self.provider, rows),
        ]
    }
}

/// Scores as rows of `fraud_scores`.
///
/// # Errors
/// When polars refuses the columns.
pub fn fraud_scores(symbol: &Symbol, scores: &[ScoreRow], said: &Said) -> PolarsResult<DataFrame> {
    let n = scores.len();
    let score: Vec<f64> = scores.iter().map(|row| row.bin.score).collect();
    let unusual: Vec<Option<f64>> = scores.iter().map(|row| row.unusual.map(f64::from)).collect();
    let alert: Vec<bool> = scores.iter().map(|row| row.is_alert).collect();
    let mut columns = vec![
        repeat("symbol", symbol.as_str(), n),
        stamps("ts_start", scores.iter().map(|row| row.bin.start)),
        stamps("ts_end", scores.iter().map(|row| row.bin.end)),
        Column::new("score".into(), score),
        real_of("threshold", said.threshold, n),
        Column::new("alert".into(), alert),
        Column::new("unusual".into(), unusual),
    ];
    columns.extend(said.columns(n));
    DataFrame::new(n, columns)
}

/// Alerts as rows of `fraud_alerts`.
///
/// # Errors
/// When polars refuses the columns.
pub fn fraud_alerts(symbol: &Symbol, alerts: &[Alert], said: &Said) -> PolarsResult<DataFrame> {
    let n = alerts.len();
    let real = |name: &str, of: &dyn Fn(&Alert) -> Option<f64>| {
        Column::new(name.into(), alerts.iter().map(of).collect::<Vec<_>>())
    };
    let text = |name: &str, of: &dyn Fn(&Alert) -> String| {
        Column::new(name.into(), alerts.iter().map(of).collect::<Vec<_>>())
    };
    let alarms: Vec<i64> = alerts.iter().map(|alert| i64::from(alert.alarms)).collect();
    let mut columns = vec![
        text("alert_id", &|alert| format!("{symbol}-{}", alert.start.0)),
        repeat("symbol", symbol.as_str(), n),
        stamps("ts_start", alerts.iter().map(|alert| alert.start)),
        stamps("ts_end", alerts.iter().map(|alert| alert.end)),
        stamps("ts_peak", alerts.iter().map(|alert| alert.peak)),
        text("typology", &|alert| alert.typology().to_owned()),
        real("score", &|alert| Some(alert.score)),
        real_of("threshold", said.threshold, n),
        real_of("precision_at_threshold", said.precision, n),
        real_of("recall_at_threshold", said.recall, n),
        repeat("measured_on", &said.measured_on, n),
        Column::new("alarms".into(), alarms),
        real("unusual", &|alert| alert.unusual.map(f64::from)),
        text("reasons", &reasons),
        stamps("replay_from", alerts.iter().map(|alert| alert.replay_from)),
        stamps("replay_to", alerts.iter().map(|alert| alert.replay_to)),
    ];
    columns.extend(said.columns(n));
    DataFrame::new(n, columns)
}

fn real_of(name: &str, value: Option<f64>, rows: usize) -> Column {
    Column::new(name.into(), vec![value; rows])
}

/// `feature +drop (value)`, largest drop of the log-odds first.
fn reasons(alert: &Alert) -> String {
    let said = alert.reasons.iter().map(|r| format!("{} {:+.2} ({:.2})", r.feature, r.log_odds, r.value));
    said.collect::<Vec<_>>().join("; ")
}
