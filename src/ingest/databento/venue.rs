//! The book of one venue, as its records tell it: order by order, or its top only.

use dbn::{Action, Side as Sided, UNDEF_PRICE};

use super::event::{Event, level};
use crate::book::{Best, Faults, Level, Order, OrderBook, Reason, Side};
use crate::ingest::depth::{Deeper, Rung};
use crate::ingest::fields;
use crate::tape::Nanos;

/// What is known of a venue's book.
#[derive(Debug, Default)]
pub struct Venue {
    orders: OrderBook,
    top: Best,
    /// The levels behind it, as they were told.
    deeper: Option<Box<Deeper>>,
    /// Whether `top` is what was told, and no book is kept.
    is_told: bool,
    /// When the snapshot was taken that is being read.
    snapshot: Option<Nanos>,
    /// Records that belong to a book and name no side or price of it.
    misfits: u64,
}

impl Venue {
    /// The best bid and offer.
    pub fn best(&self) -> Best {
        if self.is_told { self.top } else { self.orders.best() }
    }

    /// The first `n` levels of a side, best first, as far as they are told.
    pub fn levels(&self, side: Side, n: usize) -> Vec<Level> {
        if !self.is_told {
            return self.orders.levels(side, n);
        }
        let of = |rung: &Rung| match side {
            Side::Bid => Level { price: rung.bid, size: rung.bid_size, orders: 0 },
            Side::Ask => Level { price: rung.ask, size: rung.ask_size, orders: 0 },
        };
        let first = if side == Side::Bid { self.top.bid } else { self.top.ask };
        let deeper = self.deeper.iter().flat_map(|deeper| deeper.iter().map(of));
        std::iter::once(first).chain(deeper).take(n).filter(|level| level.price.0 != 0).collect()
    }

    /// What could not be applied.
    pub fn faults(&self) -> (&Faults, u64) {
        (self.orders.faults(), self.misfits)
    }

    /// The top, as a record shows it, and what it shows behind.
    pub fn show(&mut self, top: Best, deeper: Option<&Deeper>) {
        self.top = top;
        self.deeper = deeper.map(|deeper| Box::new(*deeper));
        self.is_told = true;
    }

    /// Empties the book.
    pub fn clear(&mut self) {
        self.orders.clear();
        self.top = Best::default();
        self.deeper = None;
    }

    /// Applies what was done to an order; a snapshot's first record empties the book. Trades and fills leave the book
    /// as it is: a cancellation, or a modification, follows each of them.
    pub fn apply(&mut self, event: &Event) {
        let snapshot = event.flags.is_snapshot().then(|| event.taken());
        if snapshot.is_some() && snapshot != self.snapshot {
            self.clear();
        }
        self.snapshot = snapshot;
        match event.action {
            Action::Clear => self.clear(),
            Action::Add | Action::Modify | Action::Cancel => {
                if self.change(event).is_none() {
                    self.misfits += 1;
                }
            }
            Action::Trade | Action::Fill | Action::None => {}
        }
    }

    /// None where the record has no side or price to change. What the book itself refuses, it counts.
    fn change(&mut self, event: &Event) -> Option<()> {
        let side = match event.side {
            Sided::Bid => Some(Side::Bid),
            Sided::Ask => Some(Side::Ask),
            Sided::None => None,
        };
        if event.flags.is_tob() {
            return self.replace_side(event, side?);
        }
        if event.action == Action::Cancel {
            let _counted = self.orders.reduce(event.order, event.size);
            return Some(());
        }
        let price = fields::credible_price(event.price).ok().filter(|_| event.price != UNDEF_PRICE)?;
        let changed = match event.action {
            Action::Modify => self.orders.modify(event.order, price, event.size).map(|_| ()),
            _ => Err(Reason::UnknownOrder),
        };
        // An order that was not seen before is new, whatever the record calls it.
        if changed == Err(Reason::UnknownOrder) {
            let _counted = self.orders.add(Order { id: event.order, side: side?, price, size: event.size });
        }
        Some(())
    }

    /// Venues that publish no orders have each change of a side's best price told as an order added, which stands for
    /// the whole side; without a price, the side is empty.
    fn replace_side(&mut self, event: &Event, side: Side) -> Option<()> {
        self.is_told = true;
        let level = match event.action {
            Action::Add | Action::Modify => {
                let size = u32::try_from(event.size.0).ok()?;
                level("price", event.price, size, 0).ok()?
            }
            _ => Level::default(),
        };
        match side {
            Side::Bid => self.top.bid = level,
            Side::Ask => self.top.ask = level,
        }
        Some(())
    }
}
