//! Where raw ticks arrive that are to be kept as they are: written as canonical `quotes` and `trades`, symbol after
//! symbol, in the order in which a river takes them.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::Job;
use super::stream::Key;
use super::walk::Bed;
use crate::ingest::{Origin, RawQuote, RawTrade};
use crate::limits::ROW_GROUP_ROWS;
use crate::store::{PartWriters, StoreError, UnitRecord};
use crate::tape::Symbol;

/// The writer of one pass over a unit's files.
pub struct TickDesk<'a> {
    job: &'a Job<'a>,
    staging: PathBuf,
    origin: Origin,
    parts: Option<(NaiveDate, PartWriters)>,
    symbol: Symbol,
    quotes: Vec<RawQuote>,
    trades: Vec<RawTrade>,
    record: UnitRecord,
    /// Quotes and trades seen before this symbol's.
    before: (u64, u64),
    failed: Option<StoreError>,
}

impl<'a> TickDesk<'a> {
    /// Nothing written yet; `origin` is how the rows came to be.
    pub fn new(job: &'a Job<'a>, staging: &Path, origin: Origin) -> Self {
        Self {
            job,
            staging: staging.to_owned(),
            origin,
            parts: None,
            symbol: Symbol::new(""),
            quotes: Vec::new(),
            trades: Vec::new(),
            record: UnitRecord::default(),
            before: (0, 0),
            failed: None,
        }
    }

    /// Closes the last date.
    ///
    /// # Errors
    /// The first thing that could not be written.
    pub fn finish(mut self) -> Result<UnitRecord, StoreError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.close_date()?;
        self.record.quotes.kept = self.record.quotes.seen;
        self.record.trades.kept = self.record.trades.seen;
        Ok(self.record)
    }

    fn open(&mut self, key: &Key) -> Result<(), StoreError> {
        self.symbol = key.1.clone();
        if self.parts.as_ref().is_none_or(|(date, _)| *date != key.0) {
            self.close_date()?;
            self.record.dates.push(key.0.to_string());
            let writers = PartWriters::new(&self.staging, &key.0.to_string()).made_from(self.origin.clone());
            self.parts = Some((key.0, writers));
        }
        Ok(())
    }

    fn close_date(&mut self) -> Result<(), StoreError> {
        self.parts.take().map_or(Ok(()), |(_, parts)| parts.finish())
    }

    fn write_quotes(&mut self) -> Result<(), StoreError> {
        let rows = std::mem::take(&mut self.quotes);
        self.record.quotes.seen += rows.len() as u64;
        self.parts.as_mut().map_or(Ok(()), |(_, parts)| parts.quotes(&self.symbol, &rows))
    }

    fn write_trades(&mut self) -> Result<(), StoreError> {
        let rows = std::mem::take(&mut self.trades);
        self.record.trades.seen += rows.len() as u64;
        self.parts.as_mut().map_or(Ok(()), |(_, parts)| parts.trades(&self.symbol, &rows))
    }

    fn close_symbol(&mut self) -> Result<(), StoreError> {
        self.write_quotes()?;
        self.write_trades()?;
        self.record.symbol_days += 1;
        let seen = (self.record.quotes.seen, self.record.trades.seen);
        let (quotes, trades) = (seen.0 - self.before.0, seen.1 - self.before.1);
        if let Some((_, parts)) = &mut self.parts {
            parts.close_symbol(self.symbol.as_str(), quotes, trades);
        }
        self.before = seen;
        Ok(())
    }

    fn note(&mut self, done: Result<(), StoreError>) {
        self.failed = self.failed.take().or(done.err());
    }
}

impl Bed for TickDesk<'_> {
    fn begin(&mut self, key: &Key) {
        let opened = self.open(key);
        self.note(opened);
    }

    fn quotes(&mut self, rows: &[RawQuote]) {
        self.quotes.extend_from_slice(rows);
        if self.quotes.len() >= ROW_GROUP_ROWS {
            let written = self.write_quotes();
            self.note(written);
        }
    }

    fn trades(&mut self, rows: &[RawTrade]) {
        self.trades.extend_from_slice(rows);
        if self.trades.len() >= ROW_GROUP_ROWS {
            let written = self.write_trades();
            self.note(written);
        }
    }

    fn end(&mut self, _: Key) -> bool {
        let closed = self.close_symbol();
        self.note(closed);
        self.failed.is_none() && !self.job.watch.is_called_off()
    }
}
