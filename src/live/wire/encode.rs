//! Events to bytes, in any of the formats that are read: what `impactd replay` sends.

use std::borrow::Cow;
use std::io::Write;

use super::Format;
use super::arrow::Columns;
use super::fields::{FIELDS, Field};
use super::row::Kind;
use crate::ingest::QuoteKind;
use crate::live::Event;
use crate::tape::{Price, Sign};

/// A field's value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    /// Text.
    Text(&'a str),
    /// A code letter.
    Letter(u8),
    /// Code letters in their positions.
    Letters([u8; 4]),
    /// A whole number.
    Number(i64),
    /// Dollars.
    Price(Price),
    /// A date.
    Date(chrono::NaiveDate),
}

impl Value<'_> {
    /// As every format spells it.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Letter(letter) => Cow::Owned(char::from(*letter).to_string()),
            Self::Letters(letters) => {
                let kept = letters.iter().rposition(|letter| *letter != b' ').unwrap_or(0);
                Cow::Owned(letters[..=kept].iter().copied().map(char::from).collect())
            }
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Price(price) => Cow::Owned(price.to_string()),
            Self::Date(date) => Cow::Owned(date.to_string()),
        }
    }
}

/// A body in the making.
#[derive(Debug)]
pub struct Encoder {
    format: Format,
    sequenced: bool,
    events: usize,
    out: Vec<u8>,
    columns: Columns,
}

impl Encoder {
    /// An empty body; `sequenced` events carry their numbers.
    #[must_use]
    pub fn new(format: Format, sequenced: bool) -> Self {
        let mut out = Vec::new();
        if format == Format::Csv {
            let names: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
            out.extend(names.join(",").as_bytes());
            out.push(b'\n');
        }
        Self { format, sequenced, events: 0, out, columns: Columns::default() }
    }

    /// Events so far.
    #[must_use]
    pub fn events(&self) -> usize {
        self.events
    }

    /// Adds an event of a symbol; a session's end has none.
    ///
    /// # Errors
    /// None in memory; what the writer says.
    pub fn add(&mut self, event: &Event, symbol: &str) -> std::io::Result<()> {
        self.events += 1;
        let sequence = self.sequenced.then_some(event.sequence());
        match self.format {
            Format::Ndjson => json(&mut self.out, event, symbol, sequence),
            Format::Csv => csv(&mut self.out, event, symbol, sequence),
            Format::Arrow => {
                self.columns.begin();
                each(event, symbol, sequence, |field, value| self.columns.put(field, &value));
                Ok(())
            }
        }
    }

    /// The body.
    ///
    /// # Errors
    /// When a table cannot be written.
    pub fn finish(self) -> Result<Vec<u8>, String> {
        match self.format {
            Format::Arrow => self.columns.finish().map_err(|error| error.to_string()),
            Format::Ndjson | Format::Csv => Ok(self.out),
        }
    }
}

/// Names every field of an event that says something, in the order of [`FIELDS`].
fn each<'a>(event: &Event, symbol: &'a str, sequence: Option<u64>, mut put: impl FnMut(Field, Value<'a>)) {
    use Field as F;
    let kind = match event {
        Event::Quote(_) => Kind::Quote,
        Event::Trade(_) => Kind::Trade,
        Event::End { .. } => Kind::End,
    };
    put(F::Type, Value::Text(kind.name()));
    match event {
        Event::End { date, .. } => put(F::Date, Value::Date(*date)),
        Event::Quote(_) | Event::Trade(_) => {
            put(F::Symbol, Value::Text(symbol));
            put(F::Ts, Value::Number(event.ts().map_or(0, |ts| ts.0)));
        }
    }
    if let Some(sequence) = sequence {
        put(F::Sequence, Value::Number(i64::try_from(sequence).unwrap_or(i64::MAX)));
    }
    match event {
        Event::Quote(row) => {
            let sides = [
                (F::Bid, Value::Price(row.quote.bid), row.quote.bid.0),
                (F::BidSize, Value::Number(row.quote.bid_size.0), row.quote.bid_size.0),
                (F::Ask, Value::Price(row.quote.ask), row.quote.ask.0),
                (F::AskSize, Value::Number(row.quote.ask_size.0), row.quote.ask_size.0),
            ];
            sides.into_iter().filter(|side| side.2 != 0).for_each(|(field, value, _)| put(field, value));
            let letters = [
                (F::Venue, row.venue),
                (F::Condition, row.condition),
                (F::Cancel, row.cancel),
                (F::Tape, row.source),
                (F::National, row.national),
            ];
            letters
                .into_iter()
                .filter(|l| l.1 != 0)
                .for_each(|(field, letter)| put(field, Value::Letter(letter)));
            if row.kind == QuoteKind::Venue {
                put(F::Book, Value::Text("venue"));
            }
        }
        Event::Trade(row) => {
            put(F::Price, Value::Price(row.trade.price));
            put(F::Size, Value::Number(row.trade.size.0));
            match row.trade.known_side {
                Sign::Buy => put(F::Side, Value::Text("buy")),
                Sign::Sell => put(F::Side, Value::Text("sell")),
                Sign::Unknown => {}
            }
            if row.venue != 0 {
                put(F::Venue, Value::Letter(row.venue));
            }
            if row.conditions != [0; 4] {
                put(F::Conditions, Value::Letters(row.conditions));
            }
            if row.correction != 0 {
                put(F::Correction, Value::Number(i64::from(row.correction)));
            }
        }
        Event::End { .. } => {}
    }
}

fn json(out: &mut Vec<u8>, event: &Event, symbol: &str, sequence: Option<u64>) -> std::io::Result<()> {
    let mut opening = b'{';
    let mut failed = Ok(());
    each(event, symbol, sequence, |field, value| {
        out.push(opening);
        opening = b',';
        let written = write!(out, "\"{}\":", field.name()).and_then(|()| match value {
            Value::Number(number) => write!(out, "{number}"),
            Value::Price(price) => write!(out, "{price}"),
            text => serde_json::to_writer(&mut *out, text.text().as_ref()).map_err(Into::into),
        });
        if let Err(error) = written {
            failed = Err(error);
        }
    });
    out.extend(b"}\n");
    failed
}

fn csv(out: &mut Vec<u8>, event: &Event, symbol: &str, sequence: Option<u64>) -> std::io::Result<()> {
    let mut cells = [const { String::new() }; FIELDS.len()];
    each(event, symbol, sequence, |field, value| {
        let text = value.text();
        let plain = !text.contains([',', '"']);
        cells[field as usize] =
            if plain { text.into_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) };
    });
    writeln!(out, "{}", cells.join(","))
}
