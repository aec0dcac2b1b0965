//! Rows as JSON documents and lines.

use polars::prelude::*;
use serde::Serialize;

use crate::store::tables::json_rows;

/// `{"data": [...], "next_cursor": ...}`, and `damaged` where a count is given.
///
/// # Errors
/// When a column has a type that no table has.
pub fn document(
    frame: &DataFrame,
    next_cursor: Option<&str>,
    damaged: Option<usize>,
    out: &mut Vec<u8>,
) -> PolarsResult<()> {
    out.extend_from_slice(b"{\"data\":[");
    json_rows(frame, b",\n", out)?;
    out.extend_from_slice(b"],\"next_cursor\":");
    put(&next_cursor, out);
    if let Some(damaged) = damaged {
        out.extend_from_slice(b",\"damaged\":");
        put(&damaged, out);
    }
    out.extend_from_slice(b"}\n");
    Ok(())
}

/// An object a line.
///
/// # Errors
/// As [`document`].
pub fn lines(frame: &DataFrame, out: &mut Vec<u8>) -> PolarsResult<()> {
    json_rows(frame, b"\n", out)?;
    if frame.height() > 0 {
        out.push(b'\n');
    }
    Ok(())
}

fn put<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    // Writing a string, a number or null into memory cannot fail.
    let _ = serde_json::to_writer(out, value);
}
