//! Measures of a trade against the one before it, of the same session:
//!
//! ```text
//! squared_log_return            (ln P_t - ln P_{t-1})^2       abs_log_return            |ln P_t - ln P_{t-1}|
//! mid_quote_squared_return      (ln M_t - ln M_{t-1})^2       mid_quote_abs_return      |ln M_t - ln M_{t-1}|
//! ```
//!
//! As documented by the R package `highfrequency`. Mids are those that trades met: of trades without a usable quote there
//! is none, and the next mid is held against the last there was. The weight is that of the later trade.

use super::Measure;
use super::sums::{Reals, Told};
use crate::sign::SignedTrade;

/// Sums over the trades of a session.
#[derive(Clone, Debug, Default)]
pub struct Returns {
    price: Option<i64>,
    mid_doubled: Option<i64>,
    prices: Reals<2>,
    mids: Reals<2>,
}

impl Returns {
    /// Takes in a trade.
    pub fn trade(&mut self, signed: &SignedTrade) {
        let price = signed.trade.price.0;
        if let Some(before) = self.price.replace(price) {
            self.prices.add(&signed.trade, both(before, price));
        }
        let Some(quote) = signed.quote else { return };
        let mid = quote.mid_doubled();
        if let Some(before) = self.mid_doubled.replace(mid) {
            self.mids.add(&signed.trade, both(before, mid));
        }
    }

    /// The means.
    #[must_use]
    pub fn measures(self) -> Vec<Measure> {
        let told =
            |squared, absolute| [Told::plain(squared, "fraction_squared"), Told::plain(absolute, "fraction")];
        let mut all = self.prices.means(told("squared_log_return", "abs_log_return"), None);
        all.extend(self.mids.means(told("mid_quote_squared_return", "mid_quote_abs_return"), None));
        all
    }
}

/// The log return squared, and its size. From the exact difference, so that small ones keep their digits.
fn both(before: i64, now: i64) -> [f64; 2] {
    if before == now {
        return [0.0, 0.0];
    }
    let change = ((now - before) as f64 / before as f64).ln_1p();
    [change * change, change.abs()]
}
