//! Events of one batch and one session date, and the bytes as which the journal keeps them: a source, its symbols,
//! then one fixed-width row an event. A checksum over those bytes and their place tells when either is not what was
//! written.

use chrono::{Datelike, NaiveDate};
use sha2::{Digest, Sha256};

use crate::ingest::{Event, RawQuote, RawTrade, Record};
use crate::tape::{Nanos, Symbol};

/// One source's new events of one session date in one batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The batch's place in the journal.
    pub position: u64,
    /// The session date in New York.
    pub date: NaiveDate,
    /// Who said it.
    pub source: String,
    /// Whether events carry the source's numbers.
    pub sequenced: bool,
    /// The symbols named by the rows' indices.
    pub symbols: Vec<Symbol>,
    /// In the order sent; those that were there already are left out.
    pub events: Vec<Event>,
    /// How many were left out.
    pub duplicates: u64,
}

/// A durable batch as it flows on, the same when it is read again: its chunks ascend by date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// Its place in the journal.
    pub position: u64,
    /// Who sent it.
    pub source: String,
    /// When it became durable.
    pub durable_at: Nanos,
    /// Its new events; a chunk has none where all were there already.
    pub chunks: Vec<Chunk>,
}

const QUOTE: u8 = 0;
const TRADE: u8 = 1;
const END: u8 = 2;
/// The layout's own number, its first byte.
const LAYOUT: u8 = 2;

impl Chunk {
    /// The events as bytes.
    pub(super) fn encoded(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + self.events.len() * (5 + RawQuote::BYTES));
        out.extend([LAYOUT, u8::from(self.sequenced)]);
        out.extend(self.duplicates.to_le_bytes());
        put_text(&mut out, &self.source);
        put_count(&mut out, self.symbols.len());
        self.symbols.iter().for_each(|symbol| put_text(&mut out, symbol.as_str()));
        put_count(&mut out, self.events.len());
        for event in &self.events {
            match event {
                Event::Quote(row) => put_row(&mut out, QUOTE, row.symbol, row),
                Event::Trade(row) => put_row(&mut out, TRADE, row.symbol, row),
                Event::End { sequence, .. } => {
                    out.push(END);
                    out.extend(sequence.to_le_bytes());
                }
            }
        }
        out
    }

    /// The events back; `None` where the bytes are no such thing.
    pub(super) fn decoded(position: u64, date: NaiveDate, bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let [LAYOUT, sequenced] = *take(&mut rest, 2)? else { return None };
        let duplicates = u64::from_le_bytes(take(&mut rest, 8)?.try_into().ok()?);
        let source = take_text(&mut rest)?;
        let symbols = (0..take_count(&mut rest)?).map(|_| Some(Symbol::new(&take_text(&mut rest)?)));
        let symbols = symbols.collect::<Option<_>>()?;
        let count = take_count(&mut rest)?;
        let events = (0..count).map(|_| take_event(&mut rest, date)).collect::<Option<_>>()?;
        let chunk = Self { position, date, source, sequenced: sequenced == 1, symbols, events, duplicates };
        rest.is_empty().then_some(chunk)
    }
}

/// What the bytes and their place add up to.
pub(super) fn checksum(position: u64, date: NaiveDate, bytes: &[u8]) -> [u8; 32] {
    let mut sum = Sha256::new();
    sum.update(position.to_le_bytes());
    sum.update(date.num_days_from_ce().to_le_bytes());
    sum.update(bytes);
    sum.finalize().into()
}

fn put_row(out: &mut Vec<u8>, kind: u8, symbol: u32, row: &impl Record) {
    out.push(kind);
    out.extend(symbol.to_le_bytes());
    row.put(out);
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_count(out, text.len());
    out.extend(text.as_bytes());
}

fn put_count(out: &mut Vec<u8>, count: usize) {
    // The wire's bounds lie far below 2^32.
    out.extend((count as u32).to_le_bytes());
}

fn take_event(rest: &mut &[u8], date: NaiveDate) -> Option<Event> {
    match take(rest, 1)?[0] {
        QUOTE => {
            let symbol = take_count(rest)? as u32;
            Some(Event::Quote(RawQuote { symbol, ..RawQuote::get(take(rest, RawQuote::BYTES)?) }))
        }
        TRADE => {
            let symbol = take_count(rest)? as u32;
            Some(Event::Trade(RawTrade { symbol, ..RawTrade::get(take(rest, RawTrade::BYTES)?) }))
        }
        END => Some(Event::End { date, sequence: u64::from_le_bytes(take(rest, 8)?.try_into().ok()?) }),
        _ => None,
    }
}

fn take<'a>(rest: &mut &'a [u8], bytes: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(bytes)?;
    *rest = left;
    Some(taken)
}

fn take_count(rest: &mut &[u8]) -> Option<usize> {
    Some(u32::from_le_bytes(take(rest, 4)?.try_into().ok()?) as usize)
}

fn take_text(rest: &mut &[u8]) -> Option<String> {
    let bytes = take_count(rest)?;
    String::from_utf8(take(rest, bytes)?.to_vec()).ok()
}
