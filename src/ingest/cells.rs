//! The cells of a row, read into exact numbers, and the raw ticks made of them.

use chrono::NaiveDate;

use super::columns::Column;
use super::fields::{self, Why};
use super::quick;
use super::raw::{QuoteKind, RawQuote, RawRow, RawTrade};
use crate::tape::{Nanos, Price, Quote, Scale, Sign, Size, Trade, local_midnight};

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
    /// What a unit of a size is.
    pub scale: Scale,
    /// Which book quotes speak of.
    pub quote_kind: QuoteKind,
    /// Whether the file must close with `END|date|rows`.
    pub trailer: bool,
}

/// The cells of one row, read.
#[derive(Default)]
pub struct Cells<'a> {
    ts: i64,
    received: i64,
    midnight: i64,
    clock: i64,
    /// The symbol, or its root.
    pub symbol: &'a [u8],
    /// Whether a plain row's symbol is that of the plain row before it.
    pub same_symbol: bool,
    /// What follows the root; empty for most.
    pub suffix: &'a [u8],
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
    book: Option<QuoteKind>,
}

impl Cells<'_> {
    /// Cells of a file's rows, before any is read.
    pub fn of(layout: &Layout) -> Self {
        Self { midnight: layout.midnight.map_or(0, |m| m.0), ..Self::default() }
    }

    /// Where rows give a date or a time of day, the moment is their sum.
    pub fn settle_time(&mut self) {
        if self.midnight != 0 {
            self.ts = self.midnight + self.clock;
        }
    }
}

/// A row that can be made from cells.
pub trait FromCells: RawRow {
    /// The row; an error names the column at fault.
    fn from_cells(cells: &Cells<'_>, layout: &Layout) -> Result<Self, (Column, Why)>;
}

impl FromCells for RawQuote {
    fn from_cells(c: &Cells<'_>, layout: &Layout) -> Result<Self, (Column, Why)> {
        let lots = |count: i64, column| {
            fields::credible_size(count.checked_mul(layout.quote_lot), layout.scale)
                .map_err(|why| (column, why))
        };
        Ok(Self {
            quote: Quote {
                ts: Nanos(c.ts),
                bid: Price(c.bid),
                ask: Price(c.ask),
                bid_size: lots(c.bid_size, Column::BidSize)?,
                ask_size: lots(c.ask_size, Column::AskSize)?,
            },
            received: Nanos(c.received),
            kind: c.book.unwrap_or(layout.quote_kind),
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
    fn from_cells(c: &Cells<'_>, _: &Layout) -> Result<Self, (Column, Why)> {
        Ok(Self {
            trade: Trade {
                ts: Nanos(c.ts),
                price: Price(c.price),
                size: Size(c.size),
                known_side: c.side,
                ..Trade::default()
            },
            received: Nanos(c.received),
            sequence: c.sequence,
            venue: c.venue,
            correction: c.correction,
            conditions: c.conditions,
            symbol: 0,
        })
    }
}

/// Splits and reads one line; an error names the cell by its position.
pub fn cells<'a>(line: &'a [u8], layout: &Layout, day: &mut DayMemory) -> Result<Cells<'a>, (usize, Why)> {
    let mut cells = Cells::of(layout);
    let mut texts = line.split(|byte| *byte == layout.delimiter);
    for (at, column) in layout.columns.iter().enumerate() {
        let text = texts.next().ok_or((at, "is not there: the row has fewer cells than the header"))?;
        read_cell(&mut cells, *column, text, layout, day).map_err(|why| (at, why))?;
    }
    cells.settle_time();
    Ok(cells)
}

/// Reads a number, or the same symbol again, at the front of `text` if it is spelt plainly; gives its length.
#[inline]
pub fn quick_cell(cells: &mut Cells<'_>, column: Column, text: &[u8], layout: &Layout) -> Option<usize> {
    let (slot, (value, length)) = match column {
        Column::Moment => (&mut cells.ts, quick::leading_moment(text)?),
        Column::CompactTime => (&mut cells.clock, quick::leading_compact_time(text)?),
        Column::Bid => (&mut cells.bid, quick::leading_price(text)?),
        Column::Ask => (&mut cells.ask, quick::leading_price(text)?),
        Column::Price => (&mut cells.price, quick::leading_price(text)?),
        Column::BidSize | Column::AskSize | Column::Size if !layout.scale.is_whole() => return None,
        Column::BidSize => (&mut cells.bid_size, quick::leading_digits(text)?),
        Column::AskSize => (&mut cells.ask_size, quick::leading_digits(text)?),
        Column::Size => (&mut cells.size, quick::leading_digits(text)?),
        Column::Symbol => {
            // Two rows without suffixes are of one symbol when the one's letters are all of the other's cell.
            let length = cells.symbol.len();
            let ends = text.get(length) == Some(&layout.delimiter);
            let plain = length > 0 && cells.suffix.is_empty();
            cells.same_symbol = plain && ends && text.starts_with(cells.symbol);
            return cells.same_symbol.then_some(length);
        }
        _ => return None,
    };
    *slot = value;
    Some(length)
}

/// Reads a whole cell with care.
pub fn read_cell<'a>(
    cells: &mut Cells<'a>,
    column: Column,
    text: &'a [u8],
    layout: &Layout,
    day: &mut DayMemory,
) -> Result<(), Why> {
    let size = |text| fields::size(text, layout.scale);
    match column {
        Column::Skip => {}
        Column::Moment => cells.ts = fields::moment(text)?,
        Column::Date => cells.midnight = day.midnight(text)?,
        Column::CompactTime => cells.clock = fields::compact_time(text)?,
        Column::ColonTime => cells.clock = fields::colon_time(text)?,
        Column::Symbol => cells.symbol = text.trim_ascii(),
        Column::Suffix => cells.suffix = text.trim_ascii(),
        Column::Bid => cells.bid = fields::price(text)?,
        Column::BidSize => cells.bid_size = size(text)?,
        Column::Ask => cells.ask = fields::price(text)?,
        Column::AskSize => cells.ask_size = size(text)?,
        Column::Price => cells.price = fields::filled(text).and_then(fields::price)?,
        Column::Size => cells.size = fields::filled(text).and_then(size)?,
        Column::Side => cells.side = side(text)?,
        Column::Venue => cells.venue = letter(text),
        Column::Condition => cells.conditions = letters(text),
        Column::Correction => cells.correction = small(text)?,
        Column::Cancel => cells.cancel = letter(text),
        Column::Sequence => cells.sequence = optional(text)?,
        Column::Source => cells.source = letter(text),
        Column::National => cells.national = letter(text),
        Column::Received => cells.received = if text.is_empty() { 0 } else { fields::moment(text)? },
        Column::Book => cells.book = book(text)?,
    }
    Ok(())
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

/// Four letters in their positions, blanks where there are fewer.
pub fn letters(text: &[u8]) -> [u8; 4] {
    let mut four = [b' '; 4];
    for (slot, byte) in four.iter_mut().zip(text) {
        *slot = *byte;
    }
    four
}

/// The aggressor as feeds spell it.
pub fn side(text: &[u8]) -> Result<Sign, Why> {
    match text {
        b"buy" | b"BUY" | b"Buy" | b"B" | b"b" | b"1" | b"+1" => Ok(Sign::Buy),
        b"sell" | b"SELL" | b"Sell" | b"S" | b"s" | b"-1" => Ok(Sign::Sell),
        b"" | b"0" | b"N" | b"n" | b"unknown" => Ok(Sign::Unknown),
        _ => Err("is not a side: buy, sell, B, S, 1, -1 or empty"),
    }
}

/// Which book a quote speaks of; none where that is not told.
pub fn book(text: &[u8]) -> Result<Option<QuoteKind>, Why> {
    match text {
        b"" => Ok(None),
        b"national" => Ok(Some(QuoteKind::National)),
        b"venue" => Ok(Some(QuoteKind::Venue)),
        _ => Err("is not national or venue"),
    }
}

/// The last date met and its midnight: a file's rows rarely change day.
#[derive(Default)]
pub struct DayMemory {
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
