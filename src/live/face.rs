//! The live side as the rest of the daemon sees it: opened, fed, looked at, listened to, stopped.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use chrono::NaiveDate;

use super::day::Day;
use super::engine::Engine;
use super::hub::Subscription;
use super::message::{MessageId, SessionState};
use super::seen::{Feeds, LiveDay, LiveStatus, SlopeRow};
use super::sessions::Sessions;
use super::shared::{self, Shared};
use super::writer::{Writer, WriterMeters};
use super::writer_queue::State;
use super::{Failure, LiveError, Settings, landing};
use crate::clean::Profile;
use crate::ingest::Events;
use crate::limits::LIVE_ONWARD_BATCHES;
use crate::sign::Layers;
use crate::store::ledger::{Appended, Journal, Refused};
use crate::store::{Manifest, StoreError, create_dir};
use crate::tape::Symbol;

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
        let journal = Journal::open(&data, settings.journal_max_bytes)?.by(settings.request.calendar);
        let (reader, finaliser) = (journal.reader()?, journal.reader()?);
        let until = reader.position()?;
        let landed = landing::landed(&data, &reader)?;
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
        self.shared.glance().sessions.clone()
    }

    /// Sessions under way, ascending: open, or ended and not landed.
    #[must_use]
    pub fn dates(&self) -> Vec<NaiveDate> {
        let glance = self.shared.glance();
        let under_way = glance.sessions.iter().filter(|(_, state)| *state != SessionState::Landed);
        under_way.map(|(date, _)| *date).collect()
    }

    /// Symbols with ticks in a session under way, ascending.
    #[must_use]
    pub fn symbols(&self) -> Vec<Symbol> {
        self.shared.glance().symbols.iter().cloned().collect()
    }

    /// A symbol's latest session under way; none once its tables have landed. Waits until a batch has passed.
    #[must_use]
    pub fn day(&self, symbol: &str) -> Option<LiveDay> {
        self.follows(symbol).then(|| self.shared.engine().day(symbol)).flatten()
    }

    /// A symbol's online slopes as they stand, by width and model; none without a session under way.
    #[must_use]
    pub fn slopes(&self, symbol: &str) -> Option<Vec<SlopeRow>> {
        self.follows(symbol).then(|| self.shared.engine().slopes(symbol)).flatten()
    }

    fn follows(&self, symbol: &str) -> bool {
        self.shared.glance().symbols.contains(&Symbol::new(symbol))
    }

    /// Listens from behind a message on, or from now on; none when as many listen as may.
    #[must_use]
    pub fn subscribe(&self, after: Option<MessageId>) -> Option<Subscription> {
        let last = self.writer.status().position;
        // While the journal is read again, what was told before is made again: from now on means behind all of it.
        let is_recovering = !self.shared.is_recovered.load(Ordering::Acquire);
        let after = after.or(is_recovering.then_some(MessageId { position: last, number: u32::MAX }));
        self.shared.hub.subscribe(after, last)
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
        let disorder = engine.days().values().map(Day::disorder);
        let (late, out_of_order) = disorder.fold((0, 0), |sum, day| (sum.0 + day.0, sum.1 + day.1));
        let landing_failed = self.shared.landing_failed.read().clone();
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
            messages: self.shared.hub.told(),
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
        if let Some(sign) = self.request.sign.filter(Layers::looks_ahead) {
            return refuse(&format!(
                "the rules {sign} wait for the next price, which live tape has not seen yet; choose a sign without \
                 rev-, or another folder",
            ));
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
