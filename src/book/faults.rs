//! What a book could not apply, and how often.

/// Why a change could not be applied, or not wholly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Reason {
    /// It names an order that is not in the book; nothing changed.
    #[error("names an order that is not in the book")]
    UnknownOrder,
    /// It adds an order whose id is in the book already; nothing changed.
    #[error("adds an order that is in the book already")]
    DuplicateOrder,
    /// It takes more of an order than is left; the order is gone.
    #[error("takes more of an order than is left of it")]
    TooMuch,
    /// Its size is no size of an order (zero, negative or beyond belief); nothing changed.
    #[error("has a size that no order has")]
    NoSize,
    /// It deletes a price level that is not in the book; nothing changed.
    #[error("deletes a price level that is not in the book")]
    UnknownLevel,
    /// The book is at its bound; nothing changed.
    #[error("finds the book full")]
    Full,
}

/// How often changes could not be applied, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// [`Reason::UnknownOrder`].
    pub unknown_order: u64,
    /// [`Reason::DuplicateOrder`].
    pub duplicate_order: u64,
    /// [`Reason::TooMuch`].
    pub too_much: u64,
    /// [`Reason::NoSize`].
    pub no_size: u64,
    /// [`Reason::UnknownLevel`].
    pub unknown_level: u64,
    /// [`Reason::Full`].
    pub full: u64,
}

impl Faults {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        let Self { unknown_order, duplicate_order, too_much, no_size, unknown_level, full } = self;
        unknown_order + duplicate_order + too_much + no_size + unknown_level + full
    }

    /// Counts one.
    pub fn count(&mut self, reason: Reason) {
        *match reason {
            Reason::UnknownOrder => &mut self.unknown_order,
            Reason::DuplicateOrder => &mut self.duplicate_order,
            Reason::TooMuch => &mut self.too_much,
            Reason::NoSize => &mut self.no_size,
            Reason::UnknownLevel => &mut self.unknown_level,
            Reason::Full => &mut self.full,
        } += 1;
    }

    /// Adds those of another book.
    pub fn add(&mut self, other: &Self) {
        self.unknown_order += other.unknown_order;
        self.duplicate_order += other.duplicate_order;
        self.too_much += other.too_much;
        self.no_size += other.no_size;
        self.unknown_level += other.unknown_level;
        self.full += other.full;
    }
}
