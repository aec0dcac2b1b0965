//! What every request passes on its way in and out: an id, a deadline, safe headers, the log, and refusals
//! written as problem+json.

use std::any::Any;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::inference;
use super::problem::{Code, Problem};
use super::problem_body;
use crate::limits::{
    EVENTS_BODY_MAX_BYTES, HTTP_BODY_MAX_BYTES, HTTP_REQUEST_ID_MAX_BYTES, HTTP_REQUEST_SECONDS,
    INFERENCE_BODY_MAX_BYTES,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Answers are data: nothing in them may run, load or be framed. `/docs` and an evaluation's page bring
/// their own policy.
const NOTHING_RUNS: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The outermost layer.
pub async fn pass(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let id = request_id(request.headers());
    let mut response = match answer(request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    };
    let problem = response.extensions_mut().remove::<Problem>();
    log(&method, &path, &id, &response, problem.as_ref(), started);
    match problem {
        Some(problem) if inference::speaks_v2(&path) => inference::of_problem(problem, &mut response),
        Some(problem) => problem_body::write(problem, &path, &id, &mut response),
        None => {}
    }
    harden(response.headers_mut());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// A panic in a handler, as a refusal; what it said is for the log.
#[allow(clippy::needless_pass_by_value, reason = "the signature that CatchPanicLayer asks for")]
pub fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("panic");
    Problem::internal(format_args!("panic: {said}")).into_response()
}

async fn answer(request: Request, next: Next) -> Result<Response, Problem> {
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()).and_then(|n| n.parse::<u64>().ok());
    let tensors = inference::speaks_v2(request.uri().path());
    let most = match request.uri().path() {
        _ if tensors => INFERENCE_BODY_MAX_BYTES,
        "/v1/events" => EVENTS_BODY_MAX_BYTES,
        _ => HTTP_BODY_MAX_BYTES,
    };
    if announced.is_some_and(|bytes| bytes > most as u64) {
        let detail = format!("a body may have {most} bytes at most");
        return Err(Problem::new(Code::BodyTooLarge, detail));
    }
    let deadline = Duration::from_secs(HTTP_REQUEST_SECONDS);
    tokio::time::timeout(deadline, next.run(request)).await.map_err(|_| {
        let detail = format!("no answer within {HTTP_REQUEST_SECONDS} s; ask for less");
        Problem::new(Code::TimedOut, detail)
    })
}

/// The client's id when it is a plain word, else one of our own.
fn request_id(headers: &HeaderMap) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let plain = |id: &&str| {
        let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':');
        (1..=HTTP_REQUEST_ID_MAX_BYTES).contains(&id.len()) && id.bytes().all(word)
    };
    let given = headers.get(&REQUEST_ID).and_then(|id| id.to_str().ok()).filter(plain);
    given.map_or_else(
        || {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            // The hasher's keys are random: ids of two runs do not meet.
            format!("{:016x}", RandomState::new().hash_one(count))
        },
        str::to_owned,
    )
}

fn log(method: &Method, path: &str, id: &str, out: &Response, problem: Option<&Problem>, since: Instant) {
    let (status, micros) = (out.status().as_u16(), since.elapsed().as_micros() as u64);
    let cause = problem.and_then(|p| p.cause.as_deref()).unwrap_or("");
    match problem.map(|p| p.code) {
        Some(Code::Internal | Code::DamagedRecord | Code::DamagedResults) => {
            tracing::error!(%method, path, status, micros, id, cause);
        }
        Some(code) if status >= 500 => tracing::warn!(%method, path, status, micros, id, ?code, cause),
        Some(code) => tracing::debug!(%method, path, status, micros, id, ?code),
        None => tracing::debug!(%method, path, status, micros, id),
    }
}

fn harden(headers: &mut HeaderMap) {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(NOTHING_RUNS));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_request_ids_are_taken_over() {
        let with = |id: &str| {
            let id = HeaderValue::from_bytes(id.as_bytes()).expect("a header value");
            request_id(&HeaderMap::from_iter([(REQUEST_ID, id)]))
        };
        assert_eq!(with("order-7.a:1"), "order-7.a:1");
        for bad in ["", "a b", "<script>", &"x".repeat(HTTP_REQUEST_ID_MAX_BYTES + 1)] {
            assert_ne!(with(bad), bad);
        }
        assert_ne!(request_id(&HeaderMap::new()), request_id(&HeaderMap::new()));
    }
}
