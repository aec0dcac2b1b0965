//! How a refusal looks on the wire.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::{Code, Fault, Problem};

/// Media type of a refusal.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A refusal (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// Always `about:blank`: the `code` says what went wrong.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// The status in words.
    #[schema(example = "Bad Request")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 400, minimum = 400, maximum = 599)]
    status: u16,
    /// A sentence for a person.
    #[schema(example = "limit: '-1' is not a whole number from 1 to 10000")]
    detail: String,
    /// The path that was asked for.
    #[schema(example = "/v1/impact/IBM")]
    instance: String,
    /// What went wrong, for programs; these words do not change.
    code: Code,
    /// Names the request in the daemon's log; also in `X-Request-Id`.
    request_id: String,
    /// The refused values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<Fault>,
}

/// Writes a refusal into its response; status and headers such as `Allow` stay.
pub fn write(problem: Problem, path: &str, request_id: &str, response: &mut Response) {
    let status = problem.status();
    let body = ProblemBody {
        kind: "about:blank",
        title: status.canonical_reason().unwrap_or("Refused"),
        status: status.as_u16(),
        detail: problem.detail,
        instance: path.to_owned(),
        code: problem.code,
        request_id: request_id.to_owned(),
        errors: problem.faults,
    };
    // Only strings and numbers are in it: writing it cannot fail.
    let bytes = serde_json::to_vec(&body).unwrap_or_default();
    *response.body_mut() = Body::from(bytes);
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
