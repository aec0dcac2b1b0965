//! What the server and its models are, and whether they answer: metadata, health, configuration.
//!
//! Metadata carry, under `parameters`, what a caller needs to use a score: features in order, their version, the
//! threshold, and the execution provider that really runs.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::App;
use super::super::problem::Problem;
use super::answer::RanOn;
use super::config::ModelConfig;
use super::infer::no_text;
use super::models::not_ready;
use super::refusal::Refusal;
use super::schema::{ModelPath, Told, VersionPath};
use crate::scoring::{Kind, TensorSpec};

/// The server.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServerMetadata {
    /// Its name.
    #[schema(example = "impactd")]
    name: &'static str,
    /// Its version.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// Extensions of the protocol that it speaks.
    extensions: [&'static str; 4],
}

/// A model.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelMetadata<'a> {
    /// Its name.
    #[schema(value_type = String, example = "card-fraud")]
    name: &'a str,
    /// Versions that are ready.
    versions: Vec<String>,
    /// What runs it.
    #[schema(example = "onnx_onnxv1")]
    platform: &'static str,
    /// What goes in; a dimension of -1 is free.
    inputs: Vec<TensorMetadata<'a>>,
    /// What comes out.
    outputs: Vec<TensorMetadata<'a>>,
    /// Of the version that was asked for, or the highest.
    #[schema(inline)]
    parameters: ModelParameters<'a>,
}

/// A tensor of a model.
#[derive(Debug, Serialize, ToSchema)]
pub struct TensorMetadata<'a> {
    /// Its name.
    #[schema(value_type = String, example = "features")]
    name: &'a str,
    /// Type of its values.
    #[schema(example = "FP32")]
    datatype: &'static str,
    /// Its dimensions.
    #[schema(value_type = Vec<i64>, example = json!([-1, 4]))]
    shape: &'a [i64],
}

/// What a score means and where it comes from.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelParameters<'a> {
    /// The version.
    version: String,
    /// `score` or `tensor`.
    #[schema(value_type = String, example = "score")]
    kind: Kind,
    /// What it tells.
    #[schema(value_type = String)]
    description: &'a str,
    /// Where it runs.
    #[serde(flatten)]
    ran_on: RanOn<'a>,
    /// SHA-256 of its graph.
    #[schema(value_type = String)]
    sha256: &'a str,
    /// The output that is the score; null of a tensor model, as all that follows.
    #[schema(required, value_type = Option<String>)]
    score_output: Option<&'a str>,
    /// A row alerts if its score is at least this.
    #[schema(required)]
    threshold: Option<f64>,
    /// Version of the features' definition.
    #[schema(required, value_type = Option<String>)]
    features_version: Option<&'a str>,
    /// The features, in the order of the input.
    #[schema(required, value_type = Option<Vec<String>>)]
    features: Option<&'a [String]>,
}

/// That something is so.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelReady {
    /// Which model.
    #[schema(example = "card-fraud")]
    name: String,
    /// True: a model that is not ready is a refusal that says why.
    ready: bool,
}

/// That the server runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServerLive {
    /// Always true.
    live: bool,
}

/// That the server infers.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServerReady {
    /// True: otherwise the refusal says why.
    ready: bool,
}

type OnePath = Result<Path<String>, PathRejection>;
type TwoPath = Result<Path<(String, String)>, PathRejection>;

/// The server's name and extensions
#[utoipa::path(get, path = "/v2", tag = "inference", operation_id = "inference_server",
    responses(Told<ServerMetadata>))]
pub async fn server() -> Response {
    let extensions = ["binary_tensor_data", "statistics", "model_configuration", "model_repository"];
    told(&ServerMetadata { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION"), extensions })
}

/// Whether the server runs
#[utoipa::path(get, path = "/v2/health/live", tag = "inference", operation_id = "inference_live",
    responses(Told<ServerLive>))]
pub async fn live() -> Response {
    told(&ServerLive { live: true })
}

/// Whether the server infers
///
/// Ready when ONNX Runtime is there, the folder of models was loaded, and some model of it answers, or it is empty.
#[utoipa::path(get, path = "/v2/health/ready", tag = "inference", operation_id = "inference_ready",
    responses(Told<ServerReady>))]
pub async fn ready(State(app): State<App>) -> Result<Response, Refusal> {
    let shelf = app.models.shelf()?;
    let looked = tokio::task::spawn_blocking(move || (shelf.runtime().err(), shelf.list()));
    let (absent, listed) = looked.await.map_err(Problem::internal)?;
    if let Some(error) = absent {
        return Err(not_ready(error.to_string()));
    }
    if listed.is_empty() || listed.iter().any(|status| status.model.is_some()) {
        return Ok(told(&ServerReady { ready: true }));
    }
    Err(not_ready("no model could be taken; POST /v2/repository/index says why".into()))
}

/// A model's inputs, outputs and meaning
#[utoipa::path(get, path = "/v2/models/{model}", tag = "inference", operation_id = "model_metadata",
    params(ModelPath), responses(Told<ModelMetadata<'_>>))]
pub async fn model(State(app): State<App>, path: OnePath) -> Result<Response, Refusal> {
    let Path(name) = path.map_err(|_| no_text())?;
    metadata(&app, &name, None)
}

/// A version's inputs, outputs and meaning
#[utoipa::path(get, path = "/v2/models/{model}/versions/{version}", tag = "inference",
    operation_id = "model_version_metadata", params(VersionPath), responses(Told<ModelMetadata<'_>>))]
pub async fn model_version(State(app): State<App>, path: TwoPath) -> Result<Response, Refusal> {
    let Path((name, version)) = path.map_err(|_| no_text())?;
    metadata(&app, &name, Some(&version))
}

/// Whether a model answers
#[utoipa::path(get, path = "/v2/models/{model}/ready", tag = "inference", operation_id = "model_ready",
    params(ModelPath), responses(Told<ModelReady>))]
pub async fn model_ready(State(app): State<App>, path: OnePath) -> Result<Response, Refusal> {
    let Path(name) = path.map_err(|_| no_text())?;
    app.models.get(&name, None)?;
    Ok(told(&ModelReady { name, ready: true }))
}

/// Whether a version answers
#[utoipa::path(get, path = "/v2/models/{model}/versions/{version}/ready", tag = "inference",
    operation_id = "model_version_ready", params(VersionPath), responses(Told<ModelReady>))]
pub async fn model_version_ready(State(app): State<App>, path: TwoPath) -> Result<Response, Refusal> {
    let Path((name, version)) = path.map_err(|_| no_text())?;
    app.models.get(&name, Some(&version))?;
    Ok(told(&ModelReady { name, ready: true }))
}

/// A model's configuration, as Triton's clients read it
#[utoipa::path(get, path = "/v2/models/{model}/config", tag = "inference", operation_id = "model_config",
    params(ModelPath), responses(Told<ModelConfig>))]
pub async fn config(State(app): State<App>, path: OnePath) -> Result<Response, Refusal> {
    let Path(name) = path.map_err(|_| no_text())?;
    Ok(told(&ModelConfig::of(&*app.models.get(&name, None)?)))
}

/// A version's configuration, as Triton's clients read it
#[utoipa::path(get, path = "/v2/models/{model}/versions/{version}/config", tag = "inference",
    operation_id = "model_version_config", params(VersionPath), responses(Told<ModelConfig>))]
pub async fn version_config(State(app): State<App>, path: TwoPath) -> Result<Response, Refusal> {
    let Path((name, version)) = path.map_err(|_| no_text())?;
    Ok(told(&ModelConfig::of(&*app.models.get(&name, Some(&version))?)))
}

fn metadata(app: &App, name: &str, version: Option<&str>) -> Result<Response, Refusal> {
    let model = app.models.get(name, version)?;
    let manifest = model.manifest();
    let listed = app.models.shelf()?.list();
    let ready = listed.iter().filter(|status| status.name == manifest.name && status.model.is_some());
    let features = manifest.features.as_ref();
    Ok(told(&ModelMetadata {
        name: &manifest.name,
        versions: ready.map(|status| status.version.to_string()).collect(),
        platform: "onnx_onnxv1",
        inputs: model.inputs().iter().map(TensorMetadata::from).collect(),
        outputs: model.outputs().iter().map(TensorMetadata::from).collect(),
        parameters: ModelParameters {
            version: manifest.version.to_string(),
            kind: manifest.kind,
            description: &manifest.description,
            ran_on: model.provider().into(),
            sha256: &manifest.model.sha256,
            score_output: manifest.score_output.as_deref(),
            threshold: manifest.threshold.as_ref().map(|threshold| threshold.value),
            features_version: features.map(|features| features.version.as_str()),
            features: features.map(|features| features.names.as_slice()),
        },
    }))
}

impl<'a> From<&'a TensorSpec> for TensorMetadata<'a> {
    fn from(spec: &'a TensorSpec) -> Self {
        Self { name: &spec.name, datatype: spec.datatype.name(), shape: &spec.shape }
    }
}

/// A document that nobody keeps.
pub fn told<T: Serialize>(body: &T) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
