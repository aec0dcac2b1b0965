//! The watch: ticks of one symbol's session in time order to feature rows, one a bin, as bins end.

use super::feature::{FEATURE_COUNT, Feature, log_count};
use super::path::Path;
use super::prints::Prints;
use super::response::Response;
use super::states::States;
use super::usual::{START_UP_BINS, Usual};
use crate::sign::SignedTrade;
use crate::tape::{NANOS_PER_SECOND, Nanos, Quote, Session};

/// Length of a bin.
pub const BIN_SECONDS: i64 = 10;
const HOUR_NANOS: f64 = 3_600e9;

/// What is told of a bin, `start <= t < end`. It rests on ticks before `end` alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FeatureRow {
    /// First nanosecond inside.
    pub start: Nanos,
    /// First nanosecond after.
    pub end: Nanos,
    /// The features, in the order of [`super::FEATURES`]; finite and clipped.
    pub values: [f32; FEATURE_COUNT],
}

/// Watches one symbol's session. Memory does not grow with the tape, beyond rows not yet taken.
#[derive(Clone, Debug)]
pub struct Watch {
    session: Session,
    second_end: i64,
    bin_end: i64,
    bins: usize,
    prints: Prints,
    states: States,
    path: Path,
    response: Response,
    usual: Usual,
    rows: Vec<FeatureRow>,
}

impl Watch {
    /// Watches from the open on.
    #[must_use]
    pub fn new(session: Session) -> Self {
        Self {
            second_end: session.open.0 + NANOS_PER_SECOND,
            bin_end: session.open.0 + BIN_SECONDS * NANOS_PER_SECOND,
            bins: 0,
            prints: Prints::default(),
            states: States::new(session.open),
            path: Path::default(),
            response: Response::default(),
            usual: Usual::default(),
            rows: Vec::new(),
            session,
        }
    }

    /// The book is seeded with a state from before the open.
    pub fn seed(&mut self, quote: Quote) {
        self.states.seed(quote);
    }

    /// A state begins. States and trades come in time order, inside the session.
    pub fn quote(&mut self, quote: &Quote) {
        self.advance(quote.ts);
        self.states.quote(quote);
    }

    /// A trade happens.
    pub fn trade(&mut self, signed: &SignedTrade) {
        self.advance(signed.trade.ts);
        let sign = signed.sign;
        self.prints.trade(signed, sign);
        self.states.trade(signed.trade.size.0, sign);
    }

    /// No tick before `now` will come any more: bins that end by then are told.
    pub fn advance(&mut self, now: Nanos) {
        while self.second_end <= now.0 && self.second_end <= self.session.close.0 {
            self.close_second();
        }
    }

    /// The rows told since they were last taken.
    pub fn take(&mut self) -> Vec<FeatureRow> {
        std::mem::take(&mut self.rows)
    }

    /// The session is over: the rows that were not taken.
    #[must_use]
    pub fn finish(mut self) -> Vec<FeatureRow> {
        self.advance(self.session.close);
        self.rows
    }

    fn close_second(&mut self) {
        self.states.close_second(self.second_end);
        let mid = self.states.mid_doubled();
        self.prints.close_second(mid);
        self.path.close_second(mid);
        if self.second_end == self.bin_end {
            self.close_bin(mid);
            self.bin_end += BIN_SECONDS * NANOS_PER_SECOND;
        }
        self.second_end += NANOS_PER_SECOND;
    }

    fn close_bin(&mut self, mid: Option<i64>) {
        let mut raw = [f64::NAN; FEATURE_COUNT];
        let (trades, signed) = self.prints.close_bin(&mut raw);
        let (quotes, ofi) = self.states.close_bin(&mut raw);
        raw[Feature::QuotesPerTrade as usize] = log_count(quotes) - log_count(trades);
        raw[Feature::ToClose as usize] = (self.session.close.0 - self.bin_end) as f64 / HOUR_NANOS;
        let change = self.path.close_bin(mid, &mut raw);
        self.response.close_bin((ofi, signed), change, mid, &mut raw);
        let values = self.usual.state(&raw);
        self.bins += 1;
        if self.bins > START_UP_BINS {
            let start = Nanos(self.bin_end - BIN_SECONDS * NANOS_PER_SECOND);
            self.rows.push(FeatureRow { start, end: Nanos(self.bin_end), values });
        }
    }
}
