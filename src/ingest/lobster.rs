//! LOBSTER (lobsterdata.com): a day's order book of one Nasdaq stock as a pair of files without header.
//!
//! message: `seconds after midnight,type,order id,size,price*10000,direction`; its type is 1 submission, 2 partial
//! cancellation, 3 deletion, 4 execution of a visible and 5 of a hidden order, 6 cross, 7 halt. Types 4 to 6 are
//! trades; 5 and 6 carry letters that say so where tapes have sale conditions. A halt and its end are told by the
//! letter of the trading state in the quote of their row. The others are read and checked and give no row. The
//! direction is that of the RESTING order, so the aggressor is the other side; a cross has none, and since
//! 14 July 2014 Nasdaq calls every hidden order a buy, which tells nothing (LOBSTER help, "Hidden order
//! executions"): both have an unknown side.
//!
//! A message file without its orderbook has quotes where it tells all: where every message speaks of an order that an
//! earlier one submitted, the book built from them is the exchange's own, and each change of its best bid and offer is
//! a quote. LOBSTER's own files begin with orders in the book and leave out what lies beyond their level, and have
//! then no quotes, only trades. Its levels are told where they are wanted.
//!
//! orderbook: `ask*10000,ask size,bid*10000,bid size` a level, best first; row k is the book after message k and
//! has that message's time. Level 1 becomes a quote, repeated states too; a price of +-9999999999 is no side.
//!
//! Source: LOBSTER, Sample Files Readme, 1 Sept 2013.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use chrono::NaiveDate;

use super::depth::{Deeper, RawDepth, deeper};
use super::error::{Fault, IngestError};
use super::fields;
use super::gather::backwards;
use super::lobster_book;
use super::lobster_message::Message;
use super::lobster_name::{self, Name};
use super::positional::{Lines, fault};
use super::quick;
use super::raw::{Batch, EXCHANGE, RawQuote, RawRow, RawTrade};
use super::sequence::{Emitter, OnBadRow, ReadOptions, ReadReport};
use super::ticks::TickEmitter;
use super::{Input, Kind, source};
use crate::book::OrderBook;
use crate::tape::{Nanos, Quote, local_midnight};

const MESSAGE_COLUMNS: &[&str] =
    &["time", "type", "order id", "size", "price", "direction", "beyond direction"];

type Text = Lines<Box<dyn Read>>;

/// Reads one file of a pair.
///
/// # Errors
/// At the first bad row under [`OnBadRow::Fail`]; when the pair's files hold different numbers of rows; when the
/// stream fails.
pub fn read(
    input: &Input,
    options: &ReadOptions,
    sender: &SyncSender<Batch>,
) -> Result<ReadReport, IngestError> {
    let path = &input.path;
    let name = lobster_name::describe(path)?;
    let (stream, hash) = source::open_text(path, Arc::clone(&options.bytes_seen))?;
    let mut lines = Lines::new(stream);
    let mut report = match &input.stamps_from {
        None if input.kind == Kind::Ticks => ticks(path, &name, &mut lines, options, sender),
        None => messages(path, &name, &mut lines, options, sender),
        Some(stamps) if options.levels > 1 => {
            let levels = wanted_levels(path, &name, options)?;
            let out = Emitter::<RawDepth>::new(path, options, sender);
            let row = |line: &[u8], ts, state| {
                let row = lobster_book::depth(line, ts, (name.levels, levels))?;
                Ok(RawDepth { quote: in_state(row.quote, state), ..row })
            };
            books((path, stamps), &name, &mut lines, (options, out), row)
        }
        Some(stamps) => {
            let out = Emitter::<RawQuote>::new(path, options, sender);
            let row = |line: &[u8], ts, state| {
                lobster_book::quote(line, ts, name.levels).map(|row| in_state(row, state))
            };
            books((path, stamps), &name, &mut lines, (options, out), row)
        }
    }?;
    report.sha256 = Some(hash.finish(lines.into_inner()).map_err(|e| IngestError::io(path, "reading", e))?);
    Ok(report)
}

fn messages(
    path: &Path,
    name: &Name,
    lines: &mut Text,
    options: &ReadOptions,
    sender: &SyncSender<Batch>,
) -> Result<ReadReport, IngestError> {
    let mut out = Emitter::<RawTrade>::new(path, options, sender);
    let mut clock = Clock::new(name.date);
    while let Some((number, line)) = next_line(path, lines)? {
        let ts = match clock.read(line) {
            Ok(ts) => ts,
            Err(fault) => {
                out.bad(number, fault)?;
                continue;
            }
        };
        match Message::parse(line).map(|message| (message.trade(ts, name.date), message.conditions())) {
            Ok((Some(trade), conditions)) => {
                let row = RawTrade { trade, conditions, sequence: number, ..RawTrade::default() };
                out.row(number, name.symbol.as_bytes(), row)?;
            }
            Ok((None, _)) => {}
            Err((at, why)) => out.bad(number, fault(line, MESSAGE_COLUMNS, at, why))?,
        }
    }
    out.finish()
}

/// A message file that tells all, as ticks: its trades, and the best bid and offer of the book that it makes.
fn ticks(
    path: &Path,
    name: &Name,
    lines: &mut Text,
    options: &ReadOptions,
    sender: &SyncSender<Batch>,
) -> Result<ReadReport, IngestError> {
    let mut out = TickEmitter::of_books(path, options, sender);
    let mut clock = Clock::new(name.date);
    let (mut book, mut told, mut told_deeper) = (OrderBook::new(), Quote::default(), Deeper::default());
    while let Some((sequence, line)) = next_line(path, lines)? {
        let made = clock.read(line).and_then(|ts| {
            let message = Message::parse(line).map_err(|(at, why)| fault(line, MESSAGE_COLUMNS, at, why))?;
            Ok((ts, message))
        });
        let (ts, message) = match made {
            Ok(made) => made,
            Err(fault) => {
                out.bad(sequence, fault)?;
                continue;
            }
        };
        message.apply(&mut book);
        let state = book.best().quote(Nanos(0));
        let is_news = std::mem::replace(&mut told, state) != state || message.state() != 0;
        let quote = RawQuote { quote: Quote { ts, ..state }, sequence, ..RawQuote::default() };
        let quote = in_state(quote, message.state());
        if options.levels > 1 {
            let deeper = deeper(options.levels, |side, n| book.levels(side, n));
            if std::mem::replace(&mut told_deeper, deeper) != deeper || is_news {
                let row = RawDepth { quote, deeper, is_behind: !is_news };
                out.depth(sequence, name.symbol.as_bytes(), &row)?;
            }
        } else if is_news {
            out.quote(sequence, name.symbol.as_bytes(), quote)?;
        }
        if let Some(trade) = message.trade(ts, name.date) {
            let conditions = message.conditions();
            let row = RawTrade { trade, conditions, sequence, ..RawTrade::default() };
            out.trade(sequence, name.symbol.as_bytes(), row)?;
        }
    }
    out.finish()
}

/// Whether a message file tells all: each of its messages speaks of an order that an earlier one submitted, as that
/// stands in the book by then, and there is one. A file with a row that cannot be read does not.
///
/// # Errors
/// When it cannot be opened or read.
pub fn tells_all(path: &Path) -> Result<bool, IngestError> {
    let (stream, _) = source::open_text(path, Arc::default())?;
    let (mut lines, mut book, mut any) = (Lines::new(stream), OrderBook::new(), false);
    while let Some((_, line)) = next_line(path, &mut lines)? {
        if !Message::parse(line).is_ok_and(|message| message.apply(&mut book)) {
            return Ok(false);
        }
        any |= !book.is_empty();
    }
    Ok(any)
}

/// How many of a file's levels are wanted, which it must have.
fn wanted_levels(path: &Path, name: &Name, options: &ReadOptions) -> Result<usize, IngestError> {
    if options.levels <= usize::from(name.levels) {
        return Ok(options.levels);
    }
    let what = format!(
        "holds the book to level {}, as its name says, and not to level {}, which is asked for",
        name.levels, options.levels
    );
    Err(IngestError::file(path, what))
}

/// An orderbook file, its rows with the times of the messages.
fn books<R: RawRow>(
    (path, stamps): (&Path, &Path),
    name: &Name,
    lines: &mut Text,
    (options, mut out): (&ReadOptions, Emitter<'_, R>),
    row_of: impl Fn(&[u8], Nanos, u8) -> Result<R, Fault>,
) -> Result<ReadReport, IngestError> {
    let mut clock = Clock::new(name.date);
    // The message file's own reader counts and hashes its bytes.
    let mut messages = Lines::new(source::open_text(stamps, Arc::default())?.0);
    let mut pairs = 0_u64;
    let (one_more_row, one_more_message) = loop {
        let pair = (next_line(path, lines)?, next_line(stamps, &mut messages)?);
        let ((number, line), (message_number, message)) = match pair {
            (Some(row), Some(message)) => (row, message),
            (row, message) => break (row.is_some(), message.is_some()),
        };
        pairs += 1;
        let made = match clock.read(message) {
            Ok(ts) => row_of(line, ts, Message::state_of(message)),
            Err(fault) if options.on_bad_row == OnBadRow::Fail => {
                let path = stamps.to_owned();
                return Err(IngestError::Field { path, line: message_number, fault });
            }
            Err(fault) => Err(Fault { column: "time of its message".into(), ..fault }),
        };
        match made {
            Ok(mut row) => {
                row.set_sequence(number);
                out.row(number, name.symbol.as_bytes(), row)?;
            }
            Err(fault) => out.bad(number, fault)?,
        }
    };
    let rows = pairs + u64::from(one_more_row) + count(path, lines)?;
    let messages = pairs + u64::from(one_more_message) + count(stamps, &mut messages)?;
    if rows == messages { out.finish() } else { Err(unequal(path, stamps, rows, messages)) }
}

/// A row with the trading state that its message tells, if any.
fn in_state(row: RawQuote, state: u8) -> RawQuote {
    let source = if state == 0 { row.source } else { EXCHANGE };
    RawQuote { condition: state, source, ..row }
}

/// The times of a message file, which may not run backwards.
struct Clock {
    midnight: i64,
    last: Nanos,
}

impl Clock {
    fn new(date: NaiveDate) -> Self {
        Self { midnight: local_midnight(date).0, last: Nanos(i64::MIN) }
    }

    /// The time of a message.
    fn read(&mut self, message: &[u8]) -> Result<Nanos, Fault> {
        let nanos = match quick::leading_seconds(message) {
            Some((nanos, length)) if message[length..].starts_with(b",") => nanos,
            _ => {
                let cell = message.split(|b| *b == b',').next().unwrap_or_default();
                fields::seconds_of_day(cell).map_err(|why| fault(message, MESSAGE_COLUMNS, 0, why))?
            }
        };
        let ts = Nanos(self.midnight + nanos);
        if ts < self.last {
            return Err(backwards(ts, self.last));
        }
        self.last = ts;
        Ok(ts)
    }
}

fn next_line<'a>(path: &Path, lines: &'a mut Text) -> Result<Option<(u64, &'a [u8])>, IngestError> {
    lines.next_line().map_err(|e| IngestError::io(path, "reading", e))
}

/// How many lines are left.
fn count(path: &Path, lines: &mut Text) -> Result<u64, IngestError> {
    let mut left = 0;
    while next_line(path, lines)?.is_some() {
        left += 1;
    }
    Ok(left)
}

fn unequal(path: &Path, stamps: &Path, rows: u64, messages: u64) -> IngestError {
    let name = stamps.file_name().unwrap_or_default().to_string_lossy();
    let first = rows.min(messages) + 1;
    let what = format!(
        "holds {rows} rows where {name} holds {messages}; row k is the book after message k, which fails from \
         line {first} on: fetch both files again"
    );
    IngestError::file(path, what)
}
