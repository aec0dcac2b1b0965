//! A bar in the units of the `bars` table: what forecasts and costs are computed from, fresh or read back.

use super::Bar;
use crate::tape::Nanos;

/// A row of `bars` with whole shares: results of fractional sizes are not read into records. The same bar gives the same record whether it comes from the river or from a file.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BarRecord {
    /// First nanosecond inside.
    pub start: Nanos,
    /// First nanosecond after.
    pub end: Nanos,
    /// Order-flow imbalance of the best quotes, shares.
    pub ofi_shares: i64,
    /// Shares bought by aggressors.
    pub buy_shares: i64,
    /// Shares sold by aggressors.
    pub sell_shares: i64,
    /// Shares of trades without a sign.
    pub unsigned_shares: i64,
    /// Signed traded value, thousands of dollars.
    pub trade_imbalance_kusd: f64,
    /// States of the best bid and offer that began inside.
    pub quote_count: i64,
    /// Trades.
    pub trade_count: i64,
    /// Last usable mid before the bar, or else its first.
    pub mid_open_usd: Option<f64>,
    /// Last usable mid before its end.
    pub mid_close_usd: Option<f64>,
    /// Change of the close mid; none for the first bar with a usable quote.
    pub mid_change_cents: Option<f64>,
    /// The same against the mid before it.
    pub mid_change_bp: Option<f64>,
    /// Time-weighted mean of (bid size + ask size) / 2.
    pub depth_mean_shares: Option<f64>,
    /// Time-weighted mean spread.
    pub spread_tw_usd: Option<f64>,
}

impl BarRecord {
    /// Signed traded volume, shares.
    #[must_use]
    pub fn trade_imbalance_shares(&self) -> i64 {
        self.buy_shares - self.sell_shares
    }

    /// Traded volume, shares.
    #[must_use]
    pub fn volume_shares(&self) -> i64 {
        self.buy_shares + self.sell_shares + self.unsigned_shares
    }
}

impl From<&Bar> for BarRecord {
    fn from(bar: &Bar) -> Self {
        // Sums of whole shares fit: see SIZE_MAX_SHARES.
        let whole = |units: i128| units as i64;
        Self {
            start: bar.start,
            end: bar.end,
            ofi_shares: whole(bar.ofi),
            buy_shares: whole(bar.buy),
            sell_shares: whole(bar.sell),
            unsigned_shares: whole(bar.unsigned),
            trade_imbalance_kusd: bar.signed_value_kusd(),
            quote_count: bar.quotes,
            trade_count: bar.trades,
            mid_open_usd: bar.mid_open_usd(),
            mid_close_usd: bar.mid_close_usd(),
            mid_change_cents: bar.mid_change_cents(),
            mid_change_bp: bar.mid_change_bp(),
            depth_mean_shares: bar.depth_mean_shares(),
            spread_tw_usd: bar.spread_tw_usd(),
        }
    }
}
