//! The quote side of a bin: how many states, how long they lived, what their sizes and spreads did.

use super::feature::{Feature, Raw, log_count, ratio};
use super::sizes::Sizes;
use crate::flow::order_flow;
use crate::tape::{Nanos, Quote, Sign};

/// A state that lives shorter is short-lived.
const SHORT_NANOS: i64 = 50_000_000;
/// Length of the stretches of the clock in which bursts are counted.
const BURST_NANOS: i64 = 10_000_000;

/// What a bin's states add up to.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    quotes: i64,
    quotes_max: i64,
    burst_max: i64,
    ended: i64,
    short_lived: i64,
    flickers: i64,
    ofi: i64,
    ofi_max: i64,
    usable_nanos: i64,
    /// Sums over time of imbalance and of relative spread.
    imbalance: f64,
    spread: f64,
    widest: f64,
    reversal: f64,
}

/// The states of a session, bin by bin.
#[derive(Clone, Debug, Default)]
pub struct States {
    bin: Sums,
    second_quotes: i64,
    second_ofi: i64,
    burst: (i64, i64),
    /// The state in force, usable or not, and the one before it.
    state: Option<Quote>,
    before: Option<Quote>,
    /// The last usable state: flow counts from it.
    usable: Option<Quote>,
    since: i64,
    has_traded: bool,
    sizes: Sizes,
}

impl States {
    /// States are accounted for from here on.
    pub fn new(open: Nanos) -> Self {
        Self { since: open.0, ..Self::default() }
    }

    /// A state from before the open is in force.
    pub fn seed(&mut self, quote: Quote) {
        self.state = Some(quote);
        self.usable = Some(quote).filter(Quote::is_usable);
    }

    /// A state begins.
    pub fn quote(&mut self, quote: &Quote) {
        self.account(quote.ts.0);
        self.count(quote.ts.0);
        self.lives(quote);
        if quote.is_usable() {
            if let Some(before) = self.usable {
                // Features are of whole shares, and sums of those fit.
                let flow = order_flow(&before, quote) as i64;
                self.bin.ofi += flow;
                self.second_ofi += flow;
                self.reverses(&before, quote);
            }
            self.bin.widest = self.bin.widest.max(relative_spread(quote));
            self.sizes.quote(quote);
            self.usable = Some(*quote);
        }
        self.before = self.state.replace(*quote);
        self.has_traded = false;
    }

    /// A trade takes size from a side.
    pub fn trade(&mut self, shares: i64, sign: Sign) {
        self.has_traded = true;
        self.sizes.trade(shares, sign);
    }

    fn count(&mut self, ts: i64) {
        self.bin.quotes += 1;
        self.second_quotes += 1;
        let stretch = ts.div_euclid(BURST_NANOS);
        self.burst = if self.burst.0 == stretch { (stretch, self.burst.1 + 1) } else { (stretch, 1) };
        self.bin.burst_max = self.bin.burst_max.max(self.burst.1);
    }

    fn lives(&mut self, quote: &Quote) {
        let Some(ended) = self.state else { return };
        let is_short = quote.ts.0 - ended.ts.0 < SHORT_NANOS;
        self.bin.ended += 1;
        self.bin.short_lived += i64::from(is_short);
        let restores = self.before.is_some_and(|before| Quote { ts: quote.ts, ..before } == *quote);
        self.bin.flickers += i64::from(is_short && restores);
    }

    fn reverses(&mut self, before: &Quote, quote: &Quote) {
        if !self.has_traded && before.bid == quote.bid && before.ask == quote.ask {
            self.bin.reversal = self.bin.reversal.max((imbalance(quote) - imbalance(before)).abs());
        }
    }

    /// The state in force is accounted for up to `now`.
    fn account(&mut self, now: i64) {
        let lasted = now - self.since;
        self.since = now;
        if let Some(state) = self.state.filter(Quote::is_usable) {
            self.bin.usable_nanos += lasted;
            self.bin.imbalance += lasted as f64 * imbalance(&state);
            self.bin.spread += lasted as f64 * relative_spread(&state);
        }
    }

    /// A second ends.
    pub fn close_second(&mut self, end: i64) {
        self.account(end);
        self.bin.quotes_max = self.bin.quotes_max.max(std::mem::take(&mut self.second_quotes));
        self.bin.ofi_max = self.bin.ofi_max.max(std::mem::take(&mut self.second_ofi).abs());
        self.sizes.close_second();
    }

    /// Twice the last usable mid.
    pub fn mid_doubled(&self) -> Option<i64> {
        self.usable.map(|quote| quote.mid_doubled())
    }

    /// The bin ends: its raw values; gives the number of states and the order-flow imbalance.
    pub fn close_bin(&mut self, raw: &mut Raw) -> (i64, i64) {
        let bin = std::mem::take(&mut self.bin);
        let (spiked, vanished) = self.sizes.close_bin();
        let mut set = |feature: Feature, value: f64| raw[feature as usize] = value;
        let spread = ratio(1e4 * bin.spread, bin.usable_nanos as f64);
        set(Feature::Quotes, log_count(bin.quotes));
        set(Feature::QuotesMax, log_count(bin.quotes_max));
        set(Feature::QuoteBurst, log_count(bin.burst_max));
        set(Feature::ShortLived, ratio(bin.short_lived as f64, bin.ended as f64));
        set(Feature::Flicker, ratio(bin.flickers as f64, bin.quotes as f64));
        set(Feature::Ofi, bin.ofi as f64);
        set(Feature::OfiMax, bin.ofi_max as f64);
        set(Feature::Imbalance, ratio(bin.imbalance, bin.usable_nanos as f64));
        set(Feature::Reversal, bin.reversal);
        set(Feature::SizeSpike, spiked);
        set(Feature::SizeVanished, vanished);
        set(Feature::Spread, spread);
        set(Feature::SpreadJump, (1e4 * bin.widest - spread).max(0.0));
        (bin.quotes, bin.ofi)
    }
}

/// (bid size - ask size) / (bid size + ask size) of a usable state.
fn imbalance(quote: &Quote) -> f64 {
    let (bid, ask) = (quote.bid_size.0, quote.ask_size.0);
    (bid - ask) as f64 / (bid + ask) as f64
}

/// Spread over mid of a usable state.
fn relative_spread(quote: &Quote) -> f64 {
    2.0 * quote.spread() as f64 / quote.mid_doubled() as f64
}
