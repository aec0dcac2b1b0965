//! The engine under every text format: chunks of lines to raw ticks, one pass, no copies.

use std::borrow::Cow;

use super::cells::{Cells, DayMemory, FromCells, Layout, cells, quick_cell, read_cell};
use super::error::Fault;
use super::fields::{self, Why};
use super::gather::{Context, Gathered, Gatherer};
use super::raw::RawRow;

/// No tape has shorter lines on average: room for this many rows is enough.
const SHORT_LINE_BYTES: usize = 24;

/// What a chunk of lines held.
pub struct Parsed<R> {
    /// Its rows and faults.
    pub gathered: Gathered<R>,
    /// Lines, empty ones included.
    pub lines: u64,
    /// Rows, readable or not.
    pub rows: u64,
    /// The trailer, where it was met: its line in the chunk, and the rows it states.
    pub trailer: Option<(u64, Vec<u8>)>,
}

/// Reads the lines of a chunk: plain rows in one go, all others with care.
pub fn parse<R: FromCells>(chunk: &[u8], layout: &Layout, context: Context<'_>) -> Parsed<R> {
    let mut out = Gatherer::new(chunk.len() / SHORT_LINE_BYTES);
    let (mut number, mut rows, mut trailer) = (0, 0, None);
    let mut day = DayMemory::default();
    // Every plain row writes the same cells, so one set serves all of them.
    let mut cells = Cells::of(layout);
    let mut rest = chunk;
    while !rest.is_empty() {
        number += 1;
        if trailer.is_none()
            && let Some(length) = plain_row(&mut cells, rest, layout, &mut day)
            && let Ok(row) = R::from_cells(&cells, layout)
        {
            rows += 1;
            hand_on(number, &cells, row, context, &mut out);
            rest = &rest[length..];
            continue;
        }
        cells.symbol = &[];
        let (line, behind) = split_line(rest);
        rest = behind;
        if layout.trailer && line.starts_with(b"END|") {
            trailer = Some((number, line.split(|b| *b == b'|').nth(2).unwrap_or_default().to_vec()));
        } else if trailer.is_some() && !line.is_empty() {
            out.bad(number, behind_trailer(line));
        } else if !line.is_empty() {
            rows += 1;
            careful_row(number, line, layout, &mut day, context, &mut out);
        }
    }
    Parsed { gathered: out.finish(), lines: number, rows, trailer }
}

fn careful_row<R: FromCells>(
    number: u64,
    line: &[u8],
    layout: &Layout,
    day: &mut DayMemory,
    context: Context<'_>,
    out: &mut Gatherer<R>,
) {
    let line = unquoted(line, layout.delimiter);
    let made = cells(&line, layout, day).and_then(|cells| {
        let at = |column| layout.columns.iter().position(|c| *c == column).unwrap_or(0);
        let row = R::from_cells(&cells, layout).map_err(|(column, why)| (at(column), why))?;
        Ok((cells, row))
    });
    match made {
        Ok((cells, row)) => hand_on(number, &cells, row, context, out),
        Err((at, why)) => out.bad(number, fault(&line, layout, at, why)),
    }
}

#[inline]
fn hand_on<R: RawRow>(number: u64, cells: &Cells<'_>, row: R, context: Context<'_>, out: &mut Gatherer<R>) {
    if cells.same_symbol && cells.suffix.is_empty() {
        out.row_of_same(number, row);
    } else if cells.suffix.is_empty() {
        out.row(context, number, cells.symbol, row);
    } else {
        out.row(context, number, &[cells.symbol, b" ", cells.suffix].concat(), row);
    }
}

/// Reads the row at the front of `text` if every cell is spelt plainly; gives its length with the line feed.
#[inline]
fn plain_row<'a>(
    cells: &mut Cells<'a>,
    text: &'a [u8],
    layout: &Layout,
    day: &mut DayMemory,
) -> Option<usize> {
    let (mut at, last) = (0, layout.columns.len().checked_sub(1)?);
    for (index, column) in layout.columns.iter().enumerate() {
        let cell = &text[at..];
        let length = match quick_cell(cells, *column, cell, layout) {
            Some(length) => length,
            None => {
                let ends = |byte: &u8| *byte == layout.delimiter || matches!(*byte, b'\n' | b'\r' | b'"');
                let length = cell.iter().position(ends)?;
                read_cell(cells, *column, &cell[..length], layout, day).ok()?;
                length
            }
        };
        at += length;
        match *text.get(at)? {
            byte if byte == layout.delimiter && index < last => at += 1,
            byte if byte == layout.delimiter => at += memchr::memchr(b'\n', &text[at..])?,
            b'\n' if index == last => {}
            _ => return None,
        }
    }
    cells.settle_time();
    Some(at + 1)
}

/// A line whose cells may be quoted (RFC 4180), made plain. Lines without quotes, nearly all, pass untouched.
fn unquoted(line: &[u8], delimiter: u8) -> Cow<'_, [u8]> {
    if memchr::memchr(b'"', line).is_none() {
        return Cow::Borrowed(line);
    }
    let mut plain = Vec::with_capacity(line.len());
    let mut inside = false;
    for &byte in line {
        match byte {
            b'"' => inside = !inside,
            // A delimiter inside quotes is text; no cell read here may hold one, so a blank stands for it.
            _ if inside && byte == delimiter => plain.push(b' '),
            _ => plain.push(byte),
        }
    }
    Cow::Owned(plain)
}

fn fault(line: &[u8], layout: &Layout, at: usize, why: Why) -> Fault {
    let cell = line.split(|b| *b == layout.delimiter).nth(at);
    let text = String::from_utf8_lossy(cell.unwrap_or_default());
    Fault {
        column: layout.names.get(at).cloned().unwrap_or_default(),
        value: text.chars().take(80).collect(),
        why,
    }
}

/// The first line, without its line feed and carriage return, and what lies behind it.
fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    let (line, behind) = (&text[..end], &text[(end + 1).min(text.len())..]);
    (line.strip_suffix(b"\r").unwrap_or(line), behind)
}

fn behind_trailer(line: &[u8]) -> Fault {
    Fault {
        column: "trailer".into(),
        value: String::from_utf8_lossy(line).chars().take(80).collect(),
        why: "stands behind the END line: two files were joined, part them",
    }
}

/// What is wrong with a trailer, given the rows that were found; `None` when nothing is.
pub fn trailer_fault(stated: Option<&[u8]>, rows: u64) -> Option<Fault> {
    let column = "trailer".to_owned();
    let Some(stated) = stated else {
        let why =
            "is missing: the last line must be END|YYYYMMDD|rows; the file was cut short, fetch it again";
        return Some(Fault { column, value: String::new(), why });
    };
    if fields::digits(stated.trim_ascii()) == Ok(rows) {
        return None;
    }
    let value = format!("{} rows stated, {rows} found", String::from_utf8_lossy(stated));
    let why = "does not count this file's rows: rows are lost or doubled, fetch it again";
    Some(Fault { column, value, why })
}

#[cfg(test)]
mod tests {
    use super::super::columns::Column;
    use super::super::gather::Floors;
    use super::super::raw::{QuoteKind, RawTrade};
    use super::*;
    use std::collections::BTreeSet;

    const COLUMNS: [Column; 4] = [Column::Symbol, Column::Suffix, Column::Price, Column::Size];

    /// Symbols and prices (dollars) of a chunk, and its faults' columns.
    fn read(chunk: &[u8]) -> (Vec<(String, i64)>, Vec<String>) {
        let layout = Layout {
            delimiter: b',',
            columns: COLUMNS.to_vec(),
            names: ["root", "suffix", "price", "size"].map(str::to_owned).to_vec(),
            midnight: None,
            quote_lot: 1,
            scale: crate::tape::Scale::WHOLE,
            quote_kind: QuoteKind::National,
            trailer: false,
        };
        let (wanted, floors) = (BTreeSet::new(), Floors::new());
        let parsed = parse::<RawTrade>(chunk, &layout, Context { wanted: &wanted, floors: &floors });
        let name = |row: &RawTrade| &parsed.gathered.met[row.symbol as usize].name;
        let row = |row: &RawTrade| {
            (String::from_utf8_lossy(name(row)).into_owned(), row.trade.price.0 / 1_000_000_000)
        };
        let faults = parsed.gathered.faults.iter().map(|(_, fault)| fault.column.clone());
        (parsed.gathered.rows.iter().map(row).collect(), faults.collect())
    }

    fn named(rows: &[(&str, i64)]) -> Vec<(String, i64)> {
        rows.iter().map(|(name, price)| ((*name).to_owned(), *price)).collect()
    }

    #[test]
    fn a_symbol_is_never_taken_for_the_one_before() {
        let chunk = b"A,,1,1\nA,,2,1\nAA,,3,1\nA,B,4,1\nA,B,5,1\nA,,6,1\nA.B,,7,1\nA ,,8,1\n";
        let expected =
            [("A", 1), ("A", 2), ("AA", 3), ("A B", 4), ("A B", 5), ("A", 6), ("A.B", 7), ("A", 8)];
        assert_eq!(read(chunk), (named(&expected), vec![]));
    }

    #[test]
    fn rows_without_a_symbol_are_faults_each() {
        let (rows, faults) = read(b"A,,1,1\n,,2,1\n\xff,,3,1\n\xff,,4,1\nA,,5,1\n");
        assert_eq!(rows, named(&[("A", 1), ("A", 5)]));
        assert_eq!(faults, ["symbol", "symbol", "symbol"]);
    }

    #[test]
    fn quoted_and_odd_rows_are_read_with_care() {
        let chunk = b"\"A\",\"\",\"1\",1\r\n\nA,,2,100.0\nA,,x,1\n\"A,B\",,3,1\n";
        let (rows, faults) = read(chunk);
        assert_eq!(rows, named(&[("A", 1), ("A", 2), ("A B", 3)]));
        assert_eq!(faults, ["price"]);
    }
}
