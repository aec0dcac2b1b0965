//! The price levels of both sides, best first.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::tape::{Nanos, Price, Quote, Sign, Size};

/// A side of a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Buy orders, the highest price first.
    Bid,
    /// Sell orders, the lowest price first.
    Ask,
}

impl Side {
    /// The aggressor of a trade against an order that rests on this side.
    #[must_use]
    pub fn aggressor(self) -> Sign {
        match self {
            Self::Bid => Sign::Sell,
            Self::Ask => Sign::Buy,
        }
    }
}

/// What rests at a price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// The price.
    pub price: Price,
    /// Its shares.
    pub size: Size,
    /// Its orders; 0 in a book of levels, which knows none.
    pub orders: u32,
}

/// The best bid and offer; price and size of a side without orders are zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Best {
    /// The best bid.
    pub bid: Level,
    /// The best offer.
    pub ask: Level,
}

impl Best {
    /// The state as a quote from `ts` on.
    #[must_use]
    pub fn quote(&self, ts: Nanos) -> Quote {
        Quote {
            ts,
            bid: self.bid.price,
            ask: self.ask.price,
            bid_size: self.bid.size,
            ask_size: self.ask.size,
        }
    }
}

/// Shares and orders at a price.
type Amount = (i64, u32);

/// Both sides' levels by price; none of them is empty.
#[derive(Clone, Debug, Default)]
pub(super) struct Ladder {
    bids: BTreeMap<Price, Amount>,
    asks: BTreeMap<Price, Amount>,
}

impl Ladder {
    fn side(&mut self, side: Side) -> &mut BTreeMap<Price, Amount> {
        match side {
            Side::Bid => &mut self.bids,
            Side::Ask => &mut self.asks,
        }
    }

    /// An order of so many shares joins a price.
    pub(super) fn join(&mut self, side: Side, price: Price, shares: i64) {
        let (size, orders) = self.side(side).entry(price).or_default();
        *size += shares;
        *orders += 1;
    }

    /// So many shares leave a price, and an order with them when it `is_whole`.
    pub(super) fn leave(&mut self, side: Side, price: Price, shares: i64, is_whole: bool) {
        let Entry::Occupied(mut level) = self.side(side).entry(price) else { return };
        let (size, orders) = level.get_mut();
        *size -= shares;
        *orders -= u32::from(is_whole);
        if *orders == 0 {
            level.remove();
        }
    }

    /// So many shares rest at a price from now on; none remove the level. Whether it was there.
    pub(super) fn set(&mut self, side: Side, price: Price, shares: i64) -> bool {
        let levels = self.side(side);
        if shares == 0 {
            levels.remove(&price).is_some()
        } else {
            levels.insert(price, (shares, 0)).is_some()
        }
    }

    /// How many levels both sides have.
    pub(super) fn len(&self) -> usize {
        self.bids.len() + self.asks.len()
    }

    pub(super) fn clear(&mut self) {
        self.bids.clear();
        self.asks.clear();
    }

    pub(super) fn best(&self) -> Best {
        let level = |found: Option<(&Price, &Amount)>| found.map(level).unwrap_or_default();
        Best { bid: level(self.bids.last_key_value()), ask: level(self.asks.first_key_value()) }
    }

    /// The first `n` levels of a side.
    pub(super) fn levels(&self, side: Side, n: usize) -> Vec<Level> {
        match side {
            Side::Bid => self.bids.iter().rev().take(n).map(level).collect(),
            Side::Ask => self.asks.iter().take(n).map(level).collect(),
        }
    }
}

fn level((price, (size, orders)): (&Price, &Amount)) -> Level {
    Level { price: *price, size: Size(*size), orders: *orders }
}
