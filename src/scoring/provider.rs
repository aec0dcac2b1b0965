//! Where a graph runs: on a CUDA device or on the processor. Taken as wanted, proved, and told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// CPU's name in ONNX Runtime.
pub const CPU: &str = "CPUExecutionProvider";
/// CUDA's name in ONNX Runtime.
pub const CUDA: &str = "CUDAExecutionProvider";

/// Which provider is wanted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    /// CUDA where every node can run on it, else CPU with the reason.
    #[default]
    Auto,
    /// CPU.
    Cpu,
    /// CUDA for every node, or the model is refused.
    Cuda,
}

/// The provider that runs a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Provider {
    /// `CPUExecutionProvider` or `CUDAExecutionProvider`.
    pub name: &'static str,
    /// Why it is not CUDA.
    pub reason: Option<String>,
    /// Nodes of the graph by the provider that ran them, where the run was profiled (it is when CUDA was taken).
    pub nodes: BTreeMap<String, usize>,
}
