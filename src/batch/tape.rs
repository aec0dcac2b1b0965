//! Files to one tape: the raw rows of all symbols in order of time, as a feed would have sent them.
//!
//! Rows are walked symbol by symbol as for a batch, so that each symbol's keep the order in which a batch's river sees
//! them, and then sorted by time, quotes before trades, which changes no symbol's own order. What does not fit the
//! memory bound spills: a unit's rows lie on the disk at most once more, 90 bytes each.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use super::stream::Key;
use super::unit::pour_through;
use super::walk::Bed;
use super::{BatchError, Job, Request, Watch, plan};
use crate::ingest::{Event, RawQuote, RawRow, RawTrade, Record};
use crate::limits::BATCH_ROWS;
use crate::store::{StoreError, create_dir, remove_dir};
use crate::tape::{Nanos, Symbol};

/// Reads a request's inputs and hands each unit's tape (a date's, where file names tell dates) to `each`.
///
/// # Errors
/// The first thing that went wrong with the request or an input, or what `each` says.
pub fn each_tape<X: From<BatchError>>(
    request: &Request,
    mut each: impl FnMut(Tape) -> Result<(), X>,
) -> Result<(), X> {
    let plan = plan(request)?;
    plan.check_whole("what is sent as events is")?;
    let job = Job::new(request, &plan, &Watch::default());
    let scratch = std::env::temp_dir().join(format!("impactd-{}", std::process::id()));
    for unit in &plan.units {
        let folder = scratch.join("tape");
        let fresh = || {
            remove_dir(&folder)?;
            create_dir(&folder)?;
            Ok(Gathering::new(&folder, request.memory_bytes))
        };
        let tape = pour_through(unit, &job, &scratch, fresh).and_then(|(gathered, _)| Ok(gathered.finish()?));
        let done = tape.map_err(X::from).and_then(&mut each);
        remove_dir(&scratch).map_err(BatchError::from)?;
        done?;
    }
    Ok(())
}

/// Rows being gathered: in memory, and in sorted runs on the disk.
struct Gathering {
    folder: PathBuf,
    rows_max: usize,
    rows: Vec<Event>,
    symbols: Vec<Symbol>,
    index_of: HashMap<Symbol, u32>,
    symbol: u32,
    runs: Vec<Run>,
    failed: Option<StoreError>,
}

impl Gathering {
    fn new(folder: &Path, memory_bytes: usize) -> Self {
        Self {
            folder: folder.to_owned(),
            // Sorting takes half as much again, and a growing vector twice what is in it.
            rows_max: (memory_bytes / (3 * size_of::<Event>())).max(BATCH_ROWS),
            rows: Vec::new(),
            symbols: Vec::new(),
            index_of: HashMap::new(),
            symbol: 0,
            runs: Vec::new(),
            failed: None,
        }
    }

    fn take(&mut self, rows: impl Iterator<Item = Event>) {
        self.rows.extend(rows);
        if self.rows.len() >= self.rows_max {
            self.failed = self.failed.take().or(self.spill().err());
        }
    }

    /// Writes what is in memory to a run, in order.
    fn spill(&mut self) -> Result<(), StoreError> {
        let path = self.folder.join(format!("run-{:05}", self.runs.len()));
        let fail = |e| StoreError::io(&path, "spilling rows", e);
        self.rows.sort_by_key(place);
        let mut out = BufWriter::with_capacity(1 << 20, File::create(&path).map_err(fail)?);
        let mut bytes = Vec::new();
        for row in self.rows.drain(..) {
            bytes.clear();
            put(&row, &mut bytes);
            out.write_all(&bytes).map_err(fail)?;
        }
        out.flush().map_err(fail)?;
        let file = File::open(&path).map_err(fail)?;
        self.runs.push(Run { input: BufReader::with_capacity(1 << 18, file), path, next: None });
        Ok(())
    }

    fn finish(mut self) -> Result<Tape, StoreError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.rows.sort_by_key(place);
        for run in &mut self.runs {
            run.next = run.read()?;
        }
        let rest = self.rows.into_iter().peekable();
        Ok(Tape { symbols: self.symbols, runs: self.runs, rest })
    }
}

impl Bed for Gathering {
    fn begin(&mut self, key: &Key) {
        let next = self.symbols.len() as u32;
        self.symbol = *self.index_of.entry(key.1.clone()).or_insert(next);
        if self.symbol == next {
            self.symbols.push(key.1.clone());
        }
    }

    fn quotes(&mut self, rows: &[RawQuote]) {
        let symbol = self.symbol;
        self.take(rows.iter().map(|row| Event::Quote(RawQuote { symbol, ..*row })));
    }

    fn trades(&mut self, rows: &[RawTrade]) {
        let symbol = self.symbol;
        self.take(rows.iter().map(|row| Event::Trade(RawTrade { symbol, ..*row })));
    }

    fn end(&mut self, _: Key) -> bool {
        self.failed.is_none()
    }
}

/// By what a tape is ordered; rows of a place keep the order in which they were gathered.
fn place(event: &Event) -> (Nanos, bool) {
    (event.ts().unwrap_or_default(), matches!(event, Event::Trade(_)))
}

/// Rows of all symbols in order of time.
pub struct Tape {
    symbols: Vec<Symbol>,
    /// Gathered one after the other, and before what is left in memory.
    runs: Vec<Run>,
    rest: std::iter::Peekable<std::vec::IntoIter<Event>>,
}

impl Tape {
    /// The symbols named by the rows' indices.
    #[must_use]
    pub fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    /// The next row; none behind the last.
    ///
    /// # Errors
    /// When a spilled row cannot be read back.
    pub fn next_event(&mut self) -> Result<Option<Event>, StoreError> {
        let fronts = self.runs.iter().enumerate();
        let first = fronts.filter_map(|(index, run)| Some((place(run.next.as_ref()?), index))).min();
        let in_memory = self.rest.peek().map(place);
        match (first, in_memory) {
            (Some((place, index)), rest) if rest.is_none_or(|rest| place <= rest) => {
                let run = &mut self.runs[index];
                let next = run.read()?;
                Ok(std::mem::replace(&mut run.next, next))
            }
            _ => Ok(self.rest.next()),
        }
    }
}

/// A sorted run on the disk, looked at from the front.
struct Run {
    path: PathBuf,
    input: BufReader<File>,
    next: Option<Event>,
}

impl Run {
    fn read(&mut self) -> Result<Option<Event>, StoreError> {
        const MOST: usize = if RawQuote::BYTES > RawTrade::BYTES { RawQuote::BYTES } else { RawTrade::BYTES };
        let fail = |e| StoreError::io(&self.path, "reading spilled rows back", e);
        let mut head = [0; 5];
        let [first, rest @ ..] = &mut head;
        if self.input.read(std::slice::from_mut(first)).map_err(fail)? == 0 {
            return Ok(None);
        }
        self.input.read_exact(rest).map_err(fail)?;
        let [kind, symbol @ ..] = head;
        let symbol = u32::from_le_bytes(symbol);
        let mut bytes = [0; MOST];
        let bytes = &mut bytes[..if kind == 0 { RawQuote::BYTES } else { RawTrade::BYTES }];
        self.input.read_exact(bytes).map_err(fail)?;
        Ok(Some(if kind == 0 {
            Event::Quote(RawQuote { symbol, ..RawQuote::get(bytes) })
        } else {
            Event::Trade(RawTrade { symbol, ..RawTrade::get(bytes) })
        }))
    }
}

fn put(event: &Event, out: &mut Vec<u8>) {
    match event {
        Event::Quote(row) => {
            out.push(0);
            out.extend(row.symbol().to_le_bytes());
            row.put(out);
        }
        Event::Trade(row) => {
            out.push(1);
            out.extend(row.symbol().to_le_bytes());
            row.put(out);
        }
        // No file says that a session is over.
        Event::End { .. } => {}
    }
}
