//! The journal of events: batches in the order in which they became durable. In: batches. Out: a receipt for each,
//! and its new events.
//!
//! An event is its source, session date and number; the first one counts. A batch's row, its events, the numbers seen
//! and its receipt are one transaction, so that a killed daemon knows all of a batch or nothing.

use std::fs::File;
use std::path::{Path, PathBuf};

use chrono::{Datelike, NaiveDate};
use rusqlite::{Connection, Row, TransactionBehavior};

use super::append::{Outcome, append, by_date};
use super::read::Reader;
use super::receipt::Refused;
use super::sequences::Sequences;
use super::{FOLDER, LedgerError, open, told};
use crate::ingest::Events;
use crate::limits::{
    JOURNAL_CHECKPOINT_BYTES, JOURNAL_LOG_MAX_BYTES, JOURNAL_MIN_BYTES, JOURNAL_PIECE_CHUNKS,
    LEDGER_PAGE_BYTES,
};
use crate::store::{crash, create_dir, lock};
use crate::tape::{Calendar, NYSE};

/// The journal's file inside the results folder.
pub(super) fn path_in(data: &Path) -> PathBuf {
    data.join(FOLDER).join("journal.sqlite")
}

const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE batches (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        source TEXT NOT NULL,
        batch_id TEXT,
        accepted INTEGER NOT NULL,
        duplicates INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        durable_at INTEGER NOT NULL,
        checksum BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX batches_by_id ON batches (source, batch_id) WHERE batch_id IS NOT NULL;
    CREATE TABLE chunks (
        position INTEGER NOT NULL REFERENCES batches,
        date INTEGER NOT NULL,
        checksum BLOB NOT NULL,
        events BLOB NOT NULL,
        PRIMARY KEY (position, date)
    ) STRICT;
    CREATE INDEX chunks_by_date ON chunks (date, position);
    CREATE TABLE sequences (
        source TEXT NOT NULL,
        date INTEGER NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        PRIMARY KEY (source, date, first)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE gone (date INTEGER PRIMARY KEY) STRICT;
"];

/// The journal, open for writing by this process alone.
#[derive(Debug)]
pub struct Journal {
    book: Connection,
    path: PathBuf,
    /// By which events are cut into sessions.
    calendar: Calendar,
    sequences: Sequences,
    /// The write-ahead log at most.
    log_max_bytes: u64,
    /// Written since the log was last emptied.
    log_bytes: u64,
    _lock: File,
}

impl Journal {
    /// Opens the journal of a results folder, or founds it; its files together never exceed `max_bytes`.
    ///
    /// # Errors
    /// When another process has it, it is damaged or of a newer version, or the operating system refuses.
    pub fn open(data: &Path, max_bytes: u64) -> Result<Self, LedgerError> {
        let path = path_in(data);
        let folder = data.join(FOLDER);
        create_dir(&folder)?;
        let lock = lock(&folder)?;
        let book = open(&path, &MIGRATIONS)?;
        let max_bytes = max_bytes.max(JOURNAL_MIN_BYTES);
        let log_max_bytes = JOURNAL_LOG_MAX_BYTES.min(max_bytes / 4);
        let pages = (max_bytes - log_max_bytes) / u64::from(LEDGER_PAGE_BYTES);
        let bounded = book
            .pragma_update_and_check(None, "max_page_count", pages.cast_signed(), |_| Ok(()))
            .and_then(|()| book.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(())))
            .and_then(|()| {
                book.pragma_update_and_check(None, "journal_size_limit", log_max_bytes.cast_signed(), |_| {
                    Ok(())
                })
            });
        bounded.map_err(|e| told(&path, "setting its bounds", e))?;
        // What a killed daemon left in the log counts as written now.
        let log_bytes = log_file_bytes(&path);
        Ok(Self {
            book,
            path,
            calendar: NYSE,
            sequences: Sequences::default(),
            log_max_bytes,
            log_bytes,
            _lock: lock,
        })
    }

    /// The same, whose events are cut into the sessions of this calendar.
    #[must_use]
    pub fn by(self, calendar: Calendar) -> Self {
        Self { calendar, ..self }
    }

    /// Makes batches durable, all in one transaction. Either each has an outcome of its own, or all share the error
    /// that kept the transaction from being committed.
    pub fn append(&mut self, batches: &[Events]) -> Vec<Outcome> {
        crash::point("before_append");
        match self.commit(batches) {
            Ok(outcomes) => {
                crash::point("after_commit");
                self.sequences.trim();
                outcomes
            }
            Err(error) => {
                // The mirror holds what was rolled back.
                self.sequences.clear();
                let refused = match error {
                    LedgerError::Full { what, .. } => Refused::Full(what),
                    _ => Refused::Failed(error.to_string()),
                };
                vec![Err(refused); batches.len()]
            }
        }
    }

    fn commit(&mut self, batches: &[Events]) -> Result<Vec<Outcome>, LedgerError> {
        let parts: Vec<_> = batches.iter().map(|batch| by_date(batch, self.calendar)).collect();
        // A commit writes whole pages: the last leaves of every table and index, and some of each batch's own.
        let page = u64::from(LEDGER_PAGE_BYTES);
        let own = batches.iter().map(|batch| 3 * page + 80 * batch.events.len() as u64);
        let bytes = 8 * page + own.sum::<u64>();
        self.make_room(bytes)?;
        let fail = |e| told(&self.path, "appending events", e);
        let step = self.book.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        let outcomes =
            batches.iter().zip(parts).map(|(batch, parts)| append(&step, &mut self.sequences, batch, parts));
        let outcomes = outcomes.collect::<Result<Vec<_>, _>>().map_err(fail)?;
        crash::point("before_commit");
        step.commit().map_err(fail)?;
        self.log_bytes += bytes;
        Ok(outcomes)
    }

    /// Empties the log where so many more bytes would overfill it.
    fn make_room(&mut self, bytes: u64) -> Result<(), LedgerError> {
        let path = self.path.clone();
        let full = move |what: &str| LedgerError::Full { path: path.clone(), what: what.into() };
        if bytes > self.log_max_bytes {
            return Err(full("one batch is more than its log may hold; send smaller ones"));
        }
        if self.log_bytes + bytes > self.log_max_bytes {
            self.checkpoint()?;
        }
        if self.log_bytes + bytes > self.log_max_bytes {
            return Err(full("its log could not be emptied, since someone reads it"));
        }
        Ok(())
    }

    /// Whether so much was written that the log should be emptied.
    #[must_use]
    pub fn wants_checkpoint(&self) -> bool {
        self.log_bytes >= JOURNAL_CHECKPOINT_BYTES.min(self.log_max_bytes / 2)
    }

    /// Moves what the log holds into the journal's file. What a reader still needs stays until the next time.
    ///
    /// # Errors
    /// When the disk is full, which leaves everything in the log, or the operating system refuses.
    pub fn checkpoint(&mut self) -> Result<(), LedgerError> {
        crash::point("at_checkpoint");
        let counts = |row: &Row<'_>| Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
        let moved = self.book.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], counts);
        let (frames, moved) = moved.map_err(|e| told(&self.path, "emptying its log", e))?;
        self.log_bytes = (frames - moved).max(0).unsigned_abs() * u64::from(LEDGER_PAGE_BYTES);
        Ok(())
    }

    /// Lets a session go: from here on it is not read and nothing is taken for it. Its rows are swept away later. Not
    /// so, and false, where events of it have come behind `up_to`: they are in no table yet.
    ///
    /// # Errors
    /// When that cannot be written.
    pub fn forget(&mut self, date: NaiveDate, up_to: u64) -> Result<bool, LedgerError> {
        crash::point("before_forget");
        let day = date.num_days_from_ce();
        let written = self.book.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|step| {
            let last = "SELECT max(position) FROM chunks WHERE date = ?1";
            let last: Option<i64> = step.query_row(last, [day], |row| row.get(0))?;
            if last.is_some_and(|last| last.unsigned_abs() > up_to) {
                return Ok(false);
            }
            step.execute("INSERT OR IGNORE INTO gone VALUES (?1)", [day])?;
            step.execute("DELETE FROM sequences WHERE date = ?1", [day])?;
            step.commit().map(|()| true)
        });
        self.sequences.clear();
        written.map_err(|e| told(&self.path, "forgetting a session", e))
    }

    /// Sweeps away some rows of forgotten sessions, so that their room is used again; says whether there may be more.
    ///
    /// # Errors
    /// When that cannot be written.
    pub fn sweep(&mut self) -> Result<bool, LedgerError> {
        let swept = self.book.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|step| {
            let some = "SELECT rowid, position FROM chunks WHERE date IN (SELECT date FROM gone) LIMIT ?1";
            let mut some = step.prepare_cached(some)?;
            let pair = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
            let piece: Vec<(i64, i64)> =
                some.query_map([JOURNAL_PIECE_CHUNKS], pair)?.collect::<Result<_, _>>()?;
            drop(some);
            for (row, position) in &piece {
                step.execute("DELETE FROM chunks WHERE rowid = ?1", [row])?;
                let alone = "DELETE FROM batches WHERE position = ?1
                    AND NOT EXISTS (SELECT 1 FROM chunks WHERE chunks.position = batches.position)";
                step.execute(alone, [position])?;
            }
            step.commit()?;
            Ok(piece.len())
        });
        let swept = swept.map_err(|e| told(&self.path, "sweeping", e))?;
        // A page of the list of free ones for each few hundred, and those of the tables themselves.
        self.log_bytes += u64::from(64 * LEDGER_PAGE_BYTES) * u64::from(swept > 0);
        Ok(swept > 0)
    }

    /// Bytes of its files on the disk.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |file| file.len()) + log_file_bytes(&self.path)
    }

    /// A reader beside it.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn reader(&self) -> Result<Reader, LedgerError> {
        Reader::at(&self.path)
    }
}

fn log_file_bytes(path: &Path) -> u64 {
    let log = path.with_extension("sqlite-wal");
    std::fs::metadata(log).map_or(0, |file| file.len())
}
