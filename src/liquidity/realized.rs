//! Signed effective spread and its parts at a horizon h in time: with side D and mid m,
//! 2 D (p - m_t) = 2 D (p - m_{t+h}) + 2 D (m_{t+h} - m_t): realized spread plus price impact, exactly and under every
//! weighting. `proportional_` parts are divided by m_t; `log_` ones have logarithms in place of prices (Holden and
//! Jacobsen 2014 call them percent).
//!
//! The state at t + h is the one in force at or before it. Trades whose t + h does not lie inside the session,
//! or meets a state that is not usable, are left out of all of them. Huang and Stoll (1996); Holden and Jacobsen
//! (2014) use five minutes.

use std::collections::VecDeque;

use super::sums::{Exact, Exacts, Reals, Told};
use super::{Horizon, Measure};
use crate::sign::SignedTrade;
use crate::tape::{Nanos, Quote, Trade};

#[derive(Clone, Copy, Debug)]
struct Waiting {
    trade: Trade,
    side: i64,
    mid_doubled: i64,
}

/// Sums over trades, and the trades whose horizon has not come.
#[derive(Clone, Debug)]
pub struct Realized {
    horizon: Horizon,
    close: Nanos,
    state: Option<Quote>,
    waiting: VecDeque<Waiting>,
    /// Signed effective spread, realized spread, price impact.
    spreads: Exacts<3>,
    /// Proportional realized spread and price impact, then both in logarithms.
    ratios: Reals<4>,
}

impl Realized {
    /// No trades yet; `close` ends the session.
    #[must_use]
    pub fn new(horizon: Horizon, close: Nanos) -> Self {
        Self {
            horizon,
            close,
            state: None,
            waiting: VecDeque::new(),
            spreads: Exacts::default(),
            ratios: Reals::default(),
        }
    }

    /// A state begins: trades due before it met the state that it replaces.
    #[inline]
    pub fn quote(&mut self, quote: &Quote) {
        self.settle(quote.ts.0);
        self.state = Some(*quote);
    }

    /// Takes in a trade.
    pub fn trade(&mut self, signed: &SignedTrade) {
        let is_inside = self.due(&signed.trade) < self.close.0;
        if let Some(quote) = signed.quote.filter(|_| is_inside) {
            self.waiting.push_back(Waiting {
                trade: signed.trade,
                side: signed.sign.value(),
                mid_doubled: quote.mid_doubled(),
            });
        }
    }

    /// No state before `now` will come: trades due before it met the state in force.
    pub fn advance(&mut self, now: Nanos) {
        self.settle(now.0);
    }

    fn due(&self, trade: &Trade) -> i64 {
        trade.ts.0.saturating_add(self.horizon.0)
    }

    #[inline]
    fn settle(&mut self, now: i64) {
        if self.waiting.front().is_some_and(|first| self.due(&first.trade) < now) {
            self.settle_due(now);
        }
    }

    fn settle_due(&mut self, now: i64) {
        while let Some(first) = self.waiting.front().copied().filter(|w| self.due(&w.trade) < now) {
            self.waiting.pop_front();
            if let Some(then) = self.state.filter(Quote::is_usable) {
                self.count(&first, then.mid_doubled());
            }
        }
    }

    fn count(&mut self, met: &Waiting, mid_then: i64) {
        let (price_doubled, mid) = (2 * met.trade.price.0, met.mid_doubled);
        let (kept, moved) = (price_doubled - mid_then, mid_then - mid);
        let spreads = [price_doubled - mid, kept, moved].map(|part| met.side * part);
        self.spreads.add(&met.trade, spreads);
        let (side, share) = (2.0 * met.side as f64, |part: i64, of: i64| part as f64 / of as f64);
        let log = |part: i64, of: i64| if part == 0 { 0.0 } else { share(part, of).ln_1p() };
        let ratios = [share(kept, mid), share(moved, mid), log(kept, mid_then), log(moved, mid)];
        self.ratios.add(&met.trade, ratios.map(|part| side * part));
    }

    /// Exact sums of signed effective spread, realized spread and price impact so far.
    #[must_use]
    pub fn sums(&self) -> [&Exact; 3] {
        [0, 1, 2].map(|index| self.spreads.sums(index))
    }

    /// Closes the session; gives the means.
    #[must_use]
    pub fn finish(mut self) -> Vec<Measure> {
        self.settle(self.close.0);
        let at = Some(self.horizon);
        let names = ["signed_effective_spread", "realized_spread", "price_impact"];
        let spreads = names.into_iter().enumerate();
        let mut all: Vec<Measure> =
            spreads.flat_map(|(index, name)| self.spreads.means(index, Told::usd(name), at)).collect();
        let ratios = [
            "proportional_realized_spread",
            "proportional_price_impact",
            "log_realized_spread",
            "log_price_impact",
        ];
        all.extend(self.ratios.means(ratios.map(|name| Told::plain(name, "fraction")), at));
        all
    }
}
