//! The files that Binance publishes at data.binance.vision: a symbol's trades, aggTrades or bookTicker of a day or a
//! month, as the zip that is fetched, gzip or plain CSV.
//!
//! In: rows bound by their place, as spot's files have no header and futures' have one since 2022. Out: trades, the
//! aggressor known, or quotes; sequence numbers are the exchange's ids. What the columns are stands in [`table`], what
//! the name tells in [`name`].
//!
//! **Time** is the exchange's, when it happened (`time`, `transact_time`, `transaction_time`): milliseconds, in spot's
//! files microseconds from 2025 on, which each cell tells by its magnitude. A time that runs backwards by two seconds
//! at most is held at the latest before it, and counted: ids tell the order. One that runs back further is a bad row,
//! as in every format. Some futures' files of 2023 and 2024 interleave two halves of their time; sorted by their first
//! column they are in order.
//!
//! **Sizes** are coins; of COIN-margined futures contracts.
//!
//! Source: github.com/binance/binance-public-data, README and issues 288, 305, 339.

mod name;
mod table;
#[cfg(test)]
mod tests;

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use self::name::Name;
use self::table::{At, Clock, Table};
use super::error::IngestError;
use super::positional::{Lines, fault};
use super::raw::{Batch, RawRow};
use super::sequence::{Emitter, ReadOptions, ReadReport};
use super::zipped::Zipped;
use super::{Input, source};

/// What the name of a file tells.
///
/// # Errors
/// When it is not named as Binance names files of trades, aggTrades and bookTicker; when it is a damaged zip.
pub fn describe(path: &Path) -> Result<Name, IngestError> {
    name::read(path, &name::of(path)?)
}

/// Whether a zip holds a file that is named as Binance names files, of whatever kind.
#[must_use]
pub fn is_zip_of(path: &Path) -> bool {
    Zipped::open(path, Arc::default()).is_ok_and(|zipped| name::is_alike(&zipped.name))
}

/// Whether a file is Binance's by its name and its first line. One of a kind that is not read begins with a number too.
#[must_use]
pub fn is_announced(path: &Path, line: &[u8]) -> bool {
    let own = path.file_name().unwrap_or_default().to_string_lossy();
    match name::read(path, &own) {
        Ok(name) => name.table.begins_with(line),
        Err(_) => name::is_alike(&own) && !table::is_header(line),
    }
}

/// Reads a file line by line.
///
/// # Errors
/// When its header is another; at the first bad row under [`OnBadRow::Fail`](super::OnBadRow); when the stream fails.
pub fn read(
    input: &Input,
    options: &ReadOptions,
    sender: &SyncSender<Batch>,
) -> Result<ReadReport, IngestError> {
    let path = &input.path;
    if name::is_zip(path)? {
        let mut zipped = Zipped::open(path, Arc::clone(&options.bytes_seen))?;
        let name = name::read(path, &zipped.name)?;
        let mut lines = Lines::new(zipped.entry(path)?);
        return rows(input, &name, &mut lines, options, sender);
    }
    let name = describe(path)?;
    let (stream, hash) = source::open_text(path, Arc::clone(&options.bytes_seen))?;
    let mut lines = Lines::new(stream);
    let mut report = rows(input, &name, &mut lines, options, sender)?;
    report.sha256 = Some(hash.finish(lines.into_inner()).map_err(|e| IngestError::io(path, "reading", e))?);
    Ok(report)
}

fn rows(
    input: &Input,
    name: &Name,
    lines: &mut Lines<impl Read>,
    options: &ReadOptions,
    sender: &SyncSender<Batch>,
) -> Result<ReadReport, IngestError> {
    let (path, scale, table) = (&input.path, input.reading.scale, name.table);
    match table {
        Table::Trades | Table::AggTrades => {
            let out = Emitter::new(path, options, sender);
            each(path, name, lines, out, |line, clock| table.trade(line, scale, clock))
        }
        Table::BookTicker => {
            let out = Emitter::new(path, options, sender);
            each(path, name, lines, out, |line, clock| table.quote(line, scale, clock))
        }
    }
}

fn each<R: RawRow>(
    path: &Path,
    name: &Name,
    lines: &mut Lines<impl Read>,
    mut out: Emitter<'_, R>,
    row_of: impl Fn(&[u8], &mut Clock) -> Result<R, At>,
) -> Result<ReadReport, IngestError> {
    let (mut clock, mut is_first) = (Clock::new(), true);
    while let Some((number, line)) = lines.next_line().map_err(|e| IngestError::io(path, "reading", e))? {
        if std::mem::take(&mut is_first) && table::is_header(line) {
            name.table.check_header(path, number, line)?;
            continue;
        }
        match row_of(line, &mut clock) {
            Ok(row) => out.row(number, name.symbol.as_bytes(), row)?,
            Err((at, why)) => out.bad(number, fault(line, name.table.columns(), at, why))?,
        }
    }
    let mut report = out.finish()?;
    if clock.held > 0 {
        report.counted.insert("times that ran backwards".into(), clock.held);
    }
    Ok(report)
}
