//! Grauer, Schuster and Uhrig-Homburg, "Option trade classification" (2023): at the mid the side with more on offer is
//! the one that waits.

use super::quote_rule;
use crate::tape::{Price, Quote, Sign};

/// At the mid a buy when the ask's size is the larger, a sell when the bid's is; `None` elsewhere and between equals.
#[must_use]
pub fn depth(price: Price, quote: &Quote) -> Option<Sign> {
    if quote_rule(price, quote) != Sign::Unknown {
        return None;
    }
    match Sign::of(quote.ask_size.0 - quote.bid_size.0) {
        Sign::Unknown => None,
        side => Some(side),
    }
}
