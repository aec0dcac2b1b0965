//! The quote rules of Holden and Jacobsen, "Liquidity Measurement Problems in Fast, Competitive Markets",
//! Journal of Finance 69 (2014), as their Daily TAQ program applies them.
//!
//! The complete NBBO is the NBBO file together with those rows of the quote file that the tape marks as the
//! national best: when one venue holds both sides, the change stands only there. Rows of both files come here
//! in the order of time and sequence number; the last of a stamp wins (see [`super::Cleaner`]).

use crate::ingest::{QuoteKind, RawQuote};
use crate::tape::{Price, Quote, Size};

use super::Reason;

const DOLLAR: i64 = 1_000_000_000;
const WIDE: i64 = 5 * DOLLAR;
/// 2.50 dollars against a doubled mid.
const HALF_WIDE_DOUBLED: i64 = 5 * DOLLAR;

/// Whether a venue's quote is the national best on both sides: source C with indicator 1, or N with 4.
pub fn is_national(raw: &RawQuote) -> bool {
    matches!((raw.source, raw.national), (b'C', b'1') | (b'N', b'4'))
}

/// What the rules remember of the NBBO file's previous row.
#[derive(Debug, Default)]
pub struct NbboFilter {
    previous: Option<Quote>,
    previous_mid_doubled: Option<i64>,
}

/// Whether a row stands: its condition is an ordinary one, and it was not cancelled.
fn judge_flags(raw: &RawQuote) -> Result<(), Reason> {
    // 0 stands for a format without quote conditions.
    if !matches!(raw.condition, b'A' | b'B' | b'H' | b'O' | b'R' | b'W' | 0) {
        return Err(Reason::QuoteCondition);
    }
    if raw.cancel == b'B' {
        return Err(Reason::Cancelled);
    }
    Ok(())
}

/// Whether a venue's own quote may be in the national best bid and offer.
pub fn is_eligible(raw: &RawQuote) -> bool {
    let full = without_empty_sides(raw.quote);
    let is_odd = full.bid.0 > 0 && full.ask.0 > 0 && (full.spread() < 0 || full.spread() > WIDE);
    judge_flags(raw).is_ok() && !is_odd
}

impl NbboFilter {
    /// The state a row announces, or why it announces none.
    pub fn judge(&mut self, raw: &RawQuote) -> Result<Quote, Reason> {
        judge_flags(raw)?;
        match raw.kind {
            QuoteKind::Venue => judge_venue(raw.quote),
            QuoteKind::National => self.judge_national(raw.quote),
        }
    }

    fn judge_national(&mut self, quote: Quote) -> Result<Quote, Reason> {
        let mut quote = without_empty_sides(quote);
        if quote.bid.0 == 0 && quote.ask.0 == 0 {
            return Err(Reason::NoSide);
        }
        let two_sided = quote.bid.0 > 0 && quote.ask.0 > 0;
        let mid_before = self.previous_mid_doubled;
        self.previous_mid_doubled = two_sided.then(|| quote.mid_doubled());
        if let Some(mid) = mid_before.filter(|_| two_sided && quote.spread() > WIDE) {
            let (far_bid, far_ask) =
                (2 * quote.bid.0 < mid - HALF_WIDE_DOUBLED, 2 * quote.ask.0 > mid + HALF_WIDE_DOUBLED);
            if far_bid {
                (quote.bid, quote.bid_size) = (Price(0), Size(0));
            }
            if far_ask {
                (quote.ask, quote.ask_size) = (Price(0), Size(0));
            }
        }
        let same = |before: Quote| Quote { ts: quote.ts, ..before } == quote;
        if self.previous.is_some_and(same) {
            return Err(Reason::Unchanged);
        }
        self.previous = Some(quote);
        Ok(quote)
    }
}

fn judge_venue(quote: Quote) -> Result<Quote, Reason> {
    let full = without_empty_sides(quote);
    if full.bid.0 == 0 || full.ask.0 == 0 {
        return Err(Reason::Withdrawn);
    }
    if quote.spread() < 0 {
        return Err(Reason::Crossed);
    }
    if quote.spread() > WIDE {
        return Err(Reason::WideSpread);
    }
    Ok(quote)
}

/// A side with a price or size that is not positive is no side.
pub fn without_empty_sides(mut quote: Quote) -> Quote {
    if quote.bid.0 <= 0 || quote.bid_size.0 <= 0 {
        (quote.bid, quote.bid_size) = (Price(0), Size(0));
    }
    if quote.ask.0 <= 0 || quote.ask_size.0 <= 0 {
        (quote.ask, quote.ask_size) = (Price(0), Size(0));
    }
    quote
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::Nanos;

    fn row(ts: i64, bid: i64, ask: i64) -> RawQuote {
        let cents = |c: i64| Price(c * 10_000_000);
        RawQuote {
            quote: Quote {
                ts: Nanos(ts),
                bid: cents(bid),
                ask: cents(ask),
                bid_size: Size(100),
                ask_size: Size(200),
            },
            condition: b'R',
            ..RawQuote::default()
        }
    }

    #[test]
    fn a_stub_quote_loses_its_far_side() {
        let mut filter = NbboFilter::default();
        assert!(filter.judge(&row(1, 10_000, 10_002)).is_ok());
        let stub = filter.judge(&row(2, 1, 10_002)).expect("one side is left");
        assert_eq!((stub.bid, stub.bid_size), (Price(0), Size(0)));
        assert_eq!(stub.ask, Price(100_020_000_000));
    }

    #[test]
    fn a_repeated_state_is_dropped() {
        let mut filter = NbboFilter::default();
        assert!(filter.judge(&row(1, 10_000, 10_002)).is_ok());
        assert_eq!(filter.judge(&row(2, 10_000, 10_002)), Err(Reason::Unchanged));
        assert!(filter.judge(&row(3, 10_000, 10_003)).is_ok());
    }

    #[test]
    fn venue_rows_must_be_two_sided_uncrossed_and_narrow() {
        let mut filter = NbboFilter::default();
        let venue = |bid, ask| RawQuote { kind: QuoteKind::Venue, ..row(1, bid, ask) };
        assert_eq!(filter.judge(&venue(0, 10)), Err(Reason::Withdrawn));
        assert_eq!(filter.judge(&venue(11, 10)), Err(Reason::Crossed));
        assert_eq!(filter.judge(&venue(10, 600)), Err(Reason::WideSpread));
        assert!(filter.judge(&venue(10, 10)).is_ok(), "locked is a state");
    }

    #[test]
    fn conditions_and_cancels_are_read() {
        let mut filter = NbboFilter::default();
        let mut raw = row(1, 10, 11);
        raw.condition = b'N';
        assert_eq!(filter.judge(&raw), Err(Reason::QuoteCondition));
        raw.condition = b'R';
        raw.cancel = b'B';
        assert_eq!(filter.judge(&raw), Err(Reason::Cancelled));
    }

    #[test]
    fn the_tape_tells_which_venue_quotes_are_national() {
        let mut raw = row(1, 10, 11);
        for (source, national, is) in [(b'C', b'1', true), (b'N', b'4', true), (b'N', b'1', false)] {
            (raw.source, raw.national) = (source, national);
            assert_eq!(is_national(&raw), is);
        }
    }

    /// As in their program, "unchanged" looks at the NBBO file alone: a row that repeats the file's last one is
    /// dropped even where a venue's row has changed the book in between.
    #[test]
    fn unchanged_is_judged_within_the_nbbo_file() {
        let mut filter = NbboFilter::default();
        assert!(filter.judge(&row(1, 1_000, 1_002)).is_ok());
        assert!(filter.judge(&RawQuote { kind: QuoteKind::Venue, ..row(2, 1_005, 1_007) }).is_ok());
        assert_eq!(filter.judge(&row(3, 1_000, 1_002)), Err(Reason::Unchanged));
    }
}
