//! The national best bid and offer out of the venues' own quotes.
//!
//! In: every venue's quotes of a symbol-day, in time order. Out: at each of them the highest bid and the lowest ask
//! over all venues, with the sizes of every venue that is there summed, as Cont, Kukanov and Stoikov (Journal of
//! Financial Econometrics 2014, section 3.1) made theirs from TAQ. Nothing is filtered by price: where venues cross
//! each other the best quotes do, and such a state is not usable.

use super::holden_jacobsen::without_empty_sides;
use crate::ingest::{EXCHANGE, QuoteKind, RawQuote};
use crate::tape::{Price, Quote, Size};

/// Whose quotes are the national best bid and offer.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum Nbbo {
    /// What the tape says is national.
    #[default]
    Tape,
    /// Made of the quotes of all venues.
    Venues,
}

impl Nbbo {
    /// Whether it is what the tape says.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// Whether a row is a venue's own quote: said so, or of a feed without consolidated tapes, whose rows are all venues'.
pub fn is_venues(raw: &RawQuote) -> bool {
    raw.kind == QuoteKind::Venue || matches!(raw.source, 0 | EXCHANGE)
}

/// What every venue quotes at the moment.
#[derive(Debug, Default)]
pub struct Venues {
    /// Few, so that looking through them is quicker than anything clever.
    all: Vec<(u8, Quote)>,
    best: Option<Quote>,
}

impl Venues {
    /// A venue's quote takes the place of its last one; without a side it leaves that side. Gives the best quotes
    /// where that changed them.
    pub fn take(&mut self, venue: u8, quote: Quote) -> Option<Quote> {
        let quote = without_empty_sides(quote);
        match self.all.iter_mut().find(|(letter, _)| *letter == venue) {
            Some((_, own)) => *own = quote,
            None => self.all.push((venue, quote)),
        }
        let best = self.best(quote);
        let is_news = self.best.is_none_or(|before| Quote { ts: best.ts, ..before } != best);
        self.best = Some(best);
        is_news.then_some(best)
    }

    /// The next state is news, whatever it is.
    pub fn tell_again(&mut self) {
        self.best = None;
    }

    fn best(&self, now: Quote) -> Quote {
        let mut best = Quote { bid: Price(0), bid_size: Size(0), ask: Price(0), ask_size: Size(0), ..now };
        for (_, own) in &self.all {
            if own.bid > best.bid {
                (best.bid, best.bid_size) = (own.bid, own.bid_size);
            } else if own.bid == best.bid {
                best.bid_size.0 = best.bid_size.0.saturating_add(own.bid_size.0);
            }
            let is_there = own.ask.0 > 0;
            if is_there && (best.ask.0 == 0 || own.ask < best.ask) {
                (best.ask, best.ask_size) = (own.ask, own.ask_size);
            } else if is_there && own.ask == best.ask {
                best.ask_size.0 = best.ask_size.0.saturating_add(own.ask_size.0);
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::clean::{Cleaner, Kinds, Rules};
    use crate::tape::{NYSE, Nanos};

    /// News begins a halt (`D`), and `T` ends it; both venues quote on through it, and then as before it.
    #[test]
    fn what_venues_quote_after_a_halt_is_news() {
        let session = NYSE.session("2013-10-07".parse().expect("a date"));
        let excluded = Kinds::parse("halted").expect("kinds");
        let mut cleaner = Cleaner::new(Rules { nbbo: Nbbo::Venues, excluded, ..Rules::default() }, session);
        let mut quote = |at: i64, venue, condition| {
            let (ts, bid, ask) = (Nanos(session.open.0 + at), Price(10_000_000), Price(20_000_000));
            let quote = Quote { ts, bid, ask, bid_size: Size(100), ask_size: Size(100) };
            cleaner
                .quote(&RawQuote { quote, venue, condition, ..RawQuote::default() })
                .map(|kept| kept.bid_size.0)
        };
        assert_eq!(
            [quote(1, b'N', b'R'), quote(2, b'Q', b'R'), quote(3, b'Q', b'R')],
            [Some(100), Some(200), None]
        );
        assert_eq!([quote(4, b'N', b'D'), quote(5, b'Q', b'D')], [Some(-1), None], "no quote is in force");
        assert_eq!([quote(6, b'N', b'T'), quote(7, b'Q', b'R')], [Some(200), None], "both stand again");
    }

    proptest! {
        /// As one says it: per side the best price of those who quote one, and the sum of sizes at it.
        #[test]
        fn the_best_is_that_of_all_who_quote(
            rows in prop::collection::vec((0_u8..5, 0_i64..6, 0_i64..3, 0_i64..6, 0_i64..3), 1..60)
        ) {
            let (mut venues, mut quoted, mut before) = (Venues::default(), BTreeMap::new(), None);
            for (at, (venue, bid, bid_size, ask, ask_size)) in (1..).zip(rows) {
                let quote = Quote {
                    ts: Nanos(at),
                    bid: Price(bid),
                    bid_size: Size(bid_size),
                    ask: Price(ask),
                    ask_size: Size(ask_size),
                };
                quoted.insert(venue, quote);
                let bids = || quoted.values().map(|q| (q.bid.0, q.bid_size.0)).filter(|side| side.0 > 0 && side.1 > 0);
                let asks = || quoted.values().map(|q| (q.ask.0, q.ask_size.0)).filter(|side| side.0 > 0 && side.1 > 0);
                let bid = bids().map(|side| side.0).max().unwrap_or(0);
                let ask = asks().map(|side| side.0).min().unwrap_or(0);
                let expected = Quote {
                    ts: quote.ts,
                    bid: Price(bid),
                    bid_size: Size(bids().filter(|side| side.0 == bid).map(|side| side.1).sum()),
                    ask: Price(ask),
                    ask_size: Size(asks().filter(|side| side.0 == ask).map(|side| side.1).sum()),
                };
                let state = |q: Quote| (q.bid, q.bid_size, q.ask, q.ask_size);
                let is_news = before != Some(state(expected));
                prop_assert_eq!(venues.take(venue, quote), is_news.then_some(expected));
                before = Some(state(expected));
            }
        }
    }
}
