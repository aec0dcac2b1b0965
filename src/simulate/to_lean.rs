//! QuantConnect Lean tick zips: `SYMBOL/YYYYMMDD_trade.zip` and `SYMBOL/YYYYMMDD_quote.zip`.
//!
//! Every state is a bid row and an ask row of the same millisecond. The format holds no aggressor.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::error::SimulateError;
use super::file::PartFile;
use super::row::{Cell, hundredths_of_a_cent, push_cells};
use super::sink::Sink;
use super::tape::{Print, State};
use crate::tape::{Nanos, Symbol, local_midnight};

const MILLISECOND: i64 = 1_000_000;

/// Writes one symbol's two zips at a time.
pub(super) struct Lean {
    date: NaiveDate,
    dir: PathBuf,
    midnight: Nanos,
    open: Option<(Zip, Zip)>,
    finished: Vec<PathBuf>,
}

impl Lean {
    pub(super) fn new(date: NaiveDate, dir: &Path) -> Self {
        Self { date, dir: dir.to_owned(), midnight: local_midnight(date), open: None, finished: Vec::new() }
    }

    /// Milliseconds past midnight.
    fn clock(&self, ts: Nanos) -> Result<Cell<'static>, SimulateError> {
        if ts.0 % MILLISECOND != 0 {
            let wanted = "whole milliseconds for the lean format";
            return Err(SimulateError::parameter("stamp", &format!("{} ns", ts.0), wanted));
        }
        Ok(Cell::Int((ts.0 - self.midnight.0) / MILLISECOND))
    }

    fn close(&mut self) -> Result<(), SimulateError> {
        if let Some((quotes, trades)) = self.open.take() {
            self.finished.push(quotes.finish()?);
            self.finished.push(trades.finish()?);
        }
        Ok(())
    }
}

impl Sink for Lean {
    fn symbol(&mut self, symbol: &Symbol) -> Result<(), SimulateError> {
        self.close()?;
        let (day, name) = (self.date.format("%Y%m%d"), symbol.as_str().to_ascii_lowercase());
        let dir = self.dir.join(symbol.file_stem().to_ascii_lowercase());
        let zip = |file: &str, entry: &str| {
            Zip::create(&dir, &format!("{day}_{file}.zip"), &format!("{day}_{name}_{entry}_Tick.csv"))
        };
        self.open = Some((zip("quote", "Quote")?, zip("trade", "Trade")?));
        Ok(())
    }

    fn quote(&mut self, state: &State) -> Result<(), SimulateError> {
        use Cell::{Int, Text};
        let quote = &state.quote;
        let (at, zero) = (self.clock(quote.ts)?, Int(0));
        let (bid, ask) = (hundredths_of_a_cent(quote.bid), hundredths_of_a_cent(quote.ask));
        let (bid_size, ask_size) = (Int(quote.bid_size.0), Int(quote.ask_size.0));
        let Some((zip, _)) = &mut self.open else {
            return Ok(());
        };
        zip.row(&[at, bid, bid_size, zero, zero, Text("P"), Text("1"), zero])?;
        zip.row(&[at, zero, zero, ask, ask_size, Text("P"), Text("1"), zero])
    }

    fn trade(&mut self, print: &Print) -> Result<(), SimulateError> {
        let trade = &print.trade;
        let at = self.clock(trade.ts)?;
        let (price, size) = (hundredths_of_a_cent(trade.price), Cell::Int(trade.size.0));
        let Some((_, zip)) = &mut self.open else {
            return Ok(());
        };
        zip.row(&[at, price, size, Cell::Text(print.venue()), Cell::Text("2000"), Cell::Int(0)])
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<PathBuf>, SimulateError> {
        self.close()?;
        Ok(self.finished)
    }
}

/// A zip of one text file.
struct Zip {
    part: PartFile,
    zip: ZipWriter<BufWriter<File>>,
    line: Vec<u8>,
}

impl Zip {
    fn create(dir: &Path, name: &str, entry: &str) -> Result<Self, SimulateError> {
        let (part, file) = PartFile::create(dir, name)?;
        let mut zip = ZipWriter::new(file);
        // A fixed time: the same rows give the same bytes.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default());
        zip.start_file(entry, options).map_err(|e| part.error(e))?;
        Ok(Self { part, zip, line: Vec::new() })
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), SimulateError> {
        self.line.clear();
        push_cells(&mut self.line, b',', cells);
        self.zip.write_all(&self.line).map_err(|e| self.part.error(e))
    }

    fn finish(self) -> Result<PathBuf, SimulateError> {
        let Self { part, zip, .. } = self;
        let mut file = zip.finish().map_err(|e| part.error(e))?;
        file.flush().map_err(|e| part.error(e))?;
        part.keep()
    }
}
