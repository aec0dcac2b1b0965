//! A session's tables from a journal of events: the same sorter, walk, river and landing as for files.
//!
//! In: the session's events in any order, with the source and the number of each. Out: the date's tables in place, and
//! a record of them in the manifest whose one input is called `journal`. The order of arrival counts only among events
//! of one source, kind and moment that have no numbers.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::desk::Desk;
use super::land::{STAGING, put_in_place};
use super::sorter::Sorter;
use super::stream::{Batches, Stream};
use super::up_to_date::different_parameters;
use super::walk::{Rivers, Walked, walk};
use super::{BatchError, Job, Request, Watch};
use crate::ingest::{Batch, Event, RawQuote, RawRow, RawTrade, Record, Rows};
use crate::store::ledger::Chunk;
use crate::store::{InputRecord, Manifest, StoreError, UnitRecord, create_dir, lock, remove_dir};
use crate::tape::{Symbol, hex};

/// The name of the journal among a manifest's inputs.
pub const JOURNAL: &str = "journal";

/// One source's rows.
struct Source {
    quotes: Sorter<RawQuote>,
    trades: Sorter<RawTrade>,
}

/// A session on its way into the results folder, which is locked meanwhile.
pub struct SessionTape<'a> {
    job: Job<'a>,
    date: NaiveDate,
    before: Option<Manifest>,
    parameters: BTreeMap<String, Value>,
    staging: PathBuf,
    sources: BTreeMap<String, Source>,
    rows: u64,
    rows_unselected: u64,
    _lock: File,
}

impl<'a> SessionTape<'a> {
    /// Takes the folder.
    ///
    /// # Errors
    /// When another process has it, its results were made in another way, or those of the date come from files.
    pub fn begin(request: &'a Request, date: NaiveDate) -> Result<Self, BatchError> {
        let out = &request.out;
        create_dir(out)?;
        let lock = lock(out)?;
        let plan = request.live_plan();
        request.check_watch(&plan)?;
        let parameters = request.parameters(&plan);
        let before = Manifest::load(out)?;
        if let Some(before) = &before {
            let (version, made) = (env!("CARGO_PKG_VERSION"), date.to_string());
            if before.version != version || before.parameters != parameters {
                return Err(BatchError::Plan(different_parameters(out, before, &parameters)));
            }
            let units = before.units.iter().filter(|unit| unit.dates.contains(&made));
            if let Some(file) = units.flat_map(|unit| &unit.inputs).find(|input| input.name != JOURNAL) {
                return Err(BatchError::Plan(format!(
                    "{}: the tables of {date} were made from {}, and stay as they are; to have those of the feed, \
                     delete that date's results",
                    out.display(),
                    file.name
                )));
            }
        }
        let staging = out.join(STAGING).join(format!("session-{date}"));
        remove_dir(&staging)?;
        create_dir(&staging)?;
        let job = Job::new(request, &plan, &Watch::default());
        let sources = BTreeMap::new();
        Ok(Self { job, date, before, parameters, staging, sources, rows: 0, rows_unselected: 0, _lock: lock })
    }

    /// Takes in events of the session.
    ///
    /// # Errors
    /// When rows cannot be spilled.
    pub fn add(&mut self, chunk: &Chunk) -> Result<(), StoreError> {
        let wanted: Vec<bool> =
            chunk.symbols.iter().map(|symbol| self.job.request.wants(symbol.as_str(), self.date)).collect();
        let (mut quotes, mut trades) = (Vec::new(), Vec::new());
        for event in &chunk.events {
            // A source's rows without numbers come behind those that have one, as they arrived.
            let sequence = if chunk.sequenced { event.sequence() } else { u64::MAX };
            match event {
                Event::Quote(row) if wanted[row.symbol as usize] => {
                    quotes.push(RawQuote { sequence, ..*row });
                }
                Event::Trade(row) if wanted[row.symbol as usize] => {
                    trades.push(RawTrade { sequence, ..*row });
                }
                Event::Quote(_) | Event::Trade(_) => self.rows_unselected += 1,
                Event::End { .. } => {}
            }
        }
        self.rows += (quotes.len() + trades.len()) as u64;
        let source = self.source(&chunk.source)?;
        source.quotes.add(&chunk.symbols, &quotes)?;
        source.trades.add(&chunk.symbols, &trades)
    }

    fn source(&mut self, name: &str) -> Result<&mut Source, StoreError> {
        // As many shares of the memory as two sources have kinds; more sources are rare.
        let (memory, calendar) = (self.job.memory_per_unit / 4, self.job.request.calendar);
        let folder = self.staging.join(format!("spilled-{}", self.sources.len()));
        match self.sources.entry(name.to_owned()) {
            Entry::Occupied(source) => Ok(source.into_mut()),
            Entry::Vacant(place) => {
                let (quotes, trades) = (folder.join("quotes"), folder.join("trades"));
                create_dir(&quotes)?;
                create_dir(&trades)?;
                let (quotes, trades) =
                    (Sorter::new(&quotes, memory, calendar), Sorter::new(&trades, memory, calendar));
                Ok(place.insert(Source { quotes, trades }))
            }
        }
    }

    /// Makes the tables and puts them in place; none where the session has nothing that is asked for. Stops early,
    /// with nothing changed, once `is_called_off` says so.
    ///
    /// # Errors
    /// When something could not be written, or earlier results would be lost.
    pub fn land(mut self, is_called_off: impl Fn() -> bool) -> Result<Option<UnitRecord>, BatchError> {
        let (mut streams, digests) = self.streams()?;
        let date = self.date..=self.date;
        let take = |desk: &mut Desk<'_>, key, session, day| !is_called_off() && desk.take(key, session, day);
        let mut rivers = Rivers::new(&self.job.settings, Desk::new(&self.job, &self.staging), &take);
        let walked = walk(&mut streams, &date, &mut rivers);
        let desk = rivers.receiver;
        if let Some(error) = streams.into_iter().find_map(Stream::into_failure) {
            return Err(error.into());
        }
        if walked == Walked::NotSorted {
            return Err(BatchError::Plan("events lost their order after sorting".into()));
        }
        let mut record = desk.finish()?;
        if is_called_off() {
            return Err(BatchError::CalledOff);
        }
        record.inputs = vec![self.input(&digests)];
        self.check_whole()?;
        let made = (record.symbol_days > 0).then(|| record.clone());
        if let Some(record) = made.clone() {
            let staged = [self.staging.clone()];
            put_in_place(&self.job.request.out, self.before, self.parameters, vec![record], &staged)?;
        }
        remove_dir(&self.staging)?;
        // Stays where a batch that was killed has left something.
        let _ = std::fs::remove_dir(self.job.request.out.join(STAGING));
        Ok(made)
    }

    /// Tables that were made of more events than there are now stay.
    fn check_whole(&self) -> Result<(), BatchError> {
        let (date, now) = (self.date.to_string(), self.rows + self.rows_unselected);
        let units = self.before.iter().flat_map(|manifest| &manifest.units);
        let inputs = units.filter(|unit| unit.dates.contains(&date)).flat_map(|unit| &unit.inputs);
        let then: u64 = inputs.map(|input| input.rows + input.rows_unselected).sum();
        if then > now {
            return Err(BatchError::Plan(format!(
                "{}: the tables of {date} were made of {then} events, and the journal holds {now}; have the feed send \
                 the whole session again, or delete that date's results",
                self.job.request.out.display()
            )));
        }
        Ok(())
    }

    /// Every source's quotes and trades in the walk's order, and what their bytes add up to.
    fn streams(&mut self) -> Result<(Vec<Stream<'static>>, Sums), StoreError> {
        let (mut streams, mut sums) = (Vec::new(), Vec::new());
        for (rank, (_, source)) in (0_u32..).zip(std::mem::take(&mut self.sources)) {
            for batches in [ordered::<RawQuote>(source.quotes)?, ordered::<RawTrade>(source.trades)?] {
                let sum = Arc::default();
                streams.push(
                    Stream::new(summed(batches, Arc::clone(&sum)), None, self.job.request.calendar)
                        .of_source(rank),
                );
                sums.push(sum);
            }
        }
        Ok((streams, sums))
    }

    /// What the manifest says of the journal.
    fn input(&self, sums: &[Arc<Mutex<Sum>>]) -> InputRecord {
        let (mut whole, mut bytes) = (Sha256::new(), 0);
        for sum in sums {
            let sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
            whole.update(sum.hash.clone().finalize());
            bytes += sum.bytes;
        }
        InputRecord {
            name: JOURNAL.into(),
            sha256: hex(&whole.finalize()),
            bytes,
            format: JOURNAL.into(),
            kind: "events".into(),
            rows: self.rows,
            rows_unselected: self.rows_unselected,
            rows_rejected: 0,
            rejects: Vec::new(),
            counted: BTreeMap::new(),
        }
    }
}

/// What the bytes of every source's quotes and trades add up to.
type Sums = Vec<Arc<Mutex<Sum>>>;

/// The bytes of a stream's rows, and their SHA-256.
#[derive(Default)]
struct Sum {
    hash: Sha256,
    bytes: u64,
}

/// A sorter's rows with every symbol's in the order of time and number, a batch a symbol.
fn ordered<R: RawRow + Record + 'static>(sorter: Sorter<R>) -> Result<Batches<'static>, StoreError> {
    let mut pieces = sorter.finish()?;
    let mut next: Option<Batch> = None;
    Ok(Box::new(move || {
        let Some(first) = next.take().map_or_else(&mut pieces, |batch| Ok(Some(batch)))? else {
            return Ok(None);
        };
        let (symbols, mut rows) = (first.symbols, R::unwrap(first.rows));
        while let Some(piece) = pieces()? {
            if piece.symbols != symbols {
                next = Some(piece);
                break;
            }
            rows.extend(R::unwrap(piece.rows));
        }
        rows.sort_by_key(|row| (row.ts(), row.sequence()));
        Ok(Some(Batch { symbols, rows: R::wrap(rows) }))
    }))
}

/// The same batches, added up as they pass.
fn summed(mut batches: Batches<'static>, sum: Arc<Mutex<Sum>>) -> Batches<'static> {
    Box::new(move || {
        let batch = batches()?;
        if let Some(batch) = &batch {
            let mut bytes = Vec::new();
            batch.symbols.iter().for_each(|symbol: &Symbol| bytes.extend(symbol.as_str().as_bytes()));
            match &batch.rows {
                Rows::Quotes(rows) => rows.iter().for_each(|row| row.put(&mut bytes)),
                Rows::Trades(rows) => rows.iter().for_each(|row| row.put(&mut bytes)),
                Rows::Ticks(rows) => rows.iter().for_each(|row| row.put(&mut bytes)),
                Rows::Depths(rows) => rows.iter().for_each(|row| row.put(&mut bytes)),
                Rows::DepthTicks(rows) => rows.iter().for_each(|row| row.put(&mut bytes)),
            }
            let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
            sum.hash.update(&bytes);
            sum.bytes += bytes.len() as u64;
        }
        Ok(batch)
    })
}
