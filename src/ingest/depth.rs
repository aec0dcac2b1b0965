//! Books deeper than the best bid and offer, as rows.

use super::raw::{RawQuote, RawRow, Rows};
use crate::limits::DEPTH_LEVELS_MAX;
use crate::tape::{Nanos, Price, Quote, Size};

/// The m-th best bid and the m-th best offer; price and size of a side that has none are zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rung {
    /// The bid.
    pub bid: Price,
    /// The offer.
    pub ask: Price,
    /// Shares at the bid.
    pub bid_size: Size,
    /// Shares at the offer.
    pub ask_size: Size,
}

/// A quote row with the levels behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RawDepth {
    /// The first level, as a feed of quotes would tell it.
    pub quote: RawQuote,
    /// The second and further ones; those that were not told are zero.
    pub deeper: [Rung; DEPTH_LEVELS_MAX - 1],
}

impl RawDepth {
    /// The levels from the second on, as states of the row's time.
    pub fn deeper(&self) -> impl Iterator<Item = Quote> {
        let ts = self.ts();
        self.deeper.iter().map(move |rung| Quote {
            ts,
            bid: rung.bid,
            ask: rung.ask,
            bid_size: rung.bid_size,
            ask_size: rung.ask_size,
        })
    }
}

impl RawRow for RawDepth {
    fn ts(&self) -> Nanos {
        self.quote.ts()
    }

    fn sequence(&self) -> u64 {
        self.quote.sequence
    }

    fn set_sequence(&mut self, sequence: u64) {
        self.quote.sequence = sequence;
    }

    fn symbol(&self) -> u32 {
        self.quote.symbol
    }

    fn set_symbol(&mut self, index: u32) {
        self.quote.symbol = index;
    }

    fn wrap(rows: Vec<Self>) -> Rows {
        Rows::Depths(rows)
    }

    fn unwrap(rows: Rows) -> Vec<Self> {
        match rows {
            Rows::Depths(rows) => rows,
            _ => Vec::new(),
        }
    }
}
