//! A JSON object a line. Numbers are read from their text, never through a float.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::fields::Field;
use super::gathering::Gathering;
use super::row::{Fault, Row};
use super::unread::{Unread, quoted};
use crate::limits::LIVE_LINE_MAX_BYTES;

/// Reads the lines; empty ones hold nothing.
///
/// # Errors
/// At the first line that cannot be meant.
pub fn read(bytes: &[u8], gathering: &mut Gathering) -> Result<(), Unread> {
    for (number, line) in lines(bytes) {
        let at = ("line", number);
        if line.len() > LIVE_LINE_MAX_BYTES {
            let what = format!("the line is longer than {LIVE_LINE_MAX_BYTES} bytes");
            return Err(Unread::row(at.0, number, "column 1", what));
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        gathering.take(&object(line, number)?, at)?;
    }
    Ok(())
}

/// The lines of a text with their numbers, without their ends.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let mut start = 0;
    let mut ends = memchr::memchr_iter(b'\n', bytes).chain([bytes.len()]);
    let lines = std::iter::from_fn(move || {
        let end = ends.next()?;
        let line = bytes.get(start..end)?;
        start = end + 1;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    });
    (1..).zip(lines)
}

fn object(line: &[u8], number: u64) -> Result<Row<'_>, Unread> {
    let mut row = Row::default();
    let mut fault = None;
    let mut reader = serde_json::Deserializer::from_slice(line);
    let seed = Object { row: &mut row, seen: 0, fault: &mut fault };
    let read = seed.deserialize(&mut reader).and_then(|()| reader.end());
    match (read, fault) {
        (Ok(()), _) => Ok(row),
        (Err(_), Some((column, what))) => Err(Unread::row("line", number, column, what)),
        (Err(error), None) => {
            Err(Unread::row("line", number, format!("column {}", error.column().max(1)), plain(&error)))
        }
    }
}

/// What is wrong, without the place: that is told in front of it.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    format!("is no JSON object: {what}")
}

/// Reads an object's fields into a row.
struct Object<'r, 'de> {
    row: &'r mut Row<'de>,
    /// Fields that stand in the object, empty ones too.
    seen: u32,
    fault: &'r mut Option<(String, String)>,
}

impl<'de> DeserializeSeed<'de> for Object<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the fields of an event")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        while let Some(named) = entries.next_key_seed(Name)? {
            let told = |fault: (String, String), slot: &mut Option<_>| {
                *slot = Some(fault);
                A::Error::custom("")
            };
            let field = named.map_err(|fault| told(fault, self.fault))?;
            let value: &'de RawValue = entries.next_value()?;
            self.put(field, value).map_err(|(name, what)| told((name.to_owned(), what), self.fault))?;
        }
        Ok(())
    }
}

impl<'de> Object<'_, 'de> {
    fn put(&mut self, field: Field, value: &'de RawValue) -> Result<(), Fault> {
        if self.seen & field.bit() != 0 {
            return Err((field.name(), "stands twice".to_owned()));
        }
        self.seen |= field.bit();
        let text = value.get();
        let takes_numbers = !matches!(
            field,
            Field::Type | Field::Symbol | Field::Date | Field::Side | Field::Conditions | Field::Book
        );
        match text.as_bytes() {
            [b'"', inside @ .., b'"'] if !inside.contains(&b'\\') => {
                self.row.put(field, Cow::Borrowed(text.get(1..text.len() - 1).unwrap_or_default()))
            }
            [b'"', ..] => {
                let unescaped = serde_json::from_str::<String>(text);
                let unescaped = unescaped
                    .map_err(|_| (field.name(), format!("{} is no text", quoted(text.as_bytes()))))?;
                self.row.put(field, Cow::Owned(unescaped))
            }
            b"null" => Ok(()),
            [b'-' | b'0'..=b'9', ..] if takes_numbers => self.row.put(field, Cow::Borrowed(text)),
            _ => {
                let wanted = if takes_numbers { "a number or text" } else { "a text" };
                Err((field.name(), format!("{} is not {wanted}", quoted(text.as_bytes()))))
            }
        }
    }
}

/// Reads a field's name.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Result<Field, (String, String)>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Result<Field, (String, String)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Field::named(name).map_err(|what| (quoted(name.as_bytes()), what)))
    }
}
