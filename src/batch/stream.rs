//! A file's rows as the walk wants them: a queue of batches, looked at from the front.

use std::sync::mpsc::{Receiver, Sender, sync_channel};
use std::thread::Scope;

use chrono::NaiveDate;

use crate::ingest::{
    self, Batch, DepthTick, IngestError, Input, RawRow, RawTick, ReadOptions, ReadReport, Rows,
};
use crate::limits::BATCHES_IN_FLIGHT;
use crate::store::StoreError;
use crate::tape::{Calendar, Days, Nanos, Symbol};

/// What a walk groups by: a symbol's day.
pub type Key = (NaiveDate, Symbol);

/// Where batches come from; `None` ends them.
pub type Batches<'a> = Box<dyn FnMut() -> Result<Option<Batch>, StoreError> + Send + 'a>;

/// Place of a row among rows of several streams: time, then quotes before trades, then the rank of the source, then
/// sequence number. All files are one source: the tape.
pub type Place = (Nanos, u8, u32, u64);

/// A file's rows, in order.
pub struct Stream<'a> {
    more: Batches<'a>,
    batch: Option<Batch>,
    at: usize,
    /// The symbol-day under way, and up to where rows of this batch are known to be its own.
    key: Option<Key>,
    own_until: usize,
    days: Days,
    /// The symbol-day of every row, where the file's name tells: such a file is opened when its turn comes.
    foretold: Option<Key>,
    source: u32,
    failed: Option<StoreError>,
}

impl<'a> Stream<'a> {
    /// Rows from a source of batches, cut into a calendar's days.
    pub fn new(more: Batches<'a>, foretold: Option<Key>, calendar: Calendar) -> Self {
        Self {
            more,
            foretold,
            source: 0,
            batch: None,
            at: 0,
            key: None,
            own_until: 0,
            days: calendar.days(),
            failed: None,
        }
    }

    /// The same, from the source of this rank.
    pub fn of_source(self, source: u32) -> Self {
        Self { source, ..self }
    }

    /// Place of the next row of the symbol-day.
    pub fn first(&mut self) -> Option<Place> {
        let source = self.source;
        match self.run() {
            Run::Empty => None,
            Run::Quotes(rows) => rows.first().map(|row| (row.ts(), 0, source, row.sequence)),
            Run::Trades(rows) => rows.first().map(|row| (row.ts(), 1, source, row.sequence)),
            Run::Depths(rows) => rows.first().map(|row| (row.ts(), 0, source, row.sequence())),
            Run::DepthTicks(rows) => {
                rows.first().map(|row| (row.ts(), u8::from(row.is_trade()), source, row.sequence()))
            }
            Run::Ticks(rows) => rows
                .first()
                .map(|row| (row.ts(), u8::from(matches!(row, RawTick::Trade(_))), source, row.sequence())),
        }
    }

    /// The symbol-day of the next row; `None` at the end.
    pub fn key(&mut self) -> Option<Key> {
        if self.foretold.is_some() {
            return self.foretold.clone();
        }
        self.fill();
        let batch = self.batch.as_ref()?;
        let (ts, symbol) = match &batch.rows {
            Rows::Quotes(rows) => (rows[self.at].ts(), rows[self.at].symbol),
            Rows::Trades(rows) => (rows[self.at].ts(), rows[self.at].symbol),
            Rows::Ticks(rows) => (rows[self.at].ts(), rows[self.at].symbol()),
            Rows::Depths(rows) => (rows[self.at].ts(), rows[self.at].symbol()),
            Rows::DepthTicks(rows) => (rows[self.at].ts(), rows[self.at].symbol()),
        };
        Some((self.days.of(ts), batch.symbols[symbol as usize].clone()))
    }

    /// Turns to a symbol-day.
    pub fn begin(&mut self, key: &Key) {
        self.key = Some(key.clone());
        self.own_until = self.at;
        self.foretold.take_if(|foretold| foretold == key);
    }

    /// The next rows of the symbol-day that lie in this batch; empty when the next row is another's.
    pub fn run(&mut self) -> Run<'_> {
        if self.at >= self.own_until && self.foretold.is_none() {
            self.fill();
            self.own_until = self.at + self.count_own();
        }
        let range = self.at..self.own_until;
        match self.batch.as_ref().map(|batch| &batch.rows) {
            None => Run::Empty,
            Some(Rows::Quotes(rows)) => Run::Quotes(&rows[range]),
            Some(Rows::Trades(rows)) => Run::Trades(&rows[range]),
            Some(Rows::Ticks(rows)) => Run::Ticks(&rows[range]),
            Some(Rows::Depths(rows)) => Run::Depths(&rows[range]),
            Some(Rows::DepthTicks(rows)) => Run::DepthTicks(&rows[range]),
        }
    }

    fn count_own(&self) -> usize {
        let (Some(batch), Some(key)) = (&self.batch, &self.key) else {
            return 0;
        };
        let Some(index) = batch.symbols.iter().position(|s| *s == key.1) else {
            return 0;
        };
        let bounds = self.days.calendar().bounds(key.0);
        match &batch.rows {
            Rows::Quotes(rows) => count_same(&rows[self.at..], index as u32, bounds),
            Rows::Trades(rows) => count_same(&rows[self.at..], index as u32, bounds),
            Rows::Ticks(rows) => count_same(&rows[self.at..], index as u32, bounds),
            Rows::Depths(rows) => count_same(&rows[self.at..], index as u32, bounds),
            Rows::DepthTicks(rows) => count_same(&rows[self.at..], index as u32, bounds),
        }
    }

    /// Leaves the symbol-day's rows behind unread.
    pub fn pass_over(&mut self) {
        loop {
            let rows = match self.run() {
                Run::Empty => 0,
                Run::Quotes(rows) => rows.len(),
                Run::Trades(rows) => rows.len(),
                Run::Ticks(rows) => rows.len(),
                Run::Depths(rows) => rows.len(),
                Run::DepthTicks(rows) => rows.len(),
            };
            if rows == 0 {
                return;
            }
            self.advance(rows);
        }
    }

    /// Leaves `rows` rows behind.
    pub fn advance(&mut self, rows: usize) {
        self.at += rows;
    }

    /// Why the stream ended, when that was not the end of its rows.
    pub fn into_failure(self) -> Option<StoreError> {
        self.failed
    }

    fn fill(&mut self) {
        let done = |batch: &Batch, at| at >= batch.rows.len();
        while self.batch.as_ref().is_none_or(|batch| done(batch, self.at)) {
            self.batch = (self.more)().unwrap_or_else(|error| {
                self.failed = Some(error);
                None
            });
            (self.at, self.own_until) = (0, 0);
            if self.batch.is_none() {
                return;
            }
        }
    }
}

/// Rows of one symbol-day, one file, one batch.
#[derive(Clone, Copy)]
pub enum Run<'a> {
    /// None.
    Empty,
    /// Quotes.
    Quotes(&'a [ingest::RawQuote]),
    /// Trades.
    Trades(&'a [ingest::RawTrade]),
    /// Both.
    Ticks(&'a [RawTick]),
    /// Quotes with the levels behind them.
    Depths(&'a [ingest::RawDepth]),
    /// Both, with the levels behind the quotes.
    DepthTicks(&'a [DepthTick]),
}

fn count_same<R: RawRow>(rows: &[R], symbol: u32, (from, to): (Nanos, Nanos)) -> usize {
    let belongs = |row: &&R| row.symbol() == symbol && from <= row.ts() && row.ts() < to;
    rows.iter().take_while(belongs).count()
}

/// What became of a reader, and which input it read.
pub type Finished = (usize, Result<ReadReport, IngestError>);

/// Reads the index-th input on a thread of its own, started with the first batch asked for; how it ended goes
/// to `finished`.
pub fn read<'scope, 'env>(
    scope: &'scope Scope<'scope, 'env>,
    (index, input): (usize, &'env Input),
    options: &'env ReadOptions,
    finished: Sender<Finished>,
) -> Batches<'scope>
where
    'env: 'scope,
{
    let mut receiver = None::<Receiver<Batch>>;
    Box::new(move || {
        let receiver = receiver.get_or_insert_with(|| {
            let (sender, receiver) = sync_channel(BATCHES_IN_FLIGHT);
            let finished = finished.clone();
            scope.spawn(move || {
                let ended = ingest::read(input, options, &sender);
                // Nobody listening means that the pass was given up.
                let _ = finished.send((index, ended));
            });
            receiver
        });
        Ok(receiver.recv().ok())
    })
}
