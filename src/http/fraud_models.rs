//! `GET /v1/fraud/models` and `/v1/fraud/models/{name}`: the models on the shelf, what their scores mean, where they
//! run, and why a folder could not be taken.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::App;
use super::format::Format;
use super::fraud_models_schema::{FraudModel, FraudModels, RuntimeFound};
use super::inference::{Served, told};
use super::parameters::Given;
use super::problem::{Code, Problem};
use super::responses::FoundOr404;
use crate::scoring::Status;

/// The `{name}` of a path.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code, reason = "stands for its documentation")]
pub struct NamePath {
    /// Name of the model.
    #[param(example = "card-fraud")]
    name: String,
}

/// Fraud models
///
/// Every version in the folder of models, by name and version: its state, the execution provider that runs it and why
/// it is not CUDA, its threshold with how it was chosen and what it gives there, features, training data. Empty when
/// the daemon serves no models; `onnxruntime` says whether scores can be given at all.
#[utoipa::path(get, path = "/v1/fraud/models", tag = "fraud", operation_id = "list_fraud_models",
    responses(FoundOr404<FraudModels>))]
pub async fn list(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    Given::parse(&uri, &[])?;
    Format::negotiate_among(&headers, &[Format::Json])?;
    Ok(told(&found(app, None).await?))
}

/// Versions of a fraud model
#[utoipa::path(get, path = "/v1/fraud/models/{name}", tag = "fraud", operation_id = "get_fraud_model",
    params(NamePath), responses(FoundOr404<FraudModels>))]
pub async fn get(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Given::parse(&uri, &[])?;
    Format::negotiate_among(&headers, &[Format::Json])?;
    let name = path.map(|Path(name)| name).unwrap_or_default();
    let found = found(app, Some(name.clone())).await?;
    if found.data.is_empty() {
        let short: String = name.chars().take(64).collect();
        let detail = format!("there is no model '{short}'; /v1/fraud/models lists those that there are");
        return Err(Problem::new(Code::UnknownModel, detail).at(
            "path/name".into(),
            "is not known",
            Vec::new(),
        ));
    }
    Ok(told(&found))
}

/// What there is; ONNX Runtime is looked for on the disk while there is none.
async fn found(app: App, name: Option<String>) -> Result<FraudModels, Problem> {
    let shelf = match app.models.served() {
        Served::Open(shelf) => shelf,
        Served::Loading => {
            return Ok(FraudModels::empty(RuntimeFound::not_yet("the models are being loaded; ask again")));
        }
        Served::Off => {
            let why = "no models are served; start impactd serve with --models DIR";
            return Ok(FraudModels::empty(RuntimeFound::not_yet(why)));
        }
    };
    let look = move || {
        let wanted = |status: &Status| name.as_ref().is_none_or(|name| status.name == *name);
        let data = shelf.list().into_iter().filter(wanted).map(FraudModel::from).collect();
        let onnxruntime = match shelf.runtime() {
            Ok(runtime) => RuntimeFound::there(runtime.version()),
            Err(error) => RuntimeFound::not_yet(&error.to_string()),
        };
        FraudModels { data, onnxruntime }
    };
    tokio::task::spawn_blocking(look).await.map_err(Problem::internal)
}
