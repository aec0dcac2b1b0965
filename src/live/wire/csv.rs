//! Comma-separated lines under a header of field names. A cell in double quotes may hold commas and doubled quotes,
//! but no line end.

use std::borrow::Cow;

use super::fields::Field;
use super::gathering::Gathering;
use super::ndjson::lines;
use super::row::Row;
use super::unread::{Unread, quoted};
use crate::limits::LIVE_LINE_MAX_BYTES;

/// Reads the header and the lines; empty ones hold nothing.
///
/// # Errors
/// At the first line that cannot be meant.
pub fn read(bytes: &[u8], gathering: &mut Gathering) -> Result<(), Unread> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut columns = Vec::new();
    for (number, line) in lines(bytes) {
        if line.is_empty() {
            continue;
        }
        let line = text(line, number)?;
        if columns.is_empty() {
            columns = header(line, number)?;
        } else {
            row(line, number, &columns, gathering)?;
        }
    }
    Ok(())
}

fn text(line: &[u8], number: u64) -> Result<&str, Unread> {
    if line.len() > LIVE_LINE_MAX_BYTES {
        let what = format!("the line is longer than {LIVE_LINE_MAX_BYTES} bytes");
        return Err(Unread::row("line", number, "column 1", what));
    }
    std::str::from_utf8(line).map_err(|error| {
        let column = format!("column {}", error.valid_up_to() + 1);
        Unread::row("line", number, column, "is not UTF-8")
    })
}

fn header(line: &str, number: u64) -> Result<Vec<Field>, Unread> {
    let mut columns = Vec::new();
    let mut rest = Some(line);
    while let Some(cell) = next_cell(&mut rest) {
        let name =
            cell.map_err(|what| Unread::row("line", number, format!("cell {}", columns.len() + 1), what))?;
        let fault = |what: String| Unread::row("line", number, quoted(name.as_bytes()), what);
        let field = Field::named(&name).map_err(fault)?;
        if columns.contains(&field) {
            return Err(fault("stands twice in the header".to_owned()));
        }
        columns.push(field);
    }
    if !columns.contains(&Field::Type) {
        return Err(Unread::row(
            "line",
            number,
            "type",
            "the header has no such column: quote, trade or end",
        ));
    }
    Ok(columns)
}

fn row(line: &str, number: u64, columns: &[Field], gathering: &mut Gathering) -> Result<(), Unread> {
    let mut row = Row::default();
    let mut rest = Some(line);
    let fault = |column: &str, what: String| Unread::row("line", number, column, what);
    for field in columns {
        let missing = || Err("is not there: the line has fewer cells than the header".to_owned());
        let cell = next_cell(&mut rest).unwrap_or_else(missing).map_err(|what| fault(field.name(), what))?;
        row.put(*field, cell).map_err(|(column, what)| fault(column, what))?;
    }
    if rest.is_some() {
        let what = format!("is one too many: the header has {} columns", columns.len());
        return Err(fault(&format!("cell {}", columns.len() + 1), what));
    }
    gathering.take(&row, ("line", number))
}

/// Takes a cell off the front; none behind the last.
fn next_cell<'a>(rest: &mut Option<&'a str>) -> Option<Result<Cow<'a, str>, String>> {
    let line = (*rest)?;
    let Some(inside) = line.strip_prefix('"') else {
        let end = memchr::memchr(b',', line.as_bytes());
        let (cell, after) = end.map_or((line, None), |at| (&line[..at], Some(&line[at + 1..])));
        *rest = after;
        return Some(Ok(Cow::Borrowed(cell)));
    };
    let mut cell = String::new();
    let mut inside = inside;
    loop {
        let Some((part, after)) = inside.split_once('"') else {
            return Some(Err("has a quote that is not closed on its line".to_owned()));
        };
        cell.push_str(part);
        if let Some(more) = after.strip_prefix('"') {
            cell.push('"');
            inside = more;
            continue;
        }
        *rest = after.strip_prefix(',');
        return Some(if rest.is_some() || after.is_empty() {
            Ok(Cow::Owned(cell))
        } else {
            Err("has text behind its closing quote".to_owned())
        });
    }
}
