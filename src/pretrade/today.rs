//! A session under way, as the live side knows it: closed bars, the quote in force, and what they rest on.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::days::{self, BAR_NANOS};
use super::stamp::Stamp;
use crate::cost::{Day, Known, Reference, Source};
use crate::flow::BarRecord;
use crate::tape::{Nanos, Quote, Session, sha256};

/// A symbol's session under way.
#[derive(Clone, Debug)]
pub struct Today {
    /// The session.
    pub session: Session,
    /// Closed bars of a minute, or finer ones that make minutes, with their width.
    pub bars: Vec<BarRecord>,
    /// Their width, nanoseconds.
    pub width: i64,
    /// The quote in force.
    pub quote: Option<Quote>,
    /// All of it rests on ticks before this.
    pub as_of: Nanos,
    /// The journal position it rests on.
    pub position: u64,
}

/// What an answer says of the live side.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct LiveInput {
    /// The journal position that it rests on.
    #[schema(example = 42)]
    pub journal_position: u64,
    /// Everything live rests on ticks before this, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Stamp,
    /// How long ago that was at the estimate's moment, milliseconds.
    pub age_ms: i64,
    /// How old the quote in force was, milliseconds; null where none was known by then.
    #[schema(required)]
    pub quote_age_ms: Option<i64>,
    /// How long ago the last bar had closed, milliseconds; null where none had.
    #[schema(required)]
    pub last_bar_age_ms: Option<i64>,
}

impl Today {
    /// The width of the bars that it should be made of, among those that there are, nanoseconds.
    #[must_use]
    pub fn width_among<B>(bars: &BTreeMap<i64, B>) -> Option<i64> {
        days::width_of(&bars.keys().copied().collect::<Vec<_>>())
    }

    /// Its minutes as the cost stage sees a day. Minutes that are not whole yet are left out.
    pub(super) fn day(&self) -> Day {
        let mut bars = days::together(&self.bars, self.width);
        bars.retain(|bar| bar.end.0 - bar.start.0 == BAR_NANOS || bar.end == self.session.close);
        Day { date: self.session.date, session: self.session, bars }
    }

    /// The quote that was in force at a moment; none where what was in force then is not known any more.
    fn quote_at(&self, moment: Nanos) -> Option<Quote> {
        self.quote.filter(|quote| quote.is_usable() && quote.ts <= moment)
    }

    /// Puts the quote in force into the reference numbers; gives its spread.
    pub(super) fn refine(&self, reference: &mut Reference, moment: Nanos) -> Option<f64> {
        let quote = self.quote_at(moment)?;
        let mid = quote.mid_doubled() as f64 / 2e9;
        reference.mid_usd = Some(Known { value: mid, source: Source::TapeToday, as_of: quote.ts, n: 1 });
        Some(quote.spread() as f64 / 1e9)
    }

    /// As the answer tells it.
    pub(super) fn told(&self, moment: Nanos) -> LiveInput {
        let age = |then: Nanos| (moment.0 - then.0) / 1_000_000;
        let closed = self.bars.iter().rev().find(|bar| bar.end <= moment);
        LiveInput {
            journal_position: self.position,
            as_of: Stamp(self.as_of),
            age_ms: age(self.as_of),
            quote_age_ms: self.quote_at(moment).map(|quote| age(quote.ts)),
            last_bar_age_ms: closed.map(|bar| age(bar.end)),
        }
    }

    /// A name of the bars, beside those of the archive: it differs when another one has closed.
    pub(super) fn bars_state(&self, archive: &str) -> String {
        format!("{archive} {} {}", self.session.date, self.bars.len())
    }

    /// A name of all of it.
    pub(super) fn state(&self, archive: &str) -> String {
        sha256(format!("{archive} {} {} {:?} {:?}", self.session.date, self.position, self.as_of, self.quote))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::{NANOS_PER_SECOND, NYSE, Price, Size};

    fn today() -> Today {
        let session = NYSE.session("2013-10-07".parse().expect("a date"));
        let width = 10 * NANOS_PER_SECOND;
        let bar = |k: i64| BarRecord {
            start: Nanos(session.open.0 + k * width),
            end: Nanos(session.open.0 + (k + 1) * width),
            ..BarRecord::default()
        };
        let quote = Quote {
            ts: Nanos(session.open.0 + 131 * NANOS_PER_SECOND),
            bid: Price(10_000_000_000),
            ask: Price(10_020_000_000),
            bid_size: Size(1),
            ask_size: Size(1),
        };
        let bars = (0..13).map(bar).collect();
        Today { session, bars, width, quote: Some(quote), as_of: quote.ts, position: 7 }
    }

    #[test]
    fn minutes_that_are_not_whole_yet_are_left_out() {
        assert_eq!(today().day().bars.len(), 2);
    }

    #[test]
    fn a_quote_is_in_force_from_its_own_time_on_and_ages() {
        let today = today();
        let before = Nanos(today.as_of.0 - 1);
        assert_eq!(today.told(before).quote_age_ms, None);
        let later = Nanos(today.as_of.0 + 5_000_000_000);
        let told = today.told(later);
        assert_eq!((told.age_ms, told.quote_age_ms, told.last_bar_age_ms), (5_000, Some(5_000), Some(6_000)));
        assert_ne!(today.state("a"), Today { position: 8, ..today.clone() }.state("a"));
    }
}
