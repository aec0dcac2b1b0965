//! Above the mid a buy, below it a sell, at it unknown.

use crate::tape::{Price, Quote, Sign};

/// The side of `price` against a usable quote. Exact: the price is doubled rather than the mid halved.
#[must_use]
pub fn quote_rule(price: Price, quote: &Quote) -> Sign {
    Sign::of(2 * price.0 - quote.mid_doubled())
}
