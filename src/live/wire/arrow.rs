//! An Arrow IPC stream whose columns are the fields, both ways.
//!
//! Cells become texts and are read like those of the other formats, so that all formats say the same. A float stands
//! for the shortest decimal that gives it; prices of four million dollars and more are written as text, since floats
//! have no room for their ninth decimal.

use std::borrow::Cow;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{NaiveDate, TimeDelta};
use polars::prelude::*;

use super::encode::Value;
use super::fields::{FIELDS, Field};
use super::frames;
use super::gathering::Gathering;
use super::row::{Fault, Row};
use super::unread::{Unread, quoted};
use crate::tape::Price;

/// Prices below this are exact to the ninth decimal as floats, nano-dollars.
const FLOATS_UNTIL: i64 = 4_000_000 * 1_000_000_000;

/// Reads the rows.
///
/// # Errors
/// At the first column or row that cannot be meant.
pub fn read(bytes: &[u8], gathering: &mut Gathering) -> Result<(), Unread> {
    frames::check(bytes)?;
    let decode = || IpcStreamReader::new(Cursor::new(bytes)).set_rechunk(true).finish();
    // The decoder answers some damaged streams with a panic of its own.
    let frame =
        catch_unwind(AssertUnwindSafe(decode)).map_err(|_| frames::damaged("its decoder broke off"))?;
    let frame = frame.map_err(frames::damaged)?;
    let columns = frame.columns().iter().map(Cells::of).collect::<Result<Vec<_>, Unread>>()?;
    for index in 0..frame.height() {
        let at = ("row", index as u64 + 1);
        let mut row = Row::default();
        for (field, cells) in &columns {
            let put = cells.text(index).and_then(|text| row.put(*field, text));
            put.map_err(|(column, what)| Unread::row(at.0, at.1, column, what))?;
        }
        gathering.take(&row, at)?;
    }
    Ok(())
}

/// A column's cells.
enum Cells {
    Text(StringChunked),
    Whole(Int64Chunked),
    Natural(UInt64Chunked),
    Real(Float64Chunked),
    /// With the nanoseconds of its unit.
    Moment(Int64Chunked, i64),
    Day(Int32Chunked),
    Nothing,
}

impl Cells {
    fn of(column: &Column) -> Result<(Field, Self), Unread> {
        let name = column.name().as_str();
        let fault = |what: String| Unread::Body(format!("column {}: {what}", quoted(name.as_bytes())));
        let field = Field::named(name).map_err(fault)?;
        let broken = |error: PolarsError| fault(error.to_string());
        let kind = column.dtype();
        use Field as F;
        let is_price = matches!(field, F::Bid | F::Ask | F::Price);
        let is_count = matches!(field, F::BidSize | F::AskSize | F::Size | F::Correction);
        let cells = match kind {
            DataType::Null => Self::Nothing,
            DataType::String => Self::Text(column.str().map_err(broken)?.clone()),
            DataType::Datetime(unit, _) if field == F::Ts => {
                let scale = match unit {
                    TimeUnit::Nanoseconds => 1,
                    TimeUnit::Microseconds => 1_000,
                    TimeUnit::Milliseconds => 1_000_000,
                };
                Self::Moment(column.datetime().map_err(broken)?.physical().clone(), scale)
            }
            DataType::Date if field == F::Date => {
                Self::Day(column.date().map_err(broken)?.physical().clone())
            }
            DataType::UInt64 if is_price || is_count || matches!(field, F::Ts | F::Sequence) => {
                Self::Natural(column.u64().map_err(broken)?.clone())
            }
            kind if kind.is_integer() && (is_price || is_count || matches!(field, F::Ts | F::Sequence)) => {
                let whole = column.strict_cast(&DataType::Int64).map_err(broken)?;
                Self::Whole(whole.i64().map_err(broken)?.clone())
            }
            kind if kind.is_float() && (is_price || is_count) => {
                let real = column.strict_cast(&DataType::Float64).map_err(broken)?;
                Self::Real(real.f64().map_err(broken)?.clone())
            }
            kind => return Err(fault(format!("is of type {kind}, which does not hold such values"))),
        };
        Ok((field, cells))
    }

    /// A cell's text; empty where there is nothing.
    fn text(&self, index: usize) -> Result<Cow<'_, str>, Fault> {
        let too_large = || (Field::Ts.name(), "lies outside the years 1970 to 2199".to_owned());
        let told = match self {
            Self::Text(texts) => return Ok(Cow::Borrowed(texts.get(index).unwrap_or_default())),
            Self::Whole(numbers) => numbers.get(index).map(|number| number.to_string()),
            Self::Natural(numbers) => numbers.get(index).map(|number| number.to_string()),
            Self::Real(numbers) => numbers.get(index).map(|number| number.to_string()),
            Self::Moment(numbers, scale) => match numbers.get(index) {
                Some(number) => Some(number.checked_mul(*scale).ok_or_else(too_large)?.to_string()),
                None => None,
            },
            Self::Day(days) => days.get(index).map(|days| {
                let date = NaiveDate::default().checked_add_signed(TimeDelta::days(i64::from(days)));
                date.map_or_else(|| days.to_string(), |date| date.to_string())
            }),
            Self::Nothing => None,
        };
        Ok(told.map_or(Cow::Borrowed(""), Cow::Owned))
    }
}

/// Columns in the making.
#[derive(Debug, Default)]
pub struct Columns {
    rows: Vec<Vec<(Field, Owned)>>,
}

/// A value that outlives its event.
#[derive(Debug)]
enum Owned {
    Text(String),
    Number(i64),
    Price(i64),
}

impl Columns {
    /// Begins a row.
    pub fn begin(&mut self) {
        self.rows.push(Vec::new());
    }

    /// Adds a field to the last row.
    pub fn put(&mut self, field: Field, value: &Value<'_>) {
        let value = match value {
            Value::Price(price) => Owned::Price(price.0),
            Value::Number(number) => Owned::Number(*number),
            other => Owned::Text(other.text().into_owned()),
        };
        if let Some(row) = self.rows.last_mut() {
            row.push((field, value));
        }
    }

    /// The stream.
    ///
    /// # Errors
    /// When polars refuses.
    pub fn finish(self) -> PolarsResult<Vec<u8>> {
        let height = self.rows.len();
        let given = |field: Field| self.rows.iter().flatten().any(|(given, _)| *given == field);
        let columns = FIELDS.iter().filter(|(_, field)| given(*field));
        let columns =
            columns.map(|(name, field)| self.column(name, *field)).collect::<PolarsResult<Vec<_>>>()?;
        let mut frame = DataFrame::new(height, columns)?;
        let mut bytes = Vec::new();
        IpcStreamWriter::new(&mut bytes).with_compat_level(CompatLevel::oldest()).finish(&mut frame)?;
        Ok(bytes)
    }

    fn column(&self, name: &str, field: Field) -> PolarsResult<Column> {
        let values =
            || self.rows.iter().map(|row| row.iter().find(|(given, _)| *given == field).map(|(_, v)| v));
        let first = values().flatten().next();
        let floats =
            values().flatten().all(|v| matches!(v, Owned::Price(nanos) if nanos.abs() < FLOATS_UNTIL));
        let name: PlSmallStr = name.into();
        Ok(match first {
            Some(Owned::Number(_)) => {
                let numbers = values().map(|v| if let Some(Owned::Number(n)) = v { Some(*n) } else { None });
                let numbers: Int64Chunked = numbers.collect();
                let whole = numbers.with_name(name);
                if field == Field::Ts {
                    return Ok(whole.into_datetime(TimeUnit::Nanoseconds, None).into_column());
                }
                whole.into_column()
            }
            Some(Owned::Price(_)) if floats => {
                let real = values()
                    .map(|v| if let Some(Owned::Price(n)) = v { Some(Price(*n).usd()) } else { None });
                Column::new(name, real.collect::<Vec<Option<f64>>>())
            }
            _ => {
                let text = values().map(|v| match v {
                    Some(Owned::Text(text)) => Some(text.clone()),
                    Some(Owned::Price(nanos)) => Some(Price(*nanos).to_string()),
                    _ => None,
                });
                Column::new(name, text.collect::<Vec<Option<String>>>())
            }
        })
    }
}
