//! Rows of both kinds out of one file, in the order in which the river takes them.
//!
//! In: quotes and trades as a file of orders tells them, where a trade stands before the state of the book that it
//! leaves. Out: [`RawTick`]s; at a stamp, a symbol's quotes before its trades, as rows of two files would be merged.
//! Which of the quotes is in force for a trade of its stamp is decided by `sign`, not here.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::SyncSender;

use super::error::{Fault, IngestError};
use super::raw::{Batch, RawQuote, RawTick, RawTrade};
use super::sequence::{Emitter, ReadOptions, ReadReport};
use crate::limits::BATCH_ROWS;
use crate::tape::Nanos;

/// An emitter of ticks: trades wait until their symbol's stamp moves on, whatever rows of others come between.
pub struct TickEmitter<'a> {
    out: Emitter<'a, RawTick>,
    /// By symbol, with the lines they stand on; one symbol's have one stamp.
    waiting: BTreeMap<Box<[u8]>, Vec<(u64, RawTrade)>>,
    trades: usize,
}

impl<'a> TickEmitter<'a> {
    /// An emitter for one file.
    pub fn new(path: &'a Path, options: &'a ReadOptions, sender: &'a SyncSender<Batch>) -> Self {
        Self { out: Emitter::new(path, options, sender), waiting: BTreeMap::new(), trades: 0 }
    }

    /// Hands on a quote, which stands on `line` (or is the line-th record).
    ///
    /// # Errors
    /// As [`Emitter::row`].
    pub fn quote(&mut self, line: u64, symbol: &[u8], row: RawQuote) -> Result<(), IngestError> {
        self.move_on(symbol, row.quote.ts)?;
        self.out.row(line, symbol, RawTick::Quote(row))
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

fn send(
    out: &mut Emitter<'_, RawTick>,
    symbol: &[u8],
    trades: Vec<(u64, RawTrade)>,
) -> Result<(), IngestError> {
    trades.into_iter().try_for_each(|(line, row)| out.row(line, symbol, RawTick::Trade(row)))
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
