//! What tests of the pre-trade desk share: some days of a simulated tape, requests, answers held against a schema.

use std::collections::BTreeMap;
use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use impactd::flow::Widths;
use impactd::simulate::{self, Format, Law};
use impactd::tape::Symbol;
use serde_json::{Value, json};
use tower::ServiceExt;
use utoipa::ToSchema;

use crate::http::Answer;
use crate::support::{batch, request};
use impactd::http::Served;

pub const DATES: [&str; 4] = ["2018-01-02", "2018-01-03", "2018-01-04", "2018-01-05"];
/// An hour and twenty seconds after the open of the last date.
pub const AS_OF: &str = "2018-01-05T15:30:20Z";

/// Batches simulated days of two symbols into `folder/out`, as bars of some widths.
pub fn results(folder: &Path, dates: &[&str], widths: &str) {
    results_with(folder, dates, 7, |request| request.widths = Widths::parse(widths).expect("widths"));
}

/// The same from a seed, as a request made differently gives them.
pub fn results_with(folder: &Path, dates: &[&str], seed: u64, change: impl Fn(&mut impactd::batch::Request)) {
    let symbols = [Symbol::new("AA"), Symbol::new("BB")];
    for date in dates {
        let into = folder.join(date);
        let day = date.parse().expect("a date");
        let written =
            simulate::run(&Law::default(), seed, &symbols, day, &[Format::Csv], &into).expect("a tape");
        let is_tape = |file: &std::path::PathBuf| file.extension().is_some_and(|ending| ending == "csv");
        let mut request = request(written.files.into_iter().filter(is_tape).collect(), &folder.join("out"));
        change(&mut request);
        batch(&request);
    }
}

/// A folder with all dates in bars of a minute, and a router over it.
pub fn desk() -> (tempfile::TempDir, Router) {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), &DATES, "60s");
    let router = router(folder.path());
    (folder, router)
}

pub fn router(folder: &Path) -> Router {
    impactd::http::router(Served::new(folder.join("out"))).expect("a router")
}

/// An order that the built-in limits allow.
pub fn order() -> Value {
    json!({"symbol": "AA", "side": "buy", "quantity": 2000, "horizon_seconds": 1800, "as_of": AS_OF})
}

/// The order with other fields; null takes one away.
#[allow(clippy::needless_pass_by_value, reason = "changes are written where they are passed")]
pub fn with(changes: Value) -> Value {
    let mut order = order();
    for (name, value) in changes.as_object().expect("fields") {
        match value {
            Value::Null => order.as_object_mut().expect("fields").remove(name),
            value => order.as_object_mut().expect("fields").insert(name.clone(), value.clone()),
        };
    }
    order
}

pub async fn post(router: &Router, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let mut request = Request::post(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.into()).expect("a request");
    let (head, body) = router.clone().oneshot(request).await.expect("an answer").into_parts();
    let body = body.collect().await.expect("a body").to_bytes().to_vec();
    Answer { status: head.status, headers: head.headers, body }
}

/// Asks about one order.
pub async fn ask(router: &Router, order: &Value) -> Answer {
    post(router, "/v1/pretrade/estimate", &[("content-type", "application/json")], order.to_string()).await
}

/// The answer to an order that must have one.
pub async fn estimate(router: &Router, order: &Value) -> Value {
    let answer = ask(router, order).await;
    assert_eq!(answer.status, 200, "{order}: {}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

/// A check of an answer.
pub fn check<'a>(estimate: &'a Value, code: &str) -> &'a Value {
    let checks = estimate["checks"].as_array().expect("checks");
    checks.iter().find(|check| check["code"] == code).expect("the check")
}

/// Where a value is not what its schema says.
pub fn unlike<T: ToSchema>(value: &Value) -> Vec<String> {
    let mut all = Vec::new();
    T::schemas(&mut all);
    let named = all.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).expect("JSON")));
    let named: BTreeMap<String, Value> = named.collect();
    let mut faults = Vec::new();
    compare(value, &serde_json::to_value(T::schema()).expect("JSON"), &named, "", &mut faults);
    faults
}

fn compare(
    value: &Value,
    schema: &Value,
    named: &BTreeMap<String, Value>,
    at: &str,
    faults: &mut Vec<String>,
) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.trim_start_matches("#/components/schemas/");
        return compare(value, &named[name], named, at, faults);
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[choice].as_array() {
            let fits = |schema: &Value| {
                let mut faults = Vec::new();
                compare(value, schema, named, at, &mut faults);
                faults.is_empty()
            };
            if !choices.iter().any(fits) {
                faults.push(format!("{at}: none of {choice} fits {value}"));
            }
            return;
        }
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let allowed = |own: &Value| own == kind || (own == "number" && kind == "integer");
    let fits = match &schema["type"] {
        Value::Null => true,
        Value::Array(kinds) => kinds.iter().any(allowed),
        one => allowed(one),
    };
    if !fits {
        faults.push(format!("{at}: {value} is not {}", schema["type"]));
    }
    if let Some(names) = schema["enum"].as_array().filter(|names| !names.contains(value)) {
        faults.push(format!("{at}: {value} is not in {names:?}"));
    }
    if let Value::Array(items) = value {
        items.iter().for_each(|item| compare(item, &schema["items"], named, &format!("{at}/-"), faults));
    }
    let Value::Object(fields) = value else { return };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            faults.push(format!("{at}: {name} is missing"));
        }
    }
    let free = schema.get("additionalProperties");
    for (name, value) in fields {
        match schema["properties"].get(name).or(free) {
            Some(schema) => compare(value, schema, named, &format!("{at}/{name}"), faults),
            None => faults.push(format!("{at}: {name} is not described")),
        }
    }
}
