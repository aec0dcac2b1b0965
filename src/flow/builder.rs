//! Bars of the finest common width, filled in one pass, and rolled up into any multiple of it.

use super::Bar;
use super::roll::Roll;
use crate::sign::SignedTrade;
use crate::tape::{Nanos, Quote, Scale, Session};

/// Fills the fine bars of one session.
#[derive(Debug)]
pub struct BarBuilder {
    session: Session,
    width: i64,
    bars: Vec<Bar>,
    /// Index of the bar that time has reached, and its end.
    current: usize,
    current_end: i64,
    /// The last usable quote, from which the next one's flow is counted.
    usable: Option<Quote>,
    /// The state in force, usable or not, and since when its time is not yet accounted for.
    state: Option<Quote>,
    since: i64,
    /// A halt began, and no usable state has come since.
    is_halted: bool,
}

impl BarBuilder {
    /// Empty bars of `width` nanoseconds over the session; sizes are in the units of `scale`.
    #[must_use]
    pub fn new(session: Session, width: i64, scale: Scale) -> Self {
        let bar = |start: i64| Bar {
            scale,
            start: Nanos(start),
            end: Nanos((start + width).min(session.close.0)),
            ..Bar::default()
        };
        let starts = (session.open.0..session.close.0).step_by(width as usize);
        let bars: Vec<Bar> = starts.map(bar).collect();
        Self {
            session,
            width,
            current: 0,
            current_end: bars.first().map_or(i64::MAX, |b| b.end.0),
            bars,
            usable: None,
            state: None,
            since: session.open.0,
            is_halted: false,
        }
    }

    /// Seeds the book with a state from before the open.
    pub fn seed(&mut self, quote: Quote) {
        self.state = Some(quote);
        self.since = self.session.open.0;
        if quote.is_usable() {
            self.usable = Some(quote);
        }
    }

    /// A state begins. States and trades come in time order, inside the session.
    #[inline]
    pub fn quote(&mut self, quote: &Quote) {
        self.reach(quote.ts.0);
        self.state = Some(*quote);
        self.bars[self.current].add_state(&mut self.usable, quote);
        self.is_halted = quote.is_halt() || (self.is_halted && !quote.is_usable());
    }

    /// A trade happens.
    #[inline]
    pub fn trade(&mut self, signed: &SignedTrade) {
        self.reach(signed.trade.ts.0);
        let bar = &mut self.bars[self.current];
        let size = i128::from(signed.trade.size.0);
        bar.trades += 1;
        bar.add_traded(signed.sign, size, i128::from(signed.trade.price.0) * size);
    }

    /// No state or trade before `now` will come: bars that end by then are closed.
    pub fn advance(&mut self, now: Nanos) {
        if now.0 > self.since {
            self.reach(now.0.min(self.session.close.0));
        }
    }

    /// The closed bars, as they will stand at the session's end.
    #[must_use]
    pub fn closed(&self) -> &[Bar] {
        if self.since >= self.session.close.0 { &self.bars } else { &self.bars[..self.current] }
    }

    /// The state in force, usable or not.
    #[must_use]
    pub fn state(&self) -> Option<Quote> {
        self.state
    }

    /// Closes the session.
    #[must_use]
    pub fn finish(mut self) -> FineBars {
        self.reach(self.session.close.0);
        FineBars { session: self.session, width: self.width, opening: None, bars: self.bars }
    }

    /// Accounts for the state in force up to `now`, bar by bar, and moves on to the bar that holds `now`.
    #[inline]
    fn reach(&mut self, now: i64) {
        while now >= self.current_end {
            self.account(self.current_end);
            if self.current + 1 >= self.bars.len() {
                return;
            }
            self.current += 1;
            self.current_end = self.bars[self.current].end.0;
            self.bars[self.current].is_halted = self.is_halted;
        }
        self.account(now);
    }

    #[inline]
    fn account(&mut self, until: i64) {
        let lasted = until - self.since;
        self.since = until;
        if let Some(bar) = self.bars.get_mut(self.current) {
            bar.add_time(self.state.as_ref(), lasted);
        }
    }
}

/// A session's bars of the finest width.
#[derive(Clone, Debug)]
pub struct FineBars {
    session: Session,
    width: i64,
    opening: Option<Quote>,
    bars: Vec<Bar>,
}

impl FineBars {
    /// States that the book was seeded, so that the first bar opens at the seed's mid.
    pub fn set_opening(&mut self, quote: Option<Quote>) {
        self.opening = quote;
    }

    /// The session they cover.
    #[must_use]
    pub fn session(&self) -> Session {
        self.session
    }

    /// The bars of the finest width, as they were filled: without the mids that earlier bars hand on.
    #[must_use]
    pub fn fine(&self) -> &[Bar] {
        &self.bars
    }

    /// The whole session as one bar.
    #[must_use]
    pub fn whole(&self) -> Bar {
        let both = |mut so_far: Bar, next: Bar| {
            so_far.extend(&next);
            so_far
        };
        self.bars.iter().copied().reduce(both).unwrap_or_default()
    }

    /// Bars of a width that is a multiple of the finest, with their mids and mid changes.
    #[must_use]
    pub fn bars(&self, width: i64) -> Vec<Bar> {
        Roll::new(width, self.width, self.opening).closed(&self.bars, true)
    }
}
