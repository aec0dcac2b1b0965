//! Amounts poured into vessels of one size, cut exactly at their edges: how trades become buckets.

/// A row of vessels, of which one is being filled.
#[derive(Clone, Debug)]
pub struct Fill {
    capacity: i128,
    filled: i128,
}

impl Fill {
    /// Empty vessels that hold `capacity` each, which is positive.
    #[must_use]
    pub fn new(capacity: i128) -> Self {
        Self { capacity: capacity.max(1), filled: 0 }
    }

    /// Pours as much of `amount` as the vessel takes; says how much that was, and whether the vessel is full now, so
    /// that what is left goes to the next.
    #[inline]
    pub fn pour(&mut self, amount: i128) -> (i128, bool) {
        let part = amount.min(self.capacity - self.filled);
        self.filled += part;
        let is_full = self.filled == self.capacity;
        if is_full {
            self.filled = 0;
        }
        (part, is_full)
    }
}
