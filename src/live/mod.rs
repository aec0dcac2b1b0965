//! Feeds to journal to river to subscribers, while the session is under way.
//!
//! An event is acknowledged once it is durable in the journal, and only what is durable flows on. Everything behind
//! the journal is a function of its order: a daemon that was killed reads it again and stands where it stood.

mod day;
mod engine;
mod face;
mod feed;
mod forecasts;
mod glance;
mod hub;
mod landing;
mod lane;
mod message;
pub mod nats;
mod reorder;
pub mod rows;
mod seen;
mod sessions;
mod shared;
mod slopes;
mod windows;
pub mod wire;
mod writer;
mod writer_queue;

use std::path::PathBuf;

pub use face::Live;
pub use hub::{Heard, Subscription};
pub use message::{Kind, Message, MessageId, News, SessionState};
pub use seen::{FeedStatus, Feeds, Gaps, LiveDay, LiveStatus, SessionStatus, SlopeRow};
pub use writer::{Writer, WriterMeters, WriterStatus};
pub use writer_queue::State;

use crate::batch;
pub use crate::ingest::{Event, Events};
use crate::store::StoreError;
pub use crate::store::crash;
use crate::store::ledger::LedgerError;
pub use crate::store::ledger::{Appended, Fresh, Receipt, Refused};

/// What the live side is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The results folder; the journal lies in `live/` under it.
    pub data: PathBuf,
    /// How bars, signs and fits are made, and how tables are written: the same as a batch.
    pub request: batch::Request,
    /// How far behind the latest event of its session an event may be and still enter live numbers, nanoseconds.
    pub lateness: i64,
    /// Sessions whose events stay in the journal after their tables have landed.
    pub keep_sessions: usize,
    /// The journal at most, bytes.
    pub journal_max_bytes: u64,
}

/// Why the live side does not start, or cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// The journal, or the folder it lies in.
    #[error(transparent)]
    Journal(#[from] LedgerError),
    /// The results beside it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The settings do not go with the folder, or with live tape at all.
    #[error("{0}")]
    Settings(String),
    /// What is made of the journal's events.
    #[error(transparent)]
    Lane(#[from] lane::LaneError),
    /// What was written down of sessions that have landed.
    #[error(transparent)]
    Landing(#[from] landing::LandingError),
}

/// Why the live side has stopped by itself: the daemon must exit, so that what starts it again recovers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Failure {
    /// What happened, in words.
    pub what: String,
}
