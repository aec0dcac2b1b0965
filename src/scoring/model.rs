//! A loaded model: it passed its golden rows, and answers from threads of its own behind a bounded queue.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::{InferError, ScoringError};
use super::manifest::Manifest;
use super::provider::{Provider, Wanted};
use super::statistics::Statistics;
use super::tensor::{Tensor, TensorSpec};

/// How models are loaded and run.
#[derive(Clone, Debug)]
pub struct Options {
    /// ONNX Runtime's library, where it is named.
    pub onnxruntime: Option<PathBuf>,
    /// Which provider; a manifest that says `cpu` or `cuda` must not contradict it.
    pub provider: Wanted,
    /// Threads, each with a session, of a model on CPU.
    pub threads: usize,
    /// How long a run waits for more rows to join it; zero: it takes those that wait already.
    pub join_delay: Duration,
    /// How long a request may take.
    pub deadline: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            onnxruntime: None,
            provider: Wanted::Auto,
            threads: 1,
            join_delay: Duration::ZERO,
            deadline: Duration::from_secs(30),
        }
    }
}

/// Scores of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// One a row.
    pub scores: Vec<f32>,
    /// Whether each row's score is at least the threshold.
    pub alerts: Vec<bool>,
    /// The output `unusual`, where the model has it: one a row.
    pub unusual: Option<Vec<f32>>,
}

/// A loaded version of a model.
#[derive(Debug)]
pub struct Model {
    manifest: Manifest,
    provider: Provider,
}

impl Model {
    /// Loads a folder that holds `manifest.json`, or the highest version of a folder of versions.
    ///
    /// # Errors
    /// When the folder is not sound, the runtime is absent, or the golden rows are not met.
    pub fn load(_folder: &Path, _options: &Options) -> Result<Self, ScoringError> {
        Err(ScoringError::new("not built yet"))
    }

    /// What its folder says.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// What runs it.
    #[must_use]
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// What goes in.
    #[must_use]
    pub fn inputs(&self) -> &[TensorSpec] {
        &self.manifest.inputs
    }

    /// What comes out.
    #[must_use]
    pub fn outputs(&self) -> &[TensorSpec] {
        &self.manifest.outputs
    }

    /// Whether requests may be joined and cut by rows.
    #[must_use]
    pub fn batches(&self) -> bool {
        false
    }

    /// What it did since it was loaded.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        Statistics::default()
    }

    /// Answers a request; no outputs named: all. Dropping the future gives the request up.
    ///
    /// # Errors
    /// Any `InferError`.
    #[allow(clippy::unused_async)]
    pub async fn infer(&self, _inputs: Vec<Tensor>, _outputs: &[String]) -> Result<Vec<Tensor>, InferError> {
        Err(InferError::Runtime { what: "not built yet".into() })
    }

    /// The same for a thread that may wait. Its rows are joined with nobody else's: the same rows give the same bytes.
    ///
    /// # Errors
    /// Any `InferError`.
    pub fn infer_blocking(
        &self,
        _inputs: Vec<Tensor>,
        _outputs: &[String],
    ) -> Result<Vec<Tensor>, InferError> {
        Err(InferError::Runtime { what: "not built yet".into() })
    }

    /// Scores rows of features, row-major.
    ///
    /// # Errors
    /// Any `InferError`.
    pub fn score_blocking(&self, _rows: &[f32], _count: usize) -> Result<Scores, InferError> {
        Err(InferError::NoScore)
    }
}
