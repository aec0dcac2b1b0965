//! Rows of both kinds out of one file, in the order in which the river takes them.
//!
//! In: quotes and trades as a file of orders tells them, where a trade stands before the state of the book that it
//! leaves. Out: [`RawTick`]s; at a stamp, quotes before trades, as rows of two files would be merged. Which of the
//! quotes is in force for a trade of its stamp is decided by `sign`, not here.

use std::path::Path;
use std::sync::mpsc::SyncSender;

use super::error::{Fault, IngestError};
use super::raw::{Batch, RawQuote, RawTick, RawTrade};
use super::sequence::{Emitter, ReadOptions, ReadReport};
use crate::limits::BATCH_ROWS;
use crate::tape::Nanos;

/// An emitter of ticks: trades wait until the file's stamp moves on.
pub struct TickEmitter<'a> {
    out: Emitter<'a, RawTick>,
    stamp: Nanos,
    waiting: Vec<(u64, Box<[u8]>, RawTrade)>,
}

impl<'a> TickEmitter<'a> {
    /// An emitter for one file.
    pub fn new(path: &'a Path, options: &'a ReadOptions, sender: &'a SyncSender<Batch>) -> Self {
        let out = Emitter::new(path, options, sender);
        Self { out, stamp: Nanos(i64::MIN), waiting: Vec::new() }
    }

    /// Hands on a quote, which stands on `line` (or is the line-th record).
    ///
    /// # Errors
    /// As [`Emitter::row`].
    pub fn quote(&mut self, line: u64, symbol: &[u8], row: RawQuote) -> Result<(), IngestError> {
        self.move_on(row.quote.ts)?;
        self.out.row(line, symbol, RawTick::Quote(row))
    }

    /// Hands on a trade, behind the quotes of its stamp.
    ///
    /// # Errors
    /// As [`Emitter::row`].
    pub fn trade(&mut self, line: u64, symbol: &[u8], row: RawTrade) -> Result<(), IngestError> {
        self.move_on(row.trade.ts)?;
        self.waiting.push((line, symbol.into(), row));
        // A file that gives all its rows one stamp may not fill the memory.
        if self.waiting.len() >= BATCH_ROWS { self.let_go() } else { Ok(()) }
    }

    /// A row that could not be read.
    ///
    /// # Errors
    /// Under [`OnBadRow::Fail`](super::OnBadRow).
    pub fn bad(&mut self, line: u64, fault: Fault) -> Result<(), IngestError> {
        self.out.bad(line, fault)
    }

    /// Hands on what is left and reports.
    ///
    /// # Errors
    /// As [`Emitter::row`].
    pub fn finish(mut self) -> Result<ReadReport, IngestError> {
        self.let_go()?;
        self.out.finish()
    }

    fn move_on(&mut self, ts: Nanos) -> Result<(), IngestError> {
        if ts == self.stamp {
            return Ok(());
        }
        self.stamp = ts;
        self.let_go()
    }

    fn let_go(&mut self) -> Result<(), IngestError> {
        let mut waiting = std::mem::take(&mut self.waiting);
        let sent = waiting
            .drain(..)
            .try_for_each(|(line, symbol, row)| self.out.row(line, &symbol, RawTick::Trade(row)));
        self.waiting = waiting;
        sent
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;
    use crate::ingest::{RawRow, Rows};
    use crate::tape::{Quote, Trade};

    #[test]
    fn at_a_stamp_quotes_come_before_trades_and_each_kind_keeps_its_order() {
        let (sender, receiver) = sync_channel(8);
        let options = ReadOptions::default();
        let mut out = TickEmitter::new(Path::new("tape"), &options, &sender);
        let quote =
            |ts| RawQuote { quote: Quote { ts: Nanos(ts), ..Quote::default() }, ..RawQuote::default() };
        let trade =
            |ts| RawTrade { trade: Trade { ts: Nanos(ts), ..Trade::default() }, ..RawTrade::default() };
        for (line, (is_trade, ts)) in (1..).zip([(true, 5), (false, 5), (true, 5), (false, 5), (true, 6)]) {
            if is_trade {
                let row = RawTrade { sequence: line, ..trade(ts) };
                out.trade(line, b"A", row).expect("sent");
            } else {
                let row = RawQuote { sequence: line, ..quote(ts) };
                out.quote(line, b"A", row).expect("sent");
            }
        }
        assert_eq!(out.finish().expect("done").rows, 5);
        drop(sender);
        let rows = |batch: Batch| match batch.rows {
            Rows::Ticks(rows) => rows,
            _ => Vec::new(),
        };
        let order: Vec<u64> = receiver.into_iter().flat_map(rows).map(|row| row.sequence()).collect();
        assert_eq!(order, [2, 4, 1, 3, 5]);
    }
}
