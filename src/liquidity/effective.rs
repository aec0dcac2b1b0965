//! Effective spread, 2 |p - m| with the mid m of the usable quote in force, dollars.

use super::{Measure, mean_usd};
use crate::sign::SignedTrade;

/// Sums over trades.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effective {
    trades: u64,
    shares: i128,
    /// Sum of 2 |p - m|, nano-dollars; exact because 2 m is.
    sum: i128,
    share_weighted_sum: i128,
}

impl Effective {
    /// Takes in a trade.
    pub fn trade(&mut self, signed: &SignedTrade) {
        let Some(quote) = signed.quote else { return };
        let spread = i128::from((2 * signed.trade.price.0 - quote.mid_doubled()).abs());
        let shares = i128::from(signed.trade.size.0);
        self.trades += 1;
        self.shares += shares;
        self.sum += spread;
        self.share_weighted_sum = self.share_weighted_sum.saturating_add(spread * shares);
    }

    /// Trades with a usable quote in force.
    #[must_use]
    pub fn trades(&self) -> u64 {
        self.trades
    }

    /// The simple mean and the share-weighted mean.
    #[must_use]
    pub fn measures(&self) -> [Measure; 2] {
        let measure = |weighting, value| Measure {
            name: format!("effective_spread_{weighting}"),
            value,
            unit: "usd",
            n: self.trades,
        };
        [
            measure("simple", mean_usd(self.sum, i128::from(self.trades))),
            measure("share_weighted", mean_usd(self.share_weighted_sum, self.shares)),
        ]
    }
}
