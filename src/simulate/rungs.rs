//! A book as a list of price levels, each a list of orders: slow and plain, so that what is simulated owes nothing to
//! [`crate::book`], which is checked against it.

use crate::tape::{Nanos, Price, Sign, Size};

/// What an order's message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// An order joins the book.
    Add,
    /// An order shrinks.
    Cancel,
    /// An order goes, with all that is left of it.
    Delete,
    /// An order is executed.
    Execute,
    /// An order that nobody saw is executed.
    Hidden,
    /// Buyers and sellers meet at one price.
    Cross,
    /// An order gives way to a new one: its id, price and shares.
    Replace(i64, Price, Size),
}

/// A message about one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) act: Act,
    pub(super) ts: Nanos,
    pub(super) id: i64,
    /// Shares added, taken or traded.
    pub(super) size: Size,
    pub(super) price: Price,
    /// That of the resting order.
    pub(super) side: Sign,
}

/// The orders at a price, the oldest first: ids and shares.
#[derive(Clone, Debug)]
pub(super) struct Rung {
    pub(super) price: Price,
    pub(super) orders: Vec<(i64, i64)>,
}

impl Rung {
    /// What the orders add up to.
    pub(super) fn shares(&self) -> i64 {
        self.orders.iter().map(|(_, shares)| shares).sum()
    }
}

/// Both sides, each with its best level first.
#[derive(Clone, Debug, Default)]
pub(super) struct Rungs {
    bids: Vec<Rung>,
    asks: Vec<Rung>,
}

impl Rungs {
    /// The levels of a side.
    pub(super) fn side(&self, side: Sign) -> &[Rung] {
        if side == Sign::Buy { &self.bids } else { &self.asks }
    }

    /// The price of a side's best level; zero where there is none.
    pub(super) fn best(&self, side: Sign) -> Price {
        self.side(side).first().map_or(Price(0), |rung| rung.price)
    }

    /// The level at a price.
    pub(super) fn at(&self, side: Sign, price: Price) -> Option<&Rung> {
        self.side(side).iter().find(|rung| rung.price == price)
    }

    /// The book after a message.
    pub(super) fn apply(&mut self, message: &Message) {
        let Message { id, size, price, side, .. } = *message;
        match message.act {
            Act::Add => self.join(side, price, (id, size.0)),
            Act::Cancel | Act::Delete | Act::Execute => self.take(side, price, (id, size.0)),
            Act::Replace(new, at, shares) => {
                self.take(side, price, (id, size.0));
                self.join(side, at, (new, shares.0));
            }
            Act::Hidden | Act::Cross => {}
        }
    }

    fn rungs(&mut self, side: Sign) -> &mut Vec<Rung> {
        if side == Sign::Buy { &mut self.bids } else { &mut self.asks }
    }

    fn join(&mut self, side: Sign, price: Price, order: (i64, i64)) {
        let rungs = self.rungs(side);
        let is_behind =
            |rung: &&Rung| if side == Sign::Buy { rung.price > price } else { rung.price < price };
        let at = rungs.iter().take_while(is_behind).count();
        match rungs.get_mut(at) {
            Some(rung) if rung.price == price => rung.orders.push(order),
            _ => rungs.insert(at, Rung { price, orders: vec![order] }),
        }
    }

    fn take(&mut self, side: Sign, price: Price, (id, shares): (i64, i64)) {
        let rungs = self.rungs(side);
        for rung in rungs.iter_mut().filter(|rung| rung.price == price) {
            rung.orders.iter_mut().filter(|order| order.0 == id).for_each(|order| order.1 -= shares);
            rung.orders.retain(|order| order.1 > 0);
        }
        rungs.retain(|rung| !rung.orders.is_empty());
    }
}
