//! A loaded model: it passed its golden rows, and answers from threads of its own behind a bounded queue.
//!
//! A request's rows are joined with those of others that wait (`infer`), or cut into pieces that run beside each
//! other. A caller who may wait (`infer_blocking`, `score_blocking`) has its rows joined with nobody's, so that the
//! same rows always give the same bytes; a small request of such a caller runs at once on its own thread when the
//! session kept for that is idle, which saves two changes of threads.

use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::ask::{Answer, Ask, Reply};
use super::engine::Engine;
use super::error::{InferError, ScoringError};
use super::manifest::{Features, Manifest};
use super::provider::{CUDA, Provider, Wanted};
use super::request::Wants;
use super::runtime::Runtime;
use super::statistics::Statistics;
use super::tensor::{Data, Tensor, TensorSpec};
use super::worker::Works;
use crate::limits::{
    SCORING_PIECE_ROWS, SCORING_PIECE_ROWS_CUDA, SCORING_REQUEST_SECONDS, SCORING_THREADS_MAX,
};

/// Rows that a waiting caller runs on its own thread at most.
const AT_HAND_ROWS: usize = SCORING_PIECE_ROWS;
/// The optional output of score models: how unusual the row itself is.
const UNUSUAL: &str = "unusual";

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
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            onnxruntime: None,
            provider: Wanted::Auto,
            threads: cores.min(SCORING_THREADS_MAX),
            join_delay: Duration::ZERO,
            deadline: Duration::from_secs(SCORING_REQUEST_SECONDS),
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
    parts: Parts,
    at_hand: Option<Mutex<Engine>>,
    threads: Vec<JoinHandle<()>>,
}

/// What a model is made of.
#[derive(Debug)]
pub(super) struct Parts {
    pub manifest: Manifest,
    pub provider: Provider,
    pub runtime: &'static Runtime,
    pub works: Arc<Works>,
    pub difference: f64,
    pub deadline: Duration,
}

impl Model {
    /// Loads a folder that holds `manifest.json`, or the highest version of a folder of versions.
    ///
    /// # Errors
    /// When the folder is not sound, the runtime is absent, or the golden rows are not met.
    pub fn load(folder: &Path, options: &Options) -> Result<Self, ScoringError> {
        if folder.join("manifest.json").exists() {
            return super::load::load(folder, options);
        }
        match super::shelf::versions(folder).into_iter().next_back() {
            Some((_, highest)) => super::load::load(&highest, options),
            None => {
                Err(ScoringError::new("holds neither manifest.json nor a folder of a version, such as 1")
                    .at(folder.display()))
            }
        }
    }

    pub(super) const fn new(parts: Parts) -> Self {
        Self { parts, at_hand: None, threads: Vec::new() }
    }

    pub(super) fn set_at_hand(&mut self, engine: Engine) {
        self.at_hand = Some(Mutex::new(engine));
    }

    pub(super) fn add_thread(&mut self, thread: JoinHandle<()>) {
        self.threads.push(thread);
    }

    pub(super) const fn works(&self) -> &Arc<Works> {
        &self.parts.works
    }

    /// What its folder says.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.parts.manifest
    }

    /// What runs it.
    #[must_use]
    pub const fn provider(&self) -> &Provider {
        &self.parts.provider
    }

    /// The library that runs it.
    #[must_use]
    pub const fn runtime(&self) -> &'static Runtime {
        self.parts.runtime
    }

    /// Largest difference from the golden rows' answers, when it was loaded.
    #[must_use]
    pub const fn golden_difference(&self) -> f64 {
        self.parts.difference
    }

    /// What goes in, in the graph's order.
    #[must_use]
    pub fn inputs(&self) -> &[TensorSpec] {
        &self.parts.manifest.inputs
    }

    /// What comes out, in the graph's order.
    #[must_use]
    pub fn outputs(&self) -> &[TensorSpec] {
        &self.parts.manifest.outputs
    }

    /// Whether requests may be joined and cut by rows.
    #[must_use]
    pub fn batches(&self) -> bool {
        self.parts.works.batches
    }

    /// What it did since it was loaded.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.parts.works.recorder.read(self.parts.works.queue.len())
    }

    fn wants(&self) -> Wants<'_> {
        Wants { inputs: self.inputs(), outputs: self.outputs(), batches: self.batches() }
    }

    fn cut(
        &self,
        admitted: (Vec<Tensor>, usize),
        alone: bool,
        reply: Reply,
    ) -> (Arc<Ask>, Vec<super::ask::Piece>) {
        let piece_rows = match (self.batches(), self.parts.provider.name) {
            (false, _) => usize::MAX,
            (true, CUDA) => SCORING_PIECE_ROWS_CUDA,
            (true, _) => SCORING_PIECE_ROWS,
        };
        let deadline = Instant::now() + self.parts.deadline;
        Ask::cut(admitted, alone, deadline, &self.parts.works.recorder, reply, piece_rows)
    }

    fn push(&self, pieces: Vec<super::ask::Piece>) -> Result<(), InferError> {
        let recorder = &self.parts.works.recorder;
        self.parts.works.queue.push(pieces).inspect(|()| recorder.take()).inspect_err(|_| recorder.refuse())
    }

    fn late(&self) -> InferError {
        InferError::TimedOut { seconds: self.parts.deadline.as_secs_f64() }
    }

    /// Answers a request; no outputs named: all. Dropping the future gives the request up.
    ///
    /// # Errors
    /// Any `InferError`.
    pub async fn infer(&self, inputs: Vec<Tensor>, outputs: &[String]) -> Result<Vec<Tensor>, InferError> {
        let chosen = self.wants().chosen(outputs)?;
        let admitted = self.wants().admit(inputs)?;
        let (sender, receiver) = oneshot::channel();
        let (ask, pieces) = self.cut(admitted, false, Reply::Task(sender));
        self.push(pieces)?;
        let _given_up_when_dropped = GivenUp(ask);
        match tokio::time::timeout(self.parts.deadline, receiver).await {
            Ok(Ok(answer)) => answer.map(|outputs| pick(outputs, &chosen)),
            Ok(Err(_)) => Err(InferError::Runtime { what: "the model was unloaded".into() }),
            Err(_) => Err(self.late()),
        }
    }

    /// The same for a thread that may wait. Its rows are joined with nobody else's: the same rows give the same bytes.
    ///
    /// # Errors
    /// Any `InferError`.
    pub fn infer_blocking(&self, inputs: Vec<Tensor>, outputs: &[String]) -> Result<Vec<Tensor>, InferError> {
        let chosen = self.wants().chosen(outputs)?;
        let admitted = self.wants().admit(inputs)?;
        let (sender, receiver) = sync_channel(1);
        let (ask, pieces) = self.cut(admitted, true, Reply::Thread(sender));
        let idle = self.at_hand.as_ref().filter(|_| ask.rows <= AT_HAND_ROWS).and_then(|e| e.try_lock().ok());
        if let Some(mut engine) = idle {
            self.parts.works.recorder.take();
            self.parts.works.answer(&mut engine, pieces);
        } else {
            self.push(pieces)?;
        }
        let _given_up_when_dropped = GivenUp(ask);
        let answer: Answer = receiver.recv_timeout(self.parts.deadline).unwrap_or_else(|_| Err(self.late()));
        answer.map(|outputs| pick(outputs, &chosen))
    }

    /// Scores rows of features, row-major.
    ///
    /// # Errors
    /// Any `InferError`.
    pub fn score_blocking(&self, rows: &[f32], count: usize) -> Result<Scores, InferError> {
        let (threshold, input, wanted) = self.scored()?;
        let shape = vec![count, self.features().map_or(0, |features| features.names.len())];
        let data = Data::F32(rows.to_vec());
        let mut answer = self.infer_blocking(vec![Tensor { name: input, shape, data }], &wanted)?.into_iter();
        let mut floats = || match answer.next().map(|tensor| tensor.data) {
            Some(Data::F32(values)) => Some(values),
            _ => None,
        };
        let scores = floats().ok_or(InferError::NoScore)?;
        let alerts = scores.iter().map(|score| f64::from(*score) >= threshold).collect();
        Ok(Scores { scores, alerts, unusual: floats() })
    }

    fn features(&self) -> Option<&Features> {
        self.parts.manifest.features.as_ref()
    }

    /// Threshold, input and outputs of a score model.
    fn scored(&self) -> Result<(f64, String, Vec<String>), InferError> {
        let manifest = &self.parts.manifest;
        let (Some(threshold), Some(output), Some(input)) =
            (&manifest.threshold, &manifest.score_output, manifest.inputs.first())
        else {
            return Err(InferError::NoScore);
        };
        let unusual =
            self.outputs().iter().map(|spec| &spec.name).find(|name| *name == UNUSUAL && *name != output);
        let wanted = std::iter::once(output).chain(unusual).cloned().collect();
        Ok((threshold.value, input.name.clone(), wanted))
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        self.parts.works.queue.close();
        // Not joined: a thread ends with the run it is in, and whoever drops the last handle need not wait for that.
    }
}

/// A request whose caller leaves is not run.
struct GivenUp(Arc<Ask>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        self.0.give_up();
    }
}

fn pick(outputs: Vec<Tensor>, chosen: &[usize]) -> Vec<Tensor> {
    let mut slots: Vec<Option<Tensor>> = outputs.into_iter().map(Some).collect();
    chosen.iter().filter_map(|at| slots.get_mut(*at).and_then(Option::take)).collect()
}
