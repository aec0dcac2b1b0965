//! One event in the making: fields put in one by one, then judged together.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::fields::{FIELDS, Field};
use super::unread::quoted;
use crate::ingest::{
    QuoteKind, RawQuote, RawTrade, parse_book, parse_date, parse_digits, parse_moment, parse_price,
    parse_side, parse_size,
};
use crate::limits::LIVE_SYMBOL_MAX_BYTES;
use crate::live::Event;
use crate::tape::{Nanos, Price, Quote, Scale, Sign, Size, Trade};

/// What kind of event a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A quote.
    Quote,
    /// A trade.
    Trade,
    /// The end of a session.
    End,
}

impl Kind {
    /// Its value of `type`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Quote => "quote",
            Self::Trade => "trade",
            Self::End => "end",
        }
    }

    /// The same with its article.
    fn one(self) -> &'static str {
        match self {
            Self::Quote => "a quote",
            Self::Trade => "a trade",
            Self::End => "an end",
        }
    }

    /// What it needs, and what it may have.
    const fn fields(self) -> (u32, u32) {
        use Field as F;
        let tick = F::Type.bit() | F::Symbol.bit() | F::Ts.bit();
        match self {
            Self::Quote => {
                let sides = F::Bid.bit() | F::BidSize.bit() | F::Ask.bit() | F::AskSize.bit();
                let letters = F::Condition.bit() | F::Cancel.bit() | F::Tape.bit() | F::National.bit();
                (tick, tick | F::Sequence.bit() | sides | letters | F::Venue.bit() | F::Book.bit())
            }
            Self::Trade => {
                let needs = tick | F::Price.bit() | F::Size.bit();
                let letters = F::Venue.bit() | F::Conditions.bit() | F::Correction.bit();
                (needs, needs | F::Sequence.bit() | F::Side.bit() | letters)
            }
            Self::End => {
                let needs = F::Type.bit() | F::Date.bit();
                (needs, needs | F::Sequence.bit())
            }
        }
    }
}

/// The fields of one event. What was not given is zero.
#[derive(Debug, Default)]
pub struct Row<'a> {
    given: u32,
    kind: Option<Kind>,
    pub(super) symbol: Cow<'a, str>,
    pub(super) ts: i64,
    date: NaiveDate,
    pub(super) sequence: u64,
    pub(super) bid: i64,
    pub(super) bid_size: i64,
    pub(super) ask: i64,
    pub(super) ask_size: i64,
    pub(super) price: i64,
    pub(super) size: i64,
    side: Sign,
    venue: u8,
    conditions: [u8; 4],
    pub(super) correction: u8,
    condition: u8,
    cancel: u8,
    tape: u8,
    national: u8,
    book: QuoteKind,
}

/// What is wrong with which field.
pub type Fault = (&'static str, String);

impl<'a> Row<'a> {
    /// Notes that a field was given.
    pub(super) fn mark(&mut self, field: Field) {
        self.given |= field.bit();
    }

    /// Whether a field was given.
    pub(super) fn has(&self, field: Field) -> bool {
        self.given & field.bit() != 0
    }

    /// Reads a field's text; an empty one says nothing.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn put(&mut self, field: Field, text: Cow<'a, str>) -> Result<(), Fault> {
        if text.is_empty() {
            return Ok(());
        }
        self.mark(field);
        if field == Field::Symbol {
            self.symbol = text;
            return symbol(&self.symbol)
                .map_err(|why| (field.name(), format!("{} {why}", quoted(self.symbol.as_bytes()))));
        }
        self.read(field, &text).map_err(|why| (field.name(), format!("{} {why}", quoted(text.as_bytes()))))
    }

    fn read(&mut self, field: Field, text: &str) -> Result<(), &'static str> {
        let bytes = text.as_bytes();
        match field {
            Field::Type => self.kind = Some(kind(text)?),
            Field::Symbol => {}
            Field::Ts => self.ts = parse_moment(bytes)?,
            Field::Date => self.date = parse_date(bytes)?,
            Field::Sequence => self.sequence = sequence(parse_digits(bytes)?)?,
            Field::Bid => self.bid = parse_price(bytes)?,
            Field::BidSize => self.bid_size = parse_size(bytes, Scale::WHOLE)?,
            Field::Ask => self.ask = parse_price(bytes)?,
            Field::AskSize => self.ask_size = parse_size(bytes, Scale::WHOLE)?,
            Field::Price => self.price = parse_price(bytes)?,
            Field::Size => self.size = parse_size(bytes, Scale::WHOLE)?,
            Field::Side => self.side = parse_side(bytes)?,
            Field::Venue => self.venue = letter(text)?,
            Field::Conditions => self.conditions = letters(text)?,
            Field::Correction => self.correction = code(parse_digits(bytes)?)?,
            Field::Condition => self.condition = letter(text)?,
            Field::Cancel => self.cancel = letter(text)?,
            Field::Tape => self.tape = letter(text)?,
            Field::National => self.national = letter(text)?,
            Field::Book => self.book = book(text)?,
        }
        Ok(())
    }

    /// The event, of the `symbol`-th symbol.
    ///
    /// # Errors
    /// The first field that is missing, or that this kind of event does not have.
    pub(super) fn event(&self, symbol: u32) -> Result<Event, Fault> {
        let kind =
            self.kind.ok_or_else(|| (Field::Type.name(), "is missing: quote, trade or end".to_owned()))?;
        let (needs, may) = kind.fields();
        if self.given & !may != 0 {
            return Err((first(self.given & !may), format!("is not a field of {}", kind.one())));
        }
        if needs & !self.given != 0 {
            return Err((first(needs & !self.given), format!("is missing in {}", kind.one())));
        }
        Ok(match kind {
            Kind::Quote => Event::Quote(self.quote(symbol)),
            Kind::Trade => Event::Trade(self.trade(symbol)),
            Kind::End => Event::End { date: self.date, sequence: self.sequence },
        })
    }

    fn quote(&self, symbol: u32) -> RawQuote {
        RawQuote {
            symbol,
            quote: Quote {
                ts: Nanos(self.ts),
                bid: Price(self.bid),
                ask: Price(self.ask),
                bid_size: Size(self.bid_size),
                ask_size: Size(self.ask_size),
            },
            received: Nanos(0),
            sequence: self.sequence,
            kind: self.book,
            venue: self.venue,
            condition: self.condition,
            cancel: self.cancel,
            source: self.tape,
            national: self.national,
        }
    }

    fn trade(&self, symbol: u32) -> RawTrade {
        RawTrade {
            symbol,
            trade: Trade {
                ts: Nanos(self.ts),
                price: Price(self.price),
                size: Size(self.size),
                known_side: self.side,
                ..Trade::default()
            },
            received: Nanos(0),
            sequence: self.sequence,
            venue: self.venue,
            correction: self.correction,
            conditions: self.conditions,
        }
    }
}

/// The first of some fields.
fn first(fields: u32) -> &'static str {
    FIELDS.get(fields.trailing_zeros() as usize).map_or("", |(name, _)| name)
}

fn kind(text: &str) -> Result<Kind, &'static str> {
    let known = [Kind::Quote, Kind::Trade, Kind::End];
    known.into_iter().find(|kind| kind.name() == text).ok_or("is not quote, trade or end")
}

fn symbol(text: &str) -> Result<(), &'static str> {
    if text.len() > LIVE_SYMBOL_MAX_BYTES {
        Err("is longer than a symbol may be")
    } else if text.chars().any(char::is_control) {
        Err("holds a control character")
    } else if text.trim_ascii().len() < text.len() {
        Err("begins or ends with a blank")
    } else {
        Ok(())
    }
}

/// A sequence number that the journal can keep.
pub(super) fn sequence(number: u64) -> Result<u64, &'static str> {
    if i64::try_from(number).is_ok() { Ok(number) } else { Err("is above 9223372036854775807") }
}

/// A correction code.
pub(super) fn code(number: u64) -> Result<u8, &'static str> {
    u8::try_from(number).map_err(|_| "is not a correction code from 0 to 255")
}

/// A code letter: one character of a byte, as tapes have them.
fn letter(text: &str) -> Result<u8, &'static str> {
    const WRONG: &str = "is not one letter";
    let mut letters = text.chars();
    let first = letters.next().and_then(|c| u8::try_from(c).ok()).ok_or(WRONG)?;
    if letters.next().is_some() { Err(WRONG) } else { Ok(first) }
}

/// Up to four code letters in their positions, blanks where there are fewer.
fn letters(text: &str) -> Result<[u8; 4], &'static str> {
    const WRONG: &str = "is not one to four letters";
    let mut four = [b' '; 4];
    let mut slots = four.iter_mut();
    for c in text.chars() {
        *slots.next().ok_or(WRONG)? = u8::try_from(c).map_err(|_| WRONG)?;
    }
    Ok(four)
}

fn book(text: &str) -> Result<QuoteKind, &'static str> {
    parse_book(text.as_bytes())?.ok_or("is not national or venue")
}
