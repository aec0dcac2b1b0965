//! Rows of both kinds out of one file, in the order in which the river takes them.
//!
//! In: quotes and trades as a file of orders tells them, where a trade stands before the state of the book that it
//! leaves. Out: [`RawTick`]s, or [`DepthTick`]s where levels behind the quotes are wanted; at a stamp, a
//! symbol's quotes before its trades, as rows of two files would be merged.
//! Which of the quotes is in force for a trade of its stamp is decided by `sign`, not here.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::SyncSender;

use super::depth::{DepthTick, RawDepth};
use super::error::{Fault, IngestError};
use super::raw::{Batch, RawQuote, RawTick, RawTrade};
use super::sequence::{Emitter, ReadOptions, ReadReport};
use crate::limits::BATCH_ROWS;
use crate::tape::Nanos;

/// An emitter of ticks: trades wait until their symbol's stamp moves on, whatever rows of others come between.
pub struct TickEmitter<'a> {
    out: Out<'a>,
    /// By symbol, with the lines they stand on; one symbol's have one stamp.
    waiting: BTreeMap<Box<[u8]>, Vec<(u64, RawTrade)>>,
    trades: usize,
}

/// Rows are long only where levels are wanted.
enum Out<'a> {
    Ticks(Emitter<'a, RawTick>),
    Depths(Emitter<'a, DepthTick>),
}

impl<'a> TickEmitter<'a> {
    /// An emitter for one file, which has no levels behind its quotes.
    pub fn new(path: &'a Path, options: &'a ReadOptions, sender: &'a SyncSender<Batch>) -> Self {
        Self::of(Out::Ticks(Emitter::new(path, options, sender)))
    }

    /// An emitter for one file whose levels are told where they are wanted.
    pub fn of_books(path: &'a Path, options: &'a ReadOptions, sender: &'a SyncSender<Batch>) -> Self {
        if options.levels > 1 {
            Self::of(Out::Depths(Emitter::new(path, options, sender)))
        } else {
            Self::new(path, options, sender)
        }
    }

    fn of(out: Out<'a>) -> Self {
        Self { out, waiting: BTreeMap::new(), trades: 0 }
    }

    /// Hands on a quote with the levels behind it; where no levels are wanted, the quote, if it is one.
    ///
    /// # Errors
    /// As [`Emitter::row`].
    pub fn depth(&mut self, line: u64, symbol: &[u8], row: &RawDepth) -> Result<(), IngestError> {
        self.move_on(symbol, row.quote.quote.ts)?;
        match &mut self.out {
            Out::Depths(out) => out.row(line, symbol, DepthTick::Depth(*row)),
            Out::Ticks(_) if row.is_behind => Ok(()),
            Out::Ticks(out) => out.row(line, symbol, RawTick::Quote(row.quote)),
        }
    }

    /// Hands on a quote, which stands on `line` (or is the line-th record).
    ///
    /// # Errors
    /// As [`Emitter::row`].
    pub fn quote(&mut self, line: u64, symbol: &[u8], row: RawQuote) -> Result<(), IngestError> {
        self.move_on(symbol, row.quote.ts)?;
        match &mut self.out {
            Out::Depths(out) => out.row(line, symbol, DepthTick::Quote(row)),
            Out::Ticks(out) => out.row(line, symbol, RawTick::Quote(row)),
        }
    }

    /// Hands on a trade, behind the quotes of its stamp.
    ///
    /// # Errors
    /// As [`Emitter::row`].
    pub fn trade(&mut self, line: u64, symbol: &[u8], row: RawTrade) -> Result<(), IngestError> {
        self.move_on(symbol, row.trade.ts)?;
        match self.waiting.get_mut(symbol) {
            Some(trades) => trades.push((line, row)),
            None => {
                self.waiting.insert(symbol.into(), vec![(line, row)]);
            }
        }
        self.trades += 1;
        // A file that gives all its rows one stamp may not fill the memory.
        if self.trades >= BATCH_ROWS { self.let_go() } else { Ok(()) }
    }

    /// A row that could not be read.
    ///
    /// # Errors
    /// Under [`OnBadRow::Fail`](super::OnBadRow).
    pub fn bad(&mut self, line: u64, fault: Fault) -> Result<(), IngestError> {
        match &mut self.out {
            Out::Depths(out) => out.bad(line, fault),
            Out::Ticks(out) => out.bad(line, fault),
        }
    }

    /// Hands on what is left and reports.
    ///
    /// # Errors
    /// As [`Emitter::row`].
    pub fn finish(mut self) -> Result<ReadReport, IngestError> {
        self.let_go()?;
        match self.out {
            Out::Depths(out) => out.finish(),
            Out::Ticks(out) => out.finish(),
        }
    }

    /// Hands on the symbol's trades of another stamp.
    fn move_on(&mut self, symbol: &[u8], ts: Nanos) -> Result<(), IngestError> {
        let is_past =
            |trades: &Vec<(u64, RawTrade)>| trades.first().is_some_and(|(_, row)| row.trade.ts != ts);
        if self.trades == 0 || !self.waiting.get(symbol).is_some_and(is_past) {
            return Ok(());
        }
        let trades = self.waiting.remove(symbol).unwrap_or_default();
        self.trades -= trades.len();
        send(&mut self.out, symbol, trades)
    }

    fn let_go(&mut self) -> Result<(), IngestError> {
        self.trades = 0;
        let waiting = std::mem::take(&mut self.waiting);
        waiting.into_iter().try_for_each(|(symbol, trades)| send(&mut self.out, &symbol, trades))
    }
}

fn send(out: &mut Out<'_>, symbol: &[u8], trades: Vec<(u64, RawTrade)>) -> Result<(), IngestError> {
    trades.into_iter().try_for_each(|(line, row)| match out {
        Out::Depths(out) => out.row(line, symbol, DepthTick::Trade(row)),
        Out::Ticks(out) => out.row(line, symbol, RawTick::Trade(row)),
    })
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
            // Another symbol's clock is behind, as of another exchange.
            out.quote(10 + line, b"B", RawQuote { sequence: 10 + line, ..quote(4) }).expect("sent");
        }
        assert_eq!(out.finish().expect("done").rows, 10);
        drop(sender);
        let rows = |batch: Batch| match batch.rows {
            Rows::Ticks(rows) => rows,
            _ => Vec::new(),
        };
        let sequences = receiver.into_iter().flat_map(rows).map(|row| row.sequence());
        let order: Vec<u64> = sequences.filter(|sequence| *sequence < 10).collect();
        assert_eq!(order, [2, 4, 1, 3, 5]);
    }
}
