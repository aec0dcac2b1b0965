//! Raw ticks: what a file says, in exact units and not yet believed.

use super::depth::{DepthTick, RawDepth};
use crate::tape::{Nanos, Quote, Symbol, Trade};

/// Which book a quote row speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuoteKind {
    /// The best bid and offer across venues.
    #[default]
    National,
    /// One venue's own best bid and offer (NYSE's `SPLITS_US_ALL_BBO`).
    Venue,
}

/// The source of rows that tell an exchange's own trading state in their condition: `H` halted, `P` paused,
/// `Q` quotation only, `T` trading.
pub const EXCHANGE: u8 = b'I';

/// Stands in `conditions` for an auction whose kind the tape does not name; no letter of a consolidated tape.
pub const AUCTION: u8 = b'x';
/// Stands in `conditions` for an execution against a hidden order; no letter of a consolidated tape.
pub const HIDDEN: u8 = b'h';

/// A quote row. Codes are the tape's own letters; 0 where the format has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RawQuote {
    /// Index into [`Batch::symbols`].
    pub symbol: u32,
    /// The state the row announces; a side that is absent is zero.
    pub quote: Quote,
    /// When the capture received it, by its own clock; zero where the tape does not tell.
    pub received: Nanos,
    /// The tape's sequence number, which orders rows of one stamp across files.
    pub sequence: u64,
    /// Which book.
    pub kind: QuoteKind,
    /// Exchange letter.
    pub venue: u8,
    /// Quote condition letter.
    pub condition: u8,
    /// Cancel or correction letter.
    pub cancel: u8,
    /// `C` (CTA), `N` (UTP) or [`EXCHANGE`].
    pub source: u8,
    /// National best-bid-and-offer indicator digit.
    pub national: u8,
}

/// A trade row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RawTrade {
    /// Index into [`Batch::symbols`].
    pub symbol: u32,
    /// The print.
    pub trade: Trade,
    /// When the capture received it, by its own clock; zero where the tape does not tell.
    pub received: Nanos,
    /// The tape's sequence number.
    pub sequence: u64,
    /// Exchange letter.
    pub venue: u8,
    /// Correction code; 0 is a regular trade.
    pub correction: u8,
    /// Sale condition letters, in the tape's positions, blanks kept.
    pub conditions: [u8; 4],
}

/// What both kinds of row have.
pub trait RawRow: Copy + Default + Send {
    /// When it happened.
    fn ts(&self) -> Nanos;
    /// The tape's sequence number.
    fn sequence(&self) -> u64;
    /// Numbers the row.
    fn set_sequence(&mut self, sequence: u64);
    /// Index of its symbol.
    fn symbol(&self) -> u32;
    /// Names its symbol.
    fn set_symbol(&mut self, index: u32);
    /// Rows of this kind as one payload.
    fn wrap(rows: Vec<Self>) -> Rows;
    /// The rows of a payload of this kind; none of another.
    fn unwrap(rows: Rows) -> Vec<Self>;
}

macro_rules! raw_row {
    ($row:ty, $field:ident, $variant:ident) => {
        impl RawRow for $row {
            fn ts(&self) -> Nanos {
                self.$field.ts
            }
            fn sequence(&self) -> u64 {
                self.sequence
            }
            fn set_sequence(&mut self, sequence: u64) {
                self.sequence = sequence;
            }
            fn symbol(&self) -> u32 {
                self.symbol
            }
            fn set_symbol(&mut self, index: u32) {
                self.symbol = index;
            }
            fn wrap(rows: Vec<Self>) -> Rows {
                Rows::$variant(rows)
            }
            fn unwrap(rows: Rows) -> Vec<Self> {
                match rows {
                    Rows::$variant(rows) => rows,
                    _ => Vec::new(),
                }
            }
        }
    };
}
raw_row!(RawQuote, quote, Quotes);
raw_row!(RawTrade, trade, Trades);

/// A row of a file that tells of both quotes and trades, such as one of orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RawTick {
    /// A quote row.
    Quote(RawQuote),
    /// A trade row.
    Trade(RawTrade),
}

impl Default for RawTick {
    fn default() -> Self {
        Self::Quote(RawQuote::default())
    }
}

/// Rows of several kinds in one: each is asked what its own row says.
macro_rules! raw_row_of {
    ($row:ty, $payload:ident, [$($kind:ident),+]) => {
        impl RawRow for $row {
            fn ts(&self) -> Nanos {
                match self { $(Self::$kind(row) => row.ts()),+ }
            }
            fn sequence(&self) -> u64 {
                match self { $(Self::$kind(row) => row.sequence()),+ }
            }
            fn set_sequence(&mut self, sequence: u64) {
                match self { $(Self::$kind(row) => row.set_sequence(sequence)),+ }
            }
            fn symbol(&self) -> u32 {
                match self { $(Self::$kind(row) => row.symbol()),+ }
            }
            fn set_symbol(&mut self, index: u32) {
                match self { $(Self::$kind(row) => row.set_symbol(index)),+ }
            }
            fn wrap(rows: Vec<Self>) -> Rows {
                Rows::$payload(rows)
            }
            fn unwrap(rows: Rows) -> Vec<Self> {
                match rows {
                    Rows::$payload(rows) => rows,
                    _ => Vec::new(),
                }
            }
        }
    };
}
pub(super) use raw_row_of;
raw_row_of!(RawTick, Ticks, [Quote, Trade]);

/// Rows of one kind, or of both.
#[derive(Debug)]
pub enum Rows {
    /// Quote rows.
    Quotes(Vec<RawQuote>),
    /// Trade rows.
    Trades(Vec<RawTrade>),
    /// Rows of both kinds; at a stamp, a symbol's quotes before its trades.
    Ticks(Vec<RawTick>),
    /// Quote rows with the levels behind them.
    Depths(Vec<RawDepth>),
    /// Rows of both kinds, and levels behind the quotes; in the order of [`Rows::Ticks`].
    DepthTicks(Vec<DepthTick>),
}

/// A run of rows in file order, with the symbols they name.
#[derive(Debug)]
pub struct Batch {
    /// The symbols named by the rows' indices.
    pub symbols: Vec<Symbol>,
    /// The rows.
    pub rows: Rows,
}

impl Rows {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Quotes(rows) => rows.len(),
            Self::Trades(rows) => rows.len(),
            Self::Ticks(rows) => rows.len(),
            Self::Depths(rows) => rows.len(),
            Self::DepthTicks(rows) => rows.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
