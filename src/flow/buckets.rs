//! Bars on the clocks of trading: buckets of equal volume, of equally many trades, of equal value.
//!
//! In: the quotes and signed trades of one session in time order. Out: [`Bucket`]s. A trade that fills a bucket is cut
//! at its edge, so that every bucket but the last holds exactly its size; a bucket ends with the trade that fills it,
//! and what comes after, of the same stamp too, is the next one's. The trade is counted where its first share falls.
//! By value, shares are cut in proportion and stay whole: they round down together, and add up to the trade.
//!
//! Volume as a clock: Easley, Lopez de Prado and O'Hara (Review of Financial Studies 25, 2012); trade time: Cont,
//! Kukanov and Stoikov (Journal of Financial Econometrics 12, 2014).

use super::{Bar, BucketKind, Bucketing, Fill};
use crate::limits::BARS_PER_DAY_MAX;
use crate::sign::SignedTrade;
use crate::tape::{Nanos, Quote, Scale, Session};

/// One bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// What it holds; it begins where the one before ends.
    pub bar: Bar,
    /// Traded value, nano-dollars times units in a share.
    pub value: i128,
    /// Whether it is filled; only a session's last one may not be.
    pub is_full: bool,
}

/// A session's buckets of one kind and size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buckets {
    /// What fills them.
    pub of: Bucketing,
    /// The buckets, in order of time.
    pub all: Vec<Bucket>,
    /// Whether there would be more than can be kept: the last one holds the rest then.
    pub is_too_many: bool,
}

/// Fills the buckets of one kind.
#[derive(Debug)]
pub struct BucketBuilder {
    of: Bucketing,
    session: Session,
    fill: Fill,
    full: Vec<Bucket>,
    open: Bucket,
    /// Twice the last usable mid before the open bucket.
    mid_doubled: Option<i64>,
    /// The last usable quote, from which the next one's flow is counted.
    usable: Option<Quote>,
    /// The state in force, usable or not, and since when its time is not yet accounted for.
    state: Option<Quote>,
    since: i64,
}

impl BucketBuilder {
    /// Empty buckets over the session; sizes are in the units of `scale`.
    #[must_use]
    pub fn new(of: Bucketing, session: Session, scale: Scale) -> Self {
        Self {
            of,
            session,
            fill: Fill::new(of.capacity(scale)),
            full: Vec::new(),
            open: fresh(scale, session.open),
            mid_doubled: None,
            usable: None,
            state: None,
            since: session.open.0,
        }
    }

    /// Seeds the book with a state from before the open.
    pub fn seed(&mut self, quote: Quote) {
        self.state = Some(quote);
        if quote.is_usable() {
            self.usable = Some(quote);
            self.mid_doubled = Some(quote.mid_doubled());
        }
    }

    /// A state begins. States and trades come in time order, inside the session.
    pub fn quote(&mut self, quote: &Quote) {
        self.account(quote.ts.0);
        self.state = Some(*quote);
        self.open.bar.add_state(&mut self.usable, quote);
    }

    /// A trade happens.
    pub fn trade(&mut self, signed: &SignedTrade) {
        let trade = signed.trade;
        self.account(trade.ts.0);
        self.open.bar.trades += 1;
        let (price, size) = (i128::from(trade.price.0), i128::from(trade.size.0));
        // The size and value that lie in the first part of the amount: whole units that add up to the trade.
        let kind = self.of.kind;
        let first = |part: i128| match kind {
            BucketKind::Volume => (part, price * part),
            BucketKind::Trades => (size * part, price * size * part),
            BucketKind::Dollars => (part / price.max(1), part),
        };
        let amount = match kind {
            BucketKind::Volume => size,
            BucketKind::Trades => 1,
            BucketKind::Dollars => price * size,
        };
        let sign = signed.sign;
        let mut poured = 0;
        while poured < amount {
            let (part, is_full) = self.pour(amount - poured);
            let (before, after) = (first(poured), first(poured + part));
            let (size, value) = (after.0 - before.0, after.1 - before.1);
            self.open.value = self.open.value.saturating_add(value);
            self.open.bar.add_traded(sign, size, value);
            poured += part;
            if is_full {
                self.close();
            }
        }
    }

    /// Closes the session.
    #[must_use]
    pub fn finish(mut self) -> Buckets {
        self.account(self.session.close.0);
        let bar = &self.open.bar;
        let is_something = bar.quotes > 0 || bar.trades > 0 || self.open.value > 0 || bar.usable_time > 0;
        let is_too_many = self.is_at_bound();
        if is_something {
            self.since = self.session.close.0;
            self.close();
            if let Some(last) = self.full.last_mut() {
                last.is_full = false;
            }
        }
        Buckets { of: self.of, all: self.full, is_too_many }
    }

    fn is_at_bound(&self) -> bool {
        self.full.len() as i64 >= BARS_PER_DAY_MAX
    }

    fn pour(&mut self, amount: i128) -> (i128, bool) {
        if self.is_at_bound() { (amount, false) } else { self.fill.pour(amount) }
    }

    fn close(&mut self) {
        let mut bucket = self.open;
        bucket.bar.end.0 = self.since;
        bucket.is_full = true;
        self.mid_doubled = bucket.bar.take_over_mid(self.mid_doubled);
        self.full.push(bucket);
        self.open = fresh(bucket.bar.scale, bucket.bar.end);
    }

    fn account(&mut self, until: i64) {
        self.open.bar.add_time(self.state.as_ref(), until - self.since);
        self.since = until;
    }
}

/// An empty bucket.
fn fresh(scale: Scale, start: Nanos) -> Bucket {
    Bucket { bar: Bar { scale, start, ..Bar::default() }, ..Bucket::default() }
}

#[cfg(test)]
mod tests;
