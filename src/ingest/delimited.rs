//! The engine under every text format: header-bound cells to raw ticks, one pass, no copies.

use chrono::NaiveDate;
use std::borrow::Cow;

use super::columns::Column;
use super::error::Fault;
use super::fields::{self, Why};
use super::gather::{Context, Gathered, Gatherer};
use super::quick;
use super::raw::{QuoteKind, RawQuote, RawRow, RawTrade};
use crate::tape::{Nanos, Price, Quote, Sign, Size, Trade, local_midnight};

/// How the rows of one file are laid out, once its header is bound.
pub struct Layout {
    /// Between cells.
    pub delimiter: u8,
    /// What each cell holds, up to the last one read.
    pub columns: Vec<Column>,
    /// The header's names, for messages.
    pub names: Vec<String>,
    /// New York midnight of the file's date, where rows give only a time of day.
    pub midnight: Option<Nanos>,
    /// Shares in one unit of a quoted size.
    pub quote_lot: i64,
    /// Which book quotes speak of.
    pub quote_kind: QuoteKind,
    /// Whether the file must close with `END|date|rows`.
    pub trailer: bool,
}

/// No tape has shorter lines on average: room for this many rows is enough.
const SHORT_LINE_BYTES: usize = 24;

/// The cells of one row, read.
#[derive(Default)]
struct Cells<'a> {
    ts: i64,
    midnight: i64,
    clock: i64,
    symbol: &'a [u8],
    /// Whether a plain row's symbol is that of the plain row before it.
    same_symbol: bool,
    suffix: &'a [u8],
    bid: i64,
    bid_size: i64,
    ask: i64,
    ask_size: i64,
    price: i64,
    size: i64,
    side: Sign,
    venue: u8,
    conditions: [u8; 4],
    correction: u8,
    cancel: u8,
    sequence: u64,
    source: u8,
    national: u8,
}

impl Cells<'_> {
    fn of(layout: &Layout) -> Self {
        Self { midnight: layout.midnight.map_or(0, |m| m.0), ..Self::default() }
    }

    /// Where rows give a date or a time of day, the moment is their sum.
    fn settle_time(&mut self) {
        if self.midnight != 0 {
            self.ts = self.midnight + self.clock;
        }
    }
}

/// A row that can be made from cells.
pub trait FromCells: RawRow {
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "cells never leave this file")]
    fn from_cells(cells: &Cells<'_>, layout: &Layout) -> Result<Self, (Column, Why)>;
}

impl FromCells for RawQuote {
    #[allow(private_interfaces, reason = "cells never leave this file")]
    fn from_cells(c: &Cells<'_>, layout: &Layout) -> Result<Self, (Column, Why)> {
        let lots = |count: i64, column| {
            fields::credible_size(count.checked_mul(layout.quote_lot)).map_err(|why| (column, why))
        };
        Ok(Self {
            quote: Quote {
                ts: Nanos(c.ts),
                bid: Price(c.bid),
                ask: Price(c.ask),
                bid_size: lots(c.bid_size, Column::BidSize)?,
                ask_size: lots(c.ask_size, Column::AskSize)?,
            },
            kind: layout.quote_kind,
            sequence: c.sequence,
            venue: c.venue,
            condition: c.conditions[0],
            cancel: c.cancel,
            source: c.source,
            national: c.national,
            symbol: 0,
        })
    }
}

impl FromCells for RawTrade {
    #[allow(private_interfaces, reason = "cells never leave this file")]
    fn from_cells(c: &Cells<'_>, _: &Layout) -> Result<Self, (Column, Why)> {
        Ok(Self {
            trade: Trade { ts: Nanos(c.ts), price: Price(c.price), size: Size(c.size), known_side: c.side },
            sequence: c.sequence,
            venue: c.venue,
            correction: c.correction,
            conditions: c.conditions,
            symbol: 0,
        })
    }
}

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
        let length = match quick_cell(cells, *column, cell, layout.delimiter) {
            Some(length) => length,
            None => {
                let ends = |byte: &u8| *byte == layout.delimiter || matches!(*byte, b'\n' | b'\r' | b'"');
                let length = cell.iter().position(ends)?;
                read_cell(cells, *column, &cell[..length], day).ok()?;
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

/// Splits and reads one line; an error names the cell by its position.
fn cells<'a>(line: &'a [u8], layout: &Layout, day: &mut DayMemory) -> Result<Cells<'a>, (usize, Why)> {
    let mut cells = Cells::of(layout);
    let mut texts = line.split(|byte| *byte == layout.delimiter);
    for (at, column) in layout.columns.iter().enumerate() {
        let text = texts.next().ok_or((at, "is not there: the row has fewer cells than the header"))?;
        read_cell(&mut cells, *column, text, day).map_err(|why| (at, why))?;
    }
    cells.settle_time();
    Ok(cells)
}

/// Reads a number, or the same symbol again, at the front of `text` if it is spelt plainly; gives its length.
#[inline]
fn quick_cell(cells: &mut Cells<'_>, column: Column, text: &[u8], delimiter: u8) -> Option<usize> {
    let (slot, (value, length)) = match column {
        Column::Moment => (&mut cells.ts, quick::leading_moment(text)?),
        Column::CompactTime => (&mut cells.clock, quick::leading_compact_time(text)?),
        Column::Bid => (&mut cells.bid, quick::leading_price(text)?),
        Column::Ask => (&mut cells.ask, quick::leading_price(text)?),
        Column::Price => (&mut cells.price, quick::leading_price(text)?),
        Column::BidSize => (&mut cells.bid_size, quick::leading_digits(text)?),
        Column::AskSize => (&mut cells.ask_size, quick::leading_digits(text)?),
        Column::Size => (&mut cells.size, quick::leading_digits(text)?),
        Column::Symbol => {
            // Two rows without suffixes are of one symbol when the one's letters are all of the other's cell.
            let length = cells.symbol.len();
            let ends = text.get(length) == Some(&delimiter);
            let plain = length > 0 && cells.suffix.is_empty();
            cells.same_symbol = plain && ends && text.starts_with(cells.symbol);
            return cells.same_symbol.then_some(length);
        }
        _ => return None,
    };
    *slot = value;
    Some(length)
}

fn read_cell<'a>(
    cells: &mut Cells<'a>,
    column: Column,
    text: &'a [u8],
    day: &mut DayMemory,
) -> Result<(), Why> {
    match column {
        Column::Skip => {}
        Column::Moment => cells.ts = fields::moment(text)?,
        Column::Date => cells.midnight = day.midnight(text)?,
        Column::CompactTime => cells.clock = fields::compact_time(text)?,
        Column::ColonTime => cells.clock = fields::colon_time(text)?,
        Column::Symbol => cells.symbol = text.trim_ascii(),
        Column::Suffix => cells.suffix = text.trim_ascii(),
        Column::Bid => cells.bid = fields::price(text)?,
        Column::BidSize => cells.bid_size = fields::size(text)?,
        Column::Ask => cells.ask = fields::price(text)?,
        Column::AskSize => cells.ask_size = fields::size(text)?,
        Column::Price => cells.price = needed(text).and_then(fields::price)?,
        Column::Size => cells.size = needed(text).and_then(fields::size)?,
        Column::Side => cells.side = side(text)?,
        Column::Venue => cells.venue = letter(text),
        Column::Condition => cells.conditions = letters(text),
        Column::Correction => cells.correction = small(text)?,
        Column::Cancel => cells.cancel = letter(text),
        Column::Sequence => cells.sequence = optional(text)?,
        Column::Source => cells.source = letter(text),
        Column::National => cells.national = letter(text),
    }
    Ok(())
}

fn needed(text: &[u8]) -> Result<&[u8], Why> {
    if text.is_empty() { Err("is empty where a number is needed") } else { Ok(text) }
}

fn optional(text: &[u8]) -> Result<u64, Why> {
    if text.is_empty() { Ok(0) } else { fields::digits(text) }
}

fn small(text: &[u8]) -> Result<u8, Why> {
    u8::try_from(optional(text.trim_ascii())?).map_err(|_| "is not a correction code 00 to 12")
}

fn letter(text: &[u8]) -> u8 {
    text.first().copied().unwrap_or(0)
}

pub fn letters(text: &[u8]) -> [u8; 4] {
    let mut four = [b' '; 4];
    for (slot, byte) in four.iter_mut().zip(text) {
        *slot = *byte;
    }
    four
}

pub fn side(text: &[u8]) -> Result<Sign, Why> {
    match text {
        b"buy" | b"BUY" | b"Buy" | b"B" | b"b" | b"1" | b"+1" => Ok(Sign::Buy),
        b"sell" | b"SELL" | b"Sell" | b"S" | b"s" | b"-1" => Ok(Sign::Sell),
        b"" | b"0" | b"N" | b"n" | b"unknown" => Ok(Sign::Unknown),
        _ => Err("is not a side: buy, sell, B, S, 1, -1 or empty"),
    }
}

/// The last date met and its midnight: a file's rows rarely change day.
#[derive(Default)]
struct DayMemory {
    text: Vec<u8>,
    midnight: i64,
}

impl DayMemory {
    fn midnight(&mut self, text: &[u8]) -> Result<i64, Why> {
        if self.text != text {
            let date: NaiveDate = fields::date(text)?;
            self.midnight = local_midnight(date).0;
            self.text = text.to_vec();
        }
        Ok(self.midnight)
    }
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
    use super::super::gather::Floors;
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
