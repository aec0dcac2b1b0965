//! A book of price levels, as feeds tell it that give sizes by price and no orders.

use super::faults::{Faults, Reason};
use super::ladder::{Best, Ladder, Level, Side};
use crate::limits::{BOOK_LEVELS_MAX, SIZE_MAX_UNITS};
use crate::tape::{Price, Size};

/// The size that rests at each price.
#[derive(Clone, Debug, Default)]
pub struct LevelBook {
    ladder: Ladder,
    faults: Faults,
}

impl LevelBook {
    /// An empty book.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// So much rests at a price from now on; zero deletes the level.
    ///
    /// # Errors
    /// [`Reason::UnknownLevel`], [`Reason::NoSize`] or [`Reason::Full`]; counted.
    pub fn set(&mut self, side: Side, price: Price, size: Size) -> Result<(), Reason> {
        if !(0..=SIZE_MAX_UNITS).contains(&size.0) {
            return Err(self.fault(Reason::NoSize));
        }
        let was_there = self.ladder.set(side, price, size.0);
        if size.0 == 0 && !was_there {
            return Err(self.fault(Reason::UnknownLevel));
        }
        if self.ladder.len() > BOOK_LEVELS_MAX {
            self.ladder.set(side, price, 0);
            return Err(self.fault(Reason::Full));
        }
        Ok(())
    }

    /// Nothing rests at a price any more.
    ///
    /// # Errors
    /// [`Reason::UnknownLevel`]; counted.
    pub fn delete(&mut self, side: Side, price: Price) -> Result<(), Reason> {
        self.set(side, price, Size(0))
    }

    /// Empties the book, as before a snapshot.
    pub fn clear(&mut self) {
        self.ladder.clear();
    }

    /// How many levels both sides have.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ladder.len()
    }

    /// Whether nothing rests.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
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

    fn fault(&mut self, reason: Reason) -> Reason {
        self.faults.count(reason);
        reason
    }
}
