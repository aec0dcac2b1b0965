//! The thread that keeps the book of keys and the audit, so that no request waits for a disk. In: notes, and what the
//! command line wrote into the book. Out: lines of the audit, when keys were used, and the keys as they are now.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::audit::{Action, Deed, entry};
use super::fold::Fold;
use super::rates::{RateSettings, Rates};
use super::ring::Ring;
use crate::clock::now;
use crate::limits::{ACCESS_LOOK_MILLIS, ACCESS_USED_SECONDS, AUDIT_WAITING_MAX};
use crate::store::StoreError;
use crate::store::ledger::{AccessBook, LedgerError, NewEntry};
use crate::tape::Nanos;

/// What requests and the keeper share.
#[derive(Debug)]
pub struct Shared {
    ring: RwLock<Arc<Ring>>,
    used: Mutex<HashMap<String, Nanos>>,
    lost: AtomicU64,
    pub rates: Rates,
}

impl Shared {
    /// No keys yet.
    pub fn new(rates: RateSettings) -> Self {
        let rates = Rates::new(rates);
        Self { ring: RwLock::default(), used: Mutex::default(), lost: AtomicU64::new(0), rates }
    }

    /// The keys as they are now.
    pub fn ring(&self) -> Arc<Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A key was used. There are no more entries than keys.
    pub fn used(&self, id: &str, at: Nanos) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        match used.get_mut(id) {
            Some(last) => *last = at,
            None => drop(used.insert(id.to_owned(), at)),
        }
    }

    fn load(&self, book: &AccessBook) -> Result<(), LedgerError> {
        let ring = Arc::new(Ring::of(book.keys()?));
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
        Ok(())
    }
}

/// What is to be written.
#[derive(Debug)]
pub enum Note {
    Entry(NewEntry),
    Denial(NewEntry),
    Limits { sha256: String, source: String },
}

/// The thread; dropping it writes what waits and ends it.
#[derive(Debug)]
pub struct Keeper {
    notes: Option<SyncSender<Note>>,
    thread: Option<JoinHandle<()>>,
    shared: Arc<Shared>,
}

impl Keeper {
    /// Opens the book, reads the keys, and keeps both in step from then on.
    ///
    /// # Errors
    /// When the book cannot be opened or read, or there is no thread.
    pub fn start(data: &Path, shared: &Arc<Shared>) -> Result<Self, LedgerError> {
        let book = AccessBook::open(data)?;
        let version = book.version()?;
        shared.load(&book)?;
        let (notes, waiting) = sync_channel(AUDIT_WAITING_MAX);
        let work =
            Work { book, version, shared: shared.clone(), fold: Fold::default(), used: Instant::now() };
        let thread = std::thread::Builder::new().name("access".into()).spawn(move || work.run(&waiting));
        let thread =
            thread.map_err(|e| StoreError::io(data, "starting the thread that keeps the keys", e))?;
        Ok(Self { notes: Some(notes), thread: Some(thread), shared: shared.clone() })
    }

    /// Has a note written; does not wait. When too many wait, it is logged and counted instead.
    pub fn note(&self, note: Note) {
        let Some(notes) = &self.notes else { return };
        match notes.try_send(note) {
            Ok(()) | Err(TrySendError::Disconnected(Note::Denial(_))) => {}
            Err(TrySendError::Full(note) | TrySendError::Disconnected(note)) => {
                self.shared.lost.fetch_add(1, Ordering::Relaxed);
                tracing::error!(?note, "a line of the audit could not wait to be written");
            }
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.notes = None;
        if let Some(thread) = self.thread.take() {
            // It ends by itself; a panic there has been told already.
            let _ = thread.join();
        }
    }
}

struct Work {
    book: AccessBook,
    version: i64,
    shared: Arc<Shared>,
    fold: Fold,
    /// When uses were last written.
    used: Instant,
}

impl Work {
    fn run(mut self, waiting: &Receiver<Note>) {
        let pause = Duration::from_millis(ACCESS_LOOK_MILLIS);
        let mut looked = Instant::now();
        loop {
            let first = waiting.recv_timeout(pause);
            let ended = matches!(first, Err(RecvTimeoutError::Disconnected));
            self.write(first.into_iter().chain(waiting.try_iter()).collect());
            if ended {
                let counted = self.fold.close(now());
                self.put(counted);
                return self.write_used();
            }
            if looked.elapsed() >= pause {
                looked = Instant::now();
                self.look();
            }
        }
    }

    fn write(&mut self, notes: Vec<Note>) {
        let mut lines = Vec::new();
        for note in notes {
            match note {
                Note::Entry(line) => lines.push(line),
                Note::Denial(line) => lines.extend(self.fold.take(line)),
                Note::Limits { sha256, source } => {
                    // What it is compared with must be in the book.
                    self.put(std::mem::take(&mut lines));
                    lines.extend(self.limits(sha256, &source));
                }
            }
        }
        self.put(lines);
    }

    /// What is done every second.
    fn look(&mut self) {
        if let Err(error) = self.refresh() {
            tracing::error!(%error, "the keys could not be read again: those read before count");
        }
        let lost = self.shared.lost.swap(0, Ordering::Relaxed);
        let mut lines = self.fold.due(now());
        if lost > 0 {
            lines.push(entry(Action::LinesLost, Deed::of_daemon(lost.to_string(), "see the log")));
        }
        self.put(lines);
        if self.used.elapsed() >= Duration::from_secs(ACCESS_USED_SECONDS) {
            self.write_used();
            self.shared.rates.sweep();
        }
    }

    fn refresh(&mut self) -> Result<(), LedgerError> {
        let version = self.book.version()?;
        if version != self.version {
            self.shared.load(&self.book)?;
            self.version = version;
        }
        Ok(())
    }

    fn put(&mut self, lines: Vec<NewEntry>) {
        if lines.is_empty() {
            return;
        }
        for line in &lines {
            let NewEntry { who, action, subject, detail, address, request_id, .. } = line;
            tracing::info!(who, action, subject, detail, address, request_id, "audit");
        }
        if let Err(error) = self.book.note(lines) {
            tracing::error!(%error, "lines of the audit could not be written: they stand in the log above");
        }
    }

    fn write_used(&mut self) {
        self.used = Instant::now();
        let used = std::mem::take(&mut *self.shared.used.lock().unwrap_or_else(PoisonError::into_inner));
        let used: Vec<(String, Nanos)> = used.into_iter().collect();
        if used.is_empty() {
            return;
        }
        if let Err(error) = self.book.used(&used) {
            tracing::warn!(%error, "when keys were last used could not be written");
        }
    }

    /// A line where other limits hold than those that the audit names last.
    fn limits(&self, sha256: String, source: &str) -> Option<NewEntry> {
        let before = match self.book.last(Action::LimitsChanged.as_str()) {
            Ok(last) => last.map(|line| line.entry.subject),
            Err(error) => {
                tracing::error!(%error, "the audit could not be read");
                None
            }
        };
        if before.as_ref() == Some(&sha256) {
            return None;
        }
        let before = before.map_or_else(|| "the first".to_owned(), |before| format!("before: {before}"));
        let detail = format!("{} limits, {before}", source.replace('_', "-"));
        Some(entry(Action::LimitsChanged, Deed::of_daemon(sha256, detail)))
    }
}
