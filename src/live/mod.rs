//! Feeds to journal to river to subscribers, while the session is under way.
//!
//! An event is acknowledged once it is durable in the journal, and only what is durable flows on. Everything behind
//! the journal is a function of its order: a daemon that was killed reads it again and stands where it stood.

mod day;
mod engine;
mod feed;
mod forecasts;
mod hub;
mod landing;
mod lane;
mod message;
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

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use chrono::NaiveDate;

pub use hub::{Heard, Subscription};
pub use message::{Kind, Message, MessageId, News, SessionState};
pub use seen::{FeedStatus, Feeds, Gaps, LiveDay, LiveStatus, SessionStatus, SlopeRow};
pub use writer::{Writer, WriterMeters, WriterStatus};
pub use writer_queue::State;

use crate::batch;
use crate::clean::Profile;
pub use crate::ingest::{Event, Events};
use crate::limits::LIVE_ONWARD_BATCHES;
pub use crate::store::crash;
pub use crate::store::ledger::{Appended, Fresh, Receipt, Refused};
use crate::store::ledger::{Journal, LedgerError};
use crate::store::{Manifest, StoreError, create_dir};
use crate::tape::Symbol;
use engine::Engine;
use sessions::Sessions;
use shared::Shared;

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
    writer: Arc<Writer>,
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Live {
    /// Opens the folder's journal, or founds both, and begins to listen. The journal is read again on a thread of its
    /// own: until [`LiveStatus::recovered`], numbers are those of earlier places in it.
    ///
    /// # Errors
    /// When the folder or its journal cannot be used, or the settings do not go with the folder's results.
    pub fn open(mut settings: Settings) -> Result<Arc<Self>, LiveError> {
        let data = settings.data.clone();
        create_dir(&data)?;
        settings.request.out.clone_from(&data);
        settings.agree()?;
        let journal = Journal::open(&data, settings.journal_max_bytes)?;
        let (reader, finaliser) = (journal.reader()?, journal.reader()?);
        let until = reader.position()?;
        let landed = landing::landed(&data, &reader.dates()?)?;
        let engine = Engine::new(data, settings.request.clone(), settings.lateness, landed)?;
        let shared = Arc::new(Shared::new(engine));
        let (onward, coming) = sync_channel(LIVE_ONWARD_BATCHES);
        let writer = Arc::new(Writer::start(journal, onward)?);
        let sessions =
            Sessions::new(Arc::clone(&shared), Arc::clone(&writer), finaliser, settings.keep_sessions);
        let follower = Arc::clone(&shared);
        let threads = vec![
            start("engine", move || shared::run(&follower, &reader, until, &coming))?,
            start("sessions", move || sessions.run())?,
        ];
        Ok(Arc::new(Self { settings, writer, shared, threads: Mutex::new(threads) }))
    }

    /// Makes a batch durable; an answer means that it is.
    ///
    /// # Errors
    /// When the batch was not taken; nothing of it is in the journal then.
    pub async fn append(&self, events: Events) -> Result<Appended, Refused> {
        self.writer.append(events).await
    }

    /// The same from a thread that may wait.
    ///
    /// # Errors
    /// As there.
    pub fn append_and_wait(&self, events: Events) -> Result<Appended, Refused> {
        self.writer.append_and_wait(events)
    }

    /// What the settings came to, with the folder's own parameters taken over.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How the feeds do: those of sessions in the journal.
    #[must_use]
    pub fn feeds(&self) -> Feeds {
        let journal_position = self.writer.status().position;
        let engine = self.shared.engine();
        Feeds {
            journal_position,
            engine_position: engine.position(),
            feeds: engine.feeds(),
            sessions: engine.sessions(),
        }
    }

    /// The sessions in the journal, ascending.
    #[must_use]
    pub fn sessions(&self) -> Vec<(NaiveDate, SessionState)> {
        self.shared.engine().days().iter().map(|(date, day)| (*date, day.state())).collect()
    }

    /// Sessions under way, ascending: open, or ended and not landed.
    #[must_use]
    pub fn dates(&self) -> Vec<NaiveDate> {
        let sessions = self.sessions().into_iter();
        sessions.filter(|(_, state)| *state != SessionState::Landed).map(|(date, _)| date).collect()
    }

    /// Symbols with ticks in a session under way, ascending.
    #[must_use]
    pub fn symbols(&self) -> Vec<Symbol> {
        let engine = self.shared.engine();
        let lanes = engine.days().values().flat_map(day::Day::lanes);
        lanes.map(|lane| lane.symbol().clone()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// A symbol's latest session under way; none once its tables have landed.
    #[must_use]
    pub fn day(&self, symbol: &str) -> Option<LiveDay> {
        self.shared.engine().day(symbol)
    }

    /// A symbol's online slopes as they stand, by width and model; none without a session under way.
    #[must_use]
    pub fn slopes(&self, symbol: &str) -> Option<Vec<SlopeRow>> {
        self.shared.engine().slopes(symbol)
    }

    /// Listens from behind a message on, or from now on; none when as many listen as may.
    #[must_use]
    pub fn subscribe(&self, after: Option<MessageId>) -> Option<Subscription> {
        self.shared.hub.subscribe(after)
    }

    /// What the journal's writer did, for metrics.
    #[must_use]
    pub fn writer_meters(&self) -> &WriterMeters {
        self.writer.meters()
    }

    /// Numbers for readiness and metrics.
    #[must_use]
    pub fn status(&self) -> LiveStatus {
        let (writer, meters) = (self.writer.status(), self.writer.meters());
        let engine_failed = self.shared.failed.borrow().as_ref().map(|failure| failure.what.clone());
        let writer_failed = if let State::Failed(why) = &writer.state { Some(why.clone()) } else { None };
        let engine = self.shared.engine();
        let disorder = engine.days().values().map(day::Day::disorder);
        let (late, out_of_order) = disorder.fold((0, 0), |sum, day| (sum.0 + day.0, sum.1 + day.1));
        let landing_failed =
            self.shared.landing_failed.read().unwrap_or_else(PoisonError::into_inner).clone();
        LiveStatus {
            recovered: self.shared.is_recovered.load(Ordering::Acquire),
            stopping: self.shared.is_stopping() || writer.state != State::Running,
            failed: engine_failed.or(writer_failed),
            journal_position: writer.position,
            engine_position: engine.position(),
            journal_bytes: writer.journal_bytes,
            journal_max_bytes: self.settings.journal_max_bytes,
            queued_batches: writer.queue_batches,
            queued_bytes: writer.queue_bytes,
            batches: meters.batches.get(),
            events: meters.events.get(),
            duplicates: meters.duplicates.get(),
            late,
            out_of_order,
            subscribers: self.shared.hub.subscribers(),
            symbols: engine.symbols_held(),
            last_received: engine.last_received(),
            landing_failed,
        }
    }

    /// Waits until the live side has stopped by itself; the daemon exits non-zero then.
    pub async fn stopped(&self) -> Failure {
        let mut failed = self.shared.failed.subscribe();
        let engine = async {
            match failed.wait_for(Option::is_some).await {
                Ok(failure) => failure.clone(),
                // Never while `self` is there.
                Err(_) => None,
            }
        };
        tokio::select! {
            biased;
            failure = engine => failure.unwrap_or(Failure { what: "the engine is gone".into() }),
            what = self.writer.failed() => Failure { what },
        }
    }

    /// Takes no more batches, makes durable what was taken, and joins the threads; a session's tables that are being
    /// written are left to the next start. Blocks; may be called again.
    pub fn stop(&self) {
        self.shared.is_stopping.store(true, Ordering::Relaxed);
        self.writer.stop();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            thread.thread().unpark();
            // A panic has been told by `stopped`.
            let _ = thread.join();
        }
        self.shared.hub.close();
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Settings {
    /// The folder's own parameters where it has results; refuses what live tape cannot do.
    fn agree(&mut self) -> Result<(), LiveError> {
        if let Some(manifest) = Manifest::load(&self.data)? {
            self.request.take_over(&manifest).map_err(|e| LiveError::Settings(e.to_string()))?;
        }
        let refuse = |what: &str| Err(LiveError::Settings(format!("{}: {what}", self.data.display())));
        if self.request.profile == Some(Profile::Bnhls) {
            return refuse(
                "bnhls judges quotes and trades by the whole day, and live tape has none yet; choose clean none or \
                 holden-jacobsen, or another folder",
            );
        }
        if self.lateness < 0 {
            return refuse("lateness is negative");
        }
        Ok(())
    }
}

fn start(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    let thread = thread::Builder::new().name(name.into()).spawn(run);
    thread.map_err(|e| StoreError::io(Path::new(name), "starting its thread", e))
}
