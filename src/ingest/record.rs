//! Raw ticks as fixed-width bytes: what a sort spills and what the journal of a feed keeps. The width and the places
//! are part of the journal's format.

use super::depth::Rung;
use super::{DepthTick, QuoteKind, RawDepth, RawQuote, RawTick, RawTrade};
use crate::limits::DEPTH_LEVELS_MAX;
use crate::tape::{Nanos, Price, Quote, Sign, Size, Trade};

/// A row that can be written as fixed-width bytes.
pub trait Record {
    /// The width.
    const BYTES: usize;
    /// Appends the row.
    fn put(&self, out: &mut Vec<u8>);
    /// Reads a row back.
    fn get(bytes: &[u8]) -> Self;
}

impl Record for RawQuote {
    const BYTES: usize = 7 * 8 + 6;

    fn put(&self, out: &mut Vec<u8>) {
        let q = &self.quote;
        let numbers = [q.ts.0, q.bid.0, q.ask.0, q.bid_size.0, q.ask_size.0, self.received.0];
        numbers.iter().for_each(|n| out.extend(n.to_le_bytes()));
        out.extend(self.sequence.to_le_bytes());
        let kind = u8::from(self.kind == QuoteKind::Venue);
        out.extend([self.venue, self.condition, self.cancel, self.source, self.national, kind]);
    }

    fn get(bytes: &[u8]) -> Self {
        let letter = |at: usize| bytes[56 + at];
        Self {
            symbol: 0,
            quote: Quote {
                ts: Nanos(number(bytes, 0)),
                bid: Price(number(bytes, 1)),
                ask: Price(number(bytes, 2)),
                bid_size: Size(number(bytes, 3)),
                ask_size: Size(number(bytes, 4)),
            },
            received: Nanos(number(bytes, 5)),
            sequence: number(bytes, 6).cast_unsigned(),
            kind: if letter(5) == 1 { QuoteKind::Venue } else { QuoteKind::National },
            venue: letter(0),
            condition: letter(1),
            cancel: letter(2),
            source: letter(3),
            national: letter(4),
        }
    }
}

impl Record for RawTrade {
    const BYTES: usize = 5 * 8 + 7;

    fn put(&self, out: &mut Vec<u8>) {
        let t = &self.trade;
        [t.ts.0, t.price.0, t.size.0, self.received.0].iter().for_each(|n| out.extend(n.to_le_bytes()));
        out.extend(self.sequence.to_le_bytes());
        out.extend([self.venue, self.correction, (t.known_side.value() + 1) as u8]);
        out.extend(self.conditions);
    }

    fn get(bytes: &[u8]) -> Self {
        let mut conditions = [0; 4];
        conditions.copy_from_slice(&bytes[43..47]);
        Self {
            symbol: 0,
            trade: Trade {
                ts: Nanos(number(bytes, 0)),
                price: Price(number(bytes, 1)),
                size: Size(number(bytes, 2)),
                known_side: Sign::of(i64::from(bytes[42]) - 1),
                ..Trade::default()
            },
            received: Nanos(number(bytes, 3)),
            sequence: number(bytes, 4).cast_unsigned(),
            venue: bytes[40],
            correction: bytes[41],
            conditions,
        }
    }
}

impl Record for RawDepth {
    const BYTES: usize = RawQuote::BYTES + 4 * 8 * (DEPTH_LEVELS_MAX - 1) + 1;

    fn put(&self, out: &mut Vec<u8>) {
        self.quote.put(out);
        for rung in &self.deeper {
            let numbers = [rung.bid.0, rung.ask.0, rung.bid_size.0, rung.ask_size.0];
            numbers.iter().for_each(|n| out.extend(n.to_le_bytes()));
        }
        out.push(u8::from(self.is_behind));
    }

    fn get(bytes: &[u8]) -> Self {
        let (quote, deeper) = bytes.split_at(RawQuote::BYTES);
        let rung = |level: usize| Rung {
            bid: Price(number(deeper, 4 * level)),
            ask: Price(number(deeper, 4 * level + 1)),
            bid_size: Size(number(deeper, 4 * level + 2)),
            ask_size: Size(number(deeper, 4 * level + 3)),
        };
        let is_behind = bytes[Self::BYTES - 1] != 0;
        Self { quote: RawQuote::get(quote), deeper: std::array::from_fn(rung), is_behind }
    }
}

/// A letter for the kind, and the row of that kind; the shorter kind is padded with zeros.
impl Record for RawTick {
    const BYTES: usize =
        1 + if RawQuote::BYTES > RawTrade::BYTES { RawQuote::BYTES } else { RawTrade::BYTES };

    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Quote(row) => put_lettered(b'Q', row, Self::BYTES, out),
            Self::Trade(row) => put_lettered(b'T', row, Self::BYTES, out),
        }
    }

    fn get(bytes: &[u8]) -> Self {
        match bytes.split_first() {
            Some((b'T', row)) => Self::Trade(RawTrade::get(row)),
            Some((_, row)) => Self::Quote(RawQuote::get(row)),
            None => Self::default(),
        }
    }
}

/// As a [`RawTick`]'s.
impl Record for DepthTick {
    const BYTES: usize = 1 + RawDepth::BYTES;

    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Quote(row) => put_lettered(b'Q', row, Self::BYTES, out),
            Self::Depth(row) => put_lettered(b'D', row, Self::BYTES, out),
            Self::Trade(row) => put_lettered(b'T', row, Self::BYTES, out),
        }
    }

    fn get(bytes: &[u8]) -> Self {
        match bytes.split_first() {
            Some((b'T', row)) => Self::Trade(RawTrade::get(row)),
            Some((b'D', row)) => Self::Depth(RawDepth::get(row)),
            Some((_, row)) => Self::Quote(RawQuote::get(row)),
            None => Self::default(),
        }
    }
}

/// A letter and a row, padded with zeros to so many bytes.
fn put_lettered(letter: u8, row: &impl Record, bytes: usize, out: &mut Vec<u8>) {
    let end = out.len() + bytes;
    out.push(letter);
    row.put(out);
    out.resize(end, 0);
}

fn number(bytes: &[u8], index: usize) -> i64 {
    let mut eight = [0; 8];
    eight.copy_from_slice(&bytes[8 * index..8 * index + 8]);
    i64::from_le_bytes(eight)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn there_and_back<R: Record>(row: &R) -> R {
        let mut bytes = Vec::new();
        row.put(&mut bytes);
        assert_eq!(bytes.len(), R::BYTES);
        R::get(&bytes)
    }

    proptest! {
        #[test]
        fn rows_come_back_as_they_went(n in prop::array::uniform7(any::<i64>()), c in any::<[u8; 9]>()) {
            let quote = RawQuote {
                symbol: 0,
                quote: Quote {
                    ts: Nanos(n[0]), bid: Price(n[1]), ask: Price(n[2]),
                    bid_size: Size(n[3]), ask_size: Size(n[4]),
                },
                received: Nanos(n[6]),
                sequence: n[5].cast_unsigned(),
                kind: if c[5] > 99 { QuoteKind::Venue } else { QuoteKind::National },
                venue: c[0], condition: c[1], cancel: c[2], source: c[3], national: c[4],
            };
            prop_assert_eq!(there_and_back(&quote), quote);
            let trade = RawTrade {
                symbol: 0,
                trade: Trade {
                    ts: Nanos(n[0]),
                    price: Price(n[1]),
                    size: Size(n[2]),
                    known_side: Sign::of(n[3]),
                    ..Trade::default()
                },
                received: Nanos(n[6]),
                sequence: n[5].cast_unsigned(),
                venue: c[0], correction: c[1], conditions: [c[2], c[3], c[4], c[5]],
            };
            prop_assert_eq!(there_and_back(&trade), trade);
            for tick in [RawTick::Quote(quote), RawTick::Trade(trade)] {
                prop_assert_eq!(there_and_back(&tick), tick);
            }
            let rung = |level: usize| Rung {
                bid: Price(n[level % 7]), ask: Price(n[(level + 1) % 7]),
                bid_size: Size(n[(level + 2) % 7]), ask_size: Size(n[(level + 3) % 7]),
            };
            let depth = RawDepth { quote, deeper: std::array::from_fn(rung), is_behind: c[8] > 99 };
            prop_assert_eq!(there_and_back(&depth), depth);
            for tick in [DepthTick::Quote(quote), DepthTick::Depth(depth), DepthTick::Trade(trade)] {
                prop_assert_eq!(there_and_back(&tick), tick);
            }
        }
    }
}
