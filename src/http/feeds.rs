//! `GET /v1/feeds`: who sends, what is missing, and how far the sessions are.

use std::time::Instant;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::Response;

use super::App;
use super::events_schema::{FeedRow, FeedsAnswer, MissingRange, NatsRow, SessionRow};
use super::format::Format;
use super::parameters::Given;
use super::pretrade::answer;
use super::problem::Problem;
use super::responses::FoundOr404;
use crate::live::nats::Feed;
use crate::live::{FeedStatus, Feeds, SessionState, SessionStatus};
use crate::tape::Nanos;

/// Who sends, and what is missing
///
/// Events, duplicates, late and out-of-order events, and missing sequence numbers by source and session date, and the
/// sessions in the journal.
#[utoipa::path(get, path = "/v1/feeds", tag = "live", operation_id = "list_feeds",
    responses(FoundOr404<FeedsAnswer>))]
pub async fn list(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    let started = Instant::now();
    Given::parse(&uri, &[])?;
    Format::negotiate_among(&headers, &[Format::Json])?;
    let (live, nats) = (app.live()?.clone(), app.nats.clone());
    let told = app.gate.run(move || {
        let nats = nats.map(|feed| NatsRow::from(&*feed));
        serde_json::to_vec(&FeedsAnswer { nats, ..live.feeds().into() }).map_err(Problem::internal)
    });
    Ok(answer(told.await?, HeaderValue::from_static("application/json"), started))
}

/// The name of a session's state.
#[must_use]
pub fn state(state: SessionState) -> &'static str {
    match state {
        SessionState::Open => "open",
        SessionState::Ended => "ended",
        SessionState::Landed => "landed",
    }
}

impl From<Feeds> for FeedsAnswer {
    fn from(feeds: Feeds) -> Self {
        Self {
            journal_position: feeds.journal_position,
            engine_position: feeds.engine_position,
            feeds: feeds.feeds.into_iter().map(FeedRow::from).collect(),
            sessions: feeds.sessions.iter().map(SessionRow::from).collect(),
            nats: None,
        }
    }
}

impl From<&Feed> for NatsRow {
    fn from(feed: &Feed) -> Self {
        let (settings, status) = (feed.settings(), feed.status());
        Self {
            stream: settings.stream.clone(),
            durable: settings.durable.clone(),
            source: settings.source.clone(),
            connected: status.connected,
            pending: status.pending,
            acknowledged: status.acknowledged,
            redelivered: status.redelivered,
            malformed: status.malformed,
            put_off: status.put_off,
            last_error: status.last_error,
        }
    }
}

impl From<FeedStatus> for FeedRow {
    fn from(feed: FeedStatus) -> Self {
        let stamp = |moment: Option<Nanos>| moment.map(|moment| moment.to_string());
        let ranges = feed.gaps.ranges.iter().map(|&(first, last)| MissingRange { first, last });
        Self {
            missing_ranges: ranges.collect(),
            source: feed.source,
            date: feed.date.to_string(),
            events: feed.events,
            duplicates: feed.duplicates,
            late: feed.late,
            out_of_order: feed.out_of_order,
            missing: feed.gaps.missing,
            last_sequence: feed.last_sequence,
            last_event_ts: stamp(feed.last_event_ts),
            last_received_ts: stamp(feed.last_received),
        }
    }
}

impl From<&SessionStatus> for SessionRow {
    fn from(session: &SessionStatus) -> Self {
        Self {
            date: session.date.to_string(),
            state: state(session.state),
            watermark: session.watermark.map(|moment| moment.to_string()),
            symbols: session.symbols,
            waiting: session.waiting,
            late: session.late,
        }
    }
}
