//! The journal read, beside its writer and from any thread. In: a place or a date. Out: batches or chunks in journal
//! order, each checked against what was written. Transactions are short, so that the writer's log can be emptied.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::{Datelike, NaiveDate};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};

use super::chunk::{Chunk, Fresh, checksum};
use super::journal::path_in;
use super::receipt::Receipt;
use super::{LedgerError, sequences, told};
use crate::ingest::Event;
use crate::limits::{JOURNAL_PIECE_CHUNKS, LEDGER_BUSY_SECONDS};
use crate::tape::Nanos;

/// A connection that only reads.
#[derive(Debug)]
pub struct Reader {
    book: Connection,
    path: PathBuf,
}

impl Reader {
    /// Opens the journal of a results folder.
    ///
    /// # Errors
    /// When there is none, or the operating system refuses.
    pub fn open(data: &Path) -> Result<Self, LedgerError> {
        Self::at(&path_in(data))
    }

    pub(super) fn at(path: &Path) -> Result<Self, LedgerError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let patience = std::time::Duration::from_secs(LEDGER_BUSY_SECONDS);
        let book = Connection::open_with_flags(path, flags)
            .and_then(|book| book.busy_timeout(patience).map(|()| book))
            .map_err(|e| told(path, "opening", e))?;
        Ok(Self { book, path: path.to_owned() })
    }

    /// Gives the batches behind a place, in journal order, with their chunks of the dates that are wanted, until
    /// `each` says stop.
    ///
    /// # Errors
    /// When the journal cannot be read or a chunk is not what was written.
    pub fn replay(
        &self,
        mut after: u64,
        wanted: impl Fn(NaiveDate) -> bool,
        mut each: impl FnMut(Fresh) -> bool,
    ) -> Result<(), LedgerError> {
        loop {
            let piece = self.batches(after)?;
            let Some((last, _)) = piece.last() else { return Ok(()) };
            after = last.position;
            for (mut batch, dates) in piece {
                for date in dates.into_iter().filter(|date| wanted(*date)) {
                    batch.chunks.extend(self.chunk(batch.position, date)?);
                }
                if !each(batch) {
                    return Ok(());
                }
            }
        }
    }

    /// Gives a date's chunks in journal order, until `each` says stop.
    ///
    /// # Errors
    /// When the journal cannot be read or a chunk is not what was written.
    pub fn events_of(&self, date: NaiveDate, mut each: impl FnMut(Chunk) -> bool) -> Result<(), LedgerError> {
        let mut after = 0;
        loop {
            let piece = self.places(date, after).map_err(|e| self.told(e))?;
            let Some(last) = piece.last() else { return Ok(()) };
            after = *last;
            for position in piece {
                if self.chunk(position, date)?.is_some_and(|chunk| !each(chunk)) {
                    return Ok(());
                }
            }
        }
    }

    /// The dates of which there are events, ascending.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn dates(&self) -> Result<Vec<NaiveDate>, LedgerError> {
        // From each date to the next by the index: a plain DISTINCT would pass every chunk.
        let sql = "WITH RECURSIVE days (date) AS (
                SELECT min(date) FROM chunks
                UNION ALL SELECT (SELECT min(date) FROM chunks WHERE date > days.date) FROM days
                    WHERE days.date IS NOT NULL)
            SELECT date FROM days WHERE date IS NOT NULL AND date NOT IN (SELECT date FROM gone)";
        let read = || {
            let mut dates = self.book.prepare_cached(sql)?;
            dates.query_map([], |row| date(row.get(0)?))?.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|e| self.told(e))
    }

    /// The last batch's place; 0 where there never was one.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn position(&self) -> Result<u64, LedgerError> {
        last_position(&self.book).map_err(|e| self.told(e))
    }

    /// The place of a date's last batch; `None` where there is none.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn last_of(&self, date: NaiveDate) -> Result<Option<u64>, LedgerError> {
        let sql = "SELECT max(position) FROM chunks WHERE date = ?1";
        let last = self.book.query_row(sql, [date.num_days_from_ce()], |row| row.get::<_, Option<i64>>(0));
        last.map(|last| last.map(i64::unsigned_abs)).map_err(|e| self.told(e))
    }

    /// The numbers seen of a source on a date, ascending: first and last of each stretch.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn sequences(&self, source: &str, date: NaiveDate) -> Result<Vec<(u64, u64)>, LedgerError> {
        let ranges = sequences::load(&self.book, &(source.to_owned(), date)).map_err(|e| self.told(e))?;
        Ok(ranges.iter().collect())
    }

    fn told(&self, error: rusqlite::Error) -> LedgerError {
        told(&self.path, "reading", error)
    }

    /// Some batches, without events, and the dates of their chunks.
    fn batches(&self, after: u64) -> Result<Vec<(Fresh, Vec<NaiveDate>)>, LedgerError> {
        let sql =
            format!("SELECT {RECEIPT}, checksum FROM batches WHERE position > ?1 ORDER BY position LIMIT ?2");
        let limits = params![after.cast_signed(), JOURNAL_PIECE_CHUNKS];
        let whole = |row: &Row<'_>| Ok((receipt(row)?, Nanos(row.get(6)?), row.get::<_, Vec<u8>>(7)?));
        let read = || -> rusqlite::Result<Vec<_>> {
            self.book.prepare_cached(&sql)?.query_map(limits, whole)?.collect()
        };
        let one = |(receipt, durable_at, sum): (Receipt, Nanos, Vec<u8>)| {
            if receipt.checksum().as_slice() != sum {
                return Err(self.damaged(&format!("the facts of the batch at position {}", receipt.position)));
            }
            let Receipt { position, source, .. } = receipt;
            let dates = self.dates_at(position).map_err(|e| self.told(e))?;
            Ok((Fresh { position, source, durable_at, chunks: Vec::new() }, dates))
        };
        read().map_err(|e| self.told(e))?.into_iter().map(one).collect()
    }

    fn dates_at(&self, position: u64) -> rusqlite::Result<Vec<NaiveDate>> {
        let mut dates = self.book.prepare_cached(
            "SELECT date FROM chunks WHERE position = ?1 AND date NOT IN (SELECT date FROM gone) ORDER BY date",
        )?;
        dates.query_map([position.cast_signed()], |row| date(row.get(0)?))?.collect()
    }

    /// Places of some chunks of a date.
    fn places(&self, date: NaiveDate, after: u64) -> rusqlite::Result<Vec<u64>> {
        let mut places = self.book.prepare_cached(
            "SELECT position FROM chunks WHERE date = ?1 AND position > ?2
                AND date NOT IN (SELECT date FROM gone) ORDER BY position LIMIT ?3",
        )?;
        let limits = params![date.num_days_from_ce(), after.cast_signed(), JOURNAL_PIECE_CHUNKS];
        places.query_map(limits, |row| row.get::<_, i64>(0).map(i64::unsigned_abs))?.collect()
    }

    /// A chunk, if it is what was written; `None` when it was swept away meanwhile.
    fn chunk(&self, position: u64, date: NaiveDate) -> Result<Option<Chunk>, LedgerError> {
        let read = || {
            let mut chunk = self
                .book
                .prepare_cached("SELECT checksum, events FROM chunks WHERE position = ?1 AND date = ?2")?;
            let place = params![position.cast_signed(), date.num_days_from_ce()];
            chunk.query_row(place, |row| Ok((row.get(0)?, row.get(1)?))).optional()
        };
        let stored: Option<(Vec<u8>, Vec<u8>)> = read().map_err(|e| self.told(e))?;
        let Some((sum, events)) = stored else { return Ok(None) };
        let sound = checksum(position, date, &events).as_slice() == sum;
        let chunk = Chunk::decoded(position, date, &events).filter(|_| sound);
        chunk.map(Some).ok_or_else(|| self.damaged(&format!("the events of {date} at position {position}")))
    }

    fn damaged(&self, what: &str) -> LedgerError {
        let what = format!(
            "{what} are not what was written; set the file aside, or restore it from a copy, and have feeds send \
             those sessions again"
        );
        LedgerError::Damaged { path: self.path.clone(), what }
    }
}

/// Looks whether a results folder's journal is sound: SQLite's own check, then every chunk; gives the number of chunks.
///
/// # Errors
/// The first thing that is not.
pub fn check(data: &Path) -> Result<u64, LedgerError> {
    let reader = Reader::open(data)?;
    let said: String = reader
        .book
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(|e| reader.told(e))?;
    if said != "ok" {
        let what = format!("{said}; set the file aside, or restore it from a copy");
        return Err(LedgerError::Damaged { path: reader.path, what });
    }
    let mut chunks = 0;
    let mut seen = BTreeMap::<_, BTreeSet<u64>>::new();
    reader.replay(
        0,
        |_| true,
        |batch| {
            chunks += batch.chunks.len() as u64;
            for chunk in batch.chunks.into_iter().filter(|chunk| chunk.sequenced) {
                let numbers = chunk.events.iter().map(Event::sequence);
                seen.entry((chunk.source, chunk.date)).or_default().extend(numbers);
            }
            true
        },
    )?;
    for ((source, date), seen) in seen {
        let told = reader.sequences(&source, date)?;
        if !told.iter().flat_map(|(first, last)| *first..=*last).eq(seen) {
            return Err(reader.damaged(&format!("the numbers seen of '{source}' on {date}")));
        }
    }
    Ok(chunks)
}

/// The columns of a receipt.
pub(super) const RECEIPT: &str = "position, source, batch_id, accepted, duplicates, sha256, durable_at";

pub(super) fn receipt(row: &Row<'_>) -> rusqlite::Result<Receipt> {
    Ok(Receipt {
        position: row.get::<_, i64>(0)?.unsigned_abs(),
        source: row.get(1)?,
        batch_id: row.get(2)?,
        accepted: row.get::<_, i64>(3)?.unsigned_abs(),
        duplicates: row.get::<_, i64>(4)?.unsigned_abs(),
        sha256: row.get(5)?,
        durable_at: Nanos(row.get(6)?).to_string(),
    })
}

/// The last batch's place; 0 where there never was one.
pub(super) fn last_position(book: &Connection) -> rusqlite::Result<u64> {
    let mut last =
        book.prepare_cached("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'batches'")?;
    last.query_row([], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
}

fn date(days: i32) -> rusqlite::Result<NaiveDate> {
    let far = rusqlite::Error::IntegralValueOutOfRange(0, i64::from(days));
    NaiveDate::from_num_days_from_ce_opt(days).ok_or(far)
}
