//! A folder made into a model: read, given a provider, held to its golden rows, warmed up, given its threads.

use std::path::Path;
use std::sync::Arc;

use super::engine::{Engine, On, whole};
use super::error::ScoringError;
use super::folder::{self, Folder};
use super::golden::{self, GoldenRows};
use super::manifest::Manifest;
use super::model::{Model, Options, Parts};
use super::provider::{self, CUDA};
use super::queue::{Joining, Queue};
use super::runtime::Runtime;
use super::statistics::Recorder;
use super::tensor::Tensor;
use super::worker::{self, Works};
use crate::limits::{SCORING_JOINED_ROWS_MAX, SCORING_THREADS_MAX};

/// Golden rows that are also run one by one.
const ALONE_ROWS: usize = 8;

/// Loads a folder.
///
/// # Errors
/// At the first thing that does not pass.
pub fn load(path: &Path, options: &Options) -> Result<Model, ScoringError> {
    let Folder { manifest, graph, golden } = folder::read(path)?;
    let runtime = Runtime::load(options.onnxruntime.as_deref())?;
    ready(runtime, manifest, &graph, &golden, options).map_err(|e| e.at(path.display()))
}

fn ready(
    runtime: &'static Runtime,
    manifest: Manifest,
    graph: &[u8],
    golden: &GoldenRows,
    options: &Options,
) -> Result<Model, ScoringError> {
    let wanted = manifest.execution.provider.meet(options.provider)?;
    let (mut first, provider) = provider::choose(runtime, graph, wanted, &golden.inputs)?;
    let tolerance =
        if provider.name == CUDA { manifest.golden.tolerance_cuda } else { manifest.golden.tolerance_cpu };
    let difference = hold(&mut first, golden, &manifest, tolerance)?;
    let batches = rows_are_independent(&mut first, golden, &manifest, tolerance)?;
    let recorder = Arc::new(Recorder::default());
    let rows_max = if batches { SCORING_JOINED_ROWS_MAX } else { 0 };
    let joining = Joining { rows_max, delay: options.join_delay };
    let works =
        Arc::new(Works { queue: Queue::default(), joining, batches, recorder: Arc::clone(&recorder) });
    let name = format!("{}-{}", manifest.name, manifest.version);
    let mut model =
        Model::new(Parts { manifest, provider, runtime, works, difference, deadline: options.deadline });
    // From here on dropping the model lets its threads go.
    let mut engines = vec![first];
    if model.provider().on() == On::Cpu {
        // One for a caller who may wait and finds it idle, besides one for each thread.
        for _ in 0..options.threads.clamp(1, SCORING_THREADS_MAX) {
            let mut engine = Engine::new(runtime, graph, On::Cpu, None)?;
            warm(&mut engine, golden)?;
            engines.push(engine);
        }
        model.set_at_hand(engines.swap_remove(0));
    }
    for engine in engines {
        let thread = worker::start(&name, model.works(), engine)?;
        model.add_thread(thread);
    }
    Ok(model)
}

fn ran(engine: &mut Engine, inputs: &[Tensor]) -> Result<Vec<Tensor>, ScoringError> {
    engine.run(&whole(inputs)).map_err(|e| ScoringError::new(e).at("golden rows"))
}

/// Holds the engine to the golden rows; gives the largest difference.
fn hold(
    engine: &mut Engine,
    golden: &GoldenRows,
    manifest: &Manifest,
    tolerance: f64,
) -> Result<f64, ScoringError> {
    let found = ran(engine, &golden.inputs)?;
    let difference = golden::compare(&golden.outputs, &found, tolerance)?;
    golden::decide(&golden.outputs, &found, manifest)?;
    Ok(difference)
}

/// Whether a row's answer is the same whatever rows run beside it; only then may requests be joined and cut. A score
/// model must be so.
fn rows_are_independent(
    engine: &mut Engine,
    golden: &GoldenRows,
    manifest: &Manifest,
    tolerance: f64,
) -> Result<bool, ScoringError> {
    let is_score = manifest.kind == super::Kind::Score;
    if !manifest.inputs.iter().chain(&manifest.outputs).all(super::TensorSpec::has_free_rows) {
        return Ok(false);
    }
    let rows = golden.inputs.first().and_then(|tensor| tensor.shape.first()).copied().unwrap_or_default();
    let counts = |tensor: &Tensor| tensor.shape.first() == Some(&rows);
    // With one golden row alone nothing can be told.
    let mut holds = rows > 1 && golden.inputs.iter().chain(&golden.outputs).all(counts);
    for row in 0..rows.min(ALONE_ROWS) {
        let part = |tensors: &[Tensor]| golden::rows(tensors, row, row + 1);
        holds = holds
            && ran(engine, &part(&golden.inputs))
                .is_ok_and(|found| golden::compare(&part(&golden.outputs), &found, tolerance).is_ok());
    }
    if is_score && !holds {
        let what =
            "a row's score must not depend on the rows beside it, and at least two golden rows are wanted";
        return Err(ScoringError::new(what).at("golden rows, one by one"));
    }
    Ok(holds)
}

/// The first runs of a session are slow: memory is laid out, kernels are chosen.
fn warm(engine: &mut Engine, golden: &GoldenRows) -> Result<(), ScoringError> {
    ran(engine, &golden.inputs)?;
    ran(engine, &golden.inputs).map(drop)
}
