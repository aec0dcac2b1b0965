//! What each model did since it was loaded, in the form of Triton's statistics extension.
//!
//! Counts are exact. `success.ns` and `fail.ns` are whole requests as this server saw them; `queue` and
//! `compute_infer` are the model's own waiting and running. Reading and writing of tensors is not told apart.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::App;
use super::infer::no_text;
use super::metadata::told;
use super::refusal::Refusal;
use super::schema::{ModelPath, Told, VersionPath};
use crate::scoring::{Histogram, Model};

/// Of all models asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelStatistics {
    /// An entry a version.
    model_stats: Vec<VersionStatistics>,
}

/// Of a version.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionStatistics {
    /// Its model's name.
    #[schema(example = "card-fraud")]
    name: String,
    /// The version.
    #[schema(example = "1")]
    version: String,
    /// When it was last asked, milliseconds since 1970; 0: never.
    last_inference: u64,
    /// Rows that were run.
    inference_count: u64,
    /// Runs of the graph: fewer than requests where requests were joined.
    execution_count: u64,
    /// Requests by their end, and where their time went.
    #[schema(inline)]
    inference_stats: InferenceStatistics,
    /// Always empty: answers are not streamed.
    #[schema(value_type = Object)]
    response_stats: Empty,
    /// Always empty: batch sizes are a histogram in `/metrics`.
    #[schema(value_type = Vec<Object>)]
    batch_stats: [(); 0],
}

#[derive(Debug, Serialize)]
struct Empty {}

/// Requests by their end, and where their time went.
#[derive(Debug, Serialize, ToSchema)]
pub struct InferenceStatistics {
    /// Answered.
    success: Spent,
    /// Refused or failed.
    fail: Spent,
    /// Waiting for the model.
    queue: Spent,
    /// Not told apart: 0.
    compute_input: Spent,
    /// Runs of the graph.
    compute_infer: Spent,
    /// Not told apart: 0.
    compute_output: Spent,
    /// There is no cache: 0.
    cache_hit: Spent,
    /// There is no cache: 0.
    cache_miss: Spent,
}

/// How often and how long.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub struct Spent {
    /// How often.
    pub count: u64,
    /// How long in all, nanoseconds.
    pub ns: u64,
}

impl From<&Histogram> for Spent {
    fn from(seconds: &Histogram) -> Self {
        Self { count: seconds.count(), ns: (seconds.sum * 1e9) as u64 }
    }
}

/// Statistics of every model
#[utoipa::path(get, path = "/v2/models/stats", tag = "inference", operation_id = "all_model_statistics",
    responses(Told<ModelStatistics>))]
pub async fn all(State(app): State<App>) -> Result<Response, Refusal> {
    let loaded = app.models.shelf()?.list().into_iter().filter_map(|status| status.model);
    Ok(told(&ModelStatistics { model_stats: loaded.map(|model| of(&app, &model)).collect() }))
}

/// Statistics of a model
#[utoipa::path(get, path = "/v2/models/{model}/stats", tag = "inference", operation_id = "model_statistics",
    params(ModelPath), responses(Told<ModelStatistics>))]
pub async fn model(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Refusal> {
    let Path(name) = path.map_err(|_| no_text())?;
    app.models.get(&name, None)?;
    let listed = app.models.shelf()?.list().into_iter().filter(|status| status.name == name);
    let loaded = listed.filter_map(|status| status.model);
    Ok(told(&ModelStatistics { model_stats: loaded.map(|model| of(&app, &model)).collect() }))
}

/// Statistics of a version
#[utoipa::path(get, path = "/v2/models/{model}/versions/{version}/stats", tag = "inference",
    operation_id = "model_version_statistics", params(VersionPath), responses(Told<ModelStatistics>))]
pub async fn model_version(
    State(app): State<App>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response, Refusal> {
    let Path((name, version)) = path.map_err(|_| no_text())?;
    let model = app.models.get(&name, Some(&version))?;
    Ok(told(&ModelStatistics { model_stats: vec![of(&app, &model)] }))
}

fn of(app: &App, model: &Model) -> VersionStatistics {
    let (manifest, own, seen) = (model.manifest(), model.statistics(), app.meters.of(model));
    VersionStatistics {
        name: manifest.name.clone(),
        version: manifest.version.to_string(),
        last_inference: seen.last_ms(),
        inference_count: own.rows,
        execution_count: own.batches,
        inference_stats: InferenceStatistics {
            success: seen.success(),
            fail: seen.fail(),
            queue: (&own.queue_seconds).into(),
            compute_input: Spent::default(),
            compute_infer: (&own.run_seconds).into(),
            compute_output: Spent::default(),
            cache_hit: Spent::default(),
            cache_miss: Spent::default(),
        },
        response_stats: Empty {},
        batch_stats: [],
    }
}
