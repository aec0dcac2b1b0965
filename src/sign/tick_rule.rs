//! By the direction of the last price change.

use crate::tape::{Price, Sign};

/// Remembers a session's last price and the last change that was not zero.
#[derive(Debug, Default)]
pub struct TickRule {
    last_price: Option<Price>,
    direction: Sign,
}

impl TickRule {
    /// The side of the next trade: unknown until the session's first price change.
    pub fn next(&mut self, price: Price) -> Sign {
        let before = self.last_price.replace(price).unwrap_or(price);
        match Sign::of(price.0 - before.0) {
            Sign::Unknown => {}
            moved => self.direction = moved,
        }
        self.direction
    }
}
