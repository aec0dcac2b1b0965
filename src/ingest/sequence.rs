//! From one file to the river: chunks joined in file order, faults placed on their lines, order watched across
//! the joints.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;

use super::error::{Fault, IngestError, Reject};
use super::gather::{Context, Floors, Gathered, Gatherer, backwards};
use super::raw::{Batch, RawRow};
use crate::limits::{BATCH_ROWS, REJECTS_LISTED, SYMBOLS_PER_FILE_MAX};

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
    /// Levels of the book that are wanted, where a file tells of more than the best; 0 or 1 for quotes alone.
    pub levels: usize,
    /// Rows read so far by all readers, for the progress bar.
    pub rows_seen: Arc<AtomicU64>,
    /// Compressed bytes read so far by all readers, for the progress bar.
    pub bytes_seen: Arc<AtomicU64>,
    /// Set when nobody wants the rows any more: readers end soon, with [`IngestError::CalledOff`].
    pub called_off: Arc<AtomicBool>,
}

impl ReadOptions {
    /// Whether nobody wants the rows any more.
    #[must_use]
    pub fn is_called_off(&self) -> bool {
        self.called_off.load(Ordering::Relaxed)
    }
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
    /// What else the reader met, by its name, where the format has such things: messages of a kind, say.
    pub counted: BTreeMap<String, u64>,
    /// Of the file's bytes, where reading passed all of them in order.
    pub sha256: Option<String>,
}

/// Joins the chunks of one file.
pub struct Sequencer<'a> {
    path: &'a Path,
    options: &'a ReadOptions,
    sender: &'a SyncSender<Batch>,
    floors: Floors,
    report: ReadReport,
}

impl<'a> Sequencer<'a> {
    /// A sequencer for one file.
    pub fn new(path: &'a Path, options: &'a ReadOptions, sender: &'a SyncSender<Batch>) -> Self {
        Self { path, options, sender, floors: Floors::new(), report: ReadReport::default() }
    }

    /// What is known of symbols so far.
    pub fn context(&self) -> Context<'_> {
        Context { wanted: &self.options.symbols, floors: &self.floors }
    }

    /// Hands on the next chunk, whose first line is `first_line`.
    ///
    /// # Errors
    /// At its first fault under [`OnBadRow::Fail`]; when the river is gone, or reading was called off.
    pub fn take<R: RawRow>(&mut self, first_line: u64, mut chunk: Gathered<R>) -> Result<(), IngestError> {
        if self.options.is_called_off() {
            return Err(IngestError::CalledOff);
        }
        let mut faults = std::mem::take(&mut chunk.faults);
        for met in &chunk.met {
            match self.floors.get_mut(&met.name) {
                // Under `Skip` a gatherer knows the floors, and has taken care of such rows.
                Some(floor) if met.first.0 < *floor && self.options.on_bad_row == OnBadRow::Fail => {
                    faults.push((met.first.1, backwards(met.first.0, *floor)));
                }
                Some(floor) => *floor = met.last.max(*floor),
                None => {
                    self.floors.insert(met.name.clone(), met.last);
                }
            }
        }
        if self.floors.len() > SYMBOLS_PER_FILE_MAX {
            let what = format!("names more than {SYMBOLS_PER_FILE_MAX} symbols; cut it in pieces");
            return Err(IngestError::file(self.path, what));
        }
        faults.sort_by_key(|(line, _)| *line);
        for (line, fault) in faults {
            self.bad(first_line + line - 1, fault)?;
        }
        self.report.rows_unselected += chunk.unselected;
        let rows = chunk.rows.len() as u64;
        if rows == 0 {
            return Ok(());
        }
        self.report.rows += rows;
        self.options.rows_seen.fetch_add(rows, Ordering::Relaxed);
        self.sender.send(chunk.into_batch()).map_err(|_| IngestError::CalledOff)
    }

    /// A fault on a line of the file: the end, or one more reject.
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
            let Fault { column, value, why } = fault;
            self.report.rejects.push(Reject { line, column, value, why });
        }
        Ok(())
    }

    /// What was done.
    pub fn finish(self) -> ReadReport {
        self.report
    }
}

/// Rows handed on one by one, for formats that are read in one piece.
pub struct Emitter<'a, R> {
    sequencer: Sequencer<'a>,
    gatherer: Gatherer<R>,
    /// Rows since the last batch, wanted or not.
    rows: usize,
}

impl<'a, R: RawRow> Emitter<'a, R> {
    /// An emitter for one file.
    pub fn new(path: &'a Path, options: &'a ReadOptions, sender: &'a SyncSender<Batch>) -> Self {
        Self {
            sequencer: Sequencer::new(path, options, sender),
            gatherer: Gatherer::new(BATCH_ROWS),
            rows: 0,
        }
    }

    /// Hands on one row, which stands on `line`.
    ///
    /// # Errors
    /// When its symbol's time runs backwards (unless such rows are skipped), or the river is gone.
    pub fn row(&mut self, line: u64, symbol: &[u8], row: R) -> Result<(), IngestError> {
        self.gatherer.row(self.sequencer.context(), line, symbol, row);
        self.rows += 1;
        // Rows that nobody asked for fill no batch, but the order to stop is heard among them too.
        let is_heard = self.rows.is_multiple_of(BATCH_ROWS) && self.sequencer.options.is_called_off();
        if self.gatherer.len() >= BATCH_ROWS || is_heard { self.flush() } else { Ok(()) }
    }

    /// A row that could not be read.
    ///
    /// # Errors
    /// Under [`OnBadRow::Fail`].
    pub fn bad(&mut self, line: u64, fault: Fault) -> Result<(), IngestError> {
        self.gatherer.bad(line, fault);
        self.flush()
    }

    fn flush(&mut self) -> Result<(), IngestError> {
        let full = std::mem::replace(&mut self.gatherer, Gatherer::new(BATCH_ROWS));
        self.sequencer.take(1, full.finish())
    }

    /// Hands on what is left and reports.
    ///
    /// # Errors
    /// As [`Emitter::row`].
    pub fn finish(mut self) -> Result<ReadReport, IngestError> {
        self.flush()?;
        Ok(self.sequencer.finish())
    }
}
