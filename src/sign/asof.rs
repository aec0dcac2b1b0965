//! The quote in force for a trade: never one that came after it.

use std::collections::VecDeque;

use crate::tape::{Nanos, Quote};

/// Which quote counts when stamps are equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Match {
    /// The last one strictly before the trade.
    #[default]
    Before,
    /// The last one before or at the trade's stamp.
    AtOrBefore,
}

/// The book as trades see it: quotes take effect after a lag, or with the next nanosecond.
#[derive(Debug)]
pub struct AsOf {
    rule: Match,
    lag: i64,
    in_force: Option<Quote>,
    /// Quotes that came but are not in force yet: those of the current stamp, and of the lag behind it.
    coming: VecDeque<Quote>,
}

impl AsOf {
    /// An empty book. `lag`, in nanoseconds, is added to every quote's stamp.
    #[must_use]
    pub fn new(rule: Match, lag: i64) -> Self {
        Self { rule, lag, in_force: None, coming: VecDeque::new() }
    }

    /// A quote arrives; quotes arrive in time order.
    #[inline]
    pub fn quote(&mut self, quote: Quote) {
        self.settle(quote.ts);
        self.coming.push_back(quote);
    }

    /// The quote in force for a trade at `ts`.
    #[inline]
    pub fn at(&mut self, ts: Nanos) -> Option<Quote> {
        self.settle(ts);
        self.in_force
    }

    fn settle(&mut self, now: Nanos) {
        while let Some(next) = self.coming.front() {
            let effective = next.ts.0.saturating_add(self.lag);
            let is_due = match self.rule {
                Match::Before => effective < now.0,
                Match::AtOrBefore => effective <= now.0,
            };
            if !is_due {
                break;
            }
            self.in_force = self.coming.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quote(ts: i64) -> Quote {
        Quote { ts: Nanos(ts), ..Quote::default() }
    }

    #[test]
    fn equal_stamps_are_in_force_only_at_or_before() {
        for (rule, expected) in [(Match::Before, 1), (Match::AtOrBefore, 5)] {
            let mut book = AsOf::new(rule, 0);
            [1, 5].into_iter().for_each(|ts| book.quote(quote(ts)));
            assert_eq!(book.at(Nanos(5)).map(|q| q.ts.0), Some(expected));
        }
    }

    proptest! {
        /// The streaming book finds what a search through the whole list finds.
        #[test]
        fn equals_a_search_through_all_quotes(
            mut stamps in prop::collection::vec((0_i64..40, prop::bool::ANY), 0..60),
            lag in 0_i64..10,
            at_or_before in prop::bool::ANY,
        ) {
            stamps.sort_by_key(|(ts, is_trade)| (*ts, *is_trade));
            let rule = if at_or_before { Match::AtOrBefore } else { Match::Before };
            let mut book = AsOf::new(rule, lag);
            for (index, (ts, is_trade)) in stamps.iter().enumerate() {
                if !is_trade {
                    book.quote(Quote { bid_size: crate::tape::Size(index as i64), ..quote(*ts) });
                    continue;
                }
                let is_due = |q: i64| if at_or_before { q + lag <= *ts } else { q + lag < *ts };
                let slow = stamps[..index].iter().rposition(|(q, trade)| !trade && is_due(*q));
                prop_assert_eq!(book.at(Nanos(*ts)).map(|q| q.bid_size.0 as usize), slow);
            }
        }
    }
}
