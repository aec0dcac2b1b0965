//! What of the live side can be looked at: feeds, sessions, a symbol's day so far, numbers for readiness.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::message::SessionState;
use crate::flow::Bar;
use crate::impact::{Fit, Model, OnlineFit};
use crate::tape::{Nanos, Quote, Session, Symbol};

/// How the feeds do.
#[derive(Clone, Debug, Default)]
pub struct Feeds {
    /// The journal's last position.
    pub journal_position: u64,
    /// Up to where events have gone through the river.
    pub engine_position: u64,
    /// By source and session date, ascending.
    pub feeds: Vec<FeedStatus>,
    /// The sessions in the journal, ascending.
    pub sessions: Vec<SessionStatus>,
}

/// One source's events of one session date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedStatus {
    /// The source.
    pub source: String,
    /// The session's date in New York.
    pub date: NaiveDate,
    /// Events in the journal.
    pub events: u64,
    /// Events that were there already, and left out.
    pub duplicates: u64,
    /// Events older than the watermark on arrival: in the tables, not in live numbers.
    pub late: u64,
    /// Events older than their predecessor of the source, and not late.
    pub out_of_order: u64,
    /// Sequence numbers that are missing.
    pub gaps: Gaps,
    /// The highest sequence number; none where the source does not number.
    pub last_sequence: Option<u64>,
    /// The latest event's time.
    pub last_event_ts: Option<Nanos>,
    /// When the last batch became durable, by this machine's clock.
    pub last_received: Option<Nanos>,
}

/// Missing sequence numbers between the lowest and the highest seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// How many numbers are missing.
    pub missing: u64,
    /// The first few stretches of them, both ends missing.
    pub ranges: Vec<(u64, u64)>,
}

/// A session in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionStatus {
    /// Its date.
    pub date: NaiveDate,
    /// How far it is.
    pub state: SessionState,
    /// Live numbers rest on all events up to here; later ones wait, earlier ones are late. None before the first.
    pub watermark: Option<Nanos>,
    /// Symbols with ticks.
    pub symbols: usize,
    /// Events that wait for the watermark.
    pub waiting: usize,
    /// Events that came too late for live numbers.
    pub late: u64,
}

/// A symbol's session so far.
#[derive(Clone, Debug)]
pub struct LiveDay {
    /// The symbol.
    pub symbol: Symbol,
    /// The session.
    pub session: Session,
    /// Whether it is over, and its tables are about to land.
    pub ended: bool,
    /// Closed bars by width (nanoseconds), from the open on.
    pub bars: BTreeMap<i64, Vec<Bar>>,
    /// Fits of closed windows by width, in the order of the `fits` table.
    pub fits: BTreeMap<i64, Vec<Fit>>,
    /// The last state of the best bid and offer that is certain.
    pub quote: Option<Quote>,
    /// Everything here rests on ticks before this.
    pub as_of: Nanos,
    /// The journal position it rests on.
    pub position: u64,
}

/// A model's online slopes after the last closed bar of a width.
#[derive(Clone, Debug, PartialEq)]
pub struct SlopeRow {
    /// Of the bars, nanoseconds.
    pub width: i64,
    /// End of the last bar they rest on.
    pub end: Nanos,
    /// The model.
    pub model: Model,
    /// Its coefficients, in the order of [`Model::terms`].
    pub fit: OnlineFit,
}

/// Numbers for readiness and metrics; counts are of this process.
#[derive(Clone, Debug, Default)]
pub struct LiveStatus {
    /// Whether the journal has been read again after the start.
    pub recovered: bool,
    /// Whether no more batches are taken.
    pub stopping: bool,
    /// Why it has stopped by itself.
    pub failed: Option<String>,
    /// The journal's last position.
    pub journal_position: u64,
    /// Up to where events have gone through the river.
    pub engine_position: u64,
    /// Size of the journal.
    pub journal_bytes: u64,
    /// Bound of it.
    pub journal_max_bytes: u64,
    /// Batches that wait to become durable.
    pub queued_batches: usize,
    /// Bytes of them.
    pub queued_bytes: usize,
    /// Batches made durable.
    pub batches: u64,
    /// Events made durable.
    pub events: u64,
    /// Events left out since they were there already.
    pub duplicates: u64,
    /// Events too late for live numbers.
    pub late: u64,
    /// Events out of order but not late.
    pub out_of_order: u64,
    /// Messages handed out to the stream.
    pub messages: u64,
    /// Who listens.
    pub subscribers: usize,
    /// Symbols with ticks in sessions under way.
    pub symbols: usize,
    /// When an event was last made durable, by this machine's clock.
    pub last_received: Option<Nanos>,
    /// Why a session's tables could not be written at the last try.
    pub landing_failed: Option<String>,
}
