//! Rows of a capture in the order of the clock that they are read by.
//!
//! By the local clock they lie in order. By the exchange's they do not: streams overtake each other on their way. So
//! rows wait until one has come that is so much later that nothing earlier is to be expected; one that comes later
//! still is a bad row, as in every format.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::path::Path;
use std::sync::mpsc::SyncSender;

use crate::ingest::Clock;
use crate::ingest::depth::RawDepth;
use crate::ingest::error::{Fault, IngestError};
use crate::ingest::raw::{Batch, RawQuote, RawRow, RawTrade};
use crate::ingest::sequence::{ReadOptions, ReadReport};
use crate::ingest::ticks::TickEmitter;
use crate::limits::{CAPTURE_OVERTAKING_NANOS, CAPTURE_WAITING_MAX};
use crate::tape::Nanos;

/// A row of a capture.
pub enum Row {
    /// A quote.
    Quote(RawQuote),
    /// A quote with the levels behind it.
    Depth(Box<RawDepth>),
    /// A trade.
    Trade(RawTrade),
}

impl Row {
    fn ts(&self) -> Nanos {
        match self {
            Self::Quote(row) => row.ts(),
            Self::Depth(row) => row.ts(),
            Self::Trade(row) => row.ts(),
        }
    }
}

/// A row that waits.
struct Waiting {
    line: u64,
    symbol: Box<[u8]>,
    row: Row,
}

impl Waiting {
    fn place(&self) -> (i64, u64) {
        (self.row.ts().0, self.line)
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

/// An emitter behind which rows are in order.
pub struct InOrder<'a> {
    clock: Clock,
    out: TickEmitter<'a>,
    waiting: BinaryHeap<Reverse<Waiting>>,
    latest: i64,
}

impl<'a> InOrder<'a> {
    /// An emitter for one file, read by one clock.
    pub fn new(
        clock: Clock,
        path: &'a Path,
        options: &'a ReadOptions,
        sender: &'a SyncSender<Batch>,
    ) -> Self {
        let out = TickEmitter::of_books(path, options, sender);
        Self { clock, out, waiting: BinaryHeap::new(), latest: i64::MIN }
    }

    /// Takes a row.
    ///
    /// # Errors
    /// As [`TickEmitter`]'s.
    pub fn row(&mut self, line: u64, symbol: &[u8], row: Row) -> Result<(), IngestError> {
        match self.clock {
            Clock::Received => hand_on(&mut self.out, line, symbol, row),
            Clock::Exchange => self.wait(line, symbol, row),
        }
    }

    /// A row that could not be read.
    ///
    /// # Errors
    /// As [`TickEmitter::bad`].
    pub fn bad(&mut self, line: u64, fault: Fault) -> Result<(), IngestError> {
        self.out.bad(line, fault)
    }

    /// Hands on what waits, and reports.
    ///
    /// # Errors
    /// As [`TickEmitter::finish`].
    pub fn finish(mut self) -> Result<ReadReport, IngestError> {
        self.let_go(i64::MAX, 0)?;
        self.out.finish()
    }

    fn wait(&mut self, line: u64, symbol: &[u8], row: Row) -> Result<(), IngestError> {
        self.latest = self.latest.max(row.ts().0);
        self.waiting.push(Reverse(Waiting { line, symbol: symbol.into(), row }));
        self.let_go(self.latest.saturating_sub(CAPTURE_OVERTAKING_NANOS), CAPTURE_WAITING_MAX)
    }

    /// Hands on rows from before a moment, and more where too many wait.
    fn let_go(&mut self, before: i64, most: usize) -> Result<(), IngestError> {
        while let Some(Reverse(first)) = self.waiting.peek() {
            if first.row.ts().0 >= before && self.waiting.len() <= most {
                return Ok(());
            }
            let Some(Reverse(Waiting { line, symbol, row })) = self.waiting.pop() else { return Ok(()) };
            hand_on(&mut self.out, line, &symbol, row)?;
        }
        Ok(())
    }
}

fn hand_on(out: &mut TickEmitter<'_>, line: u64, symbol: &[u8], row: Row) -> Result<(), IngestError> {
    match row {
        Row::Quote(row) => out.quote(line, symbol, row),
        Row::Depth(row) => out.depth(line, symbol, &row),
        Row::Trade(row) => out.trade(line, symbol, row),
    }
}
