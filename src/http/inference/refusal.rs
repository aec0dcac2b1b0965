//! How the inference routes refuse: `{"error": "...", "id": "..."}` under a status that is not 2xx, as the Open
//! Inference Protocol v2 has it. The rest of the API refuses with problem+json; here clients look for `error`.
//!
//! Refusals that are made before a route is reached (no such route, a body over every bound, a defect) are problems
//! first; [`of_problem`] says them in this protocol's words.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::problem::{Code, Problem};
use crate::limits::HTTP_RETRY_AFTER_SECONDS;

/// A refusal by an inference route.
#[derive(Debug, Serialize, ToSchema)]
pub struct InferenceError {
    /// What is wrong, where it stands and what would be taken.
    #[schema(example = "there is no model 'fraud'; POST /v2/repository/index lists those that there are")]
    error: String,
    /// The request's `id`, when it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    id: Option<String>,
}

/// A refusal before it is written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its status; never 2xx.
    pub status: StatusCode,
    /// A word for the metrics; of a small, fixed set.
    pub kind: &'static str,
    /// A sentence for a person.
    pub error: String,
    /// The request's `id`.
    pub id: Option<String>,
}

impl Refusal {
    /// A refusal that does not know the request's id yet.
    pub fn new(status: StatusCode, kind: &'static str, error: impl Into<String>) -> Self {
        Self { status, kind, error: error.into(), id: None }
    }

    /// A request that cannot be meant.
    pub fn bad(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", error)
    }

    /// Too much at once: the same request may pass later.
    pub fn busy(error: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", error)
    }

    /// More bytes than are taken.
    pub fn too_large(most: usize) -> Self {
        let error =
            format!("a request may have {most} bytes at most, decompressed; send fewer rows at a time");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", error)
    }

    /// With the request's id.
    #[must_use]
    pub fn with_id(self, id: Option<String>) -> Self {
        Self { id, ..self }
    }
}

/// A problem in this protocol's words.
impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let kind = match problem.code {
            Code::BodyTooLarge => "too_large",
            Code::Overloaded | Code::NotReady => "busy",
            Code::TimedOut => "timed_out",
            Code::Internal => "internal",
            _ => "invalid_request",
        };
        let status = match problem.code {
            // Other routes ask to be asked again; here a gateway's clock ran out.
            Code::TimedOut => StatusCode::GATEWAY_TIMEOUT,
            _ => problem.status(),
        };
        if let Some(cause) = problem.cause {
            tracing::error!(cause, "inference");
        }
        Self::new(status, kind, problem.detail)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        if self.status.is_server_error() {
            tracing::warn!(kind = self.kind, error = self.error, "inference refused");
        }
        let mut response =
            (self.status, Json(InferenceError { error: self.error, id: self.id })).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(HTTP_RETRY_AFTER_SECONDS));
        }
        response
    }
}

/// Whether a path belongs to this protocol.
#[must_use]
pub fn speaks_v2(path: &str) -> bool {
    path == "/v2" || path.starts_with("/v2/")
}

/// Writes a problem into its response in this protocol's words; headers such as `Allow` stay.
pub fn of_problem(problem: Problem, response: &mut Response) {
    // The edge has logged the cause.
    let refusal = Refusal::from(Problem { cause: None, ..problem });
    *response.status_mut() = refusal.status;
    let written = refusal.into_response();
    let (head, body) = written.into_parts();
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.headers_mut().extend(head.headers);
    *response.body_mut() = body;
}
