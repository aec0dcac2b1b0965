//! Durable books in SQLite: what must outlive a killed daemon. The only room that knows rusqlite. In: rows to keep.
//! Out: the same rows, or an error that names the file.
//!
//! Every book is in WAL mode with synchronous=FULL: a commit that returned is on the disk.

mod jobs;

use std::path::{Path, PathBuf};

use rusqlite::Connection;

pub use jobs::{JobFile, JobLedger, JobRecord, JobState, NewJob};

use super::dir::{StoreError, create_dir};

/// The folder of the daemon's books inside the results folder.
pub const FOLDER: &str = "live";

/// A book could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
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

/// What a refusal of SQLite means.
fn told(path: &Path, doing: &'static str, source: rusqlite::Error) -> LedgerError {
    LedgerError::Failed { path: path.to_owned(), doing, source }
}

/// Opens a book, creates it where it is not, and brings it up to the last of its `migrations`.
fn open(path: &Path, migrations: &[&str]) -> Result<Connection, LedgerError> {
    create_dir(path.parent().unwrap_or(path))?;
    let opened = Connection::open(path).and_then(|book| {
        book.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        book.pragma_update(None, "synchronous", "full")?;
        let done: u32 = book.pragma_query_value(None, "user_version", |row| row.get(0))?;
        for (index, migration) in migrations.iter().enumerate().skip(done as usize) {
            book.execute_batch(migration)?;
            book.pragma_update(None, "user_version", index as u32 + 1)?;
        }
        Ok(book)
    });
    opened.map_err(|e| told(path, "opening", e))
}
