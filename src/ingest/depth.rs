//! Books deeper than the best bid and offer, as rows.

use super::raw::{RawQuote, RawRow, RawTrade, Rows, raw_row_of};
use crate::book::{Level, Side};
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

/// The second and further levels; those that were not told are zero.
pub type Deeper = [Rung; DEPTH_LEVELS_MAX - 1];

/// The levels of a book from the second up to the `wanted`-th, each side's best first out of `side`.
pub fn deeper(wanted: usize, side: impl Fn(Side, usize) -> Vec<Level>) -> Deeper {
    let mut rungs = Deeper::default();
    for (rung, level) in rungs.iter_mut().zip(side(Side::Bid, wanted).iter().skip(1)) {
        (rung.bid, rung.bid_size) = (level.price, level.size);
    }
    for (rung, level) in rungs.iter_mut().zip(side(Side::Ask, wanted).iter().skip(1)) {
        (rung.ask, rung.ask_size) = (level.price, level.size);
    }
    rungs
}

/// A quote row with the levels behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RawDepth {
    /// The first level, as a feed of quotes would tell it.
    pub quote: RawQuote,
    /// The levels behind it.
    pub deeper: Deeper,
    /// Whether only those are news: a feed of best quotes would tell nothing here, and to the best quotes it is none.
    pub is_behind: bool,
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

/// A row of a file that tells of trades and of a book with its levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "rows lie side by side in batches, made only where levels are wanted"
)]
pub enum DepthTick {
    /// A quote row, where nothing is told of the levels behind.
    Quote(RawQuote),
    /// A quote row with the levels behind it.
    Depth(RawDepth),
    /// A trade row.
    Trade(RawTrade),
}

impl DepthTick {
    /// Whether it is a trade.
    #[must_use]
    pub fn is_trade(&self) -> bool {
        matches!(self, Self::Trade(_))
    }
}

impl Default for DepthTick {
    fn default() -> Self {
        Self::Quote(RawQuote::default())
    }
}

raw_row_of!(DepthTick, DepthTicks, [Quote, Depth, Trade]);
