//! Signed effective spread and its parts at a horizon h in time: with side D and mid m,
//! 2 D (p - m_t) = 2 D (p - m_{t+h}) + 2 D (m_{t+h} - m_t): realized spread plus price impact, exactly.
//!
//! The state at t + h is the one in force at or before it. Trades whose t + h does not lie inside the session,
//! or meets a state that is not usable, are left out of all three. Huang and Stoll (1996); Holden and Jacobsen
//! (2014) use five minutes.

use std::collections::VecDeque;

use super::{Measure, mean_usd};
use crate::sign::SignedTrade;
use crate::tape::{NANOS_PER_SECOND, Nanos, Quote};

/// How long after a trade its price impact is read, nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Horizon(pub i64);

impl Default for Horizon {
    /// Five minutes.
    fn default() -> Self {
        Self(300 * NANOS_PER_SECOND)
    }
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    due: i64,
    sign: i64,
    price_doubled: i64,
    mid_doubled: i64,
}

/// Sums over trades, and the trades whose horizon has not come.
#[derive(Clone, Debug)]
pub struct Realized {
    horizon: Horizon,
    close: Nanos,
    state: Option<Quote>,
    waiting: VecDeque<Waiting>,
    trades: u64,
    effective: i128,
    realized: i128,
    impact: i128,
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
            trades: 0,
            effective: 0,
            realized: 0,
            impact: 0,
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
        let due = signed.trade.ts.0 + self.horizon.0;
        if let Some(quote) = signed.quote.filter(|_| due < self.close.0) {
            self.waiting.push_back(Waiting {
                due,
                sign: signed.sign.value(),
                price_doubled: 2 * signed.trade.price.0,
                mid_doubled: quote.mid_doubled(),
            });
        }
    }

    /// No state before `now` will come: trades due before it met the state in force.
    pub fn advance(&mut self, now: Nanos) {
        self.settle(now.0);
    }

    #[inline]
    fn settle(&mut self, now: i64) {
        if self.waiting.front().is_some_and(|first| first.due < now) {
            self.settle_due(now);
        }
    }

    fn settle_due(&mut self, now: i64) {
        while let Some(first) = self.waiting.front().copied().filter(|w| w.due < now) {
            self.waiting.pop_front();
            if let Some(then) = self.state.filter(Quote::is_usable) {
                let mid_then = then.mid_doubled();
                let signed = |difference: i64| i128::from(first.sign * difference);
                self.trades += 1;
                self.effective += signed(first.price_doubled - first.mid_doubled);
                self.realized += signed(first.price_doubled - mid_then);
                self.impact += signed(mid_then - first.mid_doubled);
            }
        }
    }

    /// Closes the session; gives signed effective spread, realized spread and price impact.
    #[must_use]
    pub fn finish(mut self) -> [Measure; 3] {
        self.settle(self.close.0);
        let seconds = self.horizon.0 as f64 / NANOS_PER_SECOND as f64;
        let measure = |name, sum| Measure {
            name: format!("{name}_{seconds}s"),
            value: mean_usd(sum, i128::from(self.trades)),
            unit: "usd",
            n: self.trades,
        };
        [
            measure("signed_effective_spread", self.effective),
            measure("realized_spread", self.realized),
            measure("price_impact", self.impact),
        ]
    }
}
