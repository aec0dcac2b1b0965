//! What the book offers, by how long its states last: spreads, depth, and the time in which there was no spread.
//!
//! ```text
//! proportional_quoted_spread   (A - B) / M          bid_depth, ask_depth                 shares
//! log_quoted_spread            ln(A / B)            bid_dollar_depth, ask_dollar_depth   price times shares
//! locked_time_share, crossed_time_share, one_sided_time_share: of the time in which there was any state
//! ```
//!
//! A state lasts until the next one, the last until the close; the stretch before the first is left out. Spreads and depth
//! are those of usable states alone. Holden and Jacobsen (2014) weigh so, and leave out the same states. The dollar
//! spread comes from the bars, [`quoted_spread`].

use super::sums::Wide;
use super::{Measure, Weighting};
use crate::flow::Bar;
use crate::numeric::Sum;
use crate::tape::{Nanos, Price, Quote, Scale};

/// Time-weighted quoted spread of a session, dollars: usable states by how long they lasted. `whole` is the
/// session as one bar; n counts its states.
#[must_use]
pub fn quoted_spread(whole: &Bar) -> Measure {
    let time = (Some(Weighting::Time), None);
    Measure::mean("quoted_spread", time, whole.spread_tw_usd(), "usd", whole.quotes.unsigned_abs())
}

/// A stretch of time in which bid and ask stood at their prices; only sizes moved.
#[derive(Clone, Copy, Debug, Default)]
struct Stretch {
    bid: Price,
    ask: Price,
    lasted: i64,
    bid_shares_time: i128,
    ask_shares_time: i128,
}

/// Sums over the states of a session.
#[derive(Clone, Debug, Default)]
pub struct Quoted {
    scale: Scale,
    state: Option<Quote>,
    since: i64,
    states: u64,
    stretch: Stretch,
    usable: i64,
    locked: i64,
    crossed: i64,
    one_sided: i64,
    bid_shares_time: i128,
    ask_shares_time: i128,
    bid_value_time: Wide,
    ask_value_time: Wide,
    proportional_time: Sum,
    log_time: Sum,
}

impl Quoted {
    /// Nothing seen yet; sizes are in the units of `scale`.
    #[must_use]
    pub fn new(scale: Scale) -> Self {
        Self { scale, ..Self::default() }
    }

    /// The state in force at the open.
    pub fn seed(&mut self, quote: Quote, open: Nanos) {
        (self.state, self.since) = (Some(quote), open.0);
    }

    /// A state begins.
    #[inline]
    pub fn quote(&mut self, quote: &Quote) {
        self.account(quote.ts.0);
        self.states += 1;
        self.state = Some(*quote);
    }

    #[inline]
    fn account(&mut self, now: i64) {
        let lasted = now - self.since;
        self.since = now;
        let Some(state) = &self.state else { return };
        if !state.is_usable() {
            let time =
                if state.bid.0 <= 0 || state.ask.0 <= 0 || state.bid_size.0 <= 0 || state.ask_size.0 <= 0 {
                    &mut self.one_sided
                } else if state.bid == state.ask {
                    &mut self.locked
                } else {
                    &mut self.crossed
                };
            *time += lasted;
            return;
        }
        if (state.bid, state.ask) != (self.stretch.bid, self.stretch.ask) {
            let (bid, ask) = (state.bid, state.ask);
            self.end_stretch();
            self.stretch = Stretch { bid, ask, ..Stretch::default() };
        }
        let (Some(state), stretch) = (&self.state, &mut self.stretch) else { return };
        stretch.lasted += lasted;
        stretch.bid_shares_time += i128::from(state.bid_size.0) * i128::from(lasted);
        stretch.ask_shares_time += i128::from(state.ask_size.0) * i128::from(lasted);
    }

    /// Prices move: what they stood for is counted once for the whole stretch.
    fn end_stretch(&mut self) {
        let Stretch { bid, ask, lasted, bid_shares_time, ask_shares_time } = self.stretch;
        if lasted == 0 {
            return;
        }
        let (spread, time) = ((ask.0 - bid.0) as f64, lasted as f64);
        self.usable += lasted;
        self.bid_shares_time += bid_shares_time;
        self.ask_shares_time += ask_shares_time;
        self.bid_value_time.add(bid.0, bid_shares_time);
        self.ask_value_time.add(ask.0, ask_shares_time);
        self.proportional_time.add(2.0 * spread / (bid.0 + ask.0) as f64 * time);
        self.log_time.add((spread / bid.0 as f64).ln_1p() * time);
    }

    /// Closes the session.
    #[must_use]
    pub fn finish(mut self, close: Nanos) -> Vec<Measure> {
        self.account(close.0);
        self.end_stretch();
        let (states, units) = (self.states, self.scale.units() as f64);
        let share_of = |sum: f64, time: i64| (time > 0).then(|| sum / time as f64);
        let mean = |name, sum: f64, unit| {
            Measure::mean(name, (Some(Weighting::Time), None), share_of(sum, self.usable), unit, states)
        };
        let observed = self.usable + self.locked + self.crossed + self.one_sided;
        let share =
            |name: &str, time: i64| Measure::new(name, share_of(time as f64, observed), "fraction", states);
        vec![
            mean("proportional_quoted_spread", self.proportional_time.value(), "fraction"),
            mean("log_quoted_spread", self.log_time.value(), "fraction"),
            mean("bid_depth", self.bid_shares_time as f64 / units, "shares"),
            mean("ask_depth", self.ask_shares_time as f64 / units, "shares"),
            mean("bid_dollar_depth", self.bid_value_time.value() / units / 1e9, "usd"),
            mean("ask_dollar_depth", self.ask_value_time.value() / units / 1e9, "usd"),
            share("locked_time_share", self.locked),
            share("crossed_time_share", self.crossed),
            share("one_sided_time_share", self.one_sided),
        ]
    }
}
