//! What every request passes on its way in and out: an id, a deadline, safe headers, the log, and refusals
//! written as problem+json.

use std::any::Any;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::HttpBody;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use super::body_deadline::{self, TooSlow};
use super::inference;
use super::metrics::traffic;
use super::problem::{Code, Problem};
use super::problem_body;
use super::scopes::{self, Need};
use crate::limits::{
    EVENTS_BODY_MAX_BYTES, HTTP_BODY_MAX_BYTES, HTTP_BODY_SECONDS, HTTP_REQUEST_ID_MAX_BYTES,
    HTTP_REQUEST_SECONDS, INFERENCE_BODY_MAX_BYTES, JUDGED_BODY_MAX_BYTES,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Answers are data: nothing in them may run, load or be framed. `/docs` and an evaluation's page bring
/// their own policy.
const NOTHING_RUNS: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Names a request; an extension of it.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

/// The outermost layer.
pub async fn pass(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let id = request_id(request.headers());
    let route = request.extensions().get::<MatchedPath>().cloned();
    request.extensions_mut().insert(RequestId(id.as_str().into()));
    // Whatever is logged on behalf of this request carries its id.
    let span = tracing::info_span!("request", id);
    traffic().under_way.inc();
    let under_way = UnderWay;
    let mut response = match answer(request, next).instrument(span.clone()).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    };
    drop(under_way);
    let problem = response.extensions_mut().remove::<Problem>();
    let template = route.as_ref().map(MatchedPath::as_str);
    traffic().answered(template, &method, response.status(), started.elapsed());
    span.in_scope(|| log(&method, template.unwrap_or(&path), &response, problem.as_ref(), started));
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
    let most = body_max_bytes(request.uri().path());
    if announced.is_some_and(|bytes| bytes > most as u64) {
        let detail = format!("a body may have {most} bytes at most");
        return Err(Problem::new(Code::BodyTooLarge, detail));
    }
    let (request, slow, patience) = timed(request);
    let deadline = Duration::from_secs(HTTP_REQUEST_SECONDS) + patience;
    let answered = tokio::time::timeout(deadline, next.run(request)).await;
    if slow.is_some_and(|slow| slow.is_so()) {
        let detail = format!("the body was not whole within {} s", patience.as_secs());
        return Err(Problem::new(Code::SlowBody, detail));
    }
    answered.map_err(|_| {
        let detail = format!("no answer within {HTTP_REQUEST_SECONDS} s; ask for less");
        Problem::new(Code::TimedOut, detail)
    })
}

fn body_max_bytes(path: &str) -> usize {
    match path {
        _ if inference::speaks_v2(path) => INFERENCE_BODY_MAX_BYTES,
        "/v1/events" => EVENTS_BODY_MAX_BYTES,
        "/v1/fraud/evaluations" => JUDGED_BODY_MAX_BYTES,
        _ => HTTP_BODY_MAX_BYTES,
    }
}

/// Puts a deadline on a request's body, if it has one; how long that is.
fn timed(request: Request) -> (Request, Option<TooSlow>, Duration) {
    if request.body().is_end_stream() {
        return (request, None, Duration::ZERO);
    }
    let path = request.extensions().get::<MatchedPath>();
    let need = path.and_then(|path| scopes::need(request.method(), path.as_str()));
    let patience = Duration::from_secs(need.map_or(HTTP_BODY_SECONDS, Need::body_seconds));
    let (head, body) = request.into_parts();
    let (body, slow) = body_deadline::within(body, patience);
    (Request::from_parts(head, body), Some(slow), patience)
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

/// One line a request: failures are told, the rest where somebody wants to see it. The route is its template: a path
/// may name what is nobody else's business.
fn log(method: &Method, route: &str, out: &Response, problem: Option<&Problem>, since: Instant) {
    let (status, micros) = (out.status().as_u16(), since.elapsed().as_micros() as u64);
    let cause = problem.and_then(|p| p.cause.as_deref()).unwrap_or("");
    match problem.map(|p| p.code) {
        Some(Code::Internal | Code::DamagedRecord | Code::DamagedResults) => {
            tracing::error!(%method, route, status, micros, cause, "failed");
        }
        Some(code) if status >= 500 => tracing::warn!(%method, route, status, micros, ?code, cause, "failed"),
        Some(code) => tracing::info!(%method, route, status, micros, ?code, "refused"),
        None => tracing::debug!(%method, route, status, micros, "answered"),
    }
}

/// A request being answered, also one whose client goes away meanwhile.
struct UnderWay;

impl Drop for UnderWay {
    fn drop(&mut self) {
        traffic().under_way.dec();
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
