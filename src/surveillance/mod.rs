//! The tape's features joined with a model: scores by bin, and alerts with reasons.
//!
//! In: one symbol-day's feature rows. Out: [`Watched`]: the score of every row, and [`Alert`]s. The same rows and model
//! give the same bytes. An alert says what the tape resembles; it accuses nobody.

mod alert;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::fraud::watching::{
    Alarms, FEATURE_COUNT, FEATURES, FEATURES_VERSION, FeatureRow, ScoredBin, Stretch, resembles,
};
use crate::scoring::{InferError, Model, Options, ScoringError, contributions};
use crate::tape::{NANOS_PER_SECOND, Nanos, Session};

pub use alert::{Alert, Reason, ScoreRow, Watched, typology};

/// How far a replay reaches before and behind an alert: what was usual, and what came of it.
const REPLAY_MARGIN_SECONDS: i64 = 300;
/// Reasons of an alert.
const REASONS: usize = 5;

/// Why a model cannot watch.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SurveillanceError {
    /// It cannot be loaded.
    #[error(transparent)]
    Model(#[from] ScoringError),
    /// It scores something else.
    #[error("{}: {what}", path.display())]
    OtherFeatures {
        /// The model's folder.
        path: PathBuf,
        /// What it scores, and what is told of a tape.
        what: String,
    },
}

/// A model that watches tapes.
#[derive(Clone, Debug)]
pub struct Surveillance {
    model: Arc<Model>,
    usual: Vec<f32>,
    threshold: f64,
}

impl Surveillance {
    /// Loads a model's folder (or the highest version in it).
    ///
    /// # Errors
    /// When it cannot be loaded, or does not score [`FEATURES_VERSION`].
    pub fn load(folder: &Path, onnxruntime: Option<&Path>) -> Result<Self, SurveillanceError> {
        let options = Options { onnxruntime: onnxruntime.map(Path::to_owned), ..Options::default() };
        let model = Model::load(folder, &options)?;
        let other = |what: String| SurveillanceError::OtherFeatures { path: folder.to_owned(), what };
        let manifest = model.manifest();
        let (Some(features), Some(threshold)) = (&manifest.features, &manifest.threshold) else {
            return Err(other(
                "scores tensors, not features of a tape; name a model of kind \"score\"".into(),
            ));
        };
        if features.version != FEATURES_VERSION || features.names != FEATURES {
            return Err(other(format!(
                "scores the features {}, and this program tells {FEATURES_VERSION} of a tape; name a model \
                 trained on what `impactd fraud features` of this version writes",
                features.version
            )));
        }
        let usual = features.usual.clone().unwrap_or_else(|| vec![0.0; FEATURE_COUNT]);
        let threshold = threshold.value;
        Ok(Self { model: Arc::new(model), usual, threshold })
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// A row alerts if its score is at least this.
    #[must_use]
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// Scores a symbol-day's rows and makes its alerts.
    ///
    /// # Errors
    /// When the model cannot score.
    pub fn watch(&self, session: Session, rows: &[FeatureRow]) -> Result<Watched, InferError> {
        if rows.is_empty() {
            return Ok(Watched::default());
        }
        let flat: Vec<f32> = rows.iter().flat_map(|row| row.values).collect();
        let told = self.model.score_blocking(&flat, rows.len())?;
        let mut unusual = told.unusual.into_iter().flatten();
        let mut scores = Vec::with_capacity(rows.len());
        for (row, score) in rows.iter().zip(told.scores) {
            let bin = ScoredBin { start: row.start, end: row.end, score: f64::from(score) };
            scores.push(ScoreRow { bin, unusual: unusual.next(), is_alert: bin.score >= self.threshold });
        }
        let mut alarms = Alarms::new(self.threshold);
        let mut stretches: Vec<Stretch> = scores.iter().filter_map(|row| alarms.bin(&row.bin)).collect();
        stretches.extend(alarms.finish());
        let alerts = stretches.iter().map(|stretch| self.alert(session, rows, &scores, stretch));
        Ok(Watched { alerts: alerts.collect::<Result<_, _>>()?, scores })
    }

    fn alert(
        &self,
        session: Session,
        rows: &[FeatureRow],
        scores: &[ScoreRow],
        stretch: &Stretch,
    ) -> Result<Alert, InferError> {
        let peak = rows.partition_point(|row| row.start < stretch.peak);
        let ranked = contributions(&self.model, &rows[peak].values, &self.usual)?;
        let mut additions = [0.0; FEATURE_COUNT];
        ranked.iter().for_each(|(feature, added)| additions[*feature] = *added);
        let margin = REPLAY_MARGIN_SECONDS * NANOS_PER_SECOND;
        let reason = |(feature, log_odds): &(usize, f64)| Reason {
            feature: FEATURES[*feature],
            log_odds: *log_odds,
            value: rows[peak].values[*feature],
        };
        Ok(Alert {
            start: stretch.start,
            end: stretch.end,
            peak: stretch.peak,
            alarms: stretch.alarms,
            score: stretch.score,
            unusual: scores[peak].unusual,
            pattern: resembles(&additions, stretch.peak, session.close),
            reasons: ranked.iter().filter(|(_, added)| *added > 0.0).take(REASONS).map(reason).collect(),
            replay_from: Nanos((stretch.start.0 - margin).max(session.open.0)),
            replay_to: Nanos((stretch.end.0 + margin).min(session.close.0)),
        })
    }
}
