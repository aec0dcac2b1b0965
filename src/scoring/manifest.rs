//! The manifest of a model folder, read strictly: an unknown or missing field is an error that names it.
//! In: the bytes of `manifest.json`. Out: a `Manifest` whose parts agree with each other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::tensor::TensorSpec;

/// What a model is for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Features in, a score out, with a threshold.
    #[default]
    Score,
    /// Any tensors in and out; no threshold, no alerts.
    Tensor,
}

/// `manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this layout: 1.
    pub format: u32,
    /// Name of the model: its folder's.
    pub name: String,
    /// Version: its folder's.
    pub version: u64,
    /// What it tells, in a sentence or two.
    pub description: String,
    /// What it is for.
    #[serde(default)]
    pub kind: Kind,
    /// The graph.
    pub model: FileRef,
    /// What goes in, as the graph says.
    pub inputs: Vec<TensorSpec>,
    /// What comes out, as the graph says.
    pub outputs: Vec<TensorSpec>,
    /// The output that is the score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_output: Option<String>,
    /// The columns of the input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<Features>,
    /// Above which score it alerts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<ModelThreshold>,
    /// What taught it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<Training>,
    /// Share of positives where it is meant to work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prevalence: Option<f64>,
    /// Where it runs.
    pub execution: Execution,
    /// Rows with known answers.
    pub golden: Golden,
}

/// A file of the folder.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRef {
    /// A plain file name.
    pub file: String,
    /// Of its bytes, lower-case hexadecimal.
    pub sha256: String,
}

/// The columns of a score model's input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Features {
    /// Version of their definition.
    pub version: String,
    /// Their names, in the order of the input.
    pub names: Vec<String>,
    /// Their usual values (medians of the training rows), against which reasons are told; absent: zeros.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual: Option<Vec<f32>>,
}

/// The threshold and how it was chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelThreshold {
    /// A row alerts if its score is at least this.
    pub value: f64,
    /// By which order of metrics.
    pub chosen_by: String,
    /// On which rows.
    pub chosen_on: String,
    /// What it gave there.
    pub at_threshold: AtThreshold,
}

/// Metrics at the threshold; null where undefined.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AtThreshold {
    /// Of the alerts, the share that was right.
    pub precision: Option<f64>,
    /// Of the positives, the share that was found.
    pub recall: Option<f64>,
    /// F1.
    pub f1: Option<f64>,
    /// Geometric mean of recall and specificity.
    pub g_mean: Option<f64>,
    /// Rows they were measured on.
    pub sample: String,
    /// Intervals of these, by name.
    #[serde(default)]
    pub intervals: BTreeMap<String, [f64; 2]>,
}

/// What taught a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Which data.
    pub data: String,
    /// Of their bytes.
    pub sha256: String,
    /// Rows.
    pub rows: u64,
    /// Positive rows.
    pub positives: u64,
    /// First moment.
    pub from: String,
    /// Last moment.
    pub to: String,
    /// Seed.
    pub seed: u64,
    /// Licence of the data.
    pub licence: String,
    /// What trained it.
    pub code: String,
}

/// Where a model runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Execution {
    /// `auto`, `cpu` or `cuda`.
    pub provider: super::Wanted,
}

/// Rows with known answers, and how closely they must be met.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    /// A plain file name.
    pub file: String,
    /// Of its bytes.
    pub sha256: String,
    /// Rows in it.
    pub rows: usize,
    /// Largest difference on CPU.
    pub tolerance_cpu: f64,
    /// Largest difference on CUDA.
    pub tolerance_cuda: f64,
}
