//! Rows of CSV (RFC 4180) and of Parquet, as cells.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use polars::prelude::*;
use serde_json::{Number, Value};

use super::basket::{Flat, Row};
use crate::ingest::check_parquet;

/// Reads CSV, one row more than may be at most: a header, then a row a line; cells in double quotes may hold commas,
/// line ends and doubled quotes. A row with another number of cells than the header is kept as its own fault.
///
/// # Errors
/// When it is no text or has no header.
pub fn csv_rows(bytes: &[u8], most: usize) -> Result<Flat, String> {
    let mut csv = Csv::open(bytes)?;
    let row = |record: Result<Vec<String>, String>| {
        record.map(|cells| cells.into_iter().map(Value::from).collect())
    };
    let rows = csv.by_ref().take(most + 1).map(row).collect();
    Ok((csv.names, rows))
}

/// CSV, a row of text at a time.
pub struct Csv<'t> {
    /// The header's names.
    pub names: Vec<String>,
    records: Records<'t>,
}

impl<'t> Csv<'t> {
    /// Reads the header.
    ///
    /// # Errors
    /// When it is no text or has no header.
    pub fn open(bytes: &'t [u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes)
            .map_err(|e| format!("is not UTF-8 text after byte {}", e.valid_up_to()))?;
        let mut records = Records { rest: text.trim_start_matches('\u{feff}') };
        let header = records.next().ok_or_else(|| "is empty where a header is needed".to_owned())??;
        let names = header.iter().map(|name| name.trim().to_owned()).collect();
        Ok(Self { names, records })
    }
}

impl Iterator for Csv<'_> {
    type Item = Result<Vec<String>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        let columns = self.names.len();
        Some(self.records.next()?.and_then(|cells| match cells.len() {
            found if found == columns => Ok(cells),
            found => Err(format!("has {found} cells where the header has {columns}")),
        }))
    }
}

struct Records<'t> {
    rest: &'t str,
}

impl Iterator for Records<'_> {
    type Item = Result<Vec<String>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        // Empty lines hold nothing.
        self.rest = self.rest.trim_start_matches(['\r', '\n']);
        if self.rest.is_empty() {
            return None;
        }
        let mut cells = Vec::new();
        loop {
            match self.cell() {
                Ok((cell, more)) => {
                    cells.push(cell);
                    if !more {
                        return Some(Ok(cells));
                    }
                }
                Err(what) => {
                    // What follows an open quote cannot be told from what is in it.
                    self.rest = "";
                    return Some(Err(what));
                }
            }
        }
    }
}

impl Records<'_> {
    /// Takes a cell; says whether another one follows in its row.
    fn cell(&mut self) -> Result<(String, bool), String> {
        let mut cell = String::new();
        if let Some(mut quoted) = self.rest.strip_prefix('"') {
            loop {
                let (inside, after) =
                    quoted.split_once('"').ok_or("has a quote that is never closed; all after it is lost")?;
                cell.push_str(inside);
                match after.strip_prefix('"') {
                    Some(more) => {
                        cell.push('"');
                        quoted = more;
                    }
                    None => {
                        self.rest = after;
                        break;
                    }
                }
            }
        }
        let end = self.rest.find([',', '\r', '\n']).unwrap_or(self.rest.len());
        cell.push_str(&self.rest[..end]);
        let more = self.rest[end..].starts_with(',');
        self.rest = self.rest[end..].strip_prefix(',').unwrap_or(&self.rest[end..]);
        Ok((cell, more))
    }
}

/// Reads Parquet, one row more than may be at most.
///
/// # Errors
/// When it is damaged.
pub fn parquet_rows(bytes: &[u8], most: usize) -> Result<Flat, String> {
    check_parquet(Cursor::new(bytes)).map_err(|e| format!("is not Parquet: {e}"))?;
    let decode = || {
        let reader = ParquetReader::new(Cursor::new(bytes.to_vec()));
        reader.with_slice(Some((0, most + 1))).finish()
    };
    // The decoder answers some damaged files with a panic of its own.
    let frame = catch_unwind(AssertUnwindSafe(decode))
        .map_err(|_| "is damaged Parquet".to_owned())?
        .map_err(|e| format!("is not Parquet: {e}"))?;
    let names = frame.get_column_names().iter().map(ToString::to_string).collect();
    let cells = |row: usize| -> Row {
        frame
            .columns()
            .iter()
            .map(|column| column.get(row).map_or(Ok(Value::Null), |cell| value(&cell, column.dtype())))
            .collect()
    };
    Ok((names, (0..frame.height()).map(cells).collect()))
}

fn value(cell: &AnyValue<'_>, kind: &DataType) -> Result<Value, String> {
    let nanos = |count: i64, unit: TimeUnit| {
        count.checked_mul(match unit {
            TimeUnit::Nanoseconds => 1,
            TimeUnit::Microseconds => 1_000,
            TimeUnit::Milliseconds => 1_000_000,
        })
    };
    match cell {
        AnyValue::Null => Ok(Value::Null),
        AnyValue::Boolean(flag) => Ok(Value::Bool(*flag)),
        AnyValue::String(text) => Ok(Value::from(*text)),
        AnyValue::StringOwned(text) => Ok(Value::from(text.as_str())),
        AnyValue::Datetime(count, unit, _) => {
            nanos(*count, *unit).map(Value::from).ok_or_else(|| "holds a moment beyond all bounds".to_owned())
        }
        AnyValue::Int64(whole) => Ok(Value::from(*whole)),
        // A dictionary's cell does not even know its own type.
        other => match kind.is_primitive_numeric().then(|| other.extract::<f64>()).flatten() {
            Some(real) => {
                // NaN and infinities stay as text, which the reader refuses by name.
                Ok(Number::from_f64(real).map_or_else(|| Value::from(real.to_string()), Value::Number))
            }
            None => {
                Err(format!("holds a cell of type {kind}, which no order has; write it as text or number"))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_is_read_as_rfc_4180_says() {
        let text = "\u{feff}symbol,note\r\nIBM,\"a, \"\"b\"\"\nc\"\r\n\r\nBAC\nX,\"open\n";
        let (names, rows) = csv_rows(text.as_bytes(), 9).expect("rows");
        assert_eq!(names, ["symbol", "note"]);
        assert_eq!(rows[0], Ok(vec![Value::from("IBM"), Value::from("a, \"b\"\nc")]));
        assert_eq!(rows[1], Err("has 1 cells where the header has 2".to_owned()));
        assert!(rows[2].as_ref().expect_err("refused").contains("never closed"));
        assert!(csv_rows(b"", 9).is_err() && csv_rows(&[0xff, 0xfe], 9).is_err());
    }
}
