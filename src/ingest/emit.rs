//! From one reader to the river: rows gathered into batches, symbols named, order watched.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;

use super::error::{Fault, IngestError, Reject};
use super::raw::{Batch, RawRow};
use crate::limits::{BATCH_ROWS, REJECTS_LISTED, SYMBOLS_PER_FILE_MAX};
use crate::tape::{Nanos, Symbol};

/// What to do with a row that cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum OnBadRow {
    /// Stop with an error that says where.
    #[default]
    Fail,
    /// Leave it out, count it, list the first hundred.
    Skip,
}

/// What a reader is told beside its file.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// Bad rows: stop or skip.
    pub on_bad_row: OnBadRow,
    /// Only these symbols; all when empty.
    pub symbols: BTreeSet<String>,
    /// Rows read so far by all readers, for the progress bar.
    pub rows_seen: Arc<AtomicU64>,
    /// Compressed bytes read so far by all readers, for the progress bar.
    pub bytes_seen: Arc<AtomicU64>,
}

/// What a reader did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadReport {
    /// Rows handed on.
    pub rows: u64,
    /// Rows of symbols nobody asked for.
    pub rows_unselected: u64,
    /// Rows refused under [`OnBadRow::Skip`].
    pub rows_rejected: u64,
    /// The first of them.
    pub rejects: Vec<Reject>,
}

struct Known {
    symbol: Symbol,
    wanted: bool,
    last_ts: Nanos,
    batch: u64,
    index: u32,
}

/// Gathers the rows of one file into batches and sends them on.
pub struct Emitter<'a, R> {
    path: &'a Path,
    options: &'a ReadOptions,
    sender: &'a SyncSender<Batch>,
    by_name: HashMap<Box<[u8]>, usize>,
    known: Vec<Known>,
    current: usize,
    rows: Vec<R>,
    symbols: Vec<Symbol>,
    batch: u64,
    report: ReadReport,
}

impl<'a, R: RawRow> Emitter<'a, R> {
    /// An emitter for one file.
    pub fn new(path: &'a Path, options: &'a ReadOptions, sender: &'a SyncSender<Batch>) -> Self {
        Self {
            path,
            options,
            sender,
            by_name: HashMap::new(),
            known: Vec::new(),
            current: usize::MAX,
            rows: Vec::with_capacity(BATCH_ROWS),
            symbols: Vec::new(),
            batch: 0,
            report: ReadReport::default(),
        }
    }

    /// Hands on one row, which stands on `line`.
    ///
    /// # Errors
    /// When its symbol's time runs backwards (unless such rows are skipped), or the river is gone.
    pub fn row(&mut self, line: u64, symbol: &[u8], mut row: R) -> Result<(), IngestError> {
        let known = match self.known.get(self.current) {
            Some(known) if known.symbol.as_str().as_bytes() == symbol => self.current,
            _ => match self.look_up(symbol) {
                Ok(found) => found,
                Err(why) => return self.bad(line, symbol_fault(symbol, why)),
            },
        };
        self.current = known;
        let entry = &mut self.known[known];
        if !entry.wanted {
            self.report.rows_unselected += 1;
            return Ok(());
        }
        if row.ts() < entry.last_ts {
            let fault = backwards(row.ts(), entry.last_ts);
            return self.bad(line, fault);
        }
        entry.last_ts = row.ts();
        if entry.batch != self.batch || self.symbols.is_empty() {
            entry.batch = self.batch;
            entry.index = self.symbols.len() as u32;
            self.symbols.push(entry.symbol.clone());
        }
        row.set_symbol(entry.index);
        self.rows.push(row);
        if self.rows.len() == BATCH_ROWS {
            self.flush()?;
        }
        Ok(())
    }

    /// A row that could not be read: the end, or one more reject.
    ///
    /// # Errors
    /// Under [`OnBadRow::Fail`].
    pub fn bad(&mut self, line: u64, fault: Fault) -> Result<(), IngestError> {
        if self.options.on_bad_row == OnBadRow::Fail {
            let path = self.path.to_owned();
            return Err(IngestError::Field { path, line, fault });
        }
        self.report.rows_rejected += 1;
        if self.report.rejects.len() < REJECTS_LISTED {
            self.report.rejects.push(Reject {
                line,
                column: fault.column,
                value: fault.value,
                why: fault.why,
            });
        }
        Ok(())
    }

    /// Sends what is left and reports.
    ///
    /// # Errors
    /// When the river is gone.
    pub fn finish(mut self) -> Result<ReadReport, IngestError> {
        self.flush()?;
        Ok(self.report)
    }

    fn flush(&mut self) -> Result<(), IngestError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let count = self.rows.len() as u64;
        self.report.rows += count;
        self.options.rows_seen.fetch_add(count, Ordering::Relaxed);
        self.batch += 1;
        let rows = std::mem::replace(&mut self.rows, Vec::with_capacity(BATCH_ROWS));
        let batch = Batch { symbols: std::mem::take(&mut self.symbols), rows: R::wrap(rows) };
        self.sender.send(batch).map_err(|_| IngestError::CalledOff)
    }

    fn look_up(&mut self, name: &[u8]) -> Result<usize, &'static str> {
        if let Some(&found) = self.by_name.get(name) {
            return Ok(found);
        }
        if name.is_empty() {
            return Err("is empty where a symbol is needed");
        }
        if self.known.len() == SYMBOLS_PER_FILE_MAX {
            return Err("is one symbol more than a file may name");
        }
        let text = std::str::from_utf8(name).map_err(|_| "is not UTF-8")?;
        let wanted = self.options.symbols.is_empty() || self.options.symbols.contains(text);
        self.by_name.insert(name.into(), self.known.len());
        self.known.push(Known {
            symbol: Symbol::new(text),
            wanted,
            last_ts: Nanos(i64::MIN),
            batch: u64::MAX,
            index: 0,
        });
        Ok(self.known.len() - 1)
    }
}

fn symbol_fault(symbol: &[u8], why: &'static str) -> Fault {
    Fault { column: "symbol".into(), value: String::from_utf8_lossy(symbol).into_owned(), why }
}

fn backwards(ts: Nanos, last: Nanos) -> Fault {
    Fault {
        column: "time".into(),
        value: format!("{} after {}", utc(ts), utc(last)),
        why: "runs backwards for its symbol: sort the file by time within each symbol",
    }
}

fn utc(ts: Nanos) -> String {
    chrono::DateTime::from_timestamp_nanos(ts.0).format("%Y-%m-%dT%H:%M:%S%.9fZ").to_string()
}
