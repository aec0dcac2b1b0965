//! Grauer, Schuster and Uhrig-Homburg, "Option trade classification" (2023): a trade of exactly the quoted size filled
//! a limit order of a customer, who stood on the other side of whoever crossed.

use crate::tape::{Quote, Sign, Size};

/// A buy when the trade has exactly the bid's size, a sell when it has the ask's; `None` when it has neither or both.
#[must_use]
pub fn trade_size(size: Size, quote: &Quote) -> Option<Sign> {
    match (size == quote.bid_size, size == quote.ask_size) {
        (true, false) => Some(Sign::Buy),
        (false, true) => Some(Sign::Sell),
        _ => None,
    }
}
