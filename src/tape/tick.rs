//! Quotes and trades worth believing, and the side a trade took.

use super::{Nanos, Price, Size};

/// A state of the best bid and offer, in force from `ts` until the next state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quote {
    /// When the state began.
    pub ts: Nanos,
    /// Best bid; zero when there is none.
    pub bid: Price,
    /// Best offer; zero when there is none.
    pub ask: Price,
    /// Shares at the best bid.
    pub bid_size: Size,
    /// Shares at the best offer.
    pub ask_size: Size,
}

impl Quote {
    /// The state by which a trading halt begins: no side, and sizes that no other state has.
    #[must_use]
    pub fn halt(ts: Nanos) -> Self {
        Self { ts, bid_size: Size(-1), ask_size: Size(-1), ..Self::default() }
    }

    /// Whether trading is halted from here on.
    #[must_use]
    #[inline]
    pub fn is_halt(&self) -> bool {
        self.ask_size.0 < 0
    }

    /// Both sides have a positive price and size and `ask > bid`: neither one-sided, locked nor crossed.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.bid.0 > 0 && self.bid_size.0 > 0 && self.ask_size.0 > 0 && self.ask.0 > self.bid.0
    }

    /// Twice the mid, in nano-dollars: doubled so that it stays an integer.
    #[must_use]
    pub fn mid_doubled(&self) -> i64 {
        self.bid.0 + self.ask.0
    }

    /// `ask - bid`, in nano-dollars.
    #[must_use]
    pub fn spread(&self) -> i64 {
        self.ask.0 - self.bid.0
    }
}

/// A trade that passed `clean`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trade {
    /// When it was printed.
    pub ts: Nanos,
    /// What was paid for a share.
    pub price: Price,
    /// How many shares.
    pub size: Size,
    /// The aggressor as the feed itself names it; [`Sign::Unknown`] when it does not.
    pub known_side: Sign,
    /// The venue's letter; 0 where the tape has none, and before `clean`.
    pub venue: u8,
    /// Whether the tape calls it an odd lot; false before `clean`.
    pub is_odd_lot: bool,
}

/// The side of a trade's aggressor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(i8)]
pub enum Sign {
    /// The seller crossed the spread.
    Sell = -1,
    /// The rule cannot tell.
    #[default]
    Unknown = 0,
    /// The buyer crossed the spread.
    Buy = 1,
}

impl Sign {
    /// -1, 0 or +1.
    #[must_use]
    pub fn value(self) -> i64 {
        self as i64
    }

    /// Buy when positive, sell when negative.
    #[must_use]
    pub fn of(difference: i64) -> Self {
        match difference.signum() {
            1 => Self::Buy,
            -1 => Self::Sell,
            _ => Self::Unknown,
        }
    }
}
