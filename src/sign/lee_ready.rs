//! Lee and Ready, "Inferring trade direction from intraday data", Journal of Finance 46 (1991).

use super::quote_rule;
use crate::tape::{Price, Quote, Sign};

/// The quote rule; `None`, leaving the tick rule to decide, exactly at the mid.
#[must_use]
pub fn lee_ready(price: Price, quote: &Quote) -> Option<Sign> {
    match quote_rule(price, quote) {
        Sign::Unknown => None,
        side => Some(side),
    }
}
