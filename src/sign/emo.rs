//! Ellis, Michaely and O'Hara, "The accuracy of trade classification rules: evidence from Nasdaq", Journal of
//! Financial and Quantitative Analysis 35 (2000).

use crate::tape::{Price, Quote, Sign};

/// A buy exactly at the ask, a sell exactly at the bid; `None`, leaving the tick rule to decide, elsewhere.
#[must_use]
pub fn emo(price: Price, quote: &Quote) -> Option<Sign> {
    if price == quote.ask {
        Some(Sign::Buy)
    } else if price == quote.bid {
        Some(Sign::Sell)
    } else {
        None
    }
}
