//! Chakrabarty, Li, Nguyen and Van Ness, "Trade classification algorithms for electronic communications network
//! trades", Journal of Banking and Finance 31 (2007).

use crate::tape::{Price, Quote, Sign};

/// With spread s: a buy when ask - 0.3 s <= price <= ask, a sell when bid <= price <= bid + 0.3 s; `None`,
/// leaving the tick rule to decide, elsewhere. Tenths are compared in whole numbers.
#[must_use]
pub fn clnv(price: Price, quote: &Quote) -> Option<Sign> {
    let band = 3 * quote.spread();
    let (below_ask, above_bid) = (10 * (quote.ask.0 - price.0), 10 * (price.0 - quote.bid.0));
    if (0..=band).contains(&below_ask) {
        Some(Sign::Buy)
    } else if (0..=band).contains(&above_bid) {
        Some(Sign::Sell)
    } else {
        None
    }
}
