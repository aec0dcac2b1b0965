//! A model's configuration: the part of Triton's `ModelConfig` that clients read. Where rows are free, dimensions are
//! those of one row and `max_batch_size` says how many a request may have; else it is 0 and they are whole.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::scoring::{CUDA, Datatype, Model, TensorSpec};

/// How a model is set up.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelConfig {
    /// Its name.
    #[schema(example = "card-fraud")]
    name: String,
    /// Triton's word for what runs it.
    #[schema(example = "onnxruntime_onnx")]
    platform: &'static str,
    /// The same.
    #[schema(example = "onnxruntime")]
    backend: &'static str,
    /// The version spoken of.
    version: String,
    /// Rows a request may have; 0 where the first dimension is not free.
    max_batch_size: usize,
    /// What goes in.
    input: Vec<TensorConfig>,
    /// What comes out.
    output: Vec<TensorConfig>,
    /// Where it runs.
    instance_group: Vec<InstanceGroup>,
    /// Present where requests that wait are joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = Option<Object>)]
    dynamic_batching: Option<BTreeMap<String, u64>>,
}

/// A tensor.
#[derive(Debug, Serialize, ToSchema)]
pub struct TensorConfig {
    /// Its name.
    name: String,
    /// Triton's word for the type of its values.
    #[schema(example = "TYPE_FP32")]
    data_type: String,
    /// Its dimensions; -1 is free.
    dims: Vec<i64>,
}

/// Where a model runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstanceGroup {
    /// Its name.
    name: String,
    /// `KIND_CPU` or `KIND_GPU`.
    #[schema(example = "KIND_CPU")]
    kind: &'static str,
}

impl ModelConfig {
    /// Of a loaded model.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let manifest = model.manifest();
        let batches = model.batches();
        let tensors =
            |specs: &[TensorSpec]| specs.iter().map(|spec| TensorConfig::of(spec, batches)).collect();
        let kind = if model.provider().name == CUDA { "KIND_GPU" } else { "KIND_CPU" };
        Self {
            name: manifest.name.clone(),
            platform: "onnxruntime_onnx",
            backend: "onnxruntime",
            version: manifest.version.to_string(),
            max_batch_size: if batches { crate::limits::SCORING_ROWS_MAX } else { 0 },
            input: tensors(model.inputs()),
            output: tensors(model.outputs()),
            instance_group: vec![InstanceGroup { name: manifest.name.clone(), kind }],
            dynamic_batching: batches.then(BTreeMap::new),
        }
    }
}

impl TensorConfig {
    fn of(spec: &TensorSpec, batches: bool) -> Self {
        let word = match spec.datatype {
            Datatype::Bool => "BOOL",
            other => other.name(),
        };
        let row = if batches && spec.has_free_rows() { 1 } else { 0 };
        Self { name: spec.name.clone(), data_type: format!("TYPE_{word}"), dims: spec.shape[row..].to_vec() }
    }
}
