//! `POST /v1/events`: ticks into the journal. An answer of success means that they are durable.
//!
//! Bodies have a budget of memory and a gate of their own, so that feeds do not starve those who read.

use std::time::Instant;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use tokio::sync::OwnedSemaphorePermit;
use utoipa::IntoParams;

use super::App;
use super::body;
use super::events_schema::EventAnswers;
use super::format::Format as Shape;
use super::gate::Gate;
use super::inference::Budget;
use super::parameters::Given;
use super::pretrade::answer;
use super::pretrade_schema::FileBytes;
use super::problem::{Code, Problem};
use super::unpack;
use crate::clock::now;
use crate::limits::{
    EVENTS_BODIES_MAX_BYTES, EVENTS_BODY_MAX_BYTES, EVENTS_UNPACKED_MAX_BYTES, HTTP_WAITING_MAX,
};
use crate::live::wire::{self, Format, Origin, Unread};
use crate::live::{Appended, Refused};

const SOURCE: &str = "impactd-source";
const BATCH: &str = "idempotency-key";

/// Memory for bodies of events, and who may parse.
#[derive(Clone, Debug)]
pub struct Intake {
    budget: Budget,
    gate: Gate,
}

impl Default for Intake {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            budget: Budget::of(EVENTS_BODIES_MAX_BYTES),
            gate: Gate::new((cores / 2).max(1), HTTP_WAITING_MAX),
        }
    }
}

/// Who sends a batch.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "stands for its documentation; names() reads it")]
pub struct EventsQuery {
    /// Who sends it: the name under which sequence numbers count. Or the header `Impactd-Source`.
    #[param(required = false, example = "nyse-taq", pattern = "^[A-Za-z0-9._:-]{1,64}$")]
    source: String,
    /// The sender's name of the batch: sent again with the same bytes it is answered with the same receipt. Or the
    /// header `Idempotency-Key`. May be left out where all events are numbered.
    #[param(required = false, example = "2013-10-07-000001", pattern = "^[!-~]{1,128}$")]
    batch: String,
}

/// Ticks into the journal
///
/// A batch of quotes, trades and session ends: NDJSON, CSV or an Arrow stream, by `Content-Type`; docs/live.md names
/// the fields. All of it is taken or nothing. 201 means durable: it outlives a crash of the process and of the machine.
/// Events are known by (source, New York date, sequence): those that were there already are left out and counted. A
/// batch that was taken before, by its name and bytes, is answered 200 with its first receipt. A body may be packed
/// with gzip or deflate.
#[utoipa::path(post, path = "/v1/events", tag = "live", operation_id = "append_events",
    params(EventsQuery,
        ("Impactd-Source" = Option<String>, Header, description = "As `source`; the two must agree"),
        ("Idempotency-Key" = Option<String>, Header, description = "As `batch`; the two must agree")),
    request_body(content(
        (String = "application/x-ndjson", example =
            "{\"type\":\"trade\",\"symbol\":\"IBM\",\"ts\":\"2013-10-07T13:30:00Z\",\"price\":185.01,\"size\":100}\n"),
        (String = "text/csv"),
        (inline(FileBytes) = "application/vnd.apache.arrow.stream")
    )), responses(EventAnswers))]
pub async fn append(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let started = Instant::now();
    let headers = request.headers();
    let origin = names(request.uri(), headers)?;
    Shape::negotiate_among(headers, &[Shape::Json])?;
    let format = kind(headers)?;
    let packing = unpack::packing(headers)?;
    let live = app.live()?.clone();
    let (received, calendar) = (now(), live.settings().request.calendar);
    let (bytes, share) = take(&app.intake.budget, request).await?;
    let events = app.intake.gate.run(move || {
        let bytes = unpack::unpack(bytes, packing, EVENTS_UNPACKED_MAX_BYTES)?;
        let read = wire::read(format, &bytes, &origin, (received, calendar));
        drop((bytes, share));
        read.map_err(unread)
    });
    let appended = live.append(events.await?).await.map_err(refused)?;
    let (status, receipt) = match &appended {
        Appended::Durable(receipt) => (StatusCode::CREATED, receipt),
        Appended::Again(receipt) => (StatusCode::OK, receipt),
    };
    let bytes = serde_json::to_vec(receipt).map_err(Problem::internal)?;
    let mut response = answer(bytes, HeaderValue::from_static("application/json"), started);
    *response.status_mut() = status;
    Ok(response)
}

/// The names of the sender and of the batch, each from the query, a header or both.
fn names(uri: &Uri, headers: &HeaderMap) -> Result<Origin, Problem> {
    let given = Given::parse(uri, &["source", "batch"].map(str::to_owned))?;
    let either = |parameter: &str, name: &'static str| {
        let queried = given.one(parameter, &[], |text| Ok(text.to_owned()))?;
        let header = headers.get(name).map(|value| value.to_str().unwrap_or("?").to_owned());
        match (queried, header) {
            (Some(query), Some(header)) if query != header => {
                let message = format!("'{query}' is not what the header {name} says");
                Err(Problem::invalid(parameter, message, Vec::new()))
            }
            (query, header) => Ok(query.or(header)),
        }
    };
    let (source, batch) = (either("source", SOURCE)?, either("batch", BATCH)?);
    let Some(source) = source else {
        let message = "is missing: say who sends the events, here or in the header Impactd-Source";
        return Err(Problem::invalid("source", message, Vec::new()));
    };
    Origin::new(&source, batch.as_deref()).map_err(|message| {
        let parameter = if message.starts_with("a batch") { "batch" } else { "source" };
        Problem::invalid(parameter, message, Vec::new())
    })
}

fn kind(headers: &HeaderMap) -> Result<Format, Problem> {
    let taken = Format::ALL.map(Format::media_type);
    if !headers.contains_key(header::CONTENT_TYPE) {
        let message = "is missing: say what the body is";
        let problem = Problem::new(Code::UnsupportedMediaType, format!("Content-Type: {message}"));
        return Err(problem.at("header/Content-Type".into(), message, taken.map(str::to_owned).to_vec()));
    }
    let named = body::kind(headers, &taken)?;
    Format::of_media_type(named).ok_or_else(|| Problem::internal(named))
}

/// Takes a body in, within the memory that all bodies share.
async fn take(budget: &Budget, mut request: Request) -> Result<(Bytes, OwnedSemaphorePermit), Problem> {
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let most = announced.unwrap_or(EVENTS_BODY_MAX_BYTES).min(EVENTS_BODY_MAX_BYTES);
    let busy = || Problem::new(Code::Overloaded, "too many batches are being read; send it again later");
    let share = budget.share(most).ok_or_else(busy)?;
    DefaultBodyLimit::max(EVENTS_BODY_MAX_BYTES).apply(&mut request);
    let bytes = body::within(Bytes::from_request(request, &()).await, EVENTS_BODY_MAX_BYTES)?;
    Ok((bytes, share))
}

fn unread(unread: Unread) -> Problem {
    let detail = unread.to_string();
    match unread {
        Unread::TooMuch(_) => Problem::new(Code::BodyTooLarge, detail),
        Unread::Row { unit, number, column, what } => Problem::new(Code::InvalidEvents, detail).at(
            format!("{unit}/{number}/{column}"),
            what,
            Vec::new(),
        ),
        _ => Problem::new(Code::InvalidEvents, detail),
    }
}

fn refused(refused: Refused) -> Problem {
    let code = match &refused {
        Refused::Conflict(_) | Refused::Gone(_) => Code::BatchConflict,
        Refused::Unfit(_) => Code::InvalidEvents,
        Refused::Full(_) => Code::JournalFull,
        Refused::Busy => Code::Overloaded,
        _ => Code::Stopping,
    };
    let detail = refused.to_string();
    match refused {
        Refused::Failed(cause) => {
            let detail = "the journal cannot be written and the daemon stops; send the batch again later";
            Problem { cause: Some(cause), ..Problem::new(code, detail) }
        }
        _ => Problem::new(code, detail),
    }
}
