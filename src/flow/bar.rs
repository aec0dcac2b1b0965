//! One bar: what a stretch of the session held.

use super::order_flow;
use crate::tape::{Nanos, Quote, Scale, Sign};

/// A bar, `start <= t < end`. Sums are exact; means and changes are taken when asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bar {
    /// First nanosecond inside.
    pub start: Nanos,
    /// `start` plus the width; of a last bar that the close cuts short, later than the close.
    pub end: Nanos,
    /// What a unit of its sizes is.
    pub scale: Scale,
    /// Order-flow imbalance of the best quotes, units.
    pub ofi: i128,
    /// Units bought by aggressors.
    pub buy: i128,
    /// Units sold by aggressors.
    pub sell: i128,
    /// Units of trades without a sign.
    pub unsigned: i128,
    /// Signed traded value, nano-dollars times units in a share.
    pub signed_value: i128,
    /// States of the best bid and offer that began inside, usable or not.
    pub quotes: i64,
    /// Trades.
    pub trades: i64,
    /// Twice the last usable mid before the bar, or else its first, nano-dollars.
    pub mid_open_doubled: Option<i64>,
    /// Twice the last usable mid before its end.
    pub mid_close_doubled: Option<i64>,
    /// Twice the change of the close mid from the bar before; none for the first bar with a usable quote.
    pub mid_change_doubled: Option<i64>,
    /// Sum over usable states of (bid size + ask size) times how long they lasted, unit-nanoseconds.
    pub depth_time: i128,
    /// Sum over usable states of spread times how long they lasted, nano-dollar-nanoseconds.
    pub spread_time: i128,
    /// How long states were usable, nanoseconds.
    pub usable_time: i64,
    /// Whether a trading halt that is left out lies inside or reaches into it: then the mid has no change here.
    pub is_halted: bool,
}

impl Bar {
    /// Signed traded volume, units.
    #[must_use]
    pub fn trade_imbalance(&self) -> i128 {
        self.buy - self.sell
    }

    /// Order-flow imbalance of the best quotes, shares.
    #[must_use]
    pub fn ofi_shares(&self) -> f64 {
        self.scale.shares(self.ofi)
    }

    /// Signed traded volume, shares.
    #[must_use]
    pub fn trade_imbalance_shares(&self) -> f64 {
        self.scale.shares(self.trade_imbalance())
    }

    /// Last usable mid before the bar, or else its first, dollars.
    #[must_use]
    pub fn mid_open_usd(&self) -> Option<f64> {
        self.mid_open_doubled.map(|doubled| doubled as f64 / 2e9)
    }

    /// Last usable mid before its end, dollars.
    #[must_use]
    pub fn mid_close_usd(&self) -> Option<f64> {
        self.mid_close_doubled.map(|doubled| doubled as f64 / 2e9)
    }

    /// Change of the close mid, cents.
    #[must_use]
    pub fn mid_change_cents(&self) -> Option<f64> {
        self.mid_change_doubled.map(|d| d as f64 / 2e7)
    }

    /// Change of the close mid against the mid before it, basis points.
    #[must_use]
    pub fn mid_change_bp(&self) -> Option<f64> {
        let (close, change) = (self.mid_close_doubled?, self.mid_change_doubled?);
        Some(1e4 * change as f64 / (close - change) as f64)
    }

    /// Signed traded value, thousands of dollars.
    #[must_use]
    pub fn signed_value_kusd(&self) -> f64 {
        self.scale.shares(self.signed_value) / 1e12
    }

    /// Time-weighted mean of (bid size + ask size) / 2 over usable states, shares.
    #[must_use]
    pub fn depth_mean_shares(&self) -> Option<f64> {
        let time = self.usable_time;
        (time > 0).then(|| self.scale.shares(self.depth_time) / (2.0 * time as f64))
    }

    /// Time-weighted mean spread over usable states, dollars.
    #[must_use]
    pub fn spread_tw_usd(&self) -> Option<f64> {
        let time = self.usable_time;
        (time > 0).then(|| self.spread_time as f64 / time as f64 / 1e9)
    }

    /// A state of the book begins inside; `usable` is the last usable one before it, and after it.
    #[inline]
    pub(super) fn add_state(&mut self, usable: &mut Option<Quote>, quote: &Quote) {
        self.quotes += 1;
        if quote.is_usable() {
            let mid = quote.mid_doubled();
            self.ofi += usable.map_or(0, |before| order_flow(&before, quote));
            self.mid_open_doubled.get_or_insert(mid);
            self.mid_close_doubled = Some(mid);
            *usable = Some(*quote);
        } else if quote.is_halt() {
            // No flow is counted from the state before a halt to the one after it.
            *usable = None;
            self.is_halted = true;
        }
    }

    /// Units of a trade, or of a part of it, and what they were worth, nano-dollars times units in a share.
    #[inline]
    pub(super) fn add_traded(&mut self, sign: Sign, size: i128, value: i128) {
        match sign {
            Sign::Buy => self.buy += size,
            Sign::Sell => self.sell += size,
            Sign::Unknown => self.unsigned += size,
        }
        // Nothing that is meant comes near: a thousand trades of the largest size at the highest price.
        self.signed_value = self.signed_value.saturating_add(i128::from(sign.value()) * value);
    }

    /// The state in force lasts, nanoseconds.
    #[inline]
    pub(super) fn add_time(&mut self, state: Option<&Quote>, lasted: i64) {
        if let Some(state) = state.filter(|state| state.is_usable()) {
            let both_sides = i128::from(state.bid_size.0) + i128::from(state.ask_size.0);
            self.depth_time += both_sides * i128::from(lasted);
            self.spread_time += i128::from(state.spread()) * i128::from(lasted);
            self.usable_time += lasted;
        }
    }

    /// Takes over twice the last usable mid before it, and gives the one to hand on.
    pub(super) fn take_over_mid(&mut self, before: Option<i64>) -> Option<i64> {
        self.mid_open_doubled = before.or(self.mid_open_doubled);
        self.mid_close_doubled = self.mid_close_doubled.or(before);
        let change = before.zip(self.mid_close_doubled).map(|(a, b)| b - a);
        self.mid_change_doubled = change.filter(|_| !self.is_halted);
        self.mid_close_doubled
    }

    /// Appends the bar that follows this one in time.
    pub(super) fn extend(&mut self, next: &Self) {
        self.end = next.end;
        self.ofi += next.ofi;
        self.buy += next.buy;
        self.sell += next.sell;
        self.unsigned += next.unsigned;
        self.signed_value = self.signed_value.saturating_add(next.signed_value);
        self.quotes += next.quotes;
        self.trades += next.trades;
        self.mid_open_doubled = self.mid_open_doubled.or(next.mid_open_doubled);
        self.mid_close_doubled = next.mid_close_doubled.or(self.mid_close_doubled);
        self.depth_time += next.depth_time;
        self.spread_time += next.spread_time;
        self.usable_time += next.usable_time;
        self.is_halted |= next.is_halted;
    }
}
