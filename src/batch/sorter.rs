//! The general path: a file in any order, brought into the walk's order within a memory bound.
//!
//! Rows are gathered by symbol-day; whenever the bound is reached they are written to a run file, symbol-day by
//! symbol-day, and memory starts empty. Read back, each symbol-day is the concatenation of its pieces, so that
//! the file's own order within it is kept.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::stream::{Batches, Key};
use crate::ingest::{Batch, RawRow, Record};
use crate::limits::BATCH_ROWS;
use crate::store::StoreError;
use crate::tape::{Calendar, Days, Symbol};

/// Rows of one symbol-day in one run file, at most [`BATCH_ROWS`].
struct Piece {
    run: usize,
    offset: u64,
    rows: usize,
}

/// Sorts the rows of one file.
pub struct Sorter<R> {
    folder: PathBuf,
    rows_in_memory_max: usize,
    rows_in_memory: usize,
    days: Days,
    slots: Vec<(Key, Vec<R>)>,
    slot_of: HashMap<Key, usize>,
    runs: Vec<(PathBuf, File)>,
    pieces: BTreeMap<Key, Vec<Piece>>,
}

impl<R: RawRow + Record + 'static> Sorter<R> {
    /// A sorter by the dates of a calendar that holds at most `memory_bytes` of rows and writes its runs into `folder`.
    pub fn new(folder: &Path, memory_bytes: usize, calendar: Calendar) -> Self {
        Self {
            folder: folder.to_owned(),
            // A growing vector may hold twice what is in it.
            rows_in_memory_max: (memory_bytes / (2 * size_of::<R>())).max(BATCH_ROWS),
            rows_in_memory: 0,
            days: calendar.days(),
            slots: Vec::new(),
            slot_of: HashMap::new(),
            runs: Vec::new(),
            pieces: BTreeMap::new(),
        }
    }

    /// Takes in rows of a batch.
    ///
    /// # Errors
    /// When a run cannot be written.
    pub fn add(&mut self, symbols: &[Symbol], rows: &[R]) -> Result<(), StoreError> {
        // Within a batch a symbol rarely changes day: its slot is looked up once.
        let mut known = vec![(NaiveDate::MIN, 0); symbols.len()];
        for row in rows {
            let date = self.days.of(row.ts());
            let symbol = row.symbol() as usize;
            if known[symbol].0 != date {
                known[symbol] = (date, self.slot((date, symbols[symbol].clone())));
            }
            self.slots[known[symbol].1].1.push(*row);
        }
        self.rows_in_memory += rows.len();
        if self.rows_in_memory >= self.rows_in_memory_max {
            self.spill()?;
        }
        Ok(())
    }

    fn slot(&mut self, key: Key) -> usize {
        if let Some(&slot) = self.slot_of.get(&key) {
            return slot;
        }
        self.slots.push((key.clone(), Vec::new()));
        self.slot_of.insert(key, self.slots.len() - 1);
        self.slots.len() - 1
    }

    fn spill(&mut self) -> Result<(), StoreError> {
        let run = self.runs.len();
        let path = self.folder.join(format!("run-{run:05}"));
        let fail = |e| StoreError::io(&path, "spilling rows", e);
        let file =
            File::options().read(true).write(true).create(true).truncate(true).open(&path).map_err(fail)?;
        let mut out = BufWriter::with_capacity(1 << 20, &file);
        let (mut offset, mut bytes) = (0, Vec::new());
        self.slot_of.clear();
        for (key, rows) in self.slots.drain(..) {
            let pieces = self.pieces.entry(key).or_default();
            for rows in rows.chunks(BATCH_ROWS) {
                bytes.clear();
                rows.iter().for_each(|row| row.put(&mut bytes));
                out.write_all(&bytes).map_err(fail)?;
                let rows = rows.len();
                pieces.push(Piece { run, offset, rows });
                offset += bytes.len() as u64;
            }
        }
        out.flush().map_err(fail)?;
        drop(out);
        self.rows_in_memory = 0;
        self.runs.push((path, file));
        Ok(())
    }

    /// The rows in order.
    ///
    /// # Errors
    /// When the last run cannot be written.
    pub fn finish(mut self) -> Result<Batches<'static>, StoreError> {
        if self.runs.is_empty() {
            self.slots.sort_by(|a, b| a.0.cmp(&b.0));
            let mut days = self.slots.into_iter();
            return Ok(Box::new(move || Ok(days.next().map(|(key, rows)| batch(&key, rows)))));
        }
        self.spill()?;
        let in_order = self.pieces.into_iter();
        let mut pieces = in_order.flat_map(|(key, pieces)| pieces.into_iter().map(move |p| (key.clone(), p)));
        let runs = self.runs;
        Ok(Box::new(move || {
            let Some((key, piece)) = pieces.next() else {
                return Ok(None);
            };
            let (path, file) = &runs[piece.run];
            let mut bytes = vec![0; piece.rows * R::BYTES];
            file.read_exact_at(&mut bytes, piece.offset)
                .map_err(|e| StoreError::io(path, "reading spilled rows back", e))?;
            let rows = bytes.chunks_exact(R::BYTES).map(R::get).collect();
            Ok(Some(batch(&key, rows)))
        }))
    }
}

fn batch<R: RawRow>(key: &Key, mut rows: Vec<R>) -> Batch {
    rows.iter_mut().for_each(|row| row.set_symbol(0));
    Batch { symbols: vec![key.1.clone()], rows: R::wrap(rows) }
}
