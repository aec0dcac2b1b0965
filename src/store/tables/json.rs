//! Rows as JSON: an object a row under the table's column names.

use chrono::{NaiveDate, TimeDelta};
use polars::prelude::*;
use serde::Serialize;

use crate::tape::Nanos;

/// Writes an object a row, with `between` them.
///
/// # Errors
/// When a column has a type that no table has.
pub fn json_rows(frame: &DataFrame, between: &[u8], out: &mut Vec<u8>) -> PolarsResult<()> {
    let columns: Vec<(Vec<u8>, Cells<'_>)> =
        frame.columns().iter().map(named).collect::<PolarsResult<_>>()?;
    for row in 0..frame.height() {
        if row > 0 {
            out.extend_from_slice(between);
        }
        out.push(b'{');
        for (index, (name, cells)) in columns.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            out.extend_from_slice(name);
            cells.write(row, out);
        }
        out.push(b'}');
    }
    Ok(())
}

/// A column's values by type.
enum Cells<'a> {
    Text(&'a StringChunked),
    Whole(&'a Int64Chunked),
    Flag(&'a BooleanChunked),
    Real(&'a Float64Chunked),
    Stamp(&'a Int64Chunked),
    Date(&'a Int32Chunked),
}

fn named(column: &Column) -> PolarsResult<(Vec<u8>, Cells<'_>)> {
    let mut name = Vec::new();
    put(column.name().as_str(), &mut name);
    name.push(b':');
    let cells = match column.dtype() {
        DataType::String => Cells::Text(column.str()?),
        DataType::Boolean => Cells::Flag(column.bool()?),
        DataType::Int64 => Cells::Whole(column.i64()?),
        DataType::Float64 => Cells::Real(column.f64()?),
        DataType::Datetime(TimeUnit::Nanoseconds, _) => Cells::Stamp(column.datetime()?.physical()),
        DataType::Date => Cells::Date(column.date()?.physical()),
        other => polars_bail!(ComputeError: "column {} has type {other}", column.name()),
    };
    Ok((name, cells))
}

impl Cells<'_> {
    fn write(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            Self::Text(cells) => put(&cells.get(row), out),
            Self::Flag(cells) => put(&cells.get(row), out),
            Self::Whole(cells) => put(&cells.get(row), out),
            // Neither infinity nor NaN exists in JSON: serde writes null, which is what is known.
            Self::Real(cells) => put(&cells.get(row), out),
            Self::Stamp(cells) => put(&cells.get(row).map(stamp), out),
            Self::Date(cells) => put(&cells.get(row).map(date), out),
        }
    }
}

/// RFC 3339 in UTC with nanoseconds.
fn stamp(nanos: i64) -> String {
    Nanos(nanos).to_string()
}

fn date(days_since_1970: i32) -> String {
    (NaiveDate::default() + TimeDelta::days(i64::from(days_since_1970))).to_string()
}

fn put<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    // Writing a string, a number or null into memory cannot fail.
    let _ = serde_json::to_writer(out, value);
}
