//! Trading halts, as quote rows tell them.
//!
//! In: quote rows in time order. Out: whether trading is halted, how often it was and for how long. Consolidated
//! tapes tell a halt by the quote condition (NYSE Daily TAQ Client Specification, CQS): `D`, `P` news; `J`, `K`, `Q`,
//! `S`, `V` a related security; `M` a volatility pause (formerly additional information); `1`, `2`, `3` a market-wide
//! circuit breaker. `T` resumes, and so does an opening quotation (`O`). `I` (order imbalance) and `X` (equipment
//! changeover) stop one venue and are no halts; UTP (source `N`) tells halts outside of its quotes.
//! Feeds of one exchange (source [`EXCHANGE`]) have Nasdaq's trading states: `H` halted, `P` paused, `Q` quotation
//! only, `T` trading; quotation only is still a halt of trading.

use crate::ingest::{EXCHANGE, RawQuote};
use crate::tape::{Nanos, Session};

/// Whether trading is halted, and what halts there were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Halts {
    since: Option<Nanos>,
    count: u64,
    nanos: i64,
    quotes: u64,
}

impl Halts {
    /// Takes in a quote row; whether it begins a halt.
    #[inline]
    pub fn see(&mut self, raw: &RawQuote, session: &Session) -> bool {
        let begins = match news(raw) {
            Some(true) if self.since.is_none() => {
                self.since = Some(raw.quote.ts);
                self.count += 1;
                true
            }
            Some(false) => {
                self.end(raw.quote.ts, session);
                false
            }
            _ => false,
        };
        self.quotes += u64::from(self.is_on());
        begins
    }

    /// Trading goes on, or the day is over.
    pub fn end(&mut self, now: Nanos, session: &Session) {
        if let Some(since) = self.since.take() {
            self.nanos += (now.0.min(session.close.0) - since.0.max(session.open.0)).max(0);
        }
    }

    /// Whether trading is halted.
    #[must_use]
    #[inline]
    pub fn is_on(&self) -> bool {
        self.since.is_some()
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Nanoseconds of the session that were halted.
    #[must_use]
    pub fn nanos(&self) -> i64 {
        self.nanos
    }

    /// Quote rows while trading was halted, with those that began a halt.
    #[must_use]
    pub fn quotes(&self) -> u64 {
        self.quotes
    }
}

/// Whether a row tells that trading is halted, or that it goes on; none tells nothing of it.
#[inline]
fn news(raw: &RawQuote) -> Option<bool> {
    match (raw.source, raw.condition) {
        (_, 0 | b' ' | b'R') | (b'N', _) => None,
        (EXCHANGE, b'H' | b'P' | b'Q') => Some(true),
        (EXCHANGE, b'T') => Some(false),
        (EXCHANGE, _) => None,
        (_, b'D' | b'P' | b'J' | b'K' | b'Q' | b'S' | b'V' | b'M' | b'1' | b'2' | b'3') => Some(true),
        (_, b'T' | b'O') => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::Quote;
    use chrono::NaiveDate;

    fn row(ts: i64, source: u8, condition: u8) -> RawQuote {
        RawQuote {
            quote: Quote { ts: Nanos(ts), ..Quote::default() },
            source,
            condition,
            ..RawQuote::default()
        }
    }

    fn session() -> Session {
        Session { date: NaiveDate::default(), open: Nanos(100), close: Nanos(200) }
    }

    #[test]
    fn a_halt_lasts_until_trading_resumes_and_counts_within_the_session() {
        let (mut halts, session) = (Halts::default(), session());
        for (ts, condition, begins, is_on) in [
            (50, b'P', true, true),
            (60, b'D', false, true),
            (110, b'T', false, false),
            (120, b'R', false, false),
            (150, b'M', true, true),
            (160, b'R', false, true),
        ] {
            assert_eq!(halts.see(&row(ts, b'C', condition), &session), begins, "{ts}");
            assert_eq!(halts.is_on(), is_on, "{ts}");
        }
        halts.end(Nanos(999), &session);
        assert_eq!((halts.count(), halts.nanos(), halts.quotes()), (2, 10 + 50, 4));
    }

    #[test]
    fn letters_mean_what_their_source_says() {
        for (source, condition, told) in [
            (b'C', b'H', None),
            (EXCHANGE, b'H', Some(true)),
            (b'C', b'I', None),
            (b'N', b'P', None),
            (EXCHANGE, b'Q', Some(true)),
            (EXCHANGE, b'T', Some(false)),
            (0, b'O', Some(false)),
        ] {
            assert_eq!(news(&row(1, source, condition)), told, "{source} {condition}");
        }
    }
}
