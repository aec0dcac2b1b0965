//! `impactd fraud measure`, for those who measure: rows a second by batch size, beside another provider if asked. It
//! prints JSON; `make bench-score` and `make gpu-check` read it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};
use serde::Serialize;

use super::loading::Loading;
use super::{Failure, bad_data, exit, print};
use crate::scoring::{CUDA, Data, InferError, Model, Tensor, Wanted};

/// Random rows on which two providers are held beside each other.
const COMPARED_ROWS: usize = 10_000;
/// Requests under way at a time, where many callers are simulated.
const CALLERS: usize = 64;

/// Measure rows a second by batch size
#[derive(Debug, Args)]
pub struct Arguments {
    /// Folders or names of score models
    #[arg(required = true)]
    names: Vec<String>,
    #[command(flatten)]
    loading: Loading,
    /// Rows of a request
    #[arg(long, value_name = "N,..", value_delimiter = ',', default_value = "1,1000,100000")]
    batches: Vec<usize>,
    /// Seconds for each
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Also run every model wholly on CUDA, and hold its scores beside the CPU's; exit code 3 where it cannot
    #[arg(long)]
    beside_cuda: bool,
}

#[derive(Debug, Serialize)]
struct Measured {
    model: String,
    version: u64,
    runs: Vec<Run>,
    /// Largest difference of scores between the providers, on random rows.
    difference: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Run {
    provider: &'static str,
    reason: Option<String>,
    nodes: std::collections::BTreeMap<String, usize>,
    golden_difference: f64,
    batches: Vec<Batch>,
}

#[derive(Debug, Serialize)]
struct Batch {
    rows: usize,
    /// One caller, who waits for each answer.
    rows_per_second: f64,
    /// Many callers at a time; only for single rows.
    rows_per_second_of_many: Option<f64>,
}

/// Runs the command; gives the exit code.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let mut measured = Vec::new();
    let wanted = if arguments.beside_cuda { Wanted::Cpu } else { arguments.loading.provider };
    for name in &arguments.names {
        let model = Arc::new(load(arguments, name, wanted)?);
        let mut runs = vec![one(arguments, &model)?];
        let mut difference = None;
        if arguments.beside_cuda {
            let device = match load(arguments, name, Wanted::Cuda) {
                Ok(device) => Arc::new(device),
                Err(failure) => return Err(Failure { code: exit::NO_DEVICE, ..failure }),
            };
            runs.push(one(arguments, &device)?);
            difference = Some(apart(&model, &device)?);
            debug_assert_eq!(device.provider().name, CUDA);
        }
        let manifest = model.manifest();
        measured.push(Measured { model: manifest.name.clone(), version: manifest.version, runs, difference });
    }
    let mut bytes = serde_json::to_vec_pretty(&measured).map_err(|e| bad_data(e.to_string()))?;
    bytes.push(b'\n');
    print(&bytes)?;
    Ok(0)
}

fn load(arguments: &Arguments, name: &str, provider: Wanted) -> Result<Model, Failure> {
    let Loading { models, onnxruntime, .. } = &arguments.loading;
    Loading { models: models.clone(), provider, onnxruntime: onnxruntime.clone() }.model(name)
}

fn one(arguments: &Arguments, model: &Arc<Model>) -> Result<Run, Failure> {
    let time = Duration::from_secs_f64(arguments.seconds.clamp(0.1, 600.0));
    let batches = arguments.batches.iter().map(|rows| {
        let of_many = if *rows == 1 { Some(many(model, time)?) } else { None };
        Ok(Batch {
            rows: *rows,
            rows_per_second: alone(model, *rows, time)?,
            rows_per_second_of_many: of_many,
        })
    });
    Ok(Run {
        provider: model.provider().name,
        reason: model.provider().reason.clone(),
        nodes: model.provider().nodes.clone(),
        golden_difference: model.golden_difference(),
        batches: batches.collect::<Result<_, InferError>>().map_err(|e| bad_data(e.to_string()))?,
    })
}

/// Rows about the usual ones: sums of three uniform numbers on each side of them.
fn rows(model: &Model, count: usize) -> Result<Vec<f32>, InferError> {
    let features = model.manifest().features.as_ref().ok_or(InferError::NoScore)?;
    let zeros = vec![0.0; features.names.len()];
    let usual = features.usual.as_ref().unwrap_or(&zeros);
    let mut dice = Xoshiro256PlusPlus::seed_from_u64(20_220_823);
    let mut uniform = move || (dice.next_u32() as f32 / u32::MAX as f32).mul_add(2.0, -1.0);
    Ok((0..count)
        .flat_map(|_| usual.clone())
        .map(|usual| usual + uniform() + uniform() + uniform())
        .collect())
}

fn request(model: &Model, rows: &[f32], count: usize) -> Vec<Tensor> {
    let name = model.inputs().first().map(|spec| spec.name.clone()).unwrap_or_default();
    vec![Tensor { name, shape: vec![count, rows.len() / count.max(1)], data: Data::F32(rows.to_vec()) }]
}

fn alone(model: &Model, count: usize, time: Duration) -> Result<f64, InferError> {
    let rows = rows(model, count)?;
    let once = || model.infer_blocking(request(model, &rows, count), &[]).map(drop);
    once()?;
    let (began, mut runs) = (Instant::now(), 0_u64);
    while began.elapsed() < time || runs == 0 {
        once()?;
        runs += 1;
    }
    Ok(runs as f64 * count as f64 / began.elapsed().as_secs_f64())
}

fn many(model: &Arc<Model>, time: Duration) -> Result<f64, InferError> {
    let rows = rows(model, 1)?;
    let failed = |what: String| InferError::Runtime { what };
    let tasks = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| failed(e.to_string()))?;
    tasks.block_on(async {
        let began = Instant::now();
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                let (model, rows) = (Arc::clone(model), rows.clone());
                tokio::spawn(async move {
                    let mut answered = 0_u64;
                    while began.elapsed() < time {
                        model.infer(request(&model, &rows, 1), &[]).await?;
                        answered += 1;
                    }
                    Ok::<u64, InferError>(answered)
                })
            })
            .collect();
        let mut answered = 0;
        for caller in callers {
            answered += caller.await.map_err(|e| failed(e.to_string()))??;
        }
        Ok(answered as f64 / began.elapsed().as_secs_f64())
    })
}

/// Largest difference between two models' scores on the same rows.
fn apart(one: &Model, other: &Model) -> Result<f64, Failure> {
    let failed = |e: InferError| bad_data(e.to_string());
    let rows = rows(one, COMPARED_ROWS).map_err(failed)?;
    let of = |model: &Model| {
        model.score_blocking(&rows, COMPARED_ROWS).map(|scores| scores.scores).map_err(failed)
    };
    let (mine, theirs) = (of(one)?, of(other)?);
    Ok(mine.iter().zip(&theirs).map(|(a, b)| f64::from((a - b).abs())).fold(0.0, f64::max))
}
