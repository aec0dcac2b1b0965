//! The running bid and ask of a Lean quote file, whose rows carry one side each.

use super::raw::RawQuote;
use crate::tape::{Nanos, Price, Quote, Size};

/// One row of a quote file: the sides it carries.
#[derive(Clone, Copy)]
pub struct SideRow {
    /// When.
    pub ts: Nanos,
    /// Bid and its size, when the row carries them.
    pub bid: Option<(Price, Size)>,
    /// Offer and its size, when the row carries them.
    pub ask: Option<(Price, Size)>,
    /// Exchange letter.
    pub venue: u8,
}

/// The running bid and ask, and a bid row that may yet meet its ask.
#[derive(Default)]
pub struct Book {
    state: Quote,
    /// The bid row that waits, and its line.
    pub lone_bid: Option<(u64, RawQuote)>,
}

impl Book {
    /// Takes a row; gives the states that are complete by it, each with the line that completed it.
    pub fn push(&mut self, line: u64, row: SideRow) -> [Option<(u64, RawQuote)>; 2] {
        let waiting = self.lone_bid.take();
        let is_pair = row.bid.is_none() && waiting.is_some_and(|w| w.1.quote.ts == row.ts);
        if let Some((price, size)) = row.bid {
            (self.state.bid, self.state.bid_size) = (price, size);
        }
        if let Some((price, size)) = row.ask {
            (self.state.ask, self.state.ask_size) = (price, size);
        }
        self.state.ts = row.ts;
        let state = RawQuote { quote: self.state, venue: row.venue, ..RawQuote::default() };
        let before = waiting.filter(|_| !is_pair);
        if row.bid.is_some() && row.ask.is_none() {
            self.lone_bid = Some((line, state));
            return [before, None];
        }
        [before, Some((line, state))]
    }
}
