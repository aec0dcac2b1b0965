//! Parquet with the default columns, a row group at a time.
//!
//! Prices are the floats nearest to their decimals, from which a reader gets the exact price back; `ts` is a
//! timestamp in nanoseconds UTC.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use polars::io::parquet::write::BatchedWriter;
use polars::prelude::*;

use super::error::SimulateError;
use super::file::PartFile;
use super::sink::Sink;
use super::tape::{Print, State};
use super::to_csv::side;
use crate::limits::ROW_GROUP_ROWS;
use crate::tape::Symbol;

type Made = PolarsResult<DataFrame>;

/// Writes `quotes_YYYYMMDD.parquet` and `trades_YYYYMMDD.parquet`.
pub(super) struct Parquet {
    quotes: Table<State>,
    trades: Table<Print>,
    symbol: Symbol,
}

impl Parquet {
    pub(super) fn create(date: NaiveDate, dir: &Path) -> Result<Self, SimulateError> {
        let name = |kind| format!("{kind}_{}.parquet", date.format("%Y%m%d"));
        Ok(Self {
            quotes: Table::create(dir, &name("quotes"), quote_frame)?,
            trades: Table::create(dir, &name("trades"), trade_frame)?,
            symbol: Symbol::new(""),
        })
    }
}

impl Sink for Parquet {
    fn symbol(&mut self, symbol: &Symbol) -> Result<(), SimulateError> {
        self.symbol = symbol.clone();
        Ok(())
    }

    fn quote(&mut self, state: &State) -> Result<(), SimulateError> {
        self.quotes.push(&self.symbol, *state)
    }

    fn trade(&mut self, print: &Print) -> Result<(), SimulateError> {
        self.trades.push(&self.symbol, *print)
    }

    fn finish(self: Box<Self>) -> Result<Vec<PathBuf>, SimulateError> {
        Ok(vec![self.quotes.finish()?, self.trades.finish()?])
    }
}

fn quote_frame(rows: &[(Symbol, State)]) -> Made {
    let quotes = || rows.iter().map(|(_, state)| &state.quote);
    DataFrame::new(
        rows.len(),
        vec![
            moments(quotes().map(|q| q.ts.0))?,
            texts("symbol", rows.iter().map(|(symbol, _)| symbol.as_str())),
            floats("bid", quotes().map(|q| q.bid.usd())),
            wholes("bid_size", quotes().map(|q| q.bid_size.0)),
            floats("ask", quotes().map(|q| q.ask.usd())),
            wholes("ask_size", quotes().map(|q| q.ask_size.0)),
        ],
    )
}

fn trade_frame(rows: &[(Symbol, Print)]) -> Made {
    let (prints, trades) = (|| rows.iter().map(|(_, p)| p), || rows.iter().map(|(_, p)| &p.trade));
    DataFrame::new(
        rows.len(),
        vec![
            moments(trades().map(|t| t.ts.0))?,
            texts("symbol", rows.iter().map(|(symbol, _)| symbol.as_str())),
            floats("price", trades().map(|t| t.price.usd())),
            wholes("size", trades().map(|t| t.size.0)),
            texts("side", trades().map(|t| side(t.known_side))),
            texts("venue", prints().map(Print::venue)),
            texts("conditions", prints().map(Print::conditions)),
            wholes("sequence", prints().map(|p| p.sequence as i64)),
        ],
    )
}

fn moments(nanos: impl Iterator<Item = i64>) -> PolarsResult<Column> {
    wholes("ts", nanos).cast(&DataType::Datetime(TimeUnit::Nanoseconds, None))
}

fn wholes(name: &str, values: impl Iterator<Item = i64>) -> Column {
    Column::new(name.into(), values.collect::<Vec<i64>>())
}

fn floats(name: &str, values: impl Iterator<Item = f64>) -> Column {
    Column::new(name.into(), values.collect::<Vec<f64>>())
}

fn texts<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> Column {
    Column::new(name.into(), values.collect::<Vec<&str>>())
}

/// One Parquet file and the rows of its next row group.
struct Table<R> {
    part: PartFile,
    writer: BatchedWriter<BufWriter<File>>,
    frame: fn(&[(Symbol, R)]) -> Made,
    rows: Vec<(Symbol, R)>,
}

impl<R> Table<R> {
    fn create(dir: &Path, name: &str, frame: fn(&[(Symbol, R)]) -> Made) -> Result<Self, SimulateError> {
        let (part, file) = PartFile::create(dir, name)?;
        let schema = frame(&[]).map_err(|e| part.error(std::io::Error::other(e)))?;
        let writer = ParquetWriter::new(file)
            .batched(schema.schema())
            .map_err(|e| part.error(std::io::Error::other(e)))?;
        Ok(Self { part, writer, frame, rows: Vec::new() })
    }

    fn push(&mut self, symbol: &Symbol, row: R) -> Result<(), SimulateError> {
        self.rows.push((symbol.clone(), row));
        if self.rows.len() == ROW_GROUP_ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), SimulateError> {
        let written = (self.frame)(&self.rows).and_then(|frame| self.writer.write_batch(&frame));
        self.rows.clear();
        written.map_err(|e| self.part.error(std::io::Error::other(e)))
    }

    fn finish(mut self) -> Result<PathBuf, SimulateError> {
        if !self.rows.is_empty() {
            self.flush()?;
        }
        // Ends with the footer and a flush of the buffer under it.
        let ended = self.writer.finish();
        ended.map_err(|e| self.part.error(std::io::Error::other(e)))?;
        self.part.keep()
    }
}
