//! `POST /v2/models/{model}/infer`: tensors in, the model's outputs out.
//!
//! A request is taken in within its bounds, joined with others by the model's own queue, and answered in JSON or
//! bytes as it asked. Every end is counted; every refusal echoes the request's `id`.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::super::App;
use super::super::pretrade_schema::FileBytes;
use super::answer::Answered;
use super::intake::{self, Held};
use super::refusal::Refusal;
use super::request::Asked;
use super::schema::{Inference, InferenceBody, ModelPath, VersionPath};
use crate::scoring::{InferError, Model, Tensor};

/// Ask a model
///
/// The highest version that is ready answers. Values of a tensor are `data`, nested or flat, or bytes behind the JSON
/// (`Inference-Header-Content-Length`, `binary_data_size`). Integers are exact; NaN and infinity are refused.
#[utoipa::path(post, path = "/v2/models/{model}/infer", tag = "inference", operation_id = "infer",
    params(ModelPath), request_body(content(
        (InferenceBody = "application/json"), (inline(FileBytes) = "application/octet-stream"))), responses(Inference))]
pub async fn infer(
    State(app): State<App>,
    model: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Refusal> {
    let Path(model) = model.map_err(|_| no_text())?;
    answer(&app, &model, None, request).await
}

/// Ask a version of a model
#[utoipa::path(post, path = "/v2/models/{model}/versions/{version}/infer", tag = "inference",
    operation_id = "infer_version", params(VersionPath), request_body(content(
        (InferenceBody = "application/json"), (inline(FileBytes) = "application/octet-stream"))), responses(Inference))]
pub async fn infer_version(
    State(app): State<App>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Result<Response, Refusal> {
    let Path((model, version)) = path.map_err(|_| no_text())?;
    answer(&app, &model, Some(&version), request).await
}

/// The refusal of a path whose bytes are no text.
pub fn no_text() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "unknown_model", "the model's name in the path is no text")
}

async fn answer(app: &App, name: &str, version: Option<&str>, request: Request) -> Result<Response, Refusal> {
    let started = Instant::now();
    let headers = request.headers().clone();
    let taken = intake::take(&app.budget, request).await;
    // A model that is not there is told before what else may be wrong, once the body is in.
    let model = match app.models.get(name, version) {
        Ok(model) => model,
        Err(refusal) => {
            app.meters.no_model(refusal.kind);
            return Err(refusal.with_id(taken.ok().and_then(|held| held.id())));
        }
    };
    let done = match taken {
        Ok(held) => ask(app, &model, &headers, held).await,
        Err(refusal) => Err(refusal),
    };
    match &done {
        Ok((_, rows)) => app.meters.answered(&model, *rows, started.elapsed()),
        Err(refusal) => app.meters.refused(&model, refusal.kind, started.elapsed()),
    }
    done.map(|(response, _)| response)
}

async fn ask(
    app: &App,
    model: &Arc<Model>,
    headers: &HeaderMap,
    held: Held,
) -> Result<(Response, usize), Refusal> {
    let Asked { id, inputs, outputs, binary } = held.read(&app.budget, &app.gate).await?;
    let rows = rows(model, &inputs);
    let (names, wanted): (Vec<String>, Vec<bool>) = outputs.into_iter().unzip();
    let run = async {
        let outputs = model.infer(inputs, &names).await.map_err(|error| unanswered(&error))?;
        // With no outputs named, all come.
        let wanted = if wanted.is_empty() { vec![binary; outputs.len()] } else { wanted };
        Answered { model, id: id.as_deref(), outputs: &outputs, binary: &wanted }.write(headers)
    };
    let response = run.await.map_err(|refusal: Refusal| refusal.with_id(id.clone()))?;
    Ok((response, rows))
}

/// Rows of a request: the first dimension where the model counts rows, else one.
fn rows(model: &Model, inputs: &[Tensor]) -> usize {
    let first = inputs.first().and_then(|input| input.shape.first()).copied();
    if model.batches() { first.unwrap_or(1) } else { 1 }
}

/// What a model did not answer, under its status.
fn unanswered(error: &InferError) -> Refusal {
    let (status, kind) = match error {
        InferError::UnknownInput { .. }
        | InferError::UnknownOutput { .. }
        | InferError::Missing { .. }
        | InferError::Duplicate { .. }
        | InferError::WrongDatatype { .. }
        | InferError::WrongShape { .. }
        | InferError::NotFinite { .. }
        | InferError::Empty { .. }
        | InferError::NoScore => (StatusCode::BAD_REQUEST, "invalid_request"),
        InferError::TooManyRows { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
        InferError::Busy { .. } => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
        InferError::TimedOut { .. } => (StatusCode::GATEWAY_TIMEOUT, "timed_out"),
        InferError::Runtime { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "runtime"),
    };
    Refusal::new(status, kind, error.to_string())
}

#[cfg(test)]
mod tests {
    use axum::http::header;
    use axum::response::IntoResponse;

    use super::*;

    #[test]
    fn a_full_queue_a_late_answer_and_a_failed_run_have_their_statuses() {
        for (error, status, kind) in [
            (InferError::Busy { waiting: 256 }, 503, "busy"),
            (InferError::TimedOut { seconds: 25.0 }, 504, "timed_out"),
            (InferError::Runtime { what: "it broke".into() }, 500, "runtime"),
        ] {
            let refusal = unanswered(&error).with_id(Some("a".into()));
            assert_eq!((refusal.status.as_u16(), refusal.kind), (status, kind));
            assert_eq!(
                (refusal.error.as_str(), refusal.id.as_deref()),
                (error.to_string().as_str(), Some("a"))
            );
            let response = refusal.into_response();
            assert_eq!(response.headers().contains_key(header::RETRY_AFTER), status == 503);
        }
    }
}
