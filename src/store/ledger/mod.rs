//! Durable books in SQLite: the journal of events, and what else must outlive a killed daemon. The only room that
//! knows rusqlite. In: rows to keep. Out: the same rows, or an error that names the file.
//!
//! Every book is in WAL mode with synchronous=FULL: a commit that returned is on the disk.

mod append;
mod audit;
mod chunk;
mod jobs;
mod journal;
mod keys;
mod read;
mod receipt;
mod sequences;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

pub use append::Outcome;
pub use audit::{AuditEntry, NewEntry, Verified};
pub use chunk::{Chunk, Fresh};
pub use jobs::{JobFile, JobLedger, JobRecord, JobState, NewJob};
pub use journal::Journal;
pub use keys::{AccessBook, KeyRecord};
pub use read::{Reader, check};
pub use receipt::{Appended, Receipt, Refused};

use super::dir::{StoreError, create_dir, sync};
use crate::limits::{LEDGER_BUSY_SECONDS, LEDGER_PAGE_BYTES, LEDGER_SPARE_BYTES};

/// The folder of the daemon's books inside the results folder.
pub const FOLDER: &str = "live";

/// A book could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// No room on the disk, or within the book's own bound. Nothing was written.
    #[error("{}: {what}", path.display())]
    Full {
        /// Which book.
        path: PathBuf,
        /// Which bound.
        what: String,
    },
    /// The book does not hold what was written.
    #[error("{}: {what}", path.display())]
    Damaged {
        /// Which book.
        path: PathBuf,
        /// Where, and what to do.
        what: String,
    },
    /// SQLite or the operating system refused.
    #[error("{}: {doing}: {source}", path.display())]
    Failed {
        /// Which book.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// The refusal.
        source: rusqlite::Error,
    },
    /// Around the book: its folder, its lock.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether the disk under a file has hardly any room left.
fn is_disk_full(path: &Path) -> bool {
    let folder = path.parent().unwrap_or(path);
    rustix::fs::statvfs(folder).is_ok_and(|disk| disk.f_bavail * disk.f_frsize < LEDGER_SPARE_BYTES)
}

/// What a refusal of SQLite means. A write or an extension that failed on a full disk comes as an I/O error at times;
/// a sync that failed is never that: what it lost is not known.
fn told(path: &Path, doing: &'static str, source: rusqlite::Error) -> LedgerError {
    let path = path.to_owned();
    let code = source.sqlite_error().map(|e| (e.code, e.extended_code));
    match code {
        Some((ErrorCode::DiskFull, _)) if is_disk_full(&path) => {
            LedgerError::Full { path, what: "no space is left on its disk".into() }
        }
        Some((ErrorCode::DiskFull, _)) => LedgerError::Full { path, what: "it has reached its bound".into() },
        Some((ErrorCode::SystemIoFailure, extended))
            if ![IOERR_FSYNC, IOERR_DIR_FSYNC].contains(&extended) && is_disk_full(&path) =>
        {
            LedgerError::Full { path, what: "no space is left on its disk".into() }
        }
        Some((ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _)) => {
            let what = format!("{doing}: {source}; set the file aside, or restore it from a copy");
            LedgerError::Damaged { path, what }
        }
        _ => LedgerError::Failed { path, doing, source },
    }
}

const IOERR_FSYNC: i32 = rusqlite::ffi::SQLITE_IOERR_FSYNC;
const IOERR_DIR_FSYNC: i32 = rusqlite::ffi::SQLITE_IOERR_DIR_FSYNC;

/// Opens a book, creates it where it is not, and brings it up to the last of its `migrations`, of which the number
/// done is the file's `user_version`.
fn open(path: &Path, migrations: &[&str]) -> Result<Connection, LedgerError> {
    let folder = path.parent().unwrap_or(path);
    create_dir(folder)?;
    folder.parent().map_or(Ok(()), sync)?;
    let opened = Connection::open(path).and_then(|mut book| {
        settle(&book)?;
        let done: u32 = book.pragma_query_value(None, "user_version", |row| row.get(0))?;
        for (version, migration) in (1_u32..).zip(migrations).skip(done as usize) {
            let step = book.transaction()?;
            step.execute_batch(migration)?;
            step.pragma_update(None, "user_version", version)?;
            step.commit()?;
        }
        Ok((book, done))
    });
    let (book, done) = opened.map_err(|e| told(path, "opening", e))?;
    if done as usize > migrations.len() {
        let what = format!(
            "a newer impactd wrote it (version {done}, this one knows {}); run that one, or use another folder",
            migrations.len()
        );
        return Err(LedgerError::Damaged { path: path.to_owned(), what });
    }
    Ok(book)
}

/// How every connection behaves.
fn settle(book: &Connection) -> rusqlite::Result<()> {
    book.busy_timeout(Duration::from_secs(LEDGER_BUSY_SECONDS))?;
    // Counts only where the file is still empty.
    book.pragma_update(None, "page_size", LEDGER_PAGE_BYTES)?;
    book.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    book.pragma_update(None, "synchronous", "full")?;
    book.pragma_update(None, "foreign_keys", "on")?;
    book.pragma_update(None, "trusted_schema", "off")?;
    book.pragma_update(None, "cell_size_check", "on")
}

#[cfg(test)]
mod tests;
