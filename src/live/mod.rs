//! Feeds to journal to river to subscribers, while the session is under way.
//!
//! An event is acknowledged once it is durable in the journal, and only what is durable flows on. Everything behind
//! the journal is a function of its order: a daemon that was killed reads it again and stands where it stood.

mod message;
mod writer;
mod writer_queue;

use std::path::PathBuf;

pub use message::{Kind, Message, MessageId, News, SessionState};
pub use writer::{Writer, WriterMeters, WriterStatus};
pub use writer_queue::State;

use crate::batch;
pub use crate::ingest::{Event, Events};
pub use crate::store::crash;
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
