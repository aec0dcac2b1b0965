//! What the live routes answer, as `api.yaml` describes it.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::openapi::{Content, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Type};
use utoipa::{IntoResponses, ToSchema};

use super::responses::{header, refusals, request_id};

/// Every answer to a batch of events.
#[derive(Debug)]
pub struct EventAnswers;

impl IntoResponses for EventAnswers {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all =
            refusals(&["400", "404", "405", "406", "409", "413", "415", "422", "500", "503", "507"]);
        for (status, meaning) in [
            ("200", "The batch was durable before: its first receipt"),
            ("201", "Every event of it is durable now"),
        ] {
            let taken = ResponseBuilder::new()
                .description(meaning)
                .header("Server-Timing", header("How long it took, milliseconds"))
                .header("X-Request-Id", request_id())
                .content("application/json", Content::new(Some(Ref::from_schema_name("Receipt"))));
            all.insert(status.into(), taken.build().into());
        }
        all
    }
}

/// Every answer of the stream.
#[derive(Debug)]
pub struct StreamAnswers;

impl IntoResponses for StreamAnswers {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = refusals(&["400", "404", "405", "406", "413", "500", "503"]);
        let text = ObjectBuilder::new().schema_type(Type::String);
        let text =
            text.description(Some("Server-sent events: `id`, `event` (the kind) and `data` (a row as JSON)"));
        let stream = ResponseBuilder::new()
            .description("Messages, until the client or the daemon ends it")
            .header("X-Request-Id", request_id())
            .content("text/event-stream", Content::new(Some(RefOr::from(text.build()))));
        all.insert("200".into(), stream.build().into());
        all
    }
}

/// How the feeds do, and how far their sessions are.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedsAnswer {
    /// The journal's last position.
    #[schema(example = 42)]
    pub journal_position: u64,
    /// Up to where events have gone through the river.
    #[schema(example = 42)]
    pub engine_position: u64,
    /// By source and session date.
    pub feeds: Vec<FeedRow>,
    /// Sessions in the journal, ascending.
    pub sessions: Vec<SessionRow>,
    /// The NATS feed; null where there is none.
    pub nats: Option<NatsRow>,
}

/// How the NATS feed does.
#[derive(Debug, Serialize, ToSchema)]
pub struct NatsRow {
    /// The JetStream stream.
    #[schema(example = "TAPE")]
    pub stream: String,
    /// The durable consumer.
    #[schema(example = "impactd")]
    pub durable: String,
    /// Who speaks, where messages do not say.
    #[schema(example = "nats")]
    pub source: String,
    /// Whether it hears the server.
    pub connected: bool,
    /// Messages that the server has not sent yet: the feed's lag.
    pub pending: Option<u64>,
    /// Messages that became durable, or were durable before.
    pub acknowledged: u64,
    /// Messages that the server sent again.
    pub redelivered: u64,
    /// Messages that could not be read, and were ended.
    pub malformed: u64,
    /// Messages that were put off, since the journal was full or busy.
    pub put_off: u64,
    /// Why the connection broke last, or what the last unreadable message was.
    pub last_error: Option<String>,
}

/// One source's events of one session date.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedRow {
    /// The source.
    #[schema(example = "nyse-taq")]
    pub source: String,
    /// Session date, New York.
    #[schema(format = Date, example = "2013-10-07")]
    pub date: String,
    /// Events in the journal.
    pub events: u64,
    /// Events that were there already, and left out.
    pub duplicates: u64,
    /// Events older than the watermark on arrival: in the tables, not in live numbers.
    pub late: u64,
    /// Events older than their predecessor of the source, and not late.
    pub out_of_order: u64,
    /// Sequence numbers missing between the lowest and the highest.
    pub missing: u64,
    /// The first stretches of them.
    pub missing_ranges: Vec<MissingRange>,
    /// The highest sequence number; null where the source does not number.
    #[schema(required)]
    pub last_sequence: Option<u64>,
    /// Time of the latest event, UTC.
    #[schema(required, format = DateTime, example = "2013-10-07T13:30:00.000000000Z")]
    pub last_event_ts: Option<String>,
    /// When the last batch became durable, UTC by the daemon's clock.
    #[schema(required, format = DateTime, example = "2013-10-07T13:30:00.000000000Z")]
    pub last_received_ts: Option<String>,
}

/// Missing sequence numbers, both ends missing.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissingRange {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
}

/// A session in the journal.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionRow {
    /// Its date, New York.
    #[schema(format = Date, example = "2013-10-07")]
    pub date: String,
    /// `open`, `ended` (its tables are being written) or `landed`.
    #[schema(example = "open")]
    pub state: &'static str,
    /// Live numbers rest on all events up to here; null before the first.
    #[schema(required, format = DateTime, example = "2013-10-07T13:30:00.000000000Z")]
    pub watermark: Option<String>,
    /// Symbols with ticks.
    pub symbols: usize,
    /// Events that wait for the watermark.
    pub waiting: usize,
    /// Events that came too late for live numbers.
    pub late: u64,
}
