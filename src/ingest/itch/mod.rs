//! Nasdaq TotalView-ITCH 5.0: a day of every order of every stock, as messages behind a length of two bytes.
//!
//! In: a daily file, plain or gzip; its date stands in its name only. Out: ticks. The books are built from messages
//! A F E C X D U, and a quote is told each time that the price or size of a best level changes; where more levels are
//! wanted, each time that one of those does. Trades: E and C are
//! executions of an order that rests in the book, so that the aggressor is the other side; a C that is not printable
//! is no trade, as a later cross tells its shares. P is an execution of a hidden order: since 14 July 2014 it says
//! `B` whatever the side, so the side is unknown. Q is a cross, with no aggressor, under the sale condition of its
//! kind (`O` opening, `6` closing, `5` after a halt, else the letter of an auction that no tape names). H tells the
//! trading state: a halt, and its end, come as the book's state under that letter. B breaks an earlier trade: counted,
//! the trade stays.
//!
//! Messages about stocks nobody asked for cost no book. Messages of types that the specification does not know are
//! passed over by their length and counted: Nasdaq adds types.
//!
//! Source: Nasdaq TotalView-ITCH 5.0 specification, sections 1.1 to 1.9.

mod books;
mod frames;
mod message;
mod name;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

pub use name::date_in as date_in_name;

use super::error::{Fault, IngestError};
use super::raw::Batch;
use super::sequence::{ReadOptions, ReadReport};
use super::ticks::TickEmitter;
use super::{Input, source};
use books::Books;
use frames::Frames;
use message::Message;

/// Whether a file's first bytes are those of an ITCH file: a system event behind its length.
#[must_use]
pub fn is_announced(head: &[u8]) -> bool {
    let (length, event) = (head.get(..2), head.get(13));
    length == Some(&[0, 12]) && head.get(2) == Some(&b'S') && event.is_some_and(|e| b"OSQMEC".contains(e))
}

/// How many first bytes that takes.
pub const HEAD_BYTES: usize = 14;

/// Reads a file.
///
/// # Errors
/// At the first bad message under [`OnBadRow::Fail`](super::OnBadRow); when the file ends within a message; when the
/// stream fails.
pub fn read(
    input: &Input,
    options: &ReadOptions,
    sender: &SyncSender<Batch>,
) -> Result<ReadReport, IngestError> {
    let path: &Path = &input.path;
    let date = input.reading.date.map_or_else(|| date_in_name(path), Ok)?;
    let (stream, hash) = source::open_text(path, Arc::clone(&options.bytes_seen))?;
    let mut frames = Frames::new(stream);
    let mut books = Books::new(date, &options.symbols, options.levels);
    let mut out = TickEmitter::of_books(path, options, sender);
    while let Some((number, bytes)) = frames.next(path)? {
        let made = Message::parse(bytes).and_then(|parsed| match parsed {
            Some((head, message)) => books.apply(head, &message),
            None => Ok(books.pass_over()),
        });
        match made {
            Ok(told) => {
                let Some(symbol) = told.symbol else { continue };
                let symbol = books.name(symbol);
                told.quote(number).map_or(Ok(()), |row| out.quote(number, symbol, row))?;
                told.depth(number).map_or(Ok(()), |row| out.depth(number, symbol, &row))?;
                told.trade(number).map_or(Ok(()), |row| out.trade(number, symbol, row))?;
            }
            Err(fault) => out.bad(number, fault)?,
        }
        if books.is_full() {
            return Err(IngestError::file(path, books::TOO_MANY_ORDERS));
        }
    }
    let mut report = out.finish()?;
    report.counted = books.counted();
    report.sha256 = Some(hash.finish(frames.into_inner()).map_err(|e| IngestError::io(path, "reading", e))?);
    Ok(report)
}

/// A fault of one field of a message.
fn fault(column: &str, value: &dyn ToString, why: &'static str) -> Fault {
    Fault { column: column.into(), value: value.to_string(), why }
}
