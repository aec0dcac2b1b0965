//! One message: its type, its length, its fields. Numbers stand with their high byte first, prices in hundredths of a
//! cent, names padded with blanks.

use super::fault;
use crate::book::Side;
use crate::ingest::{Fault, parse_price_units};
use crate::limits::SIZE_MAX_SHARES;
use crate::tape::{NANOS_PER_SECOND, Price, Size};

/// What stands at the beginning of every message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The stock, by its number of the day; 0 where a message is about none.
    pub locate: u16,
    /// Nanoseconds past midnight in New York.
    pub nanos: i64,
}

/// A message, as far as books and trades hang on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// R: a stock has this number today.
    Directory { stock: &'a [u8] },
    /// A, F: an order joins the book.
    Add { order: u64, side: Side, size: Size, stock: &'a [u8], price: Price },
    /// E, and C with a price of its own: an order is executed.
    Execute { order: u64, size: Size, price: Option<Price>, is_printable: bool },
    /// X: an order is reduced.
    Cancel { order: u64, size: Size },
    /// D: an order goes.
    Delete { order: u64 },
    /// U: an order gives way to another one.
    Replace { old: u64, new: u64, size: Size, price: Price },
    /// P: a hidden order is executed.
    Hidden { size: Size, price: Price },
    /// Q: a cross, or none where its size is zero.
    Cross { size: Size, price: Price, kind: u8 },
    /// H: a stock's trading state: `H` halted, `P` paused, `Q` quotation only, `T` trading.
    State { letter: u8 },
    /// B: a trade is broken.
    Broken,
    /// S Y L V W K J h I N O: nothing that changes a book.
    Other,
}

/// The length of a message of this type.
const fn length(kind: u8) -> Option<usize> {
    Some(match kind {
        b'S' | b'W' => 12,
        b'D' | b'B' => 19,
        b'Y' | b'N' => 20,
        b'h' => 21,
        b'X' => 23,
        b'H' => 25,
        b'L' => 26,
        b'K' => 28,
        b'E' => 31,
        b'V' | b'J' | b'U' => 35,
        b'A' | b'C' => 36,
        b'R' => 39,
        b'F' | b'Q' => 40,
        b'P' => 44,
        b'O' => 48,
        b'I' => 50,
        _ => return None,
    })
}

impl<'a> Message<'a> {
    /// Reads a message; `None` where the specification does not know its type.
    ///
    /// # Errors
    /// When its length is not that of its type, or a field holds what it cannot.
    pub fn parse(bytes: &'a [u8]) -> Result<Option<(Head, Self)>, Fault> {
        let kind = bytes.first().copied().unwrap_or_default();
        let Some(length) = length(kind) else { return Ok(None) };
        if bytes.len() != length {
            let value = format!("{} bytes of type {}", bytes.len(), char::from(kind));
            return Err(fault("length", &value, "are not as many as a message of this type has"));
        }
        let nanos = number(bytes, 5, 6) as i64;
        if nanos >= 86_400 * NANOS_PER_SECOND {
            return Err(fault("timestamp", &nanos, "is not a nanosecond of the day"));
        }
        let head = Head { locate: number(bytes, 1, 2) as u16, nanos };
        Ok(Some((head, body(kind, bytes)?)))
    }
}

fn body(kind: u8, bytes: &[u8]) -> Result<Message<'_>, Fault> {
    let order = number(bytes, 11, 8);
    Ok(match kind {
        b'R' => Message::Directory { stock: name(bytes, 11)? },
        b'A' | b'F' => Message::Add {
            order,
            side: side(bytes[19])?,
            size: size(bytes, 20, 4)?,
            stock: name(bytes, 24)?,
            price: price(bytes, 32)?,
        },
        b'E' => Message::Execute { order, size: size(bytes, 19, 4)?, price: None, is_printable: true },
        b'C' => Message::Execute {
            order,
            size: size(bytes, 19, 4)?,
            price: Some(price(bytes, 32)?),
            is_printable: printable(bytes[31])?,
        },
        b'X' => Message::Cancel { order, size: size(bytes, 19, 4)? },
        b'D' => Message::Delete { order },
        b'U' => Message::Replace {
            old: order,
            new: number(bytes, 19, 8),
            size: size(bytes, 27, 4)?,
            price: price(bytes, 31)?,
        },
        b'P' => Message::Hidden { size: size(bytes, 20, 4)?, price: price(bytes, 32)? },
        b'Q' => match number(bytes, 11, 8) {
            // Nothing crossed, so there is no price either.
            0 => Message::Cross { size: Size(0), price: Price(0), kind: bytes[39] },
            _ => Message::Cross { size: size(bytes, 11, 8)?, price: price(bytes, 27)?, kind: bytes[39] },
        },
        b'H' => Message::State { letter: state(bytes[19])? },
        b'B' => Message::Broken,
        _ => Message::Other,
    })
}

/// So many bytes as a number; zero where a message is too short to have them.
fn number(bytes: &[u8], at: usize, width: usize) -> u64 {
    bytes.get(at..at + width).unwrap_or_default().iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

fn size(bytes: &[u8], at: usize, width: usize) -> Result<Size, Fault> {
    let shares = number(bytes, at, width);
    match i64::try_from(shares) {
        Ok(known @ 1..=SIZE_MAX_SHARES) => Ok(Size(known)),
        _ => Err(fault("shares", &shares, "are not a number of shares that one order has")),
    }
}

fn price(bytes: &[u8], at: usize) -> Result<Price, Fault> {
    let units = number(bytes, at, 4);
    match parse_price_units(units) {
        Ok(price) if price.0 > 0 => Ok(price),
        Ok(_) => Err(fault("price", &units, "is no price")),
        Err(why) => Err(fault("price", &units, why)),
    }
}

fn side(letter: u8) -> Result<Side, Fault> {
    match letter {
        b'B' => Ok(Side::Bid),
        b'S' => Ok(Side::Ask),
        other => Err(fault("side", &other.escape_ascii(), "is neither B nor S")),
    }
}

fn state(letter: u8) -> Result<u8, Fault> {
    match letter {
        b'H' | b'P' | b'Q' | b'T' => Ok(letter),
        other => Err(fault("trading state", &other.escape_ascii(), "is none of H, P, Q and T")),
    }
}

fn printable(letter: u8) -> Result<bool, Fault> {
    match letter {
        b'Y' => Ok(true),
        b'N' => Ok(false),
        other => Err(fault("printable", &other.escape_ascii(), "is neither Y nor N")),
    }
}

/// The name of a stock, without the blanks behind it.
fn name(bytes: &[u8], at: usize) -> Result<&[u8], Fault> {
    let padded = &bytes[at..at + 8];
    let stock = padded.trim_ascii_end();
    let is_name = !stock.is_empty() && stock.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    if is_name { Ok(stock) } else { Err(fault("stock", &padded.escape_ascii(), "is no name of a stock")) }
}
