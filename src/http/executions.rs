//! `POST /v1/executions` and `GET /v1/executions/{order_id}`: orders and their fills in, what they did cost out.
//!
//! The order's id is the key that makes posting safe to repeat: the same order again is answered alike with 200,
//! another order under a recorded id is refused with 409. An answer of 200 or 201 is given once every order of the
//! request is durable; a refusal leaves none of them recorded.

use std::time::Instant;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::App;
use super::answer::percent;
use super::body;
use super::execution_schema::{ExecutionBodies, RecordAnswers};
use super::format::Format;
use super::parameters::Given;
use super::pretrade::{answer, unfit};
use super::problem::{Code, Problem};
use super::responses::FoundOr404;
use crate::clock::now;
use crate::cost::{Execution, Fault, PastOrder};
use crate::limits::{EXECUTION_CLOCK_AHEAD_SECONDS, EXECUTIONS_PER_REQUEST_MAX, HTTP_BODY_MAX_BYTES};
use crate::posttrade::{
    Beside, ExecutionAnswer, Forecasts, Posted, in_future, past_order, read_execution, recorded,
};
use crate::store::{Archive, ExecutionRecord, NotRecorded, OrderRecord, StoreError};
use crate::tape::{NANOS_PER_SECOND, Nanos};

/// What became of the orders of a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordedAnswer {
    /// The orders, in the order of the request.
    pub data: Vec<ExecutionAnswer>,
    /// How many are new.
    pub recorded: usize,
    /// How many were recorded before, and are unchanged.
    pub known: usize,
}

/// Record executed orders
///
/// Takes one order, a list of orders, or an order a line (NDJSON). Each is answered with its implementation shortfall
/// (Perold 1988) split into parts that add up, beside its estimate: the one that was given under `estimate_id`, as long
/// as the daemon still holds it, or `estimate_request`, made again as of the order's arrival and marked `recomputed`.
/// Mids that the caller does not give are the tape's, where it has any.
///
/// 201 when an order is new, 200 when all were recorded before. The `order_id` is the key: no `Idempotency-Key` is
/// needed, and none is read. All orders of a request are recorded or, on a refusal, none.
#[utoipa::path(post, path = "/v1/executions", tag = "posttrade", operation_id = "record_executions",
    request_body(content(
        (ExecutionBodies = "application/json"),
        (String = "application/x-ndjson")
    )),
    responses(RecordAnswers))]
pub async fn record(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let started = Instant::now();
    Given::parse(&uri, &[])?;
    Format::negotiate_among(&headers, &[Format::Json])?;
    let kind = body::kind(&headers, &["application/json", "application/x-ndjson"])?;
    let bytes = body::within(body, HTTP_BODY_MAX_BYTES)?;
    let posted = read(&bytes, kind)?;
    let alone = posted.len() == 1;
    let made = app.gate.clone().run(move || keep(&app, posted)).await?;
    let status = if made.recorded > 0 { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = json(&made, started)?;
    *response.status_mut() = status;
    if let (StatusCode::CREATED, true, Some(order)) = (status, alone, made.data.first()) {
        let url = format!("/v1/executions/{}", percent(&order.order_id));
        let url = HeaderValue::from_str(&url).map_err(Problem::internal)?;
        response.headers_mut().insert(header::LOCATION, url);
    }
    Ok(response)
}

/// What an order did cost
///
/// The same answer as on recording it; mids that the tape did not know then are filled in once it does.
#[utoipa::path(get, path = "/v1/executions/{order_id}", tag = "posttrade", operation_id = "get_execution",
    params(("order_id" = String, Path, description = "The client's name for the order, percent-encoded",
        example = "desk7-000123")),
    responses(FoundOr404<ExecutionAnswer>))]
pub async fn get(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
    order_id: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let started = Instant::now();
    Given::parse(&uri, &[])?;
    Format::negotiate_among(&headers, &[Format::Json])?;
    // Bytes that are no text name no order.
    let order_id = order_id.map(|Path(id)| id).unwrap_or_default();
    let gate = app.gate.clone();
    let found = gate.run(move || {
        let record = app.executions.find(&order_id).map_err(|e| Problem::damaged_record(&e))?;
        let record = record.ok_or_else(|| unknown_order(&order_id))?;
        app.answer_to(&record)
    });
    json(&found.await?, started)
}

fn json<T: Serialize>(made: &T, started: Instant) -> Result<Response, Problem> {
    let bytes = serde_json::to_vec(made).map_err(Problem::internal)?;
    Ok(answer(bytes, HeaderValue::from_static("application/json"), started))
}

fn unknown_order(order_id: &str) -> Problem {
    let short: String = order_id.chars().take(64).collect();
    let detail = format!("no order is recorded under the id '{short}'");
    Problem::new(Code::UnknownOrder, detail).at("path/order_id".into(), "is not known", Vec::new())
}

/// The orders of a body, each with its pointer.
fn read(bytes: &[u8], kind: &str) -> Result<Vec<(String, Posted)>, Problem> {
    let values: Vec<(String, Value)> = if kind == "application/json" {
        match body::json(bytes)? {
            Value::Array(items) => items.into_iter().enumerate().map(|(i, v)| (format!("/{i}"), v)).collect(),
            one => vec![(String::new(), one)],
        }
    } else {
        lines(bytes)?
    };
    if values.is_empty() || values.len() > EXECUTIONS_PER_REQUEST_MAX {
        let message = format!("holds {} orders, not 1 to {EXECUTIONS_PER_REQUEST_MAX}", values.len());
        return Err(unfit(vec![Fault::new("", message)]));
    }
    let (mut posted, mut faults) = (Vec::new(), Vec::new());
    let latest = Nanos(now().0 + EXECUTION_CLOCK_AHEAD_SECONDS * NANOS_PER_SECOND);
    for (at, value) in values {
        match read_execution(&value, &at) {
            Ok(order) => {
                faults.extend(in_future(&order.execution, latest, &at));
                posted.push((at, order));
            }
            Err(more) => faults.extend(more),
        }
    }
    if faults.is_empty() { Ok(posted) } else { Err(unfit(some(faults))) }
}

/// A value a line; an order's pointer counts the lines that hold something, from 0.
fn lines(bytes: &[u8]) -> Result<Vec<(String, Value)>, Problem> {
    let written = bytes.split(|byte| *byte == b'\n').filter(|line| !line.iter().all(u8::is_ascii_whitespace));
    let line = |(index, text): (usize, &[u8])| {
        let value = body::parse(text).map_err(|what| {
            let detail = format!("line {} is not JSON: {what}", index + 1);
            Problem::new(Code::InvalidBody, detail).at(format!("/{index}"), what, Vec::new())
        })?;
        Ok((format!("/{index}"), value))
    };
    written.take(EXECUTIONS_PER_REQUEST_MAX + 1).enumerate().map(line).collect()
}

/// Faults told in one answer; thousands of fills may each have some.
const FAULTS_TOLD: usize = 100;

fn some(mut faults: Vec<Fault>) -> Vec<Fault> {
    let more = faults.len().saturating_sub(FAULTS_TOLD);
    faults.truncate(FAULTS_TOLD);
    if more > 0 {
        faults.push(Fault::new("", format!("and {more} faults more")));
    }
    faults
}

fn keep(app: &App, posted: Vec<(String, Posted)>) -> Result<RecordedAnswer, Problem> {
    let recorded_at_nanos = now().0;
    let mut records = Vec::with_capacity(posted.len());
    let mut places = Vec::with_capacity(posted.len());
    for (at, posted) in posted {
        let order = OrderRecord::from(&posted.execution);
        let sha256 = posted.sha256();
        let before = app.executions.find(&order.order_id).map_err(|e| Problem::damaged_record(&e))?;
        // What was recorded keeps its estimate: one that is held no more is not asked for again.
        let Beside { estimate, warning } = match before.filter(|record| record.sha256 == sha256) {
            Some(record) => Beside { estimate: record.estimate, warning: None },
            None => app.forecast(&posted, &at)?,
        };
        let warnings = warning.into_iter().collect();
        records.push(ExecutionRecord { order, sha256, recorded_at_nanos, estimate, warnings });
        places.push(at);
    }
    let kept = app.executions.record(records).map_err(|refused| not_recorded(refused, &places))?;
    let recorded = kept.iter().filter(|(_, is_new)| *is_new).count();
    let mut data = Vec::with_capacity(kept.len());
    for (record, is_new) in &kept {
        data.push(app.answer_to(record)?);
        if *is_new {
            app.compare_with(record)?;
        }
    }
    Ok(RecordedAnswer { known: kept.len() - recorded, data, recorded })
}

fn not_recorded(refused: NotRecorded, places: &[String]) -> Problem {
    let detail = refused.to_string();
    match refused {
        NotRecorded::Conflict { index, .. } => {
            let at = places.get(index).map_or("", String::as_str);
            let message = "names another recorded order; a correction needs an id of its own";
            Problem::new(Code::OrderConflict, detail).at(format!("{at}/order_id"), message, Vec::new())
        }
        NotRecorded::Full { .. } => unfit(vec![Fault::new("/arrival_ts", detail)]),
        NotRecorded::Store(error) => Problem::damaged_record(&error),
    }
}

impl App {
    /// Reads something that may use the results, where there are any.
    ///
    /// # Errors
    /// When they are damaged or being replaced, or what `read` itself refuses.
    pub(super) fn with_results<T>(
        &self,
        read: impl Fn(Option<&Archive>) -> Result<Result<T, Problem>, StoreError>,
    ) -> Result<T, Problem> {
        if self.shelf.is_bare() {
            return read(None).map_err(|e| Problem::not_ready(&e))?;
        }
        self.shelf.read(|snapshot| read(Some(&snapshot.archive)))
    }

    fn forecast(&self, posted: &Posted, at: &str) -> Result<Beside, Problem> {
        let limits = self.limits.state();
        self.with_results(|archive| {
            let forecasts = Forecasts { desk: &self.desk, archive, limits: &limits };
            Ok(forecasts.find(posted, at)?.map_err(unfit))
        })
    }

    /// The answer to a recorded order.
    ///
    /// # Errors
    /// When the results are damaged or being replaced.
    pub(super) fn answer_to(&self, record: &ExecutionRecord) -> Result<ExecutionAnswer, Problem> {
        self.with_results(|archive| {
            let marked = self.tapes.mark(archive, Execution::from(&record.order))?;
            Ok(Ok(recorded(record, &marked)))
        })
    }

    /// Has estimates compared with an order from now on.
    ///
    /// # Errors
    /// When the results are damaged or being replaced.
    pub(super) fn compare_with(&self, record: &ExecutionRecord) -> Result<(), Problem> {
        let order: Option<PastOrder> = self.with_results(|archive| {
            let marked = self.tapes.mark(archive, Execution::from(&record.order))?;
            Ok(Ok(past_order(&marked.execution)))
        })?;
        if let Some(order) = order {
            self.desk.past().put(&record.order.symbol, order);
        }
        Ok(())
    }
}
