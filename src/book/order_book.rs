//! A book of orders by id, in price-time priority.

use std::collections::HashMap;

use super::faults::{Faults, Reason};
use super::ladder::{Best, Ladder, Level, Side};
use crate::limits::{BOOK_ORDERS_MAX, SIZE_MAX_SHARES};
use crate::tape::{Price, Size};

/// An order that rests in a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// The feed's name of it.
    pub id: u64,
    /// Its side.
    pub side: Side,
    /// Its limit.
    pub price: Price,
    /// What is left of it.
    pub size: Size,
}

/// An order and its place in the queue: of two at a price, the one with the lower number is executed first.
#[derive(Clone, Copy, Debug)]
struct Resting {
    order: Order,
    priority: u64,
}

/// Every order of an instrument, and the levels that they add up to.
#[derive(Clone, Debug, Default)]
pub struct OrderBook {
    orders: HashMap<u64, Resting>,
    ladder: Ladder,
    last_priority: u64,
    faults: Faults,
}

impl OrderBook {
    /// An empty book.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A new order, last in its queue.
    ///
    /// # Errors
    /// [`Reason::DuplicateOrder`], [`Reason::NoSize`] or [`Reason::Full`]; counted.
    pub fn add(&mut self, order: Order) -> Result<(), Reason> {
        if !is_size(order.size) {
            return Err(self.fault(Reason::NoSize));
        }
        if self.orders.len() >= BOOK_ORDERS_MAX {
            return Err(self.fault(Reason::Full));
        }
        if self.orders.contains_key(&order.id) {
            return Err(self.fault(Reason::DuplicateOrder));
        }
        self.rest(order);
        Ok(())
    }

    /// An order shrinks by so much and keeps its place; what leaves nothing deletes it. The order as it was before.
    ///
    /// # Errors
    /// [`Reason::UnknownOrder`], [`Reason::NoSize`] or, with the order gone, [`Reason::TooMuch`]; counted.
    pub fn reduce(&mut self, id: u64, by: Size) -> Result<Order, Reason> {
        if !is_size(by) {
            return Err(self.fault(Reason::NoSize));
        }
        let Some(resting) = self.orders.get_mut(&id) else {
            return Err(self.fault(Reason::UnknownOrder));
        };
        let order = resting.order;
        if by < order.size {
            resting.order.size.0 -= by.0;
            self.ladder.leave(order.side, order.price, by.0, false);
            return Ok(order);
        }
        self.take(&order);
        if by > order.size { Err(self.fault(Reason::TooMuch)) } else { Ok(order) }
    }

    /// So much of an order is traded: to the book the same as [`OrderBook::reduce`]. The order as it was before, which
    /// tells price and side of the trade.
    ///
    /// # Errors
    /// As [`OrderBook::reduce`].
    pub fn execute(&mut self, id: u64, size: Size) -> Result<Order, Reason> {
        self.reduce(id, size)
    }

    /// An order goes. As it was before.
    ///
    /// # Errors
    /// [`Reason::UnknownOrder`]; counted.
    pub fn delete(&mut self, id: u64) -> Result<Order, Reason> {
        let Some(Resting { order, .. }) = self.orders.get(&id).copied() else {
            return Err(self.fault(Reason::UnknownOrder));
        };
        self.take(&order);
        Ok(order)
    }

    /// An order gives way to a new one of the same side, which is last in its queue. The old one as it was before.
    ///
    /// # Errors
    /// [`Reason::UnknownOrder`]; [`Reason::DuplicateOrder`] where the new id is that of a third order;
    /// [`Reason::NoSize`]; counted.
    pub fn replace(&mut self, old: u64, new: u64, price: Price, size: Size) -> Result<Order, Reason> {
        if !is_size(size) {
            return Err(self.fault(Reason::NoSize));
        }
        let Some(Resting { order, .. }) = self.orders.get(&old).copied() else {
            return Err(self.fault(Reason::UnknownOrder));
        };
        if new != old && self.orders.contains_key(&new) {
            return Err(self.fault(Reason::DuplicateOrder));
        }
        self.take(&order);
        self.rest(Order { id: new, side: order.side, price, size });
        Ok(order)
    }

    /// An order takes another price or size under its id. A new price, or more shares, cost it its place in the
    /// queue; fewer shares do not. As it was before.
    ///
    /// # Errors
    /// [`Reason::UnknownOrder`] or [`Reason::NoSize`]; counted.
    pub fn modify(&mut self, id: u64, price: Price, size: Size) -> Result<Order, Reason> {
        let keeps_place = self
            .orders
            .get(&id)
            .is_some_and(|resting| resting.order.price == price && size <= resting.order.size);
        if !keeps_place {
            return self.replace(id, id, price, size);
        }
        if !is_size(size) {
            return Err(self.fault(Reason::NoSize));
        }
        let Some(resting) = self.orders.get_mut(&id) else {
            return Err(self.fault(Reason::UnknownOrder));
        };
        let order = resting.order;
        resting.order.size = size;
        self.ladder.leave(order.side, price, order.size.0 - size.0, false);
        Ok(order)
    }

    /// Empties the book, as before a snapshot.
    pub fn clear(&mut self) {
        self.orders.clear();
        self.ladder.clear();
    }

    /// An order in the book.
    #[must_use]
    pub fn get(&self, id: u64) -> Option<Order> {
        self.orders.get(&id).map(|resting| resting.order)
    }

    /// How many orders there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.orders.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty()
    }

    /// The orders at a price in the order in which they will be executed. Looks at all orders of the book.
    #[must_use]
    pub fn queue(&self, side: Side, price: Price) -> Vec<Order> {
        let is_there = |resting: &&Resting| resting.order.side == side && resting.order.price == price;
        let mut found: Vec<&Resting> = self.orders.values().filter(is_there).collect();
        found.sort_by_key(|resting| resting.priority);
        found.into_iter().map(|resting| resting.order).collect()
    }

    /// The best bid and offer.
    #[must_use]
    pub fn best(&self) -> Best {
        self.ladder.best()
    }

    /// The first `n` levels of a side, best first.
    #[must_use]
    pub fn levels(&self, side: Side, n: usize) -> Vec<Level> {
        self.ladder.levels(side, n)
    }

    /// What could not be applied.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    fn rest(&mut self, order: Order) {
        self.last_priority += 1;
        self.ladder.join(order.side, order.price, order.size.0);
        self.orders.insert(order.id, Resting { order, priority: self.last_priority });
    }

    fn take(&mut self, order: &Order) {
        self.orders.remove(&order.id);
        self.ladder.leave(order.side, order.price, order.size.0, true);
    }

    fn fault(&mut self, reason: Reason) -> Reason {
        self.faults.count(reason);
        reason
    }
}

/// Whether an order can have this size; sums over a full book stay exact.
fn is_size(size: Size) -> bool {
    (1..=SIZE_MAX_SHARES).contains(&size.0)
}
