//! The tape's features joined with a model: scores by bin, and alerts with reasons.
//!
//! In: one symbol-day's feature rows. Out: [`Watched`]: the score of every row, and [`Alert`]s. The same rows and model
//! give the same bytes. An alert says what the tape resembles; it accuses nobody.

mod alert;
mod watcher;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::fraud::watching::{FEATURE_COUNT, FEATURES, FEATURES_VERSION, FeatureRow};
use crate::scoring::{InferError, Model, Options, ScoringError};
use crate::tape::Session;

pub use alert::{Alert, Reason, ScoreRow, Watched, typology};
pub use watcher::Watcher;

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
        let mut watcher = Watcher::new(self.clone(), session);
        let mut watched = watcher.take(rows)?;
        watched.alerts.extend(watcher.finish()?);
        Ok(watched)
    }
}
