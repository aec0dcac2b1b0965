//! Databento's DBN files: trades, quotes, or both, by the schema that a file's metadata name.
//!
//! trades give trades; `bbo-1s`, `bbo-1m`, `cbbo-1s` and `cbbo-1m` quotes; `tbbo`, `tcbbo`, `mbp-1`, `mbp-10`,
//! `cmbp-1` and `mbo` both. Other schemas (`status`, `imbalance`, `statistics`, `definition`, `ohlcv`) hold no ticks:
//! their records are passed over and counted. Live captures of several schemas are refused.
//! Of the depth of `mbp-10` and `mbo` as many levels are handed on as are wanted. What records mean stands in
//! [`market`], how their times and prices are read in [`event`].
//!
//! Source: databento.com/docs, "Schemas and data formats" and "Standards and conventions".

mod coverage;
mod event;
mod legacy;
mod market;
mod names;
mod stream;
mod venue;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use dbn::{Metadata, Schema};

use super::coverage::Coverage;
use super::error::{Fault, IngestError};
use super::raw::{Batch, RawQuote, RawTick, RawTrade};
use super::sequence::{Emitter, ReadOptions, ReadReport};
use super::ticks::TickEmitter;
use super::{Input, Kind};
use crate::limits::{BATCH_ROWS, SYMBOLS_PER_FILE_MAX};
use market::{Market, Row, Told};
use names::Names;
use stream::Records;

pub use stream::is_announced;

/// What a file's head says.
pub struct Head {
    /// What its rows are, by its schema.
    pub kind: Kind,
    /// Whether it tells of levels behind the best.
    pub has_levels: bool,
    /// Which trades it tells, where it tells any.
    pub trades: Option<Coverage>,
}

/// Reads a file's head.
///
/// # Errors
/// When its metadata cannot be read, or name no schema.
pub fn head(path: &Path) -> Result<Head, IngestError> {
    let (metadata, _) = stream::open(path, Arc::default())?;
    let (schema, kind) = schema(path, &metadata)?;
    let tells_trades = matches!(kind, Kind::Trades | Kind::Ticks);
    let trades = tells_trades.then(|| coverage::of(&metadata));
    Ok(Head { kind, has_levels: market::is_of_depth(schema), trades })
}

/// Which schemas hold ticks.
pub const READ: &str = "files of trades, tbbo, tcbbo, mbp-1, mbp-10, cmbp-1, mbo, bbo-1s, bbo-1m, cbbo-1s and cbbo-1m \
                        are read";

fn schema(path: &Path, metadata: &Metadata) -> Result<(Schema, Kind), IngestError> {
    let Some(schema) = metadata.schema else {
        let what =
            format!("names no schema, as live captures of several do: write one file a schema; {READ}");
        return Err(IngestError::file(path, what));
    };
    let kind = match schema {
        Schema::Trades => Kind::Trades,
        Schema::Bbo1S | Schema::Bbo1M | Schema::Cbbo1S | Schema::Cbbo1M => Kind::Quotes,
        Schema::Tbbo | Schema::Tcbbo | Schema::Mbp1 | Schema::Mbp10 | Schema::Cmbp1 | Schema::Mbo => {
            Kind::Ticks
        }
        _ => Kind::NoTicks,
    };
    Ok((schema, kind))
}

/// Passes a file over that holds no ticks, and counts its records.
fn pass_over(mut records: Records, schema: Schema, options: &ReadOptions) -> Result<ReadReport, IngestError> {
    let mut passed = 0_u64;
    while records.next()?.is_some() {
        passed += 1;
        if passed.is_multiple_of(BATCH_ROWS as u64) && options.is_called_off() {
            return Err(IngestError::CalledOff);
        }
    }
    let counted = [(format!("records of {schema} passed over"), passed)].into();
    Ok(ReadReport { counted, sha256: Some(records.finish()?), ..ReadReport::default() })
}

/// Reads a file.
///
/// # Errors
/// At the first bad record under [`OnBadRow::Fail`](super::OnBadRow); when the file is damaged or ends too early.
pub fn read(
    input: &Input,
    options: &ReadOptions,
    sender: &SyncSender<Batch>,
) -> Result<ReadReport, IngestError> {
    let path = &input.path;
    let (metadata, mut records) = stream::open(path, Arc::clone(&options.bytes_seen))?;
    let (schema, kind) = schema(path, &metadata)?;
    if kind == Kind::NoTicks {
        return pass_over(records, schema, options);
    }
    let mut names = Names::new(&metadata, &options.symbols);
    let mut market = Market::new(schema, options.levels);
    let mut out = Out::new(kind, path, options, sender);
    let (mut number, mut rows) = (0, Vec::new());
    while let Some(record) = records.next()? {
        number += 1;
        if number % BATCH_ROWS as u64 == 0 && options.is_called_off() {
            return Err(IngestError::CalledOff);
        }
        let event = match event::read(record, schema, options.levels) {
            Ok(event) => event,
            Err(fault) => {
                out.bad(number, fault)?;
                continue;
            }
        };
        let symbol = names.index(event.instrument, event.index_ts);
        if names.len() > SYMBOLS_PER_FILE_MAX {
            let what = format!("names more than {SYMBOLS_PER_FILE_MAX} symbols; cut it in pieces");
            return Err(IngestError::file(path, what));
        }
        if !names.is_wanted(symbol) {
            out.unwanted();
        } else if let Err(fault) = market.take(&event, symbol, &mut rows) {
            out.bad(number, fault)?;
        }
        out.rows(number, &names, &mut rows)?;
    }
    let counted = market.finish(&mut rows);
    out.rows(number, &names, &mut rows)?;
    let mut report = out.finish()?;
    report.counted.extend(counted.into_iter().map(|(name, count)| (name.to_owned(), count)));
    report.sha256 = Some(records.finish()?);
    Ok(report)
}

/// Rows on their way, in the shape of the file's kind.
enum Shape<'a> {
    Trades(Emitter<'a, RawTrade>),
    Quotes(Emitter<'a, RawQuote>),
    Ticks(TickEmitter<'a>),
}

struct Out<'a> {
    shape: Shape<'a>,
    unwanted: u64,
}

impl<'a> Out<'a> {
    fn new(kind: Kind, path: &'a Path, options: &'a ReadOptions, sender: &'a SyncSender<Batch>) -> Self {
        let shape = match kind {
            Kind::Trades => Shape::Trades(Emitter::new(path, options, sender)),
            Kind::Ticks => Shape::Ticks(TickEmitter::of_books(path, options, sender)),
            _ => Shape::Quotes(Emitter::new(path, options, sender)),
        };
        Self { shape, unwanted: 0 }
    }

    fn rows(&mut self, number: u64, names: &Names, rows: &mut Vec<Row>) -> Result<(), IngestError> {
        for (symbol, row) in rows.drain(..) {
            let symbol = names.symbol(symbol);
            let row = match (&mut self.shape, row) {
                (Shape::Ticks(out), Told::Depth(row)) => {
                    out.depth(number, symbol, &row)?;
                    continue;
                }
                (_, Told::Depth(row)) => RawTick::Quote(row.quote),
                (_, Told::Tick(row)) => row,
            };
            match (&mut self.shape, row) {
                (Shape::Trades(out), RawTick::Trade(row)) => out.row(number, symbol, row)?,
                (Shape::Quotes(out), RawTick::Quote(row)) => out.row(number, symbol, row)?,
                (Shape::Ticks(out), RawTick::Trade(row)) => out.trade(number, symbol, row)?,
                (Shape::Ticks(out), RawTick::Quote(row)) => out.quote(number, symbol, row)?,
                // A schema of trades shows no book, one of intervals tells no trade.
                (Shape::Trades(_), RawTick::Quote(_)) | (Shape::Quotes(_), RawTick::Trade(_)) => {}
            }
        }
        Ok(())
    }

    /// A record of a symbol that nobody asked for.
    fn unwanted(&mut self) {
        self.unwanted += 1;
    }

    fn bad(&mut self, number: u64, fault: Fault) -> Result<(), IngestError> {
        match &mut self.shape {
            Shape::Trades(out) => out.bad(number, fault),
            Shape::Quotes(out) => out.bad(number, fault),
            Shape::Ticks(out) => out.bad(number, fault),
        }
    }

    fn finish(self) -> Result<ReadReport, IngestError> {
        let mut report = match self.shape {
            Shape::Trades(out) => out.finish(),
            Shape::Quotes(out) => out.finish(),
            Shape::Ticks(out) => out.finish(),
        }?;
        report.rows_unselected += self.unwanted;
        Ok(report)
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_bytes;
#[cfg(test)]
mod tests_levels;
