//! Fraud models as `api.yaml` describes them, out of a shelf's manifests.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::scoring::{Kind, Manifest, Model, ModelThreshold, Status, Training};

/// Fraud models and the library that runs them.
#[derive(Debug, Serialize, ToSchema)]
pub struct FraudModels {
    /// An entry a version, by name and version.
    pub data: Vec<FraudModel>,
    /// Whether scores can be given.
    pub onnxruntime: RuntimeFound,
}

/// ONNX Runtime, as it was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuntimeFound {
    /// Whether it is loaded.
    loaded: bool,
    /// Its version; null while it is not loaded.
    #[schema(required, example = "1.31.1")]
    version: Option<String>,
    /// Why it is not loaded and how to get it; null when it is.
    #[schema(required)]
    reason: Option<String>,
}

impl FraudModels {
    /// None.
    pub fn empty(onnxruntime: RuntimeFound) -> Self {
        Self { data: Vec::new(), onnxruntime }
    }
}

impl RuntimeFound {
    /// It is there.
    pub fn there(version: &str) -> Self {
        Self { loaded: true, version: Some(version.to_owned()), reason: None }
    }

    /// It is not.
    pub fn not_yet(reason: &str) -> Self {
        Self { loaded: false, version: None, reason: Some(reason.to_owned()) }
    }
}

/// A version of a model.
#[derive(Debug, Serialize, ToSchema)]
pub struct FraudModel {
    /// Its name.
    #[schema(example = "card-fraud")]
    name: String,
    /// The version.
    #[schema(example = 1)]
    version: u64,
    /// `ready`: it answers; `failed`: no state of its folder passed.
    #[schema(example = "ready")]
    state: &'static str,
    /// Whether it answers when no version is named.
    default: bool,
    /// Why the folder's present state could not be taken; a version may be ready in the state it had before.
    #[schema(required)]
    last_error: Option<String>,
    /// ONNX Runtime's execution provider that really runs it; null while it is not ready, as all that follows.
    #[schema(required, example = "CPUExecutionProvider")]
    execution_provider: Option<&'static str>,
    /// Why it is not CUDA; null when it is.
    #[schema(required)]
    execution_provider_reason: Option<String>,
    /// What its folder says of it.
    #[schema(required)]
    manifest: Option<FraudManifest>,
}

/// What a score means and what taught it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FraudManifest {
    /// What it tells.
    description: String,
    /// `score`: features in, a score out; `tensor`: any tensors.
    #[schema(value_type = String, example = "score")]
    kind: Kind,
    /// SHA-256 of its graph.
    sha256: String,
    /// The output that is the score; null of a tensor model, as the threshold and the features.
    #[schema(required)]
    score_output: Option<String>,
    /// Above which score it alerts.
    #[schema(required)]
    threshold: Option<FraudThreshold>,
    /// Version of the features' definition.
    #[schema(required)]
    features_version: Option<String>,
    /// The features, in the order of the input.
    #[schema(required)]
    features: Option<Vec<String>>,
    /// Share of positives where it is meant to work; precision falls where there are fewer.
    #[schema(required)]
    prevalence: Option<f64>,
    /// What taught it.
    #[schema(required)]
    training: Option<FraudTraining>,
}

/// A threshold and what it gives.
#[derive(Debug, Serialize, ToSchema)]
pub struct FraudThreshold {
    /// A row alerts if its score is at least this.
    value: f64,
    /// By which order of metrics.
    chosen_by: String,
    /// On which rows.
    chosen_on: String,
    /// The rows that the metrics below were measured on.
    sample: String,
    /// Of the alerts, the share that was right; null where undefined, as the others.
    #[schema(required)]
    precision: Option<f64>,
    /// Of the positives, the share that was found.
    #[schema(required)]
    recall: Option<f64>,
    /// F1.
    #[schema(required)]
    f1: Option<f64>,
    /// Geometric mean of recall and specificity.
    #[schema(required)]
    g_mean: Option<f64>,
    /// Intervals of these, lower and upper end, by name.
    intervals: BTreeMap<String, [f64; 2]>,
}

/// What taught a model.
#[derive(Debug, Serialize, ToSchema)]
pub struct FraudTraining {
    /// Which data.
    data: String,
    /// SHA-256 of their bytes.
    sha256: String,
    /// Rows.
    rows: u64,
    /// Positive rows.
    positives: u64,
    /// First moment.
    from: String,
    /// Last moment.
    to: String,
    /// Seed.
    seed: u64,
    /// Licence of the data.
    licence: String,
    /// What trained it.
    code: String,
}

impl From<Status> for FraudModel {
    fn from(status: Status) -> Self {
        let model: Option<&Arc<Model>> = status.model.as_ref();
        Self {
            name: status.name.clone(),
            version: status.version,
            state: if model.is_some() { "ready" } else { "failed" },
            default: status.default,
            execution_provider: model.map(|model| model.provider().name),
            execution_provider_reason: model.and_then(|model| model.provider().reason.clone()),
            manifest: model.map(|model| FraudManifest::from(model.manifest())),
            last_error: status.error,
        }
    }
}

impl From<&Manifest> for FraudManifest {
    fn from(manifest: &Manifest) -> Self {
        let features = manifest.features.as_ref();
        Self {
            description: manifest.description.clone(),
            kind: manifest.kind,
            sha256: manifest.model.sha256.clone(),
            score_output: manifest.score_output.clone(),
            threshold: manifest.threshold.as_ref().map(FraudThreshold::from),
            features_version: features.map(|features| features.version.clone()),
            features: features.map(|features| features.names.clone()),
            prevalence: manifest.prevalence,
            training: manifest.training.as_ref().map(FraudTraining::from),
        }
    }
}

impl From<&ModelThreshold> for FraudThreshold {
    fn from(threshold: &ModelThreshold) -> Self {
        let there = &threshold.at_threshold;
        Self {
            value: threshold.value,
            chosen_by: threshold.chosen_by.clone(),
            chosen_on: threshold.chosen_on.clone(),
            sample: there.sample.clone(),
            precision: there.precision,
            recall: there.recall,
            f1: there.f1,
            g_mean: there.g_mean,
            intervals: there.intervals.clone(),
        }
    }
}

impl From<&Training> for FraudTraining {
    fn from(training: &Training) -> Self {
        let Training { data, sha256, rows, positives, from, to, seed, licence, code } = training.clone();
        Self { data, sha256, rows, positives, from, to, seed, licence, code }
    }
}
