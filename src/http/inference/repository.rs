//! Triton's model repository extension: which models there are, and a look at the disk on request.
//!
//! Models are folders; the disk says what is served. `load` looks at it now instead of in a few seconds; `unload` is
//! refused, since a folder that is there would be loaded again.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::super::{App, body};
use super::infer::no_text;
use super::metadata::told;
use super::refusal::Refusal;
use super::schema::{Done, Listed, ModelPath};
use crate::limits::HTTP_ORDER_MAX_BYTES;
use crate::scoring::Status;

/// A version in the folder of models.
#[derive(Debug, Serialize, ToSchema)]
pub struct IndexEntry {
    /// Its model's name.
    #[schema(example = "card-fraud")]
    name: String,
    /// The version.
    #[schema(example = "1")]
    version: String,
    /// `READY` when it answers, else `UNAVAILABLE`.
    #[schema(example = "READY")]
    state: &'static str,
    /// Why the folder's present state could not be taken; empty when it was.
    reason: String,
}

/// Which versions are listed.
#[derive(Debug, Serialize, ToSchema)]
pub struct IndexBody {
    /// Only those that answer; false when left out.
    #[schema(required = false)]
    ready: Option<bool>,
}

/// What clients send to load or unload a model.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoadBody {
    /// A configuration or files to load a model with are refused.
    #[schema(required = false)]
    parameters: Option<NoParameters>,
}

/// An object without fields.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoParameters {}

impl From<Status> for IndexEntry {
    fn from(status: Status) -> Self {
        Self {
            name: status.name,
            version: status.version.to_string(),
            state: if status.model.is_some() { "READY" } else { "UNAVAILABLE" },
            reason: status.error.unwrap_or_default(),
        }
    }
}

/// Which models there are
///
/// A body `{"ready": true}` leaves out those that do not answer.
#[utoipa::path(post, path = "/v2/repository/index", tag = "inference", operation_id = "model_index",
    request_body(content = Option<IndexBody>, content_type = "application/json"),
    responses((status = 200, description = "An entry a version", body = Vec<IndexEntry>), Listed))]
pub async fn index(State(app): State<App>, body: Result<Bytes, BytesRejection>) -> Result<Response, Refusal> {
    let body = small(body)?;
    let ready = match body.get("ready") {
        None | Some(Value::Null) => false,
        Some(ready) => ready.as_bool().ok_or_else(|| Refusal::bad("ready: is neither true nor false"))?,
    };
    let listed = app.models.shelf()?.list().into_iter().filter(|status| !ready || status.model.is_some());
    Ok(told(&listed.map(IndexEntry::from).collect::<Vec<_>>()))
}

/// Look at the disk now
///
/// Takes what is new or changed; answers 400 with the reason when the model's present state could not be taken: the
/// state before, if there was one, still answers. Parameters that bring a configuration or files are refused.
#[utoipa::path(post, path = "/v2/repository/models/{model}/load", tag = "inference", operation_id = "load_model",
    params(ModelPath), request_body(content = Option<LoadBody>, content_type = "application/json"),
    responses(Done))]
pub async fn load(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let Path(name) = path.map_err(|_| no_text())?;
    let nothing = |parameters: &Value| parameters.is_null() || parameters == &serde_json::json!({});
    if !small(body)?.get("parameters").is_none_or(nothing) {
        return Err(Refusal::bad(
            "a model's folder says all of it: load takes no configuration and no files",
        ));
    }
    let shelf = app.models.shelf()?;
    let looked = shelf.clone();
    app.gate
        .run(move || {
            looked.reload();
            Ok(())
        })
        .await?;
    let failed = shelf.list().into_iter().find(|status| status.name == name && status.error.is_some());
    if let Some(Status { version, error: Some(error), .. }) = failed {
        return Err(Refusal::bad(format!("version {version} of {name:?} could not be taken: {error}")));
    }
    app.models.get(&name, None)?;
    Ok(([(header::CACHE_CONTROL, "no-store")], StatusCode::OK).into_response())
}

/// Refused
///
/// The disk says what is served: take the version's folder away.
#[utoipa::path(post, path = "/v2/repository/models/{model}/unload", tag = "inference", operation_id = "unload_model",
    params(ModelPath), request_body(content = Option<LoadBody>, content_type = "application/json"),
    responses(Done))]
pub async fn unload(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Refusal> {
    let Path(name) = path.map_err(|_| no_text())?;
    app.models.get(&name, None)?;
    Err(Refusal::bad("the disk says what is served: to unload a version, take its folder away"))
}

/// A small body: an object, null, or nothing.
fn small(bytes: Result<Bytes, BytesRejection>) -> Result<Value, Refusal> {
    let bytes = body::within(bytes, HTTP_ORDER_MAX_BYTES)?;
    if bytes.is_empty() {
        return Ok(serde_json::json!({}));
    }
    match body::json(&bytes)? {
        object @ (Value::Object(_) | Value::Null) => Ok(object),
        _ => Err(Refusal::bad("the body is not an object")),
    }
}
