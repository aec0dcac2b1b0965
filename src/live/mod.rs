//! Feeds to journal to river to subscribers, while the session is under way.
//!
//! An event is acknowledged once it is durable in the journal, and only what is durable flows on. Everything behind
//! the journal is a function of its order: a daemon that was killed reads it again and stands where it stood.

mod hub;
mod message;
mod seen;
pub mod wire;
mod writer;
mod writer_queue;

use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;

pub use hub::{Heard, Subscription};
pub use message::{Kind, Message, MessageId, News, SessionState};
pub use seen::{FeedStatus, Feeds, Gaps, LiveDay, LiveStatus, SessionStatus, SlopeRow};
pub use writer::{Writer, WriterMeters, WriterStatus};
pub use writer_queue::State;

use crate::batch;
pub use crate::ingest::{Event, Events};
pub use crate::store::crash;
use crate::store::ledger::LedgerError;
pub use crate::store::ledger::{Appended, Fresh, Receipt, Refused};
use crate::tape::Symbol;
use hub::Hub;

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

/// Why the live side does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// The journal, or the folder it lies in.
    #[error(transparent)]
    Journal(#[from] LedgerError),
    /// The settings do not go with the folder, or with live tape at all.
    #[error("{0}")]
    Settings(String),
}

/// Why the live side has stopped by itself: the daemon must exit, so that what starts it again recovers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Failure {
    /// What happened, in words.
    pub what: String,
}

/// The live side of a results folder.
#[derive(Debug)]
pub struct Live {
    settings: Settings,
    hub: Arc<Hub>,
}

impl Live {
    /// Opens the folder's journal, stands where it stands, and begins to listen. Blocks until recovered.
    ///
    /// # Errors
    /// When the folder or its journal cannot be used, or the settings do not go with the folder's results.
    pub fn open(settings: Settings) -> Result<Arc<Self>, LiveError> {
        Ok(Arc::new(Self { settings, hub: Arc::default() }))
    }

    /// Makes a batch durable; an answer means that it is.
    ///
    /// # Errors
    /// When the batch was not taken; nothing of it is in the journal then.
    pub async fn append(&self, events: Events) -> Result<Appended, Refused> {
        let _ = events;
        Err(Refused::Stopping)
    }

    /// What the settings came to, with the folder's own parameters taken over.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How the feeds do.
    #[must_use]
    pub fn feeds(&self) -> Feeds {
        Feeds::default()
    }

    /// The sessions in the journal, ascending.
    #[must_use]
    pub fn sessions(&self) -> Vec<(NaiveDate, SessionState)> {
        Vec::new()
    }

    /// Sessions under way, ascending: open, or ended and not landed.
    #[must_use]
    pub fn dates(&self) -> Vec<NaiveDate> {
        Vec::new()
    }

    /// Symbols with ticks in a session under way, ascending.
    #[must_use]
    pub fn symbols(&self) -> Vec<Symbol> {
        Vec::new()
    }

    /// A symbol's latest session under way; none once its tables have landed.
    #[must_use]
    pub fn day(&self, symbol: &str) -> Option<LiveDay> {
        let _ = symbol;
        None
    }

    /// A symbol's online slopes as they stand, by width and model; none without a session under way.
    #[must_use]
    pub fn slopes(&self, symbol: &str) -> Option<Vec<SlopeRow>> {
        let _ = symbol;
        None
    }

    /// Listens from behind a message on, or from now on; none when as many listen as may.
    #[must_use]
    pub fn subscribe(&self, after: Option<MessageId>) -> Option<Subscription> {
        self.hub.subscribe(after)
    }

    /// Numbers for readiness and metrics.
    #[must_use]
    pub fn status(&self) -> LiveStatus {
        LiveStatus::default()
    }

    /// Waits until the live side has stopped by itself; the daemon exits non-zero then.
    pub async fn stopped(&self) -> Failure {
        std::future::pending().await
    }

    /// Takes no more batches, makes durable what was taken, and joins the threads. Blocks; may be called again.
    pub fn stop(&self) {
        self.hub.close();
    }
}
